"""Deciding who is who in a base: merging ids, splitting one, taking that back. Claims and links follow at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from evidence import tables as t
from evidence.carrying import mark_stale
from evidence.identity import Identities, IdentityDecision, affected, identify, identities, load_identities
from evidence.keeping import parts
from evidence.store import Store
from extractors.claim import Claim
from registry import Registry
from registry.identity import identify_model
from registry.lookup import UnknownNameError
from registry.tables import fold


class IdentityError(ValueError):
    """A decision that cannot be taken; the message says why and what to do."""


class IdentityLog:
    """The decisions of a base about who is who. Each is one transaction, and none is ever changed or deleted."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    def load(self) -> Identities:
        """The decisions taken so far."""
        with self._store.reading() as connection:
            return load_identities(connection)

    def merge(self, name: str, into: str, *, because: str, reviewer: str, time: datetime) -> IdentityDecision:
        """Have one id, or name, of the base stand for another. Raises `IdentityError` and `UnknownNameError`."""
        with self._store.writing() as connection:
            known = load_identities(connection)
            one, other = self._find(connection, known, name), known.resolve(self._find(connection, known, into))
            if moved := known.merged().get(one):
                raise IdentityError(f"{one} was merged into {moved.into} by decision {moved.number}; undo that first")
            if one == other:
                raise IdentityError(f"{name} and {into} are one already: {one}")
            return self._decide(connection, known, "merge", one, other, because, reviewer, time)

    def split(
        self, name: str, into: str, *, work: str | None = None, because: str, reviewer: str, time: datetime
    ) -> IdentityDecision:
        """Have what is called by an id, in one work or in all, be a model of its own with another id.

        `into` is taken as it is given. Raises `IdentityError` where nothing in the base would change.
        """
        with self._store.writing() as connection:
            known = load_identities(connection)
            name = self._find(connection, known, name)
            mine = (t.claims.c.subject == known.resolve(name)) & ((t.claims.c.work == work) if work else True)
            if connection.scalar(select(t.claims.c.id).where(mine).limit(1)) is None:
                raise IdentityError(f"no claim{f' of the work {work}' if work else ''} is about {name}")
            if known.resolve(name, work) == into:
                raise IdentityError(f"{name} is {into} already")
            return self._decide(connection, known, "split", name, into, because, reviewer, time, work=work)

    def undo(self, number: int, *, because: str, reviewer: str, time: datetime) -> IdentityDecision:
        """Take a decision back: everything is as if it had never been taken. Raises `IdentityError`."""
        with self._store.writing() as connection:
            known = load_identities(connection)
            found = next((d for d in known.standing() if d.number == number), None)
            if found is None:
                raise IdentityError(f"no merge or split that stands has the number {number}; see `identity log`")
            return self._decide(
                connection, known, "undo", found.name, found.into, because, reviewer, time, undoes=number
            )

    def _decide(
        self,
        connection: Connection,
        known: Identities,
        action: Literal["merge", "split", "undo"],
        name: str,
        into: str,
        because: str,
        reviewer: str,
        time: datetime,
        **more: Any,
    ) -> IdentityDecision:
        if not because.strip():
            raise IdentityError("a decision needs a reason: --because")
        row = {"work": None, "undoes": None, **more, "because": because.strip(), "reviewer": reviewer, "time": time}
        number = max((d.number for d in known.decisions), default=0) + 1
        decision = IdentityDecision(number=number, action=action, name=name, into=into, **row)
        connection.execute(insert(identities).values(number=number, action=action, name=name, into=into, **row))
        now = Identities((*known.decisions, decision))
        resettle(connection, now, affected(known, now, decision), self._registry)
        return decision

    def _find(self, connection: Connection, known: Identities, name: str) -> str:
        """The id that a person means: one of the base, or one that was merged away."""
        subjects = set(connection.scalars(select(t.claims.c.subject).distinct())) | known.merged().keys()
        ids = {fold(subject): subject for subject in subjects}
        for wanted in (fold(name), fold(identify_model(name, self._registry))):
            if wanted in ids:
                return ids[wanted]
        close = difflib.get_close_matches(fold(name), ids, n=4, cutoff=0.5)
        raise UnknownNameError("model in the base", name, tuple(ids[found] for found in close))


def resettle(connection: Connection, known: Identities, subjects: Iterable[str], registry: Registry) -> None:
    """Give the claims about some subjects the ids that stand now, those that are withdrawn too."""
    moved = set(subjects)
    for part in parts(sorted(moved)):
        query = (
            select(t.evidence.c.claim, t.evidence.c.sha256, t.evidence.c.body, t.claims.c.work, t.claims.c.subject)
            .join(t.claims, t.claims.c.id == t.evidence.c.claim)
            .where(t.claims.c.subject.in_(part))
            .order_by(t.evidence.c.claim, t.evidence.c.sha256)
        )
        for row in connection.execute(query).all():
            claim = Claim.model_validate_json(row.body)
            settled = known.settle(claim, row.work, read_as=identify(claim.subject, registry))
            if settled is claim and row.subject == claim.subject.id:
                continue
            at = (t.evidence.c.claim == row.claim) & (t.evidence.c.sha256 == row.sha256)
            connection.execute(update(t.evidence).where(at).values(body=settled.model_dump_json()))
            connection.execute(update(t.claims).where(t.claims.c.id == row.claim).values(subject=settled.subject.id))
            moved |= {row.subject, settled.subject.id}
    mark_stale(connection, sorted(moved))
