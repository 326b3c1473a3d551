"""The bundled samples: their script writes them, they name their sources, and what is read from them is expected."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.media import sniff
from corpus.samples.build import Writing, build, read_writing
from evidence.finding import FACTUAL, Finding
from extractors.claim import Attribution, Claim, ClaimType, Modality, Stage, Status
from extractors.reading import read
from extractors.text import Kind, Outcome
from flows.reading import read_document

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


@cache
def find(name: str) -> Finding:
    """What is read from a sample, as a run does it."""
    data, document = take(name)
    return read_document(document.address, document, data)[0]


def own_facts(name: str, *types: ClaimType) -> list[Claim]:
    """What a sample asserts of its own work, by type."""
    return [
        claim
        for claim in find(name).claims
        if claim.status is Status.ASSERTED
        and claim.attribution is Attribution.OWN
        and claim.modality in FACTUAL
        and claim.type in (types or tuple(ClaimType))
    ]


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


@pytest.mark.parametrize(
    ("name", "kind", "subject", "chip", "value"),
    [
        ("deepseek-v3-note.pdf", ClaimType.CHIP_COUNT, "DeepSeek-V3", "nvidia-h800", 2048),
        ("deepseek-v3-note.pdf", ClaimType.CHIP_HOURS, "DeepSeek-V3", "nvidia-h800", 2_788_000),
        ("deepseek-v3-note.pdf", ClaimType.COST, "DeepSeek-V3", None, 5_576_000),
        ("deepseek-v3-note.pdf", ClaimType.TRAINING_COMPUTE, "DeepSeek-V3", None, 3.3e24),
        ("llama-3-405b-note.pdf", ClaimType.TRAINING_COMPUTE, "Llama 3.1 405B", None, 3.8e25),
        ("llama-3.1-card.md", ClaimType.CHIP_HOURS, "Llama 3.1 405B", "nvidia-h100-80gb", 30_840_000),
        ("llama-1-notes.txt", ClaimType.CHIP_COUNT, "LLaMA-65B", "nvidia-a100-80gb", 2048),
        ("bloom-compared.html", ClaimType.CHIP_HOURS, "BLOOM", "nvidia-a100-80gb", 1_082_990),
        ("nemotron-4-340b-post.html", ClaimType.TRAINING_COMPUTE, "Nemotron-4 340B", None, 1.8e25),
        ("glm-130b-zh.md", ClaimType.CHIP_COUNT, "GLM-130B", "nvidia-a100-40gb", 768),
        ("glm-130b-zh.md", ClaimType.TRAINING_TIME, "GLM-130B", "nvidia-a100-40gb", 1440),
    ],
)
def test_the_headline_facts_of_the_samples_are_read(
    name: str, kind: ClaimType, subject: str, chip: str | None, value: float
) -> None:
    said = [c for c in own_facts(name, kind) if c.subject.name == subject]
    assert any(
        c.value == pytest.approx(value) and (chip is None or (c.chip and c.chip.id.startswith(chip))) for c in said
    )


def test_a_model_trained_on_one_chip_and_served_on_another_keeps_its_two_roles() -> None:
    counts = own_facts("glm-130b-zh.md", ClaimType.CHIP_COUNT)
    roles = {(c.chip.id.split("-")[1], c.stage) for c in counts if c.chip}
    assert roles == {("a100", Stage.PRE_TRAINING), ("rtx", Stage.INFERENCE)}


def test_fine_tuning_and_serving_on_h20_say_nothing_of_pre_training() -> None:
    claims = [c for c in find("hunyuan-large-readme.md").claims if c.chip and c.chip.id == "nvidia-h20"]
    assert {c.stage for c in claims} == {Stage.POST_TRAINING, Stage.INFERENCE}
    needed = next(c for c in claims if c.type is ClaimType.CHIP_COUNT and c.value == 32)
    assert needed.modality is Modality.REQUIREMENT


def test_what_was_only_calculated_assumed_or_denied_is_no_fact() -> None:
    facts = own_facts(
        "gpt-3-note.pdf", ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.TRAINING_TIME, ClaimType.COST
    )
    assert {c.chip.id for c in facts if c.chip and c.type is ClaimType.HARDWARE} >= {"nvidia-v100"}
    assert not {c.value for c in facts} & {1024, 3072, 10_000, 816, 2016, 2, 1.7e6}
    chips = {c.chip.id for c in find("gpt-3-note.pdf").claims if c.chip and c.modality in FACTUAL}
    assert not chips & {"nvidia-h100", "nvidia-h20", "google-tpu", "tpu"}


def test_a_document_that_discloses_nothing_is_a_finding_of_its_own() -> None:
    finding = find("gpt-4-note.md")
    assert finding.outcome is Outcome.NOTHING_DISCLOSED
    assert own_facts("gpt-4-note.md") == []
