"""Who calls the stages of a run: plainly here; `flows.pipeline` has the one that makes Prefect tasks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from evidence.finding import Finding
from flows.reading import Pending, load_registry, read_pending
from flows.worker import Crew, Fallen

Given = TypeVar("Given")


class Conductor(Protocol):
    """How stages are called."""

    def call(self, stage: Callable[..., Given], *given: object) -> Given:
        """Call one stage."""
        ...

    def spread(self, pending: Sequence[Pending], jobs: int) -> Iterator[Finding]:
        """Read documents in `jobs` worker processes, and give the finding of each as it comes to be done."""
        ...


class PlainConductor:
    """Calls stages as they are; with no worker processes (`jobs` 0) documents are read in this one."""

    def call(self, stage: Callable[..., Given], *given: object) -> Given:
        """Call one stage."""
        return stage(*given)

    def spread(self, pending: Sequence[Pending], jobs: int) -> Iterator[Finding]:
        """Read documents, and give the finding of each as it comes to be done."""
        if jobs == 0:
            yield from map(read_pending, pending)
            return
        with open_crew(min(jobs, len(pending))) as crew:
            yield from read_all(crew, pending)


def open_crew(jobs: int) -> Crew[Pending, Finding]:
    """Worker processes that read documents, each with the registry loaded."""
    return Crew(read_pending, jobs, prepare=load_registry)


def read_all(crew: Crew[Pending, Finding], pending: Sequence[Pending]) -> Iterator[Finding]:
    """The findings of documents that a crew reads; what a worker fell over failed, with the reason."""
    for item, answer in crew.run(pending):
        yield item.fail(answer.reason) if isinstance(answer, Fallen) else answer
