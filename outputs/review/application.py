"""The web application of the review: its pages, its actions, and what stands before them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from evidence.decision_log import DecisionLog
from evidence.queueing import is_filled, refresh_queue
from evidence.review_queue import ReviewQueue
from evidence.review_rules import load_review_rules
from evidence.shown import UnknownClaimError
from evidence.store import Store, StoreError
from outputs.review import actions, pages, subjects
from outputs.review.choices import Choices
from outputs.review.claim_page import show_claim
from outputs.review.desk import Desk, Words, make_environment
from outputs.review.rendering import Bench, Library
from outputs.review.security import Doors, Guard
from registry import Registry
from registry.lookup import select_chips

_STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parents[1] / "templates"
_FILES = {
    "report.css": (_TEMPLATES / "report.css", "text/css"),
    "review.css": (_STATIC / "review.css", "text/css"),
    "review.js": (_STATIC / "review.js", "text/javascript"),
    "icon.svg": (_STATIC / "icon.svg", "image/svg+xml"),
}


class _Digest(Convertor[str]):
    regex = "[0-9a-f]{64}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _PageNumber(Convertor[int]):
    regex = "[0-9]{1,6}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


def create(
    store: Store,
    archive: Path,
    registry: Registry,
    *,
    doors: Doors,
    bench: Bench,
    clock: Callable[[], datetime],
    reviewer: str = "",
) -> Starlette:
    """The application over a base and its archive.

    `doors` say how it is reached, `bench` draws and reads documents, `reviewer` is who decides as long as the browser
    names nobody. Raises `StoreError`.
    """
    if not is_filled(store):
        refresh_queue(store, registry)
    queue = ReviewQueue(store)
    desk = Desk(
        store=store,
        log=DecisionLog(store),
        queue=queue,
        choices=Choices(queue),
        rules=load_review_rules(),
        library=Library(archive, bench),
        registry=registry,
        doors=doors,
        clock=clock,
        reviewer=reviewer,
        words=Words(tuple(sorted(chip.name for chip in select_chips(registry)))),
        environment=make_environment(),
    )
    register_url_convertor("digest", _Digest())
    register_url_convertor("number", _PageNumber())
    shown: dict[str, Callable[[Desk, Request], Response]] = {
        "/": pages.show_start,
        "/queue": pages.show_queue,
        "/claim/{claim}": show_claim,
        "/document/{sha256:digest}": pages.show_document,
        "/document/{sha256:digest}/{page:number}.png": pages.show_picture,
        "/document/{sha256:digest}/{page:number}": pages.show_page,
        "/model/{id:path}": subjects.show_model,
        "/chip/{id:path}": subjects.show_chip,
        "/search": pages.show_search,
        "/history": pages.show_history,
        "/agreement": pages.show_agreement,
    }
    done: dict[str, actions.Act] = {
        "/claim/{claim}/decide": actions.decide,
        "/claim/{claim}/correct": actions.correct,
        "/claim/{claim}/alike": actions.decide_alike,
        "/decision/{decision}/reason": actions.give_reason,
        "/document/{sha256:digest}/missing": actions.add_missing,
        "/undo": actions.undo,
        "/reviewer": actions.name_reviewer,
    }
    routes = [
        *(Route(path, _show(desk, page), methods=["GET"]) for path, page in shown.items()),
        *(Route(path, actions.receive(desk, act), methods=["POST"]) for path, act in done.items()),
        Route("/login", _show(desk, pages.show_login), methods=["GET"]),
        Route("/login", actions.receive(desk, actions.log_in, marked=False), methods=["POST"]),
        *(Route(f"/static/{name}", _serve(*file), methods=["GET"]) for name, file in _FILES.items()),
    ]

    async def refuse(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        words = fault.detail if isinstance(fault, HTTPException) else "chiptrail failed on this; its log says where."
        if "x-aside" in request.headers or "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(words, status)
        return desk.show_bare("refusal.html", status, said=words)

    handlers: dict[Any, Any] = {HTTPException: refuse, 500: refuse}
    return Starlette(routes=routes, middleware=[Middleware(Guard, doors=doors)], exception_handlers=handlers)


def _show(desk: Desk, page: Callable[[Desk, Request], Response]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return page(desk, request)
        except UnknownClaimError as fault:
            raise HTTPException(404, "No claim of the base has this id; it may be made no longer.") from fault
        except StoreError as fault:
            raise HTTPException(503, str(fault)) from fault

    return endpoint


def _serve(path: Path, kind: str) -> Callable[[Request], Response]:
    data = path.read_bytes()

    def endpoint(request: Request) -> Response:
        return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})

    return endpoint
