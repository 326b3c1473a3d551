"""The headers of a table: how many lines its heading has, which columns each heading is over, which columns name
rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from extractors.reading.gridlines import cells_of
from extractors.reading.lines import Piece
from extractors.reading.regions import Rule

_MOST_HEADER_LINES = 7
_NUMBER = re.compile(
    r"^[~≈<>≥≤±+\-–—$€¥∼]*\s*\d[\d,.]*\s*(?:[%×xXKMBTGkg]|[A-Za-z]{0,3})?\s*(?:[±(/\-–×^].*)?$|^[-–—✓✗×✔✘]+$|^N/?A$"
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
    def left(self) -> float:
        """Where its first line begins."""
        return self.pieces[0][0].left

    @property
    def right(self) -> float:
        """Where its first line ends."""
        return self.pieces[0][-1].right

    @property
    def text(self) -> str:
        """The words of the cell, its lines joined by spaces."""
        return " ".join(p.text for line in self.pieces for p in line)


def is_number(text: str) -> bool:
    """Whether a cell holds a figure and no words: «2.788M», «-», «34.5%»."""
    return bool(_NUMBER.match(text.strip()))


def header_lines_of(rows: list[list[Piece]], bounds: list[tuple[float, float]], full: list[float]) -> int:
    """How many printed lines stand above the first rule that crosses the table, else above the first row of figures."""
    figured = [r for r, row in enumerate(rows) if _mostly_figures(row)]
    figures = figured[0] if figured else None
    above = [n for y in full if 0 < (n := sum((a + b) / 2 < y for a, b in bounds)) < min(len(rows), _MOST_HEADER_LINES)]
    if above:
        # A rule inside the heading parts its own rows; the last one before the figures ends it.
        before = [n for n in above if figures is None or n <= figures]
        if figures is None:
            return above[0]
        if before:
            return before[-1]
        return above[0] if sum(r < above[0] for r in figured) < 3 else max(figures, 1)
    if figures is not None:
        return figures
    return 1 if len(rows) > 1 else 0


def _mostly_figures(row: list[Piece]) -> bool:
    texts = [" ".join(p.text for p in cell) for cell in cells_of(row)]
    body = texts[1:] or texts
    return sum(map(is_number, body)) >= max(1, 0.5 * len(body))


def span_headings(
    table: list[list[Slot]],
    bounds: list[tuple[float, float]],
    rules: Sequence[Rule],
    columns: list[tuple[float, float]],
) -> None:
    """Let headings reach over the columns that a rule below them spans («Shards» over data, sequence and replica).

    Where several headings share a rule, its columns are dealt out so that each heading stands over the middle of its
    own.
    """
    for r, slots in enumerate(table):
        foot = bounds[r][1]
        for rule in rules:
            if not foot - 3 < rule.y < foot + 6:
                continue
            under = [k for k, (a, b) in enumerate(columns) if rule.left - 4 < (a + b) / 2 < rule.right + 4]
            over = [s for s in slots if rule.left - 4 < s.left and s.right < rule.right + 4]
            if not over or not 1 < len(under) < len(columns) or len(over) >= len(under):
                continue
            if any(s not in over and s.column in under for s in slots):
                continue
            middles = tuple((s.left + s.right) / 2 for s in over)
            ends = _deal(middles, tuple(columns[k] for k in under))
            for slot, (first, last) in zip(over, ends, strict=True):
                slot.column, slot.column_span = under[first], last - first + 1


def _deal(middles: tuple[float, ...], columns: tuple[tuple[float, float], ...]) -> list[tuple[int, int]]:
    """Runs of columns, one for each middle and in order, whose own middles are as near to those as can be."""

    @cache
    def best(heading: int, first: int) -> tuple[float, tuple[int, ...]]:
        if heading == len(middles):
            return (0.0, ()) if first == len(columns) else (float("inf"), ())
        found: tuple[float, tuple[int, ...]] = (float("inf"), ())
        for last in range(first, len(columns) - (len(middles) - heading - 1)):
            off = abs((columns[first][0] + columns[last][1]) / 2 - middles[heading])
            rest, ends = best(heading + 1, last + 1)
            found = min(found, (off + rest, (last, *ends)))
        return found

    ends = best(0, 0)[1]
    return [(a + 1, b) for a, b in zip((-1, *ends), ends, strict=False)]


def header_columns_of(slots: list[Slot], header_rows: int, columns: int) -> int:
    found = 0
    for column in range(columns - 1):
        body = [s.text for s in slots if s.column == column and s.row >= header_rows and s.column_span == 1]
        if not body or sum(map(is_number, body)) > 0.5 * len(body):
            break
        found += 1
    return max(1, min(found, columns - 1))
