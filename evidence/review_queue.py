"""The queue of review: every claim of the base by what a decision on it would change, capped and filtered.

It is a table that each run makes anew for the models it touched, so that a page is read from an index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select
from sqlalchemy.engine import Connection

from corpus.document import Document
from evidence import decision_tables as d
from evidence import tables as t
from evidence.decisions import SETTLED, Decision, State, digest_reading
from evidence.judgement import load_decisions, load_live, load_said
from evidence.keeping import parts
from evidence.links import Link
from evidence.queueing import WHY, is_filled, refresh_queue
from evidence.review_rules import ReviewRules, load_review_rules
from evidence.shown import find_shown
from evidence.store import Store
from evidence.verdicts import settle
from extractors.claim import Claim
from registry import Registry


@dataclass(frozen=True, slots=True)
class Filters:
    """What a queue is narrowed to; `document` is a digest. Without a state, what wants a decision is shown."""

    model: str | None = None
    developer: str | None = None
    chip: str | None = None
    type: str | None = None
    status: str | None = None
    document: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the queue. `why` says why it ranks where it does, and not how sure the machine is; `alike` is how many
    claims say the same, itself among them.
    """

    claim: str
    model: str
    developer: str
    chip: str
    type: str
    document: str
    name: str
    status: str
    state: State
    stage: str
    value: str
    words: str
    why: tuple[str, ...]
    alike: int


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of the queue, and how many claims want a decision in all."""

    items: tuple[Item, ...]
    left: int


@dataclass(frozen=True, slots=True)
class View:
    """A claim as a reviewer sees it, and what bears on it. A planted claim shows as any other.

    `earlier` are decisions on what the claim once was; `links` those that it has a part in, `against` the claims that
    deny them, and `beside` the other claims that support them.
    """

    claim: Claim
    work: str
    digest: str
    state: State
    why: tuple[str, ...]
    documents: dict[str, Document]
    earlier: tuple[Decision, ...]
    links: tuple[Link, ...]
    against: tuple[Claim, ...]
    beside: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reviewer is, and how many claims of the base are left, disputed or changed."""

    decided: int
    skipped: int
    left: int
    disputed: int
    changed: int


