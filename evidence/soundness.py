"""Is a base sound? Its file, its layout, rows that point nowhere, and what killed runs left to do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import and_, exists, func, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from corpus.archive import Archive
from corpus.soundness import Ailment
from evidence import tables as t
from evidence.carrying import unsettle
from evidence.stamps import LINKS_BY, get_stamp
from evidence.store import Store

_TOLD = 5


def examine_base(store: Store, archive: Archive | None = None) -> Iterator[Ailment]:
    """Everything that is wrong with a base; with an archive, documents that are not in it too. Raises `StoreError`."""
    with store.reading() as connection:
        faults = [*_check_file(connection), *_check_layout(connection)]
        if not faults:
            faults = [*_check_links(connection, store), *_check_claims(connection, store)]
            faults += _check_runs(connection)
            faults += _check_documents(connection, archive) if archive else ()
    yield from faults


def _check_file(connection: Connection) -> Iterator[Ailment]:
    if connection.dialect.name != "sqlite":
        return
    advice = "restore the last backup; the archive holds all documents, so that a new base can be made from it too"
    try:
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
        for words in found:
            if words != "ok":
                yield _ail(f"its file is damaged: {words}", advice)
        for table, _, target, _ in list(connection.exec_driver_sql("PRAGMA foreign_key_check"))[:_TOLD]:
            yield _ail(f"a row of {table} points to a row of {target} that is not there", advice)
    except SQLAlchemyError as fault:
        yield _ail(f"its file is damaged: {str(getattr(fault, 'orig', fault)).splitlines()[0]}", advice)


def _check_layout(connection: Connection) -> Iterator[Ailment]:
    known = inspect(connection)
    for name, table in t.metadata.tables.items():
        there = {column["name"] for column in known.get_columns(name)}
        for column in table.columns:
            if column.name not in there:
                yield _ail(f"the column {name}.{column.name} is missing", "it was made by another chiptrail")


def _check_links(connection: Connection, store: Store) -> Iterator[Ailment]:
    if number := connection.scalar(select(func.count()).select_from(t.stale)):
        what = f"the links of {number} models are not derived yet: a run was killed before"
        yield Ailment("base", what, "derive them", False, store.derive_links)
    elif get_stamp(connection, LINKS_BY) is None and connection.scalar(select(func.count()).select_from(t.claims)):
        yield Ailment("base", "no links were ever derived", "derive them", False, store.derive_links)


def _check_claims(connection: Connection, store: Store) -> Iterator[Ailment]:
    """Claims that live by no evidence, and evidence that lives of a claim that does not."""
    advice = "have their documents read again by the next run"
    live = and_(t.evidence.c.claim == t.claims.c.id, t.evidence.c.withdrawn_run.is_(None))
    bare = t.claims.c.withdrawn_run.is_(None) & ~exists(select(t.evidence.c.claim).where(live))
    lost = t.claims.c.withdrawn_run.is_not(None) & exists(select(t.evidence.c.claim).where(live))
    for where, what in ((bare, "live and rest on no evidence"), (lost, "are withdrawn and have evidence that is not")):
        claims = list(connection.scalars(select(t.claims.c.id).where(where)))
        if claims:
            mend = partial(_read_again, store, claims)
            yield Ailment("base", f"{len(claims)} claims {what} ({', '.join(claims[:_TOLD])})", advice, True, mend)


def _read_again(store: Store, claims: list[str]) -> None:
    with store.writing() as connection:
        for claim in claims:
            for sha256 in connection.scalars(select(t.evidence.c.sha256).where(t.evidence.c.claim == claim)).all():
                unsettle(connection, sha256)


def _check_runs(connection: Connection) -> Iterator[Ailment]:
    last = connection.scalar(select(func.max(t.runs.c.id)))
    row = connection.execute(select(t.runs).where(t.runs.c.id == last)).first() if last else None
    if row and row.ended is None:
        what = f"the last run, {row.id}, did not come to its end, or goes on"
        yield Ailment("base", what, "run again: it goes on where that one was", False)


def _check_documents(connection: Connection, archive: Archive) -> Iterator[Ailment]:
    query = select(t.places.c.place, t.places.c.sha256).order_by(t.places.c.place)
    missing = [row.place for row in connection.execute(query) if not archive.path(row.sha256).is_file()]
    if missing:
        named = ", ".join(missing[:_TOLD])
        what = f"{len(missing)} documents of the base are not in the archive {archive.root} ({named})"
        yield _ail(what, "the next run of their sources and folders gets them again, where they still are")


def _ail(what: str, advice: str) -> Ailment:
    return Ailment("base", what, advice)
