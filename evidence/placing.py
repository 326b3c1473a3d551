"""Finding where decisions stand on the claims as they are now: after each decision, and after each run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from evidence import decision_tables as d
from evidence import tables as t
from evidence.carrying import mark_stale
from evidence.decisions import SETTLED, Decision, State, active
from evidence.judgement import load_decisions, load_live, load_said, load_said_of
from evidence.keeping import parts
from evidence.review_rules import ReviewRules, load_review_rules
from evidence.stamps import revise
from evidence.store import Store
from evidence.verdicts import Live, Voice, place, settle
from extractors.claim import Claim, Status


def place_decisions(store: Store) -> None:
    """Find anew where all decisions stand on the claims as they are now, after a run. Raises `StoreError`."""
    with store.reading() as connection:
        if connection.scalar(select(d.decisions.c.id).limit(1)) is None:
            return
    with store.writing(revises=False) as connection:
        if _place_all(connection):
            revise(connection)


def place_anew(connection: Connection, work: str, reviewer: str) -> None:
    """Find anew where the decisions of one reviewer on one work stand."""
    mine = (d.verdicts.c.work == work) & (d.verdicts.c.reviewer == reviewer)
    earlier = load_said(connection, mine)
    now = _place_work(connection, work, reviewer)
    touched = sorted(set(earlier) ^ {s.claim for s in now} | {s.claim for s in now if [s] != earlier.get(s.claim)})
    before = load_said_of(connection, touched)
    connection.execute(delete(d.verdicts).where(mine))
    _insert(connection, now)
    _follow(connection, before, load_said_of(connection, touched))


def _place_all(connection: Connection) -> bool:
    """Whether any decision stands elsewhere than before."""
    before = load_said(connection)
    connection.execute(delete(d.verdicts))
    for work in connection.scalars(select(d.decisions.c.work).distinct()).all():
        _insert(connection, _place_work(connection, work, None))
    return _follow(connection, before, load_said(connection))


def _follow(connection: Connection, before: dict[str, list[Voice]], after: dict[str, list[Voice]]) -> bool:
    """Whether any claim stands elsewhere than before; the queue follows, and links are marked to be derived again."""
    moved = sorted(c for c in {*before, *after} if settle(before.get(c, ())) != settle(after.get(c, ())))
    mark_stale(connection, sorted(_models_of(connection, moved, before, after)))
    _follow_in_queue(connection, moved, after)
    return bool(moved)


def _models_of(
    connection: Connection, moved: Sequence[str], before: dict[str, list[Voice]], after: dict[str, list[Voice]]
) -> set[str]:
    """The models whose links may be others now. To accept what is asserted anyway changes none."""
    models: set[str] = set()
    told: set[str] = set()
    asserted: set[str] = set()
    for part in parts(moved):
        rows = connection.execute(select(t.claims).where(t.claims.c.id.in_(part))).all()
        asserted |= {row.id for row in rows if row.status == Status.ASSERTED}
        models |= {row.subject for row in rows if _differs(row.id, before, after, asserted)}
    for claim in moved:
        if _differs(claim, before, after, asserted):
            told |= {voice.decision for voice in (*before.get(claim, ()), *after.get(claim, ()))}
    for part in parts(sorted(told)):
        stated = select(d.decisions.c.subject).where(d.decisions.c.id.in_(part), d.decisions.c.subject != "")
        models |= set(connection.scalars(stated))
    return models


def _differs(
    claim: str, before: dict[str, list[Voice]], after: dict[str, list[Voice]], asserted: Collection[str]
) -> bool:
    """Whether another claim counts now than before."""
    was, now = (_counts(settle(said.get(claim, ())), claim in asserted) for said in (before, after))
    return was != now


def _counts(settled: tuple[State, Voice | None], asserted: bool) -> str:
    state, held = settled
    if state is State.CORRECTED and held:
        return held.decision
    return state if state is State.REJECTED or (state is State.ACCEPTED and not asserted) else ""


def stand(said: Sequence[Voice], worth: float, second: bool, rules: ReviewRules) -> dict[str, Any]:
    """What a row of the queue says of where its claim stands: its state, its rank, and whether anybody is asked.

    What one reviewer settled wants the word of another where it is one of those asked twice.
    """
    state, _ = settle(said)
    alone = sum(voice.verdict is not State.SKIPPED for voice in said) == 1
    asked = state not in SETTLED or (second and alone)
    return {"state": state, "rank": worth + rules.add(state), "wants": int(asked)}


def _follow_in_queue(connection: Connection, claims: Sequence[str], said: Mapping[str, Sequence[Voice]]) -> None:
    rules = load_review_rules()
    for part in parts(claims):
        query = select(d.queue.c.claim, d.queue.c.worth, d.queue.c.second).where(d.queue.c.claim.in_(part))
        for claim, worth, second in connection.execute(query).all():
            standing = stand(said.get(claim, ()), worth, second, rules)
            connection.execute(update(d.queue).where(d.queue.c.claim == claim).values(**standing))


def _place_work(connection: Connection, work: str, reviewer: str | None) -> list[Voice]:
    mine = d.decisions.c.work == work
    if reviewer is not None:
        mine &= d.decisions.c.reviewer == reviewer
    decisions = active(load_decisions(connection, mine))
    seen = [decision.claim for decision in decisions]
    live: dict[str, Claim] = {}
    for part in parts(sorted(set(seen))):
        live |= load_live(connection, t.claims.c.id.in_(part))
    if any(decision.stated or decision.claim not in live for decision in decisions if not decision.planted):
        live |= _around(connection, work, decisions)
    return place(decisions, Live(live))


def _around(connection: Connection, work: str, decisions: Iterable[Decision]) -> dict[str, Claim]:
    """The live claims of a work and of the documents that decisions on it saw, whatever work these are now."""
    found = load_live(connection, t.claims.c.work == work)
    shown = {e.sha256 for x in decisions for c in (x.seen, x.stated) if c for e in c.evidence}
    for part in parts(sorted(shown)):
        here = select(t.evidence.c.claim).where(t.evidence.c.sha256.in_(part), t.evidence.c.withdrawn_run.is_(None))
        found |= load_live(connection, t.claims.c.id.in_(here))
    return found


def _insert(connection: Connection, said: Iterable[Voice]) -> None:
    """Keep what is said; where works share a document, the later word of a reviewer on a claim."""
    for row in sorted(said, key=lambda s: (s.time, s.decision)):
        at = (d.verdicts.c.claim == row.claim) & (d.verdicts.c.reviewer == row.reviewer)
        known = connection.scalar(select(d.verdicts.c.time).where(at))
        if known is not None and known > row.time:
            continue
        if known is not None:
            connection.execute(delete(d.verdicts).where(at))
        connection.execute(insert(d.verdicts).values(**asdict(row)))
