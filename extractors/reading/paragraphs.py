"""The lines of a column as blocks: headings, paragraphs, items, captions, footnotes, listings, tables without rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from extractors.reading.captions import CAPTION, names_table
from extractors.reading.gridlines import cells_of
from extractors.reading.lines import Line, Sheet
from extractors.reading.tables import Grid
from extractors.reading.unruled import unruled_end, unruled_grid
from extractors.text import Box, Kind

NUMBERED = re.compile(r"^((?:[A-Z]|\d{1,2})(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])")
_BULLET = re.compile(r"^[•·▪◦‣∙●○■□◆➢✓–—*]\s+\S")
_ORDERED = re.compile(r"^\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+\S")
# An entry of a table of contents ends in the number of a page.
_LEADER = re.compile(r"(?:\.\s*){3,}\d*$|\s\d{1,3}$")
_CHAPTER = re.compile(r"^第?[一二三四五六七八九十]+[、章节節]")
REFERENCES = re.compile(
    r"^(?:\d+\.?\s+|[A-Z]\.?\s+)?(?:references?(?: and notes)?|bibliography|literature cited|参考文献|參考文獻)$",
    re.IGNORECASE,
)
_NEAR = 8
_LABELLED = re.compile(r"(?=\S*[A-Z一-鿿])[^\s:：.。][^:：.。]{1,38}[:：]\s?\S")
_ENDS = re.compile(r"[.!?:;。！？：；…][)\]\"'”’⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
_NUMBERED_NOTE = re.compile(r"^\d{1,3}[.)]?\s+\S")
_NOTE = re.compile(r"^[⁰¹²³⁴⁵⁶⁷⁸⁹∗*†‡§¶]")


@dataclass(slots=True)
class Draft:
    """A block before its text is placed on the page."""

    kind: Kind
    lines: list[Line]
    grid: Grid | None = None
    level: int = 0
    section: tuple[str, ...] = ()
    caption: Draft | None = None
    framed: bool = False

    @property
    def text(self) -> str:
        """The words of the block, for judging it."""
        return " ".join(line.text for line in self.lines)

    @property
    def box(self) -> Box:
        """The area of the block."""
        lines = self.lines
        left, right = min(x.left for x in lines), max(x.right for x in lines)
        return Box(left, min(x.top for x in lines), right, max(x.bottom for x in lines))


@dataclass(slots=True)
class Island:
    """A table or figure that stands by itself among the columns of a page."""

    box: Box
    draft: Draft


@dataclass(slots=True)
class Column:
    """The lines of one column or full-width band, top down, with the islands that stand in it."""

    lines: list[Line]
    left: float
    right: float
    islands: list[Island] = field(default_factory=list)
    tables: dict[tuple[int, bool], tuple[int, Grid] | None] = field(default_factory=dict)
    barren: int = 0


def draft_column(sheet: Sheet, column: Column, size: float) -> list[Draft]:
    """The blocks of a column, in order; `size` is the height of the document's body letters."""
    lines = column.lines
    drafts: list[Draft] = []
    waiting = list(column.islands)
    at = 0
    while at < len(lines):
        while waiting and (waiting[0].box.top + waiting[0].box.bottom) / 2 < lines[at].top:
            drafts.append(waiting.pop(0).draft)
        table = _table_at(sheet, column, at, _captioned(drafts, lines, at)) if len(lines[at].pieces) > 1 else None
        if table:
            drafts.append(Draft(Kind.TABLE, lines[at : table[0]], table[1]))
            at = table[0]
            continue
        end = _block_end(sheet, column, at)
        kind = _kind(lines[at:end], size)
        if kind is Kind.PARAGRAPH and _is_unmarked_item(column, at, end):
            kind = Kind.ITEM
        drafts.append(Draft(kind, lines[at:end]))
        at = end
    drafts.extend(island.draft for island in waiting)
    _mark_footnotes(drafts, size)
    return drafts


