"""What a run finds gone: its claims are withdrawn with the reason, kept as tombstones, and live again if it returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_flow import CARD, content, make_plan, outcomes, run

SMALL = CARD.replace("7B", "40B").replace("7 billion", "40 billion").replace("384", "512")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "small.md").write_text(CARD)
    (folder / "large.md").write_text(SMALL)
    return folder


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def told(folder: Path) -> set[tuple[str, str]]:
    return {(line["subject"]["id"], line["cause"]) for line in lines(folder, "withdrawn")}


def test_a_file_that_is_gone_from_a_folder_withdraws_what_it_said(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "large.md").unlink()
    assert dict(run(make_plan(tmp_path)).withdrawn) == {"document-gone": 3}
    assert outcomes(tmp_path / "set") == {"file:reports/small.md": "read"}
    assert told(tmp_path / "set") == {("falcon-40b", "document-gone")}
    assert {claim["subject"]["id"] for claim in lines(tmp_path / "set", "claims")} == {"falcon-7b"}
    assert [link["model"]["id"] for link in lines(tmp_path / "set", "links")] == ["falcon-7b"]


def test_what_is_gone_stays_a_tombstone_in_later_sets(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "large.md").unlink()
    run(make_plan(tmp_path, out="gone"))
    run(make_plan(tmp_path, out="later"))
    assert content(tmp_path / "gone") == content(tmp_path / "later")


def test_a_file_that_comes_back_is_as_if_it_had_never_been_away(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path, out="before"))
    (reports / "large.md").unlink()
    run(make_plan(tmp_path, out="gone"))
    (reports / "large.md").write_text(SMALL)
    run(make_plan(tmp_path, out="after"))
    assert content(tmp_path / "before") == content(tmp_path / "after")


def test_a_run_over_other_documents_withdraws_nothing(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "large.md").unlink()
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "other.md").write_text("# Birch-1B\n\nBirch-1B is a model.\n")
    for names in ((str(tmp_path / "others"),), (str(reports / "small.md"),)):
        assert dict(run(make_plan(tmp_path, *names, out="other")).withdrawn) == {}


def test_a_folder_that_is_missing_itself_withdraws_nothing(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    reports.rename(tmp_path / "elsewhere")
    assert dict(run(make_plan(tmp_path, str(reports), out="other")).withdrawn) == {}


def test_a_file_that_was_moved_within_the_folder_still_speaks(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "archive").mkdir()
    (reports / "large.md").rename(reports / "archive" / "large.md")
    assert dict(run(make_plan(tmp_path)).withdrawn) == {}
    assert {claim["subject"]["id"] for claim in lines(tmp_path / "set", "claims")} == {"falcon-7b", "falcon-40b"}


def test_what_a_changed_document_no_longer_says_is_a_tombstone_too(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "large.md").write_text(SMALL.replace("512", "1,024"))
    run(make_plan(tmp_path))
    assert {(line["value"], line["cause"]) for line in lines(tmp_path / "set", "withdrawn") if line["value"]} >= {
        (512, "document-changed")
    }
