"""Blocks written out as the text of a page, with the glyph that each character came from."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from extractors.reading.glyphs import LINE_END_HYPHEN
from extractors.reading.hyphens import Vocabulary
from extractors.reading.lines import Piece, Sheet, spell
from extractors.reading.paragraphs import Draft
from extractors.reading.table_headers import Slot
from extractors.reading.tables import Grid
from extractors.text import Block, Cell, Kind, Page, Quality, Table

_EAST = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_SPACE, _TAB, _LINE = -0x20, -0x09, -0x0A
_PRINTED_LINES = frozenset({Kind.CODE, Kind.FIGURE})


class Composer:
    """Writes the blocks of one page: blocks parted by an empty line, lines of prose joined, cells of a row parted by
    a tab.
    """

    def __init__(self, sheet: Sheet, vocabulary: Vocabulary) -> None:
        self._sheet = sheet
        self._vocabulary = vocabulary
        self._parts: list[NDArray[np.int64]] = []
        self._length = 0

    def page(self, drafts: list[Draft], quality: Quality) -> Page:
        """The page that the drafts make, in their order."""
        sheet = self._sheet
        spans: list[tuple[int, int, list[tuple[Slot, int, int]]]] = []
        for draft in drafts:
            if spans:
                self._put(_LINE, _LINE)
            start = self._length
            cells = self._table(draft.grid) if draft.grid else []
            if not draft.grid:
                self._lines([line.pieces for line in draft.lines], draft.kind in _PRINTED_LINES)
            spans.append((start, self._length, cells))
        sequence = np.concatenate(self._parts) if self._parts else np.zeros(0, np.int64)
        sheet.code[sheet.code == LINE_END_HYPHEN] = ord("-")
        text = spell(sequence, sheet.code)
        geometry = np.full((len(sequence), 4), np.nan, np.float32)
        real = sequence >= 0
        geometry[real] = sheet.box[sequence[real]]
        captions = {id(d): text[start:end] for d, (start, end, _) in zip(drafts, spans, strict=True)}
        blocks = tuple(
            Block(d.kind, start, end, d.section, d.level, _table(d, cells, text, captions))
            for d, (start, end, cells) in zip(drafts, spans, strict=True)
        )
        return Page(sheet.number, text, blocks, geometry, *sheet.shown, quality)

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

    def _table(self, grid: Grid) -> list[tuple[Slot, int, int]]:
        """Write the rows of a grid; each slot with the span that it got."""
        placed: list[tuple[Slot, int, int]] = []
        row = 0
        for slot in sorted(grid.slots, key=lambda s: (s.row, s.column)):
            if placed:
                self._put(_TAB if slot.row == row else _LINE)
            row = slot.row
            start = self._length
            self._lines(slot.pieces)
            placed.append((slot, start, self._length))
        return placed


def _table(draft: Draft, cells: list[tuple[Slot, int, int]], text: str, captions: dict[int, str]) -> Table | None:
    grid = draft.grid
    if grid is None:
        return None
    named = (Cell(s.row, s.column, a, b, text[a:b], s.row_span, s.column_span) for s, a, b in cells)
    return Table(tuple(named), grid.header_rows, grid.header_columns, captions.get(id(draft.caption), ""))


_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[/._=&?%-]$")


def _breaks_address(before: str) -> bool:
    """Whether a line ends inside a web address, which goes on without a space on the next one."""
    return bool(_ADDRESS.search(before))
