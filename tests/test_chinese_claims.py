"""The traps of the other tests in Chinese: counts, units, attribution, modality and stages."""

from __future__ import annotations

import pytest
from statements import LARCH_ZH, modalities, of_type, others_facts, own_facts

from extractors.claim import ClaimType, Modality, Stage

COUNT, HOURS, HARDWARE = ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.HARDWARE

LARCH_V2_ZH = "# Larch-V2 技术报告\n\n我们发布 Larch-V2，一个混合专家模型。\n\n"


@pytest.mark.parametrize(
    ("sentence", "chip", "count"),
    [
        ("我们在 64 张 H800 上训练了 Larch-7B。", "nvidia-h800", 64),
        ("Larch-7B 在 1.5 万张昇腾 910B 上完成预训练。", "huawei-ascend-910b", 15_000),
        ("Larch-7B 的训练使用了 1,536 张昇腾910。", "huawei-ascend-910", 1536),
        ("我们使用昇腾 910B 万卡集群训练 Larch-7B。", "huawei-ascend-910b", 10_000),
        ("我们用 H800 千卡集群训练 Larch-7B。", "nvidia-h800", 1000),
        ("训练使用了五百一十二张 A100 显卡。", "nvidia-a100", 512),
        ("训练用了两千张昇腾910。", "huawei-ascend-910", 2000),
        ("Larch-7B 使用 64 个节点、每节点 8 张 H800 训练。", "nvidia-h800", 512),
        ("训练硬件：8×H100", "nvidia-h100", 8),
    ],
)
def test_counts_of_cards(sentence: str, chip: str, count: float) -> None:
    assert own_facts(LARCH_ZH + sentence, COUNT) == {("Larch-7B", chip, count)}


def test_both_ends_of_a_range_are_kept() -> None:
    (claim,) = of_type(LARCH_ZH + "我们使用 2000～3000 张 H800 训练 Larch-7B。", COUNT)
    assert (claim.lower, claim.upper) == (2000, 3000)


def test_parameters_count_in_hundreds_of_millions() -> None:
    assert own_facts(LARCH_V2_ZH + "Larch-V2 共有 2360 亿参数。", ClaimType.PARAMETERS) == {("Larch-V2", None, 236e9)}


@pytest.mark.parametrize(
    "words",
    [
        "每个 token 激活 210 亿参数。",
        "激活参数量为 210 亿。",
    ],
)
def test_active_parameters_are_told_from_all(words: str) -> None:
    body = LARCH_V2_ZH + "Larch-V2 共有 2360 亿参数，" + words
    assert own_facts(body, ClaimType.ACTIVE_PARAMETERS) == {("Larch-V2", None, 21e9)}


def test_a_title_of_one_word_names_the_model() -> None:
    body = "# Larch 技术报告\n\n我们发布大语言模型 Larch。Larch 已开源。我们在 64 张 H800 上训练了 Larch。"
    assert own_facts(body, COUNT) == {("Larch", "nvidia-h800", 64)}


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("Larch-7B 在 2 万亿 tokens 上预训练。", 2e12),
        ("模型在 1.2万亿 token 的数据上训练，耗时 21 天。", 1.2e12),
        ("Larch-7B 使用 3000 亿个 token 训练。", 3e11),
    ],
)
def test_tokens_count_in_hundreds_of_millions_and_trillions(sentence: str, tokens: float) -> None:
    assert own_facts(LARCH_ZH + sentence, ClaimType.TRAINING_TOKENS) == {("Larch-7B", None, tokens)}


def test_hours_of_chips_count_in_ten_thousands() -> None:
    body = LARCH_ZH + "Larch-7B 的预训练共消耗 18 万 H800 GPU 小时。"
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-h800", 180_000)}


def test_days_are_training_time() -> None:
    body = LARCH_ZH + "Larch-7B 的训练耗时 21 天。"
    assert own_facts(body, ClaimType.TRAINING_TIME) == {("Larch-7B", None, 504)}


@pytest.mark.parametrize(
    "sentence",
    [
        "与在 992 张 A100 上训练的 OPT-175B 不同，我们用 64 张 H800 训练 Larch-7B。",
        "与使用 992 张 A100 的 OPT-175B 不同，Larch-7B 使用 64 张 H800。",
    ],
)
def test_the_model_compared_with_keeps_its_chips(sentence: str) -> None:
    assert own_facts(LARCH_ZH + sentence, COUNT) == {("Larch-7B", "nvidia-h800", 64)}
    assert others_facts(LARCH_ZH + sentence, COUNT) == {("OPT-175B", "nvidia-a100", 992)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Smith 等人在 64 张 V100 上训练了他们的模型。",
        "上一代模型在 128 张 V100 上训练。",
        "基线模型使用 128 张 V100 训练。",
    ],
)
def test_chips_of_cited_work_predecessors_and_baselines_are_not_ours(sentence: str) -> None:
    assert own_facts(LARCH_ZH + sentence, COUNT) == set()


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("部署 Larch-7B 至少需要 8 张 H20。", Modality.REQUIREMENT),
        ("我们计划在 4096 张 H100 上训练 Larch-7B。", Modality.PLANNED),
        ("据报道，Larch-7B 使用了 25000 张 A100。", Modality.REPORTED),
        ("如果使用 1000 张 H100，训练将在一周内完成。", Modality.HYPOTHETICAL),
    ],
)
def test_how_a_count_is_put(sentence: str, modality: Modality) -> None:
    assert modalities(LARCH_ZH + sentence, COUNT) == {modality}


