"""Stage and modality of a run of a sentence, from the cues that reach it: scores with a margin, and vetoes that win."""

from __future__ import annotations

import re
from collections import defaultdict

from extractors.claim import Cue, Modality, Stage
from extractors.claims.context import CueHit, distance, find_cues, reaching
from extractors.claims.scene import Sentence
from extractors.claims.triggers import trigger

_PRECEDENCE = (
    Modality.NEGATED,
    Modality.ESTIMATED,
    Modality.HYPOTHETICAL,
    Modality.REQUIREMENT,
    Modality.PLANNED,
    Modality.REPORTED,
)


def find_ablation(text: str) -> bool:
    """Whether a text speaks of trial models beside the one presented: «at the small scale, we train a trial model»."""
    return trigger("ablation", text)


def decide_stage(sentence: Sentence, start: int, end: int) -> tuple[Stage, tuple[Cue, ...], float]:
    """The stage of a run, the cue that decided it, and how clear it was (0 where nothing said so).

    The nearest and most telling cue of the sentence wins; without one the headings speak, innermost first.
    """
    hits = [h for h in sentence.cues if h.rule.axis == "stage" and not _of_a_later_run(sentence, h, start, end)]
    if hits:
        scores: dict[str, float] = defaultdict(float)
        best: dict[str, CueHit] = {}
        for hit in hits:
            covers = hit.low <= start and end <= hit.high + 1
            score = (
                hit.rule.weight
                / (1 + distance(hit.start, hit.end, start, end) / 45)
                * (1.0 if covers else 0.4)
                * _apart(sentence.text, hit, start, end)
            )
            if score > scores[hit.rule.value]:
                scores[hit.rule.value] = score
                best[hit.rule.value] = hit
        value = max(scores, key=lambda v: scores[v])
        if value == "evaluation" and trigger("speed_test", " ".join([sentence.text, *sentence.block.section[-1:]])):
            return Stage.INFERENCE, (best[value].cue(),), scores[value]
        return Stage(value), (best[value].cue(),), scores[value]
    for hit in (*find_cues(sentence.lead[-100:]), *sentence.heading_cues):
        if hit.rule.axis == "stage":
            return Stage(hit.rule.value), (hit.cue(),), 0.3
    return Stage.OTHER, (), 0.0


def _apart(text: str, hit: CueHit, start: int, end: int) -> float:
    """How much a cue counts beyond a comma: «在 A800 上预训练，部署在 L20 上推理» serves on L20."""
    between = text[hit.end : start] if hit.end <= start else text[end : hit.start]
    return 0.7 if re.search(r"[，；;]|,\s", between) else 1.0


def _of_a_later_run(sentence: Sentence, hit: CueHit, start: int, end: int) -> bool:
    """Whether a cue heads a later run of a list: «stage 1 takes 10 hours on 32 H100s, and SFT takes 8 hours on 64»."""
    between = sentence.text[end : hit.start]
    if hit.start < end or not re.search(r"[,;，；]|\band\b", between):
        return False
    kinds = {q.kind for q in sentence.quantities if q.start <= start and end <= q.end}
    return any(q.kind in kinds and q.start >= hit.end for q in sentence.quantities)


def decide_modality(sentence: Sentence, start: int, end: int) -> tuple[Modality, tuple[Cue, ...]]:
    """How a run is put. Negation and hypothesis win over all but a plain estimate.

    «we estimate that it would have cost …» is an estimate.
    """
    hits = reaching(sentence.cues, "modality", start, end)
    found = {Modality(h.rule.value): h for h in reversed(hits)}
    for modality in _PRECEDENCE:
        if modality in found:
            return modality, (found[modality].cue(),)
    return Modality.ASSERTED, ()
