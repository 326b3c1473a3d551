"""One check of claims against each other: what was held against what, how it came out, and in whose words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from evidence.figures import say_number
from extractors.claim import Attribution, Chip, Claim, ClaimType, Modality, Stage


class Outcome(StrEnum):
    """How a check came out. `not_checkable` says which figure is missing; nothing is assumed in its place."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    NOT_CHECKABLE = "not_checkable"


class Kind(StrEnum):
    """What is held against what."""

    CHIP_HOURS = "count x time = chip-hours"
    RATE = "rate x tokens = chip-hours"
    STAGES = "stages sum to the total"
    MEMBERS = "models sum to the total"
    COMPUTE = "6ND = training compute"
    UTILISATION = "implied utilisation"
    WITHIN = "one figure in one document"
    ACROSS = "one figure in several documents"
    LANGUAGES = "one figure in two languages"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Part):
    """A claim as a check cites it: its id and figure, and the words of one document for it."""

    claim: str
    type: ClaimType
    stage: Stage
    value: float
    printed: str
    document: str
    page: int | None
    quote: str


class Check(_Part):
    """One check. `arithmetic` is the sum in words; `note` says what stands behind the outcome or what is missing.

    `share` is the implied utilisation, lowest and highest, of a check that works it out.

    The id is of kind, model and claims, and so the same in every run over the same claims.
    """

    id: str
    kind: Kind
    model: str
    name: str
    chip: Chip | None
    outcome: Outcome
    arithmetic: str
    note: str
    claims: tuple[Said, ...]
    share: tuple[float, float] | None = None


def make_check(
    kind: Kind,
    outcome: Outcome,
    claims: Sequence[Claim],
    arithmetic: str,
    note: str = "",
    *,
    of: Claim | None = None,
    share: tuple[float, float] | None = None,
) -> Check:
    """A check over some claims; `of` is the claim whose subject it is about, the first where it is not given."""
    about = of or claims[0]
    key = json.dumps([kind, about.subject.id, sorted(c.id for c in claims)], separators=(",", ":"))
    return Check(
        id=f"k1-{hashlib.sha256(key.encode()).hexdigest()[:24]}",
        kind=kind,
        model=about.subject.id,
        name=about.subject.name,
        chip=next((c.chip for c in claims if c.chip), None),
        outcome=outcome,
        arithmetic=arithmetic,
        note=note,
        claims=tuple(cite(claim) for claim in claims),
        share=share,
    )


def cite(claim: Claim) -> Said:
    """A claim as a check or a comparison cites it: by the first of its quotes."""
    evidence = claim.evidence[0]
    return Said(
        claim=claim.id,
        type=claim.type,
        stage=claim.stage,
        value=float(claim.value) if isinstance(claim.value, float | int) else 0.0,
        printed=claim.printed,
        document=evidence.document,
        page=evidence.page,
        quote=evidence.quote,
    )


def say_figure(claim: Claim) -> str:
    """A figure as a check says it: «2.788M chip-hours», «about 1,460 hours», «384 chips (48 × 8)» for a derived one."""
    words = {"about": "about ", "at_most": "at most ", "at_least": "at least "}.get(claim.qualifier or "", "")
    estimate = " (an estimate)" if claim.modality is Modality.ESTIMATED else ""
    per = f" per {claim.per}" if claim.per else ""
    number = float(claim.value) if isinstance(claim.value, float | int) else 0.0
    derived = f" ({claim.formula})" if claim.formula else ""
    return f"{words}{say_number(number)} {claim.unit or ''}".rstrip() + per + derived + estimate


def one_of_each(claims: Iterable[Claim]) -> list[Claim]:
    """Claims that differ in value: of several that give one figure, the surest."""
    kept: dict[float | str | None, Claim] = {}
    for claim in sorted(claims, key=lambda c: (-c.confidence, c.id)):
        kept.setdefault(claim.value, claim)
    return sorted(kept.values(), key=lambda c: (-(c.value if isinstance(c.value, float | int) else 0), c.id))


def leading(claims: Sequence[Claim]) -> Claim | None:
    """The figure that a model's documents give most often, of its own before others'; None where two are level.

    Reports repeat what they are about, and give figures of trial runs once.
    """
    own = [c for c in claims if c.attribution is Attribution.OWN] or list(claims)
    given = {c.value: sum(len(o.evidence) for o in own if o.value == c.value) for c in own}
    ranked = sorted(one_of_each(own), key=lambda c: -given[c.value])
    if not ranked or (len(ranked) > 1 and given[ranked[0].value] == given[ranked[1].value]):
        return None
    return ranked[0]


def same_sentence(one: Claim, other: Claim) -> bool:
    """Whether two claims rest on the same words of a document."""
    return any(
        a.sha256 == b.sha256 and a.page == b.page and a.start < b.end and b.start < a.end
        for a in one.evidence
        for b in other.evidence
    )


def same_chip(one: Claim, other: Claim) -> bool:
    """Whether two claims may be about one chip: the same, a finer part of it, or one that is not named."""
    if one.chip is None or other.chip is None:
        return True
    first, second = set(one.chip.id.split("-")), set(other.chip.id.split("-"))
    return first <= second or second <= first or bool(_UNNAMED & {one.chip.id, other.chip.id})


_UNNAMED = frozenset({"gpu", "npu", "tpu", "accelerator", "nvidia-gpu", "amd-gpu", "google-tpu"})
