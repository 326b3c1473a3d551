"""A run touches only what is new, and gives what a run from scratch would give."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rude_server import Site, answer, in_turn, serve, versioned
from test_flow import CARD, NOON, SILENT, Silence, content, make_plan

from corpus.archive import Archive
from corpus.document import Document
from corpus.fetching import Manners
from evidence.carrying import Cause
from evidence.store import Store
from evidence.versions import Versions, current_versions
from extractors.reading import read as read_layer
from extractors.reading.packing import PackError, pack, unpack
from extractors.text import Outcome, Page, Reading, Text
from flows import forecast, reading, stages, texts
from flows.commands.single import take_single
from flows.conductor import PlainConductor
from flows.plan import Plan, Summary

SAMPLES = Path(__file__).parents[1] / "corpus" / "samples"
FEED = """<rss version="2.0"><channel>
<item><title>New</title><link>/new.md</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>
<item><title>Old</title><link>/old.md</link><pubDate>Mon, 03 Feb 2025 10:00:00 GMT</pubDate></item>
</channel></rss>"""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the documents that were read, in order."""
    names: list[str] = []
    genuine = reading.read_document

    def watch(place: str, document: Document, data: bytes, *rest: Any) -> object:
        names.append(document.name)
        return genuine(place, document, data, *rest)

    monkeypatch.setattr(reading, "read_document", watch)
    return names


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "falcon.md").write_text(CARD)
    (folder / "birch.md").write_text(SILENT)
    return folder


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    manners = Manners(allowed=(ip_network("127.0.0.1/32"),), pause=0, tries=1)
    monkeypatch.setattr(stages, "find_manners", lambda: manners)
    with serve() as site:
        yield site


def run(plan: Plan, day: int = 0) -> Summary:
    return stages.run(plan, PlainConductor(), Silence(), lambda: NOON + timedelta(days=day))


def change_versions(monkeypatch: pytest.MonkeyPatch, **change: str) -> None:
    changed = current_versions().model_copy(update=change)
    monkeypatch.setattr(stages, "current_versions", lambda: changed)
    monkeypatch.setattr(forecast, "current_versions", lambda: changed)
    monkeypatch.setattr(texts, "current_versions", lambda: changed)


def said(folder: Path) -> dict[str, bytes]:
    """The lines of a set, without what tells of its past: the versions before, and claims that are made no longer."""
    lines = {
        name: data for name, data in content(folder).items() if name.endswith(".jsonl") and "withdrawn" not in name
    }
    return lines | {"documents.jsonl": re.sub(rb'"previous":"\w+"', b'"previous":null', lines["documents.jsonl"])}


def foresee(plan: Plan) -> dict[str, str]:
    return {p.name: str(p.cause or p.reason) for p in forecast.foresee(plan, lambda: NOON)}


def test_a_second_run_reads_nothing_and_writes_nothing(tmp_path: Path, reports: Path, read: list[str]) -> None:
    first = run(make_plan(tmp_path))
    made = content(tmp_path / "set")
    when = (tmp_path / "set" / "claims.jsonl").stat().st_mtime_ns
    again = run(make_plan(tmp_path))
    assert sorted(read) == ["birch.md", "falcon.md"]
    assert (first.written, again.written) == (True, False)
    assert (tmp_path / "set" / "claims.jsonl").stat().st_mtime_ns == when
    assert content(tmp_path / "set") == made
    assert (again.lines, again.outcomes, again.failures) == (first.lines, first.outcomes, first.failures)
    assert again.causes == {Cause.UNCHANGED: 2}


def test_only_what_is_new_or_changed_is_read(tmp_path: Path, reports: Path, read: list[str]) -> None:
    run(make_plan(tmp_path))
    read.clear()
    (reports / "alder.md").write_text(CARD.replace("Falcon", "Alder"))
    (reports / "birch.md").write_text(SILENT + "It is green.\n")
    summary = run(make_plan(tmp_path))
    assert sorted(read) == ["alder.md", "birch.md"]
    assert summary.came == [("file:reports/alder.md", Cause.NEW), ("file:reports/birch.md", Cause.CHANGED)]
    run(make_plan(tmp_path, out="fresh", base="fresh"))
    assert said(tmp_path / "set") == said(tmp_path / "fresh")


