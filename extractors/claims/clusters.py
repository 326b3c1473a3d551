"""Machines told node by node, across sentences: «we train on 16 nodes. Each node has 8 A800 GPUs»."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.claim import ClaimType, Modality, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.judgement import decide_modality, decide_stage
from extractors.claims.scene import Sentence
from extractors.claims.subject import find_subjects
from extractors.mentions.quantities import Quantity

_EACH = re.compile(
    r"\b(?:each|every)\s(?:\w+\s){0,2}(?:node|server|machine|host|instance)s?\b[^.;]{0,60}$|每(?:台|个)?(?:节点|服务器|机器)[^。；]{0,16}$",
    re.I,
)
_MOST = 16
_RUN = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING, Stage.INFERENCE}


def read_nodes(sentence: Sentence) -> Iterator[Draft]:
    """The chips of a node that a sentence before put to use, and their number where it tells how many nodes."""
    for quantity in sentence.quantities:
        if quantity.kind != "chip_count" or quantity.chip is None or quantity.formula or quantity.value > _MOST:
            continue
        if quantity.each is None and not _EACH.search(sentence.text[: quantity.start]):
            continue
        run = _run_before(sentence, quantity)
        if run is None:
            continue
        told, stage, at = run
        modality, cues = decide_modality(sentence, quantity.start, quantity.end)
        if modality is Modality.ASSERTED:
            modality, cues = decide_modality(told, *at)
        for subject in find_subjects(told, *at):
            draft = Draft(
                ClaimType.HARDWARE, "nodes-each", Span(sentence.page, sentence.start, sentence.end), sentence.place,
                subject, stage, modality, chip=quantity.chip, printed=quantity.chip.printed,
                cues=(*((subject.cue,) if subject.cue else ()), *cues), section=sentence.block.section,
                more=() if told is sentence else (Span(told.page, told.start, told.end),),
            )  # fmt: skip
            if not quantity.chip.generic:
                yield draft
            nodes = [q for q in told.quantities if q.kind == "node_count" and q.value > 1]
            if len(nodes) == 1 and not any(q.formula for q in sentence.quantities):
                yield replace(
                    draft,
                    type=ClaimType.CHIP_COUNT,
                    value=nodes[0].value * quantity.value,
                    unit="chips",
                    printed=f"{nodes[0].printed} × {quantity.printed}",
                    formula=f"{nodes[0].value:g} × {quantity.value:g}",
                )


def _run_before(sentence: Sentence, quantity: Quantity) -> tuple[Sentence, Stage, tuple[int, int]] | None:
    """The sentence that tells of the run (this or one of two before), its stage and where it speaks of machines."""
    place: Sentence | None = sentence
    for hops in range(3):
        if place is None or (place.page is not sentence.page and hops > 1):
            return None
        nodes = [q for q in place.quantities if q.kind == "node_count"]
        at = (
            (quantity.start, quantity.end)
            if place is sentence
            else (nodes[0].start, nodes[0].end)
            if nodes
            else (len(place.text), len(place.text))
        )
        stage, _, clear = decide_stage(place, *at)
        if (
            stage in _RUN
            and clear > 0.3
            and (nodes or place is sentence or re.search(r"\bcluster|\bnodes?\b|集群|节点", place.text))
        ):
            return place, stage, at
        place = place.before
    return None
