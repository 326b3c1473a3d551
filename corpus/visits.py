"""What each address held when it was last asked, so that it is asked again only for what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.archive import Archive, ArchiveError, digest
from corpus.exchange import Exchange, Validators
from corpus.fetching import Fetcher, FetchError
from corpus.warc import write_warc


class Visit(BaseModel):
    """The version that an address holds, as far as is known.

    `retrieved` is when these bytes were first got from there, `previous` the digest of the version before, `final` the
    address after redirects, `warc` the archive's file with the exchange, from the archive's folder on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    final: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    retrieved: datetime
    previous: str | None = None
    etag: str = ""
    last_modified: str = ""
    warc: str = ""


class State(StrEnum):
    """What asking an address again brought."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class News:
    """What an address holds now, and what it held before: `last` is None where it was not known."""

    visit: Visit
    data: bytes
    last: Visit | None = None
    exchanges: tuple[Exchange, ...] = ()

    @property
    def state(self) -> State:
        """Whether these bytes are new."""
        if self.last is None:
            return State.NEW
        return State.UNCHANGED if self.last.sha256 == self.visit.sha256 else State.CHANGED


class Visits:
    """A file for each address, beside the archive's documents. `offline`, no server is asked: an address holds what it
    held at the last visit.
    """

    def __init__(self, archive: Archive, *, offline: bool = False) -> None:
        self.archive = archive
        self.offline = offline

    def find(self, address: str) -> Visit | None:
        """The last visit to an address; None for none, and where its file or its document is gone or damaged.

        An address without a usable visit is fetched again, which loses nothing.
        """
        known = self._recall(address)
        return known[0] if known else None

    def _recall(self, address: str) -> tuple[Visit, bytes] | None:
        try:
            visit = Visit.model_validate_json(self._path(address).read_bytes())
            data = self.archive.read(visit.sha256)
        except (OSError, ValidationError, ArchiveError):
            return None
        return (visit, data) if visit.address == address else None

    def ask(self, address: str, fetcher: Fetcher) -> News:
        """What an address holds now; nothing is kept of it yet. Raises `FetchError`."""
        last, known = self._recall(address) or (None, b"")
        if self.offline:
            if last is None:
                raise FetchError("the archive does not hold it, and no server is asked (--offline)")
            return News(last, known, last)
        answer = fetcher.get(address, Validators(last.etag, last.last_modified) if last else None)
        if answer.data is None and last is not None:
            return News(last, known, last)
        data = answer.data or b""
        told = {"etag": answer.validators.etag, "last_modified": answer.validators.last_modified}
        sha256 = digest(data)
        if last and last.sha256 == sha256:
            return News(last.model_copy(update={**told, "final": answer.address}), data, last)
        now = fetcher.clock()
        visit = Visit(
            address=address,
            final=answer.address,
            sha256=sha256,
            retrieved=now,
            previous=last.sha256 if last else None,
            warc=f"warc/{now:%Y/%m/%Y%m%dT%H%M%S}-{_name(address)[:12]}-{sha256[:12]}.warc.gz",
            **told,
        )
        return News(visit, data, last, answer.exchanges)

    def keep(self, news: News, agent: str) -> None:
        """Keep a version in the archive, with the exchange that brought it. Raises `ArchiveError`.

        The document comes first, then its WARC file, then the visit: wherever that is interrupted, the next run asks
        again.
        """
        if news.exchanges:
            self.archive.keep(news.data)
            self.archive.write(self.archive.root / news.visit.warc, write_warc(news.exchanges, agent))
        if news.visit != news.last:
            self.archive.write(self._path(news.visit.address), news.visit.model_dump_json(indent=1).encode() + b"\n")

    def _path(self, address: str) -> Path:
        name = _name(address)
        return self.archive.root / "visits" / name[:2] / f"{name}.json"


def _name(address: str) -> str:
    return digest(address.encode("utf-8", "replace"))
