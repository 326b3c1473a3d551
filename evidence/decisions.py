"""What people decide about claims: records that are only ever added, and what follows from them.

A decision names its claim by what is claimed: a claim's id is a hash of the work and of the statement, and so the same
in every run. It keeps the claim as it was seen, so that it is known later whether the claim is still the same one.
Nothing is changed or deleted: who takes a decision back appends a record that cancels it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from extractors.claim import NOT_FACTS, UNITS, Chip, Claim, ClaimType, Evidence, Subject, claim_id
from extractors.claims.naming import STAGE_GROUP
from registry import Registry
from registry.identity import identify_model, identify_organisation
from registry.tables import fold

REVIEWER_RULE = "reviewer"
"""The rule of a claim that a person added."""
LONGEST_NOTE = 2000
LONGEST_NAME = 80
LONGEST_SUBJECT = 200

CORRECTABLE = (
    "type", "subject", "chip", "value", "unit", "lower", "upper", "qualifier", "per", "stage", "attribution", "modality"
)  # fmt: skip
"""The fields of a claim that a correction may change; what it rests on and who read it stay."""


class DecisionError(ValueError):
    """A decision that cannot be taken; the message says why and what to do."""


class Action(StrEnum):
    """What a reviewer does. `add` states a claim that is missing, `undo` cancels an earlier decision."""

    ACCEPT = "accept"
    REJECT = "reject"
    CORRECT = "correct"
    SKIP = "skip"
    ADD = "add"
    UNDO = "undo"


class State(StrEnum):
    """Where a claim stands after all decisions on it.

    `open`: nobody decided. `skipped`: somebody saw it and did not decide. `disputed`: two reviewers say different
    things. `changed`: it was decided, and is not what it was then.
    """

    OPEN = "open"
    SKIPPED = "skipped"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CORRECTED = "corrected"
    DISPUTED = "disputed"
    CHANGED = "changed"


VERDICTS: dict[Action, State] = {
    Action.ACCEPT: State.ACCEPTED,
    Action.REJECT: State.REJECTED,
    Action.CORRECT: State.CORRECTED,
}
SETTLED = frozenset(VERDICTS.values())
"""States in which a claim needs no decision any more."""


class Alteration(BaseModel):
    """How a planted claim was made wrong: which field of a real claim, what it was, and what it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Literal["chip", "value", "subject"]
    was: str
    made: str


class Review(BaseModel):
    """What a claim that goes out tells of its review: where it stands, who decided, and what the machine read in the
    fields that were corrected.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: State
    reviewers: tuple[str, ...]
    machine: dict[str, Any] = {}


class Decision(BaseModel):
    """One record of the log.

    `claim` is the id of the claim that is decided, or of the one that is added. `seen` is the machine's reading as it
    stood before the reviewer, `stated` the claim as the reviewer states it (of `correct` and `add`), so that both are
    kept. `cancels` is the id of the decision that an `undo` takes back. `final` marks a decision that was made in sight
    of those of others: it settles a dispute. `planted` says that the claim was a wrong one made to measure reviewers.
    The id is a hash of the rest, so that one decision imported twice is one decision; what has its default is left out
    of it, so that a field that a later version adds changes no id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    action: Action
    claim: str
    work: str
    reviewer: str = Field(min_length=1, max_length=LONGEST_NAME)
    time: AwareDatetime
    reason: str | None = None
    note: str = Field(default="", max_length=LONGEST_NOTE)
    final: bool = False
    seen: Claim | None = None
    stated: Claim | None = None
    cancels: str | None = None
    planted: Alteration | None = None

    @model_validator(mode="after")
    def _check(self) -> Decision:
        if (self.reason is not None) != (self.action is Action.REJECT):
            raise ValueError("a reject has a reason, and nothing else has")
        if (self.cancels is not None) != (self.action is Action.UNDO):
            raise ValueError("an undo names the decision that it cancels, and nothing else does")
        if (self.stated is not None) != (self.action in (Action.CORRECT, Action.ADD)):
            raise ValueError("a correction and an added claim state a claim, and nothing else does")
        if (self.seen is not None) != (self.action not in (Action.ADD, Action.UNDO)):
            raise ValueError("a decision on a claim keeps the claim as it was seen")
        object.__setattr__(self, "time", self.time.astimezone(UTC))
        expected = _digest("d1", self.model_dump(mode="json", exclude={"id"}, exclude_defaults=True))
        if self.id not in ("", expected):
            raise ValueError("the record was altered: its id is not that of what it says")
        object.__setattr__(self, "id", expected)
        return self


def taken_back(decisions: Iterable[Decision]) -> frozenset[str]:
    """The ids of the records that others cancel. An undo counts for the reviewer's own records alone, and can be
    undone in its turn.
    """
    known = {decision.id: decision for decision in decisions}
    undos: dict[str, list[Decision]] = defaultdict(list)
    for decision in known.values():
        target = known.get(decision.cancels or "")
        if target and target.reviewer == decision.reviewer:
            undos[target.id].append(decision)

    def cancelled(record: str) -> bool:
        return any(not cancelled(undo.id) for undo in undos[record])

    return frozenset(record for record in known if cancelled(record))


