"""How not to be a burden: pauses between requests to a host, what its robots.txt asks, when it says to come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from protego import Protego

AGENT = "chiptrail"
PAUSES = {"arxiv.org": 3.0}
"""Seconds between two requests to a host and those below it, where it asks for more than the pause of every host
(arXiv: one request in three seconds, https://info.arxiv.org/help/api/tou.html)."""
LONGEST_PAUSE = 60.0
ROBOTS_SIZE = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""
OPEN_INTERFACES = ("https://export.arxiv.org/api/query", "https://huggingface.co/api/models")
"""Addresses that are published for programs; robots.txt speaks of crawling pages."""


@dataclass(slots=True)
class Gates:
    """One gate a host: opens when its pause is over, and not at all while the host wants to be left alone."""

    pause: float
    sleep: Callable[[float], None]
    clock: Callable[[], float]
    _pauses: dict[str, float] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)
    _closed: dict[str, float] = field(default_factory=dict)

    def enter(self, host: str) -> None:
        """Wait until the host may be asked."""
        host, pause = self._of(host)
        now = self.clock()
        if (wait := self._next.get(host, now) - now) > 0:
            self.sleep(wait)
        self._next[host] = max(now, self._next.get(host, now)) + pause

    def slow_down(self, host: str, seconds: float) -> None:
        """Make the pause of a host longer, as far as a pause can sensibly be."""
        host, pause = self._of(host)
        self._pauses[host] = min(max(pause, seconds), LONGEST_PAUSE)

    def close(self, host: str, seconds: float) -> None:
        """Leave a host alone for some time."""
        self._closed[self._of(host)[0]] = self.clock() + seconds

    def closed(self, host: str) -> float:
        """Seconds for which a host wants to be left alone; 0 for none."""
        return max(0.0, self._closed.get(self._of(host)[0], 0.0) - self.clock())

    def _of(self, host: str) -> tuple[str, float]:
        for known, pause in PAUSES.items():
            if host == known or host.endswith(f".{known}"):
                return known, max(pause, self._pauses.get(known, self.pause))
        return host, self._pauses.get(host, self.pause)


class Robots:
    """What the robots.txt of a host lets us read (RFC 9309)."""

    def __init__(self, text: bytes) -> None:
        self._rules = Protego.parse(text[:ROBOTS_SIZE].decode("utf-8", "replace"))

    def permit(self, address: str) -> bool:
        """Whether an address may be read."""
        return self._rules.can_fetch(address, AGENT)

    @property
    def pause(self) -> float:
        """Seconds that it asks for between requests; 0 where it does not say."""
        rate = self._rules.request_rate(AGENT)
        return max(self._rules.crawl_delay(AGENT) or 0.0, rate.seconds / max(rate.requests, 1) if rate else 0.0)


def is_open_interface(address: str) -> bool:
    """Whether an address is published for programs."""
    return address.partition("?")[0] in OPEN_INTERFACES


def origin_of(address: str) -> str:
    """Scheme, host and port of an address: what a robots.txt speaks for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for, given as a number or as a date; None where it says nothing."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value.strip()[:9])
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
