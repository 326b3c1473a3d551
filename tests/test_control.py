"""Export-control status: the worked table, its arithmetic, and what is said where something is not known."""

import csv
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from evidence.control import (
    ControlStatus,
    DestinationError,
    Result,
    control_status,
    first_release,
    status_report,
)
from evidence.control_record import record_status
from flows.command import cli
from registry import RegistryError, load
from registry.catalogue import DATA
from registry.lookup import UnknownNameError

REGISTRY = load()

DAYS = (
    "2022-08-25", "2022-09-01", "2022-10-21", "2023-10-23", "2023-11-17",
    "2025-04-15", "2025-08-15", "2026-01-15", "2026-06-01",
)  # fmt: skip

LEGEND = {
    "free": Result.NONE_FOUND,
    "notice": Result.NOTIFIED,
    "case": Result.CASE_BY_CASE,
    "case?": Result.MAYBE_CASE_BY_CASE,
    "letter": Result.UNPUBLISHED,
    "denial": Result.DENIAL,
    "prc": Result.NOT_AN_EXPORT,
    "none": Result.NOT_SHIPPING,
}

# Where a reader would write one word «licence», this table parts it: `letter` for a licence whose review policy was not
# published (letters to one company, and the notice of October 2023), `denial` for the rules' presumption of denial.
# `none` stands for a part that was not on sale, also where the rule of that day would have let it pass: what A800, H800
# and MI308X would have met is in `IF_SHIPPED`.
WORKED_TABLE = {
    "A100": "free letter denial denial denial denial denial case? case?",
    "H100": "none letter denial denial denial denial denial case? case?",
    "A800": "none none none letter denial denial denial case? case?",
    "H800": "none none none letter denial denial denial case? case?",
    "H20": "none none none none free letter case case case",
    "H200": "none none none none denial denial denial case case",
    "L20": "none none none none free free free free free",
    "L40": "none none free free notice notice notice notice notice",
    "L40S": "none none none letter denial denial denial case? case?",
    "RTX 4090": "none none free free notice notice notice notice notice",
    "RTX 4090 D": "none none none none none free free free free",
    "MI308X": "none none none none none letter case case case",
    "Ascend 910B": "prc prc prc prc prc prc prc prc prc",
}

IF_SHIPPED = {
    ("A800", "2022-10-21"): Result.NONE_FOUND,
    ("H800", "2022-10-21"): Result.NONE_FOUND,
    ("RTX 4090 D", "2023-11-17"): Result.NONE_FOUND,
    ("MI308X", "2023-11-17"): Result.NOT_ESTABLISHED,
}

ARITHMETIC = {
    "nvidia-a100-sxm4-80gb": (4992, 6.04, 664, 2039),
    "nvidia-a800-sxm4-80gb": (4992, 6.04, 464, 2039),
    "nvidia-h100-sxm5-80gb": (15831, 19.45, 1028, 3350),
    "nvidia-h800-sxm5-80gb": (15831, 19.45, 528, 3350),
    "nvidia-h20-96gb": (2368, 2.91, 1028, 4000),
    "nvidia-h200-sxm-141gb": (15831, 19.45, 1028, 4800),
    "nvidia-l20": (1912, 3.14, 64, 864),
    "nvidia-l40": (2896, 4.76, 64, 864),
    "nvidia-l40s": (5864, 9.63, 64, 864),
    "nvidia-rtx-4090": (5285, 8.68, 64, 1008),
    "nvidia-rtx-4090d": (4707, 7.73, 64, 1008),
    "huawei-ascend-910b-b1": (6400, None, 392, 1600),
    "huawei-ascend-910b-b2": (5662, None, 392, 1600),
    "huawei-ascend-910b-b3": (5008, None, 392, 1600),
    "huawei-ascend-910b-b4": (4480, None, None, 800),
    "amd-mi308x": (None, None, 1024, 5300),
}

