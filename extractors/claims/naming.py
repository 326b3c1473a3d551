"""Chips across a document.

Unnamed ones get the name they go by elsewhere, coarse names the finer one, and counts say that the chip was used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from extractors.claim import CHIP_TYPES, NOT_FACTS, ClaimType, Stage
from extractors.claims.draft import Draft
from extractors.mentions.chips import ChipMention
from registry import Registry

STAGE_GROUP = {
    Stage.PRE_TRAINING: "train",
    Stage.POST_TRAINING: "train",
    Stage.TRAINING: "train",
    Stage.INFERENCE: "run",
    Stage.EVALUATION: "run",
    Stage.OTHER: "other",
}
"""Stages that name their chips for each other: training of any kind; serving and evaluation."""

_UNNAMED = {
    "gpu": {"gpu"},
    "nvidia-gpu": {"gpu"},
    "amd-gpu": {"gpu"},
    "tpu": {"tpu"},
    "google-tpu": {"tpu"},
    "npu": {"npu"},
    "accelerator": {"gpu", "npu", "tpu", "accelerator"},
}


def name_chips(drafts: Sequence[Draft], registry: Registry) -> list[Draft]:
    """Gives unnamed chips their name where the document leaves one choice: «2,048 H800 GPUs … on 64 of these GPUs».

    The nearest named chip before it in the same stage and section counts first; then the only one the document names
    for that stage. «a single GPU» stays unnamed: it speaks of any.
    """
    kinds = {chip.id: chip.kind for chip in registry.chips}
    facts = [
        d for d in drafts if d.chip and not d.chip.generic and d.modality not in NOT_FACTS and d.type in CHIP_TYPES
    ]
    result: list[Draft] = []
    for draft in drafts:
        wants = draft.type in (
            ClaimType.CHIP_HOURS,
            ClaimType.TRAINING_TIME,
            ClaimType.CHIP_COUNT,
            ClaimType.HARDWARE,
            ClaimType.THROUGHPUT,
        )
        if not wants or (draft.chip is not None and not draft.chip.generic):
            result.append(draft)
            continue
        chosen = _choose(draft, facts, kinds)
        result.append(replace(draft, chip=chosen).because("chip-carried", -0.4) if chosen else draft)
    return result


def _choose(draft: Draft, facts: list[Draft], kinds: Mapping[str, str]) -> ChipMention | None:
    if draft.chip is None and draft.type in (ClaimType.HARDWARE, ClaimType.CHIP_COUNT):
        return None
    if (
        draft.chip is not None
        and draft.type is ClaimType.CHIP_COUNT
        and draft.value == 1.0
        and draft.rule.startswith("prose")
    ):
        return None
    allowed = _UNNAMED.get(draft.chip.id) if draft.chip else None
    group = STAGE_GROUP[draft.stage]
    served = any(STAGE_GROUP[f.stage] == "run" for f in facts)
    fitting = [
        f
        for f in facts
        if (STAGE_GROUP[f.stage] == group or draft.stage is Stage.OTHER or (group == "run" and not served))
        and f.attribution == draft.attribution
        and f.chip
        and (allowed is None or _kind(f.chip.id, kinds) in allowed)
    ]
    counted = [
        f.chip
        for f in fitting
        if draft.type is ClaimType.CHIP_COUNT and f.type is ClaimType.CHIP_COUNT and f.value == draft.value and f.chip
    ]
    if counted:
        return counted[-1]
    near = [f for f in fitting if f.section == draft.section and -6 <= f.place - draft.place <= 0]
    if near:
        return near[-1].chip
    chips = sorted((f.chip for f in fitting if f.chip), key=lambda c: -len(c.id))
    roots = {root(c.id) for c in chips}
    roots = {r for r in roots if not any(other != r and other.startswith(r + "-") for other in roots)}
    return chips[0] if len(roots) == 1 else None


def _kind(chip: str, kinds: Mapping[str, str]) -> str:
    while chip not in kinds and "-" in chip:
        chip = chip.rpartition("-")[0]
    return kinds.get(chip, "gpu")


def root(chip: str) -> str:
    return "-".join(p for p in chip.split("-") if not re.fullmatch(r"\d+gb|sxm\d?|pcie|nvl\d*|oam|hgx", p))


def refine_chips(drafts: Sequence[Draft]) -> list[Draft]:
    """Gives a chip the finer name of the same model's other claims: «A100» is the A100 80GB of the sentence before."""
    finer: dict[tuple[str, str, str], set[str]] = {}
    mentions: dict[str, ChipMention] = {}
    for draft in drafts:
        if draft.chip and not draft.chip.generic and draft.subject and draft.modality not in NOT_FACTS:
            finer.setdefault((draft.subject.name, STAGE_GROUP[draft.stage], root(draft.chip.id)), set()).add(
                draft.chip.id
            )
            mentions[draft.chip.id] = draft.chip
    result: list[Draft] = []
    for draft in drafts:
        if draft.chip and not draft.chip.generic and draft.subject:
            ids = finer.get((draft.subject.name, STAGE_GROUP[draft.stage], root(draft.chip.id)), set())
            best = max(ids, key=len, default=draft.chip.id)
            parts = set(draft.chip.id.split("-"))
            if (
                best != draft.chip.id
                and parts < set(best.split("-"))
                and all(set(i.split("-")) <= set(best.split("-")) for i in ids)
            ):
                draft = replace(draft, chip=mentions[best])
        result.append(draft)
    return result


def add_hardware(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """A count of chips and chip-hours of a named chip also say that the chip was used."""
    for draft in drafts:
        yield draft
        if draft.chip is None or draft.type not in (ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS):
            continue
        if draft.type is ClaimType.CHIP_COUNT or not draft.chip.generic:
            yield replace(
                draft,
                type=ClaimType.HARDWARE,
                value=None,
                unit=None,
                printed=draft.chip.printed,
                lower=None,
                upper=None,
                qualifier=None,
                per=None,
                formula=None,
            )
