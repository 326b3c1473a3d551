"""The stages of a run, as plain functions: ingest, read and extract, assemble, export. Prefect is not needed for any.

Whoever conducts a run decides where the stages are called; what they do, and so the bytes that come out, is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import evidence
import outputs
from corpus.archive import Archive, digest
from corpus.fetching import Limits
from corpus.intake import Refused, Taken, list_inputs, list_sources, take_all
from corpus.selection import Selection
from corpus.source import Source, SourceError, load_sources
from evidence.carrying import Carried, Cause
from evidence.finding import Finding
from evidence.history import find_tombstones, retire
from evidence.identity import load_identities
from evidence.placing import place_decisions
from evidence.queueing import is_behind, refresh_queue
from evidence.settled import settle_statements, tell_decisions
from evidence.store import Derived, Export, Store
from evidence.versions import Versions, current_versions, digest_rooms
from extractors.text import Outcome
from flows.batches import sort_by_weight
from flows.conductor import Conductor
from flows.departures import find_gone
from flows.home import find_manners, find_sources
from flows.plan import Plan, Summary
from flows.reading import Pending, load_registry
from outputs.evidence_set import Exported, check_folder, write_set
from outputs.verification import find_whole

Clock = Callable[[], datetime]


class Watcher(Protocol):
    """Who follows a run: told what stage it is in, how many documents there are, and of each one that is done."""

    def enter(self, stage: str, total: int = 0) -> None:
        """A stage begins; `total` documents are to be done in it, where that is known."""

    def note(self, finding: Finding) -> None:
        """A document is done."""


@dataclass(slots=True)
class Intake:
    """What ingesting gave: documents to read, each once; by place, the others of the same bytes, and why it is read;
    refusals.
    """

    pending: list[Pending] = field(default_factory=list)
    twins: dict[str, list[Pending]] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)
    passed_over: int = 0


def run(plan: Plan, conductor: Conductor, watcher: Watcher, clock: Clock) -> Summary:
    """Read what is new of everything the plan names, keep it in the base, and write the evidence set of what was named.

    A document that would be read as the same thing by the same rules as before is not read again (`evidence.carrying`),
    and a set that stands there already is not written again. Each document is in the base as soon as it is read. Raises
    `RegistryError`, `StoreError`, `ArchiveError` and `SetError`; whatever is wrong with a document is in the summary
    instead.
    """
    check_folder(plan.out)
    versions = current_versions()
    summary = Summary()
    with Store(plan.base) as store:
        summary.run = store.begin_run(versions, clock())
        watcher.enter("ingest")
        intake = conductor.call(ingest, plan, clock)
        summary.passed_over = intake.passed_over
        carried = set_apart(store, intake, versions)
        watcher.enter("read", len(intake.refused) + len(carried) + len(intake.pending) + _count(intake.twins))

        def tell(finding: Finding, claims: int, cause: Cause | None) -> None:
            summary.add(finding, claims, cause)
            watcher.note(finding)

        store.carry(summary.run, carried)
        for one in carried:
            tell(one.finding, one.claims, Cause.UNCHANGED)
        for finding in intake.refused:
            store.record(summary.run, finding)
            tell(finding, 0, None)
        if intake.pending:
            load_registry()  # a fault in it is told once here, and not by every worker
        given = {pending.place: pending.document for pending in intake.pending}
        for finding in conductor.spread(sort_by_weight(intake.pending), plan.jobs):
            store.record(summary.run, finding, given[finding.place])
            tell(finding, len(finding.claims), intake.causes[finding.place])
            for twin in intake.twins.get(finding.place, ()):
                store.record(summary.run, elsewhere := _elsewhere(finding, twin))
                tell(elsewhere, len(finding.claims), intake.causes[finding.place])
        if not plan.only and plan.since is None:
            retire(store, summary.run, find_gone(store, plan.names, select_sources(plan.sources)))
        watcher.enter("assemble")
        summary.links = conductor.call(assemble, store, summary.run)
        watcher.enter("export")
        summary.lines, summary.written = conductor.call(renew, store, summary.run, plan.out, versions, summary.tally)
        summary.withdrawn.update(store.withdrawn(summary.run).values())
        store.end_run(summary.run, clock())
    return summary


def take_planned(plan: Plan, clock: Clock, *, keep: bool = True) -> tuple[Iterator[Taken | Refused], int]:
    """What the plan names, each with its bytes or a reason why there are none, and how many files were passed over."""
    inputs, passed_over = list_inputs(plan.names)
    inputs += list_sources(select_sources(plan.sources))
    taken = take_all(
        inputs,
        Limits(size=plan.max_size),
        clock,
        as_of=plan.as_of,
        manners=find_manners(),
        archive=Archive(plan.archive),
        selection=Selection(plan.only, plan.since),
        offline=plan.offline,
        keep=keep,
    )
    return taken, passed_over


def ingest(plan: Plan, clock: Clock) -> Intake:
    """Get every document that the plan names and keep its bytes in the archive."""
    everything, passed_over = take_planned(plan, clock)
    archive = Archive(plan.archive)
    intake = Intake(passed_over=passed_over)
    first: dict[str, Pending] = {}
    for taken in everything:
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


def set_apart(store: Store, intake: Intake, versions: Versions) -> list[Carried]:
    """Take the documents that need not be read again out of an intake; what became of them the last time."""
    carried: list[Carried] = []
    pending: list[Pending] = []
    looked_up = store.look_up([(one.place, one.document) for one in intake.pending], versions)
    for one, known in zip(intake.pending, looked_up, strict=True):
        if known.cause is not Cause.UNCHANGED:
            intake.causes[one.place] = known.cause
            pending.append(one)
            continue
        document = one.document
        finding = Finding(one.place, document.address, document.name, known.outcome, known.reason, document)
        twins = (_elsewhere(finding, twin) for twin in intake.twins.pop(one.place, ()))
        carried += [Carried(same, known.claims) for same in (finding, *twins)]
    intake.pending = pending
    return carried


def select_sources(wanted: Sequence[str]) -> list[Source]:
    """The sources of some ids and groups, in the order of their list. Raises `SourceError` for any other name."""
    if not wanted:
        return []
    sources = load_sources(find_sources())
    if unknown := sorted(set(wanted) - {name for source in sources for name in (source.id, source.group)}):
        groups = ", ".join(sorted({source.group for source in sources}))
        raise SourceError(f"no source or group is called {unknown[0]!r} (groups: {groups}; see chiptrail sources list)")
    return [source for source in sources if not {source.id, source.group}.isdisjoint(wanted)]


def assemble(store: Store, run_id: int) -> Derived:
    """Find what reviewers decided again, derive the links of the models on which anything has changed, and rank what
    there is to review; what it changed in the links.
    """
    place_decisions(store)
    derived = store.derive_links()
    if is_behind(store, run_id):
        refresh_queue(store, load_registry(), run_id)
    return derived


def renew(store: Store, run_id: int, out: Path, versions: Versions, tally: str) -> tuple[dict[str, int], bool]:
    """Write the evidence set of a run, unless just that set stands there already: its lines by kind, and whether it was
    written. The `tally` is a digest of what became of the run's documents.
    """
    made_of = digest("\n".join((versions.model_dump_json(), digest_rooms(evidence, outputs), tally)).encode())
    revision, folder = store.revision, out.resolve()
    last = store.exported(folder)
    if last and (last.made_of, last.revision) == (made_of, revision):
        lines = find_whole(out, last.sums)
        if lines is not None:
            return lines, False
    exported = export(store, run_id, out, versions)
    store.note_export(folder, Export(made_of, revision, exported.sums))
    return exported.counts, True


def export(store: Store, run_id: int | None, out: Path, versions: Versions) -> Exported:
    """Write the evidence set of a run's documents, or of the whole base."""
    with store.reading() as connection:
        identities = load_identities(connection)
    return write_set(
        out,
        store.records(run_id),
        settle_statements(store, run_id),
        versions,
        withdrawn=find_tombstones(store, run_id),
        reviews=partial(tell_decisions, store),
        identities=identities,
    )


def _count(twins: dict[str, list[Pending]]) -> int:
    return sum(map(len, twins.values()))


def _elsewhere(finding: Finding, twin: Pending) -> Finding:
    """The finding of the same bytes in another place."""
    return replace(finding, place=twin.place, address=twin.document.address, name=twin.document.name)