# The comparisons that the table's cells give: (line, value, whether it is met).
COMPARED = {
    ("A100", "2022-10-21"): [("tpp ≥ 4800", 4992, True), ("io ≥ 600", 664, True)],
    ("A800", "2022-10-21"): [("tpp ≥ 4800", 4992, True), ("io ≥ 600", 464, False)],
    ("H800", "2022-10-21"): [("io ≥ 600", 528, False)],
    ("L40", "2022-10-21"): [("io ≥ 600", 64, False)],
    ("H20", "2023-11-17"): [("2400 ≤ tpp < 4800", 2368, False), ("3.2 ≤ pd < 5.92", 2.91, False)],
    ("L20", "2023-11-17"): [("3.2 ≤ pd < 5.92", 3.14, False)],
    ("L20", "2025-04-15"): [("dram_bw ≥ 1400", 864, False)],
    ("RTX 4090 D", "2023-11-17"): [("tpp ≥ 4800", 4707, False)],
    ("RTX 4090 D", "2025-04-15"): [("dram_bw ≥ 1400", 1008, False)],
    ("H200", "2026-01-15"): [("tpp < 21000", 15831, True), ("dram_bw < 6500", 4800, True)],
}

END_REASON = 'end_reason = "announced as not enforced before its compliance date of 2025-05-15"\n'


def status(name: str, on: str, destination: str = "CN") -> ControlStatus:
    return status_report(REGISTRY, name, date.fromisoformat(on), destination)


def ask(name: str, day: str) -> dict[str, Any]:
    """What `chiptrail status NAME --on DAY --json` prints."""
    done = CliRunner().invoke(cli, ["status", name, "--on", day, "--json"])
    assert done.exit_code == 0, done.output
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def caught(found: ControlStatus) -> set[str]:
    return {rule.instrument.id for rule in found.rules if rule.caught}


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        (name, day, LEGEND[word])
        for name, row in WORKED_TABLE.items()
        for day, word in zip(DAYS, row.split(), strict=True)
    ],
)
def test_the_worked_table_is_reproduced_by_the_command(name: str, day: str, expected: Result) -> None:
    found = ask(name, day)
    assert found["result"] == expected, found["notes"]
    if (name, day) in IF_SHIPPED:
        assert found["if_shipped"] == IF_SHIPPED[name, day]


@pytest.mark.parametrize(("cell", "expected"), COMPARED.items())
def test_the_comparisons_of_a_cell_are_shown(cell: tuple[str, str], expected: list[tuple[str, float, bool]]) -> None:
    found = ask(*cell)
    records = [found, *found["variants"]]
    shown = {
        (c["line"], round(c["value"], 2 if c["value"] < 100 else 0), c["met"])
        for record in records
        for rule in record["rules"]
        for limb in rule["limbs"]
        for c in limb["comparisons"]
        if isinstance(c["value"], float | int) and not isinstance(c["value"], bool)
    }
    assert shown.issuperset(expected)


def test_the_confidence_of_the_inputs_is_stated() -> None:
    assert ask("H20", "2024-11-01")["inputs"]["confidence"] == "high"
    done = CliRunner().invoke(cli, ["status", "RTX PRO 6000D", "--on", "2026-01-01"])
    assert "confidence of the figures:" in done.stdout


@pytest.mark.parametrize(("chip_id", "expected"), ARITHMETIC.items())
def test_the_figures_held_against_the_lines(chip_id: str, expected: tuple[float | None, ...]) -> None:
    named = ("tpp", "performance_density", "io_gb_s", "memory_bandwidth_gb_s")
    shown = ask(chip_id, "2026-01-15")["inputs"]
    for value, figure in zip((shown[name] for name in named), expected, strict=True):
        assert value == (None if figure is None else pytest.approx(figure, abs=0.6 if figure > 100 else 0.006))


