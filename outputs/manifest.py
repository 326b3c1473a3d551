"""The manifest of a set, as a Frictionless Data Package with a part of our own, and the digests of its files."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

from evidence.versions import Versions
from extractors.claim import ID_SCHEME
from outputs.coverage import describe_coverage
from outputs.kinds import KINDS
from outputs.lines import SCHEMA_VERSION, canonical_json
from outputs.tabular import Table, tables

MANIFEST = "datapackage.json"
SUMS = "SHA256SUMS"
_MEDIA = {
    ".csv": ("csv", "text/csv"),
    ".json": ("json", "application/json"),
    ".parquet": ("parquet", "application/vnd.apache.parquet"),
    ".sqlite": ("sqlite", "application/vnd.sqlite3"),
}
_FIELDS = {"text": "string", "json": "string", "number": "number", "integer": "integer", "boolean": "boolean"}


def write_manifest(folder: Path, counts: dict[str, int], outcomes: dict[str, int], versions: Versions) -> str:
    """Write the manifest and the list of digests of a folder's files; the digest of that list."""
    named = {table.name: table for table in tables()}
    lines = [_resource(folder, f"{kind}.jsonl", named) for kind in KINDS]
    views = [
        _resource(folder, name, named)
        for name in list_files(folder)
        if Path(name).suffix in _MEDIA and not name.startswith("schema/")
    ]
    manifest = {
        "name": "chiptrail-evidence-set",
        "version": SCHEMA_VERSION,
        "description": "What documents about AI models say of the chips these were trained and served on.",
        "resources": lines + views,
        "chiptrail": {
            "schema_version": SCHEMA_VERSION,
            "id_scheme": ID_SCHEME,
            "versions": versions.model_dump(),
            "written_with": _writers(),
            "offsets": "Unicode code points of a page's text as the text layer of this version reads it",
            "rights": "Quotes belong to their authors; documents.jsonl names the licence of each, where it is known.",
            "counts": counts,
            "outcomes": outcomes,
            "coverage": describe_coverage(counts, outcomes),
        },
    }
    (folder / MANIFEST).write_text(canonical_json(manifest, indent=True) + "\n", encoding="utf-8")
    sums = "".join(f"{digest_file(folder / name)}  {name}\n" for name in list_files(folder))
    (folder / SUMS).write_text(sums, encoding="utf-8")
    return digest_file(folder / SUMS)


def list_files(folder: Path) -> list[str]:
    """The files of a set by their paths within it, sorted, without the list of digests."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return sorted(path.relative_to(folder).as_posix() for path in files)


def digest_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resource(folder: Path, name: str, named: dict[str, Table]) -> dict[str, Any]:
    path = folder / name
    common = {"path": name, "bytes": path.stat().st_size, "hash": f"sha256:{digest_file(path)}"}
    if path.suffix == ".jsonl":
        made = {"name": path.stem, "format": "jsonl", "mediatype": "application/jsonl", "encoding": "utf-8"}
        return {**common, **made, "jsonSchema": f"schema/{path.stem}.json"}
    kind, media = _MEDIA[path.suffix]
    described: dict[str, Any] = {"name": f"{path.stem}-{kind}", "format": kind, "mediatype": media}
    if kind == "csv":
        fields = [{"name": column.name, "type": _FIELDS[column.kind]} for column in named[path.stem].columns]
        described |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": {"fields": fields}}
    return {**common, **described}


def _writers() -> dict[str, str]:
    import pyarrow as pa

    return {"arrow": pa.__version__, "sqlite": sqlite3.sqlite_version}
