"""Filling the queue of review: after each run, for the models that it touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

import evidence
from corpus.document import Document
from evidence import decision_tables as d
from evidence import tables as t
from evidence.figures import say_number
from evidence.judgement import load_live, load_said_of
from evidence.keeping import parts
from evidence.links import Link
from evidence.placing import stand
from evidence.plants import Plant, draw, plant_claims
from evidence.ranking import Rank, group_of, rank_claims
from evidence.review_rules import ReviewRules, load_review_rules
from evidence.stamps import get_stamp, set_stamp
from evidence.standing import Register
from evidence.store import Store
from evidence.subjects import portion
from evidence.versions import digest_rooms
from extractors.claim import Claim
from registry import Registry

WHY = "; "
_QUEUE_BY = "queue-by"
_QUEUE_THROUGH = "queue-through"
_WORKS = 200
_LONGEST_WORDS = 300


def refresh_queue(
    store: Store, registry: Registry, run: int | None = None, *, seed: int = 0, rules: ReviewRules | None = None
) -> int:
    """Rank the claims of the models that a run touched, or of all; how many claims were ranked.

    All are ranked where the queue is new, or was filled by another version of chiptrail or another seed of planted
    claims. To be called when decisions are placed and links derived. Raises `StoreError`.
    """
    rules = rules or load_review_rules()
    made_by = f"{digest_rooms(evidence)} {seed}"
    with store.writing(revises=False) as connection:
        whole = run is None or get_stamp(connection, _QUEUE_BY) != made_by
        models, works = _everything(connection) if whole or run is None else _touched(connection, run)
        if whole:
            connection.execute(delete(d.queue))
            connection.execute(delete(d.plants))
    filled = 0
    with store.reading() as connection:
        portions = list(portion(connection, models))
    for part in portions:
        with store.writing(revises=False) as connection:
            filled += _fill(connection, part, registry, rules)
    for some in parts(works, _WORKS):
        with store.writing(revises=False) as connection:
            _plant(connection, some, registry, rules, seed)
    with store.writing(revises=False) as connection:
        set_stamp(connection, _QUEUE_BY, made_by)
        set_stamp(connection, _QUEUE_THROUGH, str(max(_through(connection), run or 0)))
        for table in (d.queue, d.verdicts):  # without figures on them the database walks the order of all for a few
            connection.exec_driver_sql(f"ANALYZE {table.name}")
    return filled


def is_behind(store: Store, run: int) -> bool:
    """Whether a run touched a claim, or the queue was filled by another version of chiptrail."""
    with store.reading() as connection:
        filled_by = get_stamp(connection, _QUEUE_BY) or ""
        return not filled_by.startswith(digest_rooms(evidence)) or bool(_touched(connection, run)[0])


def is_filled(store: Store) -> bool:
    """Whether the queue was ever filled."""
    with store.reading() as connection:
        return get_stamp(connection, _QUEUE_BY) is not None


def _everything(connection: Connection) -> tuple[list[str], list[str]]:
    live = t.claims.c.withdrawn_run.is_(None)
    models = connection.scalars(select(t.claims.c.subject).where(live).distinct())
    works = connection.scalars(select(t.claims.c.work).where(live).distinct())
    return sorted(models), sorted(works)


def _through(connection: Connection) -> int:
    """The last run that filled the queue."""
    return int(get_stamp(connection, _QUEUE_THROUGH) or 0)


def _touched(connection: Connection, run: int) -> tuple[list[str], list[str]]:
    """The models and works with claims that a run read or withdrew, or runs that were killed before they filled the
    queue; those in the queue under older names too.
    """
    filled, last, withdrawn = _through(connection), t.claims.c.last_run, t.claims.c.withdrawn_run
    moved = (last == run) | (withdrawn == run) | (last > filled) | (withdrawn > filled)
    models: set[str] = set()
    works: set[str] = set()
    for row in connection.execute(select(t.claims.c.subject, t.claims.c.work).where(moved).distinct()):
        models.add(row.subject)
        works.add(row.work)
    queued = select(d.queue.c.model).join(t.claims, t.claims.c.id == d.queue.c.claim).where(moved)
    return sorted(models | set(connection.scalars(queued.distinct()))), sorted(works)


def _fill(connection: Connection, models: Sequence[str], registry: Registry, rules: ReviewRules) -> int:
    """Put all claims of some models in the place of what the queue has of them."""
    about = t.claims.c.subject.in_(models)
    claims = load_live(connection, about)
    works = {row.id: row.work for row in connection.execute(select(t.claims.c.id, t.claims.c.work).where(about))}
    bodies = connection.scalars(select(t.links.c.body).where(t.links.c.model.in_(models)))
    ranks = rank_claims(list(claims.values()), [Link.model_validate_json(body) for body in bodies], registry, rules)
    connection.execute(delete(d.queue).where(d.queue.c.model.in_(models)))
    for part in parts(list(claims)):
        connection.execute(delete(d.queue).where(d.queue.c.claim.in_(part)))
    by_model: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims.values():
        by_model[claim.subject.id].append(claim)
    register = Register(registry, _documents(connection, claims.values()))
    developers = {model: register.developer(model, said)[0] for model, said in by_model.items()}
    rows = [
        _row(claim, works[claim.id], ranks[claim.id], developers[claim.subject.id], rules) for claim in claims.values()
    ]
    _put(connection, rows, rules)
    return len(rows)


def _plant(connection: Connection, works: Sequence[str], registry: Registry, rules: ReviewRules, seed: int) -> None:
    """Plant wrong claims in some works, in the place of those that they had."""
    old = select(d.plants.c.claim).where(d.plants.c.work.in_(works))
    connection.execute(delete(d.queue).where(d.queue.c.claim.in_(old)))
    connection.execute(delete(d.plants).where(d.plants.c.work.in_(works)))
    live = (t.claims.c.withdrawn_run.is_(None)) & t.claims.c.work.in_(works)
    ids = connection.execute(select(t.claims.c.id, t.claims.c.work).where(live))
    drawn = sorted({row.work for row in ids if draw(seed, row.id) < rules.queue.plant_share})
    for work in drawn:
        claims = list(load_live(connection, t.claims.c.work == work).values())
        for plant in plant_claims(work, claims, registry, rules.queue.plant_share, seed):
            _put_plant(connection, plant, rules, seed)


def _put_plant(connection: Connection, plant: Plant, rules: ReviewRules, seed: int) -> None:
    """A planted claim looks like any other, and stands well below the claim it was made from, whose words it has."""
    origin = connection.execute(select(d.queue).where(d.queue.c.claim == plant.origin.id)).mappings().first()
    if origin is None or connection.scalar(select(d.queue.c.claim).where(d.queue.c.claim == plant.claim.id)):
        return
    worth = origin["worth"] * (0.3 + 0.5 * draw(seed, plant.claim.id, "worth"))
    row = _row(plant.claim, plant.work, Rank(worth, ()), origin["developer"], rules) | {"why": origin["why"]}
    _put(connection, [row], rules)
    connection.execute(
        insert(d.plants).values(
            claim=plant.claim.id,
            work=plant.work,
            origin=plant.origin.id,
            alteration=plant.alteration.model_dump_json(),
            body=plant.claim.model_dump_json(),
        )
    )


def _row(claim: Claim, work: str, rank: Rank, developer: str, rules: ReviewRules) -> dict[str, Any]:
    first = claim.evidence[0]
    value = say_number(claim.value) if isinstance(claim.value, float | int) else claim.value or ""
    chip = claim.chip.id if claim.chip else ""
    words = " ".join(first.quote.split())[:_LONGEST_WORDS]
    return {
        "claim": claim.id,
        "work": work,
        "model": claim.subject.id,
        "developer": developer,
        "chip": chip,
        "type": claim.type,
        "document": first.sha256,
        "name": first.document,
        "status": claim.status,
        "stage": claim.stage,
        "value": value,
        "words": words,
        "text": "\n".join((words, claim.subject.name, chip, first.document)).casefold(),
        "worth": rank.worth,
        "why": WHY.join(rank.why),
        "alike": group_of(claim),
        "second": draw(0, claim.id, "second") < rules.queue.second_share,
    }


def _put(connection: Connection, rows: Sequence[dict[str, Any]], rules: ReviewRules) -> None:
    for part in parts(rows):
        said = load_said_of(connection, [row["claim"] for row in part])
        standings = (stand(said.get(row["claim"], ()), row["worth"], row["second"], rules) for row in part)
        connection.execute(insert(d.queue), [row | standing for row, standing in zip(part, standings, strict=True)])


def _documents(connection: Connection, claims: Iterable[Claim]) -> list[Document]:
    digests = sorted({e.sha256 for claim in claims for e in claim.evidence})
    return [
        Document.model_validate_json(body)
        for part in parts(digests)
        for body in connection.scalars(select(t.documents.c.body).where(t.documents.c.sha256.in_(part)))
    ]