@pytest.mark.parametrize(
    ("name", "day", "instruments"),
    [
        ("A100", "2022-09-01", {"us-2022-08-26-nvidia-letter"}),
        ("A100", "2022-10-21", {"us-2022-10-07-ifr-3a090"}),
        ("A800", "2023-10-23", {"us-2023-10-23-accelerated"}),
        ("A800", "2023-11-17", {"us-2023-10-17-acs-3a090a"}),
        ("L40", "2023-11-17", {"us-2023-10-17-acs-3a090b"}),
        ("RTX 4090", "2023-11-17", {"us-2023-10-17-acs-consumer-nac"}),
        ("H20", "2025-04-15", {"us-2025-04-09-h20-letter"}),
        ("H20", "2025-08-15", {"us-2025-04-09-h20-letter", "us-2025-08-08-h20-licences"}),
        ("MI308X", "2025-04-15", {"us-2025-04-15-amd-intel-letters"}),
        ("MI250X", "2022-09-01", {"us-2022-08-26-amd-letter"}),
    ],
)
def test_the_rule_that_decides_is_named(name: str, day: str, instruments: set[str]) -> None:
    assert caught(status(name, day)) == instruments


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("L4", Result.DENIAL),
        ("L2", Result.NONE_FOUND),
        ("A10", Result.NONE_FOUND),
        ("A30", Result.NOTIFIED),
        ("A40", Result.NOTIFIED),
        ("V100", Result.NONE_FOUND),
        ("T4", Result.NONE_FOUND),
        ("MI100", Result.NOTIFIED),
        ("MI210", Result.NOTIFIED),
        ("MI250X", Result.DENIAL),
        ("RTX 3090", Result.NONE_FOUND),
        ("Gaudi2 China", Result.DENIAL),
    ],
)
def test_parts_on_a_boundary_at_the_end_of_2023(name: str, expected: Result) -> None:
    assert status(name, "2023-12-01").result is expected


def test_the_china_gaudi_passed_by_its_transfer_rate_until_the_next_rule() -> None:
    assert status("Gaudi2", "2023-08-01").result is Result.DENIAL
    assert status("HL-225B", "2023-08-01").result is Result.NONE_FOUND


def test_the_line_of_january_2026_lets_in_the_mi325x_and_leaves_out_the_b200() -> None:
    assert status("MI325X", "2026-02-01").result is Result.CASE_BY_CASE
    assert status("B200", "2026-02-01").result is Result.DENIAL
    assert status("B30A", "2026-02-01").result is Result.NOT_SHIPPING
    assert status("B30A", "2026-02-01").if_shipped is Result.DENIAL


def test_a_workstation_part_depends_on_how_it_is_marketed() -> None:
    found = status("RTX A6000", "2024-01-01")
    assert found.result is Result.DEPENDS
    assert any("counted as a data-centre part" in note and "otherwise" in note for note in found.notes)


def test_a_family_whose_parts_differ_says_which_part_gets_which_answer() -> None:
    found = status("amd-mi300", "2025-05-01")
    assert found.result is Result.DEPENDS
    assert "Instinct MI308X: licence required, review policy not published" in found.notes[0]
    assert {v.chip.id for v in found.variants} == {"amd-mi300a", "amd-mi300x", "amd-mi308x"}


def test_a_part_without_figures_does_not_outvote_its_family() -> None:
    found = status("A100", "2023-12-01")
    assert found.result is Result.DENIAL
    assert "not established for A100 64GB (custom)" in found.notes


def test_a_letter_binds_the_company_it_was_sent_to() -> None:
    assert status("MI250X", "2022-09-01").rules != status("A100", "2022-09-01").rules
    assert "us-2022-08-26-nvidia-letter" not in caught(status("MI250X", "2022-09-01"))


def test_numbers_known_from_the_press_alone_are_weak_ground() -> None:
    found = status("RTX 5090 D", "2025-05-01")
    assert found.result is Result.UNPUBLISHED
    assert found.confidence == "low"
    assert "caught by numbers that are known from the press alone" in found.notes


def test_a_part_named_by_a_letter_needs_no_figures() -> None:
    found = status("MI308X", "2025-05-01")
    assert found.inputs is not None
    assert found.inputs.tpp is None
    assert found.confidence == "high"


