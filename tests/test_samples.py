"""The bundled samples: their script writes them, they name their sources, and what is read from them is expected."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from corpus.samples.build import Writing, build, read_writing

SAMPLES = Path(__file__).parents[1] / "corpus" / "samples"
WRITINGS = sorted((SAMPLES / "writing").glob("*.toml"))
EXPECTED = sorted((SAMPLES / "expected").glob("*.json"))


@pytest.fixture(params=WRITINGS, ids=lambda path: path.stem)
def writing(request: pytest.FixtureRequest) -> Writing:
    return read_writing(request.param)


@pytest.fixture(params=EXPECTED, ids=lambda path: path.stem)
def expected(request: pytest.FixtureRequest) -> dict:
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_the_script_writes_the_bytes_that_are_kept(writing: Writing) -> None:
    assert build(writing) == (SAMPLES / writing.file).read_bytes()


def test_every_sample_says_that_it_is_one_and_names_a_public_source(writing: Writing) -> None:
    assert "chiptrail" in writing.body
    assert re.search(r"arXiv:\d{4}\.\d{5}|github\.com/", writing.body)


def test_nothing_lies_beside_the_samples_that_no_writing_describes() -> None:
    kept = {path.name for path in SAMPLES.iterdir() if path.suffix in {".pdf", ".html", ".md", ".txt"}}
    assert kept == {read_writing(path).file for path in WRITINGS}


def test_a_writing_with_an_unknown_key_is_refused_by_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text('file = "odd.txt"\nform = "text"\nbody = "x"\ncolour = "red"\n')
    with pytest.raises(ValueError, match=r"odd\.toml(.|\n)*colour"):
        read_writing(path)


def test_expected_facts_are_of_the_kept_bytes(expected: dict) -> None:
    assert expected["sha256"] == hashlib.sha256((SAMPLES / expected["document"]).read_bytes()).hexdigest()


def test_every_sample_has_expected_facts_and_one_of_them_has_none() -> None:
    facts = {path.stem: json.loads(path.read_text(encoding="utf-8"))["claims"] for path in EXPECTED}
    assert facts.keys() == {read_writing(path).file for path in WRITINGS}
    assert [name for name, claims in facts.items() if not claims] == ["gpt-4-note.md"]
