"""Chips as texts name them: every spelling leads to the registry's row; what only looks like a chip leads nowhere."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import registry
from extractors.mentions.chips import ChipMention, chip_grammar
from extractors.mentions.spellings import any_of
from registry import Spelling

REGISTRY = registry.load()
GRAMMAR = chip_grammar(REGISTRY)


def find(text: str) -> list[ChipMention]:
    return GRAMMAR.find(text)


def named(text: str) -> list[str]:
    return [m.id for m in find(text) if not m.generic]


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        ("H800", "nvidia-h800"),
        ("NVIDIA H800", "nvidia-h800"),
        ("nvidia h800 gpus", "nvidia-h800"),
        ("英伟达H800", "nvidia-h800"),
        ("Habana Gaudi®-2", "intel-gaudi2"),
        ("Intel® Gaudi® 3", "intel-gaudi3"),
        ("AMD Instinct™ MI300X", "amd-mi300x"),
        ("NVIDIA® A100™-80GB", "nvidia-a100-80gb"),
        ("A100s", "nvidia-a100"),
        ("A100's", "nvidia-a100"),
        ("H100’s", "nvidia-h100"),
        ("A100GPU", "nvidia-a100"),
        ("8xA100", "nvidia-a100"),
        ("A100x8", "nvidia-a100"),
        ("NVIDIA Tesla V100 SXM3 32GB", "nvidia-v100-sxm3-32gb"),
        ("32GB Nvidia V100", "nvidia-v100-32gb"),
        ("V100 with 16 GB of memory", "nvidia-v100-16gb"),
        ("V100 (32GB memory each)", "nvidia-v100-32gb"),
        ("A100 (40GB)", "nvidia-a100-40gb"),
        ("80G A100", "nvidia-a100-80gb"),
        ("a100_80gb", "nvidia-a100-80gb"),
        ("A100 40G PCIe", "nvidia-a100-pcie-40gb"),
        ("A100-SXM4-80GB", "nvidia-a100-sxm4-80gb"),
        ("A100 (SXM4, 80GB)", "nvidia-a100-sxm4-80gb"),
        ("A100-SXM-64GB", "nvidia-a100-64gb"),
        ("H800 80GB SXM5 GPUs", "nvidia-h800-sxm5-80gb"),
        ("H20-96G", "nvidia-h20-96gb"),
        ("H20-3e", "nvidia-h20-141gb"),
        ("RTX 3090 24GB", "nvidia-rtx-3090"),
        ("RTX A6000", "nvidia-rtx-a6000"),
        ("TPUv3", "google-tpu-v3"),
        ("TPU v4", "google-tpu-v4"),
        ("TPUv5e", "google-tpu-v5e"),
        ("TPU-v5p", "google-tpu-v5p"),
        ("MI250X", "amd-mi250x"),
        ("AMD Instinct MI300X", "amd-mi300x"),
        ("Ascend910", "huawei-ascend-910"),
        ("Huawei Ascend 910B", "huawei-ascend-910b"),
        ("昇腾910", "huawei-ascend-910"),
        ("昇腾 910B", "huawei-ascend-910b"),
        ("昇腾910AI芯片", "huawei-ascend-910"),
        ("Ascend 910B3 NPU", "huawei-ascend-910b-b3"),
        ("512 Ascend processors", "huawei-ascend"),
        ("寒武纪 MLU370", "cambricon-mlu370-x8"),
        ("昆仑芯 P800", "kunlunxin-p800"),
        ("沐曦 C500", "metax-c500"),
        ("海光 DCU", "hygon-dcu"),
        ("Gaudi 2", "intel-gaudi2"),
        ("Trainium2", "aws-trainium2"),
        ("GB200 NVL72", "nvidia-gb200"),
        ("Huawei Atlas 800", "huawei-ascend-910"),
    ],
)
def test_every_spelling_leads_to_its_chip(text: str, chip: str) -> None:
    assert named(f"on {text}.") == [chip]
    (mention,) = [m for m in find(text) if not m.generic]
    assert mention.end <= len(text)


def test_every_spelling_of_the_registry_is_found() -> None:
    missed = [
        (spelling.text, chip.id)
        for chip in REGISTRY.chips
        if not chip.generic and chip.kind != "cpu"
        for spelling in chip.spellings()
        if chip.id not in named(f"trained on a single {spelling.text} GPU")
        and not {*named(f"trained on a single {spelling.text} GPU")} & {m.id for m in REGISTRY.parts(chip.id)}
    ]
    assert missed == []


def test_every_id_that_is_given_is_a_row_of_the_registry() -> None:
    ids = {chip.id for chip in REGISTRY.chips}
    for memory in ("8GB", "40GB", "64GB", "80GB", "96GB", "640GB"):
        for name in ("A100", "H20", "昇腾910B", "RTX 4090", "MI250X", "TPU v4", "V100 PCIe", "H100 SXM"):
            assert {*named(f"{name} {memory}"), *named(f"{name} ({memory})")} <= ids


def test_a_memory_size_that_no_part_has_leaves_the_family() -> None:
    assert named("8 A100 (640GB in total)") == ["nvidia-a100"]


def test_slashes_and_lists_name_several_chips() -> None:
    assert named("A100/H100") == ["nvidia-a100", "nvidia-h100"]
    assert named("RTX 3090/4090 GPUs") == ["nvidia-rtx-3090", "nvidia-rtx-4090"]
    assert named("T4, V100 and A10") == ["nvidia-t4", "nvidia-v100", "nvidia-a10"]


@pytest.mark.parametrize(
    ("text", "chip", "size"),
    [
        ("a TPU v3-256 slice", "google-tpu-v3", 256),
        ("on TPUv4-1024", "google-tpu-v4", 1024),
        ("a v5p-128 slice of TPUs", "google-tpu-v5p", 128),
    ],
)
def test_a_slice_keeps_its_size(text: str, chip: str, size: int) -> None:
    (mention,) = [m for m in find(text) if not m.generic]
    assert (mention.id, mention.slice) == (chip, size)


def test_cores_are_marked() -> None:
    assert [m.cores for m in find("1024 TPU v4 cores")] == [True]


def test_a_box_knows_its_chips() -> None:
    assert [(m.id, m.per_unit) for m in find("96 DGX-A100 nodes")] == [("nvidia-a100", 8)]


@pytest.mark.parametrize(
    "text",
    [
        "A100-equivalent hours",
        "A100 equivalents",
        "H100-class",
        "A100-like",
        "等效A100",
        "A100等效算力",
        "相当于 512 张 A100",
        "等效于约 2,048 张 H800",
        "the equivalent of 4,096 H100",
        "equivalent to about 300 V100",
        "an RH20T dataset",
        "firmware V100R001C1",
        "h20 in a proof",
        "we ascend",
        "Ascend the stairs to the top.",
        "GPT-3 and A2.7B",
        "the output",
        "The T4 lymphocytes of the patients",
        "an M40 road",
        "L4 vertebra",
        "A10 highway",
        "Figure A10 shows the GPU memory",
        "Table T4 lists GPU types",
        "Appendix A2 on GPU use",
        "the L4 loss",
        "In task T4 of the GPU benchmark",
        "the MiniMax-M1 model on a GPU",
        "matrices A1 and A2 on different GPUs",
        "4090 steps on GPUs",
        "64 EPYC cores",
        "Xeon",
    ],
)
def test_what_only_looks_like_a_chip_is_none(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "chips"),
    [
        ("4x A10", ["nvidia-a10"]),
        ("8 L4 cards", ["nvidia-l4"]),
        ("a single L4 GPU", ["nvidia-l4"]),
        ("NVIDIA T4", ["nvidia-t4"]),
        ("Tesla M40", ["nvidia-m40"]),
        ("inference on T4 is slower on other GPUs", ["nvidia-t4"]),
        ("8张4090", ["nvidia-rtx-4090"]),
        ("4090显卡", ["nvidia-rtx-4090"]),
        ("使用64张910B训练", ["huawei-ascend-910b"]),
        ("Apple M2 Ultra", ["apple-m2"]),
        ("M1 GPU", ["apple-m1"]),
        ("Mac M2 16GB RAM", ["apple-m2"]),
    ],
)
def test_a_weak_name_counts_where_chips_are_spoken_of(text: str, chips: list[str]) -> None:
    assert named(text) == chips


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        ("8 GPUs", "gpu"),
        ("NVIDIA GPUs", "nvidia-gpu"),
        ("AMD GPUs", "amd-gpu"),
        ("Google TPUs", "google-tpu"),
        ("Tensor Processing Units", "tpu"),
        ("NPU", "npu"),
        ("Huawei NPUs", "huawei-ascend"),
        ("AI accelerators", "accelerator"),
        ("英伟达显卡", "nvidia-gpu"),
        ("国产AI芯片", "accelerator"),
        ("加速卡", "accelerator"),
    ],
)
def test_unnamed_chips_are_found_by_their_kind(text: str, chip: str) -> None:
    assert [(m.id, m.generic) for m in find(text)] == [(chip, True)]


PLANTED = st.sampled_from(
    [
        ("H800", "nvidia-h800"),
        ("A100-80GB", "nvidia-a100-80gb"),
        ("昇腾910B", "huawei-ascend-910b"),
        ("TPU v4", "google-tpu-v4"),
        ("MI250X", "amd-mi250x"),
        ("RTX 4090", "nvidia-rtx-4090"),
        ("Ascend 910", "huawei-ascend-910"),
    ]
)
AROUND = st.lists(
    st.sampled_from(["we", "trained", "使用", "训练", "the model", "ran", "。", ",", "(see", "3.5", "64", "2024"]),
    max_size=10,
).map(" ".join)


@given(AROUND, PLANTED, AROUND)
def test_a_planted_chip_comes_back_with_its_place(before: str, planted: tuple[str, str], after: str) -> None:
    name, chip = planted
    text = f"{before} | {name} | {after}"
    start = len(before) + 3
    assert [(m.start, m.end, m.id) for m in find(text) if not m.generic] == [(start, start + len(name), chip)]


PIECES = "A100 H20 80GB ( ) GPU GPUs - x × TPU v3 -256 昇腾 910 B s ’s RTX 4090 T4 Figure NVIDIA Tesla"
ODD = st.lists(
    st.one_of(
        st.sampled_from(PIECES.split()),
        st.characters(),
    ),
    max_size=30,
)


@given(ODD, st.sampled_from(["", " "]))
@example(["A100", "80GB", "H20"], " ")
def test_no_text_breaks_the_grammar_and_spans_slice_to_what_was_printed(pieces: list[str], joint: str) -> None:
    text = joint.join(pieces)
    found = find(text)
    assert all(text[m.start : m.end] == m.printed for m in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize("piece", ["A100 ", "A100 (", "NVIDIA ", "T4 ", "Huawei Atlas ", "昇腾", "GPU", "80GB "])
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


def test_a_pattern_of_many_spellings_takes_the_longest_and_keeps_exact_ones_in_their_case() -> None:
    pattern = re.compile(
        any_of([Spelling("A100"), Spelling("A100 SXM"), Spelling("H20", exact=True), Spelling("昇腾910")])
    )
    assert [m[0] for m in pattern.finditer("a100-sxm A100 h20 H20 昇腾 910")] == ["a100-sxm", "A100", "H20", "昇腾 910"]


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        ("GTX3090", "nvidia-rtx-3090"),
        ("Intel® Arc™ Pro B60 cards", "intel-arc-pro-b60"),
        ("AWS Trainium™2", "aws-trainium2"),
        ("Sugon Z-100 16GB", "hygon-z100"),
        ("太初 T100 加速卡", "tecorigin-t100"),
        ("1x v4-2048", "google-tpu-v4"),
    ],
)
def test_signs_slips_and_makers_names_do_not_hide_a_chip(text: str, chip: str) -> None:
    assert named(text) == [chip]


def test_a_version_with_a_number_is_no_tpu_where_nobody_counts_it() -> None:
    assert named("We released v4-2048 today.") == []


@pytest.mark.parametrize("text", ["64 Hopper GPUs", "NVIDIA Ampere GPUs", "Volta-based GPUs"])
def test_a_generations_name_leaves_the_chip_unnamed_but_not_its_maker(text: str) -> None:
    assert [(m.id, m.generic) for m in find(text)] == [("nvidia-gpu", True)]
