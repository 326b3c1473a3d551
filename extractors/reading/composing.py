"""Blocks written out as the text of a page, with the glyph that each character came from."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from extractors.reading.glyphs import LINE_END_HYPHEN
from extractors.reading.hyphens import Vocabulary
from extractors.reading.lines import Piece, Sheet, spell
from extractors.reading.paragraphs import Draft
from extractors.reading.tables import Grid
from extractors.text import Block, Cell, Kind, Page, Quality, Table

_EAST = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_SPACE, _TAB, _LINE = -0x20, -0x09, -0x0A
_PRINTED_LINES = frozenset({Kind.CODE, Kind.FIGURE})


class Composer:
    """Writes the blocks of one page: blocks parted by an empty line, lines of prose joined, cells of a row parted by a tab."""

    def __init__(self, sheet: Sheet, vocabulary: Vocabulary) -> None:
        self._sheet = sheet
        self._vocabulary = vocabulary
        self._parts: list[NDArray[np.int64]] = []
        self._length = 0

    def page(self, drafts: list[Draft], quality: Quality) -> Page:
        """The page that the drafts make, in their order."""
        sheet = self._sheet
        blocks: list[Block] = []
        for draft in drafts:
            if blocks:
                self._put(_LINE, _LINE)
            start = self._length
            table = self._table(draft.grid, draft.caption) if draft.grid else None
            if table is None:
                self._lines([line.pieces for line in draft.lines], draft.kind in _PRINTED_LINES)
            blocks.append(Block(draft.kind, start, self._length, draft.section, draft.level, table))
        sequence = np.concatenate(self._parts) if self._parts else np.zeros(0, np.int64)
        sheet.code[sheet.code == LINE_END_HYPHEN] = ord("-")
        text = spell(sequence, sheet.code)
        geometry = np.full((len(sequence), 4), np.nan, np.float32)
        real = sequence >= 0
        geometry[real] = sheet.box[sequence[real]]
        return Page(sheet.number, text, tuple(blocks), geometry, *sheet.shown, quality)

    def _put(self, *codes: int) -> None:
        self._parts.append(np.array(codes, np.int64))
        self._length += len(codes)

    def _lines(self, lines: list[list[Piece]], as_printed: bool = False) -> None:
        sequence = self._sheet.sequence
        before = ""
        for pieces in lines:
            if before:
                self._part(before, pieces[0].text, as_printed)
            for k, piece in enumerate(pieces):
                if k:
                    self._put(_SPACE)
                self._parts.append(sequence[piece.first : piece.last])
                self._length += piece.last - piece.first
            before = pieces[-1].text

    def _part(self, before: str, after: str, as_printed: bool) -> None:
        """Put between two lines what belongs there: a space, nothing, or the end of the line itself."""
        if as_printed:
            self._put(_LINE)
        elif ord(before[-1]) in (0x2D, LINE_END_HYPHEN) and len(before) > 1 and before[-2].isalnum():
            if not self._vocabulary.keeps_hyphen(before[:-1], after):
                self._parts[-1] = self._parts[-1][:-1]
                self._length -= 1
        elif _breaks_address(before) or (_EAST.match(before[-1]) and _EAST.match(after[0])):
            return
        else:
            self._put(_SPACE)

    def _table(self, grid: Grid, caption: str) -> Table:
        cells: list[Cell] = []
        row = column = 0
        for slot in sorted(grid.slots, key=lambda s: (s.row, s.column)):
            if cells and slot.row != row:
                self._put(_LINE)
            elif cells:
                self._put(_TAB)
            row, column = slot.row, slot.column
            start = self._length
            self._lines(slot.pieces)
            cells.append(Cell(row, column, start, self._length, "", slot.row_span, slot.column_span))
        text = spell(np.concatenate(self._parts), self._sheet.code)
        named = tuple(
            Cell(c.row, c.column, c.start, c.end, text[c.start : c.end], c.row_span, c.column_span) for c in cells
        )
        return Table(named, grid.header_rows, grid.header_columns, caption)


_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[/._=&?%-]$")


def _breaks_address(before: str) -> bool:
    """Whether a line ends inside a web address, which goes on without a space on the next one."""
    return bool(_ADDRESS.search(before))