class ReviewQueue:
    """The queue of a base."""

    def __init__(self, store: Store, rules: ReviewRules | None = None) -> None:
        self._store = store
        self._rules = rules or load_review_rules()

    def ensure(self, registry: Registry) -> None:
        """Fill the queue of a base that has none yet. Raises `StoreError`."""
        if not is_filled(self._store):
            refresh_queue(self._store, registry)

    def page(self, reviewer: str, filters: Filters = Filters(), limit: int | None = None, offset: int = 0) -> Page:
        """What a reviewer is asked, the most worth first.

        Nothing that he decided is there, unless it has changed since; what he skipped comes last. What one other
        settled is there for a share of the claims, and looks like what nobody decided. No document has more lines than
        the rules allow, unless it is the filter. With a state among the filters, all claims in it are there.
        """
        wanted = min(limit or self._rules.queue.limit, self._rules.queue.limit)
        with self._store.reading() as connection:
            claims = self._claims(connection, reviewer, filters, offset + wanted)[offset:]
            rows = [row for part in parts(claims) for row in connection.execute(_rows_of(part))]
            rows.sort(key=lambda row: claims.index(row.claim))
            return Page(_items(connection, rows), self._left(connection, reviewer, filters))

    def next(self, reviewer: str, filters: Filters = Filters(), after: str | None = None, count: int = 2) -> list[str]:
        """The claims to show next, the one `after` which they are left out."""
        with self._store.reading() as connection:
            claims = self._claims(connection, reviewer, filters, count + 1)
        return [claim for claim in claims if claim != after][:count]

    def view(self, claim: str) -> View:
        """A claim with what bears on it. Raises `UnknownClaimError`."""
        with self._store.reading() as connection:
            shown = find_shown(connection, claim)
            said = load_said(connection, d.verdicts.c.claim == claim).get(claim, [])
            gone = [voice.decision for voice in said if not voice.stands]
            row = connection.execute(select(d.queue.c.why).where(d.queue.c.claim == claim)).first()
            digests = sorted({e.sha256 for e in shown.claim.evidence})
            bodies = select(t.documents.c.sha256, t.documents.c.body).where(t.documents.c.sha256.in_(digests))
            links = _links_with(connection, shown.claim)
            against = {other for link in links for other in link.contradicting} - {claim}
            beside = {other for link in links for other in link.supporting} - {claim}
            live = load_live(connection, t.claims.c.id.in_(sorted(against | beside)[:500]))
            return View(
                claim=shown.claim,
                work=shown.work,
                digest=digest_reading(shown.claim),
                state=settle(said)[0],
                why=_reasons(row.why) if row else (),
                documents={x.sha256: Document.model_validate_json(x.body) for x in connection.execute(bodies)},
                earlier=tuple(load_decisions(connection, d.decisions.c.id.in_(gone))) if gone else (),
                links=links,
                against=tuple(live[other] for other in sorted(against) if other in live),
                beside=tuple(live[other] for other in sorted(beside) if other in live),
            )

    def alike(self, claim: str) -> tuple[Item, ...]:
        """The claims that say the same of the same model, this one among them, that nobody decided."""
        mine = select(d.queue.c.alike).where(d.queue.c.claim == claim).scalar_subquery()
        query = select(d.queue).where(d.queue.c.alike == mine).order_by(d.queue.c.name, d.queue.c.claim)
        undecided = d.queue.c.state.in_([State.OPEN, State.SKIPPED, State.CHANGED])
        with self._store.reading() as connection:
            return _items(connection, connection.execute(query.where(undecided | (d.queue.c.claim == claim))).all())

    def facets(self, field: str, filters: Filters = Filters(), limit: int = 50) -> list[tuple[str, int]]:
        """Values of a field of `Filters` among what wants a decision, with how many claims have each, most first."""
        column = d.queue.c[field]
        others = {**asdict(filters), field: None}
        query = select(column, func.count()).where(*_narrow(Filters(**others))).group_by(column)
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(func.count().desc(), column).limit(limit)).all()
        return [(str(value), int(number)) for value, number in rows]

    def search(self, text: str, limit: int = 50) -> tuple[Item, ...]:
        """Claims whose quote, document, model or chip holds some words, the most worth first; planted ones too."""
        words = text.strip()
        if not words:
            return ()
        found = d.queue.c.text.contains(words.casefold(), autoescape=True)
        query = select(d.queue).where(found).order_by(d.queue.c.rank.desc(), d.queue.c.claim).limit(limit)
        with self._store.reading() as connection:
            return _items(connection, connection.execute(query).all())

    def document(self, sha256: str) -> list[Claim]:
        """The live claims of a document by page and place; none that were planted."""
        here = select(t.evidence.c.claim).where(t.evidence.c.sha256 == sha256, t.evidence.c.withdrawn_run.is_(None))
        with self._store.reading() as connection:
            claims = load_live(connection, t.claims.c.id.in_(here))

        def place(claim: Claim) -> tuple[int, int, str]:
            return min((e.page or 0, e.start, claim.id) for e in claim.evidence if e.sha256 == sha256)

        return sorted(claims.values(), key=place)

    def states(self, claims: Iterable[str]) -> dict[str, State]:
        """Where claims stand; those that nobody decided are open."""
        found: dict[str, State] = {}
        with self._store.reading() as connection:
            for part in parts(sorted(set(claims))):
                said = load_said(connection, d.verdicts.c.claim.in_(part))
                found |= {claim: settle(said.get(claim, ()))[0] for claim in part}
        return found

    def progress(self, reviewer: str) -> Progress:
        """How far a reviewer is."""
        mine = select(d.verdicts.c.verdict, func.count()).where(d.verdicts.c.reviewer == reviewer, d.verdicts.c.stands)
        states = select(d.queue.c.state, func.count()).where(d.queue.c.state.in_([State.DISPUTED, State.CHANGED]))
        with self._store.reading() as connection:
            said = {row[0]: row[1] for row in connection.execute(mine.group_by(d.verdicts.c.verdict))}
            found = {row[0]: row[1] for row in connection.execute(states.group_by(d.queue.c.state))}
            left = self._left(connection, reviewer, Filters())
        return Progress(
            decided=sum(number for verdict, number in said.items() if verdict in SETTLED),
            skipped=said.get(State.SKIPPED, 0),
            left=left,
            disputed=found.get(State.DISPUTED, 0),
            changed=found.get(State.CHANGED, 0),
        )

    def _claims(self, connection: Connection, reviewer: str, filters: Filters, wanted: int) -> list[str]:
        """The first claims for a reviewer, no more of one document than allowed; those he skipped at the end."""
        base = select(d.queue.c.claim, d.queue.c.document).where(*_narrow(filters))
        base = base.order_by(d.queue.c.rank.desc(), d.queue.c.claim)
        if filters.state:
            return [row.claim for row in connection.execute(base.limit(wanted))]
        mine = (d.verdicts.c.claim == d.queue.c.claim) & (d.verdicts.c.reviewer == reviewer) & d.verdicts.c.stands
        found = self._spread(connection, base.where(~exists().where(mine)), wanted, capped=filters.document is None)
        if len(found) < wanted:
            skipped = base.join(d.verdicts, mine).where(d.verdicts.c.verdict == State.SKIPPED)
            found += self._spread(connection, skipped, wanted - len(found), capped=False)
        return found

    def _spread(self, connection: Connection, query: Select[Any], wanted: int, *, capped: bool) -> list[str]:
        kept: list[str] = []
        counts: Counter[str] = Counter()
        step = max(50, 4 * wanted)
        for start in range(0, 10 * step, step):
            rows = connection.execute(query.limit(step).offset(start)).all()
            for row in rows:
                counts[row.document] += 1
                if not capped or counts[row.document] <= self._rules.queue.per_document:
                    kept.append(row.claim)
                if len(kept) == wanted:
                    return kept
            if len(rows) < step:
                break
        return kept

    def _left(self, connection: Connection, reviewer: str, filters: Filters) -> int:
        narrowed = _narrow(filters)
        whole = connection.scalar(select(func.count()).select_from(d.queue).where(*narrowed)) or 0
        if filters.state:
            return whole
        done = (
            select(func.count())
            .select_from(d.verdicts.join(d.queue, d.queue.c.claim == d.verdicts.c.claim))
            .where(d.verdicts.c.reviewer == reviewer, d.verdicts.c.stands, d.verdicts.c.verdict != State.SKIPPED)
        )
        return whole - (connection.scalar(done.where(*narrowed)) or 0)


