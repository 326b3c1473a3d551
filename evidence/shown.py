"""A claim as reviewers see it: one that is made now, one that somebody added, or one that was made wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection

from evidence import decision_tables as d
from evidence import tables as t
from evidence.decisions import Alteration, DecisionError
from evidence.judgement import added_claims, load_live
from extractors.claim import Claim


class UnknownClaimError(DecisionError):
    """There is no such claim in the base, or it is made no longer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A claim that can be decided and its work; `planted` says how it was made wrong, where it was."""

    claim: Claim
    work: str
    planted: Alteration | None


def find_shown(connection: Connection, claim: str) -> Shown:
    """The claim of an id. Raises `UnknownClaimError`."""
    if made := load_live(connection, t.claims.c.id == claim).get(claim):
        work = connection.scalar(select(t.claims.c.work).where(t.claims.c.id == claim))
        return Shown(made, work or "", None)
    if row := connection.execute(select(d.plants).where(d.plants.c.claim == claim)).first():
        return Shown(Claim.model_validate_json(row.body), row.work, Alteration.model_validate_json(row.alteration))
    for added in added_claims(connection, d.decisions.c.claim == claim):
        work = connection.scalar(select(d.decisions.c.work).where(d.decisions.c.claim == claim))
        return Shown(added, work or "", None)
    raise UnknownClaimError("there is no such claim, or it is made no longer")
