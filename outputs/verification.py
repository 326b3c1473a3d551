"""Is an evidence set whole? Digests, schemas, references between its lines, and quotes against archived documents."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.archive import Archive, ArchiveError
from corpus.document import Document
from extractors.reading import read
from outputs.kinds import KINDS
from outputs.lines import DocumentLine, canonical_json
from outputs.loading import LoadError, load_documents
from outputs.manifest import MANIFEST, SUMS, digest_file
from outputs.schemas import make_schema

_SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")


class Fault(BaseModel):
    """What is wrong with a set: in which file, at which line where it has one, and what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    line: int | None
    what: str


def verify_set(folder: Path, archive: Archive | None = None) -> Iterator[Fault]:
    """Everything that is wrong with a set; nothing where it is whole.

    Every file is held against `SHA256SUMS` and the manifest, every line against the schema beside it, every table
    against the lines. Claims must rest on documents of the set, and links and facts on its claims. With an archive each
    quote must stand at its place in the text of the archived document; that needs the text layer that the set was made
    with.
    """
    spoiled: set[str] = set()
    for fault in _check_sums(folder):
        spoiled.add(fault.file)
        yield fault
    manifest = _load_manifest(folder)
    if isinstance(manifest, Fault):
        yield manifest
        return
    lines: dict[str, list[dict[str, Any]]] = {}
    readable = True
    for resource in manifest.get("resources", ()):
        if resource.get("format") != "jsonl":
            continue
        lines[resource["name"]] = []
        for number, line in _read_lines(folder, resource):
            if isinstance(line, Fault):
                spoiled.add(line.file)
                yield line
                readable = readable and not number
            else:
                lines[resource["name"]].append({**line, "": number})
    if not readable:
        return
    yield from _check_references(lines)
    yield from _check_views(folder, spoiled)
    if archive:
        yield from _check_quotes(folder, lines, archive)


def _check_views(folder: Path, spoiled: set[str]) -> Iterator[Fault]:
    """Tables that say something else than the lines. Where lines are not what they were, the tables that are still tell
    which of them.
    """
    from outputs.views_check import check_views  # Arrow takes its time to load

    changed = {f"csv/{Path(name).stem}.csv": name for name in spoiled if name.endswith(".jsonl")}
    for file, row, what in check_views(folder):
        if not changed:
            yield Fault(file=file, line=row, what=what)
        elif file in changed and file not in spoiled:
            yield Fault(
                file=changed[file], line=row, what=f"says something else than row {row} of {file}, which is whole"
            )


def find_whole(folder: Path, sums: str) -> dict[str, int] | None:
    """The lines by kind of a set whose list of digests has a digest, if all its files are what that list says."""
    try:
        if digest_file(folder / SUMS) != sums:
            return None
    except OSError:
        return None
    if any(_check_sums(folder)):
        return None
    manifest = _load_manifest(folder)
    return None if isinstance(manifest, Fault) else dict(manifest["chiptrail"]["counts"])


def _check_sums(folder: Path) -> Iterator[Fault]:
    try:
        listed = [_SUM.fullmatch(line) for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeError) as fault:
        yield Fault(file=SUMS, line=None, what=f"cannot be read: {fault}")
        return
    known = set()
    for number, match in enumerate(listed, 1):
        if match is None or not _is_within(folder, match[2]):
            yield Fault(file=SUMS, line=number, what="is no digest with a file of the set")
            continue
        known.add(match[2])
        path = folder / match[2]
        if not path.is_file():
            yield Fault(file=match[2], line=None, what="is missing")
        elif digest_file(path) != match[1]:
            yield Fault(file=match[2], line=None, what=f"is not what it was: its digest differs from that in {SUMS}")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != SUMS and name not in known:
            yield Fault(file=name, line=None, what=f"is not listed in {SUMS}")


def _load_manifest(folder: Path) -> dict[str, Any] | Fault:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        return Fault(file=MANIFEST, line=None, what=f"cannot be read: {fault}")
    return manifest if isinstance(manifest, dict) else Fault(file=MANIFEST, line=None, what="is no manifest")


