"""Files, folders and addresses become documents, or one plain sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from rude_server import Site, answer, moved, serve

from corpus.document import MediaType
from corpus.fetching import Limits, Manners
from corpus.intake import Input, Refused, Taken, list_inputs, list_sources, take_all
from corpus.source import Source, SourceKind

NOW = datetime(2026, 2, 3, tzinfo=UTC)
MANNERS = Manners(allowed=(ip_network("127.0.0.1/32"),), pause=0, tries=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        site.pages |= {
            "/card.md": answer(200, b"# Larch-7B\n\nTrained on H800.\n"),
            "/report.pdf": answer(200, b"<!doctype html><html><body>Please log in.</body></html>"),
            "/paper.pdf": answer(200, b"busy, come back"),
            "/long": answer(200, b"x" * 5000),
            "/moved": moved("/card.md"),
        }
        yield site


def take(*names: object, size: int = 1000, as_of: datetime | None = None) -> list[Taken | Refused]:
    inputs, _ = list_inputs(map(str, names))
    return list(take_all(inputs, Limits(size=size), lambda: NOW, as_of=as_of, manners=MANNERS))


def reason(*names: object) -> str:
    (refused,) = take(*names)
    assert isinstance(refused, Refused)
    return refused.reason


def test_a_folder_stands_for_its_documents_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a.md", "sub/c.txt", ".hidden.md", ".git/d.md", "build.py", "figure.png", "2412.19437v1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    inputs, passed_over = list_inputs([str(tmp_path)])
    assert [i.name for i in inputs] == ["2412.19437v1", "a.md", "b.md", "c.txt"]
    assert passed_over == 2


def test_a_file_that_is_named_itself_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("words")
    assert [i.name for i in list_inputs([str(tmp_path / "notes.json")])[0]] == ["notes.json"]


def test_a_document_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("words")
    assert len(list_inputs([str(tmp_path), str(tmp_path / "a.md")])[0]) == 1


def test_files_of_one_name_in_two_places_are_two_documents(tmp_path: Path) -> None:
    for folder in ("x/same", "y/same"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.md").write_text(folder)
    taken = take(tmp_path / "x/same", tmp_path / "y/same")
    assert [t.document.address for t in taken if isinstance(t, Taken)] == ["file:same/a.md"] * 2


def test_the_address_of_a_file_says_nothing_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.md").write_text("# A\n\n**words**")
    for name in (tmp_path / "reports", tmp_path / "reports" / "a.md"):
        (taken,) = take(name)
        assert isinstance(taken, Taken)
        assert taken.document.address == "file:reports/a.md"
        assert taken.document.media_type is MediaType.MARKDOWN


def test_a_file_has_no_date_but_the_one_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("words")
    for as_of in (None, NOW):
        (taken,) = take(tmp_path / "a.md", as_of=as_of)
        assert isinstance(taken, Taken)
        assert taken.document.retrieved == as_of


def test_an_address_is_fetched_and_dated(site: Site) -> None:
    (taken,) = take(site["/card.md"])
    assert isinstance(taken, Taken)
    assert (taken.document.name, taken.document.retrieved) == ("card.md", NOW)
    assert taken.document.work == f"{site.address.replace('http:', 'https:')}/card.md"


def test_the_work_is_that_of_the_address_a_redirect_leads_to(site: Site) -> None:
    (taken,) = take(site["/moved"])
    assert isinstance(taken, Taken)
    assert taken.document.address == site["/moved"]
    assert taken.document.work == f"{site.address.replace('http:', 'https:')}/card.md"


def test_a_source_gives_its_document_title_developer_and_licence(site: Site) -> None:
    source = Source.model_construct(
        id="larch-card",
        title="Larch",
        developer="Larch AI",
        licence="MIT",
        address=site["/card.md"],
        kind=SourceKind.PAGE,
        group="world",
    )
    (taken,) = take_all(list_sources([source]), Limits(), lambda: NOW, manners=MANNERS)
    assert isinstance(taken, Taken)
    known = taken.document
    assert (known.source, known.title, known.developer, known.licence) == ("larch-card", "Larch", "Larch AI", "MIT")


def test_what_cannot_be_had_over_the_network_is_said_in_a_sentence(site: Site) -> None:
    assert reason(site["/nothing"]) == "the server answered 404 Not Found"
    assert "larger than the limit" in reason(site["/long"])
    assert "a web page instead of the PDF" in reason(site["/report.pdf"])
    assert "something else instead of the PDF" in reason(site["/paper.pdf"])
    assert reason("http://127.0.0.1:9/") == "the server cannot be reached"
    for malformed in ("http://", "http://[::1", "http:card.md"):
        assert "no http or https address" in reason(malformed)


def test_what_cannot_be_had_from_the_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text(" \n")
    (tmp_path / "large.md").write_bytes(b"x" * 1001)
    assert reason(tmp_path / "empty.md") == "it is empty"
    assert "over the limit of" in reason(tmp_path / "large.md")
    assert reason(tmp_path / "missing.md") == "there is no such file"
    assert reason("/dev/null") == "it is not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "closed.md").touch(mode=0)
    (tmp_path / "open.md").write_text("words")
    refused = [t.reason for t in take(tmp_path) if isinstance(t, Refused)]
    assert refused == ["the folder cannot be listed: Permission denied", "no permission to read it"]


def test_a_refused_listing_is_a_refused_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(folder: Path, onerror: object) -> Iterator[tuple[str, list[str], list[str]]]:
        assert callable(onerror)
        onerror(PermissionError(13, "Permission denied", str(folder)))
        yield from ()

    monkeypatch.setattr(os, "walk", refuse)
    (entry,) = list_inputs([str(tmp_path)])[0]
    assert isinstance(entry, Refused)
    assert entry.reason == "the folder cannot be listed: Permission denied"


def test_the_place_of_an_input_is_its_whole_path() -> None:
    assert Input("file:a/b.md", "b.md", Path("b.md")).place == str(Path("b.md").resolve())