def _table_at(sheet: Sheet, column: Column, at: int, captioned: bool) -> tuple[int, Grid] | None:
    """The table without rules that begins at a line of a column; looked for once and kept with the column.

    Where rows that hang together make no table, their last ones make none either, unless a caption says so.
    """
    if at < column.barren and not captioned:
        return None
    if (at, captioned) not in column.tables:
        found = unruled_grid(sheet, column.lines, at, captioned)
        column.tables[at, captioned] = found
        if found is None:
            column.barren = max(column.barren, unruled_end(column.lines, at))
    return column.tables[at, captioned]


def _captioned(drafts: list[Draft], lines: list[Line], at: int) -> bool:
    """Whether the caption of a table stands right above a line, or below the rows that follow it."""
    if drafts and drafts[-1].kind is Kind.CAPTION and names_table(drafts[-1].lines[0].text):
        return True
    for k in range(at + 1, min(at + 40, len(lines))):
        if CAPTION.match(lines[k].text):
            return names_table(lines[k].text)
        if lines[k].top - lines[k - 1].bottom > 2.5 * lines[k].size:
            return False
    return False


def _block_end(sheet: Sheet, column: Column, at: int) -> int:
    lines = column.lines
    first = lines[at]
    item = bool(_BULLET.match(first.text) or _ORDERED.match(first.text))
    caption = bool(CAPTION.match(first.text))
    leading = 0.0
    end = at + 1
    while end < len(lines):
        line, before = lines[end], lines[end - 1]
        gap = line.top - before.bottom
        if abs(line.size - before.size) > 0.14 * max(line.size, before.size):
            break
        if gap > max(0.75 * line.size, leading + 0.3 * line.size) or line.mono != before.mono:
            break
        if line.bold != before.bold and not caption:
            # «The first three lessons hold for any chip, and» may be bold as far as the line goes.
            runs_on = before.bold and before.right > column.right - 1.5 * line.size and not _ENDS.search(before.text)
            if not runs_on and not (item and before.bold):
                break
        apart = gap > leading + 0.12 * line.size or before.right < column.right - 2 * line.size
        if CAPTION.match(line.text) and (apart or _ENDS.search(before.text)) and not _starts_prose(line.text):
            break
        if _begins_item(line, lines[at:end], item, column):
            break
        if not (item or caption) and _broken_off(column, end):
            break
        if line.mono:
            leading = max(leading, gap)
            end += 1
            continue
        hanging = item and len(lines[at:end]) > 1 and lines[at + 1].left > first.left + 0.5 * line.size
        if hanging and line.left < first.left - 0.5 * line.size:
            break
        if not (hanging or caption) and (not item or end - at > 1) and _begins_paragraph(column, lines[at:end], line):
            break
        if NUMBERED.match(line.text) and line.bold and before.right < column.right - 2 * line.size:
            break
        if len(cells_of(line.pieces)) > 1 and _table_at(sheet, column, end, _captioned([], lines, end)):
            break
        leading = max(gap, 0.0) if end == at + 1 else min(leading, max(gap, 0.0))
        end += 1
    return end


def _starts_prose(text: str) -> bool:
    """«Figure 11.» alone ends a sentence, however the line begins."""
    return len(text) < 14 and text.endswith(".")


def _begins_item(line: Line, above: list[Line], item: bool, column: Column) -> bool:
    if _BULLET.match(line.text):
        return True
    if not _ORDERED.match(line.text):
        return False
    if item and len(above) > 1:
        # Continuation lines hang below the words of the item; its siblings begin where its mark stands.
        return line.left < above[0].left + 3 or above[1].left <= above[0].left + 3
    ends = above[-1].right < column.right - 2 * line.size or _ENDS.search(above[-1].text) is not None
    return item or ends or line.left > above[-1].left + 0.8 * line.size


