"""What stands of the claims of a base by the decisions on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.engine import Connection

from evidence import decision_tables as d
from evidence import tables as t
from evidence.decisions import Action, Decision, State
from evidence.identity import load_identities
from evidence.keeping import parts
from evidence.merging import merge_claims
from evidence.verdicts import Voice, settle
from extractors.claim import Claim, Status


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a claim stands: as it was read, what its reviewers say, and the claim that counts.

    `counts` is None where it is rejected, the corrected claim under the id of the one read where it is corrected.
    """

    read: Claim
    state: State
    said: tuple[Voice, ...]
    counts: Claim | None


def load_decisions(connection: Connection, *where: ColumnElement[bool]) -> list[Decision]:
    """Decisions of the log by time and id."""
    query = select(d.decisions.c.body).where(*where).order_by(d.decisions.c.time, d.decisions.c.id)
    return [Decision.model_validate_json(body) for body in connection.scalars(query)]


def load_live(connection: Connection, *where: ColumnElement[bool]) -> dict[str, Claim]:
    """Claims that are made now, by id, each with all its evidence."""
    query = (
        select(t.evidence.c.claim, t.evidence.c.body)
        .join(t.claims, t.claims.c.id == t.evidence.c.claim)
        .where(t.evidence.c.withdrawn_run.is_(None), *where)
        .order_by(t.evidence.c.claim, t.evidence.c.sha256)
    )
    read: dict[str, list[Claim]] = defaultdict(list)
    for claim, body in connection.execute(query):
        read[claim].append(Claim.model_validate_json(body))
    return {claim: merge_claims(said) for claim, said in read.items()}


def load_said(connection: Connection, *where: ColumnElement[bool]) -> dict[str, list[Voice]]:
    """What reviewers say of claims as they are now, by claim."""
    said: dict[str, list[Voice]] = defaultdict(list)
    for row in connection.execute(select(d.verdicts).where(*where)).mappings():
        said[row["claim"]].append(Voice(**{**row, "verdict": State(row["verdict"])}))
    return said


def load_said_of(connection: Connection, claims: Collection[str]) -> dict[str, list[Voice]]:
    """What reviewers say of some claims."""
    found: dict[str, list[Voice]] = {}
    for part in parts(sorted(claims)):
        found |= load_said(connection, d.verdicts.c.claim.in_(part))
    return found


def judge(connection: Connection, claims: Iterable[Claim]) -> Iterator[Judgement]:
    """Where each claim stands; those that nobody decided are open. Subjects have the ids that stand (`identity`)."""
    known = load_identities(connection)
    for part in _chunks(claims):
        said = load_said_of(connection, [claim.id for claim in part])
        holding = {claim: settle(voices) for claim, voices in said.items()}
        wanted = [held.decision for _, held in holding.values() if held and held.verdict is State.CORRECTED]
        stated = {
            decision.id: known.settle(decision.stated, decision.work)
            for decision in _by_ids(connection, wanted)
            if decision.stated
        }
        for claim in part:
            state, held = holding.get(claim.id, (State.OPEN, None))
            counts: Claim | None = claim
            if state is State.REJECTED:
                counts = None
            elif state is State.ACCEPTED:
                counts = claim.model_copy(update={"status": Status.ASSERTED})
            elif held and (corrected := stated.get(held.decision)):
                counts = corrected.model_copy(update={"id": claim.id, "evidence": claim.evidence})
            yield Judgement(claim, state, tuple(said.get(claim.id, ())), counts)


def added_claims(connection: Connection, *where: ColumnElement[bool]) -> list[Claim]:
    """The claims that reviewers added, that stand, and that the machine does not make, sorted by id."""
    rows = (
        select(d.decisions.c.claim)
        .join(d.verdicts, d.verdicts.c.decision == d.decisions.c.id)
        .where(d.decisions.c.action == Action.ADD, d.decisions.c.claim == d.verdicts.c.claim, *where)
    )
    ids = sorted(set(connection.scalars(rows)))
    known = load_ids(connection, ids)
    missing = [claim for claim in ids if claim not in known]
    named = load_identities(connection)
    made = {
        decision.claim: named.settle(decision.stated, decision.work)
        for part in parts(missing)
        for decision in load_decisions(connection, d.decisions.c.claim.in_(part), d.decisions.c.action == Action.ADD)
        if decision.stated
    }
    return [judged.counts for judged in judge(connection, (made[c] for c in missing)) if judged.counts]


def what_stands(connection: Connection, models: Sequence[str], claims: Iterable[Claim]) -> Iterator[Claim]:
    """What counts of the claims about some models: without those rejected, with those corrected or added to them."""
    for judged in judge(connection, claims):
        if judged.counts and judged.state is not State.CORRECTED:
            yield judged.counts
    identities = load_identities(connection)
    renamed = {one.name for one in identities.standing() if identities.resolve(one.into) in models}
    about = d.decisions.c.subject.in_({*models, *renamed})
    corrected = (
        select(d.verdicts.c.claim)
        .join(d.decisions, d.decisions.c.id == d.verdicts.c.decision)
        .where(about, d.verdicts.c.verdict == State.CORRECTED)
    )
    for part in parts(sorted(set(connection.scalars(corrected)))):
        live = load_live(connection, t.claims.c.id.in_(part))
        for judged in judge(connection, live.values()):
            if judged.state is State.CORRECTED and judged.counts and judged.counts.subject.id in models:
                yield judged.counts
    yield from (claim for claim in added_claims(connection, about) if claim.subject.id in models)


def stated_subjects() -> Select[tuple[str]]:
    """The subjects that reviewers state claims about."""
    return select(d.decisions.c.subject).where(d.decisions.c.subject != "")


def load_ids(connection: Connection, claims: Sequence[str]) -> set[str]:
    """Those of some ids that are claims made now."""
    made = select(t.claims.c.id).where(t.claims.c.withdrawn_run.is_(None))
    return {claim for part in parts(claims) for claim in connection.scalars(made.where(t.claims.c.id.in_(part)))}


def _by_ids(connection: Connection, ids: Sequence[str]) -> Iterator[Decision]:
    for part in parts(sorted(set(ids))):
        yield from load_decisions(connection, d.decisions.c.id.in_(part))


def _chunks(claims: Iterable[Claim], size: int = 500) -> Iterator[list[Claim]]:
    part: list[Claim] = []
    for claim in claims:
        part.append(claim)
        if len(part) == size:
            yield part
            part = []
    yield part
