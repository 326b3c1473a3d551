"""Links, model × chip × role, derived from claims: what supports each, what speaks against it, and how many for how
long.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from evidence.finding import FACTUAL
from extractors.claim import Attribution, Chip, Claim, ClaimType, Modality, Stage, Status

LINKING_TYPES = frozenset({ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.TRAINING_TIME})


class Role(StrEnum):
    """What a chip was for a model."""

    TRAINED_ON = "trained_on"
    FINE_TUNED_ON = "fine_tuned_on"
    SERVED_ON = "served_on"
    EVALUATED_ON = "evaluated_on"
    USED_ON = "used_on"


ROLES: dict[Stage, Role] = {
    Stage.PRE_TRAINING: Role.TRAINED_ON,
    Stage.TRAINING: Role.TRAINED_ON,
    Stage.POST_TRAINING: Role.FINE_TUNED_ON,
    Stage.INFERENCE: Role.SERVED_ON,
    Stage.EVALUATION: Role.EVALUATED_ON,
    Stage.OTHER: Role.USED_ON,
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelName(_Part):
    """A model: canonical id and the name that most claims give it."""

    id: str
    name: str


class Figure(_Part):
    """A figure of a link with the claims that state it.

    `basis`: stated as it is («2,048 H800 GPUs»), worked out from what is stated («64 nodes × 8»), or an estimate.
    """

    value: float
    basis: Literal["reported", "derived", "estimated"]
    claims: tuple[str, ...]


class Link(_Part):
    """One model, one chip, one role.

    `grade` is `primary` where the model's own document says so, `secondary` where only others do. `supporting` and
    `contradicting` hold claim ids; figures that differ stand side by side. `confidence` is that of the best supporting
    claim. The id is of model, chip and role, and so the same in every run.
    """

    id: str
    model: ModelName
    chip: Chip
    role: Role
    grade: Literal["primary", "secondary"]
    counts: tuple[Figure, ...] = ()
    chip_hours: tuple[Figure, ...] = ()
    confidence: float = Field(ge=0, le=1)
    supporting: tuple[str, ...]
    contradicting: tuple[str, ...] = ()


def derive_links(claims: Iterable[Claim]) -> tuple[Link, ...]:
    """The links that some claims support, sorted by id.

    Asserted claims about models alone count, of the types that tie a chip to a stage. A chip named in general
    («A100») is taken as the one finer chip of the same model and role («A100 80GB») where there is exactly one. What
    is required, planned or hypothetical supports nothing; what is negated («was not trained on H20») contradicts.
    """
    groups: dict[tuple[str, Role], list[Claim]] = defaultdict(list)
    for claim in claims:
        if (
            claim.chip
            and claim.type in LINKING_TYPES
            and claim.subject.kind == "model"
            and claim.status is Status.ASSERTED
        ):
            groups[claim.subject.id, ROLES[claim.stage]].append(claim)
    links: list[Link] = []
    for (model, role), group in groups.items():
        named = {c.chip.id for c in group if c.chip and c.modality in FACTUAL}
        by_chip: dict[str, list[Claim]] = defaultdict(list)
        for claim in group:
            if claim.chip:
                by_chip[_finest(claim.chip.id, named)].append(claim)
        links.extend(link for chip, said in by_chip.items() if (link := _derive(model, chip, role, said)))
    return tuple(sorted(links, key=lambda link: link.id))


def link_id(model: str, chip: str, role: Role) -> str:
    """The id of a link: of its model, chip and role alone."""
    key = json.dumps(["l1", model, chip, role], ensure_ascii=False, separators=(",", ":"))
    return f"l1-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def _finest(chip: str, named: set[str]) -> str:
    parts = set(chip.split("-"))
    finer = [other for other in named if parts < set(other.split("-"))]
    return finer[0] if len(finer) == 1 and len(parts) > 1 else chip


def _derive(model: str, chip: str, role: Role, claims: list[Claim]) -> Link | None:
    supporting = sorted((c for c in claims if c.modality in FACTUAL), key=lambda c: (-c.confidence, c.id))
    if not supporting:
        return None
    exact = next((c.chip for c in supporting if c.chip and c.chip.id == chip), None)
    primary = any(c.attribution is Attribution.OWN for c in supporting)
    return Link(
        id=link_id(model, chip, role),
        model=ModelName(id=model, name=_most_given(c.subject.name for c in supporting)),
        chip=Chip(id=chip, name=exact.name if exact else chip),
        role=role,
        grade="primary" if primary else "secondary",
        counts=figures_of(supporting, ClaimType.CHIP_COUNT),
        chip_hours=figures_of(supporting, ClaimType.CHIP_HOURS),
        confidence=supporting[0].confidence,
        supporting=tuple(sorted(c.id for c in supporting)),
        contradicting=tuple(sorted(c.id for c in claims if c.modality is Modality.NEGATED)),
    )


def figures_of(claims: Iterable[Claim], wanted: ClaimType) -> tuple[Figure, ...]:
    """The figures of one type, largest first: a report's total stands before the shares of its runs.

    A rate («180K GPU hours per trillion tokens») is none of them.
    """
    stated: dict[tuple[float, Literal["reported", "derived", "estimated"]], list[str]] = defaultdict(list)
    for claim in claims:
        if claim.type is wanted and claim.per is None and isinstance(claim.value, float | int):
            stated[float(claim.value), _basis(claim)].append(claim.id)
    ordered = sorted(stated.items(), key=lambda row: (-row[0][0], row[0][1]))
    return tuple(Figure(value=value, basis=basis, claims=tuple(sorted(ids))) for (value, basis), ids in ordered)


def _basis(claim: Claim) -> Literal["reported", "derived", "estimated"]:
    if claim.modality is Modality.ESTIMATED:
        return "estimated"
    return "derived" if claim.formula else "reported"


def _most_given(names: Iterable[str]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    return min(counts, key=lambda name: (-counts[name], name))
