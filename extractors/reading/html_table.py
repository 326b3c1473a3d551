"""HTML tables to grids: spans resolved, header rows and columns found, several values in a cell kept apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml.etree import _Element

from extractors.reading.blocks import Entry, Grid
from extractors.reading.html_markup import classes, tag_of

_WIDEST_SPAN = 100
_LONGEST_SPAN = 1000
_VALUE = re.compile(r"[~≈≥≤<>$¥€£+\-–−±]*\s*\d")
_NAMES_COLUMNS = re.compile(r"model|size|name|config|version|variant|模型|规模|版本|名称|モデル", re.I)
_MEASURED = re.compile(r"\d+(?:\.\d+)?\s?%?")
_NUMERIC = re.compile(r"[~≈≥≤<>$¥€£+\-–−±(]*\s*\d[\d.,]*\s*(?:%|[a-zA-Z/×·^\-\d.()]{0,12})\)?|[-–—✓✗✔✘×?/]|n/?a|", re.I)


@dataclass(frozen=True, slots=True)
class _Source:
    """A cell as the page has it: whether it is marked (or set in bold) as a header."""

    entry: Entry
    header: bool
    bold: bool
    in_head: bool


def read_table(table: _Element, read: Callable[[_Element], str], caption: str = "") -> Grid:
    """The grid of a `table` element. `read` gives the text of a cell; `caption` is one found outside the table.

    Spans are resolved as browsers do. Header rows are those of `thead`, else the leading rows marked `th` or set in
    bold throughout; a header cell that spans two rows makes both header rows. Without any mark the first row names the
    columns unless it holds figures. The first column names the rows, and so does the second where the first groups
    several rows («7B | pre-training | 184320» below a «Model» that spans its stages).
    """
    sources = _place(table, read)
    own = next((child for child in table if tag_of(child) == "caption"), None)
    if own is not None:
        caption = read(own) or caption
    sources = _drop_empty_lines(sources)
    rows = _count_header_rows(sources)
    return Grid(tuple(source.entry for source in sources), rows, _count_header_columns(sources, rows), caption)


def _rows(table: _Element) -> Iterator[tuple[_Element, bool]]:
    """The rows of this table and not of tables inside it, and whether each stands in `thead`."""
    for child in table:
        name = tag_of(child)
        if name == "tr":
            yield child, False
        elif name in {"thead", "tbody", "tfoot"}:
            for row in child:
                if tag_of(row) == "tr":
                    yield row, name == "thead"


def _span(cell: _Element, name: str, limit: int) -> int:
    found = re.match(r"\s*(\d{1,5})", cell.get(name) or "")
    return min(max(int(found[1]), 1), limit) if found else 1


def _place(table: _Element, read: Callable[[_Element], str]) -> list[_Source]:
    taken: dict[int, int] = {}
    sources: list[_Source] = []
    listed = list(_rows(table))
    for at, (row, in_head) in enumerate(listed):
        column = 0
        for cell in row:
            name = tag_of(cell)
            if name not in {"td", "th"}:
                continue
            while taken.get(column, 0) > at:
                column += 1
            across = _span(cell, "colspan", _WIDEST_SPAN)
            down = min(_span(cell, "rowspan", _LONGEST_SPAN), len(listed) - at)
            for covered in range(column, column + across):
                taken[covered] = at + down
            text = read(cell)
            header = name == "th" or "ltx_th" in classes(cell)
            sources.append(_Source(Entry(at, column, text, down, across), header, _is_bold(cell, text), in_head))
            column += across
    return sources


def _is_bold(cell: _Element, text: str) -> bool:
    if not text:
        return False
    only = [child for child in cell if tag_of(child) != "br"]
    return (
        bool(only)
        and not (cell.text or "").strip()
        and all(tag_of(child) in {"b", "strong"} and not (child.tail or "").strip() for child in only)
    )


def _drop_empty_lines(sources: list[_Source]) -> list[_Source]:
    """Without leading rows that hold no word: the empty header that a pipe table must have («| | |»)."""
    while sources:
        first = sources[0].entry.row
        line = [source for source in sources if source.entry.row == first]
        if any(source.entry.text for source in line) or len(line) == len(sources):
            break
        sources = sources[len(line) :]
    first = sources[0].entry.row if sources else 0
    if not first:
        return sources
    return [
        _Source(
            Entry(s.entry.row - first, s.entry.column, s.entry.text, s.entry.row_span, s.entry.column_span),
            s.header,
            s.bold,
            False,
        )
        for s in sources
    ]


def _count_header_rows(sources: list[_Source]) -> int:
    lines: dict[int, list[_Source]] = {}
    for source in sources:
        lines.setdefault(source.entry.row, []).append(source)
    last = max((s.entry.row + s.entry.row_span for s in sources), default=0)
    width = max((s.entry.column + s.entry.column_span for s in sources), default=0)
    start = 0
    while start < last - 2 and _is_banner(lines.get(start, []), width):
        start += 1
    if last - start < 2 or _is_pair_of_values(lines.get(start, []), width):
        return 0
    end = start
    while end < last - 1 and _is_marked(lines.get(end, [])):
        down = [s.entry.row_span for s in lines[end] if s.entry.row_span < last] if end == start else []
        end = min(end + max(down, default=1), last - 1)
    if end > start:
        headless = end == last - 1 and not any(s.in_head for s in lines[end - 1])
        return start + 1 if headless and last > 2 else end
    first = lines.get(start, [])
    named = len(first) > 1 and (_heads_columns(first[0]) or not any(_VALUE.match(s.entry.text) for s in first[1:]))
    return min(start + max((s.entry.row_span for s in first), default=1), last - 1) if named else 0


def _is_marked(line: list[_Source]) -> bool:
    words = [s for s in line if s.entry.text]
    return bool(words) and (all(s.header or s.bold for s in words) or all(s.in_head for s in line))


def _is_banner(line: list[_Source], width: int) -> bool:
    """A row that is one cell across the whole table, as a title set into it."""
    return len(line) == 1 and width > 1 and line[0].entry.column_span == width


def _is_pair_of_values(line: list[_Source], width: int) -> bool:
    """Whether a table of two columns begins with «Hours | 1720», naming its rows alone; «Model | 7B» heads them."""
    if width != 2 or len(line) != 2 or not _VALUE.match(line[1].entry.text):
        return False
    return not _heads_columns(line[0])


def _heads_columns(corner: _Source) -> bool:
    """Whether the top left cell says that the cells beside it are names: it is empty, or «Model», «模型规模»."""
    return not corner.entry.text or _NAMES_COLUMNS.search(corner.entry.text) is not None


def _measures(sources: list[_Source], body: list[_Source]) -> bool:
    """Whether the first column holds measurements as the others do («90.5» below «HellaSwag») and names nothing."""
    first = [s.entry.text for s in body if s.entry.column == 0]
    if not first or _heads_columns(sources[0]) or sources[0].entry.row == body[0].entry.row:
        return False
    return all(map(_MEASURED.fullmatch, first)) and any("." in text or "%" in text for text in first)


def _count_header_columns(sources: list[_Source], header_rows: int) -> int:
    body = [s for s in sources if s.entry.row >= header_rows]
    width = max((s.entry.column + s.entry.column_span for s in sources), default=0)
    if width < 2 or not body or _measures(sources, body):
        return 0
    count = 1
    while count < width - 1:
        column = [s for s in body if s.entry.column == count]
        before = [s for s in body if s.entry.column == count - 1]
        marked = bool(column) and all(s.header for s in column)
        groups = any(s.entry.row_span > 1 for s in before) or any(not s.entry.text for s in before[1:])
        grouped = groups and not any(s.entry.text and _NUMERIC.fullmatch(s.entry.text) for s in column)
        if not (marked or grouped):
            break
        count += 1
    return count
