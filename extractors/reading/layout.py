"""From lines to blocks: headings, paragraphs, items, captions, tables, footnotes and references in reading order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from statistics import median

from extractors.reading.columns import find_gutters, split_strips
from extractors.reading.lines import Line, Sheet, rows_of
from extractors.reading.tables import Grid, build_grid, cells_of
from extractors.text import Kind

CAPTION = re.compile(
    r"^(?:(Table|Tab\.|TABLE|表)|(?:Figure|Fig\.|FIGURE|FIG\.|Algorithm|Listing|图|圖|図))\s*\d+[\d.]*[a-z]?\s*(?:[:.|：。]|\s|$)"
)
_NUMBERED = re.compile(r"^((?:[A-Z]|\d{1,2})(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])")
_ITEM = re.compile(r"^(?:[•·▪◦‣∙●○■□◆➢–—*]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+\S")
# An entry of a table of contents ends in the number of a page.
_LEADER = re.compile(r"(?:\.\s*){3,}\d*$|\s\d{1,3}$")
_REFERENCES = re.compile(r"^(?:\d+\.?\s+|[A-Z]\.?\s+)?(?:references?|bibliography|参考文献|參考文獻)$", re.IGNORECASE)


@dataclass(slots=True)
class Draft:
    """A block before its text is placed on the page."""

    kind: Kind
    lines: list[Line]
    grid: Grid | None = None
    level: int = 0
    section: tuple[str, ...] = ()
    caption: str = ""

    @property
    def text(self) -> str:
        """The words of the block, for judging it."""
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class Strip:
    """The lines of one column or full-width band, top down."""

    lines: list[Line]
    left: float
    right: float
    drafts: list[Draft] = field(default_factory=list)


def strips_of(sheet: Sheet, size: float) -> list[Strip]:
    """The lines of a page by column and band, in reading order."""
    gutters = find_gutters(sheet.pieces, sheet.width, size)
    found = []
    for part in split_strips(sheet.pieces, gutters, sheet.width):
        lines = [Line(row) for row in rows_of(part.pieces)]
        if lines:
            found.append(Strip(lines, min(x.left for x in lines), max(x.right for x in lines)))
    return found


def draft_strip(strip: Strip, size: float) -> list[Draft]:
    """The blocks of a strip, in order; `size` is the height of the document's body letters."""
    lines = strip.lines
    drafts: list[Draft] = []
    at = 0
    while at < len(lines):
        end = _table_end(lines, at)
        if end:
            grid = build_grid(lines[at:end])
            if grid:
                drafts.append(Draft(Kind.TABLE, lines[at:end], grid))
                at = end
                continue
        end = _paragraph_end(strip, at)
        drafts.append(Draft(_kind(lines[at:end], size), lines[at:end]))
        at = end
    return drafts


def _table_end(lines: list[Line], at: int) -> int:
    if len(cells_of(lines[at])) < 2 or CAPTION.match(lines[at].text):
        return 0
    end, last = at + 1, at + 1
    many = 1
    while end < len(lines):
        line, before = lines[end], lines[end - 1]
        if line.top - before.bottom > 1.6 * max(line.size, before.size) or CAPTION.match(line.text):
            break
        cells = cells_of(line)
        if len(cells) > 1:
            many += 1
            last = end + 1
        elif end - last >= 1 or line.right - line.left > 0.75 * (max(x.right for x in lines[at:last]) - lines[at].left):
            break
        end += 1
    widest = max(len(cells_of(x)) for x in lines[at:last])
    return last if many >= 3 or (many == 2 and widest >= 3) else 0


def _paragraph_end(strip: Strip, at: int) -> int:
    lines = strip.lines
    first = lines[at]
    leading = 0.0
    end = at + 1
    while end < len(lines):
        line, before = lines[end], lines[end - 1]
        gap = line.top - before.bottom
        if abs(line.size - before.size) > 0.12 * max(line.size, before.size):
            break
        if gap > max(0.75 * line.size, leading + 0.3 * line.size) or line.bold != before.bold:
            break
        if CAPTION.match(line.text) or _ITEM.match(line.text):
            break
        indent = line.left - strip.left
        if (
            indent > 0.8 * line.size
            and before.left - strip.left < 0.5 * line.size
            and end - at > 1
            and first.left - strip.left < 0.8 * line.size
        ):
            break
        if before.right < strip.right - 0.25 * (strip.right - strip.left) and indent > 0.8 * line.size:
            break
        if _NUMBERED.match(line.text) and before.right < strip.right - 2 * line.size and line.bold:
            break
        if len(cells_of(line)) > 1 and _table_end(lines, end):
            break
        leading = max(gap, 0.0) if end == at + 1 else min(leading, max(gap, 0.0))
        end += 1
    return end


def _kind(lines: list[Line], size: float) -> Kind:
    text = lines[0].text
    if CAPTION.match(text):
        return Kind.CAPTION
    if _ITEM.match(text):
        return Kind.ITEM
    whole = " ".join(x.text for x in lines)
    if (
        len(lines) <= 3
        and len(whole) < 160
        and any(c.isalpha() for c in whole)
        and not whole.endswith((",", ";", "。"))
    ):
        big = lines[0].size > 1.12 * size
        if _REFERENCES.match(whole):
            return Kind.HEADING
        if (big or lines[0].bold) and lines[0].size > 0.9 * size and len(whole) < 120 and not _LEADER.search(whole):
            return Kind.HEADING
    return Kind.PARAGRAPH


def place_sections(drafts: list[Draft], path: list[tuple[float, int, str]]) -> None:
    """Give each block the headings that it stands under; `path` carries them from page to page.

    A numbered heading («3.1 Setup») stands by its number; another one by the height of its letters.
    """
    references = bool(path) and bool(_REFERENCES.match(path[-1][2]))
    for draft in drafts:
        if draft.kind is Kind.HEADING:
            text = draft.text.strip()
            number = _NUMBERED.match(text)
            size = round(median(x.size for x in draft.lines), 1)
            level = number[1].count(".") + 1 if number else 0
            while path and not _outranks(path[-1], size, level):
                path.pop()
            draft.section = tuple(p[2] for p in path)
            path.append((size, level, text))
            draft.level = len(path)
            references = bool(_REFERENCES.match(text))
        else:
            draft.section = tuple(p[2] for p in path)
            if references and draft.kind in (Kind.PARAGRAPH, Kind.ITEM):
                draft.kind = Kind.REFERENCE


def _outranks(upper: tuple[float, int, str], size: float, level: int) -> bool:
    if upper[1] and level:
        return upper[1] < level
    return upper[0] > size + 0.3