def _broken_off(column: Column, at: int) -> bool:
    """Whether a line ended where it did not have to: the next one's first word would have stood behind it.

    Lists whose marks are drawn and not written have nothing else to tell their items by. Only lines that are set in
    from the column, and those that begin with a label («Hours used: 350»), are judged, since text also runs around
    pictures.
    """
    line, before = column.lines[at], column.lines[at - 1]
    first = re.match(r"\S+", line.text)
    if (
        abs(line.left - before.left) > 2
        or first is None
        or line.mono
        or not before.text
        or before.text.endswith(("-", "\ufffe"))
    ):
        return False
    inset = line.left - column.left > 0.8 * line.size
    labelled = _LABELLED.match(line.text) is not None
    if inset and labelled and _LABELLED.match(before.text):
        return True
    letter = (line.right - line.left) / max(1, len(line.text))
    needed = letter * (len(first[0]) + 1) + 0.6 * line.size
    if column.right - before.right < needed:
        return False
    if labelled:
        return True
    # An abstract or a quotation is set in from the right, too.
    beside = [x.right for x in column.lines[max(0, at - _NEAR) : at + _NEAR] if abs(x.left - line.left) < 2]
    return inset and max(beside) - before.right >= needed


def _is_unmarked_item(column: Column, at: int, end: int) -> bool:
    """Whether a block is an item of a list whose marks are not written: set in, and parted from one like it."""
    lines, first = column.lines, column.lines[at]
    if first.left - column.left <= 0.8 * first.size:
        return False
    return (end < len(lines) and _broken_off(column, end)) or (at > 0 and _broken_off(column, at))


def _begins_paragraph(column: Column, above: list[Line], line: Line) -> bool:
    indent = line.left - column.left
    if indent < 0.8 * line.size:
        return False
    before = above[-1]
    if before.right < column.right - 0.25 * (column.right - column.left):
        return line.left > before.left + 0.5 * line.size or _ENDS.search(before.text) is not None
    return before.left - column.left < 0.5 * line.size and len(above) > 1


def _kind(lines: list[Line], size: float) -> Kind:
    text = lines[0].text
    if CAPTION.match(text) and not (len(lines) == 1 and _starts_prose(text)):
        return Kind.CAPTION
    if _is_heading(lines, size):
        return Kind.HEADING
    if all(x.mono for x in lines) and (len(lines) > 1 or len(text) > 30):
        return Kind.CODE
    if _BULLET.match(text) or _ORDERED.match(text):
        return Kind.ITEM
    return Kind.PARAGRAPH


def _is_heading(lines: list[Line], size: float) -> bool:
    whole = " ".join(x.text for x in lines).strip()
    if REFERENCES.match(whole):
        return True
    if (
        len(lines) > 3
        or not 1 < len(whole) < 140
        or sum(c.isalpha() for c in whole) < 0.5 * len(whole.replace(" ", ""))
    ):
        return False
    if whole.endswith((",", ";", "。", "，")) or (_LEADER.search(whole) and not NUMBERED.match(whole)):
        return False
    if re.search(r"(?:\.\s*){4,}", whole) or _BULLET.match(whole):
        return False
    big = lines[0].size > 1.12 * size
    if lines[0].size < 0.88 * size:
        return False
    return big or lines[0].bold or bool(len(lines) == 1 and _CHAPTER.match(whole) and len(whole) < 30)


def _mark_footnotes(drafts: list[Draft], size: float) -> None:
    """Notes at the foot of a column: small letters under the text, from the first that begins with a raised mark."""
    foot = len(drafts)
    while foot > 0:
        draft = drafts[foot - 1]
        if draft.kind not in (Kind.PARAGRAPH, Kind.ITEM) or draft.lines[0].size > 0.94 * size:
            break
        foot -= 1
    while foot < len(drafts) and not _NOTE.match(drafts[foot].lines[0].text):
        numbered = (
            _NUMBERED_NOTE.match(drafts[foot].lines[0].text) and foot and drafts[foot].lines[0].size < 0.92 * size
        )
        if numbered and drafts[foot].lines[0].top - drafts[foot - 1].lines[-1].bottom > 0.4 * size:
            break
        foot += 1
    for draft in drafts[foot:]:
        draft.kind = Kind.FOOTNOTE


