"""An element tree to blocks: one walk in document order, without recursion, however deep the page nests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from lxml.etree import _Element, iterwalk

from extractors.reading.blocks import PSEUDO_LEVEL, PageDraft, reads_as_heading
from extractors.reading.characters import flow, normalise
from extractors.reading.html_inline import Inline, read_line, read_preformatted, read_shifted
from extractors.reading.html_markup import HEADINGS, classes, is_mark, markup, tag_of
from extractors.reading.html_math import read_formula
from extractors.reading.html_table import read_table
from extractors.text import Kind

_KINDS = {"li": Kind.ITEM, "dt": Kind.ITEM, "dd": Kind.ITEM, "figcaption": Kind.CAPTION, "caption": Kind.CAPTION}
_BACK = re.compile(r"#(?:fn-?ref|footnote-ref|cite_ref|user-content-fnref)", re.I)
_SIGN = re.compile(r"[#¶§🔗⏎↑↩^\s\[\]\ufe0e]*")


@dataclass(slots=True)
class Walk:
    """Turns a tree into blocks of a draft.

    `leave_out` names subtrees that are no part of the main text; with `tex` the page's `$…$` are formulas.
    """

    draft: PageDraft
    leave_out: Callable[[_Element], bool] = lambda _: False
    tex: bool = False
    _inline: Inline = field(default_factory=Inline)
    _kinds: list[Kind] = field(default_factory=list)
    _headings: list[int] = field(default_factory=list)
    _figures: list[_Element] = field(default_factory=list)
    _links: list[bool] = field(default_factory=list)
    _term: str = ""
    _notes: list[str] = field(default_factory=list)

    def read(self, root: _Element) -> None:
        """Append the blocks of a tree to the draft."""
        self._inline.tex = self.tex
        walker = iterwalk(root, events=("start", "end"))
        passed: _Element | None = None
        for event, element in walker:
            if event == "start":
                if self._enter(element):
                    self._inline.say(element.text)
                else:
                    passed = element
                    walker.skip_subtree()
            else:
                if passed is element:
                    passed = None
                else:
                    self._leave(element)
                if element is not root:
                    self._inline.say(element.tail)
        self._flush()

    def _enter(self, element: _Element) -> bool:
        """Begin an element; False where its content is dealt with already, or is none of the main text."""
        tag = tag_of(element)
        formula = read_formula(element)
        if formula is not None:
            self._inline.say(formula)
            return False
        if (
            not tag
            or tag in markup().silent
            or is_mark(element)
            or self._is_sign(element, tag)
            or self.leave_out(element)
        ):
            return False
        names = classes(element)
        match tag:
            case "br":
                self._inline.end_line()
            case "img":
                self._read_image(element)
            case "sup" | "sub":
                read_shifted(element, tag, self._inline)
            case "pre":
                self._read_code(element, by_child=False)
            case "table" | "div" if not markup().code_classes.isdisjoint(names):
                self._read_code(element, by_child=True)
            case "table" if not _is_layout(element):
                self._read_table(element)
            case "summary" if markup().disclosure.fullmatch(read_line(element)):
                pass
            case "span" if "ltx_note_content" in names:
                self._notes.append(read_line(element, self.tex))
            case _:
                self._open(element, tag, names)
                return True
        return False

    def _open(self, element: _Element, tag: str, names: list[str]) -> None:
        if tag in {"b", "strong"}:
            self._inline.bold += 1
        elif tag == "a":
            self._links.append((element.get("href") or "").startswith("#"))
            self._inline.inner_links += self._links[-1]
        if tag not in markup().blocks:
            return
        self._flush()
        if tag in HEADINGS or tag == "summary":
            self._headings.append(HEADINGS.get(tag, PSEUDO_LEVEL))
        elif tag == "figure":
            self._figures.append(element)
        inherited = self._kinds[-1] if self._kinds else Kind.PARAGRAPH
        kind = _KINDS.get(tag, inherited)
        known = markup()
        if not known.footnote_classes.isdisjoint(names) or element.get("role") in known.footnote_roles:
            kind = Kind.FOOTNOTE
        elif not known.reference_classes.isdisjoint(names):
            kind = Kind.REFERENCE
        elif inherited in {Kind.FOOTNOTE, Kind.REFERENCE}:
            kind = inherited
        self._kinds.append(kind)

    def _leave(self, element: _Element) -> None:
        tag = tag_of(element)
        if tag in {"b", "strong"}:
            self._inline.bold -= 1
        elif tag == "a":
            self._inline.inner_links -= self._links.pop()
        if tag not in markup().blocks:
            return
        self._flush(term=tag == "dt")
        self._kinds.pop()
        if tag in HEADINGS or tag == "summary":
            self._headings.pop()
        elif tag == "figure":
            self._figures.pop()
        elif tag == "details":
            self.draft.close_heading(PSEUDO_LEVEL)

    def _flush(self, term: bool = False) -> None:
        """End the block that is being gathered.

        A term waits for what is said of it («Hardware: 16 A100»); an item that is all link to a place on the same page
        belongs to a table of contents.
        """
        inline = self._inline
        bold = 0 < inline.letters <= inline.bold_letters + 1
        listed = 0 < inline.letters <= inline.inner_letters
        text = inline.take()
        if listed and self._kinds and self._kinds[-1] is Kind.ITEM:
            return
        if text:
            if term:
                self._term = text
                return
            if self._term:
                text, self._term = f"{self._term.rstrip(':：')}: {text}", ""
            self._add(text, bold)
        for note in self._notes:
            self.draft.add(Kind.FOOTNOTE, note)
        self._notes.clear()

    def _add(self, text: str, bold: bool) -> None:
        kind = self._kinds[-1] if self._kinds else Kind.PARAGRAPH
        if self._headings:
            self.draft.add_heading(text.replace("\n", " "), self._headings[-1])
        elif bold and kind is Kind.PARAGRAPH and reads_as_heading(text):
            self.draft.add_heading(text, PSEUDO_LEVEL)
        else:
            for paragraph in re.split(r"\n\n+", text):
                self.draft.add(kind, paragraph)

    def _is_sign(self, element: _Element, tag: str) -> bool:
        """Whether a link is a sign beside the text: the «#» of a heading, the «↩» of a note."""
        href = element.get("href") or "" if tag == "a" else ""
        if not href.startswith("#"):
            return False
        if _BACK.match(href):
            return True
        return bool(self._headings) and not len(element) and _SIGN.fullmatch(element.text or "") is not None

    def _read_image(self, element: _Element) -> None:
        alt = flow(normalise(element.get("alt") or ""))
        if len(alt.split()) >= 3 and not (self._links or self._inline.letters or self._headings):
            self.draft.add(Kind.FIGURE, alt)

    def _read_code(self, element: _Element, by_child: bool) -> None:
        code = read_preformatted(element, by_child)
        if re.fullmatch(r"[\d\s]*", code):
            return
        self._flush()
        self.draft.add_code(code)

    def _read_table(self, table: _Element) -> None:
        self._flush()
        caption = ""
        if self._figures:
            figure = self._figures[-1]
            if len(list(islice((e for e in figure.iter() if tag_of(e) == "table"), 2))) == 1:
                caption = next((read_line(e, self.tex) for e in figure.iter() if tag_of(e) == "figcaption"), "")
        own = next((child for child in table if tag_of(child) == "caption"), None)
        if own is not None:
            caption = read_line(own, self.tex) or caption
            self.draft.add(Kind.CAPTION, caption)
        self.draft.add_table(read_table(table, lambda cell: read_line(cell, self.tex), caption))


def _is_layout(table: _Element) -> bool:
    """Whether a table only places things: it holds tables, headings or code, or is a single cell."""
    if table.get("role") in {"presentation", "none"} or "ltx_equation" in classes(table):
        return True
    cells = 0
    for found in table.iterdescendants():
        tag = tag_of(found)
        if tag in {"table", "pre", "h1", "h2", "h3", "article", "section"}:
            return True
        cells += tag in {"td", "th"}
    return cells < 2
