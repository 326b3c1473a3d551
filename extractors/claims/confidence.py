"""The chance that a claim is right as stated, from what is known of its rule and context; reasons can be shown."""

from __future__ import annotations

import math

from extractors.claim import Reason
from extractors.claims.draft import Draft


def judge(draft: Draft, repeats: int) -> tuple[float, tuple[Reason, ...]]:
    """The confidence of a draft (0 to 1) and the reasons that moved it, in log-odds."""
    reasons = [Reason(name="base", weight=1.0), *draft.reasons]
    if draft.subject is not None:
        reasons.append(Reason(name=f"subject-{draft.subject.how}", weight=round(4 * (draft.subject.weight - 0.6), 2)))
    if repeats > 1 and not any(r.weight <= -2 for r in reasons):
        reasons.append(Reason(name="repeated", weight=round(min(1.2, 0.5 * (repeats - 1)), 2)))
    total = sum(r.weight for r in reasons)
    return round(1 / (1 + math.exp(-total)), 3), tuple(reasons)
