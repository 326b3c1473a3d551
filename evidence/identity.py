"""What analysts decide about who is who: two ids are one model, or one id stands for two.

A text's name has an id by rule (`registry.identity`). Decisions are laid over that in the order in which they were
taken; each is recorded for good, and one that was taken back counts as if it had never been.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, Integer, String, Table, Text, select
from sqlalchemy.engine import Connection

from evidence.tables import Instant, metadata
from extractors.claim import Claim, Subject
from registry import Registry
from registry.identity import identify_model, identify_organisation

identities = Table(
    "identity_decisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("action", String, nullable=False),
    Column("name", String, nullable=False),
    Column("into", String, nullable=False),
    Column("work", String),
    Column("undoes", Integer),
    Column("because", Text, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("time", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class IdentityDecision:
    """One decision. `merge`: what has the id `name` has the id `into` from now on.

    `split`: what is called by the id `name`, in one `work` or in all, is a model of its own with the id `into`.
    `undo`: the decision `undoes` counts no longer.
    """

    number: int
    action: Literal["merge", "split", "undo"]
    name: str
    into: str
    work: str | None
    undoes: int | None
    because: str
    reviewer: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Identities:
    """The decisions that stand, ready to be applied."""

    decisions: tuple[IdentityDecision, ...] = ()
    _own: dict[tuple[str, str | None], str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _merged: dict[str, IdentityDecision] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for decision in self.standing():
            if decision.action == "split":
                self._own[decision.name, decision.work] = decision.into
            elif (one := self._follow(decision.name)) != self._follow(decision.into):
                self._merged[one] = decision

    def standing(self) -> list[IdentityDecision]:
        """The merges and splits that were not taken back, in their order."""
        undone = {decision.undoes for decision in self.decisions}
        return [d for d in self.decisions if d.action != "undo" and d.number not in undone]

    def resolve(self, name: str, work: str | None = None) -> str:
        """The id that stands for what a work calls by an id."""
        return self._follow(self._own.get((name, work)) or self._own.get((name, None)) or name)

    def merged(self) -> dict[str, IdentityDecision]:
        """The ids that stand for nothing of their own any more, each with the decision that says so."""
        return dict(self._merged)

    def settle(self, claim: Claim, work: str, read_as: str | None = None) -> Claim:
        """A claim with the id that stands for its subject; `read_as` is the id by rule, where the claim has another."""
        found = self.resolve(read_as or claim.subject.id, work)
        if found == claim.subject.id:
            return claim
        return claim.model_copy(update={"subject": claim.subject.model_copy(update={"id": found})})

    def _follow(self, name: str) -> str:
        while name in self._merged:
            name = self._merged[name].into
        return name


UNDECIDED = Identities()
"""No decision at all: every id is as the rules give it."""


def identify(subject: Subject, registry: Registry) -> str:
    """The id of a subject by rule, of its name alone."""
    named = identify_model if subject.kind == "model" else identify_organisation
    return named(subject.name, registry)


def load_identities(connection: Connection) -> Identities:
    """The decisions of a base, in their order."""
    rows = connection.execute(select(identities).order_by(identities.c.number))
    return Identities(tuple(IdentityDecision(**row._mapping) for row in rows))


def affected(before: Identities, after: Identities, decision: IdentityDecision) -> set[str]:
    """The ids whose claims may have another one once a decision counts, or counts no longer."""
    given: Iterable[str] = (decision.name, decision.into)
    return {found for name in given for found in (name, before.resolve(name), after.resolve(name))}
