"""The text inside one block of a page: superscripts, breaks, formulas and note marks resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from lxml.etree import _Element, iterwalk

from extractors.reading.characters import flow, normalise, raise_text
from extractors.reading.html_markup import classes, is_mark, markup, tag_of
from extractors.reading.html_math import read_formula
from extractors.reading.tex import render_embedded

_BREAK = "\x1e"
_KEPT_BREAK = "\ufdd0"
_ORDINAL = re.compile(r"(?:st|nd|rd|th)")
_VALUE = re.compile(r"[~≈<>≤≥$¥€£+-]?\s*\d")


@dataclass(slots=True)
class Inline:
    """Gathers the text of one block, and how many of its letters are bold or link to a place on the same page.

    `tex` says that the page has its `$…$` set by a script, as MathJax does.
    """

    tex: bool = False
    letters: int = 0
    bold_letters: int = 0
    inner_letters: int = 0
    bold: int = 0
    inner_links: int = 0
    _parts: list[str] = field(default_factory=list)

    def say(self, text: str | None) -> None:
        """Add text as it stands in the source."""
        if text:
            self._parts.append(text)
            letters = len(text) - text.count(" ") - text.count("\n")
            self.letters += letters
            if self.bold:
                self.bold_letters += letters
            if self.inner_links:
                self.inner_letters += letters

    def end_line(self) -> None:
        """Add a line end that stays, as `<br>` is."""
        self._parts.append(_BREAK)

    def lift(self, inner: str, linked: bool) -> None:
        """Add a superscript; see `raise_text`. What is linked to a note is a note's mark."""
        if not linked:
            self.say(inner if _ORDINAL.fullmatch(inner) else raise_text("".join(self._parts[-6:])[-40:], inner))

    def take(self) -> str:
        """The text gathered so far, cleaned, one line for each kept line end; gathering starts anew."""
        text = "".join(self._parts)
        self._parts.clear()
        self.letters = self.bold_letters = self.inner_letters = 0
        if text.isspace() or not text:
            return ""
        if self.tex:
            text = render_embedded(text)
        if _BREAK not in text:
            return flow(normalise(text))
        lines = normalise(text.replace(_BREAK, _KEPT_BREAK)).split(_KEPT_BREAK)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(map(flow, lines))).strip()


def read_line(element: _Element, tex: bool = False) -> str:
    """The text of an element on one line: of a table cell, a caption, a note.

    Two values on lines of their own stay apart: «8×A100<br>16×H20» is «8×A100 / 16×H20»; a label that is merely wrapped
    («GPU<br>hours») is joined by a space.
    """
    if not len(element):
        return flow(normalise(render_embedded(element.text or "") if tex else element.text or ""))
    inline = Inline(tex)
    walker = iterwalk(element, events=("start", "end"))
    for event, found in walker:
        inside = found is not element
        tag = tag_of(found)
        if event == "end":
            if inside:
                if tag in markup().blocks:
                    inline.end_line()
                inline.say(found.tail)
            continue
        formula = read_formula(found)
        if formula is not None:
            inline.say(formula)
        elif inside and (
            tag in markup().silent or tag == "img" or is_mark(found) or "ltx_note_outer" in classes(found)
        ):
            pass
        elif inside and tag in {"sup", "sub"}:
            read_shifted(found, tag, inline)
        elif tag == "br":
            inline.end_line()
        else:
            if inside and tag in markup().blocks:
                inline.end_line()
            inline.say(found.text)
            continue
        walker.skip_subtree()
    return _join_lines([line for line in inline.take().split("\n") if line])


def read_shifted(element: _Element, tag: str, inline: Inline) -> None:
    """Add what a `sup` or `sub` says; a superscript that holds or stands in a link to a note is dropped."""
    inner = flow(normalise("".join(map(str, element.itertext()))))
    if tag == "sub":
        inline.say(inner)
        return
    parent = element.getparent()
    linked = any(tag_of(found) == "a" for found in element.iterdescendants()) or (
        parent is not None and tag_of(parent) == "a" and (parent.get("href") or "").startswith("#")
    )
    inline.lift(inner, linked)


def _join_lines(lines: list[str]) -> str:
    text = lines[0] if lines else ""
    for before, line in pairwise(lines):
        text += (" / " if _VALUE.match(before) and _VALUE.match(line) else " ") + line
    return text


def read_preformatted(element: _Element, by_child: bool = False) -> str:
    """The text of code with its line ends; `by_child` where each row or child is a line without an end of its own."""
    parts: list[str] = []
    walker = iterwalk(element, events=("start", "end"))
    for event, found in walker:
        inside = found is not element
        if event == "end":
            if inside:
                ends = by_child and tag_of(found) in {"tr", "div", "p"}
                parts.append("\n" if ends else "")
                parts.append("" if by_child and (found.tail or "").isspace() else found.tail or "")
        elif inside and is_mark(found):
            walker.skip_subtree()
        else:
            text = found.text or ""
            parts.append("\n" if tag_of(found) == "br" else "" if by_child and text.isspace() and len(found) else text)
    return normalise("".join(parts))
