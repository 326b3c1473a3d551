"""The pages to look at: queue, documents, search, history and agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from corpus.document import MediaType
from evidence.agreement import measure_agreement
from evidence.decisions import Action
from evidence.plants import measure_catches
from evidence.review_queue import Item
from evidence.shelf import search_documents
from extractors.claim import Claim, ClaimType, Evidence
from outputs.review.claim_page import draw_leaf, place_quote, say_seen, tell_decision
from outputs.review.desk import Desk, make_filters, read_filters, write_query
from outputs.review.forms import read_count
from outputs.review.passages import lay_out
from outputs.review.rendering import NoPageError
from outputs.review.sentences import TYPES, say_claim, say_manner
from outputs.wording import plain

_EACH = 100
_LINES = 60
_FOUND = 60
_LETTERS = 40_000
_MOST_FRAMES = 400


def show_start(desk: Desk, request: Request) -> Response:
    """The start is the queue."""
    return RedirectResponse("/queue", 303)


def show_queue(desk: Desk, request: Request) -> Response:
    """What wants a decision, what would change most first, and filters for it."""
    chosen = read_filters(request.query_params)
    page = desk.queue.page(desk.who(request), make_filters(chosen), limit=_LINES)
    return desk.show(
        request,
        "queue.html",
        page=page,
        readings={row.claim: _say_item(desk, row) for row in page.items},
        progress=desk.queue.progress(desk.who(request)),
        chosen=chosen,
        query=write_query(chosen),
        facets=_facets(desk, chosen),
    )


def show_document(desk: Desk, request: Request) -> Response:
    """All claims of a document by page, and its pages."""
    holding = desk.holding(request.path_params["sha256"])
    document = holding.document
    claims = desk.queue.document(document.sha256)
    by_page: dict[int, list[dict[str, Any]]] = {}
    for claim in claims:
        for evidence in _of(claim, document.sha256)[:1]:
            by_page.setdefault(evidence.page or 0, []).append(_tell(claim, evidence))
    pages, unseen = list(range(1, holding.pages + 1)) or [0], ""
    leaves = {}
    if document.media_type is MediaType.PDF:
        spans = [(e, "quote-frame") for claim in claims for e in _of(claim, document.sha256)][:_MOST_FRAMES]
        try:
            for page in sorted(by_page):
                leaves[page] = replace(draw_leaf(desk, document, page, spans, f"Page {page}"), lazy=True)
        except NoPageError as fault:
            unseen = str(fault)
    return desk.show(
        request,
        "document.html",
        holding=holding,
        document=document,
        title=plain(document.title or document.name),
        by_page=dict(sorted(by_page.items())),
        leaves=leaves,
        pages=pages,
        total=len(claims),
        unseen=unseen,
        href=document.address if document.address.startswith(("https://", "http://")) else "",
    )


def show_page(desk: Desk, request: Request) -> Response:
    """One page of a document: its picture, its text to select from, its claims, and the form for a missing one."""
    holding = desk.holding(request.path_params["sha256"])
    document, number = holding.document, request.path_params["page"]
    try:
        text = desk.library.text(document)
        page = next((p for p in text.pages if p.number == (number or None)), None)
        if page is None:
            raise HTTPException(404, "The document has no such page.")
    except NoPageError as fault:
        raise HTTPException(404, str(fault)) from fault
    claims = [
        (c, e) for c in desk.queue.document(document.sha256) for e in _of(c, document.sha256) if (e.page or 0) == number
    ][:_MOST_FRAMES]
    start = min(read_count(request.query_params.get("from", "")) or 0, max(0, len(page.text) - 1))
    start = max((b.start for b in page.blocks if b.start <= start), default=0)
    end = min(start + _LETTERS, len(page.text))
    marks = [span for _, e in claims if (span := place_quote(text, e))]
    leaf = None
    if number and document.media_type is MediaType.PDF:
        alt = f"Page {number} of {document.name} with the quotes of claims framed"
        leaf = draw_leaf(desk, document, number, [(e, "kin-frame") for _, e in claims], alt)
    return desk.show(
        request,
        "page.html",
        document=document,
        title=plain(document.title or document.name),
        number=number,
        count=holding.pages,
        view=leaf,
        passages=lay_out(page, marks, start, end),
        claims=[_tell(c, e) for c, e in claims],
        later=end if end < len(page.text) else None,
        start=start,
    )


def show_picture(desk: Desk, request: Request) -> Response:
    """The picture of a PDF's page. The bytes under a digest never change, so that browsers may keep it."""
    document = desk.holding(request.path_params["sha256"]).document
    if document.media_type is not MediaType.PDF:
        raise HTTPException(404, "Only PDFs have pictures of pages.")
    try:
        picture = desk.library.picture(document, request.path_params["page"])
    except NoPageError as fault:
        raise HTTPException(404, str(fault)) from fault
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"})


