"""Tables whose cells hold several models or figures, as tables with one in each.

«Larch-7B / 13B | 8×H100 / 16×H100 | 2T» is two rows: «Larch-7B | 8×H100 | 2T» and «Larch-13B | 16×H100 | 2T».
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.claims.headers import read_header
from extractors.claims.profile import size_value
from extractors.claims.rows import read_path
from extractors.claims.scene import Tools
from extractors.mentions.models import split_name
from extractors.text import Cell, Table

_PARTED = re.compile(r"\s?/\s?|\s?[,、]\s?(?:and\s)?|\s(?:and|&|和|与)\s")
_SLASHED = re.compile(r"\s?/\s?")
_SIZE = re.compile(r"\d+(?:\.\d+)?\s?[BM](?:-A\d+(?:\.\d+)?B)?", re.I)
_BARE = re.compile(r"~?\d[\d.,]*\s?[kKMBT]?")
_UNIT = re.compile(r"~?\d[\d.,]*(?:\s?[kKMBT](?![A-Za-z]))?(?P<unit>(?:\s|[×x*]).*\S)")
_MOST_NAMES = 6
_SUMS = {"chip_hours", "cost", "energy", "emissions", "training_compute"}
"""What several models may have used together: one figure for all of them is not each one's."""


def unfold(table: Table, tools: Tools) -> Table:
    """The table with a row, or a column, for each model where one names several; as it is where none does.

    Figures that are parted alike are dealt out in order. A figure that stands alone is everybody's, but for one that
    may be their sum («GPU hours»).
    """
    if not any("/" in cell.text or "," in cell.text for cell in table.cells):
        return table
    for row in range(table.shape[0] - 1, table.header_rows - 1, -1):
        names = next((n for c in table.row(row)[:2] if c.row_span == 1 and (n := _names(c.text, tools))), None)
        if names:
            table = _deal_rows(table, row, names, tools)
    for column in range(table.shape[1] - 1, 0, -1):
        heads = [c for c in table.cells if c.column == column and c.row < table.header_rows and c.column_span == 1]
        names = next((n for c in heads if (n := _names(c.text, tools))), None)
        if names:
            table = _deal_columns(table, column, names, tools)
    return table


def _names(text: str, tools: Tools) -> list[str] | None:
    """The models that a cell lists: each in full, or by its size behind the first («Larch-7B / 13B»)."""
    parts = [p.strip() for p in _PARTED.split(text.strip()) if p and p.strip()]
    if not 2 <= len(parts) <= _MOST_NAMES:
        return None
    first = tools.models.find(parts[0])
    if not first or not first[0].size or size_value(first[0].size) is None:
        return None
    found = [parts[0]]
    for part in parts[1:]:
        if _SIZE.fullmatch(part):
            whole = re.sub(_SIZE, part, parts[0], count=1)
            if whole == parts[0]:
                return None
            found.append(whole)
        elif tools.models.find(part) and split_name(part).size:
            found.append(part)
        else:
            return None
    return found


def _deal(cell: Cell, names: Sequence[str], label: str, tools: Tools) -> list[Cell]:
    """A cell as each of several models has it, under a label that says what it is."""
    text = cell.text.strip()
    if text.startswith(names[0]) and len(_PARTED.split(text)) == len(names):
        return [replace(cell, text=name) for name in names]
    parts = [p.strip() for p in _SLASHED.split(text)]
    if len(parts) != len(names) or not all(parts):
        summed = read_header(label, tools).role in _SUMS
        return [replace(cell, text="") if summed else cell] * len(names)
    unit = _UNIT.fullmatch(parts[-1])
    if unit and all(_BARE.fullmatch(p) for p in parts[:-1]):
        parts = [*(p + unit["unit"] for p in parts[:-1]), parts[-1]]
    return [replace(cell, text=part) for part in parts]


def _deal_rows(table: Table, row: int, names: Sequence[str], tools: Tools) -> Table:
    more = len(names) - 1
    cells: list[Cell] = []
    for cell in table.cells:
        if cell.row > row:
            cells.append(replace(cell, row=cell.row + more))
        elif cell.row == row and cell.row_span == 1:
            dealt = _deal(cell, names, read_path(table, cell.column), tools)
            cells += [replace(c, row=row + i) for i, c in enumerate(dealt)]
        elif cell.row + cell.row_span > row:
            cells.append(replace(cell, row_span=cell.row_span + more))
        else:
            cells.append(cell)
    return replace(table, cells=tuple(cells))


def _deal_columns(table: Table, column: int, names: Sequence[str], tools: Tools) -> Table:
    more = len(names) - 1
    cells: list[Cell] = []
    for cell in table.cells:
        if cell.column > column:
            cells.append(replace(cell, column=cell.column + more))
        elif cell.column == column and cell.column_span == 1:
            label = table.at(cell.row, 0)
            dealt = _deal(cell, names, label.text if label else "", tools)
            cells += [replace(c, column=column + i) for i, c in enumerate(dealt)]
        elif cell.column + cell.column_span > column:
            cells.append(replace(cell, column_span=cell.column_span + more))
        else:
            cells.append(cell)
    return replace(table, cells=tuple(cells))
