"""How large a model is: from its name, lists of sizes and sentences, each size with the variant it belongs to."""

from __future__ import annotations

import pytest
from statements import LARCH, LARCHES, claims_in, of_type, others_facts, own_facts

from extractors.claim import ClaimType, Status

SIZE, ACTIVE = ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS
FAMILY = "# Larch: open language models\n\nWe present Larch, a family of open language models. "


def values(body: str, kind: ClaimType = SIZE) -> set[float | str | None]:
    """The sizes of the document's own models."""
    return {value for _, _, value in own_facts(body, kind)}


def test_a_name_states_the_size() -> None:
    assert own_facts(LARCHES + "All of them are open.", SIZE) == {
        ("Larch-7B", None, 7e9),
        ("Larch-13B", None, 13e9),
        ("Larch-70B", None, 70e9),
    }


@pytest.mark.parametrize(
    "words",
    [
        "Larch comes in 7B, 13B and 70B sizes.",
        "We release Larch models with 7B, 13B, and 70B parameters.",
        "The Larch models (7B, 13B and 70B) are open.",
    ],
)
def test_each_size_of_a_list_belongs_to_a_variant_of_its_own(words: str) -> None:
    sizes = own_facts(FAMILY + words, SIZE)
    assert {value for _, _, value in sizes} == {7e9, 13e9, 70e9}
    assert len({subject for subject, _, _ in sizes}) == 3


def test_total_and_active_parameters_are_told_apart() -> None:
    body = FAMILY + "Larch has 236B total parameters, of which 21B are activated for each token."
    assert values(body) == {236e9}
    assert values(body, ACTIVE) == {21e9}


def test_a_name_may_state_the_active_size_too() -> None:
    body = "# Larch-30B-A3B\n\nWe present Larch-30B-A3B, a sparse language model."
    assert values(body) == {30e9}
    assert values(body, ACTIVE) == {3e9}


def test_an_exact_size_is_read_beside_the_nominal_one_of_the_name() -> None:
    sizes = {c.value: c.qualifier for c in of_type(LARCH.replace("7B parameters", "7.24 billion parameters"), SIZE)}
    assert sizes == {7e9: "about", 7.24e9: None}


def test_another_models_size_is_not_ours() -> None:
    body = LARCH + "It is smaller than OPT-175B, which has 175 billion parameters."
    assert own_facts(body, SIZE) == {("Larch-7B", None, 7e9)}
    assert others_facts(body, SIZE) <= {("OPT-175B", None, 175e9)}


def test_a_second_size_of_the_same_model_is_doubted() -> None:
    body = LARCH + "The 100M parameter model is used for a test of the learning rate."
    doubted = [c for c in claims_in(body) if c.type is SIZE and c.value == 1e8]
    assert all(c.status is Status.CONTESTED for c in doubted)
    assert values(body) == {7e9}


def test_sizes_of_layers_vocabularies_and_contexts_are_no_model_sizes() -> None:
    body = LARCH + "It has 32 layers, a hidden size of 4,096, a vocabulary of 128K words and a context of 32K."
    assert values(body) == {7e9}


def test_tokens_written_like_sizes_are_no_sizes() -> None:
    body = LARCH + "Larch-7B was trained on 300B tokens, then on 50B tokens of code."
    assert values(body) == {7e9}


@pytest.mark.parametrize(
    "words",
    [
        "Larch comes in two sizes: Small (13B parameters) and Large (110B).",
        "We train two sizes of Larch (Small 13B, Large 110B).",
    ],
)
def test_sizes_by_rank_are_those_of_the_variants_of_that_rank(words: str) -> None:
    body = "# Larch: open language models\n\nWe present Larch. " + words
    assert own_facts(body, SIZE) == {("Larch Small", None, 13e9), ("Larch Large", None, 110e9)}


def test_a_total_is_a_size_in_short_chinese_too() -> None:
    body = "# Larch\n\nWe present Larch.\n\nLarch 是 142B 总参 / 14B 激活，开源。\n"
    assert own_facts(body, SIZE) == {("Larch", None, 142e9)}
    assert own_facts(body, ACTIVE) == {("Larch", None, 14e9)}


def test_a_size_that_is_stated_is_more_than_the_one_that_the_name_rounds_to() -> None:
    body = "# larch-v1-3b\n\n`larch-v1-3b` is a 2.7B Causal Language Model. larch-v1-3b is small.\n"
    assert own_facts(body, SIZE) == {("larch-v1-3b", None, 2.7e9)}


def test_a_size_of_nought_stops_nobody() -> None:
    body = "# Larch-0B\n\nLarch-0B is a model of 7B parameters. Larch-0B has 0B parameters.\n"
    assert 7e9 in {c.value for c in claims_in(body) if c.type is SIZE}