def _read_lines(folder: Path, resource: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    name = str(resource.get("path"))
    path, schema = folder / name, folder / str(resource.get("jsonSchema"))
    if not (_is_within(folder, name) and _is_within(folder, str(resource.get("jsonSchema")))):
        yield 0, Fault(file=MANIFEST, line=None, what=f"names a file outside the set: {name}")
        return
    try:
        data = path.read_bytes()
        rules = json.loads(schema.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(rules)
    except (OSError, ValueError, SchemaError) as fault:
        yield 0, Fault(file=name, line=None, what=f"cannot be checked: {str(fault).splitlines()[0]}")
        return
    if resource.get("hash") != f"sha256:{hashlib.sha256(data).hexdigest()}":
        yield 0, Fault(file=name, line=None, what=f"is not what it was: its digest differs from that in {MANIFEST}")
    validator = Draft202012Validator(rules)
    stem = Path(name).stem
    known = KINDS[stem].line if stem in KINDS and rules == make_schema(stem) else None
    for number, raw in enumerate(data.splitlines(), 1):
        try:
            line = json.loads(raw)
        except ValueError as fault:
            yield number, Fault(file=name, line=number, what=f"is not JSON: {fault}")
            continue
        error = None if known and _reads_back(raw, known) else next(validator.iter_errors(line), None)
        if error:
            where = ".".join(map(str, error.absolute_path))
            yield number, Fault(file=name, line=number, what=f"{where}: {error.message}"[:300])
        else:
            yield number, line


def _reads_back(raw: bytes, line: type[BaseModel]) -> bool:
    """Whether a line is to the letter what its type writes, and so holds against the schema of that type; the schema
    itself takes thirty times as long to be held against it.
    """
    try:
        return canonical_json(line.model_validate_json(raw)).encode() == raw
    except ValidationError:
        return False


def _check_references(lines: dict[str, list[dict[str, Any]]]) -> Iterator[Fault]:
    documents = {line["sha256"] for line in lines.get("documents", ()) if line.get("sha256")}
    claims = {line["id"] for line in lines.get("claims", ())}
    for kind in ("claims", "contested"):
        seen: set[str] = set()
        for claim in lines.get(kind, ()):
            if claim["id"] in seen:
                yield _fault(kind, claim, f"claim {claim['id']} is there twice")
            seen.add(claim["id"])
            for evidence in claim["evidence"]:
                if evidence["sha256"] not in documents:
                    yield _fault(kind, claim, f"rests on a document that is not in the set: {evidence['document']}")
                if len(evidence["quote"]) != evidence["end"] - evidence["start"]:
                    yield _fault(kind, claim, f"quotes other words than those at its offsets: {evidence['document']}")
    for kind, fields in (("links", ("supporting", "contradicting")), ("facts", ("claims",))):
        for line in lines.get(kind, ()):
            if missing := sorted({claim for name in fields for claim in line[name]} - claims):
                yield _fault(kind, line, f"rests on a claim that is not in the set: {missing[0]}")


def _check_quotes(folder: Path, lines: dict[str, list[dict[str, Any]]], archive: Archive) -> Iterator[Fault]:
    try:
        documents = {line.sha256: line for line in load_documents(folder) if line.sha256}
    except LoadError as fault:
        yield Fault(file="documents.jsonl", line=None, what=str(fault))
        return
    by_document: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {}
    for kind in ("claims", "contested"):
        for claim in lines.get(kind, ()):
            for evidence in claim["evidence"]:
                by_document.setdefault(evidence["sha256"], []).append((kind, claim, evidence))
    for sha256, cited in sorted(by_document.items()):
        if sha256 not in documents:
            continue
        pages = _read_pages(documents[sha256], archive)
        if isinstance(pages, str):
            yield Fault(file="documents.jsonl", line=None, what=f"{documents[sha256].name}: {pages}")
            continue
        for kind, claim, evidence in cited:
            text = pages.get(evidence["page"], "")
            if text[evidence["start"] : evidence["end"]] != evidence["quote"]:
                words = "stand elsewhere" if evidence["quote"] in text else "do not stand there"
                yield _fault(kind, claim, f"its words {words} in {evidence['document']} as it is read now")


def _read_pages(line: DocumentLine, archive: Archive) -> dict[int | None, str] | str:
    """The text of an archived document by page, or why there is none."""
    try:
        data = archive.read(line.sha256 or "")
    except ArchiveError as fault:
        return str(fault)
    if line.media_type is None:
        return "its kind is not known"
    fields = line.model_dump(include={"sha256", "media_type", "name", "address"})
    reading = read(data, Document(size=len(data), **fields))
    return {page.number: page.text for page in reading.text.pages} if reading.text else reading.reason


def _fault(kind: str, line: dict[str, Any], what: str) -> Fault:
    return Fault(file=f"{kind}.jsonl", line=line[""], what=what)


def _is_within(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())
