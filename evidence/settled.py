"""What goes out of the base after review: what stands of its claims, and the decisions that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice

from sqlalchemy import select

from corpus.document import Document
from evidence import decision_tables as d
from evidence import tables as t
from evidence.decisions import Decision, Review, State, changed_fields, taken_back
from evidence.judgement import Judgement, added_claims, judge, load_decisions, load_said
from evidence.keeping import parts
from evidence.statements import Statement
from evidence.store import Store

_PART = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A decision, whether it was taken back, and whether it bears on a claim as it is now."""

    decision: Decision
    undone: bool
    stands: bool


def settle_statements(store: Store, run: int | None = None) -> Iterator[Statement]:
    """What stands of the claims of the base, or of those that a run's documents make, sorted by id.

    What was rejected is left out, what was corrected says what the reviewer states under the id of the claim that was
    read, what reviewers added is there; `review` tells of each. Raises `StoreError`.
    """
    read = _judge_all(store, store.statements(run))
    yield from merge(read, _added(store, run), key=lambda statement: statement.claim.id)


def tell_decisions(store: Store, digests: Iterable[str]) -> Iterator[Told]:
    """The decisions on claims of some documents by time, and the records that take them back; none on planted claims.

    Raises `StoreError`.
    """
    known = set(digests)
    with store.reading() as connection:
        decisions = load_decisions(connection, d.decisions.c.planted.is_(False))
        stands = {voice.decision for said in load_said(connection).values() for voice in said if voice.stands}
    gone = taken_back(decisions)
    shown = {
        decision.id
        for decision in decisions
        if (claim := decision.stated or decision.seen) and any(e.sha256 in known for e in claim.evidence)
    }
    for decision in decisions:
        if decision.cancels in shown:
            shown.add(decision.id)
        if decision.id in shown:
            yield Told(decision, decision.id in gone, decision.id in stands)


def _judge_all(store: Store, statements: Iterator[Statement]) -> Iterator[Statement]:
    with store.reading() as connection:
        decided = connection.scalar(select(d.verdicts.c.claim).limit(1)) is not None
    if not decided:
        yield from statements
        return
    while part := list(islice(statements, _PART)):
        with store.reading() as connection:
            judged = list(judge(connection, (statement.claim for statement in part)))
        for statement, judgement in zip(part, judged, strict=True):
            if judgement.counts is not None:
                yield replace(statement, claim=judgement.counts, review=_review(judgement))


def _added(store: Store, run: int | None) -> list[Statement]:
    with store.reading() as connection:
        claims = added_claims(connection)
        digests = sorted({e.sha256 for claim in claims for e in claim.evidence})
        got: dict[str, Document] = {}
        for part in parts(digests):
            wanted = select(t.documents.c.sha256, t.documents.c.body).where(t.documents.c.sha256.in_(part))
            if run is not None:
                mine = select(t.outcomes.c.sha256).where(t.outcomes.c.run == run)
                wanted = wanted.where(t.documents.c.sha256.in_(mine))
            got |= {row.sha256: Document.model_validate_json(row.body) for row in connection.execute(wanted)}
        judged = {x.read.id: x for x in judge(connection, claims)}
    found = []
    for claim in claims:
        if all(e.sha256 in got for e in claim.evidence):
            seen = sorted(at for e in claim.evidence if (at := got[e.sha256].retrieved))
            review = _review(judged[claim.id])
            found.append(Statement(claim, seen[0] if seen else None, seen[-1] if seen else None, review))
    return found


def _review(judgement: Judgement) -> Review | None:
    if judgement.state is State.OPEN:
        return None
    corrected = judgement.counts if judgement.state is State.CORRECTED else None
    differing = changed_fields(judgement.read, corrected) if corrected else {}
    return Review(
        state=judgement.state,
        reviewers=tuple(sorted({voice.reviewer for voice in judgement.said})),
        machine={field: was for field, (was, _) in differing.items()},
    )
