"""Handing batches out to Prefect tasks, no more at a time than keep all workers busy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

from prefect.futures import PrefectFuture

from evidence.finding import Finding

Batch = TypeVar("Batch")


def hand_out(
    submit: Callable[[Batch], PrefectFuture[list[Finding]]], batches: Iterable[Batch], ahead: int
) -> Iterator[Finding]:
    """The findings of batches as each comes to be done, with up to `ahead` of them handed out.

    What is done is let go as soon as it is given, so that memory does not grow with the number of documents.
    """
    waiting = iter(batches)
    done: SimpleQueue[PrefectFuture[list[Finding]]] = SimpleQueue()
    out = 0
    for batch in islice(waiting, ahead):
        submit(batch).add_done_callback(done.put)
        out += 1
    while out:
        found = done.get().result()
        out -= 1
        for batch in islice(waiting, 1):
            submit(batch).add_done_callback(done.put)
            out += 1
        yield from found
