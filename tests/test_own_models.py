"""Which model a page is about, where the page says so in one of its many ways."""

from __future__ import annotations

import pytest
from statements import claims_in, own_facts

from extractors.claim import Attribution, ClaimType


def subjects(body: str, name: str = "page.md") -> set[tuple[str, Attribution]]:
    """Whom the counts of chips are about, and whose work it is."""
    return {(c.subject.name, c.attribution) for c in claims_in(body, name) if c.type is ClaimType.CHIP_COUNT}


def test_a_coined_name_before_a_titles_colon_is_the_pages_own_and_the_model_it_reproduces_is_not() -> None:
    body = (
        "# OpenLlama2: An Open Reproduction of LLaMA\n\nOpenLlama2 was trained on 64 A100 GPUs. OpenLlama2 is free.\n"
    )
    assert subjects(body) == {("OpenLlama2", Attribution.OWN)}


def test_a_page_that_begins_with_its_repository_is_about_that_model() -> None:
    body = "acme/larch-neox-1.4b\n\nThis repository holds a model. It was pre-trained on 8 A100 GPUs.\n"
    assert subjects(body) == {("larch-neox-1.4b", Attribution.OWN)}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            "* 从零训练一个微型语言模型**LarchMind**。\n* LarchMind 使用 8 张 A100 训练。\n* LarchMind 开源。\n",
            "LarchMind",
        ),
        ("LarchNet models see. LarchNet was trained on 8 A100 GPUs.\n\nLarchNet is free.\n", "LarchNet"),
    ],
)
def test_a_coined_name_that_comes_back_and_is_called_a_model_is_the_pages_own(body: str, name: str) -> None:
    assert subjects(body) == {(name, Attribution.OWN)}


def test_a_survey_under_the_names_of_models_owns_none_of_them() -> None:
    parts = "## GLM-130B\n\nGLM-130B 使用 768 张 A100 训练。\n\n## OPT-175B\n\nOPT-175B 使用 992 张 A100 训练。\n"
    body = f"# 大模型训练的并行技术综述\n\n{parts}"
    assert {whose for _, whose in subjects(body)} == {Attribution.OTHER}


def test_a_size_before_the_name_belongs_to_it() -> None:
    body = "# Larch: open models\n\nWe present Larch. The 7B Larch model has been trained with 200 billion tokens.\n"
    assert own_facts(body, ClaimType.TRAINING_TOKENS) == {("Larch 7B", None, 2e11)}


def test_a_page_under_a_bare_brand_is_about_the_version_that_it_releases() -> None:
    body = (
        "# Larch\n\nWe release Larch3.5. Larch3.5 was trained on 512 H100 GPUs. "
        "Larch3.5 is our best model, and Larch3.5 is open.\n"
    )
    assert subjects(body) == {("Larch3.5", Attribution.OWN)}


def test_chips_that_two_runs_share_belong_to_both() -> None:
    body = (
        "# Larch\n\nWe present Larch, in two sizes, Larch-S and Larch-B.\n\n"
        "We run pretraining using a TPUv4-128 pod in 8 hours for Larch-S and in 14 hours for Larch-B.\n"
    )
    chips = own_facts(body, ClaimType.CHIP_COUNT)
    assert chips == {("Larch-S", "google-tpu-v4", 128.0), ("Larch-B", "google-tpu-v4", 128.0)}


def test_tokens_of_a_corpus_in_a_list_are_not_those_of_the_training() -> None:
    items = "- Forest Web Corpus (ja): 8.6B tokens\n- CC-100 (ja): 10.5B tokens\n"
    assert own_facts("# Larch\n\nWe present Larch.\n\n## Training\n\n" + items, ClaimType.TRAINING_TOKENS) == set()


def test_a_column_that_names_the_chip_of_its_speeds_tells_what_each_model_ran_on() -> None:
    body = (
        "# Larch\n\nWe present Larch-S and Larch-B.\n\n"
        "| Model | Inference on 1x NVIDIA 4090 | Size |\n|---|---|---|\n"
        "| Larch-B | 13 it/sec | 93M |\n| Larch-S | 17 it/sec | 27M |\n"
    )
    assert own_facts(body, ClaimType.CHIP_COUNT) == {
        ("Larch-B", "nvidia-rtx-4090", 1.0),
        ("Larch-S", "nvidia-rtx-4090", 1.0),
    }


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("云雀(Skylark): 基于 LLaMA 的医学模型", "Skylark"),
        ("Skylark(云雀): 中文对话式大语言模型", "Skylark"),
        ("Chinese-Vicuna: 一个低资源的 LLaMA 方案", "Chinese-Vicuna"),
        ("🦙 Alpaca-Larch: Low-Rank Llama Tuning", "Alpaca-Larch"),
        ("Würmchen", "Würmchen"),
    ],
)
def test_a_title_names_the_own_model_also_with_an_alias_a_known_name_inside_or_ornaments(title: str, name: str) -> None:
    assert subjects(f"# {title}\n\n{name} 使用 8 张 A100 训练。{name} 开源。\n") == {(name, Attribution.OWN)}


