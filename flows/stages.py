"""The stages of a run, as plain functions: ingest, read and extract, assemble, export. Prefect is not needed for any.

Whoever conducts a run decides where the stages are called; what they do, and so the bytes that come out, is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from corpus.archive import Archive
from corpus.fetching import Limits
from corpus.intake import Refused, list_inputs, list_sources, take_all
from corpus.source import Source, SourceError, load_sources
from evidence.finding import Finding
from evidence.store import Derived, Store
from evidence.versions import Versions, current_versions
from extractors.text import Outcome
from flows.batches import sort_by_weight
from flows.conductor import Conductor
from flows.home import find_manners, find_sources
from flows.plan import Plan, Summary
from flows.reading import Pending, load_registry
from outputs.evidence_set import Exported, check_folder, write_set

Clock = Callable[[], datetime]


class Watcher(Protocol):
    """Who follows a run: told what stage it is in, how many documents there are, and of each one that is done."""

    def enter(self, stage: str, total: int = 0) -> None:
        """A stage begins; `total` documents are to be done in it, where that is known."""

    def note(self, finding: Finding) -> None:
        """A document is done."""


@dataclass(slots=True)
class Intake:
    """What ingesting gave: documents to read, each once; by place, the others of the same bytes; refusals."""

    pending: list[Pending] = field(default_factory=list)
    twins: dict[str, list[Pending]] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)
    passed_over: int = 0


def run(plan: Plan, conductor: Conductor, watcher: Watcher, clock: Clock) -> Summary:
    """Read everything the plan names, keep it in the base, and write the evidence set of what was named.

    Each document is in the base as soon as it is read. Raises `RegistryError`, `StoreError`, `ArchiveError` and
    `SetError`; whatever is wrong with a document is in the summary instead.
    """
    check_folder(plan.out)
    load_registry()  # a fault in it is told once here, and not by every worker
    versions = current_versions()
    summary = Summary()
    with Store(plan.base) as store:
        summary.run = store.begin_run(versions, clock())

        def keep(finding: Finding) -> None:
            store.record(summary.run, finding)
            summary.add(finding)
            watcher.note(finding)

        watcher.enter("ingest")
        intake = conductor.call(ingest, plan, clock)
        summary.passed_over = intake.passed_over
        watcher.enter("read", len(intake.refused) + len(intake.pending) + sum(map(len, intake.twins.values())))
        for finding in intake.refused:
            keep(finding)
        for finding in conductor.spread(sort_by_weight(intake.pending), plan.jobs):
            keep(finding)
            for twin in intake.twins.get(finding.place, ()):
                keep(_elsewhere(finding, twin))
        watcher.enter("assemble")
        conductor.call(assemble, store)
        watcher.enter("export")
        summary.lines = conductor.call(export, store, summary.run, plan.out, versions).counts
        summary.withdrawn.update(store.withdrawn(summary.run).values())
        store.end_run(summary.run, clock())
    return summary


def ingest(plan: Plan, clock: Clock) -> Intake:
    """Get every document that the plan names and keep its bytes in the archive."""
    inputs, passed_over = list_inputs(plan.names)
    inputs += list_sources(select_sources(plan.sources))
    archive = Archive(plan.archive)
    intake = Intake(passed_over=passed_over)
    first: dict[str, Pending] = {}
    limits = Limits(size=plan.max_size)
    for taken in take_all(inputs, limits, clock, as_of=plan.as_of, manners=find_manners(), archive=archive):
        if isinstance(taken, Refused):
            intake.refused.append(Finding(taken.place, taken.address, taken.name, Outcome.FAILED, taken.reason))
            continue
        archive.keep(taken.data)
        pending = Pending(taken.place, taken.document, plan.archive)
        earlier = first.setdefault(taken.document.sha256, pending)
        if earlier is pending:
            intake.pending.append(pending)
        else:
            intake.twins.setdefault(earlier.place, []).append(pending)
    return intake


def select_sources(wanted: Sequence[str]) -> list[Source]:
    """The sources of some ids and groups, in the order of their list. Raises `SourceError` for any other name."""
    if not wanted:
        return []
    sources = load_sources(find_sources())
    if unknown := sorted(set(wanted) - {name for source in sources for name in (source.id, source.group)}):
        groups = ", ".join(sorted({source.group for source in sources}))
        raise SourceError(f"no source or group is called {unknown[0]!r} (groups: {groups}; see chiptrail sources list)")
    return [source for source in sources if not {source.id, source.group}.isdisjoint(wanted)]


def assemble(store: Store) -> Derived:
    """Derive the links of the models whose claims have changed; what that changed."""
    return store.derive_links()


def export(store: Store, run_id: int | None, out: Path, versions: Versions) -> Exported:
    """Write the evidence set of a run's documents, or of the whole base."""
    return write_set(out, store.records(run_id), store.statements(run_id), versions)


def _elsewhere(finding: Finding, twin: Pending) -> Finding:
    """The finding of the same bytes in another place."""
    return replace(finding, place=twin.place, address=twin.document.address, name=twin.document.name)
