"""Writing one document's finding into the base: its outcome, the claims it makes now, and those it makes no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from corpus.document import Document
from evidence import tables as t
from evidence.carrying import Carried, find_moved, keep_outcomes, keep_place, keep_reading, mark_stale, unsettle
from evidence.finding import READ, Finding
from evidence.merging import merge_claims
from evidence.stamps import revise
from extractors.claim import Claim

Item = TypeVar("Item")


class Withdrawal(StrEnum):
    """Why a claim is no longer made."""

    RULES_CHANGED = "rules-changed"
    DOCUMENT_CHANGED = "document-changed"
    DOCUMENT_GONE = "document-gone"


def keep_finding(connection: Connection, run: int, finding: Finding, given: Document | None = None) -> None:
    """Keep what became of one document in a run; with the document as it was `given` to the reader, that this was read.

    A claim found again gets this run as its last; one that the same bytes no longer yield, or that stood in bytes
    which this place no longer gives, loses that evidence and is withdrawn once none is left. A document that could
    not be read withdraws nothing.
    """
    before = _last_sha256(connection, finding.place)
    document = finding.document
    if document:
        _keep_document(connection, run, document, finding, before)
        keep_place(connection, finding.place, document.sha256)
    _keep_outcome(connection, run, finding)
    if given:
        keep_reading(connection, run, given, finding)
    if document is None or finding.outcome not in READ:
        return
    claims = _by_id(finding.claims)
    _withdraw(connection, run, document.sha256, keep=claims, reason=Withdrawal.RULES_CHANGED)
    for part in parts(list(claims)):
        _keep_claims(connection, run, document, [claims[claim] for claim in part])
    _leave(connection, run, before, document.sha256)


def carry_findings(connection: Connection, run: int, carried: Sequence[Carried]) -> None:
    """Take findings over from earlier runs into this one; a place that gives other bytes now is told as ever."""
    moved = find_moved(connection, carried)
    keep_outcomes(connection, run, carried)
    for one, before in moved:
        if document := one.finding.document:
            keep_place(connection, one.finding.place, document.sha256)
            if one.finding.outcome in READ:
                _leave(connection, run, before, document.sha256)


def _leave(connection: Connection, run: int, before: str | None, now: str) -> None:
    """Withdraw what stood in the bytes that a place gave before, unless another place still gives them."""
    if before and before != now and not _is_current(connection, before):
        _withdraw(connection, run, before, keep=(), reason=Withdrawal.DOCUMENT_CHANGED)


def retire_places(connection: Connection, run: int, places: Sequence[str]) -> None:
    """Keep that places are no more, and withdraw what stood in their bytes alone. A place that comes back is one again
    (`keep_place`).
    """
    for place in places:
        sha256 = _last_sha256(connection, place)
        connection.execute(delete(t.places).where(t.places.c.place == place))
        connection.execute(delete(t.departed).where(t.departed.c.place == place))
        if sha256:
            connection.execute(insert(t.departed).values(place=place, sha256=sha256, run=run))
            if not _is_current(connection, sha256):
                _withdraw(connection, run, sha256, keep=(), reason=Withdrawal.DOCUMENT_GONE)


def parts(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    """The items in parts that a database takes as the parameters of one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _by_id(claims: Sequence[Claim]) -> dict[str, Claim]:
    readings: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        readings[claim.id].append(claim)
    return {claim: merge_claims(said) for claim, said in readings.items()}


def _last_sha256(connection: Connection, place: str) -> str | None:
    """The bytes that a place gave when it last gave any."""
    known = t.outcomes.c
    query = (
        select(known.sha256).where(known.place == place, known.sha256.is_not(None)).order_by(known.run.desc()).limit(1)
    )
    return connection.scalar(query)


def _is_current(connection: Connection, sha256: str) -> bool:
    """Whether some place that is still there gave these bytes when it was last read."""
    gone = select(t.departed.c.place).where(t.departed.c.sha256 == sha256)
    places = select(t.outcomes.c.place).where(t.outcomes.c.sha256 == sha256, t.outcomes.c.place.not_in(gone)).distinct()
    return any(_last_sha256(connection, place) == sha256 for place in connection.scalars(places).all())


def _keep_outcome(connection: Connection, run: int, finding: Finding) -> None:
    connection.execute(delete(t.outcomes).where(t.outcomes.c.run == run, t.outcomes.c.place == finding.place))
    connection.execute(
        insert(t.outcomes).values(
            run=run,
            place=finding.place,
            address=finding.address,
            name=finding.name,
            sha256=finding.document.sha256 if finding.document else None,
            outcome=finding.outcome,
            reason=finding.reason,
            claims=len(finding.claims),
        )
    )


