"""Claims behind a label, and bare lists of chips.

«GPUs: 512 H100-80G», «Training time: 23 days», «Hours used: 22,000 for ViT-g, 4,500 for ViT-S».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.claim import Attribution, ClaimType, Cue, Modality, Stage
from extractors.claims.context import find_cues
from extractors.claims.draft import Draft, Span
from extractors.claims.headers import Header, read_header
from extractors.claims.judgement import decide_modality
from extractors.claims.scene import Sentence
from extractors.claims.subject import Subject, find_subjects
from extractors.claims.values import TYPES, read_values
from extractors.mentions.chips import ChipMention
from extractors.text import Kind

_LABEL = re.compile(r"^\W{0,3}(?P<label>[^:：|。.!?]{2,48}?)\s?[:：]\s*(?P<value>\S.{0,260})$", re.S)
_SHARE = re.compile(
    r"(?P<value>~?\d[\d.,]*\s?[kKMBT]?\+?(?:\s?(?:hours|h|days))?)\s(?:hours\s|GPU hours\s)?for\s(?:the\s)?"
    r"(?P<name>[^,;]+?)(?=[,;.]|\sand\s\d|$)"
)
_CHIP_LIST = re.compile(
    r"(?:[\s,，、;/+&()（）×x*·•\-–]|\bor\b|\band\b|或|和|\d+|GPUs?|nodes?|node|cards?|NVIDIA|AMD)*$", re.I
)
# «Hours used: 672 hours (28 days)» are hours of the clock, «Hours used: 22,000» are those of GPUs.
_CLOCKED = re.compile(r"\W*~?\d[\d.,]*\s?(?:hours|hrs)\b(?:\s?\(\W?[\d.]+\s?days\))?[\s.]*")
_TRAIN = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING}
_CHIPLESS = {ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS, ClaimType.TRAINING_TOKENS}


def read_labels(sentence: Sentence) -> Iterator[Draft]:
    """The claims of a labelled line, or of a list item that holds chips alone; nothing for other sentences."""
    if len(sentence.text) > 320:
        return
    match = _LABEL.match(sentence.text)
    header = read_header(match["label"], sentence.tools) if match else None
    if sentence.block.kind is Kind.ITEM and sentence.chips and not (header and header.role):
        yield from _read_list(sentence)
    if match is None or header is None:
        return
    value, at = match["value"], match.start("value")
    if header.role == "chip_hours" and _CLOCKED.fullmatch(value) and not re.search(r"(?i)[gtn]pu|chip|卡", header.text):
        header = replace(header, role="training_time", factor=1.0)
    if header.role == "chip" or (header.role == "chip_count" and not re.match(r"\W*\d+\W*$", value)):
        yield from _read_chips(sentence, header, at)
    elif header.role in TYPES:
        shares = (
            list(_SHARE.finditer(value))
            if header.role in ("chip_hours", "training_tokens", "training_time", "energy", "emissions", "parameters")
            else []
        )
        for share in shares:
            yield from _read_share(sentence, header, share["value"], share["name"])
        if not shares:
            yield from _read_value(sentence, header, value)


def _read_chips(sentence: Sentence, header: Header, at: int) -> Iterator[Draft]:
    counts = {
        q.chip.start: q
        for q in sentence.quantities
        if q.kind == "chip_count" and q.chip and not q.each and q.start >= at - 1
    }
    for chip in sentence.chips:
        if chip.start < at or (chip.generic and chip.start not in counts):
            continue
        stage = _stage(sentence, Stage.TRAINING)
        for draft in _drafts(sentence, header, ClaimType.HARDWARE, stage, chip.start, chip.end):
            if chip.start in counts:
                yield replace(draft, type=ClaimType.CHIP_COUNT, chip=chip).measured(counts[chip.start], unit="chips")
            else:
                yield replace(draft, chip=chip, printed=chip.printed)


def _read_value(sentence: Sentence, header: Header, value: str) -> Iterator[Draft]:
    kind = TYPES[header.role]
    stage = _stage(sentence, Stage.TRAINING)
    if kind is not ClaimType.THROUGHPUT and kind is not ClaimType.CHIP_COUNT and stage not in _TRAIN:
        stage = Stage.TRAINING
    for found in read_values(value, header, sentence.tools):
        for draft in _drafts(sentence, header, kind, stage, sentence.text.find(found.printed), len(sentence.text)):
            chip = found.chip or header.chip
            if kind is ClaimType.CHIP_COUNT and chip is None:
                chip = ChipMention("accelerator", "accelerator", 0, 0, "", generic=True)
            yield replace(
                draft, chip=None if kind in _CHIPLESS else chip, value=found.value, unit=found.unit,
                printed=found.printed, lower=found.lower, upper=found.upper,
                qualifier=found.qualifier, per=found.per, formula=found.formula,
            )  # fmt: skip


def _read_share(sentence: Sentence, header: Header, value: str, name: str) -> Iterator[Draft]:
    profile = sentence.tools.profile
    mentions = sentence.tools.models.find(name)
    if profile.main is None:
        return
    word = re.match(r"[\w./-]+", name)
    if mentions and word and word[0].startswith(mentions[0].name):
        subject_name = word[0]
    elif mentions:
        subject_name = mentions[0].name
    else:
        subject_name = re.sub(r"\s(?:distillation|training|pre-?training|model)$", "", name.strip())
    subject = Subject(subject_name, Attribution.OWN, "name", 0.8, Cue(text=name, decides="subject", rule="label-share"))
    for found in read_values(value, header, sentence.tools):
        for draft in _drafts(
            sentence, header, TYPES[header.role], _stage(sentence, Stage.TRAINING), 0, len(sentence.text)
        ):
            yield replace(
                draft,
                subject=subject,
                value=found.value,
                unit=found.unit,
                printed=found.printed,
                lower=found.lower,
                upper=found.upper,
                qualifier=found.qualifier,
                chip=header.chip,
            )


def _read_list(sentence: Sentence) -> Iterator[Draft]:
    """«• NVIDIA A100», «• Yi-VL-6B: RTX 3090, A10»: what the lead-in or the heading says of chips holds for each."""
    named = [c for c in sentence.chips if not c.generic]
    rest = sentence.text
    for chip in reversed(sentence.chips):
        rest = rest[: chip.start] + " " + rest[chip.end :]
    for model in sentence.models:
        rest = rest.replace(model.name, " ", 1)
    rest = re.sub(r"[:：]", " ", rest)
    if not named or not _CHIP_LIST.fullmatch(rest):
        return
    leads = [sentence.lead, *reversed(sentence.block.section)]
    hits = [h for text in leads for h in find_cues(text)]
    stage = next((Stage(h.rule.value) for h in hits if h.rule.axis == "stage"), Stage.OTHER)
    if stage in (Stage.OTHER, Stage.EVALUATION):
        stage = Stage.INFERENCE
    requirement = any(h.rule.value == "requirement" for h in hits)
    counts = {q.chip.start: q for q in sentence.quantities if q.kind == "chip_count" and q.chip and not q.each}
    header = Header(sentence.lead[:80], "chip")
    for chip in named:
        for draft in _drafts(sentence, header, ClaimType.HARDWARE, stage, chip.start, chip.end):
            draft = replace(draft, rule="list-chip", modality=Modality.REQUIREMENT if requirement else draft.modality)
            if chip.start in counts:
                yield replace(draft, type=ClaimType.CHIP_COUNT, chip=chip).measured(counts[chip.start], unit="chips")
            else:
                yield replace(draft, chip=chip, printed=chip.printed)


def _drafts(sentence: Sentence, header: Header, kind: ClaimType, stage: Stage, start: int, end: int) -> Iterator[Draft]:
    modality, cues = decide_modality(sentence, max(start, 0), end)
    for subject in find_subjects(sentence, max(start, 0), end) or []:
        yield Draft(
            kind, f"label-{header.role.replace('_', '-')}", Span(sentence.page, sentence.start, sentence.end),
            sentence.place, subject, stage, modality,
            cues=(Cue(text=header.text, decides="type", rule="label"), *((subject.cue,) if subject.cue else ()), *cues),
            section=sentence.block.section,
        ).because("label", 0.6)  # fmt: skip


def _stage(sentence: Sentence, otherwise: Stage) -> Stage:
    hits = [h for h in (*sentence.cues, *sentence.heading_cues, *find_cues(sentence.lead)) if h.rule.axis == "stage"]
    return Stage(hits[0].rule.value) if hits else otherwise
