"""What a run would read and why, without doing it: nothing is kept, and the base is left as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.document import Document
from corpus.intake import Refused
from evidence.carrying import Cause
from evidence.store import Store
from evidence.versions import current_versions
from flows.home import is_there
from flows.plan import Plan
from flows.stages import Clock, take_planned

_PART = 100


@dataclass(frozen=True, slots=True)
class Prospect:
    """One input: why it would be read or would not, or the reason why there are no bytes."""

    address: str
    name: str
    cause: Cause | None
    reason: str = ""


def foresee(plan: Plan, clock: Clock) -> Iterator[Prospect]:
    """Each input of a plan in turn. Servers are asked as in a run, but what they send is not kept."""
    store = Store(plan.base) if is_there(plan.base) else None
    taken, _ = take_planned(plan, clock, keep=False)
    waiting: list[tuple[str, Document]] = []
    try:
        for one in taken:
            if isinstance(one, Refused):
                yield Prospect(one.address, one.name, None, one.reason)
                continue
            waiting.append((one.place, one.document))
            if len(waiting) == _PART:
                yield from _judge(store, waiting)
                waiting.clear()
        yield from _judge(store, waiting)
    finally:
        if store:
            store.close()


def _judge(store: Store | None, waiting: list[tuple[str, Document]]) -> Iterator[Prospect]:
    causes = [known.cause for known in store.look_up(waiting, current_versions())] if store else []
    for (_, document), cause in zip(waiting, causes or [Cause.NEW] * len(waiting), strict=True):
        yield Prospect(document.address, document.name, cause)
