"""Reading: the bytes of a document become its text, by the reader for its kind."""

from __future__ import annotations

from corpus.document import Document, MediaType
from extractors.text import Outcome, Reading


def read(data: bytes, document: Document) -> Reading:
    """The text of a document, or the reason why there is none; readers load only when a document of their kind
    comes.
    """
    match document.media_type:
        case MediaType.PDF:
            from extractors.reading.pdf import read_pdf

            return read_pdf(data, document)
        case MediaType.HTML:
            from extractors.reading.html import read_html

            return read_html(data, document)
        case MediaType.MARKDOWN:
            from extractors.reading.markdown import read_markdown

            return read_markdown(data, document)
        case MediaType.TEXT:
            from extractors.reading.plain import read_plain

            return read_plain(data, document)
        case _:
            return Reading(
                Outcome.UNSUPPORTED, reason=f"{document.name} is neither PDF, HTML, Markdown nor plain text."
            )
