"""The Prefect flow of a run: the stages of `flows.stages`, each as a task, documents in batches.

A batch is one task run, so that what orchestration costs stays small beside the reading; a thread hands it to a
worker process and waits. Nothing is cached or kept by Prefect: what a run found is in the base, and reading again is
deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner

from evidence.finding import Finding
from flows import stages
from flows.conductor import Batch, Given, open_workers
from flows.plan import Plan, Summary
from flows.reading import read_and_extract

_watching: ContextVar[stages.Watcher] = ContextVar("watching")


def run_flow(plan: Plan, watcher: stages.Watcher) -> Summary:
    """Run a plan as a Prefect flow. Raises what `stages.run` raises."""
    token = _watching.set(watcher)
    # The thread that tells the server that the flow still runs costs a second a flow, and a run has one flow.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            threads: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=plan.jobs)
            return read_reports.with_options(task_runner=threads)(plan)  # type: ignore[arg-type]
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

    def spread(self, batches: Sequence[Batch], archive: Path, jobs: int) -> Iterator[list[Finding]]:
        """Read batches of documents, and give the findings of each as it comes to be done."""
        if not batches:
            return
        with open_workers(jobs) as workers:

            @task(name="read-and-extract", cache_policy=NO_CACHE, persist_result=False)
            def read_batch(number: int) -> list[Finding]:
                return workers.submit(read_and_extract, batches[number], archive).result()

            futures = [read_batch.submit(number) for number in range(len(batches))]
            for future in as_completed(futures):
                yield future.result()
