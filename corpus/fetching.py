"""Getting one document over HTTP: bounded in time, size and redirects, with one plain sentence for whatever goes
wrong.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3 import Retry

CONNECT_SECONDS = 10
READ_SECONDS = 30
REDIRECTS = 5
TRIES = 3
PAUSES = {"arxiv.org": 3.0, "export.arxiv.org": 3.0}
"""Seconds between two requests to a host, where it asks for it (arXiv: its terms of use for tools)."""

_CHUNK = 1 << 16
_PASSING = (429, 502, 503, 504)


class FetchError(RuntimeError):
    """A document could not be got; the message says why, without the address."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered: the decoded bytes, and the address they came from after redirects."""

    data: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may cost: `size` in bytes as decoded, `seconds` for the whole of a download."""

    size: int = 64_000_000
    seconds: float = 300


class _Pausing(requests.adapters.HTTPAdapter):
    """Tries again after a fault that passes, and keeps the pause that a host asks for before each request."""

    def __init__(self) -> None:
        again = Retry(
            total=TRIES - 1,
            backoff_factor=0.5,
            status_forcelist=_PASSING,
            respect_retry_after_header=False,
            raise_on_status=False,
        )
        super().__init__(max_retries=again)
        self._last: dict[str, float] = {}

    def send(self, request: requests.PreparedRequest, *given: Any, **named: Any) -> requests.Response:
        host = urlsplit(str(request.url)).hostname or ""
        if pause := PAUSES.get(host):
            time.sleep(max(0.0, self._last.get(host, 0.0) + pause - time.monotonic()))
            self._last[host] = time.monotonic()
        return super().send(request, *given, **named)


def fetch(address: str, limits: Limits, session: requests.Session | None = None) -> Fetched:
    """Get one address. Raises `FetchError` for any answer but a whole document within the limits.

    The size is counted after decompression, so that a small answer cannot unfold into a huge one; the time is for the
    whole, so that an answer that drips for ever ends too.
    """
    if session is None:
        with open_session() as own:
            return fetch(address, limits, own)
    deadline = time.monotonic() + limits.seconds
    try:
        with session.get(address, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as answer:
            if answer.status_code != requests.codes.ok:
                raise FetchError(f"the server answered {answer.status_code} {answer.reason or ''}".rstrip())
            data = bytearray()
            for chunk in answer.iter_content(_CHUNK):
                data += chunk
                if len(data) > limits.size:
                    raise FetchError(f"it is larger than the limit of {limits.size / 1e6:,.0f} MB (see --max-size)")
                if time.monotonic() > deadline:
                    raise FetchError(f"it was not complete after {limits.seconds:.0f} seconds")
            return Fetched(bytes(data), answer.url)
    except requests.TooManyRedirects:
        raise FetchError(f"it redirects more than {REDIRECTS} times") from None
    except requests.exceptions.SSLError as fault:
        raise FetchError("the server's certificate is not accepted") from fault
    except requests.Timeout as fault:
        raise FetchError("the server did not answer in time") from fault
    except requests.ConnectionError as fault:
        raise FetchError("the server cannot be reached") from fault
    except (requests.RequestException, UnicodeError, ValueError) as fault:
        raise FetchError(f"it cannot be fetched: {fault}") from fault


def open_session() -> requests.Session:
    """A session that says honestly who asks and follows few redirects."""
    session = requests.Session()
    session.max_redirects = REDIRECTS
    polite = _Pausing()
    session.mount("https://", polite)
    session.mount("http://", polite)
    try:
        release = version("chiptrail")
    except PackageNotFoundError:
        release = "0"
    session.headers["User-Agent"] = f"chiptrail/{release} (reads public reports on AI models)"
    session.headers["Accept"] = "application/pdf, text/html, text/markdown, text/plain, */*;q=0.5"
    return session
