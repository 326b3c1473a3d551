"""What the queue can be filtered by: values looked up beforehand, since counting them takes longer than a page may."""

from __future__ import annotations

import logging
import threading
import time

from evidence.review_queue import ReviewQueue
from evidence.store import StoreError

FILTERS = ("model", "developer", "chip", "type", "status", "document", "state")
_FRESH = 60.0
"""Seconds for which values are good; those of a run that ended since come with the next look."""


class Choices:
    """The values of each filter, those with the most claims first. Looked up again in a thread of its own when a page
    finds them old, so that no page waits for them but the first.
    """

    def __init__(self, queue: ReviewQueue) -> None:
        self._queue = queue
        self._values = self._look()
        self._looked = time.monotonic()
        self._looking = threading.Lock()

    def values(self) -> dict[str, list[str]]:
        """The values by filter."""
        if time.monotonic() - self._looked > _FRESH and self._looking.acquire(blocking=False):
            threading.Thread(target=self._renew, daemon=True).start()
        return self._values

    def _renew(self) -> None:
        try:
            self._values = self._look()
        except StoreError as fault:
            logging.getLogger(__name__).warning("the filters of the queue stay as they were: %s", fault)
        finally:
            self._looked = time.monotonic()
            self._looking.release()

    def _look(self) -> dict[str, list[str]]:
        return {name: [value for value, _ in self._queue.facets(name) if value] for name in FILTERS}
