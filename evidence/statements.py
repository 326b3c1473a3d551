"""What comes out of the base: the record of an input, and a claim with all its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, select

from corpus.document import Document
from evidence import tables as t
from evidence.decisions import Review
from evidence.merging import merge_claims
from extractors.claim import Claim
from extractors.text import Outcome


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one input: its last outcome and, where there were bytes, the document."""

    address: str
    name: str
    outcome: Outcome
    reason: str
    claims: int
    document: Document | None
    language: str
    pages: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A live claim with all its evidence, and when the first and the last document that makes it were got.

    `review` is set where the claim is given as it stands after review (`evidence.settled`), and None as it was read.
    """

    claim: Claim
    first_seen: datetime | None
    last_seen: datetime | None
    review: Review | None = None


def live_claims() -> Select[tuple[str, str, str]]:
    """A query for the claims that are made now: claim, reading and document, sorted by claim and digest."""
    return (
        select(t.evidence.c.claim, t.evidence.c.body, t.documents.c.body.label("document"))
        .join(t.claims, t.claims.c.id == t.evidence.c.claim)
        .join(t.documents, t.documents.c.sha256 == t.evidence.c.sha256)
        .where(t.evidence.c.withdrawn_run.is_(None))
        .order_by(t.evidence.c.claim, t.evidence.c.sha256)
    )


def make_statements(rows: Iterable[Row[tuple[str, str, str]]]) -> Iterator[Statement]:
    """The statements of rows (claim, reading, document), which come sorted by claim."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        said = list(group)
        got = sorted(at for _, _, body in said if (at := _retrieved(body)))
        claim = merge_claims([Claim.model_validate_json(body) for _, body, _ in said])
        yield Statement(claim, got[0] if got else None, got[-1] if got else None)


@lru_cache(maxsize=4096)
def _retrieved(document: str) -> datetime | None:
    """When a document was got. All claims of a document ask for it."""
    return Document.model_validate_json(document).retrieved


def make_record(row: Row[Any]) -> Record:
    """The record of a row: an outcome, joined with its document."""
    return Record(
        address=row.address,
        name=row.name,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        claims=row.claims,
        document=Document.model_validate_json(row.body) if row.body else None,
        language=row.language or "",
        pages=row.pages or 0,
    )
