"""Reading on the workers of a Dask cluster, whose scheduler and workers were started apart.

A batch of documents is one task run. A worker has the same chiptrail and sees the same archive; it reads in a process
of its own with the limits of any other reading, so that a document that hangs or crashes costs that document alone.
A worker that dies has its batch read by another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing import current_process
from queue import Empty, SimpleQueue
from typing import Any

from distributed import get_worker
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect_dask.task_runners import DaskTaskRunner

from evidence.finding import Finding
from evidence.versions import Versions, current_versions
from flows.batches import Batch, make_batches
from flows.conductor import open_crew, read_all
from flows.handing import hand_out
from flows.reading import Pending
from flows.worker import Crew

CONNECT_SECONDS = 20
JOIN_SECONDS = 60
_idle: SimpleQueue[Crew[Pending, Finding]] = SimpleQueue()


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says what to do."""


def read_on_cluster(scheduler: str, pending: Sequence[Pending]) -> Iterator[Finding]:
    """The findings of documents, read in batches by the workers of a scheduler (`tcp://host:8786`).

    Raises `ClusterError` where there is no scheduler, where no worker joins it, and where a worker cannot do its part.
    """
    versions = current_versions()
    # The task has another name than its function: Dask then sends the function by name, as the workers have it.
    reading = task(name="read-and-extract", cache_policy=NO_CACHE, persist_result=False)(read_batch)
    with DaskTaskRunner(address=scheduler, client_kwargs={"timeout": CONNECT_SECONDS}) as runner:
        slots = _count_slots(runner, scheduler)

        def submit(batch: Batch) -> Any:
            return runner.submit(reading, {"batch": batch, "versions": versions})

        yield from hand_out(submit, make_batches(pending, slots), 2 * slots)


def read_batch(batch: Batch, versions: Versions) -> list[Finding]:
    """The findings of one batch, on a worker. Raises `ClusterError` where it has other rules, or may start no process
    of its own.
    """
    if current_versions() != versions:
        raise ClusterError(
            f"the Dask worker {get_worker().address} has another chiptrail: install this one there and start it again"
        )
    if current_process().daemon:
        raise ClusterError(f"the Dask worker {get_worker().address} may start no process; start it with --no-nanny")
    try:
        crew = _idle.get_nowait()
    except Empty:
        crew = open_crew(1)
    try:
        return list(read_all(crew, batch))
    finally:
        _idle.put(crew)


def _count_slots(runner: DaskTaskRunner, scheduler: str) -> int:
    try:
        client = runner.client
    except (OSError, ValueError) as fault:
        raise ClusterError(f"there is no Dask scheduler at {scheduler}: {fault}") from fault
    try:
        client.wait_for_workers(1, timeout=JOIN_SECONDS)
    except TimeoutError as fault:
        raise ClusterError(f"no worker joined the Dask scheduler at {scheduler} in {JOIN_SECONDS} seconds") from fault
    threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call]
    return sum(threads.values())
