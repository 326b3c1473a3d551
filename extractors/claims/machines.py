"""What a page about a machine says that the machine has: «# Specs of Larkspur», «120 nodes: total 480 H100 GPUs».

Such a page presents no model, so its counts belong to none: they are what a supercomputer or cluster holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extractors.claim import Attribution, ClaimType, Cue, Modality, Reason, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.judgement import decide_modality
from extractors.claims.scene import Sentence, Tools
from extractors.claims.subject import Subject
from extractors.claims.triggers import trigger
from extractors.mentions.chips import ChipMention
from extractors.text import Kind, Text
from registry import Registry

_BASE = 0.2
_HEADINGS = 4
_NAME = r"(?-i:[A-Z][\w.’'-]*(?:\s(?:[A-Z\d][\w.-]*|[IVX]+))*)"
_TITLES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(?:specs|specifications?|hardware|configuration|architecture|overview)\s(?:of|for)\s(?:the\s)?(?P<name>{_NAME})",
        rf"\b(?P<name>{_NAME})(?:,|\s[-–—:]|:)?\s(?:the\s|an?\s)?(?:[\w’'-]+\s){{0,4}}?(?:supercomputers?|(?:gpu|ai|hpc)\sclusters?)\b",
        rf"\b(?:supercomputer|(?:gpu|ai|hpc)\scluster)\s(?P<name>{_NAME})",
        r"(?P<name>[^\s，,。：:“”《》]{2,12}?)(?:超级计算机|超算|智算中心|智算集群|计算集群)",
    )
)


def read_machines(text: Text, running: Iterable[Sentence], tools: Tools, registry: Registry) -> Iterator[Draft]:
    """The counts of chips on a page about one machine, as what it has; none where a model is presented."""
    name = None if tools.profile.own else _find_machine(text, registry)
    for sentence in running if name else ():
        for quantity in sentence.quantities:
            if quantity.kind != "chip_count" or quantity.chip is None or quantity.each:
                continue
            chip = _named_beside(sentence, quantity.chip.start) if quantity.chip.generic else quantity.chip
            modality, cues = decide_modality(sentence, quantity.start, quantity.end)
            marked = f"{sentence.text[: quantity.start]}¦{quantity.printed}¦{sentence.text[quantity.end :]}"
            if modality not in (Modality.ASSERTED, Modality.PLANNED) or trigger("not_count", marked):
                continue
            assert name is not None
            said = Cue(text=name, decides="subject", rule="machine")
            yield Draft(
                type=ClaimType.POSSESSION,
                rule="machine",
                span=Span(sentence.page, sentence.start, sentence.end),
                place=sentence.place,
                subject=Subject(name, Attribution.OWN, "organisation", 0.8, said),
                stage=Stage.OTHER,
                modality=modality,
                chip=chip or quantity.chip,
                unit="chips",
                cues=(said, *cues),
                reasons=(Reason(name="possession", weight=_BASE),),
                section=sentence.block.section,
            ).measured(quantity)


def _named_beside(sentence: Sentence, start: int) -> ChipMention | None:
    """The chip that a count of unnamed ones is of: «with V100 32 GB GPUs: total 480 GPUs»."""
    named = {c.id: c for c in sentence.chips if not c.generic and c.end <= start}
    return next(iter(named.values())) if len(named) == 1 else None


def _find_machine(text: Text, registry: Registry) -> str | None:
    """The machine that the title or a first heading is about."""
    known = [
        spelling.text
        for system in registry.systems
        if system.kind in ("supercomputer", "cluster")
        for spelling in system.spellings()
    ]
    headings = [page.text[b.start : b.end] for page, b in text.blocks() if b.kind is Kind.HEADING][:_HEADINGS]
    for heading in filter(None, [text.title, *headings]):
        for pattern in _TITLES:
            if match := pattern.search(heading):
                return match["name"].removeprefix("The ")
        if found := next((name for name in known if re.search(rf"\b{re.escape(name)}\b", heading)), None):
            return found
    return None
