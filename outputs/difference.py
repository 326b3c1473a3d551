"""What changed from one evidence set to another, and why: documents, claims and links."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from rich.text import Text

from evidence.finding import READ
from evidence.links import Link
from extractors.claim import Claim
from outputs.lines import DocumentLine, ReviewLine
from outputs.loading import load_claims, load_documents, load_lines, load_links
from outputs.manifest import MANIFEST
from outputs.wording import ROLES, plain, say_value

Row = TypeVar("Row", Claim, Link)
Operation = Literal["added", "changed", "withdrawn"]


class Cause(StrEnum):
    """Why a line is new, other or gone. `unexplained`: by neither documents nor rules; a base may hold more."""

    DOCUMENT_ADDED = "document added"
    DOCUMENT_GONE = "document gone"
    DOCUMENT_CHANGED = "document changed"
    DOCUMENT_UNREADABLE = "document can no longer be read"
    DOCUMENT_READABLE = "document could not be read before"
    RULES_CHANGED = "rules changed"
    IDENTITY_DECIDED = "decided who is who"
    REVIEWED = "reviewed"
    UNEXPLAINED = "unexplained"


class Change(BaseModel):
    """One line that differs. `fields` are those whose values differ; `about` says in words what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["document", "claim", "link"]
    operation: Operation
    id: str
    about: str
    fields: tuple[str, ...]
    cause: Cause
    quote: str = ""


def compare_sets(old: Path, new: Path) -> list[Change]:
    """Documents, then links, then claims that differ, each with its cause. Raises `LoadError`.

    Claims keep their id as long as work and what is claimed are the same; when they were seen is no change.
    """
    before, after = _by_address(load_documents(old)), _by_address(load_documents(new))
    rules = _versions(old) != _versions(new)
    changes = [
        Change(kind="document", operation=operation, id=address, about=plain(line.name), fields=fields, cause=cause)
        for address, line, operation, fields, cause in _document_changes(before, after, rules)
    ]
    claims = {c.id: c for c in load_claims(old)}, {c.id: c for c in load_claims(new)}
    reviewed = {claim for claim, _ in _standing(old) ^ _standing(new)}
    causes: dict[str, Cause] = {}
    said: list[Change] = []
    for operation, claim, fields in _pairs(*claims, {"first_seen", "last_seen", "review"}):
        other = claims[0].get(claim.id) if operation == "changed" else None
        causes[claim.id] = (
            Cause.REVIEWED if claim.id in reviewed else _cause(operation, claim, other, before, after, rules)
        )
        about = " ".join(
            filter(None, (claim.subject.name, claim.type, claim.chip.name if claim.chip else "", say_value(claim)))
        )
        said.append(
            Change(
                kind="claim",
                operation=operation,
                id=claim.id,
                about=plain(about),
                fields=fields,
                cause=causes[claim.id],
                quote=claim.evidence[0].quote,
            )
        )
    links = {k.id: k for k in load_links(old)}, {k.id: k for k in load_links(new)}
    for operation, link, fields in _pairs(*links, set()):
        ids = {*link.supporting, *link.contradicting, *_others(link.id, links[0])}
        causes_of = Counter(causes[claim] for claim in ids if claim in causes)
        cause = causes_of.most_common(1)[0][0] if causes_of else Cause.RULES_CHANGED if rules else Cause.UNEXPLAINED
        about = f"{plain(link.model.name)} {ROLES[link.role]} {plain(link.chip.name)}"
        changes.append(Change(kind="link", operation=operation, id=link.id, about=about, fields=fields, cause=cause))
    return changes + said


def _standing(folder: Path) -> set[tuple[str, str]]:
    """The claims of a set with the decisions that bear on them; sets of before there were any have none."""
    path = folder / "reviews.jsonl"
    return {(line.claim, line.id) for line in load_lines(path, ReviewLine) if line.stands} if path.exists() else set()


def _others(link: str, before: Mapping[str, Link]) -> tuple[str, ...]:
    old = before.get(link)
    return (*old.supporting, *old.contradicting) if old else ()


def lay_out_changes(changes: Iterable[Change]) -> Iterator[Text]:
    """One line a change: what happened, what it is, the fields that differ, and why."""
    styles = {"added": "green", "withdrawn": "red", "changed": "yellow"}
    for change in changes:
        fields = f" [{', '.join(change.fields)}]" if change.fields else ""
        quote = f" «{plain(change.quote)[:100]}»" if change.quote else ""
        yield Text.assemble(
            (f"{change.operation:<9} ", styles[change.operation]),
            f"{change.kind} {change.about}{fields}: {change.cause}",
            (quote, "dim"),
        )


