"""Sections: the headings that each block stands under, and where the list of references begins and ends."""

from __future__ import annotations

from statistics import median

from extractors.reading.paragraphs import NUMBERED, REFERENCES, Draft
from extractors.text import Kind


class Outline:
    """The path of open headings, carried from page to page.

    A numbered heading («3.1 Setup») stands by its number, another one by the height of its letters. The title of the
    document is no part of the path.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._path: list[tuple[float, int, str]] = []

    def place(self, drafts: list[Draft]) -> None:
        """Give the blocks of the next page their section, headings their level, and references their kind."""
        for draft in drafts:
            if draft.kind is Kind.HEADING:
                self._open(draft)
                continue
            draft.section = self._names()
            if not draft.framed and draft.kind in (Kind.PARAGRAPH, Kind.ITEM, Kind.TABLE) and self._in_references():
                draft.kind, draft.grid = Kind.REFERENCE, None

    def _open(self, draft: Draft) -> None:
        text = " ".join(draft.text.split())
        if text and text in self._title:
            draft.level = 1
            return
        number = NUMBERED.match(text)
        size = round(median(x.size for x in draft.lines), 1)
        depth = number[1].count(".") + 1 if number else 0
        while self._path and not self._outranks(self._path[-1], size, depth):
            self._path.pop()
        draft.section = self._names()
        self._path.append((size, depth, text))
        draft.level = len(self._path) + 1

    @staticmethod
    def _outranks(upper: tuple[float, int, str], size: float, depth: int) -> bool:
        if depth == 1:
            return False
        if upper[1] and depth:
            return upper[1] < depth
        if not upper[1] and depth:
            return False
        return upper[0] > size + 0.3

    def _names(self) -> tuple[str, ...]:
        return tuple(text for _, _, text in self._path)

    def _in_references(self) -> bool:
        return any(REFERENCES.match(text) for _, _, text in self._path)
