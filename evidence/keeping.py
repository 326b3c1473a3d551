"""Writing one document's finding into the base: its outcome, the claims it makes now, and those it makes no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from corpus.document import Document
from evidence import tables as t
from evidence.finding import READ, Finding
from evidence.merging import merge_claims
from extractors.claim import Claim


class Withdrawal(StrEnum):
    """Why a claim is no longer made."""

    RULES_CHANGED = "rules-changed"
    DOCUMENT_CHANGED = "document-changed"


def keep_finding(connection: Connection, run: int, finding: Finding) -> None:
    """Keep what became of one document in a run.

    A claim found again gets this run as its last; one that the same bytes no longer yield, or that stood in bytes
    which this place no longer gives, loses that evidence and is withdrawn once none is left. A document that could
    not be read withdraws nothing.
    """
    before = _last_sha256(connection, finding.place)
    document = finding.document
    if document:
        _keep_document(connection, run, document, finding)
    _keep_outcome(connection, run, finding)
    if document is None or finding.outcome not in READ:
        return
    claims = _by_id(finding.claims)
    _withdraw(connection, run, document.sha256, keep=claims, reason=Withdrawal.RULES_CHANGED)
    for part in parts(list(claims)):
        _keep_claims(connection, run, document, [claims[claim] for claim in part])
    if before and before != document.sha256 and not _is_current(connection, before):
        _withdraw(connection, run, before, keep=(), reason=Withdrawal.DOCUMENT_CHANGED)


def parts(items: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
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
    """Whether some place gave these bytes when it was last read."""
    places = select(t.outcomes.c.place).where(t.outcomes.c.sha256 == sha256).distinct()
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


def _keep_document(connection: Connection, run: int, document: Document, finding: Finding) -> None:
    """Keep a document as described now, but got when its bytes were first got."""
    known = connection.execute(select(t.documents).where(t.documents.c.sha256 == document.sha256)).first()
    read = {"language": finding.language, "pages": finding.pages}
    if known is None:
        row = {"sha256": document.sha256, "work": document.work, "body": document.model_dump_json(), "first_run": run}
        connection.execute(insert(t.documents).values(**row, **read))
        return
    first = Document.model_validate_json(known.body).retrieved
    merged = document.model_copy(update={"retrieved": first}) if first else document
    change = {"work": merged.work, "body": merged.model_dump_json()} | (read if finding.outcome in READ else {})
    connection.execute(update(t.documents).where(t.documents.c.sha256 == document.sha256).values(**change))


def _keep_claims(connection: Connection, run: int, document: Document, claims: Sequence[Claim]) -> None:
    ids = [claim.id for claim in claims]
    known = set(connection.scalars(select(t.claims.c.id).where(t.claims.c.id.in_(ids))))
    said = select(t.evidence.c.claim).where(t.evidence.c.sha256 == document.sha256, t.evidence.c.claim.in_(ids))
    evidenced = set(connection.scalars(said))
    for claim in claims:
        row = {
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
            connection.execute(
                insert(t.claims).values(id=claim.id, work=document.work or document.sha256, first_run=run, **row)
            )
        reading = {"body": claim.model_dump_json(), "last_run": run, "withdrawn_run": None}
        if claim.id in evidenced:
            at = (t.evidence.c.claim == claim.id) & (t.evidence.c.sha256 == document.sha256)
            connection.execute(update(t.evidence).where(at).values(**reading))
        else:
            connection.execute(insert(t.evidence).values(claim=claim.id, sha256=document.sha256, **reading))


def _withdraw(connection: Connection, run: int, sha256: str, *, keep: Collection[str], reason: Withdrawal) -> None:
    """Take back the evidence of some bytes for all claims but `keep`, and the claims that have no other."""
    live = select(t.evidence.c.claim).where(t.evidence.c.sha256 == sha256, t.evidence.c.withdrawn_run.is_(None))
    gone = [claim for claim in connection.scalars(live).all() if claim not in keep]
    for part in parts(gone):
        at = (t.evidence.c.sha256 == sha256) & t.evidence.c.claim.in_(part)
        connection.execute(update(t.evidence).where(at).values(withdrawn_run=run))
        left = select(t.evidence.c.claim).where(t.evidence.c.withdrawn_run.is_(None))
        bare = t.claims.c.id.in_(part) & t.claims.c.id.not_in(left.where(t.evidence.c.claim.in_(part)))
        connection.execute(update(t.claims).where(bare).values(withdrawn_run=run, withdrawn_reason=reason))
