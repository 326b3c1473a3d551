"""Damaged documents come to an outcome, in time; what the search for faults (`benchmarks/fuzz.py`) found stays here."""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from random import Random

import psutil
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.damage import DAMAGES, damage, damage_streams
from benchmarks.fuzz import SAMPLES, Case, read_case
from corpus.archive import digest
from corpus.document import Document, MediaType
from extractors.reading.gridlines import find_columns
from extractors.reading.lines import Piece
from extractors.text import Outcome
from flows.reading import load_registry, read_document


def read_bytes(data: bytes, media_type: MediaType) -> tuple[Outcome, float]:
    """The outcome of a document, and the seconds that it took."""
    document = Document(sha256=digest(data), media_type=media_type, name="x", address="file:x", size=len(data))
    began = time.process_time()
    return read_document("x", document, data)[0].outcome, time.process_time() - began


@contextmanager
def memory_for_more(size: int) -> Iterator[None]:
    """Lets this process take so many bytes more, and no others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def read_card(text: str) -> tuple[Outcome, float]:
    """The outcome of a model card, and the seconds that it took."""
    return read_bytes(text.encode(), MediaType.MARKDOWN)


@given(data=st.binary(max_size=300), seed=st.integers(0, 10_000), suffix=st.sampled_from(sorted(DAMAGES)))
def test_a_seed_damages_in_the_same_way_each_time(data: bytes, seed: int, suffix: str) -> None:
    assert damage(data, suffix, seed) == damage(data, suffix, seed)


def test_damage_reaches_the_unpacked_content_of_a_pdf() -> None:
    whole = (SAMPLES / "gpt-3-note.pdf").read_bytes()
    damaged = {damage_streams(whole, Random(seed)) for seed in range(20)}
    assert len(damaged - {whole}) >= 5
    for data in damaged:
        with pypdfium2.PdfDocument(data) as file:
            assert len(file) == 1


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), name=st.sampled_from(["gpt-3-note.pdf", "llama-3.1-card.md", "palm-news.html"]))
def test_a_damaged_sample_comes_to_an_outcome(seed: int, name: str) -> None:
    read = read_case(Case(SAMPLES / name, seed))
    assert (read.fault, read.trace) == ("", "")
    assert read.outcome in set(Outcome)


@pytest.mark.parametrize(
    "sentence",
    [
        "Larch-7B was trained on {} 1.0M A100 GPU hours.",
        "Larch-7B has {} parameters on 64 H800 GPUs.",
        "Larch-7B took {}.5.5 hours on 64 H800 GPUs.",
        "Larch-7B, a model with parameters of {}, was trained on 64 H800 GPUs.",
    ],
)
def test_a_row_of_digits_does_not_take_time_by_its_square(sentence: str) -> None:
    load_registry()
    read_card("# Larch-7B\n\n" + sentence.format("9") + "\n")
    outcome, seconds = read_card("# Larch-7B\n\n" + sentence.format("9" * 30_000) + "\n")
    assert outcome in (Outcome.READ, Outcome.NOTHING_DISCLOSED)
    assert seconds < 5


@pytest.mark.parametrize("bracket", ["[", "![", "[a ", "**[", "[^", "[a](b) [", "[a][b", "[" * 500 + "]" * 499])
def test_open_brackets_do_not_take_time_by_their_square(bracket: str) -> None:
    load_registry()
    sentence = "Larch-7B was trained on 64 H800 GPUs. "
    outcome, seconds = read_card("# Larch-7B\n\n" + sentence + bracket * (60_000 // len(bracket)) + "\n")
    assert outcome is Outcome.READ
    assert seconds < 5


@pytest.mark.parametrize("chain", ["A100-" * 8000, "we own H800 GPUs, " * 4000])
def test_a_sentence_without_end_does_not_take_time_by_a_power_of_its_length(chain: str) -> None:
    load_registry()
    outcome, seconds = read_card("# Larch-7B\n\n" + chain + "\n\nLarch-7B was trained on 64 H800 GPUs.\n")
    assert outcome is Outcome.READ
    assert seconds < 10


def test_a_number_past_all_bounds_in_a_job_script_is_no_number_of_nodes() -> None:
    script = (
        "#!/bin/bash\n#SBATCH --job-name=larch-7b\n#SBATCH --nodes={}\n#SBATCH --gres=gpu:h800:8\npython train.py\n"
    )
    for number in ("1e400", "9" * 400, "NaN"):
        assert read_bytes(script.format(number).encode(), MediaType.TEXT)[0] in (
            Outcome.READ,
            Outcome.NOTHING_DISCLOSED,
        )


@pytest.mark.parametrize("left", [1e9, -1e9])
def test_lines_far_off_the_page_do_not_stop_the_reading(left: float) -> None:
    file = BytesIO()
    canvas = Canvas(file)
    for number in range(40):
        canvas.drawString(left if number % 2 else 72, 780 - 15 * number, "Larch-7B was trained on 64 NVIDIA H800 GPUs.")
    canvas.save()
    assert read_bytes(file.getvalue(), MediaType.PDF)[0] is Outcome.READ


def test_a_row_of_a_table_that_runs_off_the_page_does_not_take_all_memory() -> None:
    far = [[72.0, 200.0], [72.0, 200.0], [72.0, 4e10]]
    rows = [
        [
            Piece(9 * n + m, 9 * n + m + 1, left, 12.0 * n, left + 30, 12.0 * n + 10, 10, "H800")
            for m, left in enumerate(row)
        ]
        for n, row in enumerate(far)
    ]
    words = {piece.first: [piece] for row in rows for piece in row}
    assert len(find_columns(words, rows[:2])) == 2
    with memory_for_more(2_000_000_000):
        assert find_columns(words, rows) == []


def test_raised_figures_in_a_margin_are_no_line_numbers() -> None:
    file = BytesIO()
    canvas = Canvas(file)
    for number in range(12):
        canvas.drawString(40, 780 - 15 * number, "²")
        canvas.drawString(90, 780 - 15 * number, "Larch-7B was trained on 64 NVIDIA H800 GPUs.")
    canvas.save()
    assert read_bytes(file.getvalue(), MediaType.PDF)[0] in (Outcome.READ, Outcome.NOTHING_DISCLOSED)


def test_a_page_that_states_a_width_of_kilometres_does_not_take_all_memory() -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), pageCompression=0)
    for number in range(40):
        canvas.drawString(72, 780 - 15 * number, "Larch-7B was trained on 64 NVIDIA H800 GPUs, and so was Larch-13B.")
    canvas.save()
    wide = re.sub(rb"/MediaBox \[.*?\]", b"/MediaBox [ 0 0 2000000000 842 ]", file.getvalue(), flags=re.DOTALL)
    with memory_for_more(2_000_000_000):
        assert read_bytes(wide, MediaType.PDF)[0] is Outcome.READ


@pytest.mark.parametrize("figure", [".068366.5", ".5.5", "1..5", "..5", ".5,000.5"])
def test_figures_with_too_many_points_are_no_fault(figure: str) -> None:
    assert read_card(f"# Larch-7B\n\nLarch-7B took {figure} hours on {figure} H800 GPUs.\n")[0] in set(Outcome)
