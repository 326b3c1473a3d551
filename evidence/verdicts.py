"""Where decisions stand on the claims as they are now: which claim each bears on, and what holds of several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from evidence.decisions import VERDICTS, Action, Decision, State, anchors, is_same, statement
from extractors.claim import Claim


@dataclass(frozen=True, slots=True)
class Voice:
    """What one reviewer says of one claim as it is now.

    `verdict` is accepted, rejected, corrected or skipped; `stated` the id of the claim that a correction states.
    `stands` is false where the claim is not what the reviewer saw.
    """

    claim: str
    reviewer: str
    decision: str
    work: str
    verdict: State
    stated: str
    final: bool
    time: datetime
    stands: bool


def settle(said: Iterable[Voice]) -> tuple[State, Voice | None]:
    """Where a claim stands by what its reviewers say, and whose word holds.

    The last final word holds before all others. Reviewers agree when they give one verdict and, correcting, state one
    claim; otherwise the claim is disputed and nobody's word holds. Words on what the claim once was hold nothing.
    """
    voices = sorted(said, key=lambda s: (s.time, s.decision))
    verdicts = [s for s in voices if s.verdict is not State.SKIPPED]
    standing = [s for s in verdicts if s.stands]
    if final := [s for s in standing if s.final]:
        return final[-1].verdict, final[-1]
    if len({(s.verdict, s.stated) for s in standing}) > 1:
        return State.DISPUTED, None
    if standing:
        return standing[-1].verdict, standing[-1]
    if verdicts:
        return State.CHANGED, None
    return (State.SKIPPED if voices else State.OPEN), None


class Live:
    """The claims that are made now of some works, by id, by what they say, and by their words."""

    def __init__(self, claims: Mapping[str, Claim]) -> None:
        self.claims = claims

    @cached_property
    def _said(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for claim in sorted(self.claims):
            found[statement(self.claims[claim])].append(claim)
        return found

    @cached_property
    def _quoted(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for claim in sorted(self.claims):
            for words in anchors(self.claims[claim]):
                found[self.claims[claim].type, words].append(claim)
        return found

    def find(self, wanted: Claim) -> str | None:
        """The live claim that says the same in the same words; of several that with the same id, else the first."""
        if (now := self.claims.get(wanted.id)) and is_same(wanted, now):
            return wanted.id
        return next((c for c in self._said.get(statement(wanted), ()) if is_same(wanted, self.claims[c])), None)

    def kin(self, seen: Claim) -> str | None:
        """The live claim of the same type that most likely is what is read now from the words of another one."""
        found = sorted({claim for words in anchors(seen) for claim in self._quoted.get((seen.type, words), ())})
        return max(found, key=lambda claim: _likeness(seen, self.claims[claim])) if found else None


def place(decisions: Iterable[Decision], live: Live) -> list[Voice]:
    """What decisions, none of them taken back, say of the live claims; the last word of each reviewer on each claim.

    A decision bears on the claim of its id. Where that is made no longer, it bears on the claim that says the same
    with another id, or else, as one that does not stand, on the claim that now is read from its words: «2,048 H800»
    that was read as of another stage. Who corrects a claim or adds one accepts the claim that says so.
    """
    last: dict[tuple[str, str], Voice] = {}
    for decision in decisions:
        for said in _bear(decision, live):
            last[said.claim, said.reviewer] = said
    return list(last.values())


def _bear(decision: Decision, live: Live) -> Iterator[Voice]:
    if decision.planted:
        if decision.claim not in live.claims:
            yield _say(decision, decision.claim, _verdict(decision), stands=True)
        return
    stated = live.find(decision.stated) if decision.stated else None
    if stated or decision.action is Action.ADD:
        yield _say(decision, stated or decision.claim, State.ACCEPTED, stands=True)
    if decision.seen is None:
        return
    now = live.claims.get(decision.claim)
    same = decision.claim if now and is_same(decision.seen, now) else live.find(decision.seen)
    claim = same or (decision.claim if now else live.kin(decision.seen))
    if claim and claim != stated:
        yield _say(decision, claim, _verdict(decision), stands=same is not None)


def _likeness(seen: Claim, now: Claim) -> int:
    same = (seen.value == now.value, seen.chip == now.chip, seen.subject.name == now.subject.name)
    return 2 * sum(same) + (anchors(seen) == anchors(now))


def _verdict(decision: Decision) -> State:
    return VERDICTS.get(decision.action, State.SKIPPED)


def _say(decision: Decision, claim: str, verdict: State, *, stands: bool) -> Voice:
    return Voice(
        claim=claim,
        reviewer=decision.reviewer,
        decision=decision.id,
        work=decision.work,
        verdict=verdict,
        stated=decision.stated.id if decision.stated and verdict is State.CORRECTED else "",
        final=decision.final,
        time=decision.time,
        stands=stands,
    )
