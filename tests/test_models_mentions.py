"""Model names: families with versions, sizes and variants, a document's own names, and words that are no names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import registry
from extractors.mentions.models import ModelGrammar, find_selves, fold, model_families, split_name

FAMILIES = model_families(registry.load())
GRAMMAR = ModelGrammar(FAMILIES)


def names(text: str, *own: str) -> list[str]:
    return [m.name for m in (ModelGrammar(FAMILIES, own) if own else GRAMMAR).find(text)]


@pytest.mark.parametrize(
    "name",
    [
        "DeepSeek-V2-Lite",
        "DeepSeek-V3",
        "Llama 3.1 405B",
        "LLaMA-65B",
        "LLaMA65B",
        "Qwen3-235B-A22B",
        "Qwen2.5-72B-Instruct",
        "GLM-130B",
        "Yi-VL-34B",
        "盘古α-200B",
        "PaLM 2",
        "GPT-4",
        "OPT-175B",
        "Mixtral 8x7B",
        "Phi-3.5-MoE",
        "Baichuan2-13B-Chat",
    ],
)
def test_a_name_is_found_whole(name: str) -> None:
    assert names(f"we compare with {name} on this task") == [name]
    assert names(f"我们与{name}进行比较") == [name]


@pytest.mark.parametrize(
    ("name", "base", "size", "variant"),
    [
        ("Qwen3-235B-A22B-Base", "qwen3", "235b-a22b", "base"),
        ("Llama 3.1 405B", "llama3.1", "405b", ""),
        ("DeepSeek-V2-Lite", "deepseekv2lite", "", ""),
        ("Baichuan2-13B-Chat", "baichuan2", "13b", "chat"),
        ("Mixtral 8x7B", "mixtral", "8x7b", ""),
    ],
)
def test_a_name_is_taken_apart(name: str, base: str, size: str, variant: str) -> None:
    mention = split_name(name)
    assert (mention.base, mention.size, mention.variant) == (base, size, variant)


@pytest.mark.parametrize(
    "text",
    [
        "the falcon flew over the hill",
        "a ring of nodes",
        "we opt for a smaller batch",
        "the phi of the angle",
        "trained on 64 GPUs",
        "the gold standard",
    ],
)
def test_common_words_are_no_models(text: str) -> None:
    assert names(text) == []


def test_lists_give_each_name() -> None:
    assert names("Qwen2.5-72B, LLaMA-65B and DeepSeek-V3 were compared") == ["Qwen2.5-72B", "LLaMA-65B", "DeepSeek-V3"]


def test_a_documents_own_name_is_found_with_its_size() -> None:
    assert names("Larchwood-7B was trained before Larchwood-70B", "Larchwood") == ["Larchwood-7B", "Larchwood-70B"]


def test_an_address_gives_the_name_alone() -> None:
    assert names("load Qwen/Qwen2.5-72B-Instruct from the hub")[-1] == "Qwen2.5-72B-Instruct"


def test_names_fold_for_comparison() -> None:
    assert fold("LLaMA-2 7B") == fold("llama2-7b")


@pytest.mark.parametrize("text", ["We trained it", "our model", "this work", "我们的模型", "本模型", "该模型"])
def test_a_text_speaks_of_its_own_work(text: str) -> None:
    assert find_selves(text)


@pytest.mark.parametrize("text", ["They trained it", "the model of others", "however", "status"])
def test_a_text_speaks_of_others(text: str) -> None:
    assert find_selves(text) == []


@given(st.text(max_size=60))
def test_no_text_breaks_the_grammar_and_spans_slice_to_the_name(text: str) -> None:
    for mention in GRAMMAR.find(text):
        assert text[mention.start : mention.end] == mention.name


@given(
    st.sampled_from(["Qwen3-8B", "LLaMA-65B", "DeepSeek-V3", "GLM-130B", "Yi-34B"]),
    st.lists(st.sampled_from(["we", "trained", "on", "H800", "使用", "64", ",", "。"]), max_size=8).map(" ".join),
)
def test_a_planted_name_comes_back_with_its_place(name: str, before: str) -> None:
    text = f"{before} | {name} | and so on"
    assert (len(before) + 3, name) in [(m.start, m.name) for m in GRAMMAR.find(text)]


def test_a_variant_of_letters_and_digits_is_read_whole() -> None:
    assert names("Pine7-E6E and Pine7-E6 and Pine7", "Pine7") == ["Pine7-E6E", "Pine7-E6", "Pine7"]


def test_a_name_right_behind_chinese_words_is_read_whole() -> None:
    assert names("本项目基于Chinese-LLaMA-Plus-7B进行指令微调") == ["Chinese-LLaMA-Plus-7B"]


@pytest.mark.parametrize("words", ["GPU小时", "AbCd", "Larch-a.b.c-", "Ab "])
def test_a_long_run_of_letters_takes_time_with_its_length_and_not_with_its_square(words: str) -> None:
    def lasts(times: int) -> float:
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            GRAMMAR.find(words * times)
            best = min(best, time.process_time() - began)
        return best

    assert lasts(16_000) < 8 * lasts(4_000) + 0.05