def test_a_figure_close_to_a_line_is_pointed_out() -> None:
    assert any("3.14" in note and "3.2 ≤ pd" in note for note in status("L20", "2024-01-01").notes)
    assert any(note.startswith("2,368 is close") for note in status("H20", "2024-11-01").notes)


def test_a_domestic_chip_is_a_question_of_its_maker_and_its_use() -> None:
    found = status("昇腾910B", "2025-06-01")
    assert found.result is Result.NOT_AN_EXPORT
    assert {"us-2019-05-16-huawei-el", "us-2025-05-13-gp10-ascend"} <= {rule.instrument.id for rule in found.context}
    meets = [note for note in found.notes if "General Prohibition 10" in note]
    assert any(note.startswith("Ascend 910B3 meets") for note in meets)
    assert any(note.startswith("Ascend 910B4 may meet") for note in meets)


def test_guidance_of_2025_says_nothing_of_earlier_days() -> None:
    assert "us-2025-05-13-gp10-ascend" not in {r.instrument.id for r in status("910B", "2025-05-12").context}


def test_words_for_chips_have_no_status() -> None:
    found = status("GPU", "2024-01-01")
    assert found.result is Result.NOT_ESTABLISHED
    assert found.inputs is None


def test_an_unfinished_transfer_rate_is_a_floor() -> None:
    found = status("TPU v4", "2022-11-01")
    assert found.result is Result.NONE_FOUND
    assert any("only one of the links is known" in note for note in found.notes)


def test_after_the_last_covered_day_the_state_is_carried_forward_unverified() -> None:
    before, after = status("H20", "2026-06-18"), status("H20", "2026-11-23")
    assert (before.unverified, after.unverified) == (False, True)
    assert after.result is before.result
    assert after.confidence == "low"
    assert any("unverified" in note for note in after.notes)


def test_chinese_measures_stand_beside_the_answer_and_do_not_change_it() -> None:
    found = status("H200", "2026-06-10")
    assert found.result is Result.CASE_BY_CASE
    assert "prc-2026-06-h200-pause" in {measure.id for measure in found.imports}
    assert "prc-2026-06-h200-pause" not in {measure.id for measure in status("H200", "2026-05-01").imports}


def test_macau_came_under_the_rule_in_january_2023() -> None:
    assert status("A100", "2023-01-16", "MO").result is Result.NONE_FOUND
    assert status("A100", "2023-01-17", "MO").result is Result.DENIAL


def test_a_destination_without_data_is_refused() -> None:
    with pytest.raises(DestinationError, match="destination 'AE' is not covered; known are CN, HK, MO"):
        status("A100", "2024-01-01", "AE")


def test_an_unknown_chip_is_refused_with_suggestions() -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        status("H2000", "2024-01-01")


def test_the_first_release_of_a_family_is_that_of_its_first_part() -> None:
    assert first_release(REGISTRY, "nvidia-a100") == date(2020, 5, 14)
    assert first_release(REGISTRY, "gpu") is None


def test_the_record_shows_the_arithmetic_limb_by_limb() -> None:
    record = json.loads(json.dumps(record_status(status("H20", "2024-11-01"))))
    assert record["result"] == "no licence requirement found"
    assert record["inputs"]["tpp"] == 2368
    rule = next(rule for rule in record["rules"] if rule["id"] == "us-2023-10-17-acs-3a090b")
    assert rule["citation"] == "88 FR 73458"
    assert rule["limbs"][0]["comparisons"][0] == {
        "line": "2400 ≤ tpp < 4800", "value": 2368, "met": False, "close": True,
    }  # fmt: skip
    assert {variant["chip"]["id"] for variant in record["variants"]} == {"nvidia-h20-96gb", "nvidia-h20-141gb"}


