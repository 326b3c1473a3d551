"""When training ran, as documents tell it: from a day to a day, or from a day on."""

from __future__ import annotations

import pytest
from statements import LARCH, LARCH_ZH, of_type, own_facts

from extractors.claim import ClaimType, Stage

PERIOD = ClaimType.TRAINING_PERIOD


@pytest.mark.parametrize(
    ("sentence", "period"),
    [
        ("Larch-7B was trained between May 2023 and August 2023.", "2023-05/2023-08"),
        ("Larch-7B was trained between May and August 2023.", "2023-05/2023-08"),
        ("Training took place from 14 November 2023 to 2 January 2024.", "2023-11-14/2024-01-02"),
        ("Larch-7B was trained on 64 A100 GPUs from March 3rd, 2022 through July 8th, 2022.", "2022-03-03/2022-07-08"),
        ("Training of Larch-7B began in September 2023.", "2023-09/.."),
        ("The training has started on 2023-10-05.", "2023-10-05/.."),
    ],
)
def test_a_period_is_as_exact_as_its_words(sentence: str, period: str) -> None:
    assert own_facts(LARCH + sentence, PERIOD) == {("Larch-7B", None, period)}


@pytest.mark.parametrize(
    ("sentence", "period"),
    [
        ("Larch-7B 的训练历时两个月（2022年4月18日至6月22日）。", "2022-04-18/2022-06-22"),
        ("Larch-7B 于2023年3月至2023年5月完成训练。", "2023-03/2023-05"),
    ],
)
def test_a_period_in_chinese(sentence: str, period: str) -> None:
    assert own_facts(LARCH_ZH + sentence, PERIOD) == {("Larch-7B", None, period)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Larch-7B was trained on text from May 2019 to August 2021.",
        "Larch-7B was trained on a corpus crawled between January and March 2022.",
        "Larch-7B was released between May and August 2023.",
        "Larch-7B was trained between August 2023 and May 2023.",
        "Larch-7B 的训练数据截至2023年3月至5月。",
    ],
)
def test_days_of_data_and_releases_are_no_period(sentence: str) -> None:
    assert of_type(LARCH + sentence, PERIOD) == []


def test_a_period_of_fine_tuning_is_told_apart() -> None:
    sentence = "Fine-tuning: Larch-7B was trained in the SFT stage from June 2023 to July 2023."
    assert {claim.stage for claim in of_type(LARCH + sentence, PERIOD)} == {Stage.POST_TRAINING}
