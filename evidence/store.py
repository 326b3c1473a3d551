"""The evidence base: documents, outcomes, claims with their life, and links, in one SQL database.

Claims are never overwritten. A claim lives as long as a document that was read last says so; a run that reads the
document and no longer finds it withdraws it, with the reason. Only one process writes; each document is one
transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, inspect, select, update
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

import evidence
import registry
from corpus.document import Document
from evidence import tables as t
from evidence.carrying import Carried, Known, drop_outcomes, look_up
from evidence.finding import Finding
from evidence.identity import load_identities
from evidence.judgement import stated_subjects, what_stands
from evidence.keeping import Withdrawal, carry_findings, keep_finding
from evidence.links import Link, derive_links
from evidence.provenance import Provenance
from evidence.stamps import LINKS_BY, REVISION, SCHEMA, get_stamp, revise, set_stamp
from evidence.statements import Record, Statement, live_claims, make_record, make_statements
from evidence.subjects import portion
from evidence.versions import Versions, digest_rooms

KEPT_RUNS = 30
"""How many runs keep what became of every document, whether it changed or not."""


class StoreError(RuntimeError):
    """The base cannot be opened, read or written; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What deriving links anew changed: those that were added, that are no more, and that rest on other claims."""

    added: tuple[Link, ...] = ()
    changed: tuple[Link, ...] = ()
    withdrawn: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """What was written to a folder: digests of what it was made of and of the set's sums, and the base's revision."""

    made_of: str
    revision: int
    sums: str


class Store:
    """An evidence base at a database URL: `sqlite:///base.sqlite`, `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        """Open a base, and make its tables where it is new. Raises `StoreError`."""
        try:
            self.url = make_url(url)
            _make_folder(self.url)
            self._engine = t.make_engine(url)
            found = self._find_layout()
            if found is None:
                with self._engine.execution_options(writing=True).begin() as connection:
                    t.metadata.create_all(connection)
                    found = get_stamp(connection, SCHEMA)
                    if found is None:
                        set_stamp(connection, SCHEMA, str(t.SCHEMA_VERSION))
        except (ArgumentError, ModuleNotFoundError) as fault:
            raise StoreError(f"{url!r} is no database URL that can be used here: {fault}") from fault
        except (SQLAlchemyError, OSError, sqlite3.Error) as fault:
            raise StoreError(f"the base {self._shown} cannot be opened: {_plain(fault)}") from fault
        if found not in (None, str(t.SCHEMA_VERSION)):
            raise StoreError(f"the base {self._shown} has layout {found}, this chiptrail works with {t.SCHEMA_VERSION}")

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing

    def begin_run(self, versions: Versions, started: datetime) -> int:
        """Note that a run begins; the id of the run."""
        with self.writing(revises=False) as connection:
            latest: int = connection.scalar(select(func.coalesce(func.max(t.runs.c.id), 0))) or 0
            connection.execute(
                insert(t.runs).values(id=latest + 1, started=started, versions=versions.model_dump_json())
            )
            return latest + 1

    def end_run(self, run: int, ended: datetime, kept: int = KEPT_RUNS) -> None:
        """Note that a run came to its end; of runs before the last `kept` only what no later one says is remembered."""
        with self.writing(revises=False) as connection:
            connection.execute(update(t.runs).where(t.runs.c.id == run).values(ended=ended))
            drop_outcomes(connection, run - kept)

    def record(self, run: int, finding: Finding, given: Document | None = None) -> None:
        """Record what became of one document in a run, in one transaction (see `keep_finding`)."""
        with self.writing(revises=finding.document is not None) as connection:
            keep_finding(connection, run, _settle(connection, finding), given)

    def carry(self, run: int, carried: Sequence[Carried]) -> None:
        """Take findings of documents that need not be read again over into a run, all in one transaction."""
        with self.writing(revises=False) as connection:
            carry_findings(connection, run, carried)

    def note_export(self, folder: Path, export: Export) -> None:
        """Note what was written to a folder."""
        with self.writing(revises=False) as connection:
            connection.execute(delete(t.exports).where(t.exports.c.folder == str(folder)))
            connection.execute(
                insert(t.exports).values(
                    folder=str(folder), made_of=export.made_of, revision=export.revision, sums=export.sums
                )
            )

    def derive_links(self) -> Derived:
        """Derive the links of all models on which claims or decisions have changed since it was last done; what that
        changed.

        Which models these are is kept with the claims, so that a run that died leaves them to the next one. Links that
        another version of chiptrail derived are all derived anew.
        """
        made_by = digest_rooms(evidence)
        added: list[Link] = []
        changed: list[Link] = []
        withdrawn: list[Link] = []
        with self.writing(revises=False) as connection:
            if get_stamp(connection, LINKS_BY) == made_by:
                models = set(connection.scalars(select(t.stale.c.model)))
            else:
                models = {*connection.scalars(select(t.claims.c.subject)), *connection.scalars(stated_subjects())}
                set_stamp(connection, LINKS_BY, made_by)
            for part in portion(connection, sorted(models)):
                mine = t.links.c.model.in_(part)
                before = {row.id: row.body for row in connection.execute(select(t.links).where(mine))}
                live = live_claims().where(t.claims.c.subject.in_(part), t.claims.c.chip.is_not(None))
                read = (s.claim for s in make_statements(connection.execute(live)))
                provenance = Provenance(registry.load(), _load_documents(connection, part))
                links = derive_links(what_stands(connection, part, read), provenance)
                connection.execute(delete(t.links).where(mine))
                if links:
                    connection.execute(insert(t.links), [_link_row(link) for link in links])
                connection.execute(delete(t.stale).where(t.stale.c.model.in_(part)))
                now = {link.id for link in links}
                added += [link for link in links if link.id not in before]
                changed += [x for x in links if before.get(x.id, x.model_dump_json()) != x.model_dump_json()]
                withdrawn += [Link.model_validate_json(body) for at, body in sorted(before.items()) if at not in now]
        return Derived(tuple(added), tuple(changed), tuple(withdrawn))

    # Reading

    def look_up(self, documents: Sequence[tuple[str, Document]], versions: Versions) -> list[Known]:
        """For each place and document whether it is to be read and why, and what became of it the last time."""
        with self.reading() as connection:
            return list(look_up(connection, documents, versions))

    @property
    def revision(self) -> int:
        """A number that grows with every change to what the base says; runs that find nothing new leave it."""
        with self.reading() as connection:
            return int(get_stamp(connection, REVISION) or 0)

    def exports(self) -> list[tuple[Path, Export]]:
        """The folders that sets of this base were written to, and what was written there last."""
        with self.reading() as connection:
            rows = connection.execute(select(t.exports).order_by(t.exports.c.folder))
            return [(Path(row.folder), Export(row.made_of, row.revision, row.sums)) for row in rows]

    def exported(self, folder: Path) -> Export | None:
        """What was last written to a folder from this base."""
        with self.reading() as connection:
            row = connection.execute(select(t.exports).where(t.exports.c.folder == str(folder))).first()
            return Export(row.made_of, row.revision, row.sums) if row else None

    def records(self, run: int | None = None) -> list[Record]:
        """The inputs of a run, or the last outcome of every place ever read, sorted by address and digest."""
        query = select(t.outcomes, t.documents.c.body, t.documents.c.language, t.documents.c.pages).outerjoin(
            t.documents
        )
        if run is None:
            last = (
                select(t.outcomes.c.place, func.max(t.outcomes.c.run).label("run"))
                .group_by(t.outcomes.c.place)
                .subquery()
            )
            query = query.join(last, (t.outcomes.c.place == last.c.place) & (t.outcomes.c.run == last.c.run))
            query = query.where(t.outcomes.c.place.not_in(select(t.departed.c.place)))
        else:
            query = query.where(t.outcomes.c.run == run)
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return sorted(map(make_record, rows), key=lambda r: (r.address, r.document.sha256 if r.document else ""))

    def statements(self, run: int | None = None, subject: str | None = None) -> Iterator[Statement]:
        """Live claims, sorted by id: all, those that the documents of a run make (with their evidence alone), or of a
        subject.
        """
        query = live_claims()
        if run is not None:
            query = query.where(t.evidence.c.sha256.in_(select(t.outcomes.c.sha256).where(t.outcomes.c.run == run)))
        if subject is not None:
            query = query.where(t.claims.c.subject == subject)
        with self.reading() as connection:
            yield from make_statements(connection.execution_options(yield_per=1000).execute(query))

    def withdrawn(self, run: int | None = None) -> dict[str, Withdrawal]:
        """The claims that are made no longer, by id, and why: all, or those that a run withdrew."""
        query = select(t.claims.c.id, t.claims.c.withdrawn_reason).where(t.claims.c.withdrawn_run.is_not(None))
        if run is not None:
            query = query.where(t.claims.c.withdrawn_run == run)
        with self.reading() as connection:
            return {
                row.id: Withdrawal(row.withdrawn_reason) for row in connection.execute(query.order_by(t.claims.c.id))
            }

    def links(self, model: str | None = None) -> list[Link]:
        """The links as last derived, sorted by id: all, or those of a model."""
        query = select(t.links.c.body).order_by(t.links.c.id)
        if model is not None:
            query = query.where(t.links.c.model == model)
        with self.reading() as connection:
            return [Link.model_validate_json(body) for body in connection.scalars(query)]

    def subjects(self) -> list[str]:
        """The ids of all subjects that live claims are about, sorted."""
        query = (
            select(t.claims.c.subject).where(t.claims.c.withdrawn_run.is_(None)).distinct().order_by(t.claims.c.subject)
        )
        with self.reading() as connection:
            return list(connection.scalars(query))

    @contextmanager
    def writing(self, *, revises: bool = True) -> Iterator[Connection]:
        """A transaction of the only writer, one at a time; one that may change what a set says `revises` the base.

        Raises `StoreError`.
        """
        try:
            with self._engine.execution_options(writing=True).begin() as connection:
                yield connection
                if revises:
                    revise(connection)
        except SQLAlchemyError as fault:
            raise StoreError(f"the base {self._shown} cannot be written: {_plain(fault)}") from fault

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads. Raises `StoreError`."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as fault:
            raise StoreError(f"the base {self._shown} cannot be read: {_plain(fault)}") from fault

    def _find_layout(self) -> str | None:
        """The layout of the base; None where tables are missing. Who opens a base that is whole waits for no writer."""
        with self._engine.connect() as connection:
            if not t.metadata.tables.keys() <= set(inspect(connection).get_table_names()):
                return None
            return get_stamp(connection, SCHEMA)

    @property
    def _shown(self) -> str:
        return self.url.render_as_string(hide_password=True)


def _make_folder(url: URL) -> None:
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _plain(fault: BaseException) -> str:
    return str(getattr(fault, "orig", None) or getattr(fault, "strerror", None) or fault).splitlines()[0]


def _settle(connection: Connection, finding: Finding) -> Finding:
    """A finding whose subjects have the ids that stand by the decisions of the base."""
    known = load_identities(connection)
    if finding.document is None or not known.decisions:
        return finding
    work = finding.document.work or finding.document.sha256
    return replace(finding, claims=tuple(known.settle(claim, work) for claim in finding.claims))


def _load_documents(connection: Connection, models: Sequence[str]) -> list[Document]:
    """The documents that say something of some models."""
    said = select(t.evidence.c.sha256).join(t.claims).where(t.claims.c.subject.in_(models))
    bodies = connection.scalars(select(t.documents.c.body).where(t.documents.c.sha256.in_(said)))
    return [Document.model_validate_json(body) for body in bodies]


def _link_row(link: Link) -> dict[str, str]:
    return {
        "id": link.id,
        "model": link.model.id,
        "chip": link.chip.id,
        "role": link.role,
        "body": link.model_dump_json(),
    }
