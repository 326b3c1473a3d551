"""What sentences and label lines state: counts, hours, times, rates, stages, and whether it is a fact at all."""

from __future__ import annotations

import pytest
from statements import LARCH, LARCHES, modalities, of_type, others_facts, own_facts

from extractors.claim import ClaimType, Modality, Stage

COUNT, HOURS, HARDWARE = ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.HARDWARE
TIME, TOKENS = ClaimType.TRAINING_TIME, ClaimType.TRAINING_TOKENS


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("Deploying Larch-7B requires at least 8 H20 GPUs.", Modality.REQUIREMENT),
        ("You need 8 A100 GPUs to run Larch-7B.", Modality.REQUIREMENT),
        ("Training Larch-7B on 1,024 A100 GPUs would take 34 days.", Modality.HYPOTHETICAL),
        ("If we used 1,000 H100 GPUs, the training would end in a week.", Modality.HYPOTHETICAL),
        ("Suppose we had trained Larch-7B on 2,048 H100 GPUs.", Modality.HYPOTHETICAL),
        ("We plan to train Larch-7B on 4,096 H100 GPUs next year.", Modality.PLANNED),
        ("We will train the next version on 16,384 B200 GPUs.", Modality.PLANNED),
        ("Larch-7B is rumoured to have been trained on 25,000 A100 GPUs.", Modality.REPORTED),
        ("Larch-7B was trained on 512 A100 GPUs.", Modality.ASSERTED),
    ],
)
def test_how_a_count_is_put(sentence: str, modality: Modality) -> None:
    assert modalities(LARCH + sentence, COUNT) == {modality}


@pytest.mark.parametrize(
    "sentence",
    [
        "Larch-7B was not trained on H100 GPUs.",
        "We did not use any H100 GPUs.",
        "Larch-7B was trained without any NVIDIA H100 GPUs.",
    ],
)
def test_chips_that_were_not_used_are_no_facts(sentence: str) -> None:
    assert own_facts(LARCH + sentence, HARDWARE) == set()
    assert modalities(LARCH + sentence, HARDWARE) <= {Modality.NEGATED}


def test_a_negation_ends_with_its_clause() -> None:
    body = LARCH + "We did not use any A100 GPUs; Larch-7B was trained on Ascend 910B."
    assert own_facts(body, HARDWARE) == {("Larch-7B", "huawei-ascend-910b", None)}


def test_both_ends_of_a_range_are_kept() -> None:
    (claim,) = of_type(LARCH + "Larch-7B was trained on 2,000 to 3,000 H800 GPUs.", COUNT)
    assert (claim.qualifier, claim.lower, claim.upper) == ("range", 2000, 3000)


def test_nodes_times_chips_are_multiplied_and_say_so() -> None:
    (claim,) = of_type(LARCH + "Larch-7B was trained on 64 nodes with 8 H800 GPUs each.", COUNT)
    assert claim.value == 512
    assert claim.formula is not None
    assert "64" in claim.formula


def test_two_pods_are_not_two_chips() -> None:
    body = LARCH + "We trained Larch-7B on two pods of TPU v4."
    assert own_facts(body, HARDWARE) == {("Larch-7B", "google-tpu-v4", None)}
    assert own_facts(body, COUNT) == set()


def test_pods_times_the_chips_of_each_are_multiplied() -> None:
    body = LARCH + "Larch-7B was trained on two TPU v4 pods of 3,072 chips each."
    assert own_facts(body, COUNT) == {("Larch-7B", "google-tpu-v4", 6144)}


def test_a_single_gpu_of_an_ablation_is_not_what_the_model_was_trained_on() -> None:
    body = LARCH + "For the ablation, we train a 100M model on a single A100 GPU."
    assert own_facts(body, COUNT) == set()
    assert own_facts(body, HARDWARE) == set()


