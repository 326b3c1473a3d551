"""Getting one document over HTTP: politely, bounded in time, size and redirects, from public addresses alone, with one
plain sentence for whatever goes wrong.
"""

from __future__ import annotations

import random
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError

from corpus.addresses import AddressError, Guard, Network, Resolver
from corpus.connections import Wire, WireSession
from corpus.exchange import Exchange, Fetched, Validators
from corpus.politeness import AGENT, ROBOTS_SIZE, Gates, Robots, is_open_interface, origin_of, read_retry_after
from corpus.unfolding import UnfoldError, unfold

CONNECT_SECONDS = 10
READ_SECONDS = 30
REDIRECTS = 5
LONGEST_WAIT = 120.0
"""Seconds of a `Retry-After` that are waited for; a host that asks for more is left alone for the rest of the run."""
ROBOTS_SECONDS = 30.0

_CHUNK = 1 << 16
_WEARY = 600.0
_LONGEST_VALIDATOR = 1000
_FOUND = (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION)
_MOVED = (301, 302, 303, 307, 308)
_PASSING = (429, 500, 502, 503, 504)
_HEADERS = {
    "Accept": "application/pdf, text/html, text/markdown, text/plain, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}


class FetchError(RuntimeError):
    """A document could not be got; the message says why, without the address.

    `status` is that of the answer, where there was one. `passes` says that trying again may help, `wait` after how many
    seconds, where the server says so.
    """

    def __init__(
        self, reason: str, *, status: int | None = None, passes: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.passes = passes
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may cost: `size` in bytes as decoded, `seconds` of being connected, redirects and further
    tries included.
    """

    size: int = 64_000_000
    seconds: float = 300


@dataclass(frozen=True, slots=True)
class Manners:
    """How servers are asked.

    `contact` is an address or page where an operator finds who asks; `pause` the seconds between two requests to a
    host; `tries` how often a fault that passes is met; `allowed` are networks that are not public and may be read all
    the same. How names are resolved and time passes is given, so that it can be another in tests.
    """

    contact: str = ""
    pause: float = 1.0
    tries: int = 4
    allowed: tuple[Network, ...] = ()
    resolve: Resolver = socket.getaddrinfo
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    @property
    def agent(self) -> str:
        """What is said in `User-Agent`: product, version, purpose and contact."""
        try:
            release = version("chiptrail")
        except PackageNotFoundError:
            release = "0"
        purpose = "reads public reports on AI models"
        return f"{AGENT}/{release} ({purpose}; {self.contact})" if self.contact else f"{AGENT}/{release} ({purpose})"


class Fetcher:
    """Gets documents one after the other, and knows across them which host wants what."""

    def __init__(self, limits: Limits, manners: Manners, clock: Callable[[], datetime]) -> None:
        self.limits = limits
        self.manners = manners
        self.clock = clock
        self._guard = Guard(manners.allowed, manners.resolve)
        self._gates = Gates(manners.pause, manners.sleep, manners.monotonic)
        self._robots: dict[str, Robots | FetchError] = {}

    def get(self, address: str, known: Validators | None = None) -> Fetched:
        """Get one address, or learn that it still holds what is `known`.

        Raises `FetchError` for any answer but a whole document within the limits.
        """
        return self._insist(address, self.limits, known or Validators(), obey=True)

    def _insist(self, address: str, limits: Limits, known: Validators, *, obey: bool) -> Fetched:
        """Try again after faults that pass, later each time or when the server says."""
        wire = Wire(self._guard, limits.seconds)
        tried = 0
        while True:
            tried += 1
            try:
                return self._follow(address, limits, known, wire, obey=obey)
            except FetchError as fault:
                wait = 2.0 ** (tried - 1) * random.uniform(1, 1.5) if fault.wait is None else fault.wait
                if not fault.passes:
                    raise
                if wait > LONGEST_WAIT:
                    self._gates.close(_split(address).hostname or "", wait)
                    reason = f"{fault} and asks to come back in {wait:,.0f} seconds"
                    raise FetchError(reason, status=fault.status) from fault
                if tried >= self.manners.tries:
                    if fault.status == HTTPStatus.TOO_MANY_REQUESTS:
                        self._gates.close(_split(address).hostname or "", _WEARY)
                    raise
            self.manners.sleep(wait)

    def _follow(self, address: str, limits: Limits, known: Validators, wire: Wire, *, obey: bool) -> Fetched:
        gone: list[Exchange] = []
        while len(gone) <= REDIRECTS:
            parts = _split(address)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise FetchError(f"it cannot be fetched: {_plain(address)} is no http or https address")
            if parts.username is not None or parts.password is not None:
                raise FetchError("its address carries a user name, which would be told to the server")
            if obey:
                self._obey_robots(address)
            exchange = self._ask(address, limits, known, wire)
            gone.append(exchange)
            headers = {name.lower(): value for name, value in exchange.headers}
            if exchange.status not in _MOVED or not headers.get("location"):
                return self._accept(exchange, headers, limits, known, tuple(gone))
            address = _join(address, headers["location"])
            if parts.scheme == "https" and address.startswith("http:"):
                raise FetchError("it redirects from https to http, where anybody on the way could change it")
        raise FetchError(f"it redirects more than {REDIRECTS} times")

    def _accept(
        self,
        exchange: Exchange,
        headers: dict[str, str],
        limits: Limits,
        known: Validators,
        gone: tuple[Exchange, ...],
    ) -> Fetched:
        if exchange.status == HTTPStatus.NOT_MODIFIED and known.headers():
            return Fetched(None, exchange.address, known, gone)
        if exchange.status not in _FOUND:
            raise FetchError(
                f"the server answered {exchange.status} {exchange.phrase}".rstrip(),
                status=exchange.status,
                passes=exchange.status in _PASSING,
                wait=read_retry_after(headers.get("retry-after"), self.clock()),
            )
        encoding = headers.get("content-encoding", "").strip().lower()
        data = exchange.body
        if encoding in ("gzip", "x-gzip", "deflate"):
            try:
                data = unfold(data, limits.size)
            except UnfoldError as fault:
                raise FetchError(str(fault)) from fault
        elif encoding not in ("", "identity"):
            raise FetchError(f"the server sent it encoded as {_plain(encoding)}, which was not asked for")
        validators = Validators(_validator(headers, "etag"), _validator(headers, "last-modified"))
        return Fetched(data, exchange.address, validators, gone)

    def _ask(self, address: str, limits: Limits, known: Validators, wire: Wire) -> Exchange:
        """One request and its answer, with the body where it is that of a document."""
        host = urlsplit(address).hostname or ""
        if seconds := self._gates.closed(host):
            raise FetchError(f"{host} asked to be left alone; try again in {seconds:,.0f} seconds")
        self._gates.enter(host)
        headers = _HEADERS | {"User-Agent": self.manners.agent} | known.headers()
        with wire, WireSession(wire, headers) as session:
            try:
                return self._exchange(session, address, limits, wire)
            except FetchError:
                raise
            except Exception as fault:
                if wire.over:
                    raise FetchError(f"it was not complete after {limits.seconds:g} seconds") from fault
                raise _explain(fault) from fault

    def _exchange(self, session: WireSession, address: str, limits: Limits, wire: Wire) -> Exchange:
        when = self.clock()
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        with session.get(address, stream=True, timeout=timeout) as answer:
            known = {status.value: status.phrase for status in HTTPStatus}
            exchange = Exchange(
                address=address,
                when=when,
                reached=wire.reached,
                asked=tuple((str(name), str(value)) for name, value in answer.request.headers.items()),
                protocol="HTTP/1.0" if answer.raw.version == 10 else "HTTP/1.1",
                status=answer.status_code,
                phrase=known.get(answer.status_code, ""),
                headers=tuple((str(name), str(value)) for name, value in answer.raw.headers.items()),
                whole=False,
            )
            if answer.status_code not in _FOUND:
                return exchange
            stated = answer.headers.get("Content-Length", "")
            if stated.isdecimal() and int(stated) > limits.size:
                raise _too_large(limits)
            body = bytearray()
            for chunk in answer.raw.stream(_CHUNK, decode_content=False):
                body += chunk
                if len(body) > limits.size:
                    raise _too_large(limits)
            if wire.over:
                raise TimeoutError
            return replace(exchange, body=bytes(body), whole=True)

    def _obey_robots(self, address: str) -> None:
        if is_open_interface(address):
            return
        origin = origin_of(address)
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(origin)
        robots = self._robots[origin]
        if isinstance(robots, FetchError):
            raise FetchError(str(robots), status=robots.status)
        if not robots.permit(address):
            raise FetchError(f"the robots.txt of {urlsplit(address).hostname} asks programs not to read it")

    def _read_robots(self, origin: str) -> Robots | FetchError:
        """What a host permits: everything where it has no robots.txt, nothing while that cannot be told (RFC 9309)."""
        limits = Limits(size=10 * ROBOTS_SIZE, seconds=min(ROBOTS_SECONDS, self.limits.seconds))
        try:
            robots = Robots(self._insist(f"{origin}/robots.txt", limits, Validators(), obey=False).data or b"")
        except FetchError as fault:
            if fault.status is None:
                return fault
            if 400 <= fault.status < 500 and fault.status != HTTPStatus.TOO_MANY_REQUESTS:
                return Robots(b"")
            reason = f"what its robots.txt permits cannot be told: {fault}"
            return FetchError(reason, status=fault.status)
        self._gates.slow_down(urlsplit(origin).hostname or "", robots.pause)
        return robots


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as fault:
        raise FetchError(f"it cannot be fetched: {_plain(address)} is no http or https address") from fault


def _join(address: str, location: str) -> str:
    """The address that a redirect leads to; what is malformed stays as it is, and is told in the next step."""
    try:
        return urljoin(address, location)
    except ValueError:
        return location


def _explain(fault: Exception) -> FetchError:
    """A fault of the libraries, in a sentence for people."""
    inner: object = fault.args[0] if fault.args else None
    inner = getattr(inner, "reason", inner)
    if isinstance(fault, AddressError):
        return FetchError(str(fault))
    if isinstance(inner, NameResolutionError):
        again = getattr(inner.__cause__, "errno", None) == socket.EAI_AGAIN
        return FetchError("its host name is not known", passes=again)
    if isinstance(fault, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(fault):
            return FetchError("the server's certificate is not accepted")
        return FetchError("no encrypted connection to the server can be made", passes=True)
    if isinstance(fault, (requests.Timeout, ReadTimeoutError, TimeoutError)):
        return FetchError("the server did not answer in time", passes=True)
    if isinstance(fault, requests.exceptions.ConnectionError):
        return FetchError("the server cannot be reached", passes=True)
    if isinstance(fault, (HTTPError, OSError)) and not isinstance(fault, requests.RequestException):
        return FetchError("the answer broke off", passes=True)
    if isinstance(fault, (requests.RequestException, UnicodeError, ValueError)):
        return FetchError(f"it cannot be fetched: {_plain(str(fault))}")
    raise fault


def _too_large(limits: Limits) -> FetchError:
    return FetchError(f"it is larger than the limit of {limits.size / 1e6:,.0f} MB (see --max-size)")


def _validator(headers: dict[str, str], name: str) -> str:
    value = headers.get(name, "")
    return value if len(value) <= _LONGEST_VALIDATOR else ""


def _plain(words: str) -> str:
    """Words of a server, fit for a terminal."""
    return re.sub(r"[^ -~]+", "?", words)[:100]
