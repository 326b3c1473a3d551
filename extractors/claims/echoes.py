"""Where else a document says what a claim says, so that every page on which the fact stands is evidence for it.

A rule reads a fact where the words are plain: «Larch was trained on 64 H800 GPUs». The same fact stands again where no
rule dared to read it: «(64 H800 GPUs, 30 days)» on page 9. Such an echo makes no claim and moves no confidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from extractors.claim import CHIP_TYPES, NOT_FACTS, Attribution, ClaimType, Modality, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.judgement import decide_modality, decide_stage, find_ablation
from extractors.claims.naming import STAGE_GROUP, root
from extractors.claims.scene import Sentence
from extractors.claims.subject import Subject, find_subjects
from extractors.claims.triggers import trigger
from extractors.claims.values import KINDS
from extractors.mentions.chips import ChipMention
from extractors.mentions.models import fold
from extractors.mentions.quantities import Quantity

_UNSAID = NOT_FACTS | {Modality.PLANNED, Modality.REQUIREMENT}
_SPOKEN = {"self", "this"}
_TACIT = {"main", "heading"}
_SIZES = {ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS}
_ROUNDING = 0.02
_VETOES = {
    ClaimType.HARDWARE: "not_chip",
    ClaimType.CHIP_COUNT: "not_count",
    ClaimType.CHIP_HOURS: "not_hours",
    ClaimType.TRAINING_TIME: "not_duration",
    ClaimType.TRAINING_TOKENS: "not_tokens",
    ClaimType.PARAMETERS: "not_parameters",
}

Place = tuple[Sentence, int, int]


class Echoes:
    """The figures and chips of a document's sentences and readings, to be found again by what a claim says of them."""

    def __init__(self, sentences: Iterable[Sentence], drafts: Iterable[Draft]) -> None:
        self._read: dict[tuple[object, ...], list[Draft]] = defaultdict(list)
        for draft in drafts:
            self._read[_statement(draft)].append(draft)
        self._figures: dict[str, list[tuple[Sentence, Quantity]]] = defaultdict(list)
        self._chips: dict[str, list[tuple[Sentence, ChipMention]]] = defaultdict(list)
        for sentence in sentences:
            if sentence.page.number is not None:
                for quantity in sentence.quantities:
                    self._figures[quantity.kind].append((sentence, quantity))
                for chip in sentence.chips:
                    self._chips[root(chip.id)].append((sentence, chip))

    def find(self, draft: Draft, known: Sequence[Span]) -> Iterator[Span]:
        """One place on each page that `known` leaves out and that says what a draft says, in reading order."""
        pages = {span.page.number for span in known}
        for kin in self._read[_statement(draft)]:
            if kin.span.page.number not in pages and _is_variant(kin, draft):
                pages.add(kin.span.page.number)
                yield kin.span
        for sentence, start, end in self._places(draft):
            if sentence.page.number not in pages and _says(sentence, start, end, draft):
                pages.add(sentence.page.number)
                yield Span(sentence.page, sentence.start, sentence.end)

    def _places(self, draft: Draft) -> Iterator[Place]:
        if draft.type is ClaimType.HARDWARE and draft.chip is not None:
            for sentence, chip in self._chips[root(draft.chip.id)]:
                if _agree(chip, draft.chip) and _in_use(sentence, chip):
                    yield sentence, chip.start, chip.end
        elif isinstance(draft.value, float | int) and draft.value > 1:
            for kind in sorted(KINDS.get(str(draft.type), ())):
                for sentence, quantity in self._figures[kind]:
                    if _equal(draft, quantity) and _agree(quantity.chip, draft.chip):
                        yield sentence, quantity.start, quantity.end


def _statement(draft: Draft) -> tuple[object, ...]:
    chip = root(draft.chip.id) if draft.chip else None
    return draft.type, chip, draft.value, draft.unit, draft.per, draft.attribution, STAGE_GROUP[draft.stage]


def _is_variant(kin: Draft, draft: Draft) -> bool:
    """Whether a reading is of a variant of a draft's model: what Larch-7B ran on, Larch did."""
    if kin.subject is None or draft.subject is None or kin.modality in _UNSAID:
        return False
    return fold(kin.subject.name).startswith(fold(draft.subject.name))


def _says(sentence: Sentence, start: int, end: int, draft: Draft) -> bool:
    if find_ablation(sentence.text) or decide_modality(sentence, start, end)[0] in _UNSAID:
        return False
    name = _VETOES.get(draft.type)
    if name and trigger(name, f"{sentence.text[max(0, start - 70) : start]}¦{sentence.text[start : end + 60]}"):
        return False
    stage, cues, _ = decide_stage(sentence, start, end)
    if draft.type is ClaimType.TRAINING_TIME and not cues:
        return False
    if draft.type in CHIP_TYPES and stage is not Stage.OTHER and STAGE_GROUP[stage] != STAGE_GROUP[draft.stage]:
        return False
    return any(_about(subject, draft) for subject in find_subjects(sentence, start, end))


def _in_use(sentence: Sentence, chip: ChipMention) -> bool:
    """Whether a sentence counts its chips or, where it names them, tells of a run."""
    counted = any(q.chip is not None and q.chip.start == chip.start and q.value > 1 for q in sentence.quantities)
    return counted or (not chip.generic and any(hit.rule.axis == "stage" for hit in sentence.cues))


def _about(subject: Subject, draft: Draft) -> bool:
    """Whether a place is about a draft's model: by name, by that of its family, or by «we» for an own model."""
    if draft.subject is None or subject.attribution is not draft.attribution:
        return False
    if subject.how in _SPOKEN or (subject.how in _TACIT and draft.type not in _SIZES):
        return draft.attribution is Attribution.OWN
    said, meant = fold(subject.name), fold(draft.subject.name)
    return said.startswith(meant) or meant.startswith(said)


def _agree(said: ChipMention | None, meant: ChipMention | None) -> bool:
    if said is None or meant is None or said.generic or meant.generic:
        return said is None or meant is None or said.generic != meant.generic or said.id == meant.id
    parts, others = set(said.id.split("-")), set(meant.id.split("-"))
    return parts <= others or others <= parts


def _equal(draft: Draft, quantity: Quantity) -> bool:
    """The same figure, or one that is a rounding of the other; never one of several per node."""
    if quantity.each is not None or quantity.per != draft.per or not isinstance(draft.value, float | int):
        return False
    if abs(quantity.value - draft.value) <= 1e-6 * abs(draft.value):
        return True
    bounds = quantity.lower, quantity.upper
    return (
        bounds[0] is not None
        and bounds[1] is not None
        and bounds[0] <= draft.value <= bounds[1]
        and abs(quantity.value - draft.value) <= _ROUNDING * abs(draft.value)
    )
