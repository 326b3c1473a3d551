"""Quantities: each figure with its unit in the base unit of its kind, with the chip and the rate that it names."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import registry
from extractors.mentions.quantities import quantity_grammar
from extractors.mentions.quantity import Quantity

GRAMMAR = quantity_grammar(registry.load())


def find(text: str) -> list[Quantity]:
    return GRAMMAR.find(text)


def only(text: str, kind: str) -> Quantity:
    found = [q for q in find(text) if q.kind == kind]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("2.788M H800 GPU hours", "chip_hours", 2_788_000, "chip-hours"),
        ("1,200 GPU-hours", "chip_hours", 1200, "chip-hours"),
        ("500 A100-80GB-hours", "chip_hours", 500, "chip-hours"),
        ("3.1 A100 GPU-days", "chip_hours", 74.4, "chip-hours"),
        ("22 TPU v3 core-years", "chip_hours", 22 * 8760, "chip-hours"),
        ("1,000 GPU-months", "chip_hours", 730_000, "chip-hours"),
        ("200万卡时", "chip_hours", 2e6, "chip-hours"),
        ("1,200 个 H20 GPU 小时", "chip_hours", 1200, "chip-hours"),
        ("1,600 卡天", "chip_hours", 38_400, "chip-hours"),
        ("100 万 GPU 小时", "chip_hours", 1e6, "chip-hours"),
        ("3640 petaflop/s-days", "compute", 3640 * 8.64e19, "FLOP"),
        ("1.2e3 PF-days", "compute", 1.2e3 * 8.64e19, "FLOP"),
        ("3.8×10^25 FLOPs", "compute", 3.8e25, "FLOP"),
        ("5 ZFLOPs", "compute", 5e21, "FLOP"),
        ("380 tokens/sec/GPU", "throughput", 380, "tokens/s/chip"),
        ("2,700 tokens/s per NPU", "throughput", 2700, "tokens/s/chip"),
        ("12.2K tokens per second", "throughput", 12_200, "tokens/s"),
        ("每秒生成 2400 个 token", "throughput", 2400, "tokens/s"),
        ("163 TFLOP/s per GPU", "throughput", 163e12, "FLOP/s/chip"),
        ("140 teraFLOP/s/GPU", "throughput", 140e12, "FLOP/s/chip"),
        ("36 MWh", "energy", 36_000, "kWh"),
        ("1.3 GWh", "energy", 1.3e6, "kWh"),
        ("433 kWh", "energy", 433, "kWh"),
        ("500 千瓦时", "energy", 500, "kWh"),
        ("5兆瓦时", "energy", 5000, "kWh"),
        ("3 万度电", "energy", 30_000, "kWh"),
        ("539 tCO2eq", "emissions", 539, "tCO2e"),
        ("25 tons of CO2", "emissions", 25, "tCO2e"),
        ("1,200 kg CO2e", "emissions", 1.2, "tCO2e"),
        ("8.9 tonnes CO2 equivalent", "emissions", 8.9, "tCO2e"),
        ("30 吨二氧化碳", "emissions", 30, "tCO2e"),
        ("$5.576M", "money", 5_576_000, "USD"),
        ("US$ 5.5 million", "money", 5.5e6, "USD"),
        ("550 万美元", "money", 5.5e6, "USD"),
        ("1.5 亿美元", "money", 1.5e8, "USD"),
        ("RMB 40 million", "money", 40e6, "CNY"),
        ("4000 万元", "money", 40e6, "CNY"),
        ("40 million yuan", "money", 40e6, "CNY"),
        ("£3 million", "money", 3e6, "GBP"),
        ("56% MFU", "percent", 0.56, "fraction"),
        ("an MFU of 43.2 percent", "percent", 0.432, "fraction"),
        ("33 days", "duration", 792, "hours"),
        ("two and a half months", "duration", 1825, "hours"),
        ("三天半", "duration", 84, "hours"),
        ("三个半月", "duration", 2555, "hours"),
        ("历时半年", "duration", 4380, "hours"),
        ("half a day", "duration", 12, "hours"),
        ("3.5 个月", "duration", 2555, "hours"),
        ("两个月", "duration", 1460, "hours"),
        ("10+ hours", "duration", 10, "hours"),
        ("14.8 trillion tokens", "tokens", 14.8e12, "tokens"),
        ("15万亿个token", "tokens", 15e12, "tokens"),
        ("1.4t tokens", "tokens", 1.4e12, "tokens"),
        ("671B total parameters", "parameters", 671e9, "parameters"),
        ("a 7-billion-parameter model", "parameters", 7e9, "parameters"),
        ("130亿参数", "parameters", 13e9, "parameters"),
        ("37B activated parameters", "active_parameters", 37e9, "parameters"),
        ("28 亿激活参数", "active_parameters", 2.8e9, "parameters"),
    ],
)
def test_every_unit_leads_to_its_base_unit(text: str, kind: str, value: float, unit: str) -> None:
    quantity = only(text, kind)
    assert quantity.value == pytest.approx(value, rel=1e-6)
    assert quantity.unit == unit


@pytest.mark.parametrize(
    ("text", "kind", "printed"),
    [
        ("It has 37B activated parameters.", "active_parameters", "37B activated parameters"),
        ("about 8.9 tonnes CO2 equivalent", "emissions", "8.9 tonnes CO2 equivalent"),
        ("a cost of $5.576M in all", "money", "$5.576M"),
        ("历时三天半完成", "duration", "三天半"),
        ("180K H800 GPU hours per trillion tokens", "chip_hours", "180K H800 GPU hours per trillion tokens"),
        ("64 nodes × 8 GPUs", "chip_count", "64 nodes × 8 GPUs"),
        ("64 GPUs (NVIDIA A100-80GB)", "chip_count", "64 GPUs (NVIDIA A100-80GB)"),
    ],
)
def test_a_quantity_is_quoted_whole(text: str, kind: str, printed: str) -> None:
    assert printed in [q.printed for q in find(text) if q.kind == kind]


def test_a_rate_names_what_it_is_per() -> None:
    assert only("180K H800 GPU hours per trillion tokens", "chip_hours").per == "trillion tokens"
    assert only("3 days per epoch", "duration").per == "epoch"


def test_a_rate_told_ahead_of_a_comparison_is_that_of_each_side() -> None:
    text = "For each trillion tokens, Larch 67B takes 300.6K GPU hours, while Larch-V2 takes only 170K GPU hours."
    assert [q.per for q in find(text) if q.kind == "chip_hours"] == ["trillion tokens", "trillion tokens"]
    text = "For each trillion tokens it takes 180K GPU hours, and the full run 2.7M GPU hours."
    assert [q.per for q in find(text) if q.kind == "chip_hours"] == ["trillion tokens", None]


def test_the_chip_of_chip_hours_is_the_one_in_the_unit() -> None:
    quantity = only("On A100 it took 2.7M H800 GPU hours", "chip_hours")
    assert quantity.chip is not None
    assert quantity.chip.id == "nvidia-h800"


@pytest.mark.parametrize("text", ["$2 per GPU hour", "$2/hour", "$0.55 per million tokens", "2 USD per GPU hour"])
def test_a_price_is_no_cost(text: str) -> None:
    assert [q.kind for q in find(text)] == ["price"]


def test_a_dollar_of_another_country_is_not_taken_for_one_of_the_united_states() -> None:
    assert find("HK$5 million") == []


@pytest.mark.parametrize(
    ("text", "value", "chip"),
    [
        ("2,048 H800 GPUs", 2048, "nvidia-h800"),
        ("8xA100-80GB", 8, "nvidia-a100-80gb"),
        ("1,536张昇腾910", 1536, "huawei-ascend-910"),
        ("8卡H20", 8, "nvidia-h20"),
        ("H20 16卡", 16, "nvidia-h20"),
        ("单张昇腾910", 1, "huawei-ascend-910"),
        ("A100×8", 8, "nvidia-a100"),
        ("NVIDIA H800 * 64", 64, "nvidia-h800"),
        ("H100 (x8)", 8, "nvidia-h100"),
        ("使用 A800 64 张", 64, "nvidia-a800"),
        ("8 GPUs of type H800", 8, "nvidia-h800"),
        ("64 GPUs (NVIDIA A100-80GB)", 64, "nvidia-a100-80gb"),
        ("a TPU v4 pod (4096 chips)", 4096, "google-tpu-v4"),
        ("1024 TPU v4 cores", 1024, "google-tpu-v4"),
        ("16K H100 GPUs", 16_000, "nvidia-h100"),
        ("eight V100-32GB", 8, "nvidia-v100-32gb"),
        ("two dozen H100s", 24, "nvidia-h100"),
        ("at least 32 GPUs", 32, "gpu"),
        ("千卡", 1000, "accelerator"),
        ("with a 8xV100 GPU machine", 8, "nvidia-v100"),
        ("on one 8×H800 server", 8, "nvidia-h800"),
        ("on a single 8-GPU node", 8, "gpu"),
        ("10,000+ A100", 10_000, "nvidia-a100"),
        ("1 536 GPUs", 1536, "gpu"),
        ("国产AI芯片 1536 颗", 1536, "accelerator"),
        ("64 個 NPU", 64, "npu"),
        ("on a single GPU A100 with 40GB memory", 1, "nvidia-a100-40gb"),
        ("on 8 GPUs H100", 8, "nvidia-h100"),
        ("tested on 4 (A100 80g) GPUs", 4, "nvidia-a100-80gb"),
        ("on 8 RTX 3090s", 8, "nvidia-rtx-3090"),
    ],
)
def test_chips_are_counted_before_and_behind_their_name(text: str, value: float, chip: str) -> None:
    quantity = only(text, "chip_count")
    assert quantity.chip is not None
    assert (quantity.value, quantity.chip.id, quantity.formula) == (value, chip, None)


@pytest.mark.parametrize(
    ("text", "value", "formula"),
    [
        ("64 nodes × 8 GPUs", 512, "64 × 8"),
        ("128 nodes with 8 GPUs each", 1024, "128 × 8"),
        ("32 nodes, each with 8 H800", 256, "32 × 8"),
        ("8 GPUs × 64 nodes", 512, "64 × 8"),
        ("48 * 8 A100s", 384, "48 × 8"),
        ("4x8 A100s", 32, "4 × 8"),
        ("16 8×A800 nodes", 128, "16 × 8"),
        ("96 个 DGX-A100 节点", 768, "96 × 8"),
        ("16 台服务器，每台 8 张 H800", 128, "16 × 8"),
        ("128 个节点，每节点 8 卡", 1024, "128 × 8"),
        ("100台8卡A800(80G)的集群", 800, "100 × 8"),
        ("a single TPU Pod V3-512", 512, "1 × 512"),
    ],
)
def test_nodes_times_chips_is_a_derived_count_with_its_formula(text: str, value: float, formula: str) -> None:
    derived = [q for q in find(text) if q.kind == "chip_count" and q.formula]
    assert [(q.value, q.formula) for q in derived] == [(value, formula)]


@pytest.mark.parametrize(
    ("text", "total", "active"),
    [
        ("718B（激活 39B）", 718e9, 39e9),
        ("约 1.6 万亿参数（激活 480 亿）", 1.6e12, 48e9),
        ("300B 总参 / 47B 激活", 300e9, 47e9),
        ("355B total, 32B active", 355e9, 32e9),
        ("671B (37B activated)", 671e9, 37e9),
    ],
)
def test_a_size_and_its_active_part_are_told_apart(text: str, total: float, active: float) -> None:
    found = {q.kind: q for q in find(text)}
    assert (found["parameters"].value, found["active_parameters"].value) == (total, active)
    assert "（" not in found["parameters"].printed


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("模型大小1.12B", "parameters", 1.12e9), ("模型尺寸为 7B", "parameters", 7e9)],
)
def test_the_size_of_a_model_is_read(text: str, kind: str, value: float) -> None:
    assert only(text, kind).value == value


@pytest.mark.parametrize("text", ["模型大小573MB", "模型大小 13GB", "5 GT/s"])
def test_bytes_and_transfers_are_neither_parameters_nor_tokens(text: str) -> None:
    assert [q for q in find(text) if q.kind in ("parameters", "tokens")] == []


@pytest.mark.parametrize("text", ["每次激活 8 个专家", "使用 SwiGLU 激活函数", "2B 激活值"])
def test_experts_functions_and_values_that_are_activated_are_no_parameters(text: str) -> None:
    assert [q for q in find(text) if q.kind == "active_parameters"] == []


def test_a_slice_that_tells_its_size_twice_is_counted_once() -> None:
    found = {
        q.value for q in find("Trained on a GCP TPU v4-64 cluster (64 chips across 8 hosts)") if q.kind == "chip_count"
    }
    assert found == {64.0}


def test_two_counts_before_chips_in_brackets_are_each_its_own() -> None:
    found = [q for q in find("on 4 (A100 80g) and 8 (V100 32g) GPUs") if q.kind == "chip_count" and q.chip]
    assert [(q.value, q.chip.id) for q in found if q.chip] == [(4, "nvidia-a100-80gb"), (8, "nvidia-v100-32gb")]


@pytest.mark.parametrize("text", ["as in version 8 (see A100 notes)", "with 4 (A100 or better)"])
def test_a_number_before_other_words_in_brackets_counts_no_chips(text: str) -> None:
    assert [q for q in find(text) if q.kind == "chip_count"] == []


@pytest.mark.parametrize("text", ["8 GPUs per node", "8 GPUs/node", "each node has 8 A100", "每节点8张A100"])
def test_the_chips_of_one_node_are_no_count_of_their_own(text: str) -> None:
    assert only(text, "chip_count").each == "node"


def test_a_total_replaces_its_parts() -> None:
    found = [q.value for q in find("4 Cloud TPUs in a pod (16 TPU chips total)") if q.kind == "chip_count"]
    assert found == [16]


@pytest.mark.parametrize(
    "text",
    [
        "Table 8 GPUs",
        "Section 3 A100",
        "In 2024 GPUs were scarce",
        "post-2006 GPUs",
        "H800 [12] GPUs",
        "on GPUs.3 We",
        "the RTX 3090/4090 GPUs",
        "hundreds of GPUs",
        "数千张 GPU",
        "the H800 cluster",
        "an RH20T dataset",
        "GPT-3 nodes",
        "16x3.8B parameters",
        "a 16x3.8B model",
        "other 7B+ models",
        "three models",
        "a context of 4096",
        "8-bit weights",
        "3.8×1025 FLOPs",
        "6 FLOPs",
        "3 月",
        "Huawei Atlas 800 server",
    ],
)
def test_labels_years_names_and_kinds_count_nothing(text: str) -> None:
    assert find(text) == []


def test_sizes_of_a_family_are_two_sizes_and_no_range_of_one() -> None:
    found = [q.value for q in find("models of 7B to 65B parameters")]
    assert found == [7e9, 65e9]


def test_a_range_of_chips_keeps_its_bounds() -> None:
    quantity = only("between 6,000 and 8,000 GPUs", "chip_count")
    assert (quantity.lower, quantity.upper, quantity.number.qualifier) == (6000, 8000, "range")


PLANTED = st.sampled_from(
    [
        ("2,048 H800 GPUs", "chip_count", 2048.0),
        ("1,536张昇腾910", "chip_count", 1536.0),
        ("2.788M H800 GPU hours", "chip_hours", 2_788_000.0),
        ("14.8 trillion tokens", "tokens", 14.8e12),
        ("3.8×10^25 FLOPs", "compute", 3.8e25),
        ("1,287 MWh", "energy", 1_287_000.0),
        ("33 days", "duration", 792.0),
        ("550 万美元", "money", 5.5e6),
        ("130亿参数", "parameters", 13e9),
    ]
)
AROUND = st.lists(
    st.sampled_from(
        ["the run", "finished", "as planned", "on our cluster", "训练", "完成", "。", ",", ";", "(see below)"]
    ),
    max_size=8,
).map(" ".join)


@given(AROUND, PLANTED, AROUND)
def test_a_planted_quantity_comes_back_with_its_place_and_value(
    before: str, planted: tuple[str, str, float], after: str
) -> None:
    printed, kind, value = planted
    text = f"{before} | {printed} | {after}"
    start = len(before) + 3
    found = [q for q in find(text) if q.start == start]
    assert [(q.kind, q.printed) for q in found] == [(kind, printed)]
    assert found[0].value == pytest.approx(value)


PIECES = (
    "8 1,024 2.5M × x * GPU GPUs H800 A100-80GB nodes 节点 张 卡 hours per / s tokens B parameters $ % ( ) 每台 "
    "each with TPU v3-256 days 半 个 月 + - to \ufdd0"
)
FRAGMENTS = st.lists(st.sampled_from(PIECES.split()), max_size=24)


@given(FRAGMENTS, st.sampled_from(["", " "]))
def test_no_mixture_of_units_breaks_the_grammar_and_spans_slice_to_what_was_printed(
    pieces: list[str], joint: str
) -> None:
    text = joint.join(pieces)
    for quantity in find(text):
        assert text[quantity.start : quantity.end] == quantity.printed
        assert quantity.value == quantity.value
        assert (quantity.formula is not None) == ("×" in (quantity.formula or ""))


@pytest.mark.parametrize(
    "piece", ["8 GPUs × ", "8 ", "每台 8 张 ", "8 A100 ", "(A100 ", "2 nodes with 8 GPUs ", "a b c tokens ", "$1 "]
)
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        best = 9.0
        for _ in range(2):
            begin = time.process_time()
            find(text)
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(4000) < 16 * max(seconds(500), 0.01)


def test_quantities_come_in_order() -> None:
    found = find("We used 64 nodes × 8 H800 GPUs for 33 days, or 0.4M GPU hours, at 56% MFU.")
    assert all(one.start <= other.start for one, other in pairwise(found) if not other.formula)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("参数量为7B", "parameters", 7e9),
        ("参数规模达1760亿", "parameters", 1.76e11),
        ("激活参数量为 3B", "active_parameters", 3e9),
        ("a parameter count of 1.3B", "parameters", 1.3e9),
        ("学習トークン数: 1.2T", "tokens", 1.2e12),
        ("an MFU of 0.52", "percent", 0.52),
    ],
)
def test_the_words_before_a_figure_can_say_what_it_is(text: str, kind: str, value: float) -> None:
    assert [(q.kind, q.value) for q in GRAMMAR.find(text)] == [(kind, pytest.approx(value))]


@pytest.mark.parametrize("text", ["number of parameters 12", "参数减少了", "参数文件 7GB", "参数量在7层"])
def test_a_small_or_otherwise_counted_figure_after_such_words_is_no_size(text: str) -> None:
    assert [q for q in GRAMMAR.find(text) if q.kind == "parameters"] == []


@pytest.mark.parametrize(
    ("text", "hours"), [("9d 18h", 234.0), ("2 days and 4 hours", 52.0), ("1 week, 2 days", 216.0)]
)
def test_days_and_hours_add_up(text: str, hours: float) -> None:
    assert [(q.kind, q.value) for q in GRAMMAR.find(text)] == [("duration", hours)]


def test_hours_before_days_are_two_times() -> None:
    assert [q.value for q in GRAMMAR.find("12 hours and 3 days")] == [12.0, 72.0]


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        ("a single 8XA100 40GB node", "nvidia-a100-40gb"),
        ("an 8-GPU A100 machine", "nvidia-a100"),
        ("on a 8 V-100 GPU machine", "nvidia-v100"),
    ],
)
def test_chips_of_one_machine_are_counted(text: str, chip: str) -> None:
    counts = [q for q in GRAMMAR.find(text) if q.kind == "chip_count"]
    assert [(q.value, q.chip.id if q.chip else None) for q in counts] == [(8.0, chip)]
    assert not [q for q in GRAMMAR.find(text) if q.kind == "node_count"]


@pytest.mark.parametrize(("text", "hours"), [("2h17m", 2 + 17 / 60), ("12h30min", 12.5)])
def test_minutes_glued_behind_hours_belong_to_them(text: str, hours: float) -> None:
    assert [q.value for q in GRAMMAR.find(text)] == [pytest.approx(hours)]


def test_slices_of_tpus_multiply() -> None:
    counts = [(q.value, q.formula) for q in GRAMMAR.find("trained on 32x v5e-256 TPU slices") if q.kind == "chip_count"]
    assert counts == [(8192.0, "32 × 256")]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("64 H100 nodes", []),
        ("16 8×H100 nodes", [128]),
        ("one A100 (40GB * 8) server", [8]),
        ("一台 A100（40G * 8）或 V100（32G * 8）服务器", [8, 8]),
        ("512 Hopper GPUs", [512]),
        ("10,000 NVIDIA Ampere GPUs", [10_000]),
    ],
)
def test_nodes_are_no_chips_and_a_box_counts_what_is_in_it(text: str, counts: list[int]) -> None:
    assert [q.value for q in find(text) if q.kind == "chip_count"] == counts


def test_the_emissions_calculators_sentence_tells_hours_of_chips() -> None:
    hours = only("A cumulative of 50000 hours of computation was performed on hardware of type A100.", "chip_hours")
    assert hours.value == 50_000


def test_a_figure_is_repeated_in_brackets_before_its_unit() -> None:
    assert only("a 4 billion (4B) parameter model", "parameters").value == 4e9


@pytest.mark.parametrize("text", ["a rate of $5 e - 3$ in all", "a factor of $1$ each", "$2\\times 10$ of them"])
def test_dollars_that_set_a_formula_are_no_money(text: str) -> None:
    assert [q for q in find(text) if q.kind == "money"] == []


@pytest.mark.parametrize(("text", "sums"), [("it cost $5 and $6", [5, 6]), ("100$ and 200$ in all", [100, 200])])
def test_dollars_beside_dollars_are_money(text: str, sums: list[int]) -> None:
    assert [q.value for q in find(text) if q.kind == "money"] == sums