def _keep_document(connection: Connection, run: int, document: Document, finding: Finding, before: str | None) -> None:
    """Keep a document as described now, but got when its bytes were first got, and linked to those that its place gave
    before they first came.
    """
    known = connection.execute(select(t.documents).where(t.documents.c.sha256 == document.sha256)).first()
    read = {"language": finding.language, "pages": finding.pages}
    if known is None:
        if before and before != document.sha256 and document.previous is None:
            document = document.model_copy(update={"previous": before})
        row = {"sha256": document.sha256, "work": document.work, "body": document.model_dump_json(), "first_run": run}
        connection.execute(insert(t.documents).values(**row, **read))
        return
    first = Document.model_validate_json(known.body)
    kept = {"retrieved": first.retrieved or document.retrieved, "previous": document.previous or first.previous}
    merged = document.model_copy(update=kept)
    change = {"work": merged.work, "body": merged.model_dump_json()} | (read if finding.outcome in READ else {})
    connection.execute(update(t.documents).where(t.documents.c.sha256 == document.sha256).values(**change))


def _keep_claims(connection: Connection, run: int, document: Document, claims: Sequence[Claim]) -> None:
    ids = [claim.id for claim in claims]
    subjects = select(t.claims.c.id, t.claims.c.subject).where(t.claims.c.id.in_(ids))
    known: dict[str, str] = {row.id: row.subject for row in connection.execute(subjects)}
    said = select(t.evidence.c.claim, t.evidence.c.body, t.evidence.c.withdrawn_run).where(
        t.evidence.c.sha256 == document.sha256, t.evidence.c.claim.in_(ids)
    )
    evidenced: dict[str, str | None] = {
        row.claim: None if row.withdrawn_run else row.body for row in connection.execute(said)
    }
    changed: dict[str, None] = {}
    new: list[dict[str, object]] = []
    said_first: list[dict[str, object]] = []
    for claim in claims:
        row: dict[str, object] = {
            "type": claim.type,
            "subject": claim.subject.id,
            "chip": claim.chip.id if claim.chip else None,
            "status": claim.status,
            "confidence": claim.confidence,
            "last_run": run,
            "withdrawn_run": None,
            "withdrawn_reason": None,
        }
        if claim.id in known:
            connection.execute(update(t.claims).where(t.claims.c.id == claim.id).values(**row))
        else:
            new.append({"id": claim.id, "work": document.work or document.sha256, "first_run": run, **row})
        reading = {"body": claim.model_dump_json(), "last_run": run, "withdrawn_run": None}
        if evidenced.get(claim.id) != reading["body"]:
            changed |= {claim.subject.id: None, known.get(claim.id, claim.subject.id): None}
        if claim.id in evidenced:
            at = (t.evidence.c.claim == claim.id) & (t.evidence.c.sha256 == document.sha256)
            connection.execute(update(t.evidence).where(at).values(**reading))
        else:
            said_first.append({"claim": claim.id, "sha256": document.sha256, **reading})
    if new:
        connection.execute(insert(t.claims), new)
    if said_first:
        connection.execute(insert(t.evidence), said_first)
    mark_stale(connection, list(changed))


def _withdraw(connection: Connection, run: int, sha256: str, *, keep: Collection[str], reason: Withdrawal) -> None:
    """Take back the evidence of some bytes for all claims but `keep`, and the claims that have no other."""
    live = select(t.evidence.c.claim).where(t.evidence.c.sha256 == sha256, t.evidence.c.withdrawn_run.is_(None))
    gone = [claim for claim in connection.scalars(live).all() if claim not in keep]
    if reason is not Withdrawal.RULES_CHANGED:
        unsettle(connection, sha256)
    if gone:
        revise(connection)
    for part in parts(gone):
        at = (t.evidence.c.sha256 == sha256) & t.evidence.c.claim.in_(part)
        connection.execute(update(t.evidence).where(at).values(withdrawn_run=run))
        left = select(t.evidence.c.claim).where(t.evidence.c.withdrawn_run.is_(None))
        about = select(t.claims.c.subject).where(t.claims.c.id.in_(part)).distinct()
        mark_stale(connection, list(connection.scalars(about)))
        bare = t.claims.c.id.in_(part) & t.claims.c.id.not_in(left.where(t.evidence.c.claim.in_(part)))
        connection.execute(update(t.claims).where(bare).values(withdrawn_run=run, withdrawn_reason=reason))
