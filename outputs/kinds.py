"""The kinds of lines that an evidence set is made of: the table to extend when a set should hold something more.

A kind without `derive` is written from what the base gives. One with it is derived from what was written before, in the
order of the table, and so says nothing that the lines before it do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from corpus.document import Document
from evidence.links import Link, derive_links
from extractors.claim import Claim
from outputs.lines import ClaimLine, DocumentLine
from outputs.loading import load_lines


@dataclass(frozen=True, slots=True)
class Contents:
    """What a set holds so far: its folder, and the documents by digest."""

    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)

    def claims(self) -> Iterator[Claim]:
        """The asserted claims, sorted by id, read back one at a time."""
        return load_lines(self.folder / "claims.jsonl", ClaimLine)


@dataclass(frozen=True, slots=True)
class Kind:
    """One file of lines: the type of a line, and how the lines are derived from those before."""

    line: type[BaseModel]
    derive: Callable[[Contents], Iterable[BaseModel]] | None = None


def _links(contents: Contents) -> Iterable[BaseModel]:
    return derive_links(contents.claims())


KINDS: dict[str, Kind] = {
    "documents": Kind(DocumentLine),
    "claims": Kind(ClaimLine),
    "contested": Kind(ClaimLine),
    "links": Kind(Link, _links),
}
