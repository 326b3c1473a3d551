"""Who calls the stages of a run: plainly here; `flows.pipeline` has the one that makes Prefect tasks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeVar

from evidence.finding import Finding
from flows.reading import Pending, load_registry, read_and_extract

Batch = tuple[Pending, ...]
Given = TypeVar("Given")


class Conductor(Protocol):
    """How stages are called."""

    def call(self, stage: Callable[..., Given], *given: object) -> Given:
        """Call one stage."""
        ...

    def spread(self, batches: Sequence[Batch], archive: Path, jobs: int) -> Iterator[list[Finding]]:
        """Read batches of documents, and give the findings of each as it comes to be done."""
        ...


class PlainConductor:
    """Calls stages as they are, and reads batches in worker processes, or here where there is one batch or one job."""

    def call(self, stage: Callable[..., Given], *given: object) -> Given:
        """Call one stage."""
        return stage(*given)

    def spread(self, batches: Sequence[Batch], archive: Path, jobs: int) -> Iterator[list[Finding]]:
        """Read batches of documents, and give the findings of each as it comes to be done."""
        if jobs == 1 or len(batches) == 1:
            for batch in batches:
                yield read_and_extract(batch, archive)
            return
        with open_workers(jobs) as workers:
            futures = [workers.submit(read_and_extract, batch, archive) for batch in batches]
            for future in as_completed(futures):
                yield future.result()


def open_workers(jobs: int) -> ProcessPoolExecutor:
    """Processes to read documents in. They are spawned, since a fork of a process with threads may hang."""
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=load_registry)
