"""The kinds of lines that an evidence set is made of: the table to extend when a set should hold something more.

A kind without `derive` is written from what the base gives. One with it is derived from what was written before, in the
order of the table, and so says nothing that the lines before it do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

import registry
from corpus.document import Document
from evidence.facts import Fact, gather_facts
from evidence.finding import READ
from evidence.findings import SetFinding, find_all
from evidence.identities import Identity, gather_identities
from evidence.identity import UNDECIDED, Identities
from evidence.links import derive_links
from evidence.provenance import Provenance
from evidence.standing import Register
from extractors.claim import Claim, ClaimType, Evidence
from outputs.coverage import GapLine, find_gaps
from outputs.lines import ClaimLine, DocumentLine, LinkLine, ReviewLine, WithdrawnLine, make_link_line
from outputs.loading import load_documents, load_lines


@dataclass(frozen=True, slots=True)
class Contents:
    """What a set holds so far: its folder, the documents by digest, and what was decided about who is who."""

    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    identities: Identities = UNDECIDED

    def claims(self) -> Iterator[Claim]:
        """The asserted claims, sorted by id, read back one at a time, without what only people look at (`_slim`)."""
        return map(_slim, load_lines(self.folder / "claims.jsonl", ClaimLine))


def _slim(line: ClaimLine) -> Claim:
    """A claim without cues, reasons and boxes: a fifth of the memory, for kinds that need all claims at once."""
    evidence = tuple(
        Evidence.model_construct(
            _SAID, document=e.document, sha256=e.sha256, page=e.page, quote=e.quote, start=e.start, end=e.end
        )
        for e in line.evidence
    )
    fields = {name: getattr(line, name) for name in _CLAIMED}
    return Claim.model_construct(_CLAIMED, **fields, cues=(), reasons=(), evidence=evidence)


# Pydantic keeps a set of names with each object, which is larger than the object; these are shared.
_CLAIMED = set(Claim.model_fields) - {"cues", "reasons", "evidence"}
_SAID = {"document", "sha256", "page", "quote", "start", "end"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One file of lines: the type of a line, and how the lines are derived from those before."""

    line: type[BaseModel]
    derive: Callable[[Contents], Iterable[BaseModel]] | None = None


def _links(contents: Contents) -> Iterable[BaseModel]:
    claims = {c.id: c for c in contents.claims() if c.chip or c.type is ClaimType.TRAINING_PERIOD}
    register = Register(registry.load(), contents.documents.values(), claims.values())
    provenance = Provenance(registry.load(), contents.documents.values())
    for link in derive_links(claims.values(), provenance):
        said = [claims[claim] for claim in link.supporting]
        yield make_link_line(link, register.control(link.model.id, link.chip.id, link.role, said))


def _identities(contents: Contents) -> Iterable[BaseModel]:
    return gather_identities(contents.claims(), registry.load(), contents.identities)


def _gaps(contents: Contents) -> Iterable[BaseModel]:
    return find_gaps(load_documents(contents.folder))


def _facts(contents: Contents) -> Iterable[BaseModel]:
    lines = [line for line in load_documents(contents.folder) if line.sha256 and line.outcome in READ]
    works: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        works[line.work or f"sha256:{line.sha256}"].append(line.sha256 or "")
    versions = {sha256: (work, works[work]) for work in works for sha256 in works[work]}
    provenance = Provenance(registry.load(), contents.documents.values())
    return gather_facts(contents.claims(), versions, provenance)


def _findings(contents: Contents) -> Iterable[BaseModel]:
    return find_all(contents.claims(), load_documents(contents.folder), registry.load())


KINDS: dict[str, Kind] = {
    "documents": Kind(DocumentLine),
    "claims": Kind(ClaimLine),
    "gaps": Kind(GapLine, _gaps),
    "contested": Kind(ClaimLine),
    "withdrawn": Kind(WithdrawnLine),
    "reviews": Kind(ReviewLine),
    "identities": Kind(Identity, _identities),
    "facts": Kind(Fact, _facts),
    "links": Kind(LinkLine, _links),
    "findings": Kind(SetFinding, _findings),
}