def titled(name: str) -> str:
    """A page under a title, whose chips are the model's where the title names one."""
    return f"# {name}\n\nWe use 8 A100 GPUs for training. {name} takes a day.\n"


@pytest.mark.parametrize("title", ["Evaluation", "训练", "Getting Started", "Model Zoo"])
def test_a_title_of_a_page_about_doing_things_names_no_model(title: str) -> None:
    assert subjects(titled("LarchMind")) == {("LarchMind", Attribution.OWN)}
    assert title not in {name for name, _ in subjects(titled(title))}


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("SEED-LLaMA 需 64 张 A100 训练 216 小时。", "SEED-LLaMA"),
        ("SkyDiff-L：在 4 张 A100 上训练 5 小时。", "SkyDiff-L"),
        ("SkyNet-2 was trained on 64 A100 GPUs for 9 days.", "SkyNet-2"),
    ],
)
def test_a_coined_name_that_a_sentence_begins_with_has_the_sentences_chips(sentence: str, name: str) -> None:
    body = f"# Larch: a language model\n\nWe present Larch, a language model.\n\n{sentence}\n"
    assert subjects(body) == {(name, Attribution.OTHER)}


@pytest.mark.parametrize(
    ("sentence", "name", "whose"),
    [
        ("BF16 requires 16 H20 GPUs for inference.", "Larch", Attribution.OWN),
        ("Image-Stage-1 was trained on 16 H20 GPUs.", "Larch", Attribution.OWN),
        ("Meta-Llama-3 was trained on 16 H20 GPUs.", "Llama-3", Attribution.OTHER),
    ],
)
def test_formats_stages_and_a_developer_before_a_family_make_no_new_name(
    sentence: str, name: str, whose: Attribution
) -> None:
    body = f"# Larch: a language model\n\nWe present Larch, a language model.\n\n{sentence}\n"
    assert subjects(body) == {(name, whose)}


def test_a_model_that_a_page_without_a_title_presents_in_its_first_words_is_its_own() -> None:
    rest = "其他内容与训练无关，只是为了让页面不短。" * 260
    body = f"# 介绍\n\nLarchMind-7B是由小林公司开发的一个开源语言模型。\n\n{rest}\n\n训练使用 8 张 A100。\n"
    assert subjects(body) == {("LarchMind-7B", Attribution.OWN)}


def test_versions_of_a_brand_are_the_brands_own() -> None:
    body = (
        "# Taiga-LLM: Language Models\n\nWe release Taiga-LLM. Taiga-LLM is open.\n\n"
        "Taiga-LLM v2.0 13B was trained on 8 A100 GPUs.\n"
    )
    assert {whose for _, whose in subjects(body)} == {Attribution.OWN}


def test_a_title_with_several_versions_is_about_their_brand() -> None:
    body = "# Larik v1 & v2: models of speech\n\nLarik v0.2-large was trained on 8 A100 GPUs. Larik v2 is free.\n"
    assert {whose for _, whose in subjects(body)} == {Attribution.OWN}


def test_a_name_with_a_version_before_a_known_one_is_the_model_made_from_it() -> None:
    body = "# Larix 2.9 Llama 3 8b\n\nIt took 2.5 days of training on 8 L40S. Larix 2.9 Llama 3 8b is free.\n"
    assert subjects(body) == {("Larix 2.9 Llama 3 8b", Attribution.OWN)}


def test_a_latin_name_behind_chinese_words_for_a_model_is_the_pages_own() -> None:
    body = "# 开源中文预训练语言模型Steel-Larch\n\n从零预训练的项目。训练使用 8 张 A100。结构参考 Qwen1.5。\n"
    assert subjects(body) == {("Steel-Larch", Attribution.OWN)}


@pytest.mark.parametrize(
    "title",
    [
        "xAI Colossus and what it means",
        "Habana Gaudi®-2 against A100 80GB",
        "Model description",
        "India: cards and costs",
    ],
)
def test_chips_makers_countries_and_kinds_of_text_in_a_title_are_no_models(title: str) -> None:
    body = f"# {title}\n\nTraining ran on 8 A100 GPUs. Gaudi2 is fast. India is large. Model description follows.\n"
    assert {name for name, _ in subjects(body)} & {"Gaudi2", "Gaudi®-2", "India", "Model description", "xAI"} == set()


