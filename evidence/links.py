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

import registry
from evidence.figures import say_number
from evidence.finding import FACTUAL
from evidence.provenance import Grade, Provenance, best_grade, say_voices
from extractors.claim import Chip, Claim, ClaimType, Modality, Stage, Status

LINKING_TYPES = frozenset({ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.TRAINING_TIME})

Basis = Literal["reported", "derived", "estimated"]


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
    basis: Basis
    claims: tuple[str, ...]


class Link(_Part):
    """One model, one chip, one role.

    `grade` is that of the best source (`evidence.provenance`), `sources` how many independent ones there are; `reasons`
    say so in words. `supporting` and `contradicting` hold claim ids; figures that differ stand side by side. `periods`
    are hours of training. `confidence` is that of the best supporting claim. The id is of model, chip and role, and so
    the same in every run.
    """

    id: str
    model: ModelName
    chip: Chip
    role: Role
    grade: Grade
    sources: int = Field(default=1, ge=1)
    reasons: tuple[str, ...] = ()
    counts: tuple[Figure, ...] = ()
    chip_hours: tuple[Figure, ...] = ()
    periods: tuple[Figure, ...] = ()
    confidence: float = Field(ge=0, le=1)
    supporting: tuple[str, ...]
    contradicting: tuple[str, ...] = ()


def derive_links(claims: Iterable[Claim], provenance: Provenance | None = None) -> tuple[Link, ...]:
    """The links that some claims support, sorted by id; `provenance` knows who published their documents.

    Asserted claims about models alone count, of the types that tie a chip to a stage. A chip named in general
    («A100») is taken as the one finer chip of the same model and role («A100 80GB») where there is exactly one. What
    is required, planned or hypothetical supports nothing; what is negated («was not trained on H20») contradicts.
    """
    provenance = provenance or Provenance(registry.load())
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
        for chip, said in by_chip.items():
            if link := _derive(model, chip, role, said, provenance):
                links.append(link)
    return tuple(sorted(links, key=lambda link: link.id))


def link_id(model: str, chip: str, role: Role) -> str:
    """The id of a link: of its model, chip and role alone."""
    key = json.dumps(["l1", model, chip, role], ensure_ascii=False, separators=(",", ":"))
    return f"l1-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def _finest(chip: str, named: set[str]) -> str:
    parts = set(chip.split("-"))
    finer = [other for other in named if parts < set(other.split("-"))]
    return finer[0] if len(finer) == 1 and len(parts) > 1 else chip


def _derive(model: str, chip: str, role: Role, claims: list[Claim], provenance: Provenance) -> Link | None:
    supporting = sorted((c for c in claims if c.modality in FACTUAL), key=lambda c: (-c.confidence, c.id))
    if not supporting:
        return None
    exact = next((c.chip for c in supporting if c.chip and c.chip.id == chip), None)
    negated = [c for c in claims if c.modality is Modality.NEGATED]
    counts = figures_of(supporting, ClaimType.CHIP_COUNT)
    voices = [provenance.hear(c) for c in supporting]
    return Link(
        id=link_id(model, chip, role),
        model=ModelName(id=model, name=_most_given(c.subject.name for c in supporting)),
        chip=Chip(id=chip, name=exact.name if exact else chip),
        role=role,
        grade=best_grade(voices),
        sources=len({voice.source for voice in voices}),
        reasons=(*say_voices(voices), *_say_against(negated, counts)),
        counts=counts,
        chip_hours=figures_of(supporting, ClaimType.CHIP_HOURS),
        periods=figures_of(supporting, ClaimType.TRAINING_TIME),
        confidence=supporting[0].confidence,
        supporting=tuple(sorted(c.id for c in supporting)),
        contradicting=tuple(sorted(c.id for c in negated)),
    )


def _say_against(negated: list[Claim], counts: tuple[Figure, ...]) -> list[str]:
    """What speaks against a link, or leaves its figures open, in words."""
    words = [f"{len(negated)} {'claims deny' if len(negated) > 1 else 'claim denies'} it"] if negated else []
    if len(values := list(dict.fromkeys(figure.value for figure in counts))) > 1:
        words.append(f"counts differ: {', '.join(map(say_number, values[:4]))}")
    return words


def figures_of(claims: Iterable[Claim], wanted: ClaimType) -> tuple[Figure, ...]:
    """The figures of one type, largest first: a report's total stands before the shares of its runs.

    A rate («180K GPU hours per trillion tokens») is none of them.
    """
    stated: dict[tuple[float, Basis], list[str]] = defaultdict(list)
    for claim in claims:
        if claim.type is wanted and claim.per is None and isinstance(claim.value, float | int):
            stated[float(claim.value), basis_of(claim)].append(claim.id)
    ordered = sorted(stated.items(), key=lambda row: (-row[0][0], row[0][1]))
    return tuple(Figure(value=value, basis=basis, claims=tuple(sorted(ids))) for (value, basis), ids in ordered)


def basis_of(claim: Claim) -> Basis:
    """How a figure came about: estimated, worked out by the reader, or stated as it is."""
    if claim.modality is Modality.ESTIMATED:
        return "estimated"
    return "derived" if claim.formula else "reported"


def _most_given(names: Iterable[str]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    return min(counts, key=lambda name: (-counts[name], name))
