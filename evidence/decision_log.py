"""The log of decisions in a base: taking them, taking them back, reading them, and merging those of people apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

import evidence
from evidence import decision_tables as d
from evidence import tables as t
from evidence.decisions import (
    Action,
    Decision,
    DecisionError,
    State,
    correct_claim,
    digest_reading,
    taken_back,
)
from evidence.judgement import load_decisions, load_live, load_said
from evidence.keeping import parts
from evidence.placing import place_anew
from evidence.review_rules import load_review_rules
from evidence.shown import Shown, find_shown
from evidence.stamps import LINKS_BY, get_stamp
from evidence.store import Store
from evidence.verdicts import Voice, settle
from evidence.versions import digest_rooms
from extractors.claim import Claim


class ClaimChangedError(DecisionError):
    """The claim is not what the reviewer saw; `now` is what it is."""

    def __init__(self, now: Claim) -> None:
        self.now = now
        super().__init__("the claim has changed since it was shown; look at it again")


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision in the history, and whether it was taken back."""

    decision: Decision
    undone: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a claim stands: the decision that holds, and the last of each reviewer; `stands` by decision id."""

    claim: str
    state: State
    holds: Decision | None
    said: tuple[Decision, ...]
    stands: frozenset[str]


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records of an import were new, and how many were there."""

    added: int
    known: int


class DecisionLog:
    """The decisions of a base. Every writing call is one short transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def decide(
        self,
        claim: str,
        action: Action,
        reviewer: str,
        time: datetime,
        *,
        digest: str | None = None,
        reason: str | None = None,
        changes: Mapping[str, Any] | None = None,
        note: str = "",
        final: bool = False,
    ) -> Decision:
        """Accept, reject, correct or skip a claim.

        `digest` is that of the reading that the reviewer saw. A reject without a reason has the first of the list.
        `changes` are the fields that a correction changes. `final` settles a dispute. Raises `UnknownClaimError`,
        `ClaimChangedError`, `DecisionError` and `StoreError`.
        """
        with self._store.writing() as connection:
            shown = find_shown(connection, claim)
            if digest is not None and digest_reading(shown.claim) != digest:
                raise ClaimChangedError(shown.claim)
            decision = _decide(shown, action, reviewer, time, reason, changes, note, final)
            _append(connection, [decision])
        self._follow()
        return decision

    def decide_alike(
        self,
        claims: Sequence[str],
        action: Action,
        reviewer: str,
        time: datetime,
        *,
        reason: str | None = None,
        note: str = "",
    ) -> list[Decision]:
        """Accept, reject or skip equal claims, all or none. Raises what `decide` raises."""
        if action not in (Action.ACCEPT, Action.REJECT, Action.SKIP):
            raise DecisionError("several claims are accepted, rejected or skipped at once, and nothing else")
        with self._store.writing() as connection:
            groups = select(d.queue.c.alike).where(d.queue.c.claim.in_(claims)).distinct()
            if len(set(connection.scalars(groups))) != 1:
                raise DecisionError("these claims are not equal; decide them one by one")
            shown = [find_shown(connection, claim) for claim in dict.fromkeys(claims)]
            decisions = [_decide(one, action, reviewer, time, reason, None, note, False) for one in shown]
            _append(connection, decisions)
        self._follow()
        return decisions

    def add(self, claim: Claim, work: str, reviewer: str, time: datetime, note: str = "") -> Decision:
        """Add a claim that the machine missed (see `state_claim`). Raises `DecisionError` where it is made already."""
        with self._store.writing() as connection:
            if load_live(connection, t.claims.c.id == claim.id):
                raise DecisionError("the machine makes this claim already; decide that one")
            known = select(t.documents.c.sha256).where(t.documents.c.sha256.in_([e.sha256 for e in claim.evidence]))
            if set(connection.scalars(known)) != {e.sha256 for e in claim.evidence}:
                raise DecisionError("the claim rests on a document that the base does not hold")
            decision = _make(
                action=Action.ADD, claim=claim.id, work=work, reviewer=reviewer, time=time, note=note, stated=claim
            )
            _append(connection, [decision])
        self._follow()
        return decision

    def undo(self, decision: str, reviewer: str, time: datetime) -> Decision:
        """Take a decision of one's own back; taking back an undo brings the decision again. Raises `DecisionError`."""
        with self._store.writing() as connection:
            known = load_decisions(connection, d.decisions.c.id == decision)
            if not known:
                raise DecisionError("there is no such decision to take back")
            target = known[0]
            if target.reviewer != reviewer:
                raise DecisionError(f"this decision is {target.reviewer}'s, who alone takes it back; decide yourself")
            record = _make(
                action=Action.UNDO,
                claim=target.claim,
                work=target.work,
                reviewer=reviewer,
                time=time,
                cancels=target.id,
                planted=target.planted,
            )
            _append(connection, [record])
        self._follow()
        return record

    def merge(self, decisions: Iterable[Decision]) -> Merged:
        """Add the decisions of others; those that are there stay as they are, so that any order gives one state."""
        by_id = {decision.id: decision for decision in decisions}
        with self._store.writing() as connection:
            known: set[str] = set()
            for part in parts(list(by_id)):
                known |= set(connection.scalars(select(d.decisions.c.id).where(d.decisions.c.id.in_(part))))
            _append(connection, [decision for key, decision in by_id.items() if key not in known])
        self._follow()
        return Merged(len(by_id) - len(known), len(known))

    def all(self) -> list[Decision]:
        """Every record of the log, by time and id."""
        with self._store.reading() as connection:
            return load_decisions(connection)

    def last(self, reviewer: str, limit: int = 10) -> list[Decision]:
        """A reviewer's last decisions that are not taken back, newest first: what an undo takes."""
        found = (entry.decision for entry in self.history(reviewer=reviewer, limit=20 * limit) if not entry.undone)
        return [decision for decision in found if decision.action is not Action.UNDO][:limit]

    def history(
        self,
        *,
        reviewer: str | None = None,
        claim: str | None = None,
        action: Action | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Entry]:
        """What was decided, newest first, with the records that take back."""
        wanted = {"reviewer": reviewer, "claim": claim, "action": action}
        query = select(d.decisions.c.body).where(
            *(d.decisions.c[name] == value for name, value in wanted.items() if value is not None)
        )
        query = query.order_by(d.decisions.c.time.desc(), d.decisions.c.id.desc()).limit(limit).offset(offset)
        with self._store.reading() as connection:
            found = [Decision.model_validate_json(body) for body in connection.scalars(query)]
            around: list[Decision] = []
            for part in parts(sorted({decision.claim for decision in found})):
                around += load_decisions(connection, d.decisions.c.claim.in_(part))
        undone = taken_back(around)
        return [Entry(decision, decision.id in undone) for decision in found]

    def standing(self, claim: str) -> Standing:
        """Where a claim stands, with what each reviewer decided last."""
        with self._store.reading() as connection:
            return _stand(connection, {claim: load_said(connection, d.verdicts.c.claim == claim).get(claim, [])})[0]

    def disputes(self) -> list[Standing]:
        """The claims on which reviewers say different things, sorted by id."""
        several = select(d.verdicts.c.claim).group_by(d.verdicts.c.claim).having(func.count() > 1)
        with self._store.reading() as connection:
            said = load_said(connection, d.verdicts.c.claim.in_(several))
            split = {claim: said[claim] for claim in sorted(said) if settle(said[claim])[0] is State.DISPUTED}
            return _stand(connection, split)

    def _follow(self) -> None:
        """Derive the links again that the last decisions bear on.

        Where another version of chiptrail derived the links, all are due; that is for a run, and no decision waits for
        it.
        """
        with self._store.reading() as connection:
            due = connection.scalar(select(t.stale.c.model).limit(1)) is not None
            due = due and get_stamp(connection, LINKS_BY) == digest_rooms(evidence)
        if due:
            self._store.derive_links()