def test_a_new_version_is_a_new_document_linked_to_the_old(tmp_path: Path, reports: Path, site: Site) -> None:
    site.pages["/card.md"] = in_turn(answer(200, b"# Larch-7B\n\nOne."), answer(200, b"# Larch-7B\n\nTwo."))
    plan = make_plan(tmp_path, str(reports), site["/card.md"])

    def versions() -> dict[str, tuple[str, str | None]]:
        lines = map(json.loads, (tmp_path / "set" / "documents.jsonl").read_text().splitlines())
        return {line["name"]: (line["sha256"], line["previous"]) for line in lines}

    run(plan)
    first = versions()
    assert {previous for _, previous in first.values()} == {None}
    (reports / "birch.md").write_text(SILENT + "It is green.\n")
    for _ in range(2):
        run(plan)
        now = versions()
        assert now["birch.md"][1] == first["birch.md"][0] != now["birch.md"][0]
        assert now["card.md"][1] == first["card.md"][0] != now["card.md"][0]
        assert now["falcon.md"] == first["falcon.md"]


def test_a_document_under_another_name_is_read_again_since_claims_cite_the_name(
    tmp_path: Path, reports: Path, read: list[str]
) -> None:
    run(make_plan(tmp_path))
    (reports / "falcon.md").rename(reports / "hawk.md")
    read.clear()
    assert run(make_plan(tmp_path)).causes == {Cause.DESCRIBED: 1, Cause.UNCHANGED: 1}
    assert read == ["hawk.md"]
    run(make_plan(tmp_path, out="fresh", base="fresh"))
    assert said(tmp_path / "set") == said(tmp_path / "fresh")


def test_a_document_whose_bytes_came_back_is_read_again(tmp_path: Path, reports: Path, read: list[str]) -> None:
    plan = make_plan(tmp_path)
    run(plan)
    first = said(tmp_path / "set")
    (reports / "falcon.md").write_text(CARD.replace("384", "512"))
    run(plan)
    (reports / "falcon.md").write_text(CARD)
    assert run(plan).causes[Cause.AGAIN] == 1
    assert said(tmp_path / "set") == first


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"rules": "other"}, Cause.RULES),
        ({"registry": "other"}, Cause.REGISTRY),
        ({"text": "other"}, Cause.TEXT),
        ({"package": "9"}, Cause.UNCHANGED),
    ],
)
def test_other_rules_read_everything_again_and_another_release_alone_nothing(
    tmp_path: Path,
    reports: Path,
    read: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    cause: Cause,
) -> None:
    run(make_plan(tmp_path))
    read.clear()
    change_versions(monkeypatch, **change)
    assert set(foresee(make_plan(tmp_path)).values()) == {cause}
    assert run(make_plan(tmp_path)).causes == {cause: 2}
    assert len(read) == (0 if cause is Cause.UNCHANGED else 2)
    manifest = json.loads((tmp_path / "set" / "datapackage.json").read_text())
    assert Versions.model_validate(manifest["chiptrail"]["versions"]) == stages.current_versions()


def test_a_failure_that_another_try_may_mend_is_tried_again(
    tmp_path: Path, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: Any) -> object:
        raise RecursionError("too deep")

    with monkeypatch.context() as broken:
        broken.setattr(reading, "read_document", stumble)
        assert run(make_plan(tmp_path)).exit_code == 3
    assert run(make_plan(tmp_path)).causes == {Cause.AGAIN: 2}


