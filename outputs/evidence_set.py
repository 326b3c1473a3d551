"""Evidence sets: a folder of JSON Lines with schemas, a manifest and digests, whole or not there at all.

The same documents and rules give the same bytes. So a set holds no clock of the run: its dates are those at which
documents were got, and they are null for files that came without one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel

from evidence.links import LINKING_TYPES, derive_links
from evidence.store import Record, Statement
from evidence.versions import Versions
from extractors.claim import Claim, Status
from outputs.lines import KINDS, SCHEMA_VERSION, canonical_json, make_claim_line, make_document_line
from outputs.schemas import make_schema

MANIFEST = "datapackage.json"
SUMS = "SHA256SUMS"
_ATTEMPTS = 5


class SetError(RuntimeError):
    """An evidence set cannot be written, or would be wrong; the message says where."""


@dataclass(slots=True)
class Exported:
    """What a set holds: lines by kind, inputs by outcome."""

    folder: Path
    counts: dict[str, int]
    outcomes: dict[str, int]


def check_folder(out: Path) -> None:
    """Raise `SetError` where a set must not be written: on a file, or over a folder that holds something else."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise SetError(f"{out} is not a folder; name another with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise SetError(f"{out} holds something else than an evidence set; name another folder with --out")


def write_set(out: Path, records: Iterable[Record], statements: Iterable[Statement], versions: Versions) -> Exported:
    """Write a set aside, check it, and put it in the place of an older one.

    Every line is held against its schema, every claim's documents and every link's claims must be in the set. Raises
    `SetError`, and leaves an older set as it was.
    """
    check_folder(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.aside-", dir=out.parent))
    except OSError as fault:
        raise SetError(f"{out} cannot be written: {fault.strerror or fault}") from fault
    try:
        exported = _fill(aside, records, statements, versions)
        aside.chmod(0o755)
        _put_in_place(aside, out)
    except OSError as fault:
        raise SetError(f"{out} cannot be written: {fault.strerror or fault}") from fault
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    exported.folder = out
    return exported


def _fill(folder: Path, records: Iterable[Record], statements: Iterable[Statement], versions: Versions) -> Exported:
    (folder / "schema").mkdir()
    with ExitStack() as files:
        writers = {kind: files.enter_context(_Writer(folder, kind)) for kind in KINDS}
        known, outcomes = _write_documents(writers["documents"], records)
        _write_claims(writers, statements, known)
    exported = Exported(
        folder, {kind: writer.lines for kind, writer in writers.items()}, dict(sorted(outcomes.items()))
    )
    manifest = _manifest(folder, exported, versions)
    (folder / MANIFEST).write_text(canonical_json(manifest, indent=1) + "\n", encoding="utf-8")
    sums = "".join(f"{_sha256(folder / name)}  {name}\n" for name in _files(folder))
    (folder / SUMS).write_text(sums, encoding="utf-8")
    return exported


def _write_documents(writer: _Writer, records: Iterable[Record]) -> tuple[set[str], Counter[str]]:
    known: set[str] = set()
    outcomes: Counter[str] = Counter()
    for record in records:
        outcomes[record.outcome] += 1
        if record.document:
            known.add(record.document.sha256)
        writer.write(make_document_line(record), record.address)
    return known, outcomes


def _write_claims(writers: dict[str, _Writer], statements: Iterable[Statement], known: set[str]) -> None:
    linking: list[Claim] = []
    for statement in statements:
        claim = statement.claim
        _check_evidence(claim, known)
        kind = "contested" if claim.status is Status.CONTESTED else "claims"
        writers[kind].write(make_claim_line(statement), claim.id)
        if claim.status is Status.ASSERTED and claim.type in LINKING_TYPES and claim.chip:
            linking.append(claim)
    asserted = {claim.id for claim in linking}
    for link in derive_links(linking):
        if not asserted.issuperset((*link.supporting, *link.contradicting)):
            raise SetError(f"link {link.id} names a claim that is not in the set")
        writers["links"].write(link, link.id)


class _Writer:
    """One file of lines, each held against the schema of its kind before it is written."""

    def __init__(self, folder: Path, kind: str) -> None:
        schema = make_schema(kind)
        path = folder / "schema" / f"{kind}.json"
        path.write_text(canonical_json(schema, indent=1) + "\n", encoding="utf-8")
        self.kind = kind
        self.lines = 0
        self._validator = Draft202012Validator(schema)
        self._file = (folder / f"{kind}.jsonl").open("w", encoding="utf-8", newline="\n")

    def write(self, line: BaseModel, name: str) -> None:
        fault = next(self._validator.iter_errors(line.model_dump(mode="json")), None)
        if fault:
            raise SetError(f"{self.kind} {name}: {'.'.join(map(str, fault.absolute_path))}: {fault.message}")
        self._file.write(canonical_json(line) + "\n")
        self.lines += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _check_evidence(claim: Claim, known: set[str]) -> None:
    if not claim.evidence:
        raise SetError(f"claim {claim.id} has no evidence")
    for evidence in claim.evidence:
        if evidence.sha256 not in known:
            raise SetError(f"claim {claim.id} rests on a document that is not in the set: {evidence.document}")
        if len(evidence.quote) != evidence.end - evidence.start:
            raise SetError(f"claim {claim.id} quotes other words than those at its offsets in {evidence.document}")


def _manifest(folder: Path, exported: Exported, versions: Versions) -> dict[str, Any]:
    """The manifest, in the form of a Frictionless Data Package with a part of our own."""
    return {
        "name": "chiptrail-evidence-set",
        "version": SCHEMA_VERSION,
        "description": "What documents about AI models say of the chips these were trained and served on.",
        "resources": [_resource(folder, kind) for kind in KINDS],
        "chiptrail": {
            "schema_version": SCHEMA_VERSION,
            "versions": versions.model_dump(),
            "counts": exported.counts,
            "outcomes": exported.outcomes,
        },
    }


def _resource(folder: Path, kind: str) -> dict[str, Any]:
    path = folder / f"{kind}.jsonl"
    return {
        "name": kind,
        "path": path.name,
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_sha256(path)}",
        "jsonSchema": f"schema/{kind}.json",
    }


def _files(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_in_place(aside: Path, out: Path) -> None:
    """Rename a finished set into place. Another run may do the same at the same time: the later one stays."""
    for attempt in range(_ATTEMPTS):
        old = Path(f"{aside}-old")
        try:
            os.rename(out, old)
        except FileNotFoundError:
            old = aside
        try:
            os.rename(aside, out)
        except OSError:
            if old != aside and not out.exists():
                os.rename(old, out)
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            if old != aside:
                shutil.rmtree(old, ignore_errors=True)
            return
