"""Cue rules with direction, scope, terminators and pseudo-cues, as in ConText, for stage, modality and attribution.

A rule's words reach over the clause to one side (or both) and stop at a terminator: in «unlike OPT, trained on 992
A100s, we …» what «unlike» says ends before «we». A pseudo rule takes words out of play: «not only» negates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from extractors.claim import Cue
from extractors.lexicon import LexiconError, load_lexicon

Axis = Literal["stage", "modality", "attribution"]
_DIRECTIONS = {"forward", "backward", "both", "sentence"}
_BREAK = re.compile(
    r"[;；。]|,\s(?:but|while|whereas|however|although|though|which|and (?:we|our|it|the|then)|we)\b|"
    r":\s(?=(?:it|we|the|instead|rather)\b)|"
    r"\b(?:but|while|whereas|however|although)\b|，(?:但|而|然而|不过|同时)|\.\s(?=[A-Z])|\n"
)


@dataclass(frozen=True, slots=True)
class CueRule:
    """One rule: `value` is what it says on its axis; `weight` counts when rules disagree; `reach` is in characters."""

    id: str
    axis: str
    value: str
    pattern: re.Pattern[str]
    direction: str
    weight: float
    reach: int


@dataclass(frozen=True, slots=True)
class CueHit:
    """A rule's words at `start:end`, and the run `low:high` they speak about."""

    rule: CueRule
    start: int
    end: int
    low: int
    high: int
    printed: str

    def cue(self) -> Cue:
        """The hit as a claim shows it."""
        return Cue(text=self.printed, decides=self.rule.axis, rule=self.rule.id)


@cache
def cue_rules() -> tuple[CueRule, ...]:
    """The rules of `lexicon/cues.toml`; raises LexiconError for a direction or axis that does not exist."""
    keys = {"id", "axis", "value", "pattern", "direction", "weight", "reach", "case"}
    rules: list[CueRule] = []
    for row in load_lexicon("cues.toml", {"cue": keys})["cue"]:
        if row.get("direction", "both") not in _DIRECTIONS:
            raise LexiconError(
                f"cues.toml: rule {row.get('id')}: direction {row.get('direction')!r} is none of {sorted(_DIRECTIONS)}"
            )
        if row["axis"] not in ("stage", "modality", "attribution", "pseudo"):
            raise LexiconError(f"cues.toml: rule {row.get('id')}: axis {row['axis']!r} is not known")
        pattern = re.compile(row["pattern"], re.ASCII if row.get("case") else re.ASCII | re.I)
        rules.append(
            CueRule(
                row["id"],
                row["axis"],
                row.get("value", ""),
                pattern,
                row.get("direction", "both"),
                float(row.get("weight", 1.0)),
                int(row.get("reach", 400)),
            )
        )
    return tuple(rules)


@lru_cache(maxsize=8192)
def find_cues(sentence: str) -> tuple[CueHit, ...]:
    """Every cue of a sentence with its scope; words inside a pseudo-cue are none."""
    hits: list[CueHit] = []
    pseudo: list[tuple[int, int]] = []
    for rule in cue_rules():
        for match in rule.pattern.finditer(sentence):
            if rule.axis == "pseudo":
                pseudo.append(match.span())
            else:
                hits.append(_scope(sentence, rule, match))
    return tuple(h for h in hits if not any(a <= h.start and h.end <= b for a, b in pseudo))


def _scope(sentence: str, rule: CueRule, match: re.Match[str]) -> CueHit:
    start, end = match.span()
    low, high = 0, len(sentence)
    if rule.direction != "sentence":
        for stop in _BREAK.finditer(sentence):
            if stop.end() <= start:
                low = stop.end()
            elif stop.start() >= end:
                high = stop.start()
                break
        low = start if rule.direction == "forward" else max(low, start - rule.reach)
        high = end if rule.direction == "backward" else min(high, end + rule.reach)
    return CueHit(rule, start, end, low, high, match[0].strip())


def reaching(hits: Iterable[CueHit], axis: Axis, start: int, end: int) -> list[CueHit]:
    """The cues of an axis whose scope covers `start:end`, the nearest first."""
    found = [h for h in hits if h.rule.axis == axis and h.low <= start and end <= h.high + 1]
    return sorted(found, key=lambda h: (distance(h.start, h.end, start, end), h.start))


def distance(a: int, b: int, start: int, end: int) -> int:
    """Characters between two runs, 0 when they touch."""
    return max(0, start - b, a - end)
