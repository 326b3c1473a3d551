"""The stages of a run, plainly and as a Prefect flow."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from calls import call
from hypothesis import given
from hypothesis import strategies as st
from specimens import make_claim, make_document

from corpus.document import Document
from evidence.finding import Finding
from evidence.store import Store
from extractors.claim import Claim
from extractors.text import Block, Kind, Outcome, Page, Text
from flows import reading, stages
from flows.batches import HEAVIEST, make_batches
from flows.conductor import PlainConductor
from flows.plan import Plan, Summary
from flows.reading import Pending, read_document, stands_in

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CARD = """# Falcon-7B

Falcon-7B is a language model with 7 billion parameters. Falcon-7B was trained on 384 NVIDIA A100 40GB GPUs.
"""
SILENT = "# Birch-1B\n\nBirch-1B is a small language model. Ask us for details.\n"


class Silence:
    def enter(self, stage: str, total: int = 0) -> None:
        pass

    def note(self, finding: Finding) -> None:
        pass


def make_plan(folder: Path, *names: str, out: str = "set", base: str = "base", jobs: int = 0) -> Plan:
    return Plan(
        names=names or (str(folder / "reports"),),
        out=folder / out,
        base=f"sqlite:///{folder / base}.sqlite",
        archive=folder / "archive",
        jobs=jobs,
    )


def run(plan: Plan) -> Summary:
    return stages.run(plan, PlainConductor(), Silence(), lambda: NOON)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def outcomes(folder: Path) -> dict[str, str]:
    lines = (folder / "documents.jsonl").read_text().splitlines()
    return {line["address"]: line["outcome"] for line in map(json.loads, lines)}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "falcon.md").write_text(CARD)
    (folder / "birch.md").write_text(SILENT)
    return folder


def test_a_run_goes_from_documents_to_links(tmp_path: Path, reports: Path) -> None:
    summary = run(make_plan(tmp_path))
    assert outcomes(tmp_path / "set") == {
        "file:reports/birch.md": "nothing-disclosed",
        "file:reports/falcon.md": "read",
    }
    (link,) = map(json.loads, (tmp_path / "set" / "links.jsonl").read_text().splitlines())
    assert (link["chip"]["id"], link["role"], link["counts"][0]["value"]) == ("nvidia-a100-40gb", "trained_on", 384)
    assert summary.exit_code == 0


def test_the_same_run_twice_and_in_a_fresh_base_and_in_processes_gives_the_same_bytes(
    tmp_path: Path, reports: Path
) -> None:
    for plan in (
        make_plan(tmp_path, out="first"),
        make_plan(tmp_path, out="again"),
        make_plan(tmp_path, out="fresh", base="other"),
        make_plan(tmp_path, out="processes", base="third", jobs=2),
    ):
        run(plan)
    first = content(tmp_path / "first")
    for name in ("again", "fresh", "processes"):
        assert content(tmp_path / name) == first, name


def test_what_a_changed_document_says_no_longer_is_counted(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "falcon.md").write_text(CARD.replace("384", "512"))
    assert dict(run(make_plan(tmp_path)).withdrawn) == {"document-changed": 3}


def test_what_else_the_base_holds_does_not_change_the_set_of_a_run(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path, str(reports / "falcon.md"), out="before"))
    (tmp_path / "other.md").write_text(CARD.replace("384", "1,024"))
    run(make_plan(tmp_path, str(tmp_path / "other.md"), out="other"))
    run(make_plan(tmp_path, str(reports / "falcon.md"), out="after"))
    assert content(tmp_path / "before") == content(tmp_path / "after")


def test_the_same_bytes_in_two_places_are_read_once_and_recorded_twice(
    tmp_path: Path, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reports / "copy.md").write_text(CARD)
    read: list[str] = []
    genuine = reading.read_document

    def watch(place: str, document: Document, data: bytes, *rest: Any) -> object:
        read.append(Path(place).name)
        return genuine(place, document, data, *rest)

    monkeypatch.setattr(reading, "read_document", watch)
    run(make_plan(tmp_path))
    assert sorted(read) == ["birch.md", "copy.md"]
    assert outcomes(tmp_path / "set")["file:reports/falcon.md"] == "read"


def test_a_document_that_breaks_the_reader_fails_alone(
    tmp_path: Path, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = reading.read_document

    def stumble(place: str, document: Document, data: bytes, *rest: Any) -> object:
        if b"Birch" in data:
            raise RecursionError("too deep\nto go on")
        return genuine(place, document, data, *rest)

    monkeypatch.setattr(reading, "read_document", stumble)
    summary = run(make_plan(tmp_path))
    assert outcomes(tmp_path / "set") == {"file:reports/birch.md": "failed", "file:reports/falcon.md": "read"}
    ((_, _, reason),) = summary.failures
    assert reason == "chiptrail failed on it: RecursionError: too deep"
    assert summary.exit_code == 1


def test_a_run_that_read_nothing_says_so_in_its_code(tmp_path: Path) -> None:
    assert run(make_plan(tmp_path, str(tmp_path / "missing.pdf"))).exit_code == 3


def test_documents_are_in_the_base_before_the_run_ends(tmp_path: Path, reports: Path) -> None:
    plan = make_plan(tmp_path)
    (tmp_path / "set").mkdir()

    class Interrupted(Silence):
        def enter(self, stage: str, total: int = 0) -> None:
            if stage == "assemble":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stages.run(plan, PlainConductor(), Interrupted(), lambda: NOON)
    with Store(plan.base) as store:
        assert [record.name for record in store.records(1)] == ["birch.md", "falcon.md"]
    assert not any((tmp_path / "set").iterdir())


def test_a_claim_whose_quote_is_not_in_the_text_fails_its_document(monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document(CARD)
    monkeypatch.setattr(reading, "extract", lambda *_: (make_claim(document=document),))
    finding, _ = read_document("/falcon.md", document, CARD.encode())
    assert finding.outcome is Outcome.FAILED
    assert "not in the text" in finding.reason


@given(text=st.text(min_size=3, max_size=30), start=st.integers(0, 10), moved=st.integers(0, 3))
def test_a_quote_stands_only_where_the_text_has_it(text: str, start: int, moved: int) -> None:
    page = Page(None, text, (Block(Kind.PARAGRAPH, 0, len(text)),))
    quote = text[start : start + 3]
    claim: Claim = make_claim(quote=quote, start=start + moved)
    writable = not any(0xD800 <= ord(c) <= 0xDFFF for c in quote)
    assert stands_in(claim, Text((page,))) == (writable and text[start + moved : start + moved + len(quote)] == quote)


@given(sizes=st.lists(st.integers(1, 10_000_000), max_size=120), jobs=st.integers(1, 8))
def test_batches_hold_every_document_once_and_keep_all_workers_busy(sizes: list[int], jobs: int) -> None:
    pending = [
        Pending(f"/{i}", make_document(str(i)).model_copy(update={"size": size}), Path())
        for i, size in enumerate(sizes)
    ]
    batches = make_batches(pending, jobs)
    assert sorted(p.place for batch in batches for p in batch) == sorted(p.place for p in pending)
    assert len(batches) >= min(len(sizes), jobs)
    if len({*sizes}) == 1:
        heaviest = max(map(len, batches)) * (10_000 + sizes[0])
        assert heaviest <= max(HEAVIEST, 10_000 + sizes[0]) + 10_000 + sizes[0]


def test_the_flow_gives_the_same_bytes_as_the_stages_alone(tmp_path: Path, reports: Path) -> None:
    (reports / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    run(make_plan(tmp_path, out="plain"))
    environment = {"CHIPTRAIL_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}
    done = call(["run", str(reports), "--out", str(tmp_path / "flow")], environment)
    assert done.returncode == 1, done.stderr
    for name in ("claims.jsonl", "links.jsonl", "documents.jsonl", "contested.jsonl"):
        assert (tmp_path / "flow" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes(), name
    assert "Falcon-7B" in done.stdout
    assert re.findall(r"^file:(\S+):", done.stderr, re.M) == ["reports/broken.pdf"]
    assert (tmp_path / "home" / "prefect").is_dir()
