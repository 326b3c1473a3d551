"""How much of what a model's training took its own documents disclose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from evidence.checks import TRAINING
from evidence.finding import FACTUAL
from extractors.claim import Attribution, Claim, ClaimType, Stage, Status
from registry import Registry

TRAINING_ITSELF = TRAINING - {Stage.POST_TRAINING}


class Given(BaseModel):
    """A part of the disclosure that is there, and the claims that give it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    claims: tuple[str, ...]


_PARTS: tuple[tuple[str, tuple[frozenset[ClaimType], ...]], ...] = (
    ("the chip", (frozenset({ClaimType.HARDWARE}),)),
    ("the number of chips", (frozenset({ClaimType.CHIP_COUNT}),)),
    ("chip-hours or the time", (frozenset({ClaimType.CHIP_HOURS}), frozenset({ClaimType.TRAINING_TIME}))),
    (
        "training compute, or size and tokens",
        (
            frozenset({ClaimType.TRAINING_COMPUTE}),
            frozenset({ClaimType.PARAMETERS, ClaimType.TRAINING_TOKENS}),
            frozenset({ClaimType.ACTIVE_PARAMETERS, ClaimType.TRAINING_TOKENS}),
        ),
    ),
)
"""What it takes to know a model's training compute: each part, and the sets of claims any one of which gives it."""


def weigh_disclosure(said: Iterable[Claim], registry: Registry) -> tuple[tuple[Given, ...], tuple[str, ...]]:
    """What some claims on a model's own training give of its compute, and what is missing.

    A chip that is not named («GPUs») does not give the chip; what fine-tuning or serving used says nothing of training.
    """
    claims: dict[ClaimType, list[str]] = defaultdict(list)
    for claim in said:
        if not is_own_fact(claim) or claim.stage not in TRAINING_ITSELF or claim.per:
            continue
        claims[claim.type].append(claim.id)
        if claim.chip and claim.type is not ClaimType.HARDWARE and not is_generic(claim.chip.id, registry):
            claims[ClaimType.HARDWARE].append(claim.id)
        if claim.chip and claim.type is ClaimType.HARDWARE and is_generic(claim.chip.id, registry):
            claims[ClaimType.HARDWARE].remove(claim.id)
    known = {kind for kind, ids in claims.items() if ids}
    given: list[Given] = []
    missing: list[str] = []
    for what, choices in _PARTS:
        met = next((choice for choice in choices if choice <= known), None)
        if met is None:
            missing.append(what)
        else:
            given.append(Given(what=what, claims=tuple(sorted({i for kind in met for i in claims[kind]}))))
    return tuple(given), tuple(missing)


def is_own_fact(claim: Claim) -> bool:
    """Whether a document asserts a fact of its own model."""
    return claim.attribution is Attribution.OWN and claim.modality in FACTUAL and claim.status is Status.ASSERTED


def is_generic(chip: str, registry: Registry) -> bool:
    """Whether the id is that of no chip but of a kind of chips («GPUs»)."""
    try:
        return registry.chip(chip).generic
    except KeyError:
        return False
