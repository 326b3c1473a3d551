"""Reading one document and extracting its claims, whatever goes wrong on the way: the work of a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Pending:
    """A document in the archive that waits to be read, and the place it was got from."""

    place: str
    document: Document


def read_and_extract(batch: Sequence[Pending], archive: Path) -> list[Finding]:
    """The findings of some archived documents, in their order. One document's failure is its own."""
    kept = Archive(archive)
    return [_read_kept(pending, kept) for pending in batch]


def read_document(place: str, document: Document, data: bytes) -> tuple[Finding, Text | None]:
    """The finding of one document and its text, if it has one.

    The work is what the address says, else what the document says of itself, else its digest. Every quote is held
    against the text; a document with a quote that does not stand there is failed, since then no place in it can be
    trusted.
    """
    finding = Finding(place, document.address, document.name, Outcome.FAILED, document=document)
    reading = read(data, document)
    if reading.text is None:
        return _end(finding, reading.outcome, reading.reason), None
    text = reading.text
    known = {
        "work": document.work or text.work or f"sha256:{document.sha256}",
        "title": document.title or text.title or None,
    }
    document = document.model_copy(update=known)
    claims = extract(document, text, load_registry())
    if fault := next((claim for claim in claims if not stands_in(claim, text)), None):
        return _end(finding, Outcome.FAILED, f"a claim ({fault.rule}) quotes words that are not in the text"), text
    whole = Finding(
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
    return whole.judged(), text


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


def _read_kept(pending: Pending, archive: Archive) -> Finding:
    document = pending.document
    try:
        return read_document(pending.place, document, archive.read(document.sha256))[0]
    except ArchiveError as fault:
        reason = str(fault)
    except MemoryError:
        reason = "it takes more memory than there is"
    except Exception as fault:  # whatever a damaged document provokes must not end the run
        reason = f"chiptrail failed on it: {type(fault).__name__}: {str(fault).strip().partition(chr(10))[0]}"
    return Finding(pending.place, document.address, document.name, Outcome.FAILED, reason, document)


def _end(finding: Finding, outcome: Outcome, reason: str) -> Finding:
    return Finding(finding.place, finding.address, finding.name, outcome, reason, finding.document)
