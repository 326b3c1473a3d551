"""Documents for the eye: pictures of PDF pages and the text as it was read, each made once and kept for a while.

Parsers of other people's files hang and crash, so they are called through a `Bench`, which whoever starts the server
puts into a process of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import pypdfium2

from corpus.archive import Archive, ArchiveError
from corpus.document import Document
from extractors.reading import read
from extractors.text import Box, Text
from outputs.page_image import NoPictureError, render_page

SCALE = 2.0
"""Pixels a point: sharp on a phone's screen, and half a megabyte a page."""

MARGIN = 1.5
"""Points between the letters of a quote and the frame about them."""

_PICTURES = 96
_TEXTS = 12


class Want(StrEnum):
    """What of a document is wanted: the sizes of its pages in points, the picture of a page, or its text."""

    SIZES = "sizes"
    PICTURE = "picture"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of one archived document; `page` is that of the picture."""

    archive: Path
    document: Document
    want: Want
    page: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """What cannot be shown, and why, in a sentence for people."""

    reason: str


Sizes = tuple[tuple[float, float], ...]
Shown = Sizes | bytes | Text
Bench = Callable[[Order], Shown | Missing]
"""Whoever fulfils orders."""


class NoPageError(LookupError):
    """A document or page cannot be shown; the message says why."""


def fulfil(order: Order) -> Shown | Missing:
    """Do what an order asks, in this process."""
    try:
        data = Archive(order.archive).read(order.document.sha256)
        match order.want:
            case Want.SIZES:
                return _measure(data)
            case Want.PICTURE:
                return _draw(data, order.page)
            case Want.TEXT:
                reading = read(data, order.document)
                return reading.text or Missing(reading.reason)
    except (ArchiveError, NoPictureError, pypdfium2.PdfiumError) as fault:
        return Missing(str(fault))


class Library:
    """The documents of an archive, as the pages show them."""

    def __init__(self, archive: Path, bench: Bench) -> None:
        self._archive = archive
        self._bench = bench
        self._ask = lru_cache(_PICTURES)(self._fetch)
        self._read = lru_cache(_TEXTS)(self._fetch)

    def size(self, document: Document, page: int) -> tuple[float, float]:
        """Width and height of a PDF's page in points, as displayed. Raises `NoPageError`."""
        sizes = self.sizes(document)
        if not 1 <= page <= len(sizes):
            raise NoPageError(f"The document has {len(sizes)} pages; there is no page {page}.")
        return sizes[page - 1]

    def sizes(self, document: Document) -> Sizes:
        """Width and height of all pages of a PDF. Raises `NoPageError`."""
        found = self._ask(Order(self._archive, document, Want.SIZES))
        assert isinstance(found, tuple)
        return found

    def picture(self, document: Document, page: int) -> bytes:
        """A page of a PDF as PNG, `SCALE` pixels a point. Raises `NoPageError`."""
        found = self._ask(Order(self._archive, document, Want.PICTURE, page))
        assert isinstance(found, bytes)
        return found

    def text(self, document: Document) -> Text:
        """A document's text as it was read. Raises `NoPageError`."""
        found = self._read(Order(self._archive, document, Want.TEXT))
        assert isinstance(found, Text)
        return found

    def _fetch(self, order: Order) -> Shown:
        found = self._bench(order)
        if isinstance(found, Missing):
            raise NoPageError(found.reason)
        return found


def outline(boxes: Iterable[tuple[float, float, float, float]], size: tuple[float, float]) -> list[Box]:
    """The frames to draw about the boxes of a quote: a little wider than they are, and within the page."""
    width, height = size
    return [
        Box(max(0, left - MARGIN), max(0, top - MARGIN), min(width, right + MARGIN), min(height, bottom + MARGIN))
        for left, top, right, bottom in boxes
    ]


def _measure(data: bytes) -> Sizes:
    with pypdfium2.PdfDocument(data) as file:
        return tuple(file.get_page_size(i) for i in range(len(file)))


def _draw(data: bytes, page: int) -> bytes:
    out = io.BytesIO()
    render_page(data, page, SCALE).save(out, "PNG", compress_level=3)
    return out.getvalue()
