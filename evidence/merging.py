"""One claim out of what several documents of one work say: its arXiv versions, say, or a page fetched twice."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.claim import Claim


def merge_claims(readings: Sequence[Claim]) -> Claim:
    """The claim that several readings with one id make together.

    The surest reading is kept as it is, with the evidence of all: every quote once, in the order of document, page
    and place. Raises `ValueError` where there is nothing to merge or the ids differ.
    """
    if len({claim.id for claim in readings}) != 1:
        raise ValueError("merging needs readings of one claim")
    best = min(readings, key=lambda c: (c.status, -c.confidence, c.evidence[0].sha256))
    if len(readings) == 1:
        return best
    quotes = {(e.document, e.sha256, e.page or 0, e.start, e.end): e for claim in readings for e in claim.evidence}
    return best.model_copy(update={"evidence": tuple(quotes[key] for key in sorted(quotes))})
