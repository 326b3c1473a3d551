"""An element tree to blocks: one walk in document order, without recursion, however deep the page nests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml.etree import _Element, iterwalk

from extractors.reading.blocks import PSEUDO_LEVEL, PageDraft
from extractors.reading.characters import flow, normalise
from extractors.reading.html_math import read_formula
from extractors.reading.html_table import read_table
from extractors.reading.html_tags import BLOCKS, HEADINGS, classes, tag_of
from extractors.text import Kind

_BREAK = "\x1e"
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "head", "title", "meta", "link", "svg", "canvas", "object", "embed", "iframe", "audio", "video", "button", "select", "input", "textarea", "option", "datalist", "progress", "meter", "dialog", "source", "track", "param", "map", "area", "base", "nav"]
)
_CODE_CLASSES = frozenset(
    {"highlight", "highlighttable", "lntable", "rouge-table", "ltx_listing", "code-table", "js-file-line-container"}
)
_FOOTNOTE_CLASSES = frozenset({"footnotes", "footnote", "ltx_note_content", "ltx_role_footnote", "footnote-list", "fn"})
_NOTE_MARK_CLASSES = frozenset(
    ["footnote-ref", "footnote-reference", "footnote-backref", "ltx_note_mark", "ltx_tag_note", "reversefootnote", "headerlink", "header-anchor", "anchor-link", "anchor", "hash-link", "heading-anchor", "anchorjs-link", "direct-link", "copy-btn", "clipboard-copy", "sr-only", "visually-hidden", "screen-reader-text", "mw-editsection", "reference-text-mark", "ltx_ERROR", "linenos", "lineno", "line-numbers-rows"]
)
_KINDS = {"li": Kind.ITEM, "dt": Kind.ITEM, "dd": Kind.ITEM, "figcaption": Kind.CAPTION, "caption": Kind.CAPTION}
_SIGN_LINK = re.compile(r"[#¶§🔗↩︎⏎↑^\s\[\]]*")
_LONGEST_PSEUDO_HEADING = 90
_SENTENCE_END = re.compile(r"[.。!！;；,，]$")


def raise_text(before: str, inner: str, linked: bool = False) -> str:
    """What stands for `<sup>inner</sup>` after `before`.

    `10<sup>25</sup>` is `10^25`, `m<sup>2</sup>` is `m^2`, `1<sup>st</sup>` is `1st`; a note mark (`2,048<sup>[1]</sup>`,
    `GPUs<sup>3</sup>`, anything linked) is dropped, so that it never glues to a number.
    """
    inner = inner.strip().replace("−", "-").replace("–", "-")
    if linked or not inner:
        return ""
    if re.fullmatch(r"(?:st|nd|rd|th|e|er|o|a)", inner):
        return inner
    if not re.fullmatch(r"[+-]?[\d.,/]+|[+-]?[A-Za-z](?:[+-]\d)?|[+-]?\d+[A-Za-z]?|T|⊤|['′]", inner):
        return ""
    number = re.search(r"(\d[\d,.]*)\s*$", before)
    if number:
        small = inner in {"2", "3"} or not inner.lstrip("+-").isdigit() or inner[0] in "+-"
        return "^" + inner if small or re.fullmatch(r"10|\d", number[1]) else ""
    word = re.search(r"([A-Za-zµμ]+|\))\s*$", before)
    if word and (len(word[1]) <= 2 or inner[0] in "+-" or word[1] == ")") and inner != ",":
        return "^" + inner
    return ""


@dataclass(slots=True)
class Walk:
    """Turns a tree into blocks of a draft. `leave_out` names subtrees that are no part of the main text."""

    draft: PageDraft
    leave_out: Callable[[_Element], bool] = lambda _: False
    _parts: list[str] = field(default_factory=list)
    _kinds: list[Kind] = field(default_factory=list)
    _headings: list[int] = field(default_factory=list)
    _bold: int = 0
    _bold_letters: int = 0
    _letters: int = 0
    _term: str = ""
    _later: list[tuple[Kind, str]] = field(default_factory=list)

    def read(self, root: _Element) -> None:
        """Append the blocks of a tree to the draft."""
        walker = iterwalk(root, events=("start", "end"))
        passed: _Element | None = None
        for event, element in walker:
            if event == "start":
                if self._enter(element):
                    self._say(element.text)
                else:
                    passed = element
                    walker.skip_subtree()
            else:
                if passed is element:
                    passed = None
                else:
                    self._leave(element)
                if element is not root:
                    self._say(element.tail)
        self._flush()

    def _enter(self, element: _Element) -> bool:
        """Begin an element; False where its content is dealt with already, or is none of the main text."""
        tag = tag_of(element)
        formula = read_formula(element)
        if formula is not None:
            self._say(formula)
            return False
        if tag in _SILENT or not tag or self._is_mark(element, tag) or self.leave_out(element):
            return False
        if tag in {"br", "wbr"}:
            self._parts.append(_BREAK if tag == "br" else "")
            return False
        if tag == "img":
            self._read_image(element)
            return False
        if tag in {"sup", "sub"}:
            self._read_shifted(element, tag)
            return False
        if tag == "pre" or (tag in {"table", "div", "figure"} and not _CODE_CLASSES.isdisjoint(classes(element))):
            if self._read_code(element):
                return False
        if tag == "table" and not _is_layout(element):
            self._flush()
            self._read_table(element)
            return False
        if "ltx_note_content" in classes(element):
            self._later.append((Kind.FOOTNOTE, read_inline(element)))
            return False
        if tag in BLOCKS:
            self._flush()
            self._open(element, tag)
        elif tag in {"b", "strong"}:
            self._bold += 1
        return True

    def _open(self, element: _Element, tag: str) -> None:
        if tag in HEADINGS:
            self._headings.append(HEADINGS[tag])
        if tag == "summary":
            self._headings.append(PSEUDO_LEVEL)
        kind = _KINDS.get(tag)
        if not _FOOTNOTE_CLASSES.isdisjoint(classes(element)) or element.get("role") in {
            "doc-endnotes",
            "doc-footnote",
        }:
            kind = Kind.FOOTNOTE
        if kind is Kind.ITEM and Kind.FOOTNOTE in self._kinds:
            kind = Kind.FOOTNOTE
        self._kinds.append(kind or (self._kinds[-1] if self._kinds else Kind.PARAGRAPH))

    def _leave(self, element: _Element) -> None:
        tag = tag_of(element)
        if tag in BLOCKS:
            self._flush(term=tag == "dt")
            if self._kinds:
                self._kinds.pop()
            if tag in HEADINGS or tag == "summary":
                self._headings.pop()
            if tag == "details":
                self.draft.close_heading(PSEUDO_LEVEL)
        elif tag in {"b", "strong"}:
            self._bold -= 1

    def _say(self, text: str | None) -> None:
        if text:
            self._parts.append(text)
            letters = sum(map(len, text.split()))
            self._letters += letters
            if self._bold:
                self._bold_letters += letters

    def _flush(self, term: bool = False) -> None:
        """End the block that is being gathered."""
        parts, self._parts = self._parts, []
        bold = self._letters > 0 and self._bold_letters >= self._letters - 1
        self._letters = self._bold_letters = 0
        text = tidy("".join(parts))
        if not text and not self._later:
            return
        kind = self._kinds[-1] if self._kinds else Kind.PARAGRAPH
        if term:
            self._term = text
            return
        if self._term:
            text, self._term = (f"{self._term.rstrip(':：')}: {text}" if text else self._term), ""
        if self._headings:
            self.draft.add_heading(text.replace("\n", " "), self._headings[-1])
        elif bold and kind is Kind.PARAGRAPH and _reads_as_heading(text):
            self.draft.add_heading(text, PSEUDO_LEVEL)
        else:
            for paragraph in re.split(r"\n\n+", text):
                self.draft.add(kind, paragraph)
        for kind, note in self._later:
            self.draft.add(kind, note)
        self._later.clear()

    def _is_mark(self, element: _Element, tag: str) -> bool:
        """Whether an element is a note mark, a permalink or another sign beside the text."""
        if not _NOTE_MARK_CLASSES.isdisjoint(classes(element)):
            return True
        if tag == "a":
            href = element.get("href") or ""
            if href.startswith("#") and (self._headings or "ref" in href) and not len(element):
                return _SIGN_LINK.fullmatch(element.text or "") is not None
        return tag in {"a", "i", "span"} and (element.get("aria-hidden") == "true" or element.get("hidden") is not None)

    def _read_shifted(self, element: _Element, tag: str) -> None:
        inner = read_inline(element)
        if tag == "sub":
            self._say(inner)
            return
        linked = any(tag_of(child) == "a" for child in element.iter()) or any(
            tag_of(up) == "a" and (up.get("href") or "").startswith("#") for up in element.iterancestors("a")
        )
        self._say(raise_text("".join(self._parts[-4:])[-40:], inner, linked))

    def _read_image(self, element: _Element) -> None:
        alt = flow(normalise(element.get("alt") or ""))
        linked = next(element.iterancestors("a"), None) is not None
        if not linked and len(alt.split()) >= 3 and not self._letters and not self._headings:
            self.draft.add(Kind.FIGURE, alt)

    def _read_code(self, element: _Element) -> bool:
        code = element
        if tag_of(element) != "pre":
            found = [
                pre for pre in element.iter() if tag_of(pre) == "pre" and _NOTE_MARK_CLASSES.isdisjoint(classes(pre))
            ]
            if not found:
                return False
            code = found[-1]
        self._flush()
        self.draft.add_code(normalise(read_preformatted(code)))
        return True

    def _read_table(self, table: _Element) -> None:
        caption = ""
        figure = next(table.iterancestors("figure"), None)
        if figure is not None and sum(tag_of(inner) == "table" for inner in figure.iter()) == 1:
            named = next((inner for inner in figure.iter() if tag_of(inner) == "figcaption"), None)
            caption = read_inline(named) if named is not None else ""
        grid = read_table(table, read_inline, caption)
        self.draft.add_table(grid)
        own = next((child for child in table if tag_of(child) == "caption"), None)
        if own is not None:
            self.draft.add(Kind.CAPTION, read_inline(own))


def read_inline(element: _Element) -> str:
    """The text of an element on one line: of a table cell, a caption, a note.

    Two values on lines of their own stay apart: «8×A100<br>16×H20» is «8×A100 / 16×H20»; a label that is merely wrapped
    («GPU<br>hours») is joined by a space.
    """
    inner = Walk(PageDraft())
    parts = inner._parts
    walker = iterwalk(element, events=("start", "end"))
    skipped: _Element | None = None
    for event, found in walker:
        tag = tag_of(found)
        if event == "start":
            formula = read_formula(found)
            if formula is not None:
                parts.append(formula)
            elif found is not element and (tag in _SILENT or tag == "img" or inner._is_mark(found, tag)):
                pass
            elif found is not element and tag in {"sup", "sub"}:
                inner._read_shifted(found, tag)
            elif tag == "br":
                parts.append(_BREAK)
            else:
                if found is not element and tag in BLOCKS:
                    parts.append(" " if tag in {"td", "th"} else _BREAK)
                parts.append(found.text or "")
                continue
            skipped = found
            walker.skip_subtree()
        else:
            if skipped is not found and found is not element and tag in BLOCKS:
                parts.append(_BREAK)
            if found is not element:
                parts.append(found.tail or "")
    lines = [line for line in tidy("".join(parts)).split("\n") if line]
    text = lines[0] if lines else ""
    for line in lines[1:]:
        text += (" / " if _is_value(text) and _is_value(line) else " ") + line
    return text.replace("\t", " ")


def _is_value(text: str) -> bool:
    return re.match(r"[~≈<>≤≥$¥€+-]?\s*\d", text) is not None


def read_preformatted(element: _Element) -> str:
    """The text of code with its line ends."""
    parts: list[str] = []
    walker = iterwalk(element, events=("start", "end"))
    for event, found in walker:
        if event == "start":
            if not _NOTE_MARK_CLASSES.isdisjoint(classes(found)) and found is not element:
                walker.skip_subtree()
                continue
            parts.append("\n" if tag_of(found) == "br" else found.text or "")
        elif found is not element:
            parts.append(found.tail or "")
    return "".join(parts)


def tidy(text: str) -> str:
    """Gathered text with its characters normalised, one line for each line that `<br>` ends."""
    text = normalise(text.replace(_BREAK, "\ue003"))
    if "\ue003" not in text:
        return flow(text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(flow(line) for line in text.split("\ue003"))).strip()


def _reads_as_heading(text: str) -> bool:
    return (
        len(text) <= _LONGEST_PSEUDO_HEADING
        and "\n" not in text
        and len(text.split()) <= 14
        and not _SENTENCE_END.search(text)
    )


def _is_layout(table: _Element) -> bool:
    """Whether a table only places things: it holds tables, headings or code, or is a single cell."""
    if table.get("role") in {"presentation", "none"} or "ltx_equation" in classes(table):
        return True
    cells = 0
    for found in table.iter():
        tag = tag_of(found)
        if found is not table and tag in {"table", "pre", "h1", "h2", "h3", "article", "section"}:
            return True
        cells += tag in {"td", "th"}
    return cells < 2
