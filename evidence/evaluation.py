"""How well claims meet gold facts: precision, recall and F1 by claim type, with every miss and false alarm.

A claim is right at one of two levels. Relaxed: same document, type, value and, for types that live by it, chip.
Strict: the subject by one of its names and whose work it is as well. Gold that is optional or derived is right when
found and no miss when not; a second claim for one gold fact is a duplicate, neither right nor wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from evidence.gold import CHIP_TYPES, Gold, GoldClaim, plain
from extractors.claim import Claim, ClaimType, Stage

_APART = {*CHIP_TYPES, ClaimType.TECHNIQUE, ClaimType.TRAINING_PERIOD}
FACT_TYPES = tuple(kind for kind in ClaimType if kind not in _APART)
"""Types of facts that gold has; of training periods it has none."""

CHIP_TOTAL, FACT_TOTAL = "all chip types", "all fact types"

_TOLERANCE = 0.02
_CHIP_DECIDES = frozenset(CHIP_TYPES) - {ClaimType.TRAINING_TIME}
_STAGED = frozenset(CHIP_TYPES) - {ClaimType.POSSESSION}
_ANY_MAKER = frozenset({"*"})
_UNNAMED_CHIPS = {
    "gpu": frozenset({"nvidia", "amd"}),
    "nvidia-gpu": frozenset({"nvidia"}),
    "amd-gpu": frozenset({"amd"}),
    "tpu": frozenset({"google"}),
    "google-tpu": frozenset({"google"}),
    "npu": frozenset({"huawei"}),
    "accelerator": _ANY_MAKER,
}
_STAGE_GROUPS = {
    Stage.PRE_TRAINING: "train",
    Stage.POST_TRAINING: "train",
    Stage.TRAINING: "train",
    Stage.INFERENCE: "inference",
}


@dataclass(slots=True)
class Tally:
    """What was right, missed and wrong of one type; the misses with their document's name."""

    matched: int = 0
    missed: list[tuple[str, GoldClaim]] = field(default_factory=list)
    false_alarms: list[tuple[str, Claim]] = field(default_factory=list)
    duplicates: int = 0

    @property
    def precision(self) -> float:
        """The share of claims that are right."""
        return self.matched / ((self.matched + len(self.false_alarms)) or 1)

    @property
    def recall(self) -> float:
        """The share of facts that were found."""
        return self.matched / ((self.matched + len(self.missed)) or 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / ((self.precision + self.recall) or 1)

    def __iadd__(self, other: Tally) -> Tally:
        self.matched += other.matched
        self.missed += other.missed
        self.false_alarms += other.false_alarms
        self.duplicates += other.duplicates
        return self


class Evaluation:
    """Tallies by type at both levels, and how often stage and page of strict matches are right."""

    def __init__(self) -> None:
        self.documents = 0
        self.strict: dict[ClaimType, Tally] = defaultdict(Tally)
        self.relaxed: dict[ClaimType, Tally] = defaultdict(Tally)
        self.stages: Counter[bool] = Counter()
        self.pages: Counter[bool] = Counter()

    def total(self, types: Iterable[ClaimType], level: Literal["strict", "relaxed"] = "strict") -> Tally:
        """The tally of several types together."""
        whole = Tally()
        for kind in types:
            whole += getattr(self, level)[kind]
        return whole

    def figures(self) -> dict[str, Tally]:
        """The strict tally of every type that occurs, and of the chip and the fact types together."""
        rows = {str(kind): self.strict[kind] for kind in ClaimType if kind in self.strict or kind in self.relaxed}
        return rows | {CHIP_TOTAL: self.total(CHIP_TYPES), FACT_TOTAL: self.total(FACT_TYPES)}

    def add(self, gold: Gold, claims: list[Claim]) -> None:
        """Score the claims made of one document."""
        self.documents += 1
        grades = {
            (i, j): grade
            for i, fact in enumerate(gold.facts)
            for j, claim in enumerate(claims)
            if (grade := _grade(gold, fact, claim))
        }
        ordered = sorted(grades, key=lambda pair: (-grades[pair], pair))
        for level, tallies in ((1, self.relaxed), (2, self.strict)):
            pairs = _pair([pair for pair in ordered if grades[pair] >= level])
            _count(gold, claims, pairs, {j for (_, j), grade in grades.items() if grade >= level}, tallies)
            if level == 2:
                for i, j in pairs.items():
                    self._judge(gold.facts[i], claims[j], grades[i, j])

    def _judge(self, fact: GoldClaim, claim: Claim, grade: int) -> None:
        if fact.type in _STAGED:
            self.stages[grade == 3] += 1
        if fact.pages:
            self.pages[any(e.page in fact.pages for e in claim.evidence)] += 1


def evaluate(golds: Iterable[Gold], claims: Iterable[Claim]) -> Evaluation:
    """Score claims against gold. A claim counts for each document it has evidence in, by the file's name."""
    by_document: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for name in {PurePath(e.document).name for e in claim.evidence}:
            by_document[name].append(claim)
    result = Evaluation()
    for gold in golds:
        result.add(gold, by_document[gold.document])
    return result


def judge_claims(golds: Iterable[Gold], claims: Iterable[Claim]) -> list[tuple[Claim, bool]]:
    """The claims that gold can judge, each with whether it meets a fact strictly; a duplicate is right too.

    Left out are claims of documents without gold, what is hypothetical or negated, and facts about works of others.
    """
    facts = {gold.document: gold for gold in golds}
    verdicts: list[tuple[Claim, bool]] = []
    for claim in claims:
        for name in sorted({PurePath(e.document).name for e in claim.evidence} & facts.keys()):
            gold = facts[name]
            if gold.counts(claim):
                verdicts.append((claim, any(_grade(gold, fact, claim) >= 2 for fact in gold.facts)))
    return verdicts


def _pair(ordered: list[tuple[int, int]]) -> dict[int, int]:
    """Facts with the claims that meet them, each once, the best pairs first."""
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for i, j in ordered:
        if i not in pairs and j not in used:
            pairs[i] = j
            used.add(j)
    return pairs


def _count(
    gold: Gold, claims: list[Claim], pairs: dict[int, int], meeting: set[int], tallies: dict[ClaimType, Tally]
) -> None:
    for i, fact in enumerate(gold.facts):
        if fact.required and i in pairs:
            tallies[fact.type].matched += 1
        elif fact.required:
            tallies[fact.type].missed.append((gold.document, fact))
    used = set(pairs.values())
    for j, claim in enumerate(claims):
        if j in used or not gold.counts(claim):
            continue
        if j in meeting:
            tallies[claim.type].duplicates += 1
        else:
            tallies[claim.type].false_alarms.append((gold.document, claim))


def _grade(gold: Gold, fact: GoldClaim, claim: Claim) -> int:
    """0 for no match, 1 for a relaxed one, 2 for a strict one, 3 where the stage agrees too."""
    if fact.type is not claim.type or not _value_accepted(fact, claim.value):
        return 0
    chip = claim.chip.id if claim.chip else None
    if fact.type in _CHIP_DECIDES:
        if not _chips_agree(fact.chip, chip):
            return 0
        same_chip = fact.chip is None or _chips_agree_strictly(fact.chip, chip)
    else:
        same_chip = fact.chip is None or chip is None or _chips_agree(fact.chip, chip)
    same_work = fact.attribution is claim.attribution and gold.accepts(fact.subject, claim.subject.name)
    if not (same_chip and same_work):
        return 1
    return 3 if _STAGE_GROUPS.get(fact.stage) == _STAGE_GROUPS.get(claim.stage) else 2


def _value_accepted(fact: GoldClaim, value: float | str | None) -> bool:
    if fact.type is ClaimType.HARDWARE or (fact.type is ClaimType.POSSESSION and fact.value is None):
        return True
    if any(_values_agree(wanted, value) for wanted in (fact.value, *fact.also)):
        return True
    if fact.lower is None or fact.upper is None or not isinstance(value, float | int):
        return False
    return fact.lower <= value <= fact.upper


def _values_agree(wanted: float | str | None, value: float | str | None) -> bool:
    if wanted is None or value is None:
        return wanted is value
    try:
        number, got = float(wanted), float(value)
    except ValueError:
        return plain(str(wanted)) == plain(str(value))
    return abs(number - got) <= _TOLERANCE * max(abs(number), 1e-12)


def _chips_agree(wanted: str | None, got: str | None) -> bool:
    """Whether two chip ids may mean one chip: parts within parts, or one of them unnamed and from the same maker."""
    if wanted is None or got is None:
        return True
    if wanted == got:
        return True
    if not {wanted, got} & _UNNAMED_CHIPS.keys():
        return _parts_within(wanted, got)
    makers = [_UNNAMED_CHIPS.get(chip, frozenset({chip.split("-")[0]})) for chip in (wanted, got)]
    return _ANY_MAKER in makers or bool(makers[0] & makers[1])


def _chips_agree_strictly(wanted: str, got: str | None) -> bool:
    """As `_chips_agree`, but a named chip is not an unnamed one, and none is not any."""
    if wanted == got:
        return True
    if got is None or len({wanted, got} & _UNNAMED_CHIPS.keys()) == 1:
        return False
    return _chips_agree(wanted, got)


def _parts_within(one: str, other: str) -> bool:
    first, second = set(one.split("-")), set(other.split("-"))
    return first <= second or second <= first
