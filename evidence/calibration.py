"""Whether confidence means what it says: of the claims that are 80 % sure, about 80 % should be right.

Bins of equal mass and the expected calibration error as in Naeini, Cooper and Hauskrecht (2015): the mean over the bins
of the distance between what was said and what came true, weighted by their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evidence.evaluation import evaluate, judge_claims
from evidence.gold import CHIP_TYPES, Gold
from extractors.claim import Claim

SURE = 0.9
"""From here on a claim is one that an analyst may take without a look at it."""
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims of like confidence: the least and the most sure, their mean confidence, and the share that is right."""

    low: float
    high: float
    claims: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins by confidence; of the claims at `SURE` or more, how many there are, and the share that is right.

    `error` is the expected calibration error. `sure_recall` is the share of gold chip facts that the sure claims meet.
    """

    bins: tuple[Bin, ...]
    sure: int
    sure_right: float
    sure_recall: float

    @property
    def claims(self) -> int:
        """How many claims were judged."""
        return sum(b.claims for b in self.bins)

    @property
    def error(self) -> float:
        """The expected calibration error, 0 to 1."""
        return sum(b.claims * abs(b.said - b.right) for b in self.bins) / (self.claims or 1)


def measure_reliability(golds: Sequence[Gold], claims: Sequence[Claim]) -> Reliability:
    """How far the confidence of claims, contested ones too, agrees with gold."""
    verdicts = judge_claims(golds, claims)
    sure = [right for claim, right in verdicts if claim.confidence >= SURE]
    found = evaluate(golds, [claim for claim in claims if claim.confidence >= SURE]).total(CHIP_TYPES)
    return Reliability(
        bins=make_bins((claim.confidence, right) for claim, right in verdicts),
        sure=len(sure),
        sure_right=sum(sure) / (len(sure) or 1),
        sure_recall=found.recall,
    )


def make_bins(verdicts: Iterable[tuple[float, bool]], count: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal mass by confidence, fewer where there are fewer claims than bins. Equal confidence, any order."""
    ordered = sorted(verdicts, key=lambda verdict: verdict[0])
    cuts = [round(i * len(ordered) / count) for i in range(count + 1)]
    return tuple(_bin(ordered[a:b]) for a, b in pairwise(cuts) if b > a)


def _bin(verdicts: list[tuple[float, bool]]) -> Bin:
    size = len(verdicts)
    said, right = sum(sure for sure, _ in verdicts) / size, sum(right for _, right in verdicts) / size
    return Bin(verdicts[0][0], verdicts[-1][0], size, said, right)
