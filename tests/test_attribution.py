"""Whose work a claim is about: the document's own, or one that it cites or compares with."""

from __future__ import annotations

import pytest
from statements import LARCH, LARCHES, modalities, of_type, others_facts, own_facts

from extractors.claim import Attribution, ClaimType, Modality

COUNT, HOURS, HARDWARE = ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.HARDWARE


def test_what_we_trained_our_model_on_is_ours() -> None:
    body = LARCH + "We trained Larch-7B on 64 H800 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 64)}
    assert own_facts(body, HARDWARE) == {("Larch-7B", "nvidia-h800", None)}
    assert others_facts(body, COUNT) == set()


def test_a_baselines_chips_are_not_ours() -> None:
    body = LARCH + "We trained Larch-7B on 64 H800 GPUs. The baseline, OPT-175B, was trained on 992 A100 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 64)}
    assert others_facts(body, COUNT) == {("OPT-175B", "nvidia-a100", 992)}


def test_a_model_named_after_unlike_keeps_its_chips() -> None:
    body = LARCH + "Unlike OPT-175B, trained on 992 A100 GPUs, we trained Larch-7B on 256 H800 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 256)}
    assert others_facts(body, COUNT) == {("OPT-175B", "nvidia-a100", 992)}


def test_a_relative_clause_tells_of_the_model_before_it() -> None:
    body = LARCH + "Unlike OPT, which used 992 A100 GPUs, we trained Larch-7B on 256 H800 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 256)}


def test_the_model_compared_with_keeps_its_hours() -> None:
    body = LARCH + (
        "Compared with Llama 2 70B, which consumed 1,720,320 GPU hours, Larch-7B needs 90,000 H800 GPU hours."
    )
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-h800", 90_000)}


def test_hours_of_another_model_behind_the_figure_are_its_own() -> None:
    body = LARCH + "Larch-7B needs only one tenth of the 1.7M A100 GPU hours of Llama 2 70B."
    assert own_facts(body, HOURS) == set()
    assert others_facts(body, HOURS) == {("Llama 2 70B", "nvidia-a100", 1_700_000)}


def test_the_model_that_ours_started_from_keeps_its_chips() -> None:
    body = LARCH + "Larch-7B is initialised from Llama 2 7B, which was trained on A100 GPUs."
    assert own_facts(body, HARDWARE) == set()
    assert others_facts(body, HARDWARE) == {("Llama 2 7B", "nvidia-a100", None)}


def test_fine_tuning_a_model_of_others_is_our_run() -> None:
    body = LARCH + "Larch-7B was fine-tuned from Llama 2 7B on 8 A100 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 8)}


def test_an_earlier_model_of_ours_keeps_its_own_chips() -> None:
    body = LARCH + (
        "Our previous model, Larch-6B, was trained on 128 V100 GPUs. Larch-7B was trained on 256 H800 GPUs."
    )
    counts = {(c.subject.name, c.chip.id if c.chip else None, c.value) for c in of_type(body, COUNT)}
    assert counts == {("Larch-6B", "nvidia-v100", 128), ("Larch-7B", "nvidia-h800", 256)}


def test_an_unnamed_previous_generation_is_not_the_model_presented() -> None:
    body = LARCH + "The previous generation was trained on 128 V100 GPUs."
    assert own_facts(body, COUNT) == set()


def test_authors_cited_in_the_sentence_keep_their_chips() -> None:
    body = LARCH + "Smith et al. (2021) trained their model on 64 V100 GPUs. We trained Larch-7B on 32 A100 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 32)}


def test_each_of_two_models_has_the_chips_named_with_it() -> None:
    body = LARCHES + "Larch-7B was trained on 64 A100 GPUs and Larch-70B on 512 H800 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 64), ("Larch-70B", "nvidia-h800", 512)}


