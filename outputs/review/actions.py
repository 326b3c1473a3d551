"""What reviewers do: each a form that was filled in, a record in the log, and a word about it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evidence.decision_log import ClaimChangedError
from evidence.decisions import Action, Decision, DecisionError, state_claim
from evidence.shown import UnknownClaimError
from evidence.store import StoreError
from extractors.claim import Claim, Evidence
from extractors.text import Page
from outputs.review.claim_page import say_seen
from outputs.review.desk import NAME_COOKIE, Desk, clean_name, make_filters, read_filters, write_query
from outputs.review.forms import Form, FormError, read_changes, read_count, read_form, read_statement
from outputs.review.rendering import NoPageError
from outputs.review.security import COOKIE, same
from outputs.review.sentences import say_claim

Act = Callable[[Desk, Request, Form], Response]
_LONGEST_QUOTE = 4_000
_DONE = {
    Action.ACCEPT: "Accepted",
    Action.REJECT: "Rejected",
    Action.CORRECT: "Corrected",
    Action.SKIP: "Skipped",
    Action.ADD: "Added",
}


def receive(desk: Desk, act: Act, *, marked: bool = True) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form of ours, does what it asks and turns whatever is wrong with it into an answer.

    Every form carries the mark of the server but the one that asks for the token, since that is shown to anybody.
    """

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            raise HTTPException(415, "Send the form as browsers do.")
        return await run_in_threadpool(handle, request, body)

    def handle(request: Request, body: bytes) -> Response:
        try:
            form = read_form(body)
            if marked and not same(form.get("csrf"), desk.doors.mark):
                raise HTTPException(403, "The page is from before the server was started anew. Load it again.")
            return act(desk, request, form)
        except ClaimChangedError as fault:
            words = f"The claim has changed since it was shown. It says now: {say_claim(fault.now)} Open it again."
            raise HTTPException(409, words) from fault
        except UnknownClaimError as fault:
            raise HTTPException(404, _sentence(fault)) from fault
        except (FormError, DecisionError, NoPageError) as fault:
            raise HTTPException(400, _sentence(fault)) from fault
        except StoreError as fault:
            raise HTTPException(503, _sentence(fault)) from fault

    return endpoint


def decide(desk: Desk, request: Request, form: Form) -> Response:
    """Accept, reject or skip the claim in the address."""
    if form.get("action") not in (Action.ACCEPT, Action.REJECT, Action.SKIP):
        raise FormError("Accept, reject or skip it.")
    return _decide(desk, request, form, Action(form.get("action")), reason=form.get("reason") or None)


def correct(desk: Desk, request: Request, form: Form) -> Response:
    """Correct the claim in the address; a form that changes nothing is an error."""
    claim = desk.queue.view(request.path_params["claim"]).claim
    changes = read_changes(form, claim, desk.registry)
    if not changes:
        raise FormError("Nothing was changed; accept the claim instead.")
    return _decide(desk, request, form, Action.CORRECT, changes=changes)


def decide_alike(desk: Desk, request: Request, form: Form) -> Response:
    """Accept or reject the chosen ones of equal claims."""
    if form.get("action") not in (Action.ACCEPT, Action.REJECT):
        raise FormError("Accept or reject them.")
    claims = form.all("claim")
    if not claims:
        raise FormError("Choose at least one claim.")
    made = desk.log.decide_alike(claims, Action(form.get("action")), _name(desk, request), desk.clock())
    return _tell(desk, request, form, made[0], f"{_DONE[made[0].action]} {len(made)} equal claims.")


def give_reason(desk: Desk, request: Request, form: Form) -> Response:
    """Say why the decision in the address rejects: it is taken back and made again with the reason."""
    who = _name(desk, request)
    wanted = request.path_params["decision"]
    decision = next((d for d in desk.log.last(who) if d.id == wanted and d.action is Action.REJECT), None)
    if decision is None:
        raise FormError("Only your last rejections can be given a reason.")
    words = {reason.id: reason.words for reason in desk.rules.reasons}
    if form.get("reason") not in words:
        raise FormError("This is no reason of the list.")
    reason, note, final = form.get("reason"), decision.note, decision.final
    desk.log.undo(decision.id, who, desk.clock())
    made = desk.log.decide(decision.claim, Action.REJECT, who, desk.clock(), reason=reason, note=note, final=final)
    return _tell(desk, request, form, made, f"Rejected: {words[reason]}.", ask=False)


def undo(desk: Desk, request: Request, form: Form) -> Response:
    """Take back the decision that the form names, or else the reviewer's last one."""
    who = _name(desk, request)
    wanted = form.get("decision")
    last = desk.log.last(who, 1)
    if not wanted and not last:
        raise FormError("There is nothing to undo.")
    target = wanted or last[0].id
    record = desk.log.undo(target, who, desk.clock())
    undone = next((e.decision for e in desk.log.history(claim=record.claim) if e.decision.id == target), None)
    what = f"{undone.action} of “{say_seen(undone)}”" if undone and say_seen(undone) else "a decision that was undone"
    back = f"/claim/{quote(record.claim, safe='')}" if undone and undone.action is not Action.ADD else None
    if "x-aside" not in request.headers:
        return RedirectResponse(back or "/history", 303)
    return desk.show(request, "told.html", said=f"Undone: {what}", back=back, **_bare())


