"""The `chiptrail` command, as its users meet it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calls import call
from click.testing import CliRunner, Result
from PIL import Image

from flows.command import cli

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "corpus" / "samples"
CARD = "# Falcon-7B\n\nFalcon-7B was trained on 384 NVIDIA A100 40GB GPUs.\n"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables as wide as on a large screen, whatever the terminal that runs the tests."""
    monkeypatch.setenv("COLUMNS", "180")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIPTRAIL_HOME", str(tmp_path / "home"))
    (tmp_path / "card.md").write_text(CARD)
    return tmp_path


def invoke(*words: object, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(map(str, words)), input=given, standalone_mode=False)


def run(home: Path, *names: object) -> Result:
    return invoke("run", *(names or (home / "card.md",)), "--out", home / "set", "--plain", "--jobs", "0")


def test_help_comes_at_once() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import flows.command"], check=True)
    assert time.monotonic() - began < 1
    show = "import sys, flows.command; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", show], check=True, capture_output=True, text=True).stdout.split()
    assert not {"prefect", "sqlalchemy", "pydantic", "spacy"}.intersection(loaded)


def test_a_run_prints_its_links_and_what_became_of_the_documents(home: Path) -> None:
    result = run(home)
    assert "Falcon-7B" in result.stdout
    assert "A100 40GB" in result.stdout
    assert "384" in result.stdout
    assert "1 document: 1 read" in result.stdout


def test_a_narrow_terminal_gets_the_table_without_quotes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(home).stdout.splitlines()
    assert max(len(line) for line in lines if "set" not in line) <= 80
    assert "384" in " ".join(lines)
    assert "in its words" not in " ".join(lines)


def test_a_run_as_json_is_json_and_nothing_else(home: Path) -> None:
    result = invoke("run", home / "card.md", "--out", home / "set", "--plain", "--jobs", "0", "--json")
    summary = json.loads(result.stdout)
    assert summary["outcomes"] == {"read": 1}
    assert summary["lines"]["links"] == 1


def test_extract_needs_neither_base_nor_home(home: Path) -> None:
    result = invoke("extract", home / "card.md")
    assert "384" in result.stdout
    assert not (home / "home").exists()


def test_extract_reads_standard_input_and_gives_json(home: Path) -> None:
    given = CARD + "\n- **Licence**: Apache-2.0\n"
    found = json.loads(invoke("extract", "-", "--json", given=given).stdout)
    assert (found["outcome"], found["document"]["media_type"]) == ("read", "text/markdown")
    claims = {claim["type"]: claim for claim in found["claims"]}
    assert claims["chip_count"]["value"] == 384
    quote = claims["chip_count"]["evidence"][0]
    text = invoke("text", "-", given=given).stdout
    assert quote["quote"] == text[quote["start"] : quote["end"]]


def test_show_answers_for_a_model_by_any_spelling_of_its_name(home: Path) -> None:
    run(home)
    for name in ("Falcon-7B", "falcon 7b", "falcon-7b"):
        assert "384" in invoke("show", name).stdout, name
    assert json.loads(invoke("show", "falcon-7b", "--json").stdout)["links"][0]["chip"]["id"] == "nvidia-a100-40gb"


def test_export_writes_the_whole_base(home: Path) -> None:
    run(home)
    (home / "other.md").write_text(CARD.replace("Falcon-7B", "Falcon-40B"))
    run(home, home / "other.md")
    assert "2 documents" in invoke("export", "--out", home / "whole").stdout
    assert "1 documents" in invoke("export", "--out", home / "first", "--run", 1).stdout


def test_evaluate_scores_a_set_against_gold(home: Path) -> None:
    run(home)
    fact = {"type": "chip_count", "subject": "Falcon-7B", "chip": "nvidia-a100-40gb", "value": 384, "stage": "training"}
    missing = {"type": "chip_hours", "subject": "Falcon-7B", "value": 1e6}
    (home / "gold").mkdir()
    (home / "gold" / "card.json").write_text(json.dumps({"document": "card.md", "claims": [fact, missing]}))
    scores = json.loads(invoke("evaluate", "--gold", home / "gold", "--claims", home / "set", "--json").stdout)[
        "scores"
    ]
    assert (scores["chip_count"]["f1"], scores["chip_hours"]["f1"]) == (1, 0)
    assert scores == json.loads(invoke("evaluate", "--gold", home / "gold", "--json").stdout)["scores"]
    said = invoke("evaluate", "--gold", home / "gold", "--claims", home / "set" / "claims.jsonl", "--errors").stdout
    assert "missed  card.md: chip_hours" in said


def test_a_broken_claims_file_is_named_with_its_line(home: Path) -> None:
    run(home)
    broken = home / "claims.jsonl"
    broken.write_text((home / "set" / "claims.jsonl").read_text() + '{"id": 1}\n')
    done = call(["evaluate", "--gold", str(SAMPLES / "expected"), "--claims", str(broken)], {})
    assert f"claims.jsonl, line {len(broken.read_text().splitlines())}: " in done.stderr
    assert done.returncode == 4


def test_chips_and_one_chip_by_any_of_its_names() -> None:
    assert "nvidia-h20" in invoke("chips", "--vendor", "nvidia").stdout
    assert "huawei-ascend-910b" in invoke("chip", "昇腾910B").stdout
    assert json.loads(invoke("chip", "h20", "--json").stdout)["chip"]["id"] == "nvidia-h20"


def test_status_shows_the_answer_and_the_arithmetic() -> None:
    said = invoke("status", "h20", "--on", "2024-11-01").stdout
    assert "no licence requirement found" in said
    assert "tpp ≥ 4800: 2,368, not met" in said
    assert json.loads(invoke("status", "h20", "--on", "2024-11-01", "--json").stdout)["on"] == "2024-11-01"


def test_text_prints_a_page_as_it_was_read() -> None:
    said = invoke("text", SAMPLES / "deepseek-v3-note.pdf", "--page", 1).stdout
    assert "H800" in said
    assert isinstance(invoke("text", SAMPLES / "deepseek-v3-note.pdf", "--page", 99).exception, Exception)


def test_page_draws_a_picture(home: Path) -> None:
    invoke("page", SAMPLES / "deepseek-v3-note.pdf", 1, "--out", home / "page.png")
    with Image.open(home / "page.png") as picture:
        assert picture.format == "PNG"


def test_sources_are_listed_by_group() -> None:
    listed = json.loads(invoke("sources", "list", "--json").stdout)
    groups = {source["group"] for source in listed}
    for group in groups:
        part = json.loads(invoke("sources", "list", "--group", group, "--json").stdout)
        assert part == [source for source in listed if source["group"] == group]


def test_colours_are_left_out_where_they_are_not_wanted(home: Path) -> None:
    run(home)
    done = call(["show", "falcon-7b"], {"CHIPTRAIL_HOME": str(home / "home"), "FORCE_COLOR": "1"})
    assert "\x1b[" in done.stdout
    plain = {"CHIPTRAIL_HOME": str(home / "home"), "FORCE_COLOR": "1", "NO_COLOR": "1"}
    assert "\x1b[3" not in call(["show", "falcon-7b"], plain).stdout


def test_a_reader_that_goes_away_is_no_fault(home: Path) -> None:
    command = f"{sys.executable} -c 'from flows.command import main; main()' chips | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
