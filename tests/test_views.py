"""The same lines for other tools: tables that say what the lines say, in the same bytes each time, and are checked."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas
from specimens import make_claim, make_document, make_finding
from test_evidence_set import VERSIONS, content, export, findings, lines

from corpus.document import MediaType
from evidence.finding import Finding
from extractors.claim import Claim, ClaimType
from extractors.reading import read
from extractors.text import Outcome
from outputs.kinds import KINDS
from outputs.manifest import write_manifest
from outputs.tabular import tables
from outputs.verification import verify_set
from outputs.views import say_cell

ODD = '=HYPERLINK(1) 使用 NVIDIA-H800-SXM «2,048»\n训练 on «H800», "so"'


def given() -> list[Finding]:
    report = make_document(ODD, "odd.md")
    claims: list[Claim] = [
        make_claim(ClaimType.CHIP_COUNT, value=2048.5, document=report, quote=ODD[:-1], page=3),
        make_claim(ClaimType.PRECISION, None, "FP8", document=report, quote=ODD[1:9], start=1),
    ]
    return [*findings(), make_finding(report, *claims)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return export(tmp_path, *given())


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(folder: Path, question: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "evidence.sqlite")) as database:
        return database.execute(question, values).fetchall()


def seal(folder: Path) -> None:
    """Make digests and manifest fit what was changed, so that only the content can give it away."""
    manifest = json.loads((folder / "datapackage.json").read_text())["chiptrail"]
    (folder / "datapackage.json").unlink()
    write_manifest(folder, manifest["counts"], manifest["outcomes"], VERSIONS)


def test_every_table_has_a_row_for_each_line(folder: Path) -> None:
    for one in tables():
        rows = sum(1 for _ in one.rows(folder))
        assert len(table(folder, one.name)) == rows
        assert pq.read_table(folder / "parquet" / f"{one.name}.parquet").num_rows == rows
        assert ask(folder, f'SELECT count(*) FROM "{one.name}"') == [(rows,)]
    assert len(table(folder, "quotes")) == 5


def test_a_claim_keeps_its_parts_its_number_and_its_first_quote(folder: Path) -> None:
    (row,) = (row for row in table(folder, "claims") if row["value"] == "2048.5")
    assert (row["subject_id"], row["chip_id"], row["page"]) == ("larch-7b", "nvidia-h800", "3")
    (word,) = (row for row in table(folder, "claims") if row["value_text"])
    assert (word["value"], word["value_text"]) == ("", "FP8")
    schema = pq.read_schema(folder / "parquet" / "claims.parquet")
    assert [schema.field(name).type for name in ("value", "page")] == [pa.float64(), pa.int64()]


def test_no_cell_of_csv_is_a_formula(folder: Path) -> None:
    quotes = {row["quote"] for row in table(folder, "quotes")}
    assert f"'{ODD[:-1]}" in quotes
    assert [say_cell(cell) for cell in ("@x", "-1", -1.0, 3.8e25, None, True)] == [
        "'@x",
        "'-1",
        "-1",
        "3.8e+25",
        "",
        "true",
    ]


def test_words_are_found_within_other_words_and_in_chinese(folder: Path) -> None:
    question = (
        "SELECT document FROM quotes WHERE rowid IN (SELECT rowid FROM quotes_search WHERE quotes_search MATCH ?)"
    )
    assert ask(folder, question, '"H800-S"') == [("odd.md",)]
    assert ask(folder, question, '"使用 NV"') == [("odd.md",)]
    assert ask(folder, "SELECT rowid FROM documents_search WHERE documents_search MATCH ?", '"odd"')


def test_datasette_sees_which_table_a_search_belongs_to(folder: Path) -> None:
    made = ask(folder, "SELECT sql FROM sqlite_master WHERE name = 'quotes_search'")[0][0]
    assert 'content="quotes"' in made
    assert set(json.loads((folder / "metadata.json").read_text())["databases"]["evidence"]["tables"]) == {
        one.name for one in tables()
    }


def test_the_one_file_holds_every_line(folder: Path) -> None:
    whole = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    assert whole == {path.stem: lines(path) for path in folder.glob("*.jsonl")}


def test_a_large_set_has_no_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outputs.views.WHOLE_LIMIT", 100)
    folder = export(tmp_path, *given())
    assert not (folder / "evidence.json").exists()
    assert list(verify_set(folder)) == []


def test_every_line_of_every_kind_holds_against_its_schema(folder: Path) -> None:
    """What `chiptrail verify` relies on: a line that its type reads back to the letter holds against the schema."""
    for kind in KINDS:
        validator = Draft202012Validator(json.loads((folder / "schema" / f"{kind}.json").read_text()))
        for line in lines(folder / f"{kind}.jsonl"):
            validator.validate(line)


def test_the_same_lines_give_the_same_bytes_in_every_format(tmp_path: Path) -> None:
    sets = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        sets.append(content(export(tmp_path / name, *given())))
    assert sets[0] == sets[1]
    assert {Path(name).suffix for name in sets[0]} == {".csv", ".json", ".jsonl", ".parquet", ".sqlite", ""}


def test_each_quote_has_selectors_of_the_w3c(folder: Path) -> None:
    (claim,) = (line for line in lines(folder / "claims.jsonl") if line["value"] == 2048.5)
    place, words = claim["evidence"][0]["selector"]
    assert place["conformsTo"] == "http://tools.ietf.org/rfc/rfc3778"
    assert (place["type"], place["value"]) == ("FragmentSelector", "page=3")
    assert place["refinedBy"] == {"type": "TextPositionSelector", "start": 0, "end": len(ODD) - 1}
    assert (words["type"], words["exact"]) == ("TextQuoteSelector", ODD[:-1])


def test_what_could_not_be_read_is_a_gap_and_so_is_a_part_of_what_was(tmp_path: Path) -> None:
    report = make_document(name="report.pdf")
    partly = replace(make_finding(report, make_claim(document=report)), reason="Pages without text: 2.")
    lost = Finding("https://x.org/a", "https://x.org/a", "a", Outcome.FAILED, "the server answered 404")
    folder = export(tmp_path, partly, lost)
    assert {(gap["name"], gap["missing"], gap["reason"]) for gap in lines(folder / "gaps.jsonl")} == {
        ("report.pdf", "part", "Pages without text: 2."),
        ("a", "document", "the server answered 404"),
    }
    coverage = json.loads((folder / "datapackage.json").read_text())["chiptrail"]["coverage"]
    assert (coverage["documents"], coverage["read"], coverage["gaps"]) == (2, 1, 2)
    assert "chip_hours" in coverage["looked_for"]
    assert coverage["not_looked_for"]


def test_pages_without_text_are_named() -> None:
    file = io.BytesIO()
    canvas = Canvas(file)
    for words in ("First page.", "", "Third page."):
        canvas.drawString(72, 700, words)
        canvas.showPage()
    canvas.save()
    data = file.getvalue()
    document = make_document(name="own.pdf").model_copy(update={"media_type": MediaType.PDF})
    assert read(data, document).reason == "Pages without text (empty, or pictures alone): 2."


def test_a_set_with_all_its_views_is_whole(folder: Path) -> None:
    assert list(verify_set(folder)) == []


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("csv/claims.csv", lambda data: data.replace(b"2048.5", b"2049.5"), "says something else than its line: value"),
        ("csv/quotes.csv", lambda data: data[: data.rindex(b"\n", 0, -1) + 1], "a row is missing"),
        ("evidence.json", lambda data: data.replace(b"2048.5", b"2049.5"), "says something else than the lines"),
        ("parquet/claims.parquet", lambda data: data[:-9], "cannot be read"),
        ("evidence.sqlite", lambda data: b"a diary" * 500, "cannot be read"),
    ],
)  # fmt: skip
def test_a_view_that_says_something_else_is_found_even_where_its_digest_fits(
    folder: Path, file: str, spoil: Any, said: str
) -> None:
    path = folder / file
    path.write_bytes(spoil(path.read_bytes()))
    seal(folder)
    faults = list(verify_set(folder))
    assert any(fault.file == file and said in fault.what for fault in faults), faults


def test_a_database_that_was_written_to_is_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "evidence.sqlite")) as database:
        database.execute("UPDATE claims SET chip_id = 'nvidia-h20' WHERE value = 2048.5")
        database.commit()
    seal(folder)
    (fault,) = verify_set(folder)
    assert (fault.file, fault.what) == ("evidence.sqlite", "row of claims says something else than its line: chip_id")


def test_words_that_the_search_lacks_are_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "evidence.sqlite")) as database:
        database.execute("INSERT INTO quotes_search (quotes_search) VALUES ('delete-all')")
        database.commit()
    seal(folder)
    assert ["full-text search is damaged" in fault.what for fault in verify_set(folder)] == [True]


def test_a_set_without_views_of_an_older_layout_is_not_held_against_them(folder: Path) -> None:
    for name in ("csv", "parquet"):
        shutil.rmtree(folder / name)
    for name in ("evidence.sqlite", "evidence.json"):
        (folder / name).unlink()
    seal(folder)
    assert list(verify_set(folder)) == []
