"""What the tests of the readers share: a document of some bytes, and short views of what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from corpus.document import Document
from corpus.media import sniff
from extractors.text import Kind, Outcome, Page, Reading, Table

Reader = Callable[[bytes, Document], Reading]


def make_document(data: bytes, name: str, address: str = "") -> Document:
    """The document of some bytes under a name."""
    digest = hashlib.sha256(data).hexdigest()
    return Document(sha256=digest, media_type=sniff(data, name), name=name, address=address or name, size=len(data))


def page_of(reading: Reading) -> Page:
    """The one page of a reading that went well, its offsets checked."""
    assert reading.outcome is Outcome.READ, reading.reason
    assert reading.text is not None
    (page,) = reading.text.pages
    check_offsets(page)
    return page


def check_offsets(page: Page) -> None:
    """Blocks follow one another and cover the text but for the empty lines between; cells slice to their text."""
    end = 0
    for block in page.blocks:
        assert page.text[end : block.start] == ("\n\n" if end else "")
        assert page.text[block.start : block.end].strip("\n")
        end = block.end
        cells = block.table.cells if block.table else ()
        assert bool(cells) == (block.kind is Kind.TABLE)
        for cell in cells:
            assert block.start <= cell.start <= cell.end <= block.end
            assert page.text[cell.start : cell.end] == cell.text
            assert not set(cell.text) & {"\n", "\t"}
    assert end == len(page.text)


def blocks_of(page: Page) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    return [(str(block.kind), page.text[block.start : block.end]) for block in page.blocks]


def tables_of(page: Page) -> list[Table]:
    """The tables of a page."""
    return [block.table for block in page.blocks if block.table]


def grid_of(table: Table) -> list[list[str]]:
    """The table as rows of texts, spanned cells repeated in each place they cover."""
    rows, columns = table.shape
    return [[cell.text if (cell := table.at(r, c)) else "" for c in range(columns)] for r in range(rows)]