def test_a_coined_name_before_its_size_is_a_models_also_with_a_space_between() -> None:
    told = "LarDA 8B was trained for 9 days. The model was trained on 64 A100 GPUs."
    body = f"# News of the week\n\nOther news come first.\n\n{told}\n"
    assert subjects(body) == {("LarDA 8B", Attribution.OTHER)}


def test_a_run_of_a_project_is_its_own_behind_a_word_on_who_made_it() -> None:
    told = "Similarly OpenGrove, a replication by others, used 2000 V100 GPUs for about 13 days."
    body = f"# Larch: a language model\n\nWe present Larch, a language model.\n\n{told}\n"
    assert subjects(body) == {("OpenGrove", Attribution.OTHER)}


@pytest.mark.parametrize("heading", ["FP4", "Q1", "内存要求", "使用说明"])
def test_formats_questions_and_instructions_are_no_names(heading: str) -> None:
    assert heading not in {name for name, _ in subjects(titled(heading))}


@pytest.mark.parametrize(
    ("name", "body", "found"),
    [
        ("acme_larchnet2_readme-zh.md", "训练使用 8 张 A100。LarchNet2 训练需要一天。\n", "LarchNet2"),
        (
            "stanford-groveai_larchnet_paper.md",
            "Training ran on 8 A100. Stanford GroveAI made LarchNet.\n",
            "LarchNet",
        ),
        ("https://github.com/acme/larch-gan", "Training runs on 8 A100 GPUs. Larch-GAN takes a day.\n", "Larch-GAN"),
        ("https://huggingface.co/acme/Larch-7b", "Training used 8 A100 GPUs. Larch-7b is free.\n", "Larch-7b"),
    ],
)
def test_a_page_without_a_title_is_about_what_its_address_and_its_text_both_name(
    name: str, body: str, found: str
) -> None:
    assert subjects(body, name=name) == {(found, Attribution.OWN)}


@pytest.mark.parametrize("name", ["gpu-price.md", "h800-notes.md", "librispeech.md", "nvidia_readme.md", "jean-zay.md"])
def test_what_an_address_shares_with_its_text_is_no_model_where_it_is_no_coined_name(name: str) -> None:
    body = "The Price of a card rises. H800 cards, LibriSpeech data, NVIDIA, Jean Zay: training used 8 A100 GPUs.\n"
    assert subjects(body, name=name) == set()


@pytest.mark.parametrize(
    ("name", "body", "found"),
    [
        ("x.md", "# Low Bits: a study\n\nWe trained a small model on 8 A100 GPUs.\n", "Low Bits"),
        ("acme_larch-mpp_readme.md", "Our model takes 30 hours to train on two A100 GPUs.\n", "larch-mpp"),
        ("notes.md", "# My Recogniser\n\nI trained it for a day on 2 RTX 3090 GPUs.\n", "My Recogniser"),
    ],
)  # fmt: skip
def test_a_model_without_a_name_goes_by_its_pages_title_or_address(name: str, body: str, found: str) -> None:
    assert subjects(body, name=name) == {(found, Attribution.OWN)}


@pytest.mark.parametrize(
    "body",
    [
        "# How to choose a card\n\nFor training you need 8 A100 GPUs. We can train on 4 A100 GPUs too.\n",
        "# 如何选择显卡\n\n训练需要 8 张 A100。我们可以用 4 张 A100 训练。\n",
        "# Annual report\n\nWe sold 8,000 A100 GPUs. Customers trained models on 64 A100 GPUs.\n",
    ],
)
def test_a_guide_or_a_filing_has_no_model_that_goes_by_its_title(body: str) -> None:
    assert {name for name, whose in subjects(body) if whose is Attribution.OWN} == set()


def test_a_word_behind_a_known_name_in_a_title_is_part_of_the_own_name_where_it_comes_back() -> None:
    body = "# DALL·E Larix Model Card\n\nDALL·E Larix was trained on 8 A100 GPUs. DALL·E Larix is free.\n"
    assert subjects(body) == {("DALL·E Larix", Attribution.OWN)}


def test_a_coined_title_that_the_text_writes_in_another_case_is_the_pages_own() -> None:
    body = "# LarChEs\n\nThese models ran on 8 A100 GPUs in training. Larches is a speech program.\n"
    assert subjects(body) == {("LarChEs", Attribution.OWN)}


def test_a_line_that_names_a_variant_over_a_list_says_whose_the_list_is() -> None:
    body = (
        "# Larch\n\nWe present Larch: Larch-7B and Larch-70B.\n\n*Larch-7B pretraining*\n\n- Hardware: 64 A100 GPUs\n\n"
        "*Larch-70B pretraining*\n\n- Hardware: 512 A100 GPUs\n"
    )
    found = {(c.subject.name, c.value) for c in claims_in(body) if c.type is ClaimType.CHIP_COUNT}
    assert found == {("Larch-7B", 64), ("Larch-70B", 512)}


