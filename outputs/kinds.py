"""The kinds of lines that an evidence set is made of: the table to extend when a set should hold something more.

A kind without `derive` is written from what the base gives. One with it is derived from the documents and claims as
they were written, and so says nothing that their lines do not.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel
from pydantic_core import from_json

import registry
from corpus.document import Document
from evidence.facts import Fact, gather_facts
from evidence.finding import READ
from evidence.findings import Findings, SetFinding
from evidence.identities import Identity, Roll
from evidence.identity import UNDECIDED, Identities
from evidence.links import derive_links
from evidence.provenance import Provenance
from evidence.standing import Register
from evidence.subjects import Subjects
from extractors.claim import Claim, ClaimType, Evidence
from outputs.coverage import GapLine, find_gaps
from outputs.lines import ClaimLine, DocumentLine, LinkLine, ReviewLine, WithdrawnLine, make_link_line
from outputs.loading import load_documents


class ClaimFile(Subjects):
    """The asserted claims of a set by subject, read back from their file one subject at a time.

    What is kept in memory is where each line stands: some 16 bytes a claim, where a claim takes thousands.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, array[int]] = {}
        self._of_type: dict[ClaimType, array[int]] = {}
        self._end = 0

    def note(self, claim: Claim, size: int) -> None:
        """Note that a claim was written, as a line of so many bytes."""
        self._places.setdefault(claim.subject.id, array("q")).append(self._end)
        self._of_type.setdefault(claim.type, array("q")).append(self._end)
        self._end += size

    def __getitem__(self, subject: str) -> Sequence[Claim]:
        return list(self._read(self._places[subject]))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._places))

    def __len__(self) -> int:
        return len(self._places)

    def of_type(self, kind: ClaimType) -> Iterable[Claim]:
        """The claims of one type, whoever they are about."""
        return self._read(self._of_type.get(kind, array("q")))

    def _read(self, places: Iterable[int]) -> Iterator[Claim]:
        with self._path.open("rb") as file:
            for place in places:
                file.seek(place)
                yield _read_lean(file.readline())


def _read_lean(line: bytes) -> Claim:
    """A claim without what only people look at, and with one piece of evidence a document, without its words.

    That is a fifth of the memory of all, of which a model with many claims takes much.
    """
    told = {name: value for name, value in from_json(line).items() if name in _CLAIMED}
    places = {said["sha256"]: said["document"] for said in reversed(told["evidence"])}
    told["evidence"] = tuple(
        Evidence.model_construct(_PLACED, document=document, sha256=sha256, page=None, quote="", start=0, end=0)
        for sha256, document in places.items()
    )
    return Claim.model_validate(told)


_CLAIMED = Claim.model_fields.keys() - {"cues", "reasons"}
_PLACED = {"document", "sha256", "page", "quote", "start", "end"}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a set holds so far: its folder, its claims, the documents by digest, what was decided on who is who."""

    folder: Path
    claims: ClaimFile
    documents: dict[str, Document] = field(default_factory=dict)
    identities: Identities = UNDECIDED


class Derivation(Protocol):
    """Lines that are derived from claims, which come subject by subject in the order of their ids."""

    def hear(self, subject: str, said: Sequence[Claim]) -> Iterable[BaseModel]:
        """Take the claims about one subject; the lines that can be written before the next."""

    def tell(self) -> Iterable[BaseModel]:
        """The lines that could not be written before all was heard."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One file of lines: the type of a line, and what derives the lines from documents and claims."""

    line: type[BaseModel]
    derive: Callable[[Contents], Derivation] | None = None


class _Gaps:
    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def hear(self, subject: str, said: Sequence[Claim]) -> Iterable[BaseModel]:
        return ()

    def tell(self) -> Iterable[BaseModel]:
        return find_gaps(load_documents(self._contents.folder))


class _Identities:
    def __init__(self, contents: Contents) -> None:
        self._roll = Roll(registry.load(), contents.identities)

    def hear(self, subject: str, said: Sequence[Claim]) -> Iterable[BaseModel]:
        self._roll.hear(said)
        return ()

    def tell(self) -> Iterable[BaseModel]:
        return self._roll.tell()


class _Facts:
    def __init__(self, contents: Contents) -> None:
        works: dict[str, list[str]] = defaultdict(list)
        for line in load_documents(contents.folder):
            if line.sha256 and line.outcome in READ:
                works[line.work or f"sha256:{line.sha256}"].append(line.sha256)
        self._versions = {sha256: (work, works[work]) for work in works for sha256 in works[work]}
        self._provenance = Provenance(registry.load(), contents.documents.values())

    def hear(self, subject: str, said: Sequence[Claim]) -> Iterable[BaseModel]:
        return gather_facts(said, self._versions, self._provenance)

    def tell(self) -> Iterable[BaseModel]:
        return ()


class _Links:
    def __init__(self, contents: Contents) -> None:
        documents, periods = contents.documents.values(), contents.claims.of_type(ClaimType.TRAINING_PERIOD)
        self._register = Register(registry.load(), documents, periods)
        self._provenance = Provenance(registry.load(), documents)
        self._lines: list[LinkLine] = []

    def hear(self, subject: str, said: Sequence[Claim]) -> Iterable[BaseModel]:
        by_id = {claim.id: claim for claim in said if claim.chip}
        for link in derive_links(by_id.values(), self._provenance):
            supporting = [by_id[claim] for claim in link.supporting]
            control = self._register.control(link.model.id, link.chip.id, link.role, supporting)
            self._lines.append(make_link_line(link, control))
        return ()

    def tell(self) -> Iterable[BaseModel]:
        return sorted(self._lines, key=lambda line: line.id)


class _Findings:
    def __init__(self, contents: Contents) -> None:
        self._findings = Findings(contents.claims, load_documents(contents.folder), registry.load())

    def hear(self, subject: str, said: Sequence[Claim]) -> Iterable[BaseModel]:
        self._findings.hear(subject, said)
        return ()

    def tell(self) -> Iterable[BaseModel]:
        return self._findings.tell()


KINDS: dict[str, Kind] = {
    "documents": Kind(DocumentLine),
    "claims": Kind(ClaimLine),
    "gaps": Kind(GapLine, _Gaps),
    "contested": Kind(ClaimLine),
    "withdrawn": Kind(WithdrawnLine),
    "reviews": Kind(ReviewLine),
    "identities": Kind(Identity, _Identities),
    "facts": Kind(Fact, _Facts),
    "links": Kind(LinkLine, _Links),
    "findings": Kind(SetFinding, _Findings),
}
