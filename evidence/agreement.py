"""How far reviewers agree: the share of equal verdicts, and Cohen's kappa.

Kappa (Cohen 1960) takes away what two reviewers would agree on by chance: (p - e) / (1 - e), where p is the share of
claims with one verdict and e the share that their habits alone would give.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from evidence.decisions import VERDICTS, Decision, active


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers: the claims that both decided, the share of equal verdicts, and kappa.

    Kappa is None where both give one and the same verdict throughout, so that chance alone explains all.
    """

    first: str
    second: str
    claims: int
    agreed: float
    kappa: float | None


def measure_agreement(decisions: Iterable[Decision]) -> list[Agreement]:
    """The agreement of each two reviewers who decided a claim both, by name.

    Their last verdicts count: accept, reject, correct; two corrections agree when they state one claim. Left out are
    skips, planted claims, and decisions made in sight of those of others.
    """
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for decision in active(decisions):
        if decision.action in VERDICTS and not decision.final and not decision.planted:
            stated = decision.stated.id if decision.stated else ""
            labels[decision.reviewer][decision.claim] = f"{decision.action} {stated}"
    found = []
    for first, second in combinations(sorted(labels), 2):
        both = sorted(labels[first].keys() & labels[second].keys())
        if both:
            pairs = [(labels[first][claim], labels[second][claim]) for claim in both]
            found.append(Agreement(first, second, len(both), *_kappa(pairs)))
    return found


def _kappa(pairs: list[tuple[str, str]]) -> tuple[float, float | None]:
    size = len(pairs)
    agreed = sum(one == other for one, other in pairs) / size
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[label] * others[label] for label in ones) / size**2
    return agreed, None if chance == 1 else (agreed - chance) / (1 - chance)
