"""PDF to text: every page through pdfium, laid out by geometry, with a box for each character."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pypdfium2

from corpus.document import Document
from extractors.reading.characters import detect_language
from extractors.reading.composing import Composer
from extractors.reading.furniture import furniture_of, line_numbers, margin_keys
from extractors.reading.glyphs import Leaf
from extractors.reading.hyphens import Vocabulary
from extractors.reading.layout import columns_of
from extractors.reading.lines import Line, Sheet, read_sheet
from extractors.reading.paragraphs import Column, Draft, attach_captions, draft_column, join_broken
from extractors.reading.quality import judge
from extractors.reading.sections import Outline
from extractors.text import Kind, Outcome, Page, Reading, Text

_BOLD = re.compile(r"bold|black|heavy|medi(?!um)|cmbx|bx\d|-b$|demi", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|typewriter|cmtt|consol|menlo|\btt|nimbusmon|inconsolata|code", re.IGNORECASE)
_STAMP = re.compile(r"arXiv:\s*(\d{4}\.\d{4,5})\s*(?:v\d+)?(?:.*?(\d{1,2})\s*([A-Z][a-z]{2})[a-z]*\s*(\d{4}))?")
_DOI = re.compile(r"\bdoi(?:\.org/|:)\s*(10\.\d{4,9}/[^\s;,]+[^\s;,.])", re.IGNORECASE)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATES = (
    re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b"),
    re.compile(r"\b(?P<month>[A-Z][a-z]{2})[a-z]*\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"\b(?P<d>\d{1,2})\s+(?P<month>[A-Z][a-z]{2})[a-z]*\.?,?\s+(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"(?P<y>20\d\d)\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"),
)
_HEAD = 700
_LANGUAGE_PAGES = 12

_TYPEWRITTEN = 0.6


@dataclass(slots=True)
class _Leafage:
    """One page between the first look at it and its text."""

    sheet: Sheet
    columns: list[Column]
    numbers: list[Line]


def read_pdf(data: bytes, document: Document) -> Reading:
    """The text of a PDF, page by page.

    An encrypted file is tried with the empty password; a file that pdfium cannot open gives `FAILED` with the reason,
    and one without any text (a scan) gives `NO_TEXT`.
    """
    try:
        file = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            reason = f"{document.name} is encrypted and the empty password does not open it."
            return Reading(Outcome.ENCRYPTED, reason=reason)
        return Reading(Outcome.FAILED, reason=f"{document.name} cannot be opened as a PDF: it is damaged or cut off.")
    broken = 0
    leaves: list[_Leafage] = []
    try:
        for number in range(1, len(file) + 1):
            try:
                leaves.append(_survey(file, number))
            except pypdfium2.PdfiumError:
                broken += 1
    finally:
        file.close()
    if broken and not leaves:
        return Reading(Outcome.FAILED, reason=f"{document.name} opens, but none of its {broken} pages can be read.")
    if not any(leaf.sheet.characters for leaf in leaves):
        return Reading(
            Outcome.NO_TEXT, reason=f"{document.name} holds no text on any page: it is a scan and needs OCR."
        )
    reasons = [f"{broken} pages of {document.name} are damaged and were left out."] if broken else []
    if blank := [leaf.sheet.number for leaf in leaves if not leaf.sheet.characters]:
        reasons.append(f"Pages without text (empty, or pictures alone): {', '.join(map(str, blank))}.")
    return Reading(Outcome.READ, _compose(leaves), " ".join(reasons))


def _survey(file: pypdfium2.PdfDocument, number: int) -> _Leafage:
    leaf = Leaf(file[number - 1])
    try:
        sheet = read_sheet(leaf, number)
        numbers = line_numbers(sheet)
        if numbers:
            marks = {id(p) for p in numbers}
            sheet.pieces = [p for p in sheet.pieces if id(p) not in marks]
        sizes = Counter[float]()
        for piece in sheet.pieces:
            sizes[round(piece.size, 1)] += len(piece.text)
        columns = columns_of(sheet, sizes.most_common(1)[0][0] if sizes else 10.0)
        for column in columns:
            for line in column.lines:
                _judge_letters(leaf, sheet, line)
    finally:
        leaf.close()
    return _Leafage(sheet, columns, [Line([p]) for p in numbers])


def _judge_letters(leaf: Leaf, sheet: Sheet, line: Line) -> None:
    """Note whether a line begins and ends in bold or typewriter letters; a bold run-in («Scaling. There is …») is no
    bold line.
    """
    first = leaf.font(int(sheet.index[sheet.sequence[line.pieces[0].first]]))
    line.bold, line.mono = bool(_BOLD.search(first)), bool(_MONO.search(first))
    if line.bold or line.mono:
        last = leaf.font(int(sheet.index[sheet.sequence[line.pieces[-1].last - 1]]))
        line.bold, line.mono = line.bold and bool(_BOLD.search(last)), line.mono and bool(_MONO.search(last))


def _forget_typewriter(lines: list[Line]) -> None:
    """Where a whole document is set in typewriter letters, as some printed web pages are, they mark no code."""
    letters = sum(len(x.text) for x in lines)
    if sum(len(x.text) for x in lines if x.mono) > _TYPEWRITTEN * letters:
        for line in lines:
            line.mono = False


def _compose(leaves: list[_Leafage]) -> Text:
    vocabulary = Vocabulary(leaf.sheet.characters for leaf in leaves)
    margins = Counter[tuple[str, int]]()
    sizes = Counter[float]()
    for leaf in leaves:
        lines = [x for c in leaf.columns for x in c.lines]
        margins.update(margin_keys(lines, leaf.sheet))
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
    _forget_typewriter([x for leaf in leaves for c in leaf.columns for x in c.lines])
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    title = _title(leaves[0], body)
    outline = Outline(title)
    pages: list[Page] = []
    for leaf in leaves:
        drafts, rest = _draft(leaf, margins, len(leaves), body)
        outline.place(drafts)
        attach_captions(drafts)
        quality = judge(leaf.sheet, leaf.columns, vocabulary)
        pages.append(Composer(leaf.sheet, vocabulary).page(drafts + rest, quality))
    work, date = _identity(leaves[0].sheet, pages[0].text)
    language = detect_language("\n".join(p.text for p in pages[:_LANGUAGE_PAGES]))
    return Text(tuple(pages), language=language, title=title, date=date, work=work)


def _draft(
    leaf: _Leafage, margins: Counter[tuple[str, int]], pages: int, body: float
) -> tuple[list[Draft], list[Draft]]:
    """The running blocks of a page, and apart from them its furniture and what is written sideways."""
    sheet = leaf.sheet
    drafts: list[Draft] = []
    rest: list[Draft] = []
    furniture = furniture_of([x for c in leaf.columns for x in c.lines], sheet, margins, pages)
    marks = {id(x) for x in furniture}
    for column in leaf.columns:
        column.lines = [x for x in column.lines if id(x) not in marks]
        if column.lines or column.islands:
            drafts.extend(draft_column(sheet, column, body))
    for stamp in sheet.stamps:
        inside = 0.08 * sheet.width < stamp.left < 0.92 * sheet.width
        rest.append(Draft(Kind.FIGURE if inside else Kind.FURNITURE, [Line([stamp])]))
    rest.sort(key=lambda d: d.kind is Kind.FURNITURE)
    rest.extend(Draft(Kind.FURNITURE, [x]) for x in furniture + leaf.numbers)
    return join_broken(drafts), rest


def _title(leaf: _Leafage, body: float) -> str:
    """The lines in the largest letters of the first page's upper half, as far as they follow each other.

    Empty where they are no larger than the body's letters.
    """
    lines = [x for c in leaf.columns for x in c.lines if x.top < 0.55 * leaf.sheet.height and len(x.text) > 3]
    if not lines:
        return ""
    largest = max(x.size for x in lines)
    if largest < 1.12 * body:
        return ""
    start = next(k for k, x in enumerate(lines) if x.size > 0.95 * largest)
    end = start + 1
    while end < len(lines) and end - start < 5 and lines[end].size > 0.93 * largest:
        if lines[end].top - lines[end - 1].bottom > 1.2 * largest:
            break
        end += 1
    words = " ".join(x.text for x in lines[start:end])
    return re.sub(r"(?<=\w)\ufffe ?", "", " ".join(words.split()))


def _identity(sheet: Sheet, text: str) -> tuple[str, str]:
    """The work and its date, as the first page says: the stamp of arXiv in the margin, else a DOI and a date near the
    head.
    """
    for stamp in sheet.stamps:
        match = _STAMP.search(stamp.text)
        if match:
            month = (match[3] or "").lower()
            date = f"{match[4]}-{_MONTHS.index(month) + 1:02d}-{int(match[2]):02d}" if month in _MONTHS else ""
            return f"arxiv:{match[1]}", date
    doi = _DOI.search(text)
    head = text[:_HEAD] + "\n" + text[-200:]
    for pattern in _DATES:
        for match in pattern.finditer(head):
            found = match.groupdict()
            month = found.get("month", "").lower()
            number = _MONTHS.index(month) + 1 if month in _MONTHS else int(found.get("m") or 0)
            if 1 <= number <= 12 and 1 <= int(found["d"]) <= 31:
                return f"doi:{doi[1].lower()}" if doi else "", f"{found['y']}-{number:02d}-{int(found['d']):02d}"
    return f"doi:{doi[1].lower()}" if doi else "", ""
