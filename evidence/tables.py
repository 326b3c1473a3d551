"""The tables of the evidence base, alike in SQLite and PostgreSQL, and the engine for either."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine import Connection

SCHEMA_VERSION = 1
BUSY_SECONDS = 30.0
"""How long a connection waits while another writes."""
_WRITERS_LOCK = 0x63686970  # any number will do, as long as all writers ask for the same lock


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as UTC. Raises `ValueError` for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment with its zone, which is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

stamps = Table("stamps", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("versions", Text, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("work", String, index=True),
    Column("body", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("first_run", ForeignKey("runs.id"), nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("place", String, primary_key=True),
    Column("address", String, nullable=False),
    Column("name", String, nullable=False),
    Column("sha256", ForeignKey("documents.sha256"), index=True),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("claims", Integer, nullable=False),
    Index("ix_outcomes_place_run", "place", "run"),
)

claims = Table(
    "claims",
    metadata,
    Column("id", String, primary_key=True),
    Column("work", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("chip", String, index=True),
    Column("status", String, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("first_run", ForeignKey("runs.id"), nullable=False),
    Column("last_run", ForeignKey("runs.id"), nullable=False),
    Column("withdrawn_run", ForeignKey("runs.id")),
    Column("withdrawn_reason", String),
    CheckConstraint("(withdrawn_run IS NULL) = (withdrawn_reason IS NULL)", name="ck_claims_withdrawn"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("claim", ForeignKey("claims.id"), primary_key=True),
    Column("sha256", ForeignKey("documents.sha256"), primary_key=True, index=True),
    Column("body", Text, nullable=False),
    Column("last_run", ForeignKey("runs.id"), nullable=False),
    Column("withdrawn_run", ForeignKey("runs.id")),
)

links = Table(
    "links",
    metadata,
    Column("id", String, primary_key=True),
    Column("model", String, nullable=False, index=True),
    Column("chip", String, nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("body", Text, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("sha256", ForeignKey("documents.sha256"), primary_key=True),
    Column("described", String(64), nullable=False),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("settled", Boolean, nullable=False),
)
"""How each document was last read: as what (a digest of its description), in which run, and so by which versions.
`settled` is false where the same reading may give something else the next time."""

places = Table(
    "places",
    metadata,
    Column("place", String, primary_key=True),
    Column("sha256", ForeignKey("documents.sha256"), nullable=False, index=True),
)
"""The bytes that each place gave when it last gave any."""

departed = Table(
    "departed",
    metadata,
    Column("place", String, primary_key=True),
    Column("sha256", ForeignKey("documents.sha256"), nullable=False, index=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
)
"""Places that gave bytes once and are no more, with those bytes and the last run that looked for them in vain."""

stale = Table("stale", metadata, Column("model", String, primary_key=True))
"""Models whose claims have changed since their links were derived."""

exports = Table(
    "exports",
    metadata,
    Column("folder", String, primary_key=True),
    Column("made_of", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("sums", String(64), nullable=False),
)
"""What was last written to a folder: a digest of the run's outcomes and of the program, the revision of the base, and
the digest of the set's sums."""


def make_engine(url: str) -> Engine:
    """An engine for a base. Connections with the option `writing` are the only writer for as long as their
    transaction lasts.

    In SQLite a transaction that reads first and then writes fails at once when another wrote in between, whatever its
    time limit; one that says BEGIN IMMEDIATE waits for its turn. In PostgreSQL an advisory lock gives the same order.
    """
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late and be of the wrong kind
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000:.0f}", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _keep_log_ahead(connection)


def _keep_log_ahead(connection: Any) -> None:
    """Have a base keep a write-ahead log. Of two that ask for it of a new base at once SQLite tells one that the base
    is locked, without the wait that it grants to everything else.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writing"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
