"""Short notes of the base about itself: its layout, its revision, what its links were derived by."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from evidence import tables as t

SCHEMA = "schema"
REVISION = "revision"
LINKS_BY = "links-by"


def get_stamp(connection: Connection, name: str) -> str | None:
    """A note, or None."""
    return connection.scalar(select(t.stamps.c.value).where(t.stamps.c.name == name))


def set_stamp(connection: Connection, name: str, value: str) -> None:
    """Make a note, in the place of an older one."""
    if not connection.execute(update(t.stamps).where(t.stamps.c.name == name).values(value=value)).rowcount:
        connection.execute(insert(t.stamps).values(name=name, value=value))


def revise(connection: Connection) -> None:
    """Note that what the base says has changed: a set that was written before may be another now."""
    set_stamp(connection, REVISION, str(int(get_stamp(connection, REVISION) or 0) + 1))
