"""Which documents need not be read again: what they would yield is known from the last time.

A reading is known by the bytes, by how the document is described (claims cite its name, and its work and developer
decide whose they are), and by the versions of text layer, rules and registry. Where all are the same, the finding is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from corpus.document import Document
from evidence import tables as t
from evidence.finding import Finding
from evidence.versions import Versions
from extractors.text import Outcome

_PART = 500


class Cause(StrEnum):
    """Why a document is read, or is not.

    `changed`: its place gave other bytes before. `described-otherwise`: the same bytes have another name, work or
    developer. `again`: what failed before may pass now, or the document is back after its claims were withdrawn.
    """

    NEW = "new"
    DESCRIBED = "described-otherwise"
    TEXT = "text-layer-changed"
    RULES = "rules-changed"
    REGISTRY = "registry-changed"
    CHANGED = "changed"
    AGAIN = "again"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a document is to be read and why, and what became of it the last time."""

    cause: Cause
    outcome: Outcome = Outcome.FAILED
    reason: str = ""
    claims: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """A finding that is taken over from an earlier run, without its claims but with their number."""

    finding: Finding
    claims: int


def describe(document: Document) -> str:
    """A digest of all that is said of a document, but for the moment at which it was got: the first one counts."""
    told = f"{document.model_dump_json(exclude={'retrieved'})}{document.retrieved is not None}"
    return hashlib.sha256(told.encode()).hexdigest()


def look_up(connection: Connection, documents: Sequence[tuple[str, Document]], versions: Versions) -> Iterator[Known]:
    """What is known of each document, given with its place, in their order."""
    made_with: dict[int, Versions] = {}
    for start in range(0, len(documents), _PART):
        part = documents[start : start + _PART]
        known = t.readings.c
        query = select(t.readings, t.runs.c.versions).join(t.runs, t.runs.c.id == known.run)
        query = query.where(known.sha256.in_([document.sha256 for _, document in part]))
        rows = {row.sha256: row for row in connection.execute(query)}
        fresh = [place for place, document in part if document.sha256 not in rows]
        seen = set(connection.scalars(select(t.places.c.place).where(t.places.c.place.in_(fresh))))
        for place, document in part:
            row = rows.get(document.sha256)
            if row is None:
                yield Known(Cause.CHANGED if place in seen else Cause.NEW)
                continue
            if row.run not in made_with:
                made_with[row.run] = Versions.model_validate_json(row.versions)
            cause = _compare(made_with[row.run], versions)
            if row.described != describe(document):
                cause = Cause.DESCRIBED
            elif not row.settled:
                cause = Cause.AGAIN
            yield Known(cause, Outcome(row.outcome), row.reason, row.claims)


def _compare(then: Versions, now: Versions) -> Cause:
    if then.text != now.text:
        return Cause.TEXT
    if then.rules != now.rules:
        return Cause.RULES
    return Cause.REGISTRY if then.registry != now.registry else Cause.UNCHANGED


def keep_reading(connection: Connection, run: int, given: Document, finding: Finding) -> None:
    """Remember a reading of a document as it was given to the reader."""
    row = {
        "described": describe(given),
        "run": run,
        "outcome": finding.outcome,
        "reason": finding.reason,
        "claims": len(finding.claims),
        "settled": not finding.passes,
    }
    at = t.readings.c.sha256 == given.sha256
    if not connection.execute(update(t.readings).where(at).values(**row)).rowcount:
        connection.execute(insert(t.readings).values(sha256=given.sha256, **row))


def unsettle(connection: Connection, sha256: str) -> None:
    """Have a document read again should it come back: its claims were withdrawn."""
    connection.execute(update(t.readings).where(t.readings.c.sha256 == sha256).values(settled=False))


def keep_place(connection: Connection, place: str, sha256: str) -> None:
    """Note the bytes that a place gives now."""
    if not connection.execute(update(t.places).where(t.places.c.place == place).values(sha256=sha256)).rowcount:
        connection.execute(insert(t.places).values(place=place, sha256=sha256))
        connection.execute(delete(t.departed).where(t.departed.c.place == place))


def mark_stale(connection: Connection, models: Sequence[str]) -> None:
    """Have the links of some models derived again."""
    for start in range(0, len(models), _PART):
        part = models[start : start + _PART]
        known = set(connection.scalars(select(t.stale.c.model).where(t.stale.c.model.in_(part))))
        if fresh := [{"model": model} for model in part if model not in known]:
            connection.execute(insert(t.stale), fresh)


def find_moved(connection: Connection, carried: Sequence[Carried]) -> list[tuple[Carried, str | None]]:
    """The findings whose place gave other bytes before, or none, each with the digest of those bytes."""
    found: list[tuple[Carried, str | None]] = []
    for start in range(0, len(carried), _PART):
        part = carried[start : start + _PART]
        query = select(t.places).where(t.places.c.place.in_([one.finding.place for one in part]))
        before = {row.place: row.sha256 for row in connection.execute(query)}
        for one in part:
            last = before.get(one.finding.place)
            if one.finding.document and last != one.finding.document.sha256:
                found.append((one, last))
    return found


def keep_outcomes(connection: Connection, run: int, carried: Sequence[Carried]) -> None:
    """Enter findings that are taken over among the outcomes of a run."""
    for start in range(0, len(carried), _PART):
        part = carried[start : start + _PART]
        places = [one.finding.place for one in part]
        connection.execute(delete(t.outcomes).where(t.outcomes.c.run == run, t.outcomes.c.place.in_(places)))
        connection.execute(insert(t.outcomes), [_outcome(run, one.finding, one.claims) for one in part])


def drop_outcomes(connection: Connection, before: int) -> None:
    """Drop the outcomes of runs before one that say no more than a later run does: same place, same bytes.

    Of a place that gives the same bytes day after day, only what the last runs say of it is worth its room.
    """
    later = t.outcomes.alias()
    same = (later.c.place == t.outcomes.c.place) & (later.c.run > t.outcomes.c.run)
    said = (later.c.sha256 == t.outcomes.c.sha256) | t.outcomes.c.sha256.is_(None)
    known = select(later.c.run).where(same & said).exists()
    connection.execute(delete(t.outcomes).where(t.outcomes.c.run < before, known))


def _outcome(run: int, finding: Finding, claims: int) -> dict[str, object]:
    return {
        "run": run,
        "place": finding.place,
        "address": finding.address,
        "name": finding.name,
        "sha256": finding.document.sha256 if finding.document else None,
        "outcome": finding.outcome,
        "reason": finding.reason,
        "claims": claims,
    }