def join_broken(drafts: list[Draft]) -> list[Draft]:
    """The blocks with paragraphs made whole that a column's end, a table or a figure breaks in two."""
    joined: list[Draft] = []
    last: Draft | None = None
    apart = False
    for draft in drafts:
        if draft.kind in (Kind.PARAGRAPH, Kind.ITEM):
            if last is not None and draft.kind is Kind.PARAGRAPH and _goes_on(last, draft, apart):
                last.lines = last.lines + draft.lines
                apart = False
                continue
            last, apart = draft, False
        elif draft.kind is Kind.HEADING:
            last = None
        else:
            apart = True
        joined.append(draft)
    return joined


def _goes_on(last: Draft, draft: Draft, apart: bool) -> bool:
    end, start = last.lines[-1], draft.lines[0]
    if not (apart or start.top < end.top) or abs(start.size - end.size) > 0.12 * end.size:
        return False
    if _ENDS.search(end.text) or len(last.text) < 30:
        return False
    begins = start.text.lstrip("(\"'“")[:1]
    return (
        begins.islower() or begins.isdigit() or end.text.endswith(("-", ",", "\ufffe")) or ord(begins or " ") > 0x2E80
    )


def attach_captions(drafts: list[Draft]) -> None:
    """Give each table the caption that stands nearest above or below it.

    What looks like a table without rules but stands nearest to the caption of a figure is the lettering of that figure.
    """
    captions = [d for d in drafts if d.kind is Kind.CAPTION]
    near: list[tuple[float, int, Draft, Draft]] = []
    for table in [d for d in drafts if d.kind is Kind.TABLE]:
        gaps = [
            (gap, k, table, c) for k, c in enumerate(captions) if (gap := _distance(table.box, c.box)) < _CAPTION_REACH
        ]
        nearest = min(gaps, default=None, key=lambda g: g[0])
        if nearest and not table.framed and not names_table(nearest[3].lines[0].text):
            table.kind, table.grid = Kind.FIGURE, None
            continue
        near.extend(g for g in gaps if names_table(g[3].lines[0].text))
    near.sort(key=lambda g: g[:2])
    used: list[Draft] = []
    for _, _, table, caption in near:
        if table.caption is None and not any(caption is c for c in used):
            table.caption = caption
            used.append(caption)
    # Two tables beside or below each other may share one caption.
    for gap, _, table, caption in near:
        if table.caption is None and table.framed and gap < _CAPTION_REACH / 2:
            table.caption = caption
    for table in [d for d in drafts if d.kind is Kind.TABLE and not d.framed and d.caption is None]:
        if any(_distance(table.box, c.box) < _CAPTION_REACH for c in captions if not names_table(c.lines[0].text)):
            table.kind, table.grid = Kind.FIGURE, None
    stacked = sorted((d for d in drafts if d.kind is Kind.TABLE and d.framed), key=lambda d: d.box.top)
    for upper, lower in [*pairwise(stacked), *pairwise(reversed(stacked))]:
        one, other = upper.box, lower.box
        if lower.caption is None and abs(one.left - other.left) < 5 and _distance(one, other) < _CAPTION_REACH / 2:
            lower.caption = upper.caption


_CAPTION_REACH = 50.0


def _distance(one: Box, other: Box) -> float:
    """How far two blocks are from each other down the page; far beyond reach where they do not stand above each
    other.
    """
    shared = min(one.right, other.right) - max(one.left, other.left)
    if shared < 0.3 * min(one.right - one.left, other.right - other.left):
        return 1e9
    return max(other.top - one.bottom, one.top - other.bottom, 0.0)
