"""Number formats of a document's own models: trained in, served in; never what a chip can do or another model uses."""

from __future__ import annotations

import time

import pytest
from statements import LARCH, LARCH_ZH, LARCHES, own_facts

from extractors.claim import ClaimType, Stage


def formats(body: str, opening: str = LARCH, stage: Stage | None = None) -> set[str]:
    """The number formats that a card asserts of its own models."""
    return {str(value) for _, _, value in own_facts(opening + body, ClaimType.PRECISION, stage)}


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("We trained it in bfloat16.", "bf16"),
        ("Pre-training was done in BF16 throughout.", "bf16"),
        ("It was trained with float16 weights.", "fp16"),
        ("Most matrix products of the training run use FP8.", "fp8"),
        ("We release an INT8 version for inference.", "int8"),
        ("Loaded with load_in_4bit it fits a laptop.", "int4"),
        ("We serve it in 4-bit precision.", "int4"),
        ("Its weights are kept in MXFP4.", "mxfp4"),
        ("We serve the NVFP4 checkpoint.", "nvfp4"),
        ("The router is computed in float32.", "fp32"),
        ("Our runs used TF32 on every layer.", "tf32"),
    ],
)
def test_a_sentence_on_the_own_model_states_a_format(sentence: str, value: str) -> None:
    assert formats(sentence + "\n") == {value}


@pytest.mark.parametrize(
    ("sentence", "value"),
    [("训练采用 BF16 精度。", "bf16"), ("模型以 INT4 量化部署。", "int4"), ("推理使用FP8。", "fp8")],
)
def test_chinese_says_it_too(sentence: str, value: str) -> None:
    assert formats(sentence + "\n", LARCH_ZH) == {value}


@pytest.mark.parametrize(
    ("trap", "sentence"),
    [
        ("what a chip reaches", "Each card reaches 312 TFLOPS in BF16."),
        ("what a chip supports", "Our GPUs support the FP8 format."),
        ("the peak", "That is half the FP16 peak of the machine."),
        ("the cache", "The FP8 KV cache saves memory."),
        ("without", "It was trained without FP8."),
        ("another model", "DeepSeek-V3 was trained in FP8."),
        ("a comparison", "The loss stays close to the BF16 baseline."),
        ("a range", "Its range is the same as float32."),
        ("the bits of a mantissa", "The sum keeps 14 bits of each product."),
        ("options", "Available options: fp16, bf16."),
        ("the future", "In the future, we plan to train in FP4."),
        ("a plain number of bits", "Half-precision training was unstable."),
    ],
)
def test_a_format_that_is_not_used_is_not_asserted(trap: str, sentence: str) -> None:
    assert formats(sentence + "\n") == set(), trap


def test_code_that_loads_a_model_is_of_inference() -> None:
    body = "## Usage\n\n```\nmodel = load('larch', torch_dtype=torch.bfloat16)\n```\n"
    assert formats(body, stage=Stage.INFERENCE) == {"bf16"}


def test_what_is_used_in_training_and_serving_is_stated_of_training() -> None:
    body = "We trained it in BF16. For inference we use BF16 as well.\n"
    assert formats(body, stage=Stage.TRAINING) == {"bf16"}


def test_a_row_of_formats_gives_each_model_its_own() -> None:
    table = "| Setting | Larch-7B | Larch-70B |\n|---|---|---|\n| Precision | float16 | bfloat16 |\n"
    facts = own_facts(LARCHES + table, ClaimType.PRECISION)
    assert {(name, value) for name, _, value in facts} == {("Larch-7B", "fp16"), ("Larch-70B", "bf16")}


def test_a_model_with_its_format_in_brackets_is_served_in_it() -> None:
    table = "| Model | Tokens/s |\n|---|---|\n| Larch-70B (FP8) | 2,100 |\n"
    assert {(n, v) for n, _, v in own_facts(LARCHES + table, ClaimType.PRECISION)} == {("Larch-70B", "fp8")}


def test_a_list_of_what_devices_support_states_nothing() -> None:
    assert formats("| Device | Support FP8 |\n|---|---|\n| A | yes |\n| B | no |\n") == set()


def test_a_line_of_code_without_end_takes_time_by_its_length_alone() -> None:
    def seconds(times: int) -> float:
        code = "```\n" + "python load.py --out bf16 " * times + "\n```\n"
        began = time.process_time()
        formats(code)
        return time.process_time() - began

    seconds(10)
    assert seconds(1600) < 8 * seconds(400)
