"""What was fetched is kept with its exchange, asked for again only when it changed, and linked to what came before."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path

import pytest
from rude_server import CARD, Site, answer, chunked, in_turn, moved, serve, versioned
from warcio.archiveiterator import ArchiveIterator

from corpus.archive import Archive, ArchiveError, digest
from corpus.fetching import Limits, Manners
from corpus.intake import Refused, Taken, list_inputs, take_all
from corpus.visits import Visits

BEGAN = datetime(2026, 2, 3, 12, tzinfo=UTC)
MANNERS = Manners(contact="ops@example.org", allowed=(ip_network("127.0.0.1/32"),), pause=0, tries=1)
NEWER = CARD + b"\nIt took 9 days.\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def take(address: str, archive: Archive, day: int = 0) -> Taken | Refused:
    (taken,) = take_all(
        list_inputs([address])[0], Limits(), lambda: BEGAN + timedelta(days=day), manners=MANNERS, archive=archive
    )
    return taken


def took(address: str, archive: Archive, day: int = 0) -> Taken:
    taken = take(address, archive, day)
    assert isinstance(taken, Taken)
    return taken


def warcs(archive: Archive) -> list[Path]:
    return sorted((archive.root / "warc").rglob("*.warc.gz"))


@pytest.mark.parametrize(
    "page", [versioned(CARD, etag='"a"'), versioned(CARD, last_modified="Tue, 03 Feb 2026 10:00:00 GMT"), answer(200)]
)
def test_an_unchanged_document_is_the_same_document_with_its_first_date(
    site: Site, archive: Archive, page: object
) -> None:
    site.pages["/card.md"] = page  # type: ignore[assignment]
    first, second = (took(site["/card.md"], archive, day) for day in (0, 1))
    assert second == first
    assert first.document.retrieved == BEGAN
    assert len(warcs(archive)) == 1


def test_a_server_that_says_what_it_sent_is_not_asked_to_send_it_again(site: Site, archive: Archive) -> None:
    site.pages["/card.md"] = versioned(CARD, etag='"a"')
    for day in range(3):
        took(site["/card.md"], archive, day)
    assert [headers.get("if-none-match") for headers in site.visits("/card.md")] == [None, '"a"', '"a"']


def test_a_new_version_is_a_new_document_linked_to_the_old(site: Site, archive: Archive) -> None:
    site.pages["/card.md"] = in_turn(
        versioned(CARD, etag='"a"'), versioned(NEWER, etag='"b"'), versioned(CARD, etag='"c"')
    )
    old, new, back = (took(site["/card.md"], archive, day) for day in range(3))
    assert old.document.previous is None
    assert (new.document.previous, new.data) == (old.document.sha256, NEWER)
    assert new.document.retrieved == BEGAN + timedelta(days=1)
    assert back.document.previous == new.document.sha256
    assert old.document.work == new.document.work
    assert archive.read(old.document.sha256) == CARD
    assert len(warcs(archive)) == 3


def test_a_version_that_the_archive_lost_is_fetched_again(site: Site, archive: Archive) -> None:
    site.pages["/card.md"] = versioned(CARD, etag='"a"')
    kept = took(site["/card.md"], archive)
    archive.path(kept.document.sha256).write_bytes(b"torn")
    assert took(site["/card.md"], archive).data == CARD
    assert archive.read(kept.document.sha256) == CARD


@pytest.mark.parametrize("torn", [b"", b"{", b'{"address": "x"}', b"\xff\xfe"])
def test_a_damaged_record_of_a_visit_is_none(site: Site, archive: Archive, torn: bytes) -> None:
    site.pages["/card.md"] = versioned(CARD, etag='"a"')
    took(site["/card.md"], archive)
    (record,) = (archive.root / "visits").rglob("*.json")
    record.write_bytes(torn)
    assert took(site["/card.md"], archive).data == CARD
    assert Visits(archive).find(site["/card.md"]) is not None


def test_a_page_in_place_of_a_pdf_is_not_taken_for_a_version(site: Site, archive: Archive) -> None:
    pdf = b"%PDF-1.4\n%%EOF\n"
    login = answer(200, b"<!doctype html><html><body>Please log in.</body></html>")
    site.pages["/report.pdf"] = in_turn(answer(200, pdf), login, answer(200, pdf + b"\n"))
    first = took(site["/report.pdf"], archive)
    assert isinstance(take(site["/report.pdf"], archive), Refused)
    assert took(site["/report.pdf"], archive).document.previous == first.document.sha256


def test_a_failure_leaves_the_version_that_is_known(site: Site, archive: Archive) -> None:
    site.pages["/card.md"] = in_turn(versioned(CARD, etag='"a"'), answer(404, b""), versioned(CARD, etag='"a"'))
    kept = took(site["/card.md"], archive)
    assert isinstance(take(site["/card.md"], archive), Refused)
    assert took(site["/card.md"], archive) == kept


def test_what_went_over_the_wire_is_kept_as_a_web_archive_with_digests(site: Site, archive: Archive) -> None:
    site.pages |= {"/old": moved("/card.md"), "/card.md": chunked}
    took(site["/old"], archive)
    (path,) = warcs(archive)
    records = []
    for record in ArchiveIterator(BytesIO(path.read_bytes()), check_digests="raise"):
        records.append((record.rec_type, record.rec_headers, record.http_headers, record.content_stream().read()))
    assert [kind for kind, *_ in records] == ["warcinfo", "response", "request", "response", "request"]
    assert b"ops@example.org" in records[0][3]
    _, headers, http, body = records[3]
    assert (headers["WARC-Target-URI"], headers["WARC-IP-Address"]) == (site["/card.md"], "127.0.0.1")
    assert headers["WARC-Date"] == "2026-02-03T12:00:00Z"
    packed = b32encode(bytes.fromhex(digest(CARD))).decode()
    assert (body, headers["WARC-Payload-Digest"]) == (CARD, f"sha256:{packed}")
    assert (http.get_statuscode(), http["X-Archive-Orig-Transfer-Encoding"]) == ("200", "chunked")
    assert records[1][1]["WARC-Truncated"] == "unspecified"
    assert records[4][2].statusline.startswith("/card.md HTTP/1.1")
    assert records[4][2]["User-Agent"].endswith("ops@example.org)")


def test_an_archive_that_cannot_be_written_is_told(site: Site, archive: Archive) -> None:
    site.pages["/card.md"] = answer(200)
    archive.root.write_text("no folder")
    with pytest.raises(ArchiveError, match="cannot be written"):
        take(site["/card.md"], archive)
