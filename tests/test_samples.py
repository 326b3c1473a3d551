"""The bundled samples: their script writes them, they name their sources, and what is read from them is expected."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.media import sniff
from corpus.samples.build import Writing, build, read_writing
from extractors.reading import read
from extractors.text import Kind, Outcome

SAMPLES = Path(__file__).parents[1] / "corpus" / "samples"
WRITINGS = sorted((SAMPLES / "writing").glob("*.toml"))
EXPECTED = sorted((SAMPLES / "expected").glob("*.json"))


def take(name: str) -> tuple[bytes, Document]:
    """A sample's bytes and what is known of them before they are read."""
    data = (SAMPLES / name).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return data, Document(
        sha256=digest, media_type=sniff(data, name), name=name, address=f"file:samples/{name}", size=len(data)
    )


def squeeze(words: str) -> str:
    """Words without what a reader may settle in its own way: white space and hyphens."""
    return re.sub(r"[\s-]+", "", words)


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
    _, document = take(expected["document"])
    assert expected["sha256"] == document.sha256


def test_every_sample_has_expected_facts_and_one_of_them_has_none() -> None:
    facts = {path.stem: json.loads(path.read_text(encoding="utf-8"))["claims"] for path in EXPECTED}
    assert facts.keys() == {read_writing(path).file for path in WRITINGS}
    assert [name for name, claims in facts.items() if not claims] == ["gpt-4-note.md"]


def test_every_sample_is_read_and_each_expected_fact_stands_on_its_page(expected: dict) -> None:
    data, document = take(expected["document"])
    reading = read(data, document)
    assert reading.outcome is Outcome.READ, reading.reason
    assert reading.text is not None
    pages = {page.number: squeeze(page.text) for page in reading.text.pages}
    lost = [
        claim["anchor"]
        for claim in expected["claims"]
        if not all(squeeze(claim["anchor"]) in pages[number] for number in claim["pages"] or [None])
    ]
    assert lost == []


def test_what_a_site_puts_around_its_text_is_not_read_as_text() -> None:
    data, document = take("palm-news.html")
    text = read(data, document).text
    assert text is not None
    words = " ".join(
        page.text[block.start : block.end] for page, block in text.blocks() if block.kind is not Kind.FURNITURE
    )
    assert "6,144 TPU v4" in words
    for around in ("100,000 H100", "RTX 4090", "B200", "cookies", "Subscribe"):
        assert around not in words


def test_exponents_keep_their_power_in_pdf_and_in_mathml() -> None:
    for name, power in (
        ("llama-3-405b-note.pdf", "3.8 × 10^25 FLOP"),
        ("nemotron-4-340b-post.html", "1.8 × 10^25 FLOP"),
    ):
        text = read(*take(name)).text
        assert text is not None
        assert power in " ".join(page.text for page in text.pages).replace("\n", " ")