def test_the_same_cluster_has_the_chips_named_before() -> None:
    body = LARCH + (
        "Larch-7B was pre-trained on a cluster of 2,048 H800 GPUs. Pre-training took 180K GPU hours. "
        "Fine-tuning used 64 GPUs of the same cluster."
    )
    assert own_facts(body, COUNT, Stage.PRE_TRAINING) == {("Larch-7B", "nvidia-h800", 2048)}
    assert own_facts(body, COUNT, Stage.POST_TRAINING) == {("Larch-7B", "nvidia-h800", 64)}
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-h800", 180_000)}


def test_respectively_deals_figures_out_in_order() -> None:
    body = LARCHES + (
        "Larch-7B, Larch-13B and Larch-70B took 1,000, 2,000 and 9,000 H800 GPU hours to train, respectively."
    )
    assert own_facts(body, HOURS) == {
        ("Larch-7B", "nvidia-h800", 1000),
        ("Larch-13B", "nvidia-h800", 2000),
        ("Larch-70B", "nvidia-h800", 9000),
    }


def test_a_size_names_the_family_member_that_took_the_time() -> None:
    body = LARCHES + "The 7B model took 20 hours on 64 H100 GPUs. The 13B model took 40 hours on the same GPUs."
    assert own_facts(body, TIME) == {("Larch-7B", "nvidia-h100", 20), ("Larch-13B", "nvidia-h100", 40)}


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("The training took 21 days.", 504),
        ("Training Larch-7B took 36 hours.", 36),
        ("It was trained for 2 weeks.", 336),
    ],
)
def test_training_time_is_in_hours(words: str, hours: float) -> None:
    assert {value for _, _, value in own_facts(LARCH + words, TIME)} == {hours}


def test_days_of_use_behind_the_chips_are_training_time() -> None:
    body = LARCH + "## Pre-training\n\nWe use 512 H800 GPUs for 20 days."
    assert {value for _, _, value in own_facts(body, TIME)} == {480}


def test_each_stage_has_its_own_chips() -> None:
    body = LARCH + (
        "Larch-7B was pre-trained on 512 H800 GPUs and fine-tuned on 32 A100 GPUs. It is served on L40S GPUs."
    )
    assert own_facts(body, HARDWARE, Stage.PRE_TRAINING) == {("Larch-7B", "nvidia-h800", None)}
    assert own_facts(body, HARDWARE, Stage.POST_TRAINING) == {("Larch-7B", "nvidia-a100", None)}
    assert own_facts(body, HARDWARE, Stage.INFERENCE) == {("Larch-7B", "nvidia-l40s", None)}


@pytest.mark.parametrize(
    ("heading", "stage"),
    [
        ("Pre-training", Stage.PRE_TRAINING),
        ("Supervised fine-tuning", Stage.POST_TRAINING),
        ("Inference", Stage.INFERENCE),
    ],
)
def test_a_heading_tells_the_stage_where_the_sentence_does_not(heading: str, stage: Stage) -> None:
    body = f"{LARCH}## {heading}\n\nWe use 16 A100 GPUs for Larch-7B."
    assert {claim.stage for claim in of_type(body, COUNT)} == {stage}


def test_the_verb_of_the_sentence_wins_over_its_heading() -> None:
    body = LARCH + "## Inference\n\nLarch-7B was pre-trained on 512 H800 GPUs."
    assert {claim.stage for claim in of_type(body, COUNT)} == {Stage.PRE_TRAINING}


def test_serving_on_another_chip_is_no_training_on_it() -> None:
    body = LARCH + "We serve Larch-7B on 8 Ascend 910B NPUs; it was trained on 512 A100 GPUs."
    assert own_facts(body, COUNT, Stage.INFERENCE) == {("Larch-7B", "huawei-ascend-910b", 8)}
    assert own_facts(body, COUNT, Stage.TRAINING) == {("Larch-7B", "nvidia-a100", 512)}


