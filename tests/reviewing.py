"""What the tests of the review pages share: a base with documents in an archive, the application over it, a caller."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
from starlette.types import ASGIApp

import registry
from corpus.archive import Archive
from corpus.document import Document
from corpus.media import sniff
from evidence.finding import Finding
from evidence.store import Store
from evidence.versions import current_versions
from flows.reading import read_document
from outputs.review.application import create
from outputs.review.rendering import fulfil
from outputs.review.security import Doors, open_doors

KNOWN = registry.load()
START = datetime(2026, 1, 1, tzinfo=UTC)


class Caller:
    """Asks an application as a browser or another program would, without a socket."""

    def __init__(self, application: ASGIApp, address: str = "http://127.0.0.1:8571") -> None:
        self._application = application
        self._address = address
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **rest: object) -> httpx.Response:
        """One request; cookies that are set are kept."""

        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self._application, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self._address, cookies=self.cookies) as client:
                answer = await client.request(method, path, **rest)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return answer

        return asyncio.run(run())

    def get(self, path: str, **rest: object) -> httpx.Response:
        """Look at a page."""
        return self.ask("GET", path, **rest)

    def post(self, path: str, **rest: object) -> httpx.Response:
        """Send a body."""
        return self.ask("POST", path, **rest)


@dataclass(slots=True)
class Review:
    """An application over a base, as a reviewer meets it."""

    store: Store
    doors: Doors
    caller: Caller
    now: datetime = START

    def page(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.caller.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, aside: bool = True, **fields: str | list[str]) -> httpx.Response:
        """Send a form of ours, as our script does or as a browser without it."""
        body = urlencode({"csrf": self.doors.mark, **fields}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        return self.caller.post(path, content=body, headers={**kind, **({"X-Aside": "1"} if aside else {})})

    def queue(self, query: str = "") -> list[str]:
        """The ids of the claims that the queue shows."""
        return re.findall(r'class="row" href="/claim/([\w-]+)', self.page(f"/queue{query}"))

    def digest(self, claim: str) -> str:
        """What the form of a claim says of the reading that it shows."""
        found = re.search(r'name="digest" value="([\w-]+)"', self.page(f"/claim/{claim}"))
        assert found is not None
        return found[1]


def read_files(files: Mapping[str, bytes], archive: Path, **described: str) -> list[Finding]:
    """The findings of some documents, kept in an archive."""
    kept = Archive(archive)
    findings = []
    for name, data in files.items():
        document = Document(
            sha256=kept.keep(data),
            media_type=sniff(data, name),
            name=name,
            address=f"file:{name}",
            size=len(data),
            **described,
        )
        findings.append(read_document(f"/reports/{name}", document, data)[0])
    return findings


def open_review(folder: Path, files: Mapping[str, bytes], reviewer: str = "ada", **described: str) -> Review:
    """The review of a new base that holds some documents; its clock goes a second ahead at each look."""
    store = Store(f"sqlite:///{folder / 'base.sqlite'}")
    run = store.begin_run(current_versions(), START)
    for finding in read_files(files, folder / "archive", **described):
        store.record(run, finding)
    store.derive_links()
    return review_base(store, folder / "archive", reviewer)


def review_base(store: Store, archive: Path, reviewer: str = "ada") -> Review:
    """The review of a base."""
    doors = open_doors("127.0.0.1", 8571)
    review: Review

    def clock() -> datetime:
        review.now += timedelta(seconds=1)
        return review.now

    application = create(store, archive, KNOWN, doors=doors, bench=fulfil, clock=clock, reviewer=reviewer)
    review = Review(store, doors, Caller(application))
    return review
