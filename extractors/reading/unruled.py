"""Tables without rules: rows of a column whose words stand below each other."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median

from extractors.reading.captions import CAPTION
from extractors.reading.gridlines import cells_of
from extractors.reading.lines import Line, Sheet
from extractors.reading.table_headers import is_number
from extractors.reading.tables import Grid, build_grid

_EQUATION = re.compile(r"^\(\d+[a-z]?(?:\.\d+)?\)$")
_LEADERS = re.compile(r"(?:\.\s?){4,}")
_MATHS = re.compile(r"[=∑∏∫√∈≤≥←∇∂]")
_LONG_CELL = 50
_WIDE_GAP = 1.4
_SECTION = re.compile(r"(?:[A-Z]|\d{1,2})(?:\.\d{1,2})*\.?$")
_LONG_LIST = 15


def unruled_grid(sheet: Sheet, lines: list[Line], at: int, captioned: bool) -> tuple[int, Grid] | None:
    """The table without rules that begins at a line: where it ends and its grid; None where none begins there.

    Without a caption (`captioned`) it takes figures or a clean alignment to tell a table from a formula or a drawing.
    """
    end = unruled_end(lines, at)
    if not end:
        return None
    texts = [x.text for x in lines[at:end]]
    if sum(bool(_LEADERS.search(t)) for t in texts) > 0.3 * len(texts):
        return None
    if not captioned and sum(x.mono for x in lines[at:end]) > 0.5 * (end - at):
        return None
    grid = build_grid(sheet, [p for x in lines[at:end] for p in x.pieces])
    if grid is None:
        return None
    rows = max(s.row for s in grid.slots) + 1
    columns = max(s.column + s.column_span for s in grid.slots)
    last = [s for s in grid.slots if s.column + s.column_span == columns]
    if sum(bool(_EQUATION.match(s.text)) for s in last) >= 0.5 * len(last):
        return None
    first = [s.text for s in grid.slots if s.column == 0]
    if columns == 2 and not captioned and all(_SECTION.match(t) for t in first):
        return None
    counted = len(first) > 3 and all(t.isdecimal() for t in first) and int(first[-1]) - int(first[0]) == len(first) - 1
    if counted and not any(is_number(s.text) for s in grid.slots if s.column):
        return None
    filled = sum(s.column_span for s in grid.slots) / (rows * columns)
    words = sum(s.text.count(" ") + 1 for s in grid.slots) / len(grid.slots)
    if filled < 0.45 or (words > 6 and not captioned):
        return None
    if captioned:
        return end, grid
    figures = sum(is_number(s.text) for s in grid.slots) / len(grid.slots)
    if figures < 0.1 and rows > _LONG_LIST:
        return None
    if figures < 0.2 and (rows < 3 or max(len(s.text) for s in grid.slots) > _LONG_CELL):
        return None
    if figures < 0.1 and _narrowest(lines[at:end]) < _WIDE_GAP:
        return None
    if not grid.header_rows and _counts_pages(grid):
        return None
    maths = sum(bool(_MATHS.search(t)) for t in texts) / len(texts)
    if maths > 0.3 or (figures < 0.2 and not _aligned(grid)):
        return None
    return end, grid


def _narrowest(lines: list[Line]) -> float:
    """The median of the narrowest gaps between the cells of the lines, in heights of their letters: stretched prose
    has small ones.
    """
    gaps = []
    for line in lines:
        cells = cells_of(line.pieces)
        gaps += [min((b[0].left - a[-1].right) / line.size for a, b in pairwise(cells))] if len(cells) > 1 else []
    return median(gaps)


def _counts_pages(grid: Grid) -> bool:
    """Whether the last column counts up and no other one has figures but of sections: a table of contents."""
    columns = max(s.column + s.column_span for s in grid.slots)
    last = [s.text for s in grid.slots if s.column + s.column_span == columns]
    if len(last) < 2 or not all(t.isdecimal() for t in last):
        return False
    return all(int(a) <= int(b) for a, b in pairwise(last))


def _aligned(grid: Grid) -> bool:
    """Whether the cells of each of the first two columns begin, or are centred, on one line down the page."""
    for column in (0, 1):
        cells = [s.pieces[0] for s in grid.slots if s.column == column]
        begins, centres = [c[0].left for c in cells], [(c[0].left + c[-1].right) / 2 for c in cells]
        if not (_on_one_line(begins) or _on_one_line(centres)):
            return False
    return True


def _on_one_line(places: list[float]) -> bool:
    middle = median(places)
    return sum(abs(x - middle) < 3 for x in places) >= 0.75 * len(places)


def unruled_end(lines: list[Line], at: int) -> int:
    """Where a table without rules that begins at a line ends, or 0 where none begins there."""
    if len(cells_of(lines[at].pieces)) < 2 or CAPTION.match(lines[at].text):
        return 0
    end, last = at + 1, at + 1
    many = 1
    width = lines[at].right - lines[at].left
    while end < len(lines):
        line, before = lines[end], lines[end - 1]
        if line.top - before.bottom > 1.6 * max(line.size, before.size) or CAPTION.match(line.text):
            break
        if len(cells_of(line.pieces)) > 1:
            many += 1
            last = end + 1
            width = max(width, line.right - line.left)
        elif end - last >= (2 if many < 3 else 1) or line.right - line.left > 0.75 * width:
            break
        end += 1
    widest = max(len(cells_of(x.pieces)) for x in lines[at:last])
    return last if many >= 3 or (many == 2 and widest >= 3) else 0
