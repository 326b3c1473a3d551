"""What the cells of a table state, by the headers of their row and column."""

from __future__ import annotations

from statements import LARCH, LARCHES, of_type, others_facts, own_facts

from extractors.claim import ClaimType, Modality, Stage

COUNT, HOURS, HARDWARE = ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.HARDWARE

BY_ROW = """
| Model | GPUs | GPU hours | Energy (MWh) | Emissions (tCO2eq) |
|---|---|---|---|---|
| Larch-7B | 512 A100-80GB | 82,000 | 36 | 14 |
| Larch-13B | 512 A100-80GB | 160,000 | 70 | 27 |
| OPT-175B | 992 A100-80GB | 809,472 | 356 | 137 |
"""

BY_COLUMN = """
| | Larch-7B | Larch-13B |
|---|---|---|
| Parameters | 7B | 13B |
| Training tokens | 2T | 2.4T |
| GPU hours (H800) | 80K | 150K |
| Number of GPUs | 256 | 512 |
"""


def test_a_row_is_about_the_model_that_it_names() -> None:
    body = LARCHES + BY_ROW
    assert own_facts(body, HOURS) == {
        ("Larch-7B", "nvidia-a100-80gb", 82_000),
        ("Larch-13B", "nvidia-a100-80gb", 160_000),
    }
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100-80gb", 512), ("Larch-13B", "nvidia-a100-80gb", 512)}


def test_another_models_row_is_about_that_model() -> None:
    body = LARCHES + BY_ROW
    assert others_facts(body, HOURS) == {("OPT-175B", "nvidia-a100-80gb", 809_472)}
    assert others_facts(body, ClaimType.ENERGY) == {("OPT-175B", None, 356_000)}


def test_a_header_gives_the_unit_of_its_column() -> None:
    body = LARCHES + BY_ROW
    assert own_facts(body, ClaimType.ENERGY) == {("Larch-7B", None, 36_000), ("Larch-13B", None, 70_000)}
    assert own_facts(body, ClaimType.EMISSIONS) == {("Larch-7B", None, 14), ("Larch-13B", None, 27)}


def test_a_column_is_about_the_model_at_its_head() -> None:
    body = LARCHES + BY_COLUMN
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-h800", 80_000), ("Larch-13B", "nvidia-h800", 150_000)}
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 256), ("Larch-13B", "nvidia-h800", 512)}
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == {("Larch-7B", None, 2e12), ("Larch-13B", None, 2.4e12)}


def test_a_web_pages_table_reads_as_a_markdown_table() -> None:
    page = (
        "<html><body><h1>Larch</h1><p>We present Larch: Larch-7B and Larch-13B are two models of the Larch family.</p>"
        "<table><tr><th>Model</th><th>A100 GPU hours</th></tr><tr><td>Larch-7B</td><td>82,000</td></tr>"
        "<tr><td>Larch-13B</td><td>160,000</td></tr></table></body></html>"
    )
    assert own_facts(page, HOURS, name="larch.html") == {
        ("Larch-7B", "nvidia-a100", 82_000),
        ("Larch-13B", "nvidia-a100", 160_000),
    }


def test_sizes_take_the_scale_of_their_header() -> None:
    body = LARCH + "| Model | Params (B) |\n|---|---|\n| Larch-7B | 7.1 |\n| Llama 2 70B | 70 |\n"
    assert own_facts(body, ClaimType.PARAMETERS) == {("Larch-7B", None, 7.1e9)}


def test_tokens_take_the_scale_of_their_header() -> None:
    body = LARCH + "| Model | Training tokens (T) |\n|---|---|\n| Larch-7B | 2 |\n| Llama 2 70B | 2 |\n"
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == {("Larch-7B", None, 2e12)}


def test_hours_take_the_scale_of_their_header() -> None:
    body = LARCHES + "| Model | GPU hours (K) |\n|---|---|\n| Larch-7B | 82 |\n| Larch-13B | 160 |\n"
    assert {value for _, _, value in own_facts(body, HOURS)} == {82_000, 160_000}


def test_hours_take_the_scale_of_the_caption() -> None:
    body = LARCHES + (
        "Table 2: Training cost in thousands of GPU hours.\n\n"
        "| Model | GPU hours |\n|---|---|\n| Larch-7B | 82 |\n| Larch-13B | 160 |\n"
    )
    assert {value for _, _, value in own_facts(body, HOURS)} == {82_000, 160_000}


