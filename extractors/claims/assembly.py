"""From drafts to claims: unnamed chips get their name, repeats become one claim with many evidences, doubt becomes `contested`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from corpus.document import Document
from extractors.claim import (
    Attribution,
    Chip,
    Claim,
    ClaimType,
    Evidence,
    Modality,
    Reason,
    Stage,
    Status,
    Subject,
    claim_id,
)
from extractors.claims.confidence import judge
from extractors.claims.draft import Draft, Span
from extractors.claims.profile import Profile
from extractors.mentions.chips import ChipMention
from extractors.mentions.models import fold
from registry import Registry

_GROUP = {
    Stage.PRE_TRAINING: "train",
    Stage.POST_TRAINING: "train",
    Stage.TRAINING: "train",
    Stage.INFERENCE: "run",
    Stage.EVALUATION: "run",
    Stage.OTHER: "other",
}
_NOT_FACTS = {Modality.HYPOTHETICAL, Modality.NEGATED}
_CHIP_TYPES = {
    ClaimType.HARDWARE,
    ClaimType.CHIP_COUNT,
    ClaimType.CHIP_HOURS,
    ClaimType.TRAINING_TIME,
    ClaimType.POSSESSION,
}
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

    The nearest named chip before it in the same stage and section counts first; then the only one the document names for that
    stage. «a single GPU» stays unnamed: it speaks of any.
    """
    kinds = {chip.id: chip.kind for chip in registry.chips}
    facts = [
        d for d in drafts if d.chip and not d.chip.generic and d.modality not in _NOT_FACTS and d.type in _CHIP_TYPES
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


def _choose(draft: Draft, facts: list[Draft], kinds: dict[str, str]) -> ChipMention | None:
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
    group = _GROUP[draft.stage]
    served = any(_GROUP[f.stage] == "run" for f in facts)
    fitting = [
        f
        for f in facts
        if (_GROUP[f.stage] == group or draft.stage is Stage.OTHER or (group == "run" and not served))
        and f.attribution == draft.attribution
        and f.chip
        and (allowed is None or _kind(f.chip.id, kinds) in allowed)
    ]
    near = [f for f in fitting if f.section == draft.section and -6 <= f.place - draft.place <= 0]
    if near:
        return near[-1].chip
    chips = sorted((f.chip for f in fitting if f.chip), key=lambda c: -len(c.id))
    roots = {_root(c.id) for c in chips}
    roots = {r for r in roots if not any(other != r and other.startswith(r + "-") for other in roots)}
    return chips[0] if len(roots) == 1 else None


def _kind(chip: str, kinds: dict[str, str]) -> str:
    while chip not in kinds and "-" in chip:
        chip = chip.rpartition("-")[0]
    return kinds.get(chip, "gpu")


def _root(chip: str) -> str:
    return "-".join(p for p in chip.split("-") if not re.fullmatch(r"\d+gb|sxm\d?|pcie|nvl\d*|oam|hgx", p))


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


def assemble(
    document: Document, work: str, profile: Profile, drafts: Iterable[Draft], registry: Registry
) -> tuple[Claim, ...]:
    """The claims of a document, ordered by where they first stand; equal statements are one claim with every evidence."""
    groups: dict[tuple[object, ...], list[Draft]] = defaultdict(list)
    for draft in add_hardware(name_chips(list(drafts), registry)):
        if draft.subject is None:
            continue
        groups[_key(draft)].append(draft)
    claims = [_claim(document, work, group) for group in groups.values()]
    return tuple(sorted(claims, key=lambda c: (c.evidence[0].page or 0, c.evidence[0].start, c.type, c.id)))


def _key(draft: Draft) -> tuple[object, ...]:
    subject = draft.subject
    value = f"{draft.value:.6g}" if isinstance(draft.value, float | int) else draft.value
    return (
        draft.type,
        fold(subject.name) if subject else "",
        draft.attribution,
        draft.chip.id if draft.chip else None,
        value,
        draft.unit if draft.type is ClaimType.THROUGHPUT else None,
        draft.per,
        _GROUP[draft.stage] if draft.type in _CHIP_TYPES else None,
        draft.modality in _NOT_FACTS,
    )


def _claim(document: Document, work: str, group: list[Draft]) -> Claim:
    judged = sorted(((judge(d, len(group)), i, d) for i, d in enumerate(group)), key=lambda row: (-row[0][0], row[1]))
    (confidence, reasons), _, best = judged[0]
    subject = best.subject
    assert subject is not None
    chip = Chip(id=best.chip.id, name=best.chip.name) if best.chip else None
    stages = [d.stage for d in group if d.stage not in (Stage.TRAINING, Stage.OTHER)]
    stage = stages[0] if best.stage is Stage.TRAINING and stages else best.stage
    spans = list(dict.fromkeys(s for d in (best, *group) for s in (d.span, *d.more)))[:8]
    return Claim(
        id=claim_id(
            work, best.type, subject.name, chip.id if chip else None, best.value,
            unit=best.unit, per=best.per, stage=_GROUP[stage], attribution=str(subject.attribution), fact=str(best.modality not in _NOT_FACTS),
        ),
        type=best.type,
        subject=Subject(kind="organisation" if best.type is ClaimType.POSSESSION else "model", id=_slug(subject.name), name=subject.name),
        chip=chip,
        value=best.value,
        unit=best.unit,
        printed=best.printed,
        lower=best.lower,
        upper=best.upper,
        qualifier=best.qualifier,
        per=best.per,
        formula=best.formula,
        stage=stage,
        attribution=subject.attribution,
        modality=best.modality,
        status=Status.ASSERTED if confidence >= 0.5 or best.modality in _NOT_FACTS else Status.CONTESTED,
        evidence=tuple(_evidence(document, span) for span in spans),
        rule=best.rule,
        cues=tuple(dict.fromkeys(best.cues)),
        confidence=confidence,
        reasons=reasons,
    )  # fmt: skip


def _evidence(document: Document, span: Span) -> Evidence:
    return Evidence(
        document=document.name,
        sha256=document.sha256,
        page=span.page.number,
        quote=span.quote,
        start=span.start,
        end=span.end,
        boxes=tuple(tuple(box) for box in span.page.boxes(span.start, span.end)),
    )


def _slug(name: str) -> str:
    kept = "".join(c if c.isalnum() or c == "." else "-" for c in name.casefold())
    return "-".join(part for part in kept.split("-") if part)


__all__ = ["Attribution", "Reason", "assemble", "name_chips"]