def test_a_pronoun_goes_on_about_the_model_of_the_sentence_before() -> None:
    body = LARCH + "OPT-175B is a dense model. It was trained on 992 A100 GPUs."
    assert own_facts(body, COUNT) == set()
    assert others_facts(body, COUNT) == {("OPT-175B", "nvidia-a100", 992)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Larch-7B follows the compute of 1,000 A100-equivalent GPUs.",
        "The H800-style interconnect is described by its maker.",
        "Weights rise as the gradients ascend.",
        "The output of the RH20T robot data is kept.",
    ],
)
def test_words_that_only_look_like_chips_in_use_state_nothing(sentence: str) -> None:
    assert of_type(LARCH + sentence, HARDWARE) == []
    assert of_type(LARCH + sentence, COUNT) == []


def test_a_report_of_others_says_so_and_is_theirs() -> None:
    body = LARCH + "Reportedly, OPT-175B was trained on 992 A100 GPUs."
    (claim,) = of_type(body, COUNT)
    assert (claim.attribution, claim.modality) == (Attribution.OTHER, Modality.REPORTED)


def test_a_rumour_about_our_model_is_reported_and_not_asserted() -> None:
    body = LARCH + "Larch-7B is rumoured to have been trained on 25,000 A100 GPUs."
    assert modalities(body, COUNT) == {Modality.REPORTED}


def test_a_document_without_own_models_claims_none_for_itself() -> None:
    body = "# A survey of training runs\n\nOPT-175B was trained on 992 A100 GPUs, and BLOOM-176B on 384 A100 GPUs."
    assert own_facts(body, COUNT) == set()
    assert others_facts(body, COUNT) == {("OPT-175B", "nvidia-a100", 992), ("BLOOM-176B", "nvidia-a100", 384)}


def test_cues_show_what_decided_the_subject() -> None:
    body = LARCH + "The baseline, OPT-175B, was trained on 992 A100 GPUs."
    (claim,) = of_type(body, COUNT)
    assert "OPT-175B" in {cue.text for cue in claim.cues if cue.decides == "subject"}


NOTES_ZH = "# 大模型训练笔记\n\n本文记录各种模型的训练实践。\n\n"


def test_a_chinese_writer_who_leaves_out_himself_made_the_run() -> None:
    body = NOTES_ZH + "进行流水线并行时，使用了3台共24卡 A800 训练 OPT-30B。\n\n使用了8张 A800 训练 OPT-13B。"
    assert ("OPT-13B", "nvidia-a800", 8) in own_facts(body, COUNT)


def test_a_named_team_that_made_a_run_is_not_the_writer() -> None:
    body = NOTES_ZH + "Meta 使用了992张 A100 训练 OPT-175B。"
    assert own_facts(body, COUNT) == set()
    assert others_facts(body, COUNT) == {("OPT-175B", "nvidia-a100", 992)}


TWO = "We train Larch-7B and Larch-13B from scratch. "


@pytest.mark.parametrize(
    "said",
    [
        TWO + "Both models were trained on 64 A100 GPUs each.",
        TWO + "They were trained on 64 A100 GPUs.",
        TWO + "Each model was trained on 64 A100 GPUs.",
        "我们从头训练 Larch-7B 和 Larch-13B。两个模型均使用64张 A100 训练。",
    ],
)
def test_what_is_said_of_both_models_is_said_of_each(said: str) -> None:
    assert own_facts(LARCHES + said, COUNT) == {("Larch-7B", "nvidia-a100", 64), ("Larch-13B", "nvidia-a100", 64)}


def test_the_other_models_are_not_the_ones_just_named() -> None:
    body = LARCHES + "Larch-7B was trained on 64 A100 GPUs. The other two models used 512 A100 GPUs each."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 64)}


def test_the_model_that_opens_a_chinese_sentence_goes_on_behind_a_list_of_what_it_trained() -> None:
    body = LARCHES + "Larch 训练了一个 GPT-2（90M），语料是 100 万条序列，训练 200K 步，在 8 张 A100 上完成。"
    assert own_facts(body, COUNT) == {("Larch", "nvidia-a100", 8)}