def _decide(
    shown: Shown,
    action: Action,
    reviewer: str,
    time: datetime,
    reason: str | None,
    changes: Mapping[str, Any] | None,
    note: str,
    final: bool,
) -> Decision:
    if action in (Action.ADD, Action.UNDO):
        raise DecisionError(f"{action} is no decision on a claim that is shown")
    if bool(changes) != (action is Action.CORRECT):
        raise DecisionError("a correction says what changes, and nothing else does")
    known = [known.id for known in load_review_rules().reasons]
    if action is Action.REJECT:
        reason = reason or known[0]
    if reason is not None and reason not in known:
        raise DecisionError(f"{reason!r} is no reason of the list: {', '.join(known)}")
    return _make(
        action=action,
        claim=shown.claim.id,
        work=shown.work,
        reviewer=reviewer,
        time=time,
        reason=reason,
        note=note,
        final=final,
        seen=shown.claim,
        stated=correct_claim(shown.work, shown.claim, changes) if changes else None,
        planted=shown.planted,
    )


def _make(**fields: Any) -> Decision:
    try:
        return Decision(**{**fields, "reviewer": fields["reviewer"].strip()})
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise DecisionError(f"{where}: {first['msg']}" if where else first["msg"]) from fault


def _append(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Add records; one that is there already, as a button pressed twice sends it, is one."""
    ids = [decision.id for decision in decisions]
    known: set[str] = set()
    for part in parts(ids):
        known |= set(connection.scalars(select(d.decisions.c.id).where(d.decisions.c.id.in_(part))))
    fresh = [decision for decision in decisions if decision.id not in known]
    for decision in fresh:
        connection.execute(insert(d.decisions).values(**_row(decision)))
    for work, reviewer in sorted({(decision.work, decision.reviewer) for decision in fresh}):
        place_anew(connection, work, reviewer)


def _row(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "claim": decision.claim,
        "work": decision.work,
        "reviewer": decision.reviewer,
        "time": decision.time,
        "action": decision.action,
        "planted": decision.planted is not None,
        "subject": decision.stated.subject.id if decision.stated and not decision.planted else "",
        "body": decision.model_dump_json(),
    }


def _stand(connection: Connection, said: Mapping[str, Sequence[Voice]]) -> list[Standing]:
    ids = sorted({voice.decision for voices in said.values() for voice in voices})
    decisions: dict[str, Decision] = {}
    for part in parts(ids):
        decisions |= {x.id: x for x in load_decisions(connection, d.decisions.c.id.in_(part))}
    found = []
    for claim, voices in said.items():
        state, held = settle(voices)
        ordered = sorted(voices, key=lambda voice: (voice.time, voice.decision))
        found.append(
            Standing(
                claim=claim,
                state=state,
                holds=decisions[held.decision] if held else None,
                said=tuple(decisions[voice.decision] for voice in ordered),
                stands=frozenset(voice.decision for voice in voices if voice.stands),
            )
        )
    return found
