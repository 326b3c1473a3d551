"""What reading yields: normalised text per page, its blocks and tables, and a map from each character back to its box.

Offsets count code points of `Page.text` and never of the file. Boxes are in points, origin at the top left of the page
as displayed (CropBox, rotation applied).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Box(NamedTuple):
    """A rectangle on a page, in points from the top left."""

    left: float
    top: float
    right: float
    bottom: float


class Kind(StrEnum):
    """What a block is for the reader of the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE = "table"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    CODE = "code"
    REFERENCE = "reference"
    FIGURE = "figure"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: its place in the grid and its span `start:end` in the page's text."""

    row: int
    column: int
    start: int
    end: int
    text: str
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells. The first `header_rows` rows and `header_columns` columns name the others.

    In the page's text a row is a line and its cells are parted by a tab, so that a row can be quoted as it stands.
    `caption` is the text of the caption that belongs to the table, or the empty string.
    """

    cells: tuple[Cell, ...]
    header_rows: int = 1
    header_columns: int = 1
    caption: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid, spans counted."""
        return (
            max((c.row + c.row_span for c in self.cells), default=0),
            max((c.column + c.column_span for c in self.cells), default=0),
        )

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers a place of the grid, or None where the row is short."""
        for cell in self.cells:
            if cell.row <= row < cell.row + cell.row_span and cell.column <= column < cell.column + cell.column_span:
                return cell
        return None

    def row(self, row: int) -> tuple[Cell, ...]:
        """The cells that begin in a row, left to right."""
        return tuple(sorted((c for c in self.cells if c.row == row), key=lambda c: c.column))

    def column_headers(self, cell: Cell) -> tuple[Cell, ...]:
        """The header cells above a cell, top down, without repeats."""
        found = [self.at(r, cell.column) for r in range(min(self.header_rows, cell.row))]
        return tuple(dict.fromkeys(c for c in found if c is not None and c.text))

    def row_headers(self, cell: Cell) -> tuple[Cell, ...]:
        """The header cells to the left of a cell, left to right, without repeats."""
        found = [self.at(cell.row, c) for c in range(min(self.header_columns, cell.column))]
        return tuple(dict.fromkeys(c for c in found if c is not None and c.text))


@dataclass(frozen=True, slots=True)
class Block:
    """A run `start:end` of a page's text of one kind, with the headings it stands under, outermost first."""

    kind: Kind
    start: int
    end: int
    section: tuple[str, ...] = ()
    level: int = 0
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a page was read. `score` is 1 for a page that gives no reason for doubt and 0 for an unreadable one."""

    score: float = 1.0
    glue_rate: float = 0.0
    unreadable_rate: float = 0.0
    column_doubt: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page: `number` counts from 1 in a PDF and is None in documents without pages.

    `geometry` holds a row (left, top, right, bottom) for each character of `text`, NaN for characters that the reader
    put in (spaces, line ends, `^`); None where the document has no geometry.
    """

    number: int | None
    text: str
    blocks: tuple[Block, ...] = ()
    geometry: NDArray[np.float32] | None = None
    width: float = 0.0
    height: float = 0.0
    quality: Quality = field(default_factory=Quality)

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """The boxes that cover `text[start:end]`, one a printed line, in reading order; empty without geometry."""
        if self.geometry is None:
            return ()
        rows = self.geometry[start:end]
        rows = rows[~np.isnan(rows[:, 0])]
        found: list[Box] = []
        for left, top, right, bottom in rows.tolist():
            if found:
                last = found[-1]
                overlap = min(bottom, last.bottom) - max(top, last.top)
                same_line = overlap > 0.4 * min(bottom - top, last.bottom - last.top)
                if same_line and left > last.left - 1 and left - last.right < 3 * (last.bottom - last.top):
                    found[-1] = Box(last.left, min(top, last.top), max(right, last.right), max(bottom, last.bottom))
                    continue
            found.append(Box(left, top, right, bottom))
        return tuple(Box(*(round(v, 2) for v in box)) for box in found)


@dataclass(frozen=True, slots=True)
class Text:
    """A document as read. `language` is that of most of its text: `en`, `zh`, `ja` or another ISO 639-1 code.

    `title`, `authors`, `date` (ISO, as far as printed), `address` (canonical) and `work` (`arxiv:…`, `doi:…`) are what
    the document says of itself, empty where it does not.
    """

    pages: tuple[Page, ...]
    language: str = "en"
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    address: str = ""
    work: str = ""

    def blocks(self) -> Iterator[tuple[Page, Block]]:
        """Every block of every page, in reading order."""
        for page in self.pages:
            for block in page.blocks:
                yield page, block


class Outcome(StrEnum):
    """What became of one document in a run."""

    READ = "read"
    NOTHING_DISCLOSED = "nothing-disclosed"
    NO_TEXT = "no-text"
    UNSUPPORTED = "unsupported"
    ENCRYPTED = "encrypted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading one document: its text, or the reason why there is none, in a sentence for people."""

    outcome: Outcome
    text: Text | None = None
    reason: str = ""
