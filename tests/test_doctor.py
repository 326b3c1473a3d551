"""`chiptrail doctor` finds what is broken, and mends what can be mended."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rude_server import Site, answer
from test_flow import CARD, content, make_plan
from test_incremental import run, site

from corpus.archive import Archive, digest
from corpus.visits import Visits
from evidence.store import Store
from flows import examination
from flows.command import cli
from flows.plan import Plan

__all__ = ["site"]


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPTRAIL_HOME", str(tmp_path))
    monkeypatch.setenv("CHIPTRAIL_CONTACT", "ops@chiptrail.example")
    monkeypatch.delenv("CHIPTRAIL_SOURCES", raising=False)


@pytest.fixture
def plan(tmp_path: Path, site: Site) -> Plan:
    """A base, an archive and a set of a file and a page."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "falcon.md").write_text(CARD)
    site.pages["/alder.md"] = answer(200, CARD.replace("Falcon", "Alder").encode())
    plan = make_plan(tmp_path, str(tmp_path / "reports"), site["/alder.md"])
    run(plan)
    return plan


def call(plan: Plan, *words: str) -> tuple[list[dict[str, Any]], int]:
    done = CliRunner().invoke(
        cli, ["doctor", "--base", plan.base, "--archive", str(plan.archive), "--json", *words], standalone_mode=False
    )
    return json.loads(done.stdout), int(done.return_value)


def found(plan: Plan, *words: str) -> list[str]:
    """What is said to be wrong; the machine's own room is not of interest here."""
    return [line["what"] for line in call(plan, *words)[0] if "are free at" not in line["what"]]


def in_base(plan: Plan, words: str) -> None:
    with closing(sqlite3.connect(plan.base.removeprefix("sqlite:///"))) as connection:
        connection.executescript(words)


def archived(plan: Plan, name: str) -> Path:
    body = CARD if name == "falcon" else CARD.replace("Falcon", "Alder")
    return Archive(plan.archive).path(digest(body.encode()))


def age(path: Path) -> None:
    os.utime(path, (time.time() - 7200, time.time() - 7200))


def test_nothing_is_wrong_after_a_run(plan: Plan) -> None:
    assert found(plan) == []
    assert call(plan)[1] == 0


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "empty")
    assert found(plan) == []
    assert not (tmp_path / "empty").exists()


def test_a_damaged_page_is_restored_from_its_web_archive(plan: Plan) -> None:
    path = archived(plan, "alder")
    path.write_bytes(b"other bytes")
    (what,) = found(plan)
    assert "is not what its digest says" in what
    assert call(plan)[1] == 4
    assert call(plan, "--mend")[1] == 0
    assert found(plan) == []
    assert digest(path.read_bytes()) == path.name


def test_a_missing_page_is_restored_from_its_web_archive(plan: Plan) -> None:
    archived(plan, "alder").unlink()
    assert len(found(plan, "--mend")) == 2
    assert found(plan) == []


def test_a_damaged_file_is_set_aside_and_got_again_by_the_next_run(plan: Plan) -> None:
    path = archived(plan, "falcon")
    path.write_bytes(b"other bytes")
    (what,) = found(plan, "--mend")
    assert str(path) in what
    assert (plan.archive / "damaged" / path.name).read_bytes() == b"other bytes"
    (what,) = found(plan)
    assert "1 documents of the base are not in the archive" in what
    run(plan)
    assert found(plan) == []


@pytest.mark.parametrize("cut", [0.5, 0.95])
def test_a_web_archive_that_is_cut_off_is_found(plan: Plan, cut: float) -> None:
    (warc,) = plan.archive.rglob("*.warc.gz")
    data = warc.read_bytes()
    warc.write_bytes(data[: int(len(data) * cut)])
    (what,) = found(plan)
    assert "is damaged or cut off" in what


def test_a_web_archive_whose_record_was_changed_is_found(plan: Plan) -> None:
    (warc,) = plan.archive.rglob("*.warc.gz")
    warc.write_bytes(gzip.compress(gzip.decompress(warc.read_bytes()).replace(b"384 NVIDIA", b"999 NVIDIA")))
    (what,) = found(plan)
    assert "is damaged or cut off" in what


def test_a_web_archive_that_is_missing_is_found(plan: Plan) -> None:
    (warc,) = plan.archive.rglob("*.warc.gz")
    warc.unlink()
    (what,) = found(plan)
    assert what.endswith("is missing")


def test_a_torn_record_of_a_visit_is_deleted_and_its_page_asked_for_again(plan: Plan) -> None:
    (visit,) = (plan.archive / "visits").rglob("*.json")
    visit.write_text("{")
    (what,) = found(plan, "--mend")
    assert "is no record of a visit" in what
    assert not visit.exists()
    assert Visits(Archive(plan.archive)).find(plan.names[1]) is None