def test_models_that_nobody_lists_have_the_chips_of_their_runs_also_within_a_sentence() -> None:
    chinese = "值得注意的是算力悬殊：DeepLarch 用 128 张 A100 预训练 4 天，我们只用 8 张 A100 训练。"
    body = f"# Larch: a language model\n\nWe present Larch, a language model.\n\n{chinese}\n"
    assert ("DeepLarch", Attribution.OTHER) in subjects(body)
    told = "For scale, Fast9R was trained on 128 A100 GPUs for 6 days, and VGGM (~1B parameters) on 64 A100 GPUs."
    body = f"# Larch: a language model\n\nWe present Larch, a language model.\n\n{told}\n"
    found = {(c.subject.name, c.value) for c in claims_in(body) if c.type is ClaimType.CHIP_COUNT}
    assert found == {("Fast9R", 128), ("VGGM", 64)}


def test_a_size_behind_or_before_a_name_that_nobody_lists_is_that_models() -> None:
    told = "Larch outperforms RT-9-X, a 55B parameter model. We distill a 650M-parameter Fast9R teacher."
    body = f"# Larch: a language model\n\nWe present Larch, a language model.\n\n{told}\n"
    found = {(c.subject.name, c.value) for c in claims_in(body) if c.type is ClaimType.PARAMETERS}
    assert found == {("RT-9-X", 55e9), ("Fast9R", 650e6)}


def test_the_base_model_before_the_chips_is_not_the_model_that_ran_on_them() -> None:
    assert subjects(
        "# CodeLarch\n\n我们提出 CodeLarch。基座是 Qwen2.5-VL-7B，使用 8×H200 训练。CodeLarch 开源。\n"
    ) == {("CodeLarch", Attribution.OWN)}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Grove Labs Releases Voice of Larch: a speech model", "Voice of Larch"),
        ("小林实验室发布云杉大师：新一代模型", "云杉大师"),
    ],
)
def test_what_a_headline_says_was_released_is_what_its_page_is_about(title: str, name: str) -> None:
    assert subjects(f"# {title}\n\n训练使用 16 张 H100。Training used 16 H100 GPUs.\n") == {(name, Attribution.OWN)}


@pytest.mark.parametrize("name", ["BERT-wwm", "BERT-wwm-ext"])
def test_a_word_behind_a_familys_name_makes_another_model(name: str) -> None:
    body = f"# Chinese-{name}\n\nUnlike BERT, {name} was trained on 8 A100 GPUs. {name} is free.\n"
    assert {found for found, _ in subjects(body)} == {name}


@pytest.mark.parametrize("said", ["BERT-style", "BERT-like", "BERT-based"])
def test_a_style_or_a_kind_makes_none(said: str) -> None:
    body = f"# Larch\n\nWe present Larch, a {said} model. Larch was trained on 8 A100 GPUs. Larch is free.\n"
    assert subjects(body) == {("Larch", Attribution.OWN)}


RUN = "was trained on 8 A100 GPUs"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("De-Larch Makes Text a Strong Interface", "De-Larch"),
        ("LarchNet Is a Good Reader", "LarchNet"),
        ("Training Larchling from Scratch", "Larchling"),
        ("Larchling Training with Acme", "Larchling"),
        ("Writing Long Texts with Sparse Readers", "Sparse Reader"),
    ],
)
def test_a_title_that_tells_a_deed_names_the_model(title: str, name: str) -> None:
    body = f"# {title}\n\n" + f"In short, the {name} {RUN}. " + f"We like the {name}. " * 4
    assert subjects(body) == {(name, Attribution.OWN)}


def test_an_ordinary_word_that_does_something_in_a_title_is_no_model() -> None:
    body = f"# Attention Is Enough\n\nAttention is attention. Attention helps attention. Larch-7B {RUN}. Attention.\n"
    assert ("Attention", Attribution.OWN) not in subjects(body)


def test_these_models_that_we_trained_are_ours_whoever_was_named_before() -> None:
    body = (
        "# LarchNet\n\nWe present LarchNet, a model.\n\nIt is built like OPT-30B, a larger model. "
        "We used 8 A100 GPUs to train these models for 3 days.\n"
    )
    times = {(c.subject.name, c.value) for c in claims_in(body) if c.type is ClaimType.TRAINING_TIME}
    assert times == {("LarchNet", 72)}


def test_a_title_of_nothing_but_kinds_names_no_model() -> None:
    body = "# 语言大模型框架\n\n随着技术的发展，应用很多。训练使用 8 张 A100。\n"
    assert subjects(body) == set()