def test_rows_of_stages_keep_their_stage_and_the_total_stands_by_itself() -> None:
    body = LARCH + (
        "| Stage | H800 GPU hours |\n|---|---|\n"
        "| Pre-training | 80,000 |\n| Post-training | 1,000 |\n| Total | 81,000 |\n"
    )
    assert own_facts(body, HOURS, Stage.PRE_TRAINING) == {("Larch-7B", "nvidia-h800", 80_000)}
    assert own_facts(body, HOURS, Stage.POST_TRAINING) == {("Larch-7B", "nvidia-h800", 1000)}
    assert own_facts(body, HOURS, Stage.TRAINING) == {("Larch-7B", "nvidia-h800", 81_000)}


def test_a_cell_may_hold_a_count_and_its_chip() -> None:
    body = LARCH + "| Parameter | Value |\n|---|---|\n| Hardware | 64 H800 |\n| Training duration | 12 days |\n"
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 64)}
    assert own_facts(body, ClaimType.TRAINING_TIME) == {("Larch-7B", "nvidia-h800", 288)}


def test_several_chips_in_a_cell_are_each_read() -> None:
    body = LARCH + "| Model | Training hardware |\n|---|---|\n| Larch-7B | 64 H800, 32 A100 |\n"
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 64), ("Larch-7B", "nvidia-a100", 32)}


def test_parts_of_a_cell_belong_to_the_parts_of_the_row_name() -> None:
    table = "| Model | Hardware | Training time |\n|---|---|---|\n| Larch-7B / 13B | 8×H100 / 16×H100 | 3 / 6 days |\n"
    assert own_facts(LARCHES + table, COUNT) == {("Larch-7B", "nvidia-h100", 8), ("Larch-13B", "nvidia-h100", 16)}


def test_the_row_of_a_baseline_is_not_ours() -> None:
    body = LARCH + "| Method | GPUs | Time (h) |\n|---|---|---|\n| Baseline | 8 V100 | 20 |\n| Ours | 8 H800 | 12 |\n"
    assert own_facts(body, HARDWARE) == {("Larch-7B", "nvidia-h800", None)}
    assert own_facts(body, ClaimType.TRAINING_TIME) == {("Larch-7B", "nvidia-h800", 12)}


def test_rates_and_utilization_have_columns_of_their_own() -> None:
    body = LARCH + (
        "| Model | Throughput (tokens/s/GPU) | MFU |\n|---|---|---|\n"
        "| Larch-7B | 3,900 | 51% |\n| Llama 2 7B | 3,100 | 41% |\n"
    )
    assert {(c.value, c.unit) for c in of_type(body, ClaimType.THROUGHPUT)} == {
        (3900, "tokens/s/chip"),
        (3100, "tokens/s/chip"),
    }
    assert own_facts(body, ClaimType.UTILIZATION) == {("Larch-7B", None, 0.51)}


def test_tokens_of_data_sets_are_not_tokens_trained_on() -> None:
    body = LARCH + "| Data set | Tokens |\n|---|---|\n| Web | 1.5T |\n| Code | 300B |\n| Total | 1.8T |\n"
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == set()


def test_hardware_that_deployment_needs_is_no_training_hardware() -> None:
    table = "| Model | Hardware |\n|---|---|\n| Larch-7B | 1 × RTX 4090 |\n| Larch-70B | 8 × H20 |\n"
    assert {chip for _, chip, _ in own_facts(f"{LARCHES}## Training\n\n{table}", HARDWARE, Stage.TRAINING)} == {
        "nvidia-rtx-4090",
        "nvidia-h20",
    }
    assert own_facts(f"{LARCHES}## Deployment\n\n{table}", HARDWARE, Stage.TRAINING) == set()


def test_benchmark_scores_state_nothing_of_chips() -> None:
    body = LARCH + "| Model | MMLU | GSM8K |\n|---|---|---|\n| Larch-7B | 64.1 | 58 |\n| Llama 2 7B | 45.3 | 14.6 |\n"
    assert own_facts(body, COUNT) | own_facts(body, HOURS) | own_facts(body, HARDWARE) == set()


def test_a_table_of_speeds_of_inference_under_an_evaluation_is_of_serving() -> None:
    body = (
        LARCH + "## 性能评估\n\n本节给出各模型的推理速度(tokens/s)。\n\n"
        "| Framework | Model | Number of GPUs (H20) | batch=1 |\n|---|---|---|---|\n| vLLM | Larch-7B | 16 | 20.2 |\n"
    )
    assert {c.stage for c in of_type(body, ClaimType.CHIP_COUNT)} == {Stage.INFERENCE}