def test_a_damaged_document_is_not_tried_again(tmp_path: Path, reports: Path, read: list[str]) -> None:
    (reports / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    first = run(make_plan(tmp_path))
    again = run(make_plan(tmp_path))
    assert read.count("broken.pdf") == 1
    assert again.failures == first.failures
    assert again.exit_code == 1


def test_what_somebody_changed_in_a_set_is_mended_by_the_next_run(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    made = content(tmp_path / "set")
    with (tmp_path / "set" / "claims.jsonl").open("a") as file:
        file.write("{}\n")
    assert run(make_plan(tmp_path)).written
    assert content(tmp_path / "set") == made


def test_the_links_that_a_run_added_changed_and_withdrew_are_told(tmp_path: Path, reports: Path) -> None:
    def told(summary: Summary) -> tuple[list[str], ...]:
        links = summary.links
        return tuple([link.chip.id for link in some] for some in (links.added, links.changed, links.withdrawn))

    assert told(run(make_plan(tmp_path))) == (["nvidia-a100-40gb"], [], [])
    assert told(run(make_plan(tmp_path))) == ([], [], [])
    (reports / "falcon.md").write_text(CARD.replace("384", "512"))
    assert told(run(make_plan(tmp_path))) == ([], ["nvidia-a100-40gb"], [])
    (reports / "falcon.md").write_text(CARD.replace("A100 40GB", "H800"))
    assert told(run(make_plan(tmp_path))) == (["nvidia-h800"], [], ["nvidia-a100-40gb"])


def test_a_run_that_died_leaves_its_links_to_the_next(tmp_path: Path, reports: Path) -> None:
    class Dying(Silence):
        def enter(self, stage: str, total: int = 0) -> None:
            if stage == "assemble":
                raise KeyboardInterrupt

    plan = make_plan(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        stages.run(plan, PlainConductor(), Dying(), lambda: NOON)
    assert len(run(plan).links.added) == 1
    with Store(plan.base) as store:
        assert len(store.links()) == 1


def test_a_clock_that_goes_back_changes_nothing(tmp_path: Path, reports: Path, site: Site) -> None:
    site.pages["/card.md"] = answer(200, CARD.encode())
    plan = make_plan(tmp_path, str(reports), site["/card.md"])
    run(plan, day=3)
    first = content(tmp_path / "set")
    assert run(plan, day=-400).causes == {Cause.UNCHANGED: 3}
    assert content(tmp_path / "set") == first


def test_a_change_of_rules_is_applied_from_the_archive_without_asking_a_server(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/card.md"] = versioned(CARD.encode(), etag='"1"')
    plan = make_plan(tmp_path, site["/card.md"])
    run(plan)
    made = content(tmp_path / "set")
    asked = len(site.asked)
    change_versions(monkeypatch, rules="other")
    offline = plan.model_copy(update={"offline": True})
    assert run(offline, day=1).causes == {Cause.RULES: 1}
    assert len(site.asked) == asked
    for name in ("claims.jsonl", "documents.jsonl", "links.jsonl"):
        assert content(tmp_path / "set")[name] == made[name]


def test_other_rules_extract_from_the_text_that_is_kept_and_another_text_layer_reads_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(
        SAMPLES, tmp_path / "reports", ignore=lambda _, names: [n for n in names if not n.endswith("note.pdf")]
    )
    opened: list[str] = []
    monkeypatch.setattr(
        texts, "read", lambda data, document: opened.append(document.name) or read_layer(data, document)
    )
    run(make_plan(tmp_path))
    first = content(tmp_path / "set")
    assert len(opened) == 3
    change_versions(monkeypatch, rules="other")
    assert run(make_plan(tmp_path)).causes == {Cause.RULES: 3}
    assert len(opened) == 3
    assert content(tmp_path / "set")["claims.jsonl"] == first["claims.jsonl"]
    change_versions(monkeypatch, text="other")
    run(make_plan(tmp_path))
    assert len(opened) == 6
    assert [path.name for path in texts.find_outdated(Archive(tmp_path / "archive"))] != []


@pytest.mark.parametrize("name", ["deepseek-v3-note.pdf", "palm-news.html", "llama-3.1-card.md", "llama-1-notes.txt"])
def test_a_kept_text_is_the_text_that_was_read(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    reading = read_layer(data, take_single(str(SAMPLES / name), 64).document)
    again = unpack(pack(reading), Reading)
    assert again.text is not None
    assert reading.text is not None
    assert asdict(again, dict_factory=_without_arrays) == asdict(reading, dict_factory=_without_arrays)
    for page, same in zip(reading.text.pages, again.text.pages, strict=True):
        assert page.boxes(0, len(page.text)) == same.boxes(0, len(page.text))


def _without_arrays(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if name != "geometry"}


@example(damage=18, by=194)
@given(damage=st.integers(0, 400), by=st.integers(1, 255))
def test_a_damaged_text_is_not_taken_for_one(damage: int, by: int) -> None:
    reading = Reading(Outcome.READ, Text((Page(None, "Larch " * 40),)))
    packed = bytearray(pack(reading))
    packed[damage % len(packed)] ^= by
    try:
        again = unpack(bytes(packed), Reading)
    except PackError:
        return
    # A few bits of a compressed stream mean nothing: the level in its head, those that fill up its last byte.
    assert asdict(again, dict_factory=_without_arrays) == asdict(reading, dict_factory=_without_arrays)


def test_a_cut_text_is_not_taken_for_one() -> None:
    packed = pack(Reading(Outcome.READ, Text((Page(None, "Larch " * 40),))))
    for end in range(len(packed)):
        with pytest.raises(PackError):
            unpack(packed[:end], Reading)


def test_what_the_archive_does_not_hold_fails_offline_with_its_reason(tmp_path: Path, site: Site) -> None:
    plan = make_plan(tmp_path, site["/card.md"]).model_copy(update={"offline": True})
    ((_, _, reason),) = run(plan).failures
    assert "no server is asked" in reason
    assert site.asked == []


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*falcon*", ["falcon.md"]),
        ("FALCON.md", ["falcon.md"]),
        ("file:reports/*", ["birch.md", "falcon.md"]),
        ("x", []),
    ],
)
def test_a_run_can_be_limited_to_what_is_called_so(
    tmp_path: Path, reports: Path, read: list[str], pattern: str, names: list[str]
) -> None:
    run(make_plan(tmp_path).model_copy(update={"only": (pattern,)}))
    assert sorted(read) == names


def test_what_a_selection_leaves_out_is_not_asked_for(tmp_path: Path, site: Site) -> None:
    site.pages["/feed.xml"] = answer(200, FEED.encode())
    for name in ("new", "old"):
        site.pages[f"/{name}.md"] = answer(200, CARD.replace("Falcon", name.title()).encode())
    listed = tmp_path / "list.toml"
    entry = '[[source]]\nid = "feed"\ntitle = "F"\ndeveloper = "D"\ngroup = "own"\nkind = "feed"\naddress = "{}"\n'
    listed.write_text(entry.format("https://feed.example/feed.xml"))
    plan = make_plan(tmp_path).model_copy(update={"names": (), "sources": ("feed",), "since": date(2026, 1, 1)})
    with pytest.MonkeyPatch.context() as patch:
        (source,) = stages.load_sources(listed)
        local = source.model_copy(update={"address": site["/feed.xml"]})
        patch.setattr(stages, "load_sources", lambda _: (local,))
        summary = run(plan)
    assert [address for address, _ in summary.came] == [site["/new.md"]]
    assert site.visits("/old.md") == []


def test_files_count_from_their_last_change_and_pages_from_their_first_visit(
    tmp_path: Path, reports: Path, site: Site, read: list[str]
) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    os.utime(reports / "birch.md", (old, old))
    site.pages["/card.md"] = answer(200, CARD.replace("384", "96").encode())
    plan = make_plan(tmp_path, str(reports), site["/card.md"])
    run(plan.model_copy(update={"since": date(2025, 1, 1)}))
    assert sorted(read) == ["card.md", "falcon.md"]
    assert run(plan.model_copy(update={"names": (site["/card.md"],), "since": date(2026, 1, 3)}), day=9).causes == {}


def test_a_dry_run_says_what_would_be_read_and_leaves_everything_as_it_is(
    tmp_path: Path, reports: Path, site: Site
) -> None:
    site.pages["/card.md"] = answer(200, b"# Larch-7B\n\nLarch-7B was trained on 64 NVIDIA H800 GPUs.\n")
    plan = make_plan(tmp_path, str(reports), site["/card.md"], str(tmp_path / "gone.md"))
    new = {"birch.md": "new", "falcon.md": "new", "card.md": "new", "gone.md": "there is no such file"}
    assert foresee(plan) == new
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reports"]
    run(plan)
    (reports / "birch.md").write_text(SILENT + "More.\n")
    kept = content(tmp_path / "archive")
    assert foresee(plan) == new | {"birch.md": "changed", "falcon.md": "unchanged", "card.md": "unchanged"}
    assert content(tmp_path / "archive") == kept


def test_a_base_of_before_readings_were_kept_is_read_once_more(
    tmp_path: Path, reports: Path, read: list[str], in_base: Callable[[str], None]
) -> None:
    run(make_plan(tmp_path))
    in_base("DROP TABLE readings; DROP TABLE places; DROP TABLE stale; DROP TABLE exports")
    run(make_plan(tmp_path))
    run(make_plan(tmp_path))
    assert sorted(read) == ["birch.md", "birch.md", "falcon.md", "falcon.md"]


@pytest.fixture
def in_base(tmp_path: Path) -> Callable[[str], None]:
    """Runs statements in the base, past chiptrail."""
    import sqlite3

    def run_statements(words: str) -> None:
        with sqlite3.connect(tmp_path / "base.sqlite") as connection:
            connection.executescript(words)

    return run_statements
