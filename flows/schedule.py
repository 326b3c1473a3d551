"""Runs on a schedule, on a Prefect server: the deployment, its flow, and the account it leaves of each run."""

# No `from __future__ import annotations` here: Prefect makes a model of the flow's parameters, and does not find the
# type behind a name in quotes.
import html
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.events import emit_event
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.types.entrypoint import EntrypointType

from evidence.finding import Finding
from flows import stages
from flows.pipeline import TaskConductor
from flows.plan import Plan, Summary

ARTIFACT = "run-summary"
LINKS_CHANGED = "chiptrail.links-changed"
"""The event of a run that added, changed or withdrew links, for automations; its payload counts them."""
RUN_FAILED = "chiptrail.run-failed"
"""The event of a run that failed, with the reason. Prefect's own events of states reach its automations late, some of
them never (PrefectHQ/prefect#21932)."""
RUN_COMPLETED = "chiptrail.run-completed"
"""The event of a run that could read something, so that an automation notices when no more of them come."""
_TOLD = 200
_THREADS: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=max(2, os.cpu_count() or 1))


class NothingReadError(RuntimeError):
    """A run in which no document could be read: the flow run fails, so that an automation can raise an alarm."""


@flow(name="watch-sources", persist_result=False, task_runner=_THREADS)  # type: ignore[arg-type]
def watch_sources(plan: Plan) -> None:
    """Do a run and leave its summary as an artifact. Raises `NothingReadError`, and what `stages.run` raises."""
    resource = {"prefect.resource.id": "chiptrail.runs", "prefect.resource.name": str(plan.out)}
    try:
        summary = stages.run(plan, TaskConductor(plan.scheduler), _Unwatched(), lambda: datetime.now(UTC))
        create_markdown_artifact(key=ARTIFACT, markdown=tell(summary), description=f"Run {summary.run} of chiptrail")
        changed = {change: len(links) for change, links in summary.changes().items()}
        if any(changed.values()):
            emit_event(LINKS_CHANGED, resource, payload={"run": summary.run, **changed})
        if summary.exit_code == 3:
            raise NothingReadError(f"run {summary.run}: no document could be read; the artifact {ARTIFACT} says why")
        emit_event(RUN_COMPLETED, resource, payload={"run": summary.run})
    except Exception as fault:
        emit_event(RUN_FAILED, resource, payload={"why": str(fault)})
        raise


def serve(plan: Plan, name: str, *, cron: str | None = None, seconds: float | None = None) -> None:
    """Deploy a plan on the server and do its runs here, until interrupted; while one run goes on no other begins.

    The schedule stays when this ends, and runs that were due in the meantime are late rather than lost.
    """
    one = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    watch_sources.serve(
        name=name,
        cron=cron,
        interval=timedelta(seconds=seconds) if seconds else None,
        parameters={"plan": plan.model_dump(mode="json")},
        global_limit=one,
        limit=1,
        pause_on_shutdown=False,
        print_starting_message=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def tell(summary: Summary) -> str:
    """A run in Markdown: what came, which links it added, changed and withdrew, what could not be read and why, what is
    said no longer.

    Addresses and reasons may hold words of strangers, so nothing in them is taken for markup.
    """
    lines = [f"# Run {summary.run}", "", *_table(("outcome", "documents"), sorted(summary.outcomes.items()))]
    if summary.causes:
        lines += ["", *_table(("why read, or not", "documents"), sorted(summary.causes.items()))]
    written = "written" if summary.written else "as they were"
    lines += ["", *_table((written, "lines"), sorted(summary.lines.items()))]
    if summary.withdrawn:
        lines += ["", *_table(("made no longer", "claims"), sorted(summary.withdrawn.items()))]
    links = [
        (change, link.model.name, link.role.replace("_", " "), link.chip.name)
        for change, some in summary.changes().items()
        for link in some
    ]
    lines += _part("Links", ("change", "model", "role", "chip"), links)
    lines += _part("Came", ("document", "as"), summary.came)
    lines += _part("Not read", ("document", "outcome", "reason"), summary.failures)
    return "\n".join(lines) + "\n"


def _part(title: str, head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> list[str]:
    if not rows:
        return []
    more = [f"\nand {len(rows) - _TOLD:,} more"] if len(rows) > _TOLD else []
    return ["", f"## {title}", "", *_table(head, rows[:_TOLD]), *more]


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    found = [f"| {' | '.join(map(_plain, row))} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *found]


def _plain(value: object) -> str:
    words = html.escape(" ".join(str(value).split()))
    return "".join(f"\\{letter}" if letter in r"\`*_[]|~" else letter for letter in words)


class _Unwatched:
    """Nobody looks on; the server has the states of the tasks."""

    def enter(self, stage: str, total: int = 0) -> None:
        """A stage begins."""

    def note(self, finding: Finding) -> None:
        """A document is done."""
