"""Text as it was read, cut into pieces that a template can show: blocks and tables, with the marked words apart.

Marking is slicing: no text of a document is ever changed, and all of it is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.text import Block, Cell, Kind, Page

Span = tuple[int, int]
_AROUND = 1_600


@dataclass(frozen=True, slots=True)
class Piece:
    """Some letters, and which of the marks they are in (by their place in the list of marks)."""

    text: str
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell of a table as it is shown."""

    start: int
    pieces: tuple[Piece, ...]
    header: bool
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A block as it is shown: its pieces, or the rows of its table. `start` is its offset in the page's text."""

    kind: str
    level: int
    start: int
    pieces: tuple[Piece, ...] = ()
    rows: tuple[tuple[Slot, ...], ...] = ()


def cut(text: str, start: int, end: int, marks: Sequence[Span]) -> tuple[Piece, ...]:
    """The letters `start:end` in pieces, parted wherever a mark begins or ends."""
    edges = sorted({start, end, *(edge for span in marks for edge in span if start < edge < end)})
    return tuple(
        Piece(text[a:b], tuple(i for i, (low, high) in enumerate(marks) if low <= a and b <= high))
        for a, b in pairwise(edges)
    )


def lay_out(page: Page, marks: Sequence[Span], start: int = 0, end: int | None = None) -> tuple[Passage, ...]:
    """The blocks of a page that meet `start:end`, cut off at its edges."""
    last = len(page.text) if end is None else end
    blocks = page.blocks or (Block(kind=Kind.PARAGRAPH, start=0, end=len(page.text)),)
    return tuple(_lay_out(page.text, b, marks, start, last) for b in blocks if b.start < last and b.end > start)


def window(page: Page, span: Span, around: int = _AROUND) -> Span:
    """The part of a page's text about a span that shows it among its neighbours, from block to block."""
    low, high = max(0, span[0] - around), min(len(page.text), span[1] + around)
    starts = [b.start for b in page.blocks if low <= b.start <= span[0]]
    ends = [b.end for b in page.blocks if span[1] <= b.end <= high]
    return min(starts, default=low), max(ends, default=high)


def _lay_out(text: str, block: Block, marks: Sequence[Span], start: int, end: int) -> Passage:
    low, high = max(block.start, start), min(block.end, end)
    if block.table is None:
        return Passage(str(block.kind), block.level, low, cut(text, low, high, marks))
    rows: dict[int, list[Slot]] = {}
    for cell in sorted(block.table.cells, key=lambda c: (c.row, c.column)):
        if cell.start <= high and cell.end >= low:
            header = cell.row < block.table.header_rows or cell.column < block.table.header_columns
            rows.setdefault(cell.row, []).append(_slot(text, cell, marks, header))
    return Passage("table", 0, low, rows=tuple(tuple(row) for row in rows.values()))


def _slot(text: str, cell: Cell, marks: Sequence[Span], header: bool) -> Slot:
    return Slot(cell.start, cut(text, cell.start, cell.end, marks), header, cell.row_span, cell.column_span)
