"""From drafts to claims: unnamed chips get their name, repeats become one claim, doubt becomes `contested`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from corpus.document import Document
from extractors.claim import (
    CHIP_TYPES,
    NOT_FACTS,
    Chip,
    Claim,
    ClaimType,
    Evidence,
    Stage,
    Status,
    Subject,
    claim_id,
)
from extractors.claims.confidence import Calibration, Surroundings, fitted, judge, look_around, weigh
from extractors.claims.draft import Draft, Span
from extractors.claims.echoes import Echoes
from extractors.claims.naming import STAGE_GROUP, add_hardware, name_chips, refine_chips
from extractors.claims.profile import Profile
from extractors.claims.scene import Sentence
from extractors.mentions.models import fold
from registry import Registry
from registry.identity import identify_model, identify_organisation

_MOST_SPANS = 12
_AROUND = 32
"""How much of the text before and after a quote is kept with it, so that it can be found again in another reading."""

_PRINTED = {
    ClaimType.PARAMETERS,
    ClaimType.ACTIVE_PARAMETERS,
    ClaimType.TRAINING_TOKENS,
    ClaimType.CHIP_HOURS,
    ClaimType.TRAINING_COMPUTE,
    ClaimType.COST,
}


def assemble(
    document: Document,
    work: str,
    profile: Profile,
    drafts: Iterable[Draft],
    registry: Registry,
    calibration: Calibration | None = None,
    sentences: Iterable[Sentence] = (),
) -> tuple[Claim, ...]:
    """The claims of a document in the order of their first place; equal statements are one claim with all evidence.

    Pages of `sentences` that say the same again are evidence too. `calibration` turns reasons into confidence; that
    which comes with the rules where none is given.
    """
    calibration = fitted() if calibration is None else calibration
    groups: dict[tuple[object, ...], list[Draft]] = defaultdict(list)
    settled = [_named(_staged(draft), profile) for draft in drafts if draft.subject is not None]
    for draft in add_hardware(refine_chips(name_chips(settled, registry))):
        groups[_key(draft)].append(draft)
    merged = _merge_prints(groups)
    around = look_around(group[0] for group in merged)
    echoes = Echoes(sentences, (draft for group in merged for draft in group))
    claims = [_claim(document, work, group, around, calibration, echoes, registry) for group in merged]
    return tuple(sorted(claims, key=lambda c: (min(map(_place, c.evidence)), _place(c.evidence[0]), c.type, c.id)))


def _named(draft: Draft, profile: Profile) -> Draft:
    """What is said of a model that goes by its document's title is less sure: it may be about one of several."""
    main = profile.main if profile.described else None
    if main and draft.subject and draft.subject.name == main.name and draft.type is not ClaimType.POSSESSION:
        return draft.because("described", -0.8)
    return draft


def _staged(draft: Draft) -> Draft:
    """A use of chips with no stage told is taken for training, with less confidence: «384 A100 GPUs (48 nodes)»."""
    if any(cue.rule == "stage-data" for cue in draft.cues):
        return draft
    if draft.stage is Stage.OTHER and draft.type in CHIP_TYPES and draft.type is not ClaimType.POSSESSION:
        loose = draft.subject is not None and draft.subject.how == "main" and draft.rule.startswith("prose")
        return replace(draft, stage=Stage.TRAINING).because("stage-assumed", -1.0 if loose else -0.3)
    return draft


def _merge_prints(groups: dict[tuple[object, ...], list[Draft]]) -> list[list[Draft]]:
    """One group for prints of one figure: «176,247M» says what «176B» says, more exactly, and both are evidence."""
    merged: dict[tuple[object, ...], list[Draft]] = {}
    for key, group in sorted(groups.items(), key=lambda row: _slack(row[1][0])):
        twin = next((k for k in merged if _same_but_value(k, key) and _within(merged[k][0], group[0])), None)
        if twin is None:
            merged[key] = list(group)
        else:
            merged[twin] += [replace(d, value=merged[twin][0].value, reasons=d.reasons) for d in group]
    order = {key: n for n, key in enumerate(groups)}
    return [merged[key] for key in sorted(merged, key=lambda k: order[k])]


def _same_but_value(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return a[:4] == b[:4] and a[5:] == b[5:] and a[0] in _PRINTED


def _slack(draft: Draft) -> float:
    if draft.lower is None or draft.upper is None or not isinstance(draft.value, float | int) or not draft.value:
        return 0.0
    return abs(draft.upper - draft.lower) / abs(draft.value)


def _within(exact: Draft, rough: Draft) -> bool:
    if (
        rough.lower is None
        or rough.upper is None
        or not isinstance(exact.value, float | int)
        or rough.qualifier == "range"
    ):
        return False
    return rough.lower <= exact.value <= rough.upper and _slack(rough) <= 0.2


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
        STAGE_GROUP[draft.stage] if draft.type in CHIP_TYPES else None,
        draft.modality in NOT_FACTS,
    )


def _claim(
    document: Document,
    work: str,
    group: list[Draft],
    surroundings: Surroundings,
    calibration: Calibration,
    echoes: Echoes,
    registry: Registry,
) -> Claim:
    best = max(group, key=lambda d: sum(r.weight for r in weigh(d, len(group))))
    confidence, reasons = judge(best, len(group), surroundings, calibration)
    subject = best.subject
    assert subject is not None
    chip = Chip(id=best.chip.id, name=best.chip.name) if best.chip else None
    stages = [d.stage for d in group if d.stage not in (Stage.TRAINING, Stage.OTHER)]
    stage = stages[0] if best.stage is Stage.TRAINING and stages and not best.rule.startswith("table") else best.stage
    spans = list(dict.fromkeys(s for d in (best, *group) for s in (d.span, *d.more)))
    spans = _spread([*spans, *echoes.find(best, spans)])
    return Claim(
        id=claim_id(
            work, best.type, subject.name, chip.id if chip else None, best.value,
            unit=best.unit, per=best.per, stage=STAGE_GROUP[stage], attribution=str(subject.attribution),
            fact=str(best.modality not in NOT_FACTS),
        ),
        type=best.type,
        subject=_subject(best.type, subject.name, registry),
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
        status=Status.ASSERTED if confidence >= 0.5 or best.modality in NOT_FACTS else Status.CONTESTED,
        evidence=tuple(_evidence(document, span) for span in spans),
        rule=best.rule,
        cues=tuple(dict.fromkeys(best.cues)),
        confidence=confidence,
        reasons=reasons,
    )  # fmt: skip


def _spread(spans: list[Span]) -> list[Span]:
    """The spans to show: the first of each page before the second of any."""
    first = {span.page.number: span for span in reversed(spans)}
    chosen = sorted(spans, key=lambda span: span != first[span.page.number])[:_MOST_SPANS]
    return [span for span in spans if span in chosen]


def _subject(kind: ClaimType, name: str, registry: Registry) -> Subject:
    if kind is ClaimType.POSSESSION:
        return Subject(kind="organisation", id=identify_organisation(name, registry), name=name)
    return Subject(kind="model", id=identify_model(name, registry), name=name)


def _place(evidence: Evidence) -> tuple[int, int]:
    return evidence.page or 0, evidence.start


def _evidence(document: Document, span: Span) -> Evidence:
    return Evidence(
        document=document.name,
        sha256=document.sha256,
        page=span.page.number,
        quote=span.quote,
        prefix=span.page.text[max(0, span.start - _AROUND) : span.start],
        suffix=span.page.text[span.end : span.end + _AROUND],
        start=span.start,
        end=span.end,
        boxes=tuple(tuple(box) for box in span.page.boxes(span.start, span.end)),
    )
