"""The page of one claim: where it stands in the document, what it says, what hangs on it, and what can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from corpus.document import Document, MediaType
from evidence.decisions import Action, Decision, State, changed_fields
from evidence.figures import say_number
from evidence.links import Link
from extractors.claim import Claim, Evidence
from extractors.text import Box, Text
from outputs.review.desk import Desk, make_filters, read_filters, write_query
from outputs.review.forms import read_count, say_change
from outputs.review.passages import Passage, Piece, cut, lay_out, window
from outputs.review.rendering import NoPageError, outline
from outputs.review.sentences import say_claim, say_manner
from outputs.wording import say_value

_MOST_ALIKE = 100
_MOST_BESIDE = 6
_AHEAD = 60


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame about some words of a page, and its class."""

    box: Box
    style: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a PDF as it is shown: its picture, its size in points, and the frames on it."""

    sha256: str
    page: int
    width: float
    height: float
    frames: tuple[Frame, ...]
    alt: str
    lazy: bool = False


def show_claim(desk: Desk, request: Request) -> Response:
    """The page of the claim in the address."""
    claim_id = request.path_params["claim"]
    chosen = read_filters(request.query_params)
    who = desk.who(request)
    item = desk.queue.view(claim_id)
    claim = item.claim
    place = _chosen_place(claim, request.query_params.get("at", ""))
    shown = claim.evidence[place]
    view, passages, unseen = _show_place(desk, item.documents.get(shown.sha256), claim, shown)
    standing = desk.log.standing(claim_id)
    mine = next((d for d in standing.said if d.reviewer == who), None)
    decided = mine is not None and mine.id in standing.stands and mine.action is not Action.SKIP
    before, after = _neighbours(desk.queue.next(who, make_filters(chosen), count=_AHEAD), claim_id)
    alike = desk.queue.alike(claim_id)[:_MOST_ALIKE]
    query = write_query(chosen)
    return desk.show(
        request,
        "claim.html",
        item=item,
        claim=claim,
        sentence=say_claim(claim),
        manner=say_manner(claim),
        value=say_value(claim),
        quote=_mark_printed(shown.quote, claim.printed),
        shown=shown,
        spots=_spots(claim, place, chosen),
        view=view,
        passages=passages,
        unseen=unseen,
        mine=mine if decided else None,
        verdict=[tell_decision(desk, d) for d in standing.said] if decided or _may_settle(request) else [],
        disputed=standing.state is State.DISPUTED,
        earlier=[{"reviewer": d.reviewer, "action": str(d.action), "sentence": say_seen(d)} for d in item.earlier],
        links=[_tell_link(link) for link in item.links],
        against=[{"sentence": say_claim(c), "evidence": c.evidence} for c in item.against],
        beside=[{"id": c.id, "sentence": say_claim(c), "evidence": c.evidence[:1]} for c in item.beside[:_MOST_BESIDE]],
        alike=alike,
        before=before,
        after=after,
        query=query,
        missing=f"/document/{shown.sha256}/{shown.page or 0}" + ("" if shown.page else f"?from={shown.start}"),
    )


def tell_decision(desk: Desk, decision: Decision) -> dict[str, Any]:
    """A decision for a template: who, what, why, and what a correction changed."""
    reasons = {reason.id: reason.words for reason in desk.rules.reasons}
    pairs = changed_fields(decision.seen, decision.stated) if decision.seen and decision.stated else {}
    return {
        "reviewer": decision.reviewer,
        "action": str(decision.action),
        "reason": reasons.get(decision.reason or "", ""),
        "note": decision.note,
        "changes": {name: (say_change(a), say_change(b)) for name, (a, b) in pairs.items()},
    }


def say_seen(decision: Decision) -> str:
    """The claim that a decision is about, as it was seen or stated, in a sentence."""
    claim = decision.seen or decision.stated
    return say_claim(claim) if claim else ""


def draw_leaf(desk: Desk, document: Document, page: int, spans: Iterable[tuple[Evidence, str]], alt: str) -> Leaf:
    """A page of a PDF with frames about some quotes. Raises `NoPageError`."""
    size = desk.library.size(document, page)
    frames = tuple(
        Frame(box, style) for evidence, style in spans if evidence.page == page for box in outline(evidence.boxes, size)
    )
    return Leaf(document.sha256, page, *size, frames, alt)


def place_quote(text: Text, evidence: Evidence) -> tuple[int, int] | None:
    """Where a quote stands in a text as it is read now: at its offsets, else where its words first stand on it."""
    page = next((p for p in text.pages if p.number == evidence.page), None)
    if page is None:
        return None
    if page.text[evidence.start : evidence.end] == evidence.quote:
        return evidence.start, evidence.end
    start = page.text.find(evidence.quote)
    return (start, start + len(evidence.quote)) if start >= 0 and evidence.quote else None


def _show_place(
    desk: Desk, document: Document | None, claim: Claim, shown: Evidence
) -> tuple[Leaf | None, tuple[Passage, ...], str]:
    """The page, or else the text about the quote, or else why there is neither."""
    if document is None:
        return None, (), "The base does not hold this document."
    spans = [(e, "quote-frame" if e == shown else "kin-frame") for e in claim.evidence if e.sha256 == shown.sha256]
    try:
        if document.media_type is MediaType.PDF and shown.page and shown.boxes:
            alt = f"Page {shown.page} of {document.name}, with the quote framed"
            return draw_leaf(desk, document, shown.page, spans, alt), (), ""
        text = desk.library.text(document)
        span = place_quote(text, shown)
        if span is None:
            return None, (), "The words no longer stand in the document as it is read now."
        page = next(p for p in text.pages if p.number == shown.page)
        others = [found for e, style in spans if style == "kin-frame" and (found := place_quote(text, e))]
        return None, lay_out(page, [span, *others], *window(page, span)), ""
    except NoPageError as fault:
        return None, (), str(fault)


def _neighbours(queue: Sequence[str], claim: str) -> tuple[str | None, str | None]:
    """The claims before and after one in the queue; of one that is not in it, the first of the queue comes after.

    Not the first that is left: the page after this one is made while this one is still to be decided.
    """
    if claim not in queue:
        return None, next(iter(queue), None)
    at = queue.index(claim)
    return (queue[at - 1] if at else None), (queue[at + 1] if at + 1 < len(queue) else None)


def _chosen_place(claim: Claim, wanted: str) -> int:
    number = read_count(wanted) or 0
    return number if number < len(claim.evidence) else 0


def _spots(claim: Claim, place: int, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": str(i + 1), "here": i == place, "query": write_query({**chosen, "at": str(i)})[1:]}
        for i in range(min(len(claim.evidence), 20))
    ]


def _mark_printed(quote: str, printed: str) -> Sequence[Piece]:
    at = quote.find(printed) if printed else -1
    return cut(quote, 0, len(quote), [(at, at + len(printed))] if at >= 0 else [])


def _tell_link(link: Link) -> dict[str, Any]:
    counts = ", ".join(say_number(f.value) for f in link.counts[:3])
    hours = ", ".join(say_number(f.value) for f in link.chip_hours[:3])
    said = "; ".join(filter(None, (counts and f"{counts} chips", hours and f"{hours} chip-hours")))
    return {"model": link.model, "chip": link.chip, "role": link.role, "said": said, "supporting": link.supporting}


def _may_settle(request: Request) -> bool:
    return request.query_params.get("settle") == "yes"
