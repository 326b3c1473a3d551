"""The pages of a model and of a chip: links with control status, charts, checks that fail, and the claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from evidence.check import Kind, Outcome
from evidence.checks import check_claims
from evidence.control import DISCLAIMER
from evidence.figures import say_number
from evidence.links import Figure, Link
from evidence.shelf import find_chip_links, find_claims, find_documents
from evidence.standing import Group, Register, group_status, say_status
from extractors.claim import Claim
from outputs.charts import Chart, draw_hours, draw_timeline, draw_utilisation
from outputs.review.desk import Desk
from outputs.review.sentences import say_claim, say_manner
from outputs.wording import ROLES, plain
from registry.lookup import lay_out
from registry.tables import first_day

_MOST_LINKS = 200
_MOST_CLAIMS = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A link as a row: its role and figures in words, and the chip's control status on the day that stands for it."""

    link: Link
    role: str
    counts: str
    hours: str
    status: str
    group: Group
    day: str


def show_model(desk: Desk, request: Request) -> Response:
    """A model: the chips that it is linked to, its claims and what of them does not add up."""
    model = request.path_params["id"]
    claims = [s.claim for s in islice(desk.store.statements(subject=model), _MOST_CLAIMS)]
    links = desk.store.links(model)[:_MOST_LINKS]
    if not claims and not links:
        raise HTTPException(404, "The base says nothing of such a model.")
    name = links[0].model.name if links else claims[0].subject.name
    register = _register(desk, claims)
    entries = _enter(register, links, {claim.id: claim for claim in claims})
    checks = check_claims(claims, desk.registry)
    shares = [(c.name, *c.share, c.outcome.value) for c in checks if c.kind is Kind.UTILISATION and c.share]
    developer, country = register.developer(model, claims)
    return desk.show(
        request,
        "subject.html",
        kind="model",
        id=model,
        name=plain(name),
        about=[f"{developer}{f', {country}' if country else ''}"],
        entries=entries,
        charts=[*_draw(entries), *([draw_utilisation(shares)] if shares else [])],
        checks=[check for check in checks if check.outcome is Outcome.INCONSISTENT],
        figures=(),
        claims=[_tell(claim) for claim in claims],
        disclaimer=DISCLAIMER,
    )


def show_chip(desk: Desk, request: Request) -> Response:
    """A chip: the models that are linked to it, and what the registry knows of it."""
    chip = request.path_params["id"]
    links = find_chip_links(desk.store, chip, _MOST_LINKS)
    known = next((row for row in desk.registry.chips if row.id == chip), None)
    if known is None and not links:
        raise HTTPException(404, "Neither the base nor the registry has such a chip.")
    claims = find_claims(desk.store, [claim for link in links for claim in link.supporting])
    entries = _enter(_register(desk, claims.values()), links, claims)
    figures: list[tuple[str, str]] = []
    if known:
        card = lay_out(desk.registry, known)
        for label, pair in (("TPP", card.tpp), ("TPP per mm²", card.performance_density)):
            if pair:
                low, high = map(say_number, pair)
                figures.append((label, low if low == high else f"{low} to {high}"))
        figures += [("Also", part.name) for part in card.parts[:6] if part.id != known.id]
        figures += [("In the machine", system.name) for system in card.systems[:6]]
    return desk.show(
        request,
        "subject.html",
        kind="chip",
        id=chip,
        name=known.name if known else plain(links[0].chip.name),
        about=[f"{len(links)} links"],
        entries=entries,
        charts=_draw(entries),
        checks=[],
        figures=figures,
        claims=[],
        disclaimer=DISCLAIMER,
    )


def _register(desk: Desk, claims: Iterable[Claim]) -> Register:
    said = list(claims)
    documents = find_documents(desk.store, [e.sha256 for claim in said for e in claim.evidence])
    return Register(desk.registry, documents.values(), said)


def _enter(register: Register, links: Sequence[Link], claims: Mapping[str, Claim]) -> list[Entry]:
    entries = []
    for link in links:
        said = [claims[claim] for claim in link.supporting if claim in claims]
        control = register.control(link.model.id, link.chip.id, link.role, said)
        main = control.main()
        entries.append(
            Entry(
                link=link,
                role=ROLES[link.role],
                counts=_say(link.counts),
                hours=_say(link.chip_hours),
                status=say_status(main) if main else control.note or "no day known",
                group=group_status(main) if main else "none",
                day=f"{main.when}, {main.basis}" if main else "",
            )
        )
    return entries


def _draw(entries: Sequence[Entry]) -> list[Chart]:
    points = [
        (first_day(e.day.split(",")[0].partition("/")[0]), e.link.chip.name, e.group, f"{_title(e)}: {e.status}")
        for e in entries
        if e.day
    ]
    hours = [(e.link.model.name, e.link.chip.name, f.value) for e in entries for f in e.link.chip_hours[:1]]
    return [*([draw_timeline(points)] if points else []), *([draw_hours(hours)] if hours else [])]


def _title(entry: Entry) -> str:
    return f"{entry.link.model.name} {entry.role} {entry.link.chip.name}"


def _say(figures: Sequence[Figure]) -> str:
    marks = {"reported": "", "derived": " (derived)", "estimated": " (estimated)"}
    return ", ".join(say_number(figure.value) + marks[figure.basis] for figure in figures[:4])


def _tell(claim: Claim) -> dict[str, Any]:
    place = claim.evidence[0]
    told = {"id": claim.id, "status": str(claim.status), "sentence": say_claim(claim), "manner": say_manner(claim)}
    return {**told, "document": place.document, "page": place.page}