def count_changes(changes: Iterable[Change]) -> str:
    """How many lines of each kind were added, changed and withdrawn: «documents 1 added, 0 changed …»."""
    found = Counter((change.kind, change.operation) for change in changes)
    operations: tuple[Operation, ...] = ("added", "changed", "withdrawn")
    kinds: tuple[Literal["document", "claim", "link"], ...] = ("document", "claim", "link")
    return "; ".join(f"{kind}s: {', '.join(f'{found[kind, o]} {o}' for o in operations)}" for kind in kinds)


def _document_changes(
    before: Mapping[str, DocumentLine], after: Mapping[str, DocumentLine], rules: bool
) -> Iterator[tuple[str, DocumentLine, Operation, tuple[str, ...], Cause]]:
    for address in sorted(before.keys() | after.keys()):
        old, new = before.get(address), after.get(address)
        if old is None and new is not None:
            yield address, new, "added", (), Cause.DOCUMENT_ADDED
        elif new is None and old is not None:
            yield address, old, "withdrawn", (), Cause.DOCUMENT_GONE
        elif old and new and (fields := _differing(old, new, {"retrieved"})):
            other = Cause.RULES_CHANGED if rules else Cause.UNEXPLAINED
            yield address, new, "changed", fields, Cause.DOCUMENT_CHANGED if old.sha256 != new.sha256 else other


def _cause(
    operation: Operation,
    claim: Claim,
    other: Claim | None,
    before: Mapping[str, DocumentLine],
    after: Mapping[str, DocumentLine],
    rules: bool,
) -> Cause:
    """Why a claim is new, other or gone: by what became of the documents it rests on, else by the rules."""
    gained = {e.sha256 for e in claim.evidence}
    lost = {e.sha256 for e in other.evidence} if other else set()
    if operation == "added":
        causes = [_of_document(sha256, after, before, added=True) for sha256 in gained]
    elif operation == "withdrawn":
        causes = [_of_document(sha256, before, after, added=False) for sha256 in gained]
    else:
        causes = [_of_document(sha256, after, before, added=True) for sha256 in gained - lost]
        causes += [_of_document(sha256, before, after, added=False) for sha256 in lost - gained]
    if found := sorted(cause for cause in causes if cause):
        return found[0]
    if rules:
        return Cause.RULES_CHANGED
    renamed = other is not None and claim.subject.id != other.subject.id and claim.subject.name == other.subject.name
    return Cause.IDENTITY_DECIDED if renamed else Cause.UNEXPLAINED


def _of_document(
    sha256: str, here: Mapping[str, DocumentLine], there: Mapping[str, DocumentLine], *, added: bool
) -> Cause | None:
    """What became of a document that only one of the sets may have."""
    held = [line for line in there.values() if line.sha256 == sha256]
    if held:
        if any(line.outcome in READ for line in held):
            return None
        return Cause.DOCUMENT_READABLE if added else Cause.DOCUMENT_UNREADABLE
    addresses = {address for address, line in here.items() if line.sha256 == sha256}
    if any(address in there for address in addresses):
        unread = all(there[address].outcome not in READ for address in addresses if address in there)
        if unread:
            return Cause.DOCUMENT_READABLE if added else Cause.DOCUMENT_UNREADABLE
        return Cause.DOCUMENT_CHANGED
    return Cause.DOCUMENT_ADDED if added else Cause.DOCUMENT_GONE


def _pairs(
    before: Mapping[str, Row], after: Mapping[str, Row], unheeded: set[str]
) -> Iterator[tuple[Operation, Row, tuple[str, ...]]]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old is None and new is not None:
            yield "added", new, ()
        elif new is None and old is not None:
            yield "withdrawn", old, ()
        elif old and new and (fields := _differing(old, new, unheeded)):
            yield "changed", new, fields


def _differing(old: BaseModel, new: BaseModel, unheeded: set[str]) -> tuple[str, ...]:
    names = sorted(type(new).model_fields.keys() - unheeded)
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def _by_address(lines: Iterable[DocumentLine]) -> dict[str, DocumentLine]:
    return {line.address: line for line in lines}


def _versions(folder: Path) -> object:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest["chiptrail"]["versions"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
