"""Figures of claims are held against each other: what adds up, what does not, and what cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from calls import call
from specimens import LARCH, make_claim, make_document, make_finding
from test_evidence_set import export

import registry
from evidence.check import Check, Kind, Outcome
from evidence.checks import check_claims
from extractors.claim import Chip, Claim, ClaimType, Modality, Stage, Status, Subject
from flows.commands.single import read_single

CARD, PAPER = make_document("card", "card.md"), make_document("paper", "paper.pdf")
LARCH_FAMILY = Subject(kind="model", id="larch", name="Larch")


def say(kind: ClaimType, value: float, words: str = "", at: int = 0, **rest: Any) -> Claim:
    """A claim of the paper; claims with other words stand elsewhere in it."""
    chip = rest.pop("chip", Chip(id="nvidia-h800-sxm", name="H800"))
    return make_claim(kind, chip, value, quote=words or str(value), start=at, **{"document": PAPER, **rest})


def checks(*claims: Claim, kind: Kind) -> list[Check]:
    return [check for check in check_claims(claims, registry.load()) if check.kind is kind]


def only(*claims: Claim, kind: Kind) -> Check:
    (check,) = checks(*claims, kind=kind)
    return check


def hours(value: float, at: int = 0, words: str = "", **rest: Any) -> Claim:
    return say(ClaimType.CHIP_HOURS, value, words, at, unit="chip-hours", **rest)


def tokens(value: float, at: int = 0, words: str = "", **rest: Any) -> Claim:
    return say(ClaimType.TRAINING_TOKENS, value, words, at, chip=None, unit="tokens", **rest)


def size(value: float, kind: ClaimType = ClaimType.PARAMETERS, **rest: Any) -> Claim:
    return say(kind, value, at=500, chip=None, unit="parameters", **rest)


def test_chips_and_time_make_up_the_chip_hours() -> None:
    said = (say(ClaimType.CHIP_COUNT, 1000, unit="chips"), say(ClaimType.TRAINING_TIME, 100, unit="hours", at=50))
    check = only(*said, hours(101_000, 100), kind=Kind.CHIP_HOURS)
    assert check.outcome is Outcome.CONSISTENT
    assert check.arithmetic == "1,000 chips × 100 hours = 100,000 chip-hours; stated 101,000 chip-hours (-1.0%)"
    assert only(*said, hours(150_000, 100), kind=Kind.CHIP_HOURS).outcome is Outcome.INCONSISTENT


def test_less_than_two_months_is_a_bound_and_no_figure() -> None:
    count = say(ClaimType.CHIP_COUNT, 1000, unit="chips")
    time = say(ClaimType.TRAINING_TIME, 1460, unit="hours", at=50, qualifier="at_most")
    assert only(count, time, hours(9e5, 100), kind=Kind.CHIP_HOURS).outcome is Outcome.CONSISTENT
    assert only(count, time, hours(2e6, 100), kind=Kind.CHIP_HOURS).outcome is Outcome.INCONSISTENT


def test_the_time_of_the_same_sentence_is_the_one_that_counts() -> None:
    count = say(ClaimType.CHIP_COUNT, 1000, unit="chips", at=900)
    near = say(ClaimType.TRAINING_TIME, 100, "100 hours, 100K chip-hours", unit="hours")
    far = say(ClaimType.TRAINING_TIME, 3, unit="hours", at=800)
    check = only(count, near, far, hours(1e5, words="100 hours, 100K chip-hours"), kind=Kind.CHIP_HOURS)
    assert check.outcome is Outcome.CONSISTENT
    assert {said.value for said in check.claims} == {1000, 100, 1e5}


def test_of_several_times_none_is_picked() -> None:
    times = [say(ClaimType.TRAINING_TIME, t, unit="hours", at=200 * i) for i, t in enumerate((10, 100), 1)]
    check = only(say(ClaimType.CHIP_COUNT, 1000, unit="chips"), *times, hours(1e5, 900), kind=Kind.CHIP_HOURS)
    assert check.outcome is Outcome.NOT_CHECKABLE
    assert "does not say which" in check.note


def test_the_time_of_an_epoch_makes_up_no_chip_hours() -> None:
    count = say(ClaimType.CHIP_COUNT, 1000, unit="chips")
    epoch = say(ClaimType.TRAINING_TIME, 10, unit="hours", at=50, per="epoch")
    assert only(count, epoch, hours(1e5, 900), kind=Kind.CHIP_HOURS).note == "no time is given"


def test_a_missing_time_is_named() -> None:
    check = only(say(ClaimType.CHIP_COUNT, 1000, unit="chips"), hours(1e5, 900), kind=Kind.CHIP_HOURS)
    assert (check.outcome, check.note) == (Outcome.NOT_CHECKABLE, "no time is given")


def test_a_rate_times_the_tokens_is_the_total() -> None:
    rate = hours(200_000, per="trillion tokens")
    assert only(rate, tokens(10e12, 90), hours(2e6, 200), kind=Kind.RATE).outcome is Outcome.CONSISTENT
    assert only(rate, tokens(10e12, 90), hours(3e6, 200), kind=Kind.RATE).outcome is Outcome.INCONSISTENT


def test_stages_of_a_row_sum_to_its_total() -> None:
    row = "700K 200K 100K 1M in total"
    check = only(*(hours(v, words=row) for v in (7e5, 2e5, 1e5, 1e6)), kind=Kind.STAGES)
    assert check.outcome is Outcome.CONSISTENT
    assert "= 1M chip-hours; stated 1M chip-hours (+0.0%)" in check.arithmetic


def test_stages_that_exceed_what_is_called_their_total_contradict_it() -> None:
    check = only(*(hours(v, words="900K 200K 1M in total") for v in (9e5, 2e5, 1e6)), kind=Kind.STAGES)
    assert (check.outcome, check.note) == (Outcome.INCONSISTENT, "the parts exceed the total")


def test_stages_that_fall_short_may_lack_one() -> None:
    check = only(*(hours(v, words="600K 200K 1M in total") for v in (6e5, 2e5, 1e6)), kind=Kind.STAGES)
    assert check.outcome is Outcome.NOT_CHECKABLE
    assert check.note.startswith("200,000 chip-hours of the total belong to no part")


def test_the_largest_of_a_row_is_no_total_unless_words_say_so() -> None:
    check = only(*(hours(v, words="900 200 1000") for v in (900.0, 200.0, 1000.0)), kind=Kind.STAGES)
    assert check.outcome is Outcome.NOT_CHECKABLE


def test_the_models_of_a_family_sum_to_its_total() -> None:
    members = [
        hours(v, subject=Subject(kind="model", id=f"larch-{n}b", name=f"Larch {n}B"), at=at)
        for n, v, at in ((7, 1e5, 100), (70, 9e5, 200))
    ]
    total = hours(1e6, 300, "Total", subject=LARCH_FAMILY)
    assert only(*members, total, kind=Kind.MEMBERS).outcome is Outcome.CONSISTENT


@pytest.mark.parametrize(("flop", "outcome"), [(4.2e22, "consistent"), (4.2e23, "inconsistent")])
def test_six_n_d_is_held_against_the_stated_flop(flop: float, outcome: str) -> None:
    stated = say(ClaimType.TRAINING_COMPUTE, flop, chip=None, unit="FLOP", at=300)
    assert only(size(7e9), tokens(1e12), stated, kind=Kind.COMPUTE).outcome == outcome


def test_experts_that_rest_do_not_count_in_six_n_d() -> None:
    stated = say(ClaimType.TRAINING_COMPUTE, 6e22, chip=None, unit="FLOP", at=300)
    active = size(1e10, ClaimType.ACTIVE_PARAMETERS)
    check = only(size(1e11), active, tokens(1e12), stated, kind=Kind.COMPUTE)
    assert check.outcome is Outcome.CONSISTENT
    assert "10B active parameters" in check.arithmetic


@pytest.mark.parametrize(
    ("chip_hours", "note"),
    [(1e5, ""), (1e4, "over 1: impossible"), (1e7, "implausibly low"), (4.2e4, "implausible")],
)
def test_the_utilisation_that_follows_is_possible_and_plausible(chip_hours: float, note: str) -> None:
    a100 = Chip(id="nvidia-a100", name="A100")
    check = only(size(7e9), tokens(1e12), hours(chip_hours, 90, chip=a100), kind=Kind.UTILISATION)
    assert check.outcome is (Outcome.INCONSISTENT if note else Outcome.CONSISTENT)
    assert check.note.startswith(note)


def test_a_run_in_fp8_is_held_against_the_peak_of_fp8() -> None:
    h800 = Chip(id="nvidia-h800", name="H800")
    run = size(3e10), tokens(1e13, 90), hours(6e5, 200, chip=h800)
    assert only(*run, kind=Kind.UTILISATION).note == "implausible"
    fp8 = say(ClaimType.PRECISION, "fp8", chip=None, at=300)
    check = only(*run, fp8, kind=Kind.UTILISATION)
    assert check.outcome is Outcome.CONSISTENT
    assert "1,979 TFLOP/s fp8 of H800" in check.arithmetic
    assert fp8.id in {said.claim for said in check.claims}
    served = say(ClaimType.PRECISION, "fp8", chip=None, stage=Stage.INFERENCE)
    assert "bf16 of H800" in only(*run, served, kind=Kind.UTILISATION).arithmetic


def test_a_rate_is_no_total_and_the_hours_follow_from_it() -> None:
    run = size(2e10), tokens(8e12, 90), hours(170_000, per="trillion tokens", chip=Chip(id="nvidia-h800", name="H800"))
    check = only(*run, kind=Kind.UTILISATION)
    assert check.outcome is Outcome.CONSISTENT
    assert "170,000 chip-hours per trillion tokens × 8T tokens" in check.arithmetic


def test_hours_for_so_many_tokens_are_a_rate_that_chips_and_time_can_bear_out() -> None:
    a100 = Chip(id="nvidia-a100", name="A100")
    rate = hours(3000, per="300B tokens", chip=a100)
    count = say(ClaimType.CHIP_COUNT, 16, unit="chips", chip=a100)
    time = say(ClaimType.TRAINING_TIME, 1875, unit="hours", at=50, chip=None)
    check = only(rate, tokens(3e12, 90), count, time, kind=Kind.RATE)
    assert check.outcome is Outcome.CONSISTENT
    assert check.arithmetic.endswith("= 30,000 chip-hours; stated 16 chips × 1,875 hours (+0.0%)")


def test_chips_and_time_stand_in_for_chip_hours_that_are_not_given() -> None:
    a100 = Chip(id="nvidia-a100", name="A100")
    count = say(ClaimType.CHIP_COUNT, 2048, unit="chips", chip=a100)
    time = say(ClaimType.TRAINING_TIME, 500, unit="hours", at=50, chip=None)
    check = only(size(7e10), tokens(1e12, 90), count, time, kind=Kind.UTILISATION)
    assert "2,048 chips × 500 hours" in check.arithmetic
    more = say(ClaimType.CHIP_COUNT, 64, unit="chips", at=70, chip=a100)
    assert checks(size(7e10), tokens(1e12, 90), count, more, time, kind=Kind.UTILISATION) == []


def test_the_utilisation_of_chips_without_a_name_cannot_be_told() -> None:
    unnamed = hours(1e5, 90, chip=Chip(id="gpu", name="GPU"))
    check = only(size(7e9), tokens(1e12), unnamed, kind=Kind.UTILISATION)
    assert check.outcome is Outcome.NOT_CHECKABLE
    assert "GPU is not established, or the chip is not named" in check.note


def test_two_numbers_of_tokens_in_one_report_contradict_each_other() -> None:
    check = only(tokens(8e12, 10), tokens(8.3e12, 700), kind=Kind.WITHIN)
    assert check.outcome is Outcome.INCONSISTENT
    assert {said.quote for said in check.claims} == {"8000000000000.0", "8300000000000.0"}


def test_what_a_family_is_said_to_be_trained_on_is_said_of_its_largest_model() -> None:
    small = Subject(kind="model", id="larch-1b", name="Larch-1B")
    claims = [tokens(8e12, 10, subject=LARCH_FAMILY), tokens(8.3e12, 700), tokens(8.4e12, 900, subject=small)]
    check = only(*claims, kind=Kind.WITHIN)
    assert check.model == LARCH.id


def test_checkpoints_of_one_table_are_no_contradiction() -> None:
    rows = [tokens(v, 10, "a table of checkpoints") for v in (9.5e11, 1e12)]
    assert checks(*rows, kind=Kind.WITHIN) == []


def test_one_figure_in_two_languages_agrees() -> None:
    chinese = make_document("卡", "卡.md")
    said = tokens(8e12, words="on 8T tokens"), tokens(8e12, words="使用 8 万亿词元训练", document=chinese)
    check = only(*said, kind=Kind.LANGUAGES)
    assert check.outcome is Outcome.CONSISTENT
    assert {said.document for said in check.claims} == {"paper.pdf", "卡.md"}


def test_another_figure_in_the_other_language_contradicts() -> None:
    chinese = make_document("卡", "卡.md")
    said = tokens(8e12, words="on 8T tokens"), tokens(9e12, words="使用 9 万亿词元训练", document=chinese)
    assert only(*said, kind=Kind.LANGUAGES).outcome is Outcome.INCONSISTENT


def test_a_script_with_other_chips_than_the_card_contradicts_it() -> None:
    script = make_document("script", "run.slurm")
    counts = [say(ClaimType.CHIP_COUNT, 384), say(ClaimType.CHIP_COUNT, 192, document=script)]
    check = only(*counts, kind=Kind.ACROSS)
    assert check.outcome is Outcome.INCONSISTENT
    assert {said.value for said in check.claims} == {384, 192}


def test_a_derived_figure_says_how_it_was_worked_out() -> None:
    script = make_document("script", "run.slurm")
    counts = [say(ClaimType.CHIP_COUNT, 384), say(ClaimType.CHIP_COUNT, 192, document=script, formula="24 × 8")]
    assert "192 (24 × 8) in run.slurm" in only(*counts, kind=Kind.ACROSS).arithmetic


def test_a_size_rounded_in_another_document_is_the_same_size() -> None:
    rounded = size(7e9, document=CARD, lower=6.5e9, upper=7.5e9)
    assert only(size(6.7e9), rounded, kind=Kind.ACROSS).outcome is Outcome.CONSISTENT


def test_figures_of_other_chips_are_not_compared() -> None:
    other = say(ClaimType.CHIP_COUNT, 16, document=CARD, chip=Chip(id="huawei-ascend-910b", name="Ascend 910B"))
    assert checks(say(ClaimType.CHIP_COUNT, 384), other, kind=Kind.ACROSS) == []


def test_a_figure_far_off_is_of_something_else() -> None:
    check = only(tokens(8e12), tokens(1e11, document=CARD), kind=Kind.ACROSS)
    assert check.outcome is Outcome.NOT_CHECKABLE


@pytest.mark.parametrize("rest", [{"modality": Modality.PLANNED}, {"status": Status.CONTESTED}])
def test_what_is_no_fact_is_held_against_nothing(rest: dict[str, Any]) -> None:
    assert check_claims([tokens(8e12, 10), tokens(8.3e12, 700, **rest)], registry.load()) == ()


def test_serving_is_no_training() -> None:
    counts = [say(ClaimType.CHIP_COUNT, n, document=d, stage=Stage.INFERENCE) for n, d in ((8, CARD), (16, PAPER))]
    assert check_claims(counts, registry.load()) == ()


def test_the_order_of_claims_changes_nothing() -> None:
    claims = [tokens(8e12, 10), tokens(8.3e12, 700), size(7e9), hours(1e5, 90), tokens(8e12, document=CARD)]
    assert check_claims(claims, registry.load()) == check_claims(claims[::-1], registry.load())


def test_the_command_shows_both_quotes_and_says_so_in_its_exit_code(tmp_path: Path) -> None:
    contradicting = tokens(8e12, 0, "on 8T tokens"), tokens(8.3e12, 20, "on 8.3T tokens")
    folder = export(tmp_path, make_finding(PAPER, *contradicting))
    result = call(["check", str(folder)], {})
    assert result.returncode == 5
    assert "«on 8T tokens»" in result.stdout
    assert "«on 8.3T tokens»" in result.stdout
    assert all(claim.id in result.stdout for claim in contradicting)
    assert call(["check", str(folder), "--only", "consistent"], {}).returncode == 0


CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder with real reports is not beside the checkout")
@pytest.mark.parametrize(
    ("name", "kind", "model", "outcome", "values"),
    [
        ("deepseek-v3.pdf", Kind.STAGES, "deepseek-v3", Outcome.CONSISTENT, {2.788e6, 2.664e6, 1.19e5, 5e3}),
        ("minicpm4.pdf", Kind.WITHIN, "minicpm-4-8b", Outcome.INCONSISTENT, {8e12, 8.3e12}),
        ("jzhang38_tinyllama_readme-en.md", Kind.RATE, "mpt-1.3b", Outcome.CONSISTENT, {7920, 2e11, 440, 12}),
    ],
)
def test_real_reports_add_up_and_contradict_themselves(
    name: str, kind: Kind, model: str, outcome: Outcome, values: set[float]
) -> None:
    finding, _ = read_single(str(CORPUS / name), 64)
    found = [c for c in check_claims(finding.claims, registry.load()) if (c.kind, c.model) == (kind, model)]
    assert [(c.outcome, {said.value for said in c.claims}) for c in found] == [(outcome, values)]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder with real reports is not beside the checkout")
@pytest.mark.parametrize(
    ("model", "kind", "said"),
    [
        (
            "bloom",
            ClaimType.CHIP_COUNT,
            {"bigscience_tr11-176b-ml.slurm.txt": 192, "bloom_model-card_bigscience.md": 384},
        ),
        ("t5-base", ClaimType.PARAMETERS, {"switch-transformers.pdf": 223e6, "pathways.pdf": 270e6}),
        ("opt", ClaimType.EMISSIONS, {"bloom.pdf": 70, "llama.pdf": 82}),
    ],
)
def test_real_documents_contradict_each_other(model: str, kind: ClaimType, said: dict[str, float]) -> None:
    claims = [claim for name in said for claim in read_single(str(CORPUS / name), 64)[0].claims]
    found = [c for c in check_claims(claims, registry.load()) if c.model == model and c.outcome is Outcome.INCONSISTENT]
    (check,) = (c for c in found if {one.type for one in c.claims} == {kind})
    assert check.kind is Kind.ACROSS
    assert {one.document: one.value for one in check.claims} == said
    assert all(one.quote for one in check.claims)
