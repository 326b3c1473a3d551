"""One document, read at once: what `extract`, `text` and `page` begin with."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from corpus.fetching import Limits
from corpus.intake import Refused, Taken, list_inputs, take_all
from evidence.finding import Finding
from extractors.text import Text
from flows.home import find_manners
from flows.reading import read_document


class UnreadableError(click.ClickException):
    """A document gave no bytes, or no text."""

    exit_code = 3


def take_single(name: str, max_size: float) -> Taken:
    """The bytes of a file, an address or standard input. Raises `UnreadableError`."""
    inputs, _ = list_inputs([name])
    if len(inputs) != 1:
        raise click.UsageError(f"{name} is a folder; this command reads one document.")
    limits = Limits(size=int(max_size * 1e6))
    (taken,) = take_all(inputs, limits, lambda: datetime.now(UTC), manners=find_manners())
    if isinstance(taken, Refused):
        raise UnreadableError(f"{name}: {taken.reason}")
    return taken


def read_single(name: str, max_size: float) -> tuple[Finding, Text | None]:
    """What a document says, and its text where there is one. Raises `UnreadableError` where there are no bytes."""
    taken = take_single(name, max_size)
    return read_document(taken.place, taken.document, taken.data)