def test_latency_measured_on_a_card_is_inference() -> None:
    body = LARCH + "We measure the latency of Larch-7B on an NVIDIA A10G."
    assert own_facts(body, HARDWARE, Stage.INFERENCE) == {("Larch-7B", "nvidia-a10g", None)}


def test_label_lines_state_chips_hours_and_time() -> None:
    body = LARCH + "- **Hardware:** 8×H100\n- **Hours used:** 3,000\n- **Training time:** 5 days"
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h100", 8)}
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-h100", 3000)}
    assert own_facts(body, TIME) == {("Larch-7B", "nvidia-h100", 120)}


def test_label_lines_of_plain_text_read_as_those_of_a_list() -> None:
    opening = "Larch-7B model card\n\nWe present Larch-7B. Larch-7B is a language model, and Larch-7B is open.\n\n"
    body = opening + "Hardware: 8×H100\n\nHours used: 3,000\n"
    assert own_facts(body, COUNT, name="larch.txt") == {("Larch-7B", "nvidia-h100", 8)}
    assert own_facts(body, HOURS, name="larch.txt") == {("Larch-7B", "nvidia-h100", 3000)}


def test_a_web_page_reads_as_its_text() -> None:
    page = "<html><body><h1>Larch-7B</h1><p>We trained Larch-7B on <b>64</b> H800&nbsp;GPUs.</p></body></html>"
    assert own_facts(page, COUNT, name="larch.html") == {("Larch-7B", "nvidia-h800", 64)}


def test_hours_under_an_assumed_price_are_not_a_fact() -> None:
    body = LARCH + "At an assumed price of $2 per GPU hour, 300,000 H800 GPU hours come to $600,000."
    assert own_facts(body, ClaimType.COST) == set()


def test_a_price_per_hour_is_no_cost_of_training() -> None:
    body = LARCH + "We rented H800 GPUs at $2 per GPU hour. Training Larch-7B cost $600,000."
    assert own_facts(body, ClaimType.COST) == {("Larch-7B", None, 600_000)}


def test_an_estimated_cost_is_marked_as_one() -> None:
    body = LARCH + "We estimate that training Larch-7B cost $600,000."
    assert modalities(body, ClaimType.COST) == {Modality.ESTIMATED}


def test_emissions_are_in_tonnes_and_energy_in_kilowatt_hours() -> None:
    body = LARCH + "The training of Larch-7B emitted 250 kgCO2eq and consumed 3.2 MWh of energy."
    assert own_facts(body, ClaimType.EMISSIONS) == {("Larch-7B", None, 0.25)}
    assert own_facts(body, ClaimType.ENERGY) == {("Larch-7B", None, 3200)}


def test_tokens_trained_on_are_not_those_the_data_holds() -> None:
    body = LARCH + "Larch-7B was trained on 2 trillion tokens. The data set holds 5 trillion tokens."
    assert own_facts(body, TOKENS) == {("Larch-7B", None, 2e12)}


def test_a_context_window_is_no_amount_of_training() -> None:
    assert of_type(LARCH + "Larch-7B supports a context of 128K tokens.", TOKENS) == []


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        (
            "Larch-7B reaches a throughput of 3,500 tokens per second per GPU on A100 during training.",
            3500,
            "tokens/s/chip",
        ),
        ("On a single H20, Larch-7B generates 50 tokens per second.", 50, "tokens/s"),
    ],
)
def test_rates_keep_what_they_are_per(sentence: str, value: float, unit: str) -> None:
    (claim,) = of_type(LARCH + sentence, ClaimType.THROUGHPUT)
    assert (claim.value, claim.unit) == (value, unit)


def test_utilization_is_a_fraction_of_model_flops_and_not_of_busy_time() -> None:
    body = LARCH + "Training reached 52% MFU on 512 H800 GPUs. GPU utilization stayed above 95%."
    (claim,) = of_type(body, ClaimType.UTILIZATION)
    assert (claim.value, claim.unit) == (0.52, "fraction")


