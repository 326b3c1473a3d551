"""Checks of claims against each other, within documents and across them. They say what adds up and change no value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from evidence.check import Check, Outcome
from evidence.checks_agreement import check_across, check_within
from evidence.checks_arithmetic import check_chip_hours, check_compute, check_rates, check_utilisation
from evidence.checks_sums import check_members, check_stages, group_members
from evidence.finding import FACTUAL
from extractors.claim import Attribution, Claim, ClaimType, Stage, Status
from registry import Registry

TRAINING = frozenset({Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING, Stage.OTHER})


def check_claims(claims: Iterable[Claim], registry: Registry) -> tuple[Check, ...]:
    """Every check that the claims of a set allow: inconsistent ones first, then by model and kind.

    Only what is asserted of a model as a fact is held against anything: no contested reading, no plan, requirement or
    hypothesis, and nothing of inference or evaluation.
    """
    models: dict[str, list[Claim]] = defaultdict(list)
    formats: dict[str, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda c: c.id):
        if (
            claim.subject.kind == "model"
            and claim.status is Status.ASSERTED
            and claim.modality in FACTUAL
            and claim.stage in TRAINING
        ):
            if isinstance(claim.value, float | int):
                models[claim.subject.id].append(claim)
            elif claim.type is ClaimType.PRECISION and claim.attribution is Attribution.OWN:
                formats[claim.subject.id].append(claim)
    families = group_members(models)
    found: dict[str, Check] = {}
    for model in sorted(models):
        said = models[model]
        for document in _by_document(said):
            for check in (*check_chip_hours(document), *check_rates(document), *check_stages(document)):
                found[check.id] = check
        of_one_size = [] if model in families else said
        for check in (
            *check_compute(of_one_size),
            *check_utilisation(of_one_size, formats[model], registry),
            *check_across(said),
        ):
            found[check.id] = check
    for check in (*check_within(models), *check_members(models)):
        found[check.id] = check
    places = [Outcome.INCONSISTENT, Outcome.CONSISTENT, Outcome.NOT_CHECKABLE]
    return tuple(sorted(found.values(), key=lambda c: (places.index(c.outcome), c.model, c.kind, c.id)))


def _by_document(claims: list[Claim]) -> list[list[Claim]]:
    """Claims by the bytes that make them; a claim that two versions of a work make is in both."""
    parts: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for sha256 in sorted({evidence.sha256 for evidence in claim.evidence}):
            parts[sha256].append(claim)
    return [parts[sha256] for sha256 in sorted(parts)]
