"""A table of models that somebody keeps by hand is compared with what documents say."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from calls import call
from specimens import H800, make_claim, make_document, make_finding
from test_evidence_set import export

import registry
from evidence.comparison import Cause, Comparison, Row, Verdict, compare_rows
from extractors.claim import Attribution, Chip, Claim, ClaimType, Modality, Stage, Subject
from outputs.exchange import TableError, read_rows

TABLE = """Model,Parameters,Parameters notes,Training compute (FLOP),Training hardware,Hardware quantity
Larch-7B,7e9,,4.2e22,"NVIDIA H800 SXM5",1024
Birch,1000000000,,,,
"""


def claims() -> list[Claim]:
    return [
        make_claim(quote="trained on H800"),
        make_claim(ClaimType.PARAMETERS, None, 7e9, quote="a 7B model", unit="parameters"),
        make_claim(ClaimType.TRAINING_TOKENS, None, 1e12, quote="on 1T tokens", unit="tokens"),
        make_claim(ClaimType.CHIP_COUNT, H800, 512, quote="512 H800", unit="chips"),
        make_claim(ClaimType.TRAINING_TIME, H800, 100, quote="100 hours", unit="hours"),
    ]


def compare(said: list[Claim], **row: Any) -> dict[ClaimType, Comparison]:
    fields: dict[str, Any] = {"figures": {}, "words": {}, "notes": {}, **row}
    rows = [Row(fields.pop("model", "Larch-7B"), **fields)]
    return {one.field: one for one in compare_rows(rows, said, registry.load()) if one.model}


def test_figures_agree_differ_or_are_on_one_side_only() -> None:
    figures = {ClaimType.PARAMETERS: 7.05e9, ClaimType.CHIP_COUNT: 1024.0, ClaimType.UTILIZATION: 0.4}
    found = compare(claims(), figures=figures)
    assert {kind.value: one.verdict.value for kind, one in found.items()} == {
        "hardware": "only_here",
        "chip_count": "differs",
        "training_time": "only_here",
        "training_tokens": "only_here",
        "parameters": "agrees",
        "utilization": "only_there",
    }
    assert [said.quote for said in found[ClaimType.CHIP_COUNT].ours] == ["512 H800"]


def test_a_figure_of_theirs_that_follows_from_ours_is_worked_out() -> None:
    (one,) = [c for c in compare(claims(), figures={ClaimType.TRAINING_COMPUTE: 4.2e22}).values() if c.theirs]
    assert one.verdict is Verdict.ONLY_THERE
    assert one.why == "theirs is worked out: 6 × parameters × tokens of what we read is 4.2e+22"


def test_a_sum_of_ours_is_said_to_be_one() -> None:
    said = [make_claim(ClaimType.TRAINING_TOKENS, None, value, unit="tokens") for value in (3.66e11, 1.3e10)]
    one = compare(said, figures={ClaimType.TRAINING_TOKENS: 3.79e11})[ClaimType.TRAINING_TOKENS]
    assert (one.verdict, one.why) == (Verdict.DIFFERS, "theirs is a sum of ours: 366B + 13B")


def test_a_note_that_reckons_explains_a_difference() -> None:
    rest = {"figures": {ClaimType.TRAINING_TIME: 300.0}, "notes": {ClaimType.TRAINING_TIME: "Assume 15 TFLOP/s"}}
    assert compare(claims(), **rest)[ClaimType.TRAINING_TIME].why == "theirs is worked out or estimated, by its note"


def test_every_difference_has_a_cause() -> None:
    other = make_document("table", "table.md")
    base = Subject(kind="model", id="larch-base", name="Larch-Base")
    told = {
        Cause.DEFINITION: (
            [make_claim(ClaimType.PARAMETERS, None, 1.043e12)],
            {"figures": {ClaimType.PARAMETERS: 1e12}},
        ),
        Cause.MISREAD: (claims(), {"figures": {ClaimType.TRAINING_TIME: 9000.0}}),
        Cause.SOURCES: (
            [make_claim(ClaimType.CHIP_COUNT, H800, 512, document=other, attribution=Attribution.OTHER)],
            {"figures": {ClaimType.CHIP_COUNT: 600.0}},
        ),
        Cause.VARIANT: (
            [
                make_claim(ClaimType.PARAMETERS, None, 7e9, subject=base),
                make_claim(ClaimType.CHIP_COUNT, H800, 32, subject=base),
            ],
            {"model": "Larch", "figures": {ClaimType.PARAMETERS: 1.6e12, ClaimType.CHIP_COUNT: 1024.0}},
        ),
    }
    for cause, (said, row) in told.items():
        differing = [one for one in compare(said, **row).values() if one.verdict is Verdict.DIFFERS]
        assert differing
        assert {one.cause for one in differing} == {cause}


def test_agreement_has_no_cause() -> None:
    assert {one.cause for one in compare(claims(), figures={ClaimType.PARAMETERS: 7e9}).values()} == {None}


@pytest.mark.parametrize(
    ("words", "verdict"),
    [("NVIDIA H800 SXM5", "agrees"), ("NVIDIA H800 SXM5 80 GB,Google TPU v3", "agrees"), ("Google TPU v3", "differs")],
)
def test_chips_agree_by_their_kin_whatever_they_are_called(words: str, verdict: str) -> None:
    assert compare(claims(), words={ClaimType.HARDWARE: words})[ClaimType.HARDWARE].verdict == verdict


def test_chips_that_our_documents_do_not_name_are_only_there() -> None:
    one = compare([make_claim(chip=Chip(id="gpu", name="GPU"))], words={ClaimType.HARDWARE: "NVIDIA V100"})
    assert one[ClaimType.HARDWARE].verdict is Verdict.ONLY_THERE
    assert one[ClaimType.HARDWARE].why == "our documents do not name the chip"


def test_the_model_without_its_size_answers_where_the_sized_one_is_silent() -> None:
    said = [make_claim(ClaimType.CHIP_COUNT, H800, 64, subject=Subject(kind="model", id="larch", name="Larch"))]
    assert compare(said, figures={ClaimType.CHIP_COUNT: 64.0})[ClaimType.CHIP_COUNT].verdict is Verdict.AGREES


def test_what_is_no_fact_of_training_is_compared_with_nothing() -> None:
    said = [
        make_claim(ClaimType.CHIP_COUNT, H800, 64, stage=Stage.INFERENCE),
        make_claim(ClaimType.CHIP_COUNT, H800, 32, modality=Modality.HYPOTHETICAL),
    ]
    assert compare(said, figures={ClaimType.CHIP_COUNT: 64.0})[ClaimType.CHIP_COUNT].verdict is Verdict.ONLY_THERE


def test_a_model_that_the_table_lacks_is_only_here_if_its_own_document_speaks() -> None:
    others = make_claim(ClaimType.CHIP_COUNT, H800, 5, attribution=Attribution.OTHER)
    assert list(compare_rows([], [others], registry.load())) == []
    (one,) = compare_rows([], [make_claim(ClaimType.CHIP_COUNT, H800, 5)], registry.load())
    assert (one.model, one.subject, one.verdict) == (None, "larch-7b", Verdict.ONLY_HERE)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a,b\n1,2\n", "it has no column"),
        ("Model,Parameters\nLarch,many\n", "line 2: Parameters: 'many' is not a number"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_place(tmp_path: Path, body: str, words: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(body)
    with pytest.raises(TableError, match=words):
        read_rows(table)


def test_the_command_compares_and_writes_in_the_columns_of_the_table(tmp_path: Path) -> None:
    document = make_document("=1+1", name="larch.md", developer="Larch Lab", title="=cmd")
    formula = Subject(kind="model", id="birch-2", name="=Birch")
    said = [c.model_copy(update={"evidence": make_claim(document=document).evidence}) for c in claims()]
    said.append(make_claim(ClaimType.PARAMETERS, None, 2e9, subject=formula, document=document))
    folder = export(tmp_path, make_finding(document, *said))
    (tmp_path / "table.csv").write_text(TABLE)
    arguments = ["compare", str(tmp_path / "table.csv"), str(folder), "--write", str(tmp_path / "ours.csv")]
    done = call([*arguments, "--json"], {})
    assert done.returncode == 5
    verdicts = {(one["model"], one["field"]): one["verdict"] for one in json.loads(done.stdout)}
    assert verdicts["Larch-7B", "chip_count"] == "differs"
    assert verdicts["Birch", "parameters"] == "only_there"
    with (tmp_path / "ours.csv").open(newline="") as file:
        ours = {row["Model"]: row for row in csv.DictReader(file)}
    assert ours["Larch-7B"]["Hardware quantity"] == "512.0"
    assert ours["Larch-7B"]["Training hardware"] == "NVIDIA H800"
    assert "'=Birch" in ours
    assert list(ours["Larch-7B"]) == TABLE.partition("\n")[0].split(",")


def test_a_row_is_found_in_whatever_letters_its_name_is_written() -> None:
    named = Subject(kind="model", id="pangu-alpha-13b", name="盘古α 13B")
    said = [make_claim(ClaimType.PARAMETERS, None, 13e9, subject=named, unit="parameters")]
    for model in ("PanGu-α-13B", "PanGu Alpha (13B)", "盘古α 13B"):
        found = compare(said, model=model, figures={ClaimType.PARAMETERS: 13e9})
        assert found[ClaimType.PARAMETERS].verdict is Verdict.AGREES, model
