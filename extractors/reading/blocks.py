"""The page of a document without pages: blocks laid one after the other, with their offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from extractors.text import Block, Cell, Kind, Page, Quality, Table

PSEUDO_LEVEL = 7
"""The level of a line that stands as a heading without being marked as one; deeper than any marked heading."""

_REFERENCES = re.compile(
    r"(?:[\dIVX]+[.)]?\s*)?(?:references?|bibliography|works cited|citations?|citation information|bibtex"
    r"|(?:how to )?cit(?:e|ing)(?: .{1,40})?|参考文献|參考文獻|参考资料|引用|引用方式|文献引用|引用文献)\s*[:：]?",
    re.I,
)
_CAPTION = re.compile(
    r"\W{0,3}(?:(?i:table|tab\.)|表|表格)\s*(?:[A-Z]?\d{1,3}(?:[.-]\d{1,2})?|[IVX]{1,4})"
    r"(?:\s*[:：.。|)）—–-]|\s+(?![a-z])|\s*$)"
)
_LONGEST_CAPTION = 600
_UNREADABLE_WEIGHT = 4.0
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_LONGEST_CODE = 200
_LONGEST_HEADING = 90
_LONGEST_HEADING_EAST = 30
_SENTENCE = re.compile(r"[.。!！;；,，]$|[.。!?；] |https?://|。|；")
_BIBTEX = re.compile(r"\s*@[a-z]{4,15}\s*\{", re.I)


@dataclass(frozen=True, slots=True)
class Entry:
    """A table cell before it has a place in a text."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table before it has a place in a text; see `Table` for what the headers mean."""

    entries: tuple[Entry, ...]
    header_rows: int = 1
    header_columns: int = 1
    caption: str = ""


@dataclass(frozen=True, slots=True)
class _Draft:
    kind: Kind
    text: str
    section: tuple[str, ...]
    level: int = 0
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    title: str
    references: bool
    others: bool


def reads_as_heading(text: str) -> bool:
    """Whether a line that is set apart (in bold, in capitals) names what follows and is no statement of its own.

    «Training infrastructure» does; «Trained on 64 chips for nine days.» does not, nor a line with an address in it.
    """
    if "\n" in text or len(text) > _LONGEST_HEADING or len(text.split()) > 14 or _SENTENCE.search(text):
        return False
    east = sum("\u3040" <= c <= "\u9fff" for c in text)
    return east <= _LONGEST_HEADING_EAST


@dataclass(slots=True)
class PageDraft:
    """Collects blocks in reading order and lays them out as one page.

    Blocks are parted by an empty line; a table row is a line with its cells parted by tabs. What stands under a heading
    «References» or «引用» is REFERENCE until a heading of the same or a higher rank. Sections whose heading is all of
    `others` («Related posts», «Comments») are left out, unless it is the page's title.
    """

    others: re.Pattern[str] | None = None
    _drafts: list[_Draft] = field(default_factory=list)
    _path: list[_Heading] = field(default_factory=list)
    _section: tuple[str, ...] = ()

    def add(self, kind: Kind, text: str) -> None:
        """Append a block of one kind; a text without content is left out."""
        text = text.rstrip() if kind is Kind.CODE else text.strip()
        if not text.strip() or self._others():
            return
        if kind in {Kind.PARAGRAPH, Kind.ITEM} and any(heading.references for heading in self._path):
            kind = Kind.REFERENCE
        if kind is Kind.CODE and _BIBTEX.match(text):
            kind = Kind.REFERENCE
        self._drafts.append(_Draft(kind, text, self._section))

    def add_heading(self, text: str, level: int) -> None:
        """Append a heading; it leads what follows until a heading of its level or above."""
        text = text.strip()
        if not text:
            return
        self.close_heading(level)
        title = text.replace("\n", " ")
        others = self.others is not None and level > 1 and self.others.fullmatch(title) is not None
        if not others and not self._others():
            self._drafts.append(_Draft(Kind.HEADING, text, self._section, level))
        self._path.append(_Heading(level, title, _REFERENCES.fullmatch(title) is not None, others))
        self._section = (*self._section, title)

    def close_heading(self, level: int) -> None:
        """End the sections of this level and below."""
        while self._path and self._path[-1].level >= level:
            self._path.pop()
        self._section = self._section[: len(self._path)]

    def add_code(self, text: str) -> None:
        """Append code or a log: a block for each run of lines without an empty one, and of a long run for every 200."""
        for run in _BLANK_LINES.split(text):
            lines = run.strip("\n").split("\n")
            for start in range(0, len(lines), _LONGEST_CODE):
                self.add(Kind.CODE, "\n".join(lines[start : start + _LONGEST_CODE]))

    def add_table(self, grid: Grid) -> None:
        """Append a table; one without any words is left out."""
        if any(entry.text for entry in grid.entries) and not self._others():
            self._drafts.append(_Draft(Kind.TABLE, "", self._section, grid=grid))

    def build(self) -> Page:
        """The page with all blocks, their offsets, and captions tied to their tables."""
        pieces: list[str] = []
        blocks: list[Block] = []
        start = 0
        for draft in self._tie_captions():
            table = None
            text = draft.text
            if draft.grid is not None:
                text, table = _lay_out(draft.grid, start)
            pieces.append(text)
            blocks.append(Block(draft.kind, start, start + len(text), draft.section, draft.level, table))
            start += len(text) + 2
        text = "\n\n".join(pieces)
        return Page(None, text, tuple(blocks), quality=_judge(text))

    def _others(self) -> bool:
        return any(heading.others for heading in self._path)

    def _tie_captions(self) -> list[_Draft]:
        """A short paragraph «Table 3: …» beside a table is its caption, the one before it first."""
        drafts = list(self._drafts)
        taken: set[int] = set()
        for at, draft in enumerate(drafts):
            if draft.grid is None or draft.grid.caption:
                continue
            for near in (at - 1, at + 1):
                if 0 <= near < len(drafts) and near not in taken and _is_caption(drafts[near]):
                    taken.add(near)
                    drafts[near] = replace(drafts[near], kind=Kind.CAPTION)
                    drafts[at] = replace(draft, grid=replace(draft.grid, caption=drafts[near].text))
                    break
        return drafts


def _judge(text: str) -> Quality:
    """The quality of a text whose only fault can be characters that its encoding did not give."""
    unread = text.count("\ufffd")
    if not unread:
        return Quality()
    rate = unread / len(text)
    notes = (f"{unread} characters could not be decoded",)
    return Quality(round(max(0.0, 1 - _UNREADABLE_WEIGHT * rate), 3), unreadable_rate=round(rate, 5), notes=notes)


def _is_caption(draft: _Draft) -> bool:
    return (
        draft.kind in {Kind.PARAGRAPH, Kind.CAPTION, Kind.HEADING}
        and len(draft.text) <= _LONGEST_CAPTION
        and _CAPTION.match(draft.text) is not None
    )


def _lay_out(grid: Grid, start: int) -> tuple[str, Table]:
    pieces: list[str] = []
    cells: list[Cell] = []
    at = start
    row = None
    for entry in sorted(grid.entries, key=lambda entry: (entry.row, entry.column)):
        if row is not None:
            pieces.append("\t" if entry.row == row else "\n")
            at += 1
        row = entry.row
        cells.append(
            Cell(entry.row, entry.column, at, at + len(entry.text), entry.text, entry.row_span, entry.column_span)
        )
        pieces.append(entry.text)
        at += len(entry.text)
    return "".join(pieces), Table(tuple(cells), grid.header_rows, grid.header_columns, grid.caption)