def test_compute_needs_its_exponent() -> None:
    assert own_facts(LARCH + "Training Larch-7B took 3.8×10^24 FLOPs.", ClaimType.TRAINING_COMPUTE) == {
        ("Larch-7B", None, 3.8e24)
    }
    assert of_type(LARCH + "Training Larch-7B took 1024 FLOPs per step.", ClaimType.TRAINING_COMPUTE) == []


def test_another_models_tokens_stay_with_it() -> None:
    body = LARCH + "Larch-7B was trained on 2T tokens, and Llama 2 7B was trained on 1.8T tokens."
    assert own_facts(body, TOKENS) == {("Larch-7B", None, 2e12)}
    assert others_facts(body, TOKENS) == {("Llama 2 7B", None, 1.8e12)}


def test_an_example_of_how_to_run_a_model_states_nothing_that_was_done() -> None:
    body = LARCH + "Here is an example to run Larch-7B with 16 A100 GPUs, where the port is free:"
    assert own_facts(body, COUNT) == set()
    assert own_facts(body, HARDWARE) == set()


@pytest.mark.parametrize(
    "said",
    [
        "70B模型在训练中断后，故障平均恢复时间在1小时内。",
        "In training on 512 GPUs the mean time to recovery was 2 hours.",
        "After training failed on 512 GPUs we restarted within 3 hours.",
    ],
)
def test_the_time_that_a_recovery_takes_is_no_time_of_the_run(said: str) -> None:
    assert {c.value for c in of_type(LARCH + said, TIME)} == set()


@pytest.mark.parametrize(
    "said",
    [
        "我们使用 1 万小时中文数据训练 Larch-7B。",
        "The training cluster was built in just four months and has 512 H800 GPUs.",
        "项目从开始到微调出第一版模型耗时了8个月。",
        "Training details are on page 24 H. Larix et al. of the training report.",
        "我们使用 178 小时训练集训练 Larch-7B。",
        "We trained Larch-7B on approximately 100 hours of newly collected data.",
    ],
)
def test_hours_of_data_of_building_and_initials_are_no_time_of_the_run(said: str) -> None:
    assert {c.value for c in of_type(LARCH + said, TIME)} == set()


def test_chips_that_a_run_simulates_are_not_those_it_used() -> None:
    body = LARCH + "我们使用 8 张 A100 训练 Larch-7B，梯度累积为 8，模拟 64 张 A100 进行训练。"
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 8)}


@pytest.mark.parametrize(
    "said",
    [
        "While most models of this scale (e.g. GPT Neo 2.7B) are trained to 300-400B tokens, ours is small.",
        "0-200B tokens: training slowed down.",
        "We fixed the loader and continued training from 1.7T tokens onwards.",
    ],
)
def test_what_others_use_and_a_place_within_a_run_are_no_number_of_its_tokens(said: str) -> None:
    assert {c.value for c in of_type(LARCH + said, ClaimType.TRAINING_TOKENS)} == set()


def test_the_time_of_one_epoch_is_no_time_of_the_run() -> None:
    body = LARCH + "We train Larch-7B on 512 GPUs, where each epoch takes around two days."
    assert {(c.value, c.per) for c in of_type(body, TIME)} == {(48, "epoch")}


@pytest.mark.parametrize(
    ("said", "chip"),
    [
        ("TPU v3-8 was used for pretraining, and Larch-7B took 7 days.", "google-tpu-v3"),
        ("昇腾910B用于 Larch-7B 的训练。", "huawei-ascend-910b"),
    ],
)
def test_a_chip_that_was_used_for_training_was(said: str, chip: str) -> None:
    assert ("Larch-7B", chip, None) in own_facts(LARCH + said, HARDWARE)


def test_the_price_of_a_chip_that_was_bought_for_something_is_no_use_of_it() -> None:
    assert own_facts(LARCH + "An H800 was expensive for training.", HARDWARE) == set()


