"""What was, and is no longer: places that are gone, and claims that nothing makes any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from evidence import tables as t
from evidence.keeping import Withdrawal, retire_places
from evidence.statements import Statement, make_statements
from evidence.store import Store


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A claim that is made no longer, as it was last made, and why."""

    statement: Statement
    cause: Withdrawal


def places_in(store: Store, folder: str) -> list[str]:
    """The places below a folder that gave bytes at any time, sorted. Raises `StoreError`."""
    below = f"{folder.rstrip('/')}/"
    with store.reading() as connection:
        known = [
            place
            for table in (t.places, t.departed)
            for place in connection.scalars(
                select(table.c.place).where(table.c.place.startswith(below, autoescape=True))
            )
        ]
    return sorted(place for place in known if place.startswith(below))


def retire(store: Store, run: int, places: Sequence[str]) -> None:
    """Keep that places, looked for in a run, are no more (see `retire_places`). Raises `StoreError`."""
    with store.writing(revises=False) as connection:
        retire_places(connection, run, places)


def find_tombstones(store: Store, run: int | None = None) -> Iterator[Tombstone]:
    """Claims that are made no longer, sorted by id: all, or those that the places of a run made at any time."""
    claims = t.claims.c
    query = (
        select(t.evidence.c.claim, t.evidence.c.body, t.documents.c.body.label("document"))
        .join(t.claims, claims.id == t.evidence.c.claim)
        .join(t.documents, t.documents.c.sha256 == t.evidence.c.sha256)
        .where(claims.withdrawn_run.is_not(None))
        .order_by(t.evidence.c.claim, t.evidence.c.sha256)
    )
    if run is not None:
        here = select(t.outcomes.c.place).where(t.outcomes.c.run == run)
        given = select(t.outcomes.c.sha256).where(t.outcomes.c.place.in_(here), t.outcomes.c.sha256.is_not(None))
        gone = select(t.departed.c.sha256).where(t.departed.c.run == run)
        query = query.where(t.evidence.c.sha256.in_(given) | t.evidence.c.sha256.in_(gone))
    causes = store.withdrawn()
    with store.reading() as connection:
        for statement in make_statements(connection.execution_options(yield_per=1000).execute(query)):
            yield Tombstone(statement, causes[statement.claim.id])
