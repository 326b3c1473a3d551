"""PDF to text: every page through pdfium, laid out by geometry, with a box for each character."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from corpus.document import Document
from extractors.reading.characters import detect_language
from extractors.reading.furniture import furniture_of, margin_keys
from extractors.reading.glyphs import LINE_END_HYPHEN, Leaf
from extractors.reading.hyphens import Vocabulary
from extractors.reading.layout import CAPTION, Draft, Strip, draft_strip, place_sections, strips_of
from extractors.reading.lines import Line, Piece, Sheet, read_sheet, spell
from extractors.text import Block, Cell, Kind, Outcome, Page, Reading, Table, Text

_BOLD = re.compile(r"bold|black|heavy|medi(?!um)|cmbx|cmssbx|-b$|semibold|demi", re.IGNORECASE)
_STAMP = re.compile(r"arXiv:(\d{4}\.\d{4,5})(?:v\d+)?.*?(\d{1,2})\s*([A-Z][a-z]{2})\s*(\d{4})")
_MONTHS = {m: k + 1 for k, m in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])}
_EAST = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_SPACE, _TAB, _LINE = -0x20, -0x09, -0x0A


def read_pdf(data: bytes, document: Document) -> Reading:
    """The text of a PDF, page by page.

    An encrypted file is tried with the empty password; a file that pdfium cannot open gives `FAILED` with the reason, and one
    without any text (a scan) gives `NO_TEXT`.
    """
    try:
        file = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return Reading(
                Outcome.ENCRYPTED, reason=f"{document.name} is encrypted and the empty password does not open it."
            )
        return Reading(
            Outcome.FAILED, reason=f"{document.name} cannot be opened as a PDF; the file is damaged or cut off."
        )
    try:
        sheets, strips = _survey(file)
    finally:
        file.close()
    if not any(sheet.pieces for sheet in sheets):
        return Reading(
            Outcome.NO_TEXT, reason=f"{document.name} holds no text on any page; it is a scan and needs OCR."
        )
    return Reading(Outcome.READ, _compose(sheets, strips))


def _survey(file: pypdfium2.PdfDocument) -> tuple[list[Sheet], list[list[Strip]]]:
    sheets: list[Sheet] = []
    strips: list[list[Strip]] = []
    for number in range(1, len(file) + 1):
        leaf = Leaf(file[number - 1])
        try:
            sheet = read_sheet(leaf, number)
            sizes = Counter[float]()
            for piece in sheet.pieces:
                sizes[round(piece.size, 1)] += len(piece.text)
            size = sizes.most_common(1)[0][0] if sizes else 10.0
            parts = strips_of(sheet, size)
            index = sheet.sequence
            for part in parts:
                for line in part.lines:
                    line.bold = bool(_BOLD.search(leaf.font(sheet.index[int(index[line.pieces[0].first])])))
        finally:
            leaf.close()
        sheets.append(sheet)
        strips.append(parts)
    return sheets, strips


def _compose(sheets: list[Sheet], strips: list[list[Strip]]) -> Text:
    vocabulary = Vocabulary(sheet.characters for sheet in sheets)
    margins = Counter[tuple[str, int]]()
    sizes = Counter[float]()
    for sheet, parts in zip(sheets, strips, strict=True):
        for part in parts:
            margins.update(margin_keys(part.lines, sheet))
            for line in part.lines:
                sizes[round(line.size, 1)] += len(line.text)
    body = sizes.most_common(1)[0][0]
    path: list[tuple[float, int, str]] = []
    pages: list[Page] = []
    title: list[str] = []
    for sheet, parts in zip(sheets, strips, strict=True):
        drafts: list[Draft] = []
        furniture: list[Line] = []
        for part in parts:
            out = furniture_of(part.lines, sheet, margins, len(sheets))
            furniture.extend(out)
            marks = {id(x) for x in out}
            part.lines = [x for x in part.lines if id(x) not in marks]
            if part.lines:
                drafts.extend(draft_strip(part, body))
        if sheet.number == 1 and drafts:
            largest = max((x.size for d in drafts for x in d.lines if len(x.text) > 3), default=0.0)
            title = [x.text for d in drafts for x in d.lines if x.size > 0.93 * largest][:4]
        place_sections(drafts, path)
        _attach_captions(drafts)
        drafts.extend(Draft(Kind.FURNITURE, [x]) for x in furniture)
        drafts.extend(Draft(Kind.FURNITURE, [Line([x])]) for x in sheet.stamps)
        pages.append(_Composer(sheet, vocabulary).page(drafts))
    stamp = next((m for p in sheets[0].stamps if (m := _STAMP.search(p.text))), None)
    work = f"arxiv:{stamp[1]}" if stamp else ""
    date = f"{stamp[4]}-{_MONTHS.get(stamp[3], 1):02d}-{int(stamp[2]):02d}" if stamp else ""
    language = detect_language("\n".join(p.text for p in pages))
    return Text(tuple(pages), language=language, title=" ".join(title), date=date, work=work)


def _attach_captions(drafts: list[Draft]) -> None:
    for k, draft in enumerate(drafts):
        if draft.kind is not Kind.TABLE:
            continue
        near = [drafts[j] for j in (k - 1, k + 1) if 0 <= j < len(drafts)]
        for other in near:
            match = CAPTION.match(other.lines[0].text) if other.kind is Kind.CAPTION else None
            if match and match[1]:
                draft.caption = other.text
                break


class _Composer:
    """Writes the blocks of one page into its text and keeps where each character came from."""

    def __init__(self, sheet: Sheet, vocabulary: Vocabulary) -> None:
        self.sheet = sheet
        self.vocabulary = vocabulary
        self.parts: list[NDArray[np.int64]] = []
        self.length = 0

    def page(self, drafts: list[Draft]) -> Page:
        blocks: list[Block] = []
        for draft in drafts:
            if blocks:
                self._put(_LINE, _LINE)
            start = self.length
            table = self._table(draft) if draft.grid else None
            if table is None:
                self._lines([line.pieces for line in draft.lines])
            blocks.append(Block(draft.kind, start, self.length, draft.section, draft.level, table))
        sheet = self.sheet
        sequence = np.concatenate(self.parts) if self.parts else np.zeros(0, np.int64)
        text = spell(sequence, sheet.code)
        geometry = np.full((len(sequence), 4), np.nan, np.float32)
        real = sequence >= 0
        geometry[real] = sheet.box[sequence[real]]
        return Page(sheet.number, text, tuple(blocks), geometry, sheet.width, sheet.height)

    def _put(self, *codes: int) -> None:
        self.parts.append(np.array(codes, np.int64))
        self.length += len(codes)

    def _lines(self, lines: list[list[Piece]]) -> None:
        sheet = self.sheet
        before = ""
        for pieces in lines:
            text = " ".join(p.text for p in pieces)
            if before:
                if before[-1] == "-" or ord(before[-1]) == LINE_END_HYPHEN:
                    if len(before) > 1 and before[-2].isalnum():
                        if self.vocabulary.keeps_hyphen(before[:-1], text):
                            self._last_hyphen()
                        else:
                            self.parts[-1] = self.parts[-1][:-1]
                            self.length -= 1
                    else:
                        self._put(_SPACE)
                elif not (_EAST.match(before[-1]) and _EAST.match(text[0])):
                    self._put(_SPACE)
            for k, piece in enumerate(pieces):
                if k:
                    self._put(_SPACE)
                self.parts.append(sheet.sequence[piece.first : piece.last])
                self.length += piece.last - piece.first
            before = text

    def _last_hyphen(self) -> None:
        place = int(self.parts[-1][-1])
        if place >= 0:
            self.sheet.code[place] = 0x2D

    def _table(self, draft: Draft) -> Table:
        grid = draft.grid
        assert grid is not None
        cells: list[Cell] = []
        row = 0
        for slot in sorted(grid.slots, key=lambda s: (s.row, s.column)):
            if cells:
                self._put(_TAB if slot.row == row else _LINE)
            row = slot.row
            start = self.length
            self._lines(slot.pieces)
            cells.append(Cell(slot.row, slot.column, start, self.length, slot.text, slot.row_span, slot.column_span))
        return Table(tuple(cells), grid.header_rows, grid.header_columns, draft.caption)
