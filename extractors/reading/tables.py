"""Tables without ruled cells: rows whose words stand in the same columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from extractors.reading.lines import Line, Piece

CELL_GAP = 0.75
_NUMBER = re.compile(
    r"^[~≈<>≥≤±+\-–—$€¥]*\s*\d[\d,.]*\s*(?:[%×xXKMBTGkg]|[A-Za-z]{0,3})?\s*(?:[±(/\-–].*)?$|^[-–—✓✗×✔✘]$|^N/?A$"
)


@dataclass(slots=True)
class Slot:
    """A cell before its text is placed: grid place, spans and the lines of pieces in it."""

    row: int
    column: int
    row_span: int
    column_span: int
    pieces: list[list[Piece]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words of the cell, its lines joined by spaces."""
        return " ".join(p.text for line in self.pieces for p in line)


@dataclass(slots=True)
class Grid:
    """The slots of a table with how many of its rows and columns are headers."""

    slots: list[Slot]
    header_rows: int
    header_columns: int


def cells_of(line: Line) -> list[list[Piece]]:
    """The pieces of a line gathered into cells: a gap wider than a word space parts two cells."""
    cells: list[list[Piece]] = []
    for piece in line.pieces:
        if cells and piece.left - cells[-1][-1].right < CELL_GAP * min(piece.size, cells[-1][-1].size):
            cells[-1].append(piece)
        else:
            cells.append([piece])
    return cells


def build_grid(lines: list[Line]) -> Grid | None:
    """The grid that the lines stand in, or None where their cells share no columns."""
    rows = [cells_of(line) for line in lines]
    columns = _columns(rows)
    if len(columns) < 2:
        return None
    slots: list[Slot] = []
    for r, row in enumerate(rows):
        for cell in row:
            left, right = cell[0].left, max(p.right for p in cell)
            hit = [
                k for k, (a, b) in enumerate(columns) if min(right, b) - max(left, a) > 0.2 * min(right - left, b - a)
            ]
            if not hit:
                middle = (left + right) / 2
                hit = [min(range(len(columns)), key=lambda k: abs(sum(columns[k]) / 2 - middle))]
            same = next((s for s in slots if s.row == r and s.column == hit[0]), None)
            if same:
                same.pieces[0].extend(cell)
                same.column_span = max(same.column_span, hit[-1] - hit[0] + 1)
            else:
                slots.append(Slot(r, hit[0], 1, hit[-1] - hit[0] + 1, [cell]))
    header_rows = _header_rows(slots, len(rows), len(columns))
    return Grid(slots, header_rows, _header_columns(slots, header_rows, len(rows), len(columns)))


def _columns(rows: list[list[list[Piece]]]) -> list[tuple[float, float]]:
    most = max(len(row) for row in rows)
    fitting = [row for row in rows if len(row) >= max(2, 0.5 * most)]
    if not fitting:
        return []
    right = max(p.right for row in fitting for cell in row for p in cell)
    cover = np.zeros(int(right * 2) + 4)
    for row in fitting:
        for cell in row:
            cover[int(cell[0].left * 2) : int(max(p.right for p in cell) * 2) + 1] += 1
    limit = 0.12 * len(fitting) if len(fitting) > 8 else 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], cover > limit, [False]]).astype(np.int8)))
    return [(a / 2, b / 2) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]


def is_number(text: str) -> bool:
    """Whether a cell holds a figure and no words: «2.788M», «-», «34.5%»."""
    return bool(_NUMBER.match(text.strip()))


def _header_rows(slots: list[Slot], rows: int, columns: int) -> int:
    figures = [0] * rows
    words = [0] * rows
    for slot in slots:
        if slot.column and slot.text:
            figures[slot.row] += is_number(slot.text)
            words[slot.row] += not is_number(slot.text)
    for row in range(min(rows, 5)):
        if figures[row] and figures[row] >= words[row]:
            return row
    return 1 if rows > 1 else 0


def _header_columns(slots: list[Slot], header_rows: int, rows: int, columns: int) -> int:
    found = 0
    for column in range(columns - 1):
        body = [s.text for s in slots if s.column == column and s.row >= header_rows and s.column_span == 1]
        if not body or sum(map(is_number, body)) > 0.5 * len(body):
            break
        found += 1
    return max(1, min(found, columns - 1))
