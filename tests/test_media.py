"""What bytes are is read off the bytes; a name decides only between kinds of text."""

from __future__ import annotations

import time

import pytest

from corpus.document import MediaType
from corpus.media import sniff

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
GZIP = b"\x1f\x8b\x08" + b"text that looks harmless"
WORD = b"PK\x03\x04" + b"word/document.xml"
CARD = b"# Larch-7B\n\n| Stage | GPU hours |\n| --- | --- |\n| Pre-training | 184320 |\n"
PAGE = b"<!doctype html>\n<html><head><title>Larch</title></head><body><p>We trained Larch.</p></body></html>"
LOG = b"[2025-01-02 10:00:00] INFO iteration 100/2000 | loss 2.31\n" * 5


@pytest.mark.parametrize(
    "data", [JPEG, PNG, GZIP, WORD, b"{\\rtf1 Larch}", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
@pytest.mark.parametrize("name", ["report.pdf", "page.html", "card.md", "log.txt", "photo"])
def test_a_renamed_picture_or_archive_is_unknown(data: bytes, name: str) -> None:
    assert sniff(data, name) is MediaType.UNKNOWN


def test_a_pdf_is_known_by_its_mark_within_the_first_kilobyte() -> None:
    assert sniff(b"%PDF-1.7\n1 0 obj", "page.html") is MediaType.PDF
    assert sniff(b"junk from a mailer\r\n" * 5 + b"%PDF-1.4\n", "x") is MediaType.PDF
    assert sniff(b"x" * 1100 + b"%PDF-1.4\n", "report.pdf") is MediaType.TEXT


def test_a_page_called_a_card_is_a_page() -> None:
    assert sniff(PAGE, "card.md") is MediaType.HTML
    assert sniff(b"\xef\xbb\xbf\n<!-- saved -->\n" + PAGE, "x.txt") is MediaType.HTML
    assert sniff(PAGE.decode().encode("utf-16"), "x") is MediaType.HTML
    assert (
        sniff(b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "x")
        is MediaType.HTML
    )


def test_a_card_without_a_name_is_a_card() -> None:
    assert sniff(CARD, "download") is MediaType.MARKDOWN
    assert sniff(CARD, "README.txt") is MediaType.MARKDOWN


def test_a_readme_that_begins_with_tags_goes_by_its_name() -> None:
    readme = b'<p align="center"><img src="logo.png"></p>\n<div>Larch</div>\n\nTrained on H800.\n'
    assert sniff(readme, "README.md") is MediaType.MARKDOWN
    assert sniff(readme, "index.html") is MediaType.HTML


def test_scripts_and_logs_are_plain_text() -> None:
    script = b"#!/bin/bash\n# Number of nodes\n# --- \n# see **above**\n#SBATCH --nodes=48\n"
    assert sniff(script, "train.slurm.txt") is MediaType.TEXT
    assert sniff(script, "train.md") is MediaType.TEXT
    assert sniff(LOG, "train.log") is MediaType.TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "shift_jis", "euc_jp"])
def test_chinese_and_japanese_text_is_text_in_any_encoding(encoding: str) -> None:
    assert sniff("全部、二千基上完成。\n".encode(encoding), "notes.txt") is MediaType.TEXT


def test_an_empty_file_is_what_its_name_says() -> None:
    assert sniff(b"", "card.md") is MediaType.MARKDOWN
    assert sniff(b" \n", "report.pdf") is MediaType.TEXT


@pytest.mark.parametrize("unit", [b"[", b"[a](", b"**a", b"<!--", b"</p ", b"| ", b"---\n"])
def test_marks_without_end_are_told_apart_in_no_more_time_than_others(unit: bytes) -> None:
    began = time.process_time()
    for name in ("notes.txt", "card.md", "page.html"):
        assert sniff(b"Larch-7B " + unit * (100_000 // len(unit)), name) in set(MediaType)
    assert time.process_time() - began < 2
