"""A page drawn with what was read on it."""

from __future__ import annotations

import io

import pytest
from fidelity import documents
from PIL import Image
from readings import make_document

from corpus.document import MediaType
from extractors.reading import read
from extractors.text import Page
from outputs.page_image import NoPictureError, draw_page


def first_page(data: bytes) -> Page:
    document = make_document(data, "own.pdf").model_copy(update={"media_type": MediaType.PDF})
    text = read(data, document).text
    assert text is not None
    return text.pages[0]


def test_a_quote_is_marked_where_it_stands_and_nowhere_else() -> None:
    data = documents.turned_page(0)
    page = first_page(data)
    plain = Image.open(io.BytesIO(draw_page(data, page, scale=1)))
    marked = Image.open(io.BytesIO(draw_page(data, page, [(0, 6)], scale=1)))
    assert plain.size == marked.size == (595, 842)
    changed = [
        (x, y) for x in range(0, 595, 2) for y in range(0, 842, 2) if plain.getpixel((x, y)) != marked.getpixel((x, y))
    ]
    (box,) = page.boxes(0, 6)
    assert changed
    assert all(box.left - 2 <= x <= box.right + 2 and box.top - 2 <= y <= box.bottom + 2 for x, y in changed)


def test_what_has_no_pages_and_what_cannot_be_opened_is_told_in_words() -> None:
    with pytest.raises(NoPictureError, match="no pages"):
        draw_page(b"", Page(number=None, text="words"))
    page = first_page(documents.turned_page(0))
    with pytest.raises(NoPictureError, match="cannot be opened"):
        draw_page(b"no pdf", page)
