"""`chiptrail text` and `chiptrail page`: how a document was read."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.options import max_size_option


@click.command("text")
@click.argument("name", metavar="FILE")
@click.option("--page", type=click.IntRange(min=1), help="Only this page of a PDF.")
@max_size_option
def print_text(name: str, page: int | None, max_size: float) -> None:
    """Print a document's text as it was read.

    Every quote is a span of it.
    """
    from flows.commands.single import UnreadableError, read_single

    finding, text = read_single(name, max_size)
    if text is None:
        raise UnreadableError(f"{name}: {finding.reason}")
    pages = [p for p in text.pages if page is None or p.number == page]
    if not pages:
        raise click.UsageError(f"{name} has no page {page}.")
    for number, shown in enumerate(pages):
        if len(pages) > 1:
            click.echo(f"{chr(10) if number else ''}--- page {shown.number} ---")
        click.echo(shown.text)


@click.command("page")
@click.argument("name", metavar="FILE")
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@click.option("--out", type=click.Path(path_type=Path, allow_dash=True), required=True, help="PNG file, or `-`.")
@max_size_option
def draw_page(name: str, number: int, out: Path, max_size: float) -> None:
    """Draw a page of a PDF with what was read.

    Blocks and cells are outlined, the quotes of claims marked.
    """
    from flows.commands.single import UnreadableError, take_single
    from flows.reading import read_document
    from outputs import page_image

    taken = take_single(name, max_size)
    finding, text = read_document(taken.place, taken.document, taken.data)
    if text is None:
        raise UnreadableError(f"{name}: {finding.reason}")
    page = next((p for p in text.pages if p.number in (number, None)), None)
    if page is None:
        raise click.UsageError(f"{name} has no page {number}; it has {len(text.pages)}.")
    quotes = [(e.start, e.end) for claim in finding.claims for e in claim.evidence if e.page == page.number]
    picture = page_image.draw_page(taken.data, page, quotes)
    with click.open_file(str(out), "wb") as file:
        file.write(picture)