def _narrow(filters: Filters) -> list[ColumnElement[bool]]:
    given = {name: value for name, value in asdict(filters).items() if value}
    wants = [] if "state" in given else [d.queue.c.wants == 1]
    return wants + [d.queue.c[name] == value for name, value in given.items()]


def _rows_of(claims: Sequence[str]) -> Select[Any]:
    return select(d.queue).where(d.queue.c.claim.in_(claims))


def _items(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Item, ...]:
    groups = sorted({row.alike for row in rows})
    alike: dict[str, int] = {}
    for part in parts(groups):
        query = select(d.queue.c.alike, func.count()).where(d.queue.c.alike.in_(part)).group_by(d.queue.c.alike)
        alike |= {row[0]: row[1] for row in connection.execute(query)}
    return tuple(
        Item(
            claim=row.claim,
            model=row.model,
            developer=row.developer,
            chip=row.chip,
            type=row.type,
            document=row.document,
            name=row.name,
            status=row.status,
            state=_shown_state(row),
            stage=row.stage,
            value=row.value,
            words=row.words,
            why=_reasons(row.why),
            alike=alike[row.alike],
        )
        for row in rows
    )


def _shown_state(row: Row[Any]) -> State:
    """The state as a second reviewer may see it: nothing of what the first one said."""
    state = State(row.state)
    return State.OPEN if state in SETTLED and row.wants else state


def _links_with(connection: Connection, claim: Claim) -> tuple[Link, ...]:
    query = select(t.links.c.body).where(t.links.c.model == claim.subject.id).order_by(t.links.c.id)
    links = (Link.model_validate_json(body) for body in connection.scalars(query))
    return tuple(link for link in links if claim.id in (*link.supporting, *link.contradicting))


def _reasons(why: str) -> tuple[str, ...]:
    return tuple(why.split(WHY)) if why else ()
