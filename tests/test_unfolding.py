"""Cells that hold several models or figures, rows that head other rows, groups of chips, and rates in headers."""

from __future__ import annotations

import pytest
from statements import LARCH, LARCHES, of_type, own_facts

from extractors.claim import ClaimType, Stage

COUNT, HARDWARE, HOURS = ClaimType.CHIP_COUNT, ClaimType.HARDWARE, ClaimType.CHIP_HOURS
TOKENS, TIME = ClaimType.TRAINING_TOKENS, ClaimType.TRAINING_TIME


def table(*rows: str) -> str:
    """A document on three models with a table of some rows; `|` parts their cells."""
    head, *rest = rows
    return LARCHES + "\n".join([f"| {head} |", "|---" * (head.count("|") + 1) + "|", *(f"| {row} |" for row in rest)])


def values(body: str, kind: ClaimType) -> set[tuple[str, float | str | None]]:
    """Models and figures that a document states of its own."""
    return {(subject, value) for subject, _, value in own_facts(body, kind)}


def test_figures_parted_like_the_names_are_dealt_out_in_order() -> None:
    body = table(
        "Model | GPUs | GPU hours", "Larch-7B / 13B | 64 / 128 H800 | 10K / 22K", "Larch-70B | 512 H800 | 1.2M"
    )
    assert values(body, COUNT) == {("Larch-7B", 64), ("Larch-13B", 128), ("Larch-70B", 512)}
    assert values(body, HOURS) == {("Larch-7B", 10e3), ("Larch-13B", 22e3), ("Larch-70B", 1.2e6)}


def test_columns_of_several_models_are_dealt_out_too() -> None:
    body = table("| Larch-7B | Larch-13B/70B", "GPUs | 64 A100 | 128 / 512 A100", "Training time (days) | 10 | 12 / 30")
    assert values(body, COUNT) == {("Larch-7B", 64), ("Larch-13B", 128), ("Larch-70B", 512)}
    assert values(body, TIME) == {("Larch-7B", 240), ("Larch-13B", 288), ("Larch-70B", 720)}


def test_one_figure_for_several_models_is_each_ones() -> None:
    body = table("Model | Hardware | Tokens", "Larch-7B, Larch-13B | H800 | 2T")
    assert values(body, TOKENS) == {("Larch-7B", 2e12), ("Larch-13B", 2e12)}
    assert own_facts(body, HARDWARE) == {("Larch-7B", "nvidia-h800", None), ("Larch-13B", "nvidia-h800", None)}


def test_one_figure_that_may_be_the_sum_of_several_is_nobodys() -> None:
    body = table("Model | Hardware | GPU hours", "Larch-7B / 13B | H800 | 32K")
    assert values(body, HOURS) == set()


@pytest.mark.parametrize("name", ["Larch-7B/Instruct", "Larch/Pine", "Larch-7B (64/128)"])
def test_a_stroke_that_parts_no_models_parts_no_figures(name: str) -> None:
    body = table("Model | GPUs", f"{name} | 64 H800", "Larch-70B | 512 H800")
    assert {value for _, value in values(body, COUNT)} == {64, 512}


GROUPED = (
    "Stage | GPUs | GPU hours", "**Larch-7B** | |", "Pre-training | 64 H800 | 20,000", "SFT | 8 H800 | 120",
    "**Larch-13B** | |", "Pre-training | 128 H800 | 44,000", "SFT | 16 H800 | 260",
)  # fmt: skip


def test_a_row_of_a_name_alone_heads_the_rows_below_it() -> None:
    assert values(table(*GROUPED), HOURS) == {
        ("Larch-7B", 20e3), ("Larch-7B", 120), ("Larch-13B", 44e3), ("Larch-13B", 260),
    }  # fmt: skip
    assert {c.subject.name for c in of_type(table(*GROUPED), COUNT) if c.stage is Stage.POST_TRAINING} == {
        "Larch-7B", "Larch-13B",
    }  # fmt: skip


def test_a_row_of_a_name_that_spans_all_columns_heads_the_rows_below_it() -> None:
    rows = "".join(
        f"<tr><td colspan=3>{name}</td></tr><tr><td>Pre-training</td><td>{gpus} H800</td><td>{hours}</td></tr>"
        for name, gpus, hours in (("Larch-7B", 64, "20,000"), ("Larch-13B", 128, "44,000"))
    )
    page = (
        "<html><body><h1>Larch: open language models</h1><p>We present Larch, a family of open language models: "
        f"Larch-7B and Larch-13B.</p><table><tr><th>Stage</th><th>GPUs</th><th>GPU hours</th></tr>{rows}</table></body>"
    )
    facts = own_facts(page, COUNT, name="larch.html")
    assert {(subject, value) for subject, _, value in facts} == {("Larch-7B", 64), ("Larch-13B", 128)}


def test_a_heading_row_without_a_model_ends_the_reach_of_the_one_above() -> None:
    body = table(*GROUPED, "Other runs | |", "Data filtering | 4 H800 | 50")
    assert ("Larch-13B", 4) not in values(body, COUNT)


def test_a_stage_alone_in_a_row_leaves_the_model_above_in_force() -> None:
    body = table(
        "Setting | GPUs", "Larch-7B |", "Pre-training |", "long context | 64 H800", "Larch-70B |", "all | 512 H800"
    )
    assert values(body, COUNT) == {("Larch-7B", 64), ("Larch-70B", 512)}


@pytest.mark.parametrize(
    ("header", "per"),
    [
        ("H800 GPU hours per trillion tokens", "trillion tokens"),
        ("H800 GPU hours (per 1T tokens)", "1t tokens"),
        ("H800 GPU hours / epoch", "epoch"),
        ("H800 GPU hours", None),
        ("H800 GPU hours (total)", None),
    ],
)
def test_a_rate_in_a_header_is_no_total(header: str, per: str | None) -> None:
    (claim,) = of_type(table(f"Model | {header}", "Larch-7B | 30,000"), HOURS)
    assert (claim.value, claim.per) == (30_000, per)


@pytest.mark.parametrize(
    ("said", "chips"),
    [
        ("two TPU v4 pods of 3,072 chips each", 6144),
        ("two TPU v4 pods, each with 3,072 chips", 6144),
        ("2 pods of TPU v4 with 3,072 chips per pod", 6144),
        ("four clusters of 1,024 H100 GPUs each", 4096),
        ("two islands with 512 TPU v3 chips in each island", 1024),
        ("a TPU v4 pod of 3,072 chips", 3072),
        ("two of the racks and 64 H100 GPUs", 64),
    ],
)
def test_groups_times_the_chips_of_each(said: str, chips: int) -> None:
    (claim,) = of_type(f"{LARCH}Larch-7B was trained on {said}.", COUNT)
    assert claim.value == chips
    assert (claim.formula is not None) == (chips in (6144, 4096, 1024))