def test_a_list_of_a_machines_parts_set_as_code_is_read_under_what_it_was_used_for() -> None:
    parts = "```bash\nCPU: 28 vCPU Intel(R) Xeon(R)\n内存：60 GB\n显卡：RTX A5000(24GB) * 2\n```\n"
    assert own_facts(LARCH + "## 预训练硬件\n\n" + parts, COUNT) == {("Larch-7B", "nvidia-rtx-a5000", 2)}


def test_code_that_only_looks_like_a_list_of_parts_states_nothing() -> None:
    code = "```python\ngpu: int = 8\nconfig = {'gpu': 'A100', 'n': 8}\n```\n"
    assert own_facts(LARCH + "## Training\n\n" + code, COUNT) == set()


@pytest.mark.parametrize(
    ("value", "time", "hours"),
    [("672 hours (28 days)", {672.0}, set()), ("350 hours", {350.0}, set()), ("22,000", set(), {22_000.0})],
)
def test_hours_used_are_those_of_the_clock_where_they_are_called_hours(
    value: str, time: set[float], hours: set[float]
) -> None:
    body = LARCH + f"## Training\n\n- Hardware Type: 64 A100 GPUs\n- Hours used: {value}\n"
    assert {c.value for c in of_type(body, TIME)} == time
    assert {c.value for c in of_type(body, HOURS)} == hours


def test_hours_of_several_chips_behind_one_label_are_each_its_own() -> None:
    body = LARCH + "## Training\n\n- Hours used: 385,000 V100 GPU hours, and 300,000 A100 GPU hours\n"
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-v100", 385_000), ("Larch-7B", "nvidia-a100", 300_000)}


@pytest.mark.parametrize(
    "said",
    [
        "The MFU of Larch-7B is higher than that of others by up to 6.1%.",
        "Larch-7B outperforms them by 14% MFU.",
        "Overlapping brings a 5.6% MFU improvement to Larch-7B.",
        "This setting has an MFU of Larch-7B that is marginally lower (-0.88%).",
        "Larch-7B 的 MFU 提升了 6%。",
    ],
)
def test_a_difference_of_utilization_is_none(said: str) -> None:
    assert {c.value for c in of_type(LARCH + said, ClaimType.UTILIZATION)} == set()


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("Larch-7B reaches 55.2% MFU.", {0.552}),
        ("Larch-7B is trained at an MFU of 52%.", {0.52}),
        ("Its MFU increases from 41% to 48% as Larch-7B grows.", {0.41, 0.48}),
    ],
)
def test_a_utilization_that_was_reached_is_one(said: str, values: set[float]) -> None:
    assert {c.value for c in of_type(LARCH + said, ClaimType.UTILIZATION)} == values


def test_scales_that_double_are_two_counts_and_a_vague_number_is_one() -> None:
    assert {v for _, _, v in own_facts(LARCH + "We train Larch-7B on 256 to 1024 H800 GPUs.", COUNT)} == {256, 1024}
    assert {v for _, _, v in own_facts(LARCH + "We train Larch-7B on 20 to 30 H800 GPUs.", COUNT)} == {25}


def test_a_rate_per_so_many_chips_counts_none() -> None:
    body = LARCH + "In training the daily restart rate per 1,000 GPUs was low."
    assert own_facts(body, COUNT) == set()


def test_parameters_are_read_with_spaces_between_their_thousands() -> None:
    found = [c.value for c in of_type(LARCH + "It has exactly 6 706 958 336 free parameters.", ClaimType.PARAMETERS)]
    assert pytest.approx(6706958336, rel=1e-8) in found


def test_a_token_budget_is_what_training_sees() -> None:
    assert own_facts(LARCH + "The total token budget for training is 4 trillion tokens.", TOKENS) == {
        ("Larch-7B", None, 4e12)
    }
    assert own_facts(LARCH + "It thinks with a token budget of 32K tokens.", TOKENS) == set()