def test_what_most_models_of_others_use_is_not_ours() -> None:
    body = LARCH + "Most models of this size are trained on 300B tokens."
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == set()


def test_a_model_in_brackets_behind_the_figure_has_its_own() -> None:
    body = LARCH + "预训练总成本只要 1.456M H800-hours（Qwen2.5-72B 是 6.12M）。"
    assert own_facts(body, HOURS) == {("Larch-7B", "nvidia-h800", 1_456_000)}


@pytest.mark.parametrize(
    "sentence",
    [
        "FastNet uses 8 V100 GPUs for 53 hours.",
        "Training FastNet takes 3 weeks on 8 V100 GPUs.",
        "In contrast, training FastNet required 8 V100 GPUs.",
        "FastNet：8 张 V100 训练 9 天。",
        "以 FastNet 为例，训练仍需 8 张 V100。",
    ],
)
def test_a_run_of_a_model_that_nobody_lists_is_that_models(sentence: str) -> None:
    assert {(name, value) for name, _, value in others_facts(LARCH + sentence, COUNT)} == {("FastNet", 8)}
    assert own_facts(LARCH + sentence, COUNT) == set()


def test_a_plain_word_is_a_models_name_where_the_word_model_stands_behind_it() -> None:
    body = "# What is known of Acme\n\nAcme serves Skylark.\n\nSkylark models were trained entirely on H100 GPUs.\n"
    assert others_facts(body, HARDWARE) == {("Skylark", "nvidia-h100", None)}


@pytest.mark.parametrize("word", ["Both", "Larger", "Reward"])
def test_an_ordinary_word_before_models_names_none(word: str) -> None:
    body = LARCH + f"We use reward models, both large and larger. {word} models were trained on 8 A100 GPUs."
    assert {name for name, *_ in own_facts(body, COUNT)} == {"Larch-7B"}


def test_a_figure_in_brackets_is_that_of_the_name_before_them() -> None:
    body = LARCH + "Larch-7B is cheap, e.g. compared to CLIP (approx. 2,500 TPUv3-days for its best score)."
    assert others_facts(body, HOURS) == {("CLIP", "google-tpu-v3", 60_000)}
    assert own_facts(body, HOURS) == set()


def test_what_prior_works_required_is_theirs_behind_a_citation_too() -> None:
    body = LARCH + "This compares well to prior works such as CLIP [36], which took 10 days on 256 A100 GPUs."
    assert others_facts(body, COUNT) == {("CLIP", "nvidia-a100", 256)}


@pytest.mark.parametrize("base", ["a 7B LLaMA model", "LLaMA"])
def test_fine_tuning_a_base_model_of_others_is_the_pages_own_run(base: str) -> None:
    body = LARCH + f"Fine-tuning {base} took 3 hours on 8 A100 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 8)}


def test_a_variant_that_we_train_on_the_way_is_named_behind_its_chips_too() -> None:
    body = LARCH + "Further, with only four A100 GPUs, we train a LarTune model."
    assert own_facts(body, COUNT) == {("LarTune", "nvidia-a100", 4)}


NEWS = (
    "# Sora and its chips\n\nOpenAI spoke. OpenAI says little. OpenAI trained Sora on 4,200 H100 GPUs. Sora is new.\n"
)


def test_a_page_that_names_the_developer_and_never_its_writers_tells_of_others() -> None:
    assert {value for *_, value in others_facts(NEWS, COUNT)} == {4200}
    assert own_facts(NEWS, COUNT) == set()


@pytest.mark.parametrize("sign", ["We thank OpenAI.", "## Usage\n\nLoad it.", "```\nload('sora')\n```"])
def test_a_page_that_speaks_of_its_writers_or_has_a_cards_sections_or_code_tells_of_its_own(sign: str) -> None:
    assert {value for *_, value in own_facts(f"{NEWS}\n{sign}\n", COUNT)} == {4200}
