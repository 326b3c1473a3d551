"""A page as a picture with what was read outlined on it: blocks, table cells and the quotes of claims."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable

import pypdfium2
from PIL import Image, ImageDraw

from extractors.text import Box, Kind, Page

_COLOURS: dict[Kind, tuple[int, int, int]] = {
    Kind.HEADING: (200, 30, 30),
    Kind.PARAGRAPH: (60, 90, 200),
    Kind.ITEM: (0, 130, 170),
    Kind.TABLE: (20, 140, 50),
    Kind.CAPTION: (160, 60, 180),
    Kind.FOOTNOTE: (150, 110, 30),
    Kind.CODE: (90, 90, 90),
    Kind.REFERENCE: (130, 130, 170),
    Kind.FIGURE: (230, 130, 20),
    Kind.FURNITURE: (170, 170, 170),
}
_MARKER = (255, 220, 0, 110)
_MOST_PIXELS = 20_000_000


class NoPictureError(ValueError):
    """The document has no pages that could be drawn; the message says so for people."""


def draw_page(data: bytes, page: Page, quotes: Iterable[tuple[int, int]] = (), scale: float = 2.0) -> bytes:
    """A PNG of one page of a PDF at `scale` pixels a point: blocks outlined by kind and numbered in reading order,
    cells thin.

    `quotes` are spans of the page's text, such as `(evidence.start, evidence.end)`; they are marked in yellow. Raises
    `NoPictureError` for a page of a document without pages (HTML, Markdown) and for a file that cannot be opened.
    """
    if page.number is None or page.geometry is None:
        raise NoPictureError("Only pages of a PDF can be drawn; this document has no pages.")
    scale = _bound(scale, page.width, page.height)
    canvas = render_page(data, page.number, scale).convert("RGBA")
    layer = Image.new("RGBA", canvas.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for start, end in quotes:
        for box in page.boxes(start, end):
            pen.rectangle([v * scale for v in box], fill=_MARKER)
    for number, block in enumerate(page.blocks, 1):
        colour = _COLOURS[block.kind]
        if block.table:
            for cell in block.table.cells:
                if (around := _around(page.boxes(cell.start, cell.end))) is not None:
                    pen.rectangle([v * scale for v in around], outline=(*colour, 150))
        around = _around(page.boxes(block.start, block.end))
        if around is None:
            continue
        left, top, right, bottom = (v * scale for v in around)
        pen.rectangle([left - 3, top - 3, right + 3, bottom + 3], outline=(*colour, 255), width=2)
        pen.text((left - 2, top - 14), f"{number} {block.kind}", fill=(*colour, 255))
    out = io.BytesIO()
    Image.alpha_composite(canvas, layer).convert("RGB").save(out, "PNG")
    return out.getvalue()


def render_page(data: bytes, number: int, scale: float = 2.0) -> Image.Image:
    """One page of a PDF as a picture, at `scale` pixels a point or as many as a very large page allows.

    Raises `NoPictureError` where the file cannot be opened or has no such page.
    """
    try:
        with pypdfium2.PdfDocument(data) as file:
            if not 1 <= number <= len(file):
                raise NoPictureError(f"The document has {len(file)} pages; there is no page {number}.")
            leaf = file[number - 1]
            try:
                picture: Image.Image = leaf.render(scale=_bound(scale, *leaf.get_size())).to_pil()
            finally:
                leaf.close()
            return picture
    except pypdfium2.PdfiumError as error:
        raise NoPictureError(f"The PDF cannot be opened to draw page {number}: {error}") from error


def _bound(scale: float, width: float, height: float) -> float:
    return min(scale, math.sqrt(_MOST_PIXELS / max(1.0, width * height)))


def _around(boxes: tuple[Box, ...]) -> Box | None:
    if not boxes:
        return None
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )
