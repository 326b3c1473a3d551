"""Claims of running text: each quantity and chip of a sentence is asked what it states, of whom, at which stage."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.claim import CHIP_TYPES, Attribution, ClaimType, Stage
from extractors.claims.alignment import deal_out
from extractors.claims.context import reaching
from extractors.claims.draft import Draft, Span
from extractors.claims.judgement import decide_modality, decide_stage, find_ablation
from extractors.claims.scene import Sentence
from extractors.claims.shares import find_shares
from extractors.claims.subject import Subject, find_subjects
from extractors.claims.triggers import trigger
from extractors.mentions.chips import ChipMention
from extractors.mentions.quantities import Quantity
from extractors.text import Kind

_TRAINING = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING}
_SIZES = {ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS}
_FACTS = {
    ClaimType.PARAMETERS,
    ClaimType.ACTIVE_PARAMETERS,
    ClaimType.TRAINING_TOKENS,
    ClaimType.TRAINING_COMPUTE,
    ClaimType.THROUGHPUT,
    ClaimType.UTILIZATION,
}
_OF_A_RUN = (ClaimType.TRAINING_TIME, ClaimType.CHIP_HOURS)
_NAMED = ("name", "size")
_RUNNING = {*_TRAINING, Stage.INFERENCE, Stage.EVALUATION}


def read_sentence(sentence: Sentence) -> Iterator[Draft]:
    """Every claim of a sentence, hypothetical and negated ones marked as such."""
    if trigger("not_prose", sentence.text):
        return
    drafts = [d for quantity in sentence.quantities for d in _read_quantity(sentence, quantity)]
    counted = [d.chip for d in drafts if d.type in (ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS) and d.chip]
    runs = {d.subject.name: d.subject for d in drafts if d.type in _OF_A_RUN and d.subject and d.subject.how in _NAMED}
    for draft in drafts:
        yield from _of_each_run(draft, list(runs.values()))
    for chip in sentence.chips:
        if not any(chip.start == c.start for c in counted):
            for draft in _read_chip(sentence, chip):
                yield from _of_each_run(draft, list(runs.values()))


def _of_each_run(draft: Draft, runs: list[Subject]) -> Iterator[Draft]:
    """Chips that several runs share: «We train on a TPUv4-128 pod, in 8 hours for Larch-S and in 14 for Larch-B»."""
    ours = draft.subject is not None and draft.subject.how in ("self", "main", "heading")
    if len(runs) > 1 and ours and draft.type in (ClaimType.CHIP_COUNT, ClaimType.HARDWARE):
        yield from (replace(draft, subject=run) for run in runs)
    else:
        yield draft


def _read_quantity(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    match quantity.kind:
        case "chip_count":
            yield from _read_count(sentence, quantity)
        case "chip_hours":
            yield from _read_hours(sentence, quantity)
        case "duration":
            yield from _read_duration(sentence, quantity)
        case "tokens":
            yield from _read_tokens(sentence, quantity)
        case "parameters" | "active_parameters":
            yield from _read_parameters(sentence, quantity)
        case "compute":
            yield from _read_plain(sentence, quantity, ClaimType.TRAINING_COMPUTE, "compute", "FLOP")
        case "energy":
            yield from _read_plain(sentence, quantity, ClaimType.ENERGY, "energy", "kWh")
        case "emissions" | "mass":
            if quantity.kind == "emissions" or trigger("emissions", sentence.text):
                yield from _read_plain(sentence, quantity, ClaimType.EMISSIONS, "emissions_use", "tCO2e")
        case "money":
            yield from _read_plain(sentence, quantity, ClaimType.COST, "cost", quantity.unit)
        case "throughput" | "flop_rate":
            yield from _read_throughput(sentence, quantity)
        case "percent":
            around = sentence.text[max(0, quantity.start - 60) : quantity.end + 60]
            if trigger("utilization", around) and not _vetoed("utilization", sentence, quantity.start, quantity.end):
                yield from _drafts(
                    sentence, ClaimType.UTILIZATION, "utilization", quantity.start, quantity.end, quantity
                )


def _read_count(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    if quantity.each or quantity.chip is None or _vetoed("count", sentence, quantity.start, quantity.end):
        return
    if sentence.block.kind is Kind.HEADING and quantity.start == 0:
        return
    if not _used(sentence, quantity.start, quantity.end):
        return
    if (
        quantity.chip.generic
        and quantity.number.printed.lower() in ("one", "单")
        and not trigger("single", sentence.text)
    ):
        return
    alone = quantity.number.value == 1 and quantity.chip.generic
    if alone and not trigger("runs_on_one", sentence.text):
        return
    chips = _either(sentence, quantity.chip) if quantity.number.value > 1 else [quantity.chip]
    ends = _ends(sentence, quantity)
    for draft in _drafts(sentence, ClaimType.CHIP_COUNT, "count", quantity.start, quantity.end, quantity):
        if alone and (draft.subject is None or draft.subject.how in ("main", "heading")):
            continue
        for chip in chips:
            for value in ends:
                yield replace(draft, chip=chip, value=value) if value is not None else replace(draft, chip=chip)


def _read_hours(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    if _vetoed("hours", sentence, quantity.start, quantity.end):
        return
    for draft in _drafts(sentence, ClaimType.CHIP_HOURS, "hours", quantity.start, quantity.end, quantity):
        data = any(c.rule == "stage-data" for c in draft.cues)
        stage = draft.stage if draft.stage in _RUNNING or data else Stage.TRAINING
        yield replace(draft, unit="chip-hours", chip=_same_sentence(sentence, quantity.chip), stage=stage)


_ROUND = re.compile(r"\b(?:each|every|one|an?|per)\s(?P<per>epoch|iteration|round)\b[^.;]{0,30}$", re.I)
"""«each epoch takes two days» is no time of the run."""


def _read_duration(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    around = sentence.text[max(0, quantity.start - 110) : quantity.end + 70]
    if _vetoed("duration", sentence, quantity.start, quantity.end):
        return
    if not trigger("duration", around) and not (trigger("lapse", around) and _tells_of_a_run(sentence)):
        return
    for draft in _drafts(sentence, ClaimType.TRAINING_TIME, "duration", quantity.start, quantity.end, quantity):
        if (draft.stage not in _TRAINING and draft.stage is not Stage.OTHER) or quantity.value < 0.1:
            continue
        if draft.stage is Stage.OTHER:
            draft = replace(draft, stage=Stage.TRAINING).because("stage-assumed", -0.5)
        chip = next((q.chip for q in sentence.quantities if q.kind == "chip_count" and q.chip and not q.each), None)
        of_a_round = _ROUND.search(sentence.text, max(0, quantity.start - 60), quantity.start)
        per = draft.per or (of_a_round["per"].lower() if of_a_round else None)
        yield replace(draft, unit="hours", chip=chip, per=per)


def _tells_of_a_run(sentence: Sentence) -> bool:
    before = sentence.before
    if before is not None and before.chips and before.block.start == sentence.block.start:
        return True
    return bool(sentence.chips) or any(h.rule.axis == "stage" for h in (*sentence.cues, *sentence.heading_cues))


def _read_tokens(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    if re.search(r"每秒\S{0,6}\s?$", sentence.text[max(0, quantity.start - 10) : quantity.start]):
        yield from _read_throughput(sentence, replace(quantity, kind="throughput", unit="tokens/s"))
        return
    if quantity.value < 1e8 or quantity.lower == 0:
        return
    around = sentence.text[max(0, quantity.start - 130) : quantity.end + 90]
    if trigger("at_large", sentence.text[: quantity.start]):
        return
    plain = trigger("trained_on", sentence.text[max(0, quantity.start - 80) : quantity.start])
    if not plain and (_vetoed("tokens", sentence, quantity.start, quantity.end) or not trigger("tokens", around)):
        return
    if any(a <= quantity.start < b for a, b, _, _ in find_shares(sentence)):
        return
    for draft in _drafts(sentence, ClaimType.TRAINING_TOKENS, "tokens", quantity.start, quantity.end, quantity):
        stage = draft.stage if draft.stage in _TRAINING else Stage.PRE_TRAINING
        draft = replace(draft, unit="tokens", stage=stage)
        if (
            quantity.upper
            and quantity.lower
            and trigger("grown", sentence.text[max(0, quantity.start - 40) : quantity.end])
        ):
            draft = replace(draft, value=max(quantity.lower, quantity.upper), lower=None, upper=None)
        yield draft


_COMPARED = re.compile(
    r"(?:[Uu]nlike|[Cc]ompared (?:to|with)|[Ii]n contrast to|[Rr]elative to)\s[^.;]{0,120}?,\s(?=(?:we|our|[A-Z]))|"
    r"(?:与|跟|和|较|相比于?)[^，。；]{1,60}相比[，,]|(?:不同于|相比于?|区别于)[^，。；]{1,60}[，,]"
)
_LEADS_TO = re.compile(
    r"\b(?:on|using|with|following|hardware)\b[^.:：]{0,30}[:：]\s*$|(?:使用|采用|如下|硬件)[^。:：]{0,12}[:：]\s*$"
)


def _read_parameters(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    active = quantity.kind == "active_parameters" or re.search(
        r"激活(?:了|约)?\s?$", sentence.text[max(0, quantity.start - 6) : quantity.start]
    )
    if quantity.number.qualifier == "range" or any(m.start <= quantity.start < m.end for m in sentence.models):
        return
    if quantity.value < 1e6 or (not active and _vetoed("parameters", sentence, quantity.start, quantity.end)):
        return
    kind = ClaimType.ACTIVE_PARAMETERS if active else ClaimType.PARAMETERS
    for draft in _drafts(sentence, kind, "active" if active else "parameters", quantity.start, quantity.end, quantity):
        yield replace(draft, unit="parameters", stage=Stage.TRAINING, per=None)


def _read_plain(sentence: Sentence, quantity: Quantity, kind: ClaimType, name: str, unit: str) -> Iterator[Draft]:
    around = sentence.lead + " " + sentence.text[max(0, quantity.start - 140) : quantity.end + 90]
    if trigger(name, around) and not _vetoed(name, sentence, quantity.start, quantity.end):
        for draft in _drafts(sentence, kind, name, quantity.start, quantity.end, quantity):
            yield replace(draft, unit=unit, stage=draft.stage if draft.stage in _TRAINING else Stage.TRAINING)


def _read_throughput(sentence: Sentence, quantity: Quantity) -> Iterator[Draft]:
    if _vetoed("throughput", sentence, quantity.start, quantity.end):
        return
    if quantity.kind == "flop_rate" and not trigger(
        "flop_rate", sentence.text[max(0, quantity.start - 120) : quantity.end + 60]
    ):
        return
    for draft in _drafts(sentence, ClaimType.THROUGHPUT, "throughput", quantity.start, quantity.end, quantity):
        unit = "FLOP/s/chip" if quantity.kind == "flop_rate" else quantity.unit
        counted = next((q.chip for q in sentence.quantities if q.kind == "chip_count"), None)
        yield replace(
            draft,
            unit=unit,
            chip=_same_sentence(sentence, quantity.chip) or _on_chip(sentence, quantity.end) or counted,
        )


def _on_chip(sentence: Sentence, end: int) -> ChipMention | None:
    """The chip right behind a rate: «95 tokens per second on an RTX 4090»."""
    return next(
        (
            c
            for c in sentence.chips
            if re.fullmatch(r"\s(?:on|with|using)\s(?:an?\s|one\s|the\s)?(?:single\s)?", sentence.text[end : c.start])
        ),
        None,
    )


def _read_chip(sentence: Sentence, chip: ChipMention) -> Iterator[Draft]:
    text = sentence.text
    served = trigger("chip_served", text[chip.end : chip.end + 60])
    if not served and _vetoed("chip", sentence, chip.start, chip.end):
        return
    named = served or trigger("chip_used", text[max(0, chip.start - 60) : chip.start])
    if not named or (chip.generic and not trigger("generic_used", text[max(0, chip.start - 60) : chip.start])):
        return
    for draft in _drafts(sentence, ClaimType.HARDWARE, "chip", chip.start, chip.end, None):
        if draft.stage in _RUNNING:
            if chip.slice:
                yield replace(
                    draft,
                    type=ClaimType.CHIP_COUNT,
                    chip=chip,
                    value=float(chip.slice),
                    unit="chips",
                    printed=chip.printed,
                    rule="chip-slice",
                )
            yield replace(draft, chip=chip)


def _drafts(
    sentence: Sentence, kind: ClaimType, rule: str, start: int, end: int, quantity: Quantity | None
) -> Iterator[Draft]:
    stage, stage_cues, clear = decide_stage(sentence, start, end)
    modality, modality_cues = decide_modality(sentence, start, end)
    if kind in CHIP_TYPES and _set_apart(sentence, start):
        return
    shares = deal_out(sentence, quantity) if quantity else []
    subjects: list[Subject | None] = [s.subject for s in shares] or list(find_subjects(sentence, start, end)) or [None]
    if kind in CHIP_TYPES and trigger("narrative_citation", sentence.text):
        subjects = [s for s in subjects if s is None or s.how not in ("main", "heading")]
    if kind in _FACTS:
        subjects = [_cited(sentence, s, start, end) for s in subjects]
    for subject in subjects:
        cues = (*((subject.cue,) if subject and subject.cue else ()), *stage_cues, *modality_cues)
        draft = Draft(
            kind,
            f"prose-{rule}",
            Span(sentence.page, sentence.start, sentence.end),
            sentence.place,
            subject,
            stage,
            modality,
            cues=cues,
            section=sentence.block.section,
        )
        if kind not in _SIZES:
            draft = draft.because("stage-clear", round(min(clear, 1.0), 2))
        if (
            subject is not None
            and subject.how not in ("name", "size")
            and (find_ablation(sentence.text) or any(map(find_ablation, sentence.block.section[-1:])))
        ):
            draft = draft.because("ablation", -4.0)
        share = next((s for s in shares if s.subject is subject and s.value is not None), None)
        draft = draft.measured(quantity) if quantity else draft
        yield replace(draft, value=share.value, printed=share.printed, lower=None, upper=None) if share else draft


def _set_apart(sentence: Sentence, start: int) -> bool:
    """Whether a run tells of the unnamed thing that ours is compared with: «与使用了2048张H100的上一代相比，…»."""
    opening = _COMPARED.match(sentence.text)
    return opening is not None and start < opening.end() and not sentence.tools.models.find(opening[0])


def _cited(sentence: Sentence, subject: Subject | None, start: int, end: int) -> Subject | None:
    """A figure in a sentence that tells of cited work is that work's, unless it names one of our own models."""
    if subject is None or (
        subject.cue is not None and subject.cue.text in sentence.text and subject.how in ("name", "size")
    ):
        return subject
    near = any(h.rule.id == "other-citation" for h in reaching(sentence.cues, "attribution", start, end))
    if trigger("narrative_citation", sentence.text) or (near and subject.how != "self"):
        return replace(subject, attribution=Attribution.OTHER)
    return subject


def _used(sentence: Sentence, start: int, end: int) -> bool:
    before, after = sentence.text[max(0, start - 90) : start], sentence.text[end : end + 60]
    if any(h.rule.axis == "stage" for h in sentence.cues) or trigger("used", before) or trigger("used", after):
        return True
    if any(h.rule.axis == "stage" for h in sentence.heading_cues):
        return True
    return start < 4 and _LEADS_TO.search(sentence.lead) is not None


def _vetoed(name: str, sentence: Sentence, start: int, end: int) -> bool:
    text = sentence.text
    return trigger(f"not_{name}", text[max(0, start - 70) : start] + "¦" + text[start:end] + "¦" + text[end : end + 60])


def _ends(sentence: Sentence, quantity: Quantity) -> list[float | None]:
    """Both ends of a change of scale, which is two counts and no range: «from 1,536 to 6,144 H100 GPUs», and «with 3072
    to 12288 GPUs», one end of which is the other doubled again and again.
    """
    low, high = quantity.lower, quantity.upper
    if quantity.number.qualifier != "range" or not low or not high:
        return [None]
    told = re.search(r"(?:from|从|由)\s?$", sentence.text[max(0, quantity.start - 6) : quantity.start])
    doubled = high > low >= 8 and math.log2(high / low).is_integer()
    return [low, high] if told or doubled else [None]


def _either(sentence: Sentence, chip: ChipMention) -> list[ChipMention]:
    """The chips that an unnamed count speaks of: both of «the H200 or H20 platform is a cluster with 16 GPUs»."""
    named = [c for c in sentence.chips if not c.generic]
    if (
        chip.generic
        and len({c.id for c in named}) == 2
        and re.fullmatch(r"\s?(?:or|/|或|or the)\s?", sentence.text[named[0].end : named[1].start])
    ):
        return named[:2]
    return [_same_sentence(sentence, chip) or chip]


def _same_sentence(sentence: Sentence, chip: ChipMention | None) -> ChipMention | None:
    """The sentence's one named chip for an unnamed one: «during training on the H800 cluster, … 300.6K GPU hours»."""
    if chip is not None and not chip.generic:
        return chip
    named = {c.id: c for c in sentence.chips if not c.generic}
    if len(named) == 1 and (
        chip is None or chip.id in ("gpu", "accelerator", "tpu", "npu", next(iter(named)).split("-")[0] + "-gpu")
    ):
        return next(iter(named.values()))
    return chip
