"""What passes between a server and us: requests, answers, and what tells one version of a document from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of the version it sent, to ask it later whether there is a newer one."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The conditions of a request."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they went over the wire: `body` is not yet decompressed.

    `whole` is false where the body was not read, as that of a redirect.
    """

    address: str
    when: datetime
    reached: str
    asked: tuple[tuple[str, str], ...]
    protocol: str
    status: int
    phrase: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered: the decoded bytes (None where they are those of the validators), the address they came
    from after redirects, and all exchanges that led there.
    """

    data: bytes | None
    address: str
    validators: Validators = field(default_factory=Validators)
    exchanges: tuple[Exchange, ...] = ()