def test_chips_that_were_not_used_are_no_facts() -> None:
    body = LARCH_ZH + "Larch-7B 没有使用英伟达 H100 训练。"
    assert own_facts(body, HARDWARE) == set()


def test_a_cost_at_an_assumed_price_is_no_fact() -> None:
    body = LARCH_ZH + "假设 H800 的租金为每小时 2 美元，总训练成本为 557.6 万美元。"
    assert own_facts(body, ClaimType.COST) == set()


def test_each_stage_has_its_own_chips() -> None:
    body = LARCH_ZH + "Larch-7B 在 512 张 A100 上预训练，在 32 张 A800 上微调。推理时，Larch-7B 运行在昇腾 310P 上。"
    assert own_facts(body, HARDWARE, Stage.PRE_TRAINING) == {("Larch-7B", "nvidia-a100", None)}
    assert own_facts(body, HARDWARE, Stage.POST_TRAINING) == {("Larch-7B", "nvidia-a800", None)}
    assert own_facts(body, HARDWARE, Stage.INFERENCE) == {("Larch-7B", "huawei-ascend-310p", None)}


def test_deployment_after_training_in_one_sentence_is_inference() -> None:
    body = LARCH_ZH + "Larch-7B 在 512 张 A100 上预训练，部署在 L20 上推理。"
    assert own_facts(body, HARDWARE, Stage.INFERENCE) == {("Larch-7B", "nvidia-l20", None)}


def test_rows_of_a_table_are_about_the_models_that_they_name() -> None:
    body = LARCH_ZH + (
        "| 模型 | 参数量 | 训练 tokens | GPU 小时 |\n|---|---|---|---|\n"
        "| Larch-7B | 70亿 | 2万亿 | 8.2万 |\n| Llama 2 70B | 700亿 | 2万亿 | 172万 |\n"
    )
    assert own_facts(body, HOURS) == {("Larch-7B", "gpu", 82_000)}
    assert others_facts(body, HOURS) == {("Llama 2 70B", "gpu", 1_720_000)}
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == {("Larch-7B", None, 2e12)}


def test_cards_that_are_no_gpus_take_the_name_of_the_only_chip() -> None:
    body = LARCH_ZH + "Larch-7B 在昇腾910上训练。\n\n## 训练\n\nLarch-7B 的预训练使用了2048卡。"
    assert own_facts(body, COUNT) == {("Larch-7B", "huawei-ascend-910", 2048)}


def test_a_model_with_a_chinese_name_is_the_documents_own() -> None:
    opening = "# 落叶松-7B 技术报告\n\n我们发布落叶松-7B，一个开源语言模型。欢迎使用落叶松-7B。"
    body = opening + "落叶松-7B 在 64 张 H800 上训练。落叶松-7B 已开源。"
    assert own_facts(body, COUNT) == {("落叶松-7B", "nvidia-h800", 64)}


def test_energy_is_in_kilowatt_hours() -> None:
    body = LARCH_ZH + "Larch-7B 的训练耗电 3.2 兆瓦时。"
    assert own_facts(body, ClaimType.ENERGY) == {("Larch-7B", None, 3200)}


def test_emissions_are_in_tonnes() -> None:
    body = LARCH_ZH + "Larch-7B 的训练排放了 25 吨二氧化碳。"
    assert own_facts(body, ClaimType.EMISSIONS) == {("Larch-7B", None, 25)}


@pytest.mark.parametrize(
    "sentence",
    ["Larch-7B 可在两张3090显卡运行。", "在FP16精度下可以在两张 3090 上运行。", "量化后能在两张3090上运行。"],
)
def test_where_a_model_can_run_it_is_served(sentence: str) -> None:
    assert own_facts(LARCH_ZH + sentence, COUNT, Stage.INFERENCE) == {("Larch-7B", "nvidia-rtx-3090", 2)}


@pytest.mark.parametrize("label", ["实验环境", "硬件", "训练环境", "测试环境配置"])
def test_a_line_on_the_environment_tells_its_chips(label: str) -> None:
    assert {(chip, value) for _, chip, value in own_facts(f"{LARCH_ZH}{label}：8 * 昇腾910B3\n", COUNT)} == {
        ("huawei-ascend-910b-b3", 8)
    }


def test_tokens_are_called_signs_of_text_too() -> None:
    body = LARCH_ZH + "它已经对超过 4000 亿个文本标识符进行了训练。"
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == {("Larch-7B", None, 4e11)}