def active(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that are not taken back, undo records left out, by time and id; any order in, one order out."""
    known = {decision.id: decision for decision in decisions}
    gone = taken_back(known.values())
    standing = [d for d in known.values() if d.action is not Action.UNDO and d.id not in gone]
    return sorted(standing, key=lambda d: (d.time, d.id))


def identify(work: str, claim: Claim) -> str:
    """The id that a claim has by what it says, as the extractors give it."""
    return claim_id(
        work,
        claim.type,
        claim.subject.name,
        claim.chip.id if claim.chip else None,
        claim.value,
        unit=claim.unit,
        per=claim.per,
        stage=STAGE_GROUP[claim.stage],
        attribution=str(claim.attribution),
        fact=str(claim.modality not in NOT_FACTS),
    )


def digest_reading(claim: Claim) -> str:
    """A digest of what a reviewer judges: the statement and its quotes. Never of rule, score, page or offsets.

    A form carries it, so that a decision on a claim that changed meanwhile is refused.
    """
    return _digest("s1", [statement(claim), sorted(anchors(claim))])


def is_same(seen: Claim, now: Claim) -> bool:
    """Whether a claim is still what a reviewer saw: the same statement, and at least one of the quotes seen."""
    return statement(seen) == statement(now) and not anchors(seen).isdisjoint(anchors(now))


def statement(claim: Claim) -> tuple[str, ...]:
    """What a claim says, field by field, in one spelling. The subject's id and the words it rests on are no part."""
    numbers = [f"{n:.6g}" if isinstance(n, float | int) else n for n in (claim.value, claim.lower, claim.upper)]
    chip = claim.chip.id if claim.chip else None
    rest = [claim.unit, claim.qualifier, claim.per, claim.stage, claim.attribution, claim.modality]
    return tuple(str(part or "") for part in (claim.type, fold(claim.subject.name), chip, *numbers, *rest))


def anchors(claim: Claim) -> frozenset[str]:
    """The quotes of a claim, each as letters and digits alone: a text layer that breaks lines elsewhere moves none."""
    return frozenset(plain for e in claim.evidence if (plain := "".join(c for c in fold(e.quote) if c.isalnum())))


def correct_claim(work: str, seen: Claim, changes: Mapping[str, Any]) -> Claim:
    """The claim as a reviewer states it: some fields of `CORRECTABLE` changed.

    Its id is that of what it says now; its evidence is the machine's, its confidence is 1. A new value drops the bounds
    and the formula of the old one. Raises `DecisionError` for other fields, for values that do not fit, and where
    nothing changes.
    """
    unknown = sorted(set(changes) - set(CORRECTABLE))
    if unknown:
        raise DecisionError(f"{unknown[0]!r} is no field that can be corrected; there are {', '.join(CORRECTABLE)}")
    dropped: dict[str, Any] = {}
    if changes.get("value", seen.value) != seen.value:
        dropped = {"lower": None, "upper": None, "formula": None, "qualifier": None}
    if "type" in changes and "unit" not in changes:
        dropped["unit"] = UNITS.get(changes["type"])
    read = {"rule": REVIEWER_RULE, "status": "asserted", "cues": (), "reasons": (), "confidence": 1.0}
    stated = _fitting(seen.model_dump(mode="json") | dropped | dict(changes) | read)
    if statement(stated) == statement(seen) and stated.subject == seen.subject:
        raise DecisionError("the correction changes nothing; accept the claim instead")
    return stated.model_copy(update={"id": identify(work, stated)})


def state_claim(
    work: str,
    evidence: Evidence,
    kind: ClaimType,
    subject: Subject,
    chip: Chip | None = None,
    value: float | str | None = None,
    **rest: Any,
) -> Claim:
    """A claim that the machine missed, as a reviewer states it on words of a document; `rest` is other fields of it.

    Raises `DecisionError` for values that do not fit the type.
    """
    fields = {"type": kind, "subject": subject, "chip": chip, "value": value, "unit": UNITS[kind], **rest}
    made = _fitting({**fields, "id": "", "evidence": (evidence,), "rule": REVIEWER_RULE, "confidence": 1.0})
    return made.model_copy(update={"id": identify(work, made)})


def name_subject(name: str, kind: Literal["model", "organisation", "cluster"], registry: Registry) -> Subject:
    """The subject of a name that a reviewer wrote («Larch 7B» has the id `larch-7b`). Raises `DecisionError`."""
    identified = identify_organisation(name, registry) if kind == "organisation" else identify_model(name, registry)
    if not identified or len(name) > LONGEST_SUBJECT:
        raise DecisionError(f"the subject needs a name of at most {LONGEST_SUBJECT} characters")
    return Subject(kind=kind, id=identified, name=name.strip())


def changed_fields(seen: Claim, stated: Claim) -> dict[str, tuple[Any, Any]]:
    """The fields in which a correction differs from the machine's reading, as (machine, reviewer)."""
    before, after = seen.model_dump(mode="json"), stated.model_dump(mode="json")
    return {name: (before[name], after[name]) for name in CORRECTABLE if before[name] != after[name]}


def _fitting(fields: dict[str, Any]) -> Claim:
    try:
        claim = Claim.model_validate(fields)
    except ValueError as fault:
        first = fault.errors(include_url=False)[0] if hasattr(fault, "errors") else {"loc": (), "msg": str(fault)}
        raise DecisionError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from fault
    needs_chip = {ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.POSSESSION}
    if claim.type in needs_chip and claim.chip is None:
        raise DecisionError(f"a claim of type {claim.type} needs a chip")
    if UNITS[claim.type] and claim.type is not ClaimType.POSSESSION and not isinstance(claim.value, float | int):
        raise DecisionError(f"a claim of type {claim.type} needs a number, in {UNITS[claim.type]}")
    return claim


def _digest(scheme: str, value: Any) -> str:
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{scheme}-{hashlib.sha256(canonical.encode()).hexdigest()[:24]}"