@given(
    chip=st.sampled_from([chip.id for chip in REGISTRY.chips]),
    day=st.dates(min_value=date(2018, 1, 1), max_value=date(2027, 12, 31)),
    destination=st.sampled_from(["CN", "HK", "MO"]),
)
def test_every_chip_has_an_answer_on_every_day(chip: str, day: date, destination: str) -> None:
    found = control_status(REGISTRY, chip, day, destination)
    assert found.result in Result
    if found.result is Result.DENIAL and not found.variants:
        assert any(rule.caught and rule.instrument.policy == "denial" for rule in found.rules)
    if found.result is Result.NONE_FOUND and not found.variants:
        assert not caught(found)
    for rule in (*found.rules, *found.context):
        assert rule.instrument.in_force(day)


def test_no_day_falls_between_two_rules() -> None:
    first = date(2022, 10, 21)
    days = [first + timedelta(days=n) for n in range((date(2026, 1, 15) - first).days)]
    results = {day: control_status(REGISTRY, "nvidia-a100-sxm4-80gb", day).result for day in days}
    assert not [day for day, result in results.items() if result is not Result.DENIAL]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ended = 2023-11-16\nsucceeded_by", "ended = 2023-11-14\nsucceeded_by", "leaves a gap: it begins 2023-11-17"),
        ("ended = 2023-11-16\nsucceeded_by", "ended = 2023-11-18\nsucceeded_by", "overlaps: it begins 2023-11-17"),
        ('"us-2022-10-07-ifr-3a090"]', '"us-2022-10-07"]', "succeeded_by: nothing has the id 'us-2022-10-07'"),
        ('chips = ["nvidia-h20"]', 'chips = ["nvidia-h21"]', "chips: nothing has the id 'nvidia-h21'"),
        ('vendors = ["amd"]', 'vendors = ["amdd"]', "vendors: nothing has the id 'amdd'"),
        ("effective = 2025-04-09", "effective = 2025-04-01", "effective: 2025-04-01 is before it was announced"),
        ('scope = ["D:5", "MO"]', 'scope = ["D:6", "MO"]', "scope: no group has the id 'D:6'"),
        ('measure = "tpp", at_least = 4800', 'measure = "tpp"', "tpp needs at_least or below and nothing else"),
        ('measure = "tpp"', 'measure = "tps"', r"limb.0.all.0.measure: input should be 'tpp'"),
        ("at_least = 2400, below = 4800", "at_least = 4800, below = 2400", "tpp: at_least is not under below"),
        (END_REASON, "", "ended: leaves a gap after 2025-05-13; name succeeded_by or end_reason"),
        ('policy = "denial"\nannounced = "2022-10-07"', 'announced = "2022-10-07"', "policy: is missing"),
        ('effect = "requires"', 'effect = "requires"\nstrictness = 3', "strictness: unknown key"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_entry(tmp_path: Path, old: str, new: str, message: str) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "controls.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=rf"controls\.toml, entry \d+ \(.+\): .*{message}"):
        load(tmp_path)


def test_the_page_on_export_control_explains_every_answer() -> None:
    page = (Path(__file__).parents[1] / "docs" / "export-control.md").read_text(encoding="utf-8")
    assert not [result for result in Result if f"| {result} |" not in page]


REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "export_controls.csv"
EFFECTS = {"us-2023-01-17-macau": "2023-11-16", "us-bill-gain-ai": ""}
"""Ends that differ from the list: Macau's controls of 2022 ended with the rule that they extend, and a bill that was
dropped never had effect."""


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the folder with the reference tables is not beside the checkout")
def test_every_period_of_the_list_of_rules_is_in_the_data() -> None:
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {row["id"]: (row["date_effective"], EFFECTS.get(row["id"], row["date_ended"])) for row in rows}
    given = {i.id: (str(i.effective or ""), str(i.ended or "")) for i in REGISTRY.controls.instruments}
    assert given == expected
    for row in rows:
        instrument = REGISTRY.controls.instrument(row["id"])
        assert row["confidence"].startswith(instrument.confidence)
        assert instrument.citation
        assert instrument.sources