def add_missing(desk: Desk, request: Request, form: Form) -> Response:
    """Add a claim that the machine missed, on words of the document in the address."""
    document = desk.holding(request.path_params["sha256"]).document
    number = read_count(form.get("page")) or 0
    page = next((p for p in desk.library.text(document).pages if p.number == (number or None)), None)
    if page is None:
        raise FormError("The document has no such page.")
    start, end = _find_words(page, form)
    evidence = Evidence(
        document=document.name,
        sha256=document.sha256,
        page=page.number,
        quote=page.text[start:end],
        start=start,
        end=end,
        boxes=page.boxes(start, end),
    )
    work = document.work or f"sha256:{document.sha256}"
    stated = read_statement(form, desk.registry)
    claim: Claim = state_claim(work, evidence, stated.pop("kind"), stated.pop("subject"), **stated)
    desk.log.add(claim, work, _name(desk, request), desk.clock(), form.get("note"))
    if "x-aside" not in request.headers:
        return RedirectResponse(f"/document/{document.sha256}/{number}", 303)
    return desk.show(request, "told.html", said=f"Added: {say_claim(claim)}", back=None, **_bare())


def name_reviewer(desk: Desk, request: Request, form: Form) -> Response:
    """Keep the reviewer's name in the browser."""
    name = clean_name(form.get("name"))
    if not name:
        raise FormError("A name is needed; decisions record it.")
    answer = RedirectResponse("/queue", 303)
    answer.set_cookie(NAME_COOKIE, quote(name), max_age=365 * 86_400, httponly=True, samesite="strict")
    return answer


def log_in(desk: Desk, request: Request, form: Form) -> Response:
    """Let a browser in that knows the token."""
    if not same(form.get("token"), desk.doors.token or ""):
        return desk.show_bare("login.html", 403, fault="This is not the token.")
    answer = RedirectResponse("/queue", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, form.get("token"), httponly=True, samesite="strict", secure=secure)
    return answer


def _decide(desk: Desk, request: Request, form: Form, action: Action, **rest: Any) -> Response:
    made = desk.log.decide(
        request.path_params["claim"],
        action,
        _name(desk, request),
        desk.clock(),
        digest=form.get("digest"),
        note=form.get("note"),
        final=form.get("final") == "yes",
        **rest,
    )
    return _tell(desk, request, form, made, f"{_DONE[action]}: {say_seen(made)}")


def _tell(desk: Desk, request: Request, form: Form, made: Decision, said: str, *, ask: bool = True) -> Response:
    """A word about a decision for the page that sent it, or the next claim for a browser without our script."""
    if "x-aside" in request.headers:
        rejected = made.action is Action.REJECT and ask
        values = _bare() | {
            "sure": made.seen.confidence if made.seen and made.action is not Action.SKIP else None,
            "reasons": desk.rules.reasons if rejected else (),
            "decision": made.id,
            "link": (f"/claim/{quote(made.claim, safe='')}", "Show it again"),
        }
        return desk.show(request, "told.html", said=said, back=None, **values)
    chosen = read_filters(dict(parse_qsl(form.get("query").removeprefix("?"), max_num_fields=20)))
    following = desk.queue.next(desk.who(request), make_filters(chosen), after=made.claim, count=1)
    path = f"/claim/{quote(following[0], safe='')}" if following else "/queue"
    return RedirectResponse(path + write_query(chosen), 303)


def _bare() -> dict[str, Any]:
    return {"fault": False, "sure": None, "reasons": (), "decision": "", "link": None}


def _name(desk: Desk, request: Request) -> str:
    name = desk.who(request)
    if not name:
        raise FormError("Say who you are first: decisions record it.")
    return name


def _find_words(page: Page, form: Form) -> tuple[int, int]:
    """Where the chosen words stand: at the offsets that the page sent, else where they first stand."""
    words = form.get("quote")
    if not words or len(words) > _LONGEST_QUOTE:
        raise FormError("Choose the words that say it, at most a few sentences.")
    start, end = read_count(form.get("start")), read_count(form.get("end"))
    if start is not None and end is not None and start < end <= len(page.text) and end - start <= _LONGEST_QUOTE:
        inner = page.text[start:end]
        start += len(inner) - len(inner.lstrip())
        if inner.strip():
            return start, start + len(inner.strip())
    found = re.search(r"\s+".join(map(re.escape, words.split())), page.text)
    if found is None:
        raise FormError("These words do not stand on the page; select them in its text.")
    return found.span()


def _sentence(fault: Exception) -> str:
    words = str(fault)
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")
