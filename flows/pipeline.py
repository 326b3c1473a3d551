"""The Prefect flow of a run: the stages of `flows.stages`, each as a task, documents in batches.

A batch is one task run, so that what orchestration costs stays small beside the reading; a thread hands its documents
to a worker process and waits. Nothing is cached or kept by Prefect: what a run found is in the base, and reading
again is deterministic.
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
from prefect.futures import as_completed
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner

from evidence.finding import Finding
from flows import stages
from flows.batches import make_batches
from flows.conductor import Given, open_crew, read_all
from flows.plan import Plan, Summary
from flows.reading import Pending
from flows.worker import Crew

_watching: ContextVar[stages.Watcher] = ContextVar("watching")


class PipelineError(RuntimeError):
    """Prefect cannot begin a run; the message says what to do."""


def run_flow(plan: Plan, watcher: stages.Watcher) -> Summary:
    """Run a plan as a Prefect flow. Raises what `stages.run` raises, and `PipelineError`."""
    watch = _Started(watcher)
    token = _watching.set(watch)
    threads: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=max(1, plan.jobs))
    # The thread that tells the server that the flow still runs costs a second a flow, and a run has one flow.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            return read_reports.with_options(task_runner=threads)(plan)  # type: ignore[arg-type]
        except Exception as fault:
            if watch.stage:
                raise
            raise PipelineError(f"Prefect does not start ({fault}); chiptrail run --plain does without it") from fault
        finally:
            _watching.reset(token)


@flow(name="read-reports", persist_result=False)
def read_reports(plan: Plan) -> Summary:
    """Ingest what the plan names, read and extract, assemble, export."""
    return stages.run(plan, TaskConductor(), _watching.get(), lambda: datetime.now(UTC))


class TaskConductor:
    """Calls stages as Prefect tasks."""

    def call(self, stage: Callable[..., Given], *given: object) -> Given:
        """Call one stage."""
        return task(name=stage.__name__, cache_policy=NO_CACHE, persist_result=False)(stage)(*given)

    def spread(self, pending: Sequence[Pending], jobs: int) -> Iterator[Finding]:
        """Read documents in batches, and give their findings as each batch comes to be done."""
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
            for future in as_completed([read_batch.submit(number) for number in range(len(batches))]):
                yield from future.result()


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