def test_what_killed_runs_left_is_deleted(plan: Plan) -> None:
    torn, fresh = archived(plan, "falcon").parent / ".aside-torn", plan.archive / ".aside-fresh"
    half = plan.out.parent / ".set.aside-half"
    old_text = plan.archive / "text" / "0000"
    half.mkdir()
    old_text.mkdir(parents=True)
    for path in (torn, fresh, half / "claims.jsonl"):
        path.write_text("half")
    age(torn)
    age(half)
    assert sorted(what.split()[0] for what in found(plan, "--mend")) == sorted(map(str, (torn, half, old_text)))
    assert [path.exists() for path in (torn, fresh, half, old_text)] == [False, True, False, False]
    assert found(plan) == []


def test_a_set_that_was_changed_is_found_and_the_next_run_writes_it_anew(plan: Plan) -> None:
    before = content(plan.out)
    (plan.out / "links.jsonl").write_text("")
    (what,) = found(plan)
    assert "is not as it was written" in what
    run(plan)
    assert content(plan.out) == before
    assert found(plan) == []


def test_links_that_a_killed_run_left_are_derived(plan: Plan) -> None:
    in_base(plan, "INSERT INTO stale VALUES ('falcon-7b'); DELETE FROM links WHERE model = 'falcon-7b'")
    (what,) = found(plan, "--mend")
    assert "the links of 1 models are not derived" in what
    with Store(plan.base) as store:
        assert {link.model.id for link in store.links()} == {"alder-7b", "falcon-7b"}
    assert found(plan) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("UPDATE evidence SET withdrawn_run = 1 WHERE claim = (SELECT min(id) FROM claims)", "rest on no evidence"),
        (
            "UPDATE claims SET withdrawn_run = 1, withdrawn_reason = 'rules-changed'"
            " WHERE id = (SELECT min(id) FROM claims)",
            "have evidence that is not",
        ),
    ],
)
def test_claims_and_evidence_that_disagree_are_read_again(plan: Plan, words: str, said: str) -> None:
    before = content(plan.out)
    in_base(plan, words)
    (what,) = found(plan, "--mend")
    assert said in what
    run(plan)
    assert found(plan) == []
    assert content(plan.out) == before


def test_a_row_that_points_nowhere_is_found(plan: Plan) -> None:
    in_base(plan, "UPDATE places SET sha256 = 'gone' WHERE place LIKE '%falcon%'")
    assert "a row of places points to a row of documents that is not there" in found(plan)


def test_a_base_of_another_layout_is_found(plan: Plan) -> None:
    in_base(plan, "ALTER TABLE claims RENAME COLUMN confidence TO sureness")
    assert "the column claims.confidence is missing" in found(plan)
    in_base(plan, "UPDATE stamps SET value = '99' WHERE name = 'schema'")
    (what,) = found(plan)
    assert "has layout 99" in what


def test_a_damaged_base_is_found(plan: Plan) -> None:
    in_base(plan, "PRAGMA journal_mode = DELETE")
    path = Path(plan.base.removeprefix("sqlite:///"))
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 12] = os.urandom(4096 * 9)
    path.write_bytes(data)
    lines, code = call(plan)
    assert code == 4
    assert next(line["part"] for line in lines if line["grave"]) == "base"
    path.write_bytes(b"this is a text" * 1000)
    assert any("not a database" in what for what in found(plan))


def test_a_run_that_did_not_end_is_told_without_alarm(plan: Plan) -> None:
    in_base(plan, "UPDATE runs SET ended = NULL")
    assert ["did not come to its end" in what for what in found(plan)] == [True]
    assert call(plan)[1] == 0


def test_packages_of_another_version_and_missing_ones_are_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        examination, "requires", lambda _: ["click>=99", "no-such-package-of-ours", "x; extra == 'dev'"]
    )
    what = found(plan)
    assert len(what) == 2
    assert what[0].startswith("click ")
    assert "no-such-package-of-ours is not installed" in what


def test_folders_that_cannot_be_written_settings_and_lists_are_named(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIPTRAIL_HOME", "/proc/chiptrail")
    monkeypatch.setenv("CHIPTRAIL_CONTACT", "")
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "true")
    (tmp_path / "list.toml").write_text("[[source]]\nid = 1\n")
    monkeypatch.setenv("CHIPTRAIL_SOURCES", str(tmp_path / "list.toml"))
    what = " ".join(found(plan))
    for words in (
        "whom to write to",
        "/proc/chiptrail cannot be written",
        "PREFECT_SERVER_ANALYTICS_ENABLED",
        "list.toml",
    ):
        assert words in what
