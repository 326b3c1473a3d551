"""Plain text: prose in paragraphs, scripts and logs line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import blocks_of, check_offsets, make_document, page_of

from extractors.reading.plain import read_plain
from extractors.text import Outcome, Reading


def read(source: str | bytes) -> Reading:
    data = source if isinstance(source, bytes) else source.encode()
    return read_plain(data, make_document(data, "notes.txt"))


def blocks(source: str) -> list[tuple[str, str]]:
    return blocks_of(page_of(read(source)))


def test_a_batch_script_is_code_in_lines() -> None:
    head = "#!/bin/bash\n#SBATCH --nodes=48   # 8 A100 each\n#SBATCH --time=20:00:00"
    command = "export N=384\nsrun \\\n  -N 48 train.sh"
    assert blocks(f"{head}\n\n{command}\n") == [("code", head), ("code", command)]


def test_a_log_is_code_without_its_terminal_colours() -> None:
    log = "[2025-01-02 10:00:00] \x1b[32mINFO\x1b[0m world size 384\r\n iteration 100/ 2000 | TFLOPs: 140.1 |\r\n"
    assert blocks(log) == [
        ("code", "[2025-01-02 10:00:00] INFO world size 384\n iteration 100/ 2000 | TFLOPs: 140.1 |")
    ]


def test_a_long_log_comes_in_blocks_of_two_hundred_lines() -> None:
    found = blocks("".join(f"10:00:{n % 60:02} iteration {n}\n" for n in range(450)))
    assert [text.count("\n") + 1 for _, text in found] == [200, 200, 50]


def test_prose_is_paragraphs_with_wrapped_lines_joined() -> None:
    prose = (
        "Larch-7B was trained by the Alder Lab on a cluster of two thousand and\n"
        "forty-eight H800 GPUs. The run took forty-one days in all, of which three\n"
        "were lost.\n\nIt cost 5.576M USD.\n"
    )
    assert blocks(prose) == [
        (
            "paragraph",
            "Larch-7B was trained by the Alder Lab on a cluster of two thousand and forty-eight H800 GPUs. "
            "The run took forty-one days in all, of which three were lost.",
        ),
        ("paragraph", "It cost 5.576M USD."),
    ]


def test_short_lines_stay_statements_of_their_own() -> None:
    assert blocks("Chips: 64 H800\nTime: 3 days\n") == [("paragraph", "Chips: 64 H800\nTime: 3 days")]


def test_items_and_headings() -> None:
    items = "- 64 H800\n- NVLink, and between\n  the nodes InfiniBand"
    source = f"LARCH REPORT\n\n2.1 Training hardware\n\n{items}\n\nCosts\n=====\n\nNone.\n"
    assert blocks(source) == [
        ("heading", "LARCH REPORT"),
        ("heading", "2.1 Training hardware"),
        ("item", "64 H800"),
        ("item", "NVLink, and between the nodes InfiniBand"),
        ("heading", "Costs"),
        ("paragraph", "None."),
    ]


def test_commands_inside_prose_are_code() -> None:
    before = "To start the run on all of the forty-eight nodes, give the following command to the queue, and wait:"
    after = "The queue holds forty-eight nodes with eight A100 each, shared with other groups of the centre."
    command = "$ sbatch train.slurm\n$ squeue --me"
    assert blocks(f"{before}\n\n{command}\n\n{after}\n") == [
        ("paragraph", before),
        ("code", command),
        ("paragraph", after),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_text_in_any_encoding(encoding: str) -> None:
    sentence = "我们在二千零四十八张加速卡上完成了预训练，历时两个月。"
    reading = read(sentence.encode(encoding))
    assert page_of(reading).text == sentence
    assert reading.text is not None
    assert reading.text.language == "zh"


def test_characters_that_cannot_be_decoded_lower_the_quality() -> None:
    broken = page_of(read("落叶松在加速卡上训练。".encode() * 20 + b"\xff\xff" + b" and it took three days in all"))
    assert broken.text.count("\ufffd") == 2
    assert 0.9 < broken.quality.score < 1
    assert broken.quality.notes == ("2 characters could not be decoded",)
    assert page_of(read("It took three days.")).quality.score == 1


@pytest.mark.parametrize("source", ["", "\n\n \t\n", "\u200b"])
def test_an_empty_file_says_so(source: str) -> None:
    reading = read(source)
    assert reading.outcome is Outcome.NO_TEXT
    assert reading.reason == "notes.txt holds no text."


@given(st.text("ab 1\n\t²汉#$-=\\\x1b[", max_size=200))
def test_offsets_hold_on_any_text(source: str) -> None:
    reading = read(source)
    if reading.text is not None:
        check_offsets(reading.text.pages[0])
