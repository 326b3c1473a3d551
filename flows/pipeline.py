"""The Prefect flow of a run: the stages of `flows.stages`, each as a task, documents in batches.

A batch is one task run, so that what orchestration costs stays small beside the reading; a thread hands its documents
to a worker process and waits. Nothing is cached or kept by Prefect: what a run found is in the base, and reading
again is deterministic. With a scheduler in the plan, `flows.cluster` has the batches read by the workers of Dask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner

from evidence.finding import Finding
from flows import stages
from flows.batches import make_batches
from flows.conductor import Given, open_crew, read_all
from flows.handing import hand_out
from flows.orphans import end_orphans, signing
from flows.plan import Plan, Summary
from flows.reading import Pending
from flows.worker import Crew

_watching: ContextVar[stages.Watcher] = ContextVar("watching")


_PREFECT = ("prefect", "httpx", "httpcore")
"""The packages whose faults are those of Prefect and of talking to its server."""
_WITHOUT = "chiptrail run --plain does without it"


class PipelineError(RuntimeError):
    """Prefect cannot begin a run or go on with it; the message says what to do."""


def run_flow(plan: Plan, watcher: stages.Watcher) -> Summary:
    """Run a plan as a Prefect flow. Raises what `stages.run` raises, and `PipelineError`."""
    watch = _Started(watcher)
    token = _watching.set(watch)
    threads: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=max(1, plan.jobs))
    # The flow has another name than its function: what Dask takes along of it is then sent by name.
    reading = flow(name="read-reports", persist_result=False, task_runner=threads)(read_reports)  # type: ignore[arg-type]
    # A temporary server that a killed run left would have a hand on the database that this run's needs.
    if not PREFECT_API_URL.value():
        end_orphans()
    # The thread that tells the server that the flow still runs costs a second a flow, and a run has one flow.
    with signing(), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            return reading(plan)
        except Exception as fault:
            if not watch.stage:
                raise PipelineError(f"Prefect does not start ({fault}); {_WITHOUT}") from fault
            if type(fault).__module__.partition(".")[0] in _PREFECT:
                what = f"Prefect's server went away during the run ({fault}); what was read is kept"
                raise PipelineError(f"{what}: run again, or {_WITHOUT}") from fault
            raise
        finally:
            _watching.reset(token)


def read_reports(plan: Plan) -> Summary:
    """Ingest what the plan names, read and extract, assemble, export."""
    return stages.run(plan, TaskConductor(plan.scheduler), _watching.get(), lambda: datetime.now(UTC))


class TaskConductor:
    """Calls stages as Prefect tasks; documents are read here, or by the workers of a Dask scheduler."""

    def __init__(self, scheduler: str | None = None) -> None:
        self._scheduler = scheduler

    def call(self, stage: Callable[..., Given], *given: object) -> Given:
        """Call one stage."""
        return task(name=stage.__name__, cache_policy=NO_CACHE, persist_result=False)(stage)(*given)

    def spread(self, pending: Sequence[Pending], jobs: int) -> Iterator[Finding]:
        """Read documents in batches, and give their findings as each batch comes to be done."""
        if self._scheduler:
            from flows.cluster import read_on_cluster

            yield from read_on_cluster(self._scheduler, pending)
            return
        batches = make_batches(pending, max(1, jobs))
        crews: SimpleQueue[Crew[Pending, Finding]] = SimpleQueue()

        @task(name="read-and-extract", cache_policy=NO_CACHE, persist_result=False)
        def read_batch(number: int) -> list[Finding]:
            crew = crews.get()
            try:
                return list(read_all(crew, batches[number]))
            finally:
                crews.put(crew)

        with ExitStack() as open_crews:
            for _ in range(max(1, min(jobs, len(batches)))):
                crews.put(open_crews.enter_context(open_crew(1)))
            yield from hand_out(read_batch.submit, range(len(batches)), 2 * max(1, jobs))


class _Started:
    """Passes on what a watcher is told, and knows whether the run began."""

    def __init__(self, watcher: stages.Watcher) -> None:
        self.stage = ""
        self._watcher = watcher

    def enter(self, stage: str, total: int = 0) -> None:
        self.stage = stage
        self._watcher.enter(stage, total)

    def note(self, finding: Finding) -> None:
        self._watcher.note(finding)
