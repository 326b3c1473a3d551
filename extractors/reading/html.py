"""The reader of HTML pages."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from corpus.document import Document
from extractors.reading.blocks import PageDraft
from extractors.reading.characters import detect_language, flow, normalise
from extractors.reading.charset import decode
from extractors.reading.html_inline import read_line
from extractors.reading.html_main import Layout
from extractors.reading.html_markup import markup
from extractors.reading.html_metadata import find_date, read_metadata
from extractors.reading.html_walk import Walk
from extractors.text import Kind, Outcome, Page, Reading, Text

_TEX_SETTER = re.compile(r"mathjax|katex", re.I)
_BYLINE = 160
_INLINE_TAG = re.compile(
    r"</?(?:a|b|big|code|em|font|i|ins|kbd|mark|small|span|strong|sub|sup|u)\b[^<>]{0,2000}>", re.I
)
_HEADING_PARAGRAPH = re.compile(r"(?P<heading><h[1-6]\b[^<>]{0,200}>)\s*<p\b[^<>]{0,200}>", re.I)
_FLAT_TAG = re.compile(
    r"</?(?:article|aside|blockquote|center|dd|dl|dt|div|figure|footer|form|header|li|main|ol|section|table|tbody|td|th|tr|ul)"
    r"\b[^<>]{0,2000}>",
    re.I,
)


def read_html(data: bytes, document: Document) -> Reading:
    """The main text of a page, without navigation, cookie bars, comments and related posts, as one page without number.

    NO_TEXT for an empty page, or one whose text a script would have to fetch; UNSUPPORTED where no encoding fits.
    """
    source = decode(data)
    if source is None:
        return Reading(Outcome.UNSUPPORTED, reason=f"{document.name} is in no character encoding that could be told.")
    root = parse(source)
    if root is None:
        return Reading(Outcome.NO_TEXT, reason=f"{document.name} holds no text.")
    metadata = read_metadata(root, document)
    layout = Layout.of(root)
    draft = PageDraft(markup().furniture_heading)
    if heading := _find_outer_heading(root, layout, metadata["title"]):
        draft.add_heading(heading, 1)
    Walk(draft, layout.is_furniture, tex=_sets_tex(root)).read(layout.main)
    page = draft.build()
    if not page.text:
        reason = f"{document.name} holds no text of its own; a script may have to fetch it."
        return Reading(Outcome.NO_TEXT, reason=reason)
    metadata["date"] = metadata["date"] or _read_byline(page)
    return Reading(Outcome.READ, Text((page,), detect_language(prose_of(page), root.get("lang") or ""), **metadata))


def parse(source: str) -> _Element | None:
    """The tree of a page, or None where it holds nothing."""
    root, cut = _build(source)
    if cut:
        # libxml2 stops at a depth of 2,048, which tags that are never closed can reach; paragraphs do not nest.
        root, _ = _build(_FLAT_TAG.sub("<p>", _INLINE_TAG.sub("", source)))
    return root


def _build(source: str) -> tuple[_Element | None, bool]:
    # A str that declares an encoding is refused; bytes with the encoding given are read whatever they declare.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    # libxml2 ends a heading where a paragraph begins; browsers do not: «<h2><p align="center">Larch</p></h2>».
    source = _HEADING_PARAGRAPH.sub(r"\g<heading>", source)
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    return root, any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def prose_of(page: Page) -> str:
    """The text of a page that tells its language: without code, unless there is nothing else."""
    prose = " ".join(page.text[b.start : b.end] for b in page.blocks if b.kind is not Kind.CODE)
    return prose or page.text


def _find_outer_heading(root: _Element, layout: Layout, title: str) -> str:
    """The page's main heading where it stands outside the main text, as in a banner above it."""
    outer = ""
    for heading in islice(root.iter("h1"), 5):
        up: _Element | None = heading
        while up is not None and up is not layout.main and not layout.is_furniture(up):
            up = up.getparent()
        if up is layout.main:
            return ""
        text = read_line(heading)
        outer = outer or (text if text and text in title else "")
    return outer


def _sets_tex(root: _Element) -> bool:
    """Whether a script on the page sets TeX, so that `$…$` in its text is a formula."""
    return any(
        _TEX_SETTER.search(script.get("src") or "") or _TEX_SETTER.search((script.text or "")[:2000])
        for script in root.iter("script")
    )


def _read_byline(page: Page) -> str:
    """The date in the short lines at the head of a text («by: Ada Lovelace, 02 Feb, 2023»)."""
    heads = [page.text[b.start : b.end] for b in page.blocks[:4] if b.kind is Kind.PARAGRAPH]
    return next((date for text in heads if len(text) <= _BYLINE and (date := find_date(flow(normalise(text))))), "")
