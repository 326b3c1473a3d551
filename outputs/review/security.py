"""Who may ask the review server for what: host, origin, token, size of a request, and the headers of every answer."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64_000
LONGEST_QUERY = 2_000
COOKIE = "chiptrail-token"
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("img", "style", "script", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD"})
_OPEN = frozenset({"/login", "/static/report.css", "/static/review.css", "/static/review.js"})
"""What may be had without a token: the page that asks for it, and how that page looks."""


@dataclass(frozen=True, slots=True)
class Doors:
    """How the server is reached: the `Host` headers that are its own, and the token, or None where none is asked for.

    `mark` is the CSRF token: forms carry it, and no other site can read it out of our pages.
    """

    hosts: frozenset[str]
    token: str | None = None
    mark: str = field(default_factory=lambda: secrets.token_hex(16))


def open_doors(address: str, port: int, names: Iterable[str] = (), *, ask: bool = False) -> Doors:
    """The doors of a server bound to an address: a token is asked for where others can reach it, or when `ask` says so.

    `names` are what else browsers call the server («review.example.org»), with a port of their own if they have one.
    """
    loopback = is_loopback(address)
    own = ("127.0.0.1", "localhost", "[::1]") if loopback else (f"[{address}]" if ":" in address else address,)
    hosts = {f"{name}:{port}" for name in own}
    for name in (*own, *names):
        hosts.add(name if ":" in name.rpartition("]")[2] else f"{name}:{port}")
        if port == 80:
            hosts.add(name)
    token = secrets.token_urlsafe(32) if ask or not loopback else None
    return Doors(frozenset(host.casefold() for host in hosts), token)


def is_loopback(address: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


class Guard:
    """Stands before the application, and lets nothing in that is not our own page's or the address bar's request."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse: 421 for another host, 403 for another origin, 401 without the token, 413 and 414 for too
        much.
        """
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._refuse(scope)
            body = b""
            if refusal is None and scope["method"] not in _SAFE:
                read = await _read(receive)
                body, refusal = (b"", _too_much()) if read is None else (read, None)
            await (refusal or self._app)(scope, _replay(body), _dress(send))

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].casefold() not in self._doors.hosts:
            return PlainTextResponse("This server does not go by that name.", 421)
        if len(scope["query_string"]) > LONGEST_QUERY:
            return PlainTextResponse("The address is too long.", 414)
        if scope["method"] not in _SAFE and not _is_ours(headers, hosts[0]):
            return PlainTextResponse("The request comes from another site.", 403)
        size = headers.get("content-length", "0")
        if not (size.isascii() and size.isdecimal()) or len(size) > 9 or int(size) > LARGEST_BODY:
            return _too_much()
        if self._doors.token and scope["path"] not in _OPEN and not self.is_known(headers):
            if scope["method"] in _SAFE and "text/html" in headers.get("accept", ""):
                return RedirectResponse("/login", 303)
            return PlainTextResponse("Log in first.", 401)
        return None

    def is_known(self, headers: Headers) -> bool:
        """Whether a request carries the token."""
        try:
            given = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return given is not None and same(given.value, self._doors.token or "")


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is; an empty one never is."""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _is_ours(headers: Headers, host: str) -> bool:
    """Whether a browser says that our own page asks. What says nothing of it is no browser, and must know the mark."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    return origin is None or origin.casefold() in (f"http://{host}".casefold(), f"https://{host}".casefold())


def _too_much() -> Response:
    return PlainTextResponse("The request is too large.", 413)


async def _read(receive: Receive) -> bytes | None:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive


def _dress(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return dressed
