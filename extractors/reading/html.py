"""The reader of HTML pages."""

from __future__ import annotations

from lxml import html
from lxml.etree import ParserError, _Element

from corpus.document import Document
from extractors.reading.blocks import PageDraft
from extractors.reading.characters import detect_language
from extractors.reading.charset import decode
from extractors.reading.html_main import Layout
from extractors.reading.html_metadata import read_metadata
from extractors.reading.html_walk import Walk
from extractors.text import Kind, Outcome, Reading, Text


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
    draft = PageDraft()
    layout = Layout.of(root)
    main = layout.main if layout.main is not None else root
    Walk(draft, layout.is_furniture).read(main)
    page = draft.build()
    if not page.text:
        return Reading(
            Outcome.NO_TEXT, reason=f"{document.name} holds no text of its own; a script may have to fetch it."
        )
    prose = " ".join(page.text[b.start : b.end] for b in page.blocks if b.kind is not Kind.CODE)
    language = detect_language(prose or page.text, root.get("lang") or "")
    return Reading(Outcome.READ, Text((page,), language, **metadata))


def parse(source: str) -> _Element | None:
    """The tree of a page, or None where it holds nothing."""
    # lxml refuses a str that declares an encoding; bytes with the encoding given are read whatever they declare.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except ParserError:
        return None
