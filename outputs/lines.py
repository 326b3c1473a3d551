"""The lines of an evidence set, as types: the JSON Schemas are generated from them, and every line is written one
way.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from corpus.document import MediaType
from evidence.decisions import Action, Decision, Review
from evidence.history import Tombstone
from evidence.keeping import Withdrawal
from evidence.links import Link
from evidence.settled import Told
from evidence.standing import LinkControl
from evidence.statements import Record, Statement
from extractors.claim import Claim
from extractors.text import Outcome
from outputs.selectors import EvidenceLine, make_evidence_line

SCHEMA_VERSION = "1.3.0"


class ClaimLine(Claim):
    """A claim with its evidence, and when the first and the last document version that makes it were got.

    Both are null where the documents came as files without a date. `review` is null where nobody decided. A claim that
    reviewers corrected says what they state, and its `review` what the machine read.
    """

    evidence: tuple[EvidenceLine, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    review: Review | None = None


class LinkLine(Link):
    """A link with the control status of its chip on each day that matters to it; that is no violation on any."""

    control: LinkControl


class WithdrawnLine(ClaimLine):
    """A claim that is made no longer, as it was last made, and why: its documents may be gone."""

    cause: Withdrawal


class ReviewLine(BaseModel):
    """One decision of a reviewer, in the order of time: accept, reject, correct, skip, add, and undo of another one.

    `machine` is the reading that the reviewer saw, `stated` the claim as the reviewer states it. `undone` says that it
    was taken back, `stands` that it bears on a claim as it is now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    action: Action
    claim: str
    work: str
    reviewer: str
    time: datetime
    reason: str | None
    note: str
    final: bool
    machine: Claim | None
    stated: Claim | None
    cancels: str | None
    undone: bool
    stands: bool


class DocumentLine(BaseModel):
    """One input and what became of it; `sha256` is null where no bytes were got. `claims` counts what was read from
    it. `previous` is the digest of the version that stood there before, where one is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    name: str
    sha256: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: MediaType | None
    size: int | None
    outcome: Outcome
    reason: str
    claims: int = Field(ge=0)
    pages: int = Field(ge=0)
    language: str
    work: str | None
    title: str | None
    developer: str | None
    source: str | None
    licence: str | None
    published: date | None
    retrieved: datetime | None
    previous: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


def make_claim_line(statement: Statement) -> ClaimLine:
    """The line of a claim."""
    fields = {name: getattr(statement.claim, name) for name in Claim.model_fields}
    fields["evidence"] = tuple(map(make_evidence_line, statement.claim.evidence))
    return ClaimLine.model_construct(
        **fields, first_seen=statement.first_seen, last_seen=statement.last_seen, review=statement.review
    )


def make_link_line(link: Link, control: LinkControl) -> LinkLine:
    """The line of a link."""
    return LinkLine.model_construct(**{name: getattr(link, name) for name in Link.model_fields}, control=control)


def make_withdrawn_line(tombstone: Tombstone) -> WithdrawnLine:
    """The line of a claim that is made no longer."""
    line = make_claim_line(tombstone.statement)
    fields = {name: getattr(line, name) for name in ClaimLine.model_fields}
    return WithdrawnLine.model_construct(**fields, cause=tombstone.cause)


def make_review_line(told: Told) -> ReviewLine:
    """The line of a decision."""
    fields = {name: getattr(told.decision, name) for name in ReviewLine.model_fields if name in Decision.model_fields}
    return ReviewLine(**fields, machine=told.decision.seen, undone=told.undone, stands=told.stands)


def make_document_line(record: Record) -> DocumentLine:
    """The line of an input."""
    document = record.document
    return DocumentLine(
        address=record.address,
        name=record.name,
        sha256=document.sha256 if document else None,
        media_type=document.media_type if document else None,
        size=document.size if document else None,
        outcome=record.outcome,
        reason=record.reason,
        claims=record.claims,
        pages=record.pages,
        language=record.language,
        work=document.work if document else None,
        title=document.title if document else None,
        developer=document.developer if document else None,
        source=document.source if document else None,
        licence=document.licence if document else None,
        published=document.published if document else None,
        retrieved=document.retrieved if document else None,
        previous=document.previous if document else None,
    )


def canonical_json(value: BaseModel | dict[str, Any] | list[Any], *, indent: bool = False) -> str:
    """One spelling for one value: sorted keys, no spaces, letters as they are, whole numbers without a point.

    Raises `ValueError` for what JSON cannot say: not-a-number, infinity.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return (_INDENTED if indent else ENCODER).encode(_whole_numbers(plain))


ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_INDENTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)


def _whole_numbers(value: Any) -> Any:
    # Most of a line are words, and a call for each of them would take longer than writing the line.
    if isinstance(value, dict):
        return {key: item if type(item) is str else _whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [item if type(item) is str else _whole_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return int(value)
    return value