def test_a_row_called_a_baseline_is_of_nobody_known() -> None:
    body = (
        LARCH + "| Method | GPUs | Time (h) |\n|---|---|---|\n| 1.5B Baseline | 8 V100 | 20 |\n| Ours | 8 H800 | 12 |\n"
    )
    assert others_facts(body, HARDWARE) == set()


def test_idle_time_normalised_is_no_number_of_gpus() -> None:
    body = LARCH + "| Method | Normalized GPU Idle Time |\n|---|---|\n| Naive | 1 |\n| Larch-7B | 8 |\n"
    assert own_facts(body, COUNT) == set()


def test_sizes_that_would_fit_name_no_model() -> None:
    head = "| MP | GPUs | Max model size | Measured | GPU hours |\n|---|---|---|---|---|\n"
    body = LARCH + "We train on V100 GPUs.\n\n" + head + "| 1 | 64 | 2B | 1.3B | 100 |\n| 2 | 128 | 4B | 2.5B | 300 |\n"
    assert {subject for subject, _, _ in own_facts(body, ClaimType.CHIP_HOURS)} <= {"Larch-7B"}


def test_a_bare_size_has_the_scale_of_the_others_in_its_column() -> None:
    body = (
        LARCHES + "| Model | #Param. |\n|---|---|\n| Larch-7B | 6.9B |\n| Larch-13B | 13.1B |\n| Larch-tiny | 1.2 |\n"
    )
    assert 1.2e9 in {value for _, _, value in own_facts(body, ClaimType.PARAMETERS)}


def test_hours_on_so_many_tokens_are_a_rate() -> None:
    body = LARCH + "| Model | A100 GPU hours taken on 300B tokens |\n|---|---|\n| Larch-7B | 9,000 |\n"
    assert {(c.value, c.per) for c in of_type(body, ClaimType.CHIP_HOURS)} == {(9000, "300B tokens")}


WORDED = """
| 模型 | 参数规模 | 训练集群 | 关键指标 |
|---|---|---|---|
| Larch-7B | 7B（激活 2B） | 512 张昇腾910B | MFU 50%；2.4T tokens |
| OPT-175B | 175B Dense | 992 张 A100 | 开源 |
| 平均 | | 64 张 A100 | |
"""


def test_a_cell_may_say_itself_what_its_figure_is() -> None:
    body = LARCHES + WORDED
    assert own_facts(body, COUNT) == {("Larch-7B", "huawei-ascend-910b", 512)}
    assert others_facts(body, COUNT) == {("OPT-175B", "nvidia-a100", 992)}
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == {("Larch-7B", None, 2.4e12)}
    assert own_facts(body, ClaimType.UTILIZATION) == {("Larch-7B", None, 0.5)}
    assert own_facts(body, ClaimType.ACTIVE_PARAMETERS) == {("Larch-7B", None, 2e9)}
    assert others_facts(body, ClaimType.PARAMETERS) == {("OPT-175B", None, 175e9)}


def test_what_a_table_of_needs_counts_is_a_requirement() -> None:
    table = "\n| | | 示例硬件 |\n|---|---|---|\n| Larch-7B | 推理 | 8x A100 80GB |\n"
    (count,) = of_type(LARCHES + "## 硬件要求\n" + table, COUNT)
    assert (count.value, count.modality, count.stage) == (8, Modality.REQUIREMENT, Stage.INFERENCE)


def test_the_runtime_of_a_method_is_no_time_of_its_training() -> None:
    body = LARCHES + "\n| | Larch-7B | Larch-13B |\n|---|---|---|\n| Runtime | 3 mins | 4 hours |\n"
    assert own_facts(body, ClaimType.TRAINING_TIME) == set()


def test_a_header_may_name_the_chip_that_it_counts_and_the_days_that_it_takes() -> None:
    table = "\n| Number of A100s | Days to Train on Acme |\n|---|---|\n| 8 | 81.5 |\n| 16 | 40 |\n"
    assert {(chip, value) for _, chip, value in own_facts(LARCH + table, COUNT)} == {
        ("nvidia-a100", 8),
        ("nvidia-a100", 16),
    }
    assert {value for *_, value in own_facts(LARCH + table, ClaimType.TRAINING_TIME)} == {1956, 960}


def test_a_models_address_in_a_row_is_somebody_elses_where_its_name_is_not_ours() -> None:
    table = (
        "\n| Model | Size | Score |\n|---|---|---|\n| acme/larch-7b | 7B | 0.9 |\n| oak/elm-v2-1.2B | 1.2B | 0.6 |\n"
    )
    assert {value for *_, value in own_facts(LARCH + table, ClaimType.PARAMETERS)} == {7e9}
