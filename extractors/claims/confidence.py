"""The chance that a claim is right as stated: reasons weighed by hand, corrected by what gold facts taught.

The log-odds of a claim are the sum of its reasons. Each rule gives its reasons a weight by hand («the subject is the
row's header: +1.2»). `lexicon/confidence.toml` then holds factors on those weights and shifts for the rule and the
circumstances of a claim, fitted by penalised logistic regression to claims that gold says are right or wrong
(`benchmarks/calibration.py`; docs/confidence.md tells how). What the fit saw too seldom stays as it was set by hand.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from extractors.claim import Attribution, ClaimType, Reason
from extractors.claims.draft import Draft
from extractors.claims.naming import STAGE_GROUP
from extractors.lexicon import LexiconError, load_lexicon
from extractors.mentions.models import fold

RULE, CONTEXT = "rule:", "context:"
"""What the names of learned shifts begin with."""

_FILE = "confidence.toml"
_ONE_VALUE = frozenset(
    {
        ClaimType.PARAMETERS,
        ClaimType.ACTIVE_PARAMETERS,
        ClaimType.TRAINING_TOKENS,
        ClaimType.TRAINING_COMPUTE,
        ClaimType.TRAINING_TIME,
        ClaimType.CHIP_HOURS,
        ClaimType.COST,
        ClaimType.ENERGY,
        ClaimType.EMISSIONS,
    }
)
_MANY_MODELS = 4


@dataclass(frozen=True, slots=True)
class Calibration:
    """Factors on the hand-set weights, by reason, and shifts in log-odds, by trait. Empty: the weights set by hand."""

    scales: Mapping[str, float] = field(default_factory=dict)
    shifts: Mapping[str, float] = field(default_factory=dict)

    def scale(self, reasons: Iterable[Reason]) -> Iterator[Reason]:
        """The reasons with their weights corrected."""
        for reason in reasons:
            yield Reason(name=reason.name, weight=round(reason.weight * self.scales.get(reason.name, 1.0), 2))

    def shift(self, traits: Iterable[str]) -> Iterator[Reason]:
        """The shift of each trait as a reason; 0 where nothing was learned of it."""
        for trait in traits:
            yield Reason(name=trait, weight=self.shifts.get(trait, 0.0))


@cache
def fitted() -> Calibration:
    """The calibration that comes with the rules.

    Raises `LexiconError` for a factor below 0, for what is no number or no trait, and for a name that stands twice.
    """
    tables = {"fit": {"gold", "date", "claims"}, "scale": {"reason", "factor"}, "shift": {"trait", "weight"}}
    rows = load_lexicon(_FILE, tables)
    scales = _read_numbers(rows["scale"], "scale", "reason", "factor")
    shifts = _read_numbers(rows["shift"], "shift", "trait", "weight")
    for name, factor in scales.items():
        if factor < 0:
            raise LexiconError(f"{_FILE}: [[scale]] {name}: a factor below 0 turns a reason round; it is {factor}")
    for name in shifts:
        if not name.startswith((RULE, CONTEXT)):
            raise LexiconError(f"{_FILE}: [[shift]] {name}: a trait begins with {RULE!r} or {CONTEXT!r}")
    return Calibration(scales, shifts)


def _read_numbers(rows: list[dict[str, Any]], table: str, name: str, number: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for i, row in enumerate(rows, 1):
        if not isinstance(row.get(name), str) or not isinstance(row.get(number), int | float):
            raise LexiconError(f"{_FILE}: [[{table}]] {i}: it needs {name!r}, a name, and {number!r}, a number")
        if row[name] in found:
            raise LexiconError(f"{_FILE}: [[{table}]] {i}: {row[name]} stands twice")
        found[row[name]] = float(row[number])
    return found


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else a document states: how many own models it speaks of, and the values it gives for one figure."""

    own_models: int
    values: Mapping[tuple[object, ...], frozenset[object]]

    def tell(self, draft: Draft) -> Iterator[str]:
        """The circumstances that bear on a claim, e.g. «context:rival-values» where one model has two sizes."""
        if draft.type in _ONE_VALUE and len(self.values.get(_figure(draft), ())) > 1:
            yield f"{CONTEXT}rival-values"
        if self.own_models >= _MANY_MODELS:
            yield f"{CONTEXT}many-models"


def look_around(drafts: Iterable[Draft]) -> Surroundings:
    """The surroundings of each claim of a document, from one draft a claim."""
    values: dict[tuple[object, ...], set[object]] = defaultdict(set)
    own: set[str] = set()
    for draft in drafts:
        values[_figure(draft)].add(draft.value)
        if draft.subject is not None and draft.attribution is Attribution.OWN:
            own.add(fold(draft.subject.name))
    return Surroundings(len(own), {figure: frozenset(found) for figure, found in values.items()})


def _figure(draft: Draft) -> tuple[object, ...]:
    return (
        draft.type,
        fold(draft.subject.name) if draft.subject else "",
        draft.attribution,
        draft.chip.id if draft.chip else None,
        STAGE_GROUP[draft.stage],
        draft.unit,
    )


def weigh(draft: Draft, repeats: int) -> tuple[Reason, ...]:
    """The reasons for and against a draft with their hand-set weights, in log-odds."""
    reasons = [Reason(name="base", weight=1.0), *draft.reasons]
    if draft.subject is not None:
        reasons.append(Reason(name=f"subject-{draft.subject.how}", weight=round(4 * (draft.subject.weight - 0.6), 2)))
    if repeats > 1 and not any(r.weight <= -2 for r in reasons):
        reasons.append(Reason(name="repeated", weight=round(min(1.2, 0.5 * (repeats - 1)), 2)))
    return tuple(reasons)


def judge(
    draft: Draft, repeats: int, surroundings: Surroundings, calibration: Calibration
) -> tuple[float, tuple[Reason, ...]]:
    """The confidence of a draft (0 to 1) and the reasons that moved it: their weights sum to its log-odds.

    Without a calibration the shifts stand among the reasons with weight 0, for a fit to learn from.
    """
    traits = (f"{RULE}{draft.rule}", *surroundings.tell(draft))
    shifts = calibration.shift(traits)
    learned = (s for s in shifts if s.weight or not calibration.shifts)
    reasons = (*calibration.scale(weigh(draft, repeats)), *learned)
    return chance(sum(r.weight for r in reasons)), reasons


def chance(odds: float) -> float:
    """Log-odds as a probability, to three places: 0 is 0.5, 2.2 is 0.9."""
    return round(1 / (1 + math.exp(-odds)), 3)
