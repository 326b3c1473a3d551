"""Bad input: one clear line and an outcome for each document, and the run goes on."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from calls import call
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas
from rude_server import serve

WORDS = "这是一篇关于昇腾芯片的短文，没有说明模型的训练过程。" * 4
MISLABELLED = f"<html><head><meta charset='utf-8'></head><body><p>{WORDS}</p></body></html>".encode("gb18030")
GOOD = "# Falcon-7B\n\nFalcon-7B was trained on 384 NVIDIA A100 40GB GPUs.\n"


@pytest.fixture
def address() -> Iterator[str]:
    with serve() as site:
        yield site["/report.pdf"]


def make_pdf(*, password: str = "") -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption(password) if password else None)
    canvas.drawString(72, 700, "Falcon-7B was trained on 384 NVIDIA A100 40GB GPUs.")
    canvas.save()
    return file.getvalue()


def make_jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "JPEG")
    return file.getvalue()


def test_each_bad_document_gets_one_line_and_an_outcome_and_the_good_one_is_read(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "good.md").write_text(GOOD)
    (folder / "empty.md").touch()
    (folder / "photo.pdf").write_bytes(make_jpeg())
    (folder / "cut.pdf").write_bytes(make_pdf()[:400])
    (folder / "locked.pdf").write_bytes(make_pdf(password="secret"))
    (folder / "huge.txt").write_bytes(b"word " * 300_000)
    (folder / "charset.html").write_bytes(MISLABELLED)
    out = tmp_path / "set"
    given = [str(folder), str(tmp_path / "nowhere.pdf"), address]
    words = ["run", *given, "--out", str(out), "--plain", "--max-size", "1"]
    settings = {"CHIPTRAIL_HOME": str(tmp_path / "home"), "CHIPTRAIL_ALLOW": "127.0.0.1", "COLUMNS": "200"}
    done = call(words, settings)
    lines = [json.loads(line) for line in (out / "documents.jsonl").read_text().splitlines()]
    assert {line["name"]: line["outcome"] for line in lines} == {
        "good.md": "read",
        "charset.html": "nothing-disclosed",
        "empty.md": "failed",
        "photo.pdf": "unsupported",
        "cut.pdf": "failed",
        "locked.pdf": "encrypted",
        "huge.txt": "failed",
        "nowhere.pdf": "failed",
        "report.pdf": "failed",
    }
    bad = {line["address"]: line["reason"] for line in lines if line["name"] not in ("good.md", "charset.html")}
    told = [
        line for line in done.stderr.splitlines() if not line.startswith(("Getting", "Reading", "Deriving", "Writing"))
    ]
    assert sorted(told) == sorted(
        f"{line['address']}: {line['outcome']}: {line['reason']}" for line in lines if line["address"] in bad
    )
    assert all(bad.values())
    assert bad[address] == "the server answered 404 Not Found"
    assert done.returncode == 1


def test_a_page_in_another_charset_than_it_says_is_read_in_its_own(tmp_path: Path) -> None:
    done = call(["text", "-"], {"CHIPTRAIL_HOME": str(tmp_path)}, MISLABELLED)
    assert "昇腾芯片" in done.stdout
    assert done.returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_a_failed_input(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    done = call(["run", str(tmp_path / "closed"), "--out", str(tmp_path / "set"), "--plain"], {"HOME": str(tmp_path)})
    assert "the folder cannot be listed: Permission denied" in done.stderr
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["run", "--out", "set"], "Name documents to read", 2),
        (["run", "x.md", "--out", "set", "--jobs", "many"], "'many' is not a valid integer", 2),
        (["run", "x.md", "--out", "/proc/nowhere/set", "--plain"], "cannot be written", 4),
        (["run", "x.md", "--out", "set", "--plain", "--base", "mysql:/x"], "is no database URL", 4),
        (["run", "--source", "nobody", "--out", "set", "--plain"], "no source or group is called 'nobody'", 4),
        (["extract", "missing.pdf"], "missing.pdf: there is no such file", 3),
        (["chip", "h21"], "did you mean nvidia-h20", 4),
        (["show", "nothing"], "no model in the base is called 'nothing'", 4),
        (["evaluate", "--gold", "."], "holds no gold", 4),
        (["text", "-"], "it is empty", 3),
    ],
)
def test_what_goes_wrong_is_said_in_a_line_with_a_code(tmp_path: Path, words: list[str], said: str, code: int) -> None:
    os.chdir(tmp_path)
    done = call(words, {"CHIPTRAIL_HOME": str(tmp_path / "home")}, b"")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == code


def test_a_damaged_base_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "base.sqlite").write_text("a diary" * 200)
    (tmp_path / "good.md").write_text(GOOD)
    words = ["run", str(tmp_path / "good.md"), "--out", str(tmp_path / "set"), "--plain"]
    done = call(words, {"CHIPTRAIL_HOME": str(tmp_path)})
    assert done.returncode == 4
    assert "not a database" in done.stderr
    assert (tmp_path / "base.sqlite").read_text() == "a diary" * 200


def test_a_document_cannot_talk_to_the_terminal(tmp_path: Path) -> None:
    name = tmp_path / "red\x1b[31m[bold].pdf"
    name.write_bytes(make_jpeg())
    done = call(["run", str(name), "--out", str(tmp_path / "set"), "--plain"], {"CHIPTRAIL_HOME": str(tmp_path)})
    assert "\x1b" not in done.stderr + done.stdout
    assert "[bold].pdf" in done.stderr