def show_search(desk: Desk, request: Request) -> Response:
    """Claims by the words of their quotes, and documents by their names."""
    wanted = request.query_params.get("q", "").strip()[:200]
    rows = desk.queue.search(wanted, _FOUND) if wanted else []
    documents = search_documents(desk.store, wanted, _FOUND) if wanted else []
    readings = {row.claim: _say_item(desk, row) for row in rows}
    return desk.show(request, "search.html", wanted=wanted, rows=rows, readings=readings, documents=documents)


def show_history(desk: Desk, request: Request) -> Response:
    """What was decided, newest first; one's own decisions can be taken back."""
    who = request.query_params.get("reviewer") or None
    action = request.query_params.get("action")
    start = read_count(request.query_params.get("from", "")) or 0
    wanted = Action(action) if action in set(Action) else None
    entries = desk.log.history(reviewer=who, action=wanted, limit=_EACH + 1, offset=start)
    told = [
        {
            "id": e.decision.id,
            "claim": e.decision.claim,
            "time": e.decision.time,
            "undone": e.undone,
            "mine": e.decision.reviewer == desk.who(request),
            "sentence": say_seen(e.decision),
            **tell_decision(desk, e.decision),
        }
        for e in entries[:_EACH]
    ]
    chosen = {name: value for name, value in (("reviewer", who), ("action", wanted)) if value}
    more = write_query({**chosen, "from": str(start + _EACH)}) if len(entries) > _EACH else ""
    return desk.show(
        request, "history.html", entries=told, more=more, chosen=chosen, actions={str(a): str(a) for a in Action}
    )


def show_agreement(desk: Desk, request: Request) -> Response:
    """How far reviewers agree, what they disagree on, and how many planted errors each caught."""
    decisions = desk.log.all()
    disputes = []
    for standing in desk.log.disputes()[:_EACH]:
        told = [tell_decision(desk, d) for d in standing.said]
        disputes.append({"claim": standing.claim, "sentence": say_seen(standing.said[0]), "said": told})
    return desk.show(
        request,
        "agreement.html",
        agreements=measure_agreement(decisions),
        catches=measure_catches(decisions),
        disputes=disputes,
        progress=desk.queue.progress(desk.who(request)),
    )


def show_login(desk: Desk, request: Request) -> Response:
    """The page that asks for the token."""
    return desk.show_bare("login.html", 200, fault="")


def _of(claim: Claim, sha256: str) -> list[Evidence]:
    return [e for e in claim.evidence if e.sha256 == sha256]


def _tell(claim: Claim, evidence: Evidence) -> dict[str, Any]:
    return {
        "id": claim.id,
        "sentence": say_claim(claim),
        "manner": say_manner(claim),
        "status": str(claim.status),
        "quote": evidence.quote,
    }


def _say_item(desk: Desk, row: Item) -> str:
    """The reading of a line of the queue in a few words: «DeepSeek-V3, chip-hours: 2.664M, NVIDIA H800, training»."""
    chips = {chip.id: chip.name for chip in desk.registry.chips}
    kind = TYPES[ClaimType(row.type)] if row.type in set(ClaimType) else row.type
    said = f"{kind}: {row.value}" if row.value else kind
    return plain(", ".join(filter(None, (row.model, said, chips.get(row.chip, row.chip), row.stage))))


def _facets(desk: Desk, chosen: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """For each filter its values with a name for each; a chosen value is there even if nothing has it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, values in desk.choices.values().items():
        options = list(dict.fromkeys([*filter(None, [chosen.get(name)]), *values]))
        words = _say_options(desk, name, options)
        found[name] = [(value, words.get(value, value)) for value in options]
    return found


def _say_options(desk: Desk, name: str, values: Iterable[str]) -> dict[str, str]:
    if name == "document":
        return {key: plain(words)[:60] for key, words in desk.names(values).items()}
    if name == "type":
        return {value: TYPES[ClaimType(value)] for value in values if value in set(ClaimType)}
    if name == "chip":
        return {chip.id: chip.name for chip in desk.registry.chips}
    return {}
