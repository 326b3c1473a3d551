"""Dividing documents into batches of about equal work."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from corpus.document import MediaType
from flows.reading import Pending

HEAVIEST = 3_000_000
"""Weight of a batch that costs some seconds of reading: handing it over costs a fifth of one."""
LIGHTEST = 500_000
EACH_WORKER = 6

Batch = tuple[Pending, ...]


def sort_by_weight(pending: Iterable[Pending]) -> list[Pending]:
    """The documents, the most work first, so that no worker is left alone with a long one at the end."""
    return sorted(pending, key=lambda p: (-_weigh(p), p.place))


def make_batches(pending: Sequence[Pending], jobs: int) -> list[Batch]:
    """The documents in batches of about equal work, the largest first.

    A batch carries enough work that handing it over costs little beside it, and there are enough batches that all
    workers stay busy to the end.
    """
    whole = sum(map(_weigh, pending))
    enough = min(jobs * EACH_WORKER, max(jobs, whole // LIGHTEST))
    number = min(len(pending), max(enough, -(-whole // HEAVIEST)))
    filling: list[tuple[int, int, list[Pending]]] = [(0, i, []) for i in range(number)]
    for item in sort_by_weight(pending):
        weight, i, batch = heapq.heappop(filling)
        batch.append(item)
        heapq.heappush(filling, (weight + _weigh(item), i, batch))
    return [tuple(batch) for _, _, batch in sorted(filling, key=lambda b: (-b[0], b[1]))]


def _weigh(pending: Pending) -> int:
    """About how long a document takes, in bytes of plain text: much of a PDF is fonts and pictures."""
    size = pending.document.size
    return 100_000 + size // 4 if pending.document.media_type is MediaType.PDF else 10_000 + size
