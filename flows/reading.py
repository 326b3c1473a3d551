"""Reading one document and extracting its claims: the work of a worker process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import registry
from corpus.archive import Archive, ArchiveError
from corpus.document import Document
from evidence.finding import Finding
from extractors import extract
from extractors.claim import Claim
from extractors.reading import read
from extractors.text import Outcome, Text
from flows.texts import Texts, open_texts


@dataclass(frozen=True, slots=True)
class Pending:
    """A document in an archive that waits to be read, and the place it was got from."""

    place: str
    document: Document
    archive: Path

    def fail(self, reason: str) -> Finding:
        """The finding where the document could not be read this time."""
        return replace(_end(self.place, self.document, Outcome.FAILED, reason), passes=True)


def read_pending(pending: Pending) -> Finding:
    """The finding of an archived document, whatever it provokes: its failure is its own.

    Raises `MemoryError` alone, since a process that has run out of memory should read no further.
    """
    try:
        archive = Archive(pending.archive)
        data = archive.read(pending.document.sha256)
        return read_document(pending.place, pending.document, data, open_texts(archive))[0]
    except ArchiveError as fault:
        return pending.fail(str(fault))
    except MemoryError:
        raise
    except Exception as fault:
        words = str(fault).strip().partition("\n")[0]
        return pending.fail(f"chiptrail failed on it: {type(fault).__name__}: {words}")


def read_document(
    place: str, document: Document, data: bytes, texts: Texts | None = None
) -> tuple[Finding, Text | None]:
    """The finding of one document and its text, if it has one; with `texts` that is kept there and taken from there.

    The work is what the address says, else what the document says of itself, else its digest. Every quote is held
    against the text; a document with a quote that does not stand there is failed, since then no place in it can be
    trusted.
    """
    reading = texts.read(document, data) if texts else read(data, document)
    if reading.text is None:
        return _end(place, document, reading.outcome, reading.reason), None
    text = reading.text
    work = document.work or text.work or f"sha256:{document.sha256}"
    document = document.model_copy(update={"work": work, "title": document.title or text.title or None})
    claims = extract(document, text, load_registry())
    if fault := next((claim for claim in claims if not stands_in(claim, text)), None):
        reason = f"a claim ({fault.rule}) quotes words that are not in the text"
        return _end(place, document, Outcome.FAILED, reason), text
    finding = Finding(
        place,
        document.address,
        document.name,
        reading.outcome,
        reading.reason,
        document,
        claims,
        text.language,
        sum(page.number is not None for page in text.pages),
    )
    return finding.judged(), text


def stands_in(claim: Claim, text: Text) -> bool:
    """Whether every quote of a claim is what the text has at its offsets, and can be written down."""
    pages = {page.number: page.text for page in text.pages}
    try:
        claim.model_dump_json()
    except ValueError:
        return False
    return all(pages.get(e.page, "")[e.start : e.end] == e.quote for e in claim.evidence)


@cache
def load_registry() -> registry.Registry:
    """The registry, loaded once in a process."""
    return registry.load()


def _end(place: str, document: Document, outcome: Outcome, reason: str) -> Finding:
    return Finding(place, document.address, document.name, outcome, reason, document)
