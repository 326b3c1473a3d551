"""Chinese in traditional characters is read by the same rules, and quoted as it stands."""

from __future__ import annotations

import pytest
from statements import claims_in

from extractors.claim import Attribution, ClaimType, Modality, Stage
from extractors.text import Page, Text
from extractors.traditional import simplify

CARD = "# Larch-7B 技術報告\n\n我們發布 Larch-7B，一個開源的大型語言模型。\n\n"


def written(text: str) -> str | None:
    plain = simplify(Text((Page(None, text),)))
    return plain.pages[0].text if plain else None


def test_a_report_in_traditional_characters_states_what_one_in_simplified_ones_does() -> None:
    body = CARD + "我們使用 512 張 H100 訓練了 Larch-7B，訓練時間為 20 天，共 2.4 兆個 tokens 的資料。\n"
    found = {c.type: c for c in claims_in(body)}
    count = found[ClaimType.CHIP_COUNT]
    assert (count.value, count.stage, count.attribution, count.modality) == (
        512,
        Stage.TRAINING,
        Attribution.OWN,
        Modality.ASSERTED,
    )
    assert found[ClaimType.TRAINING_TIME].value == 480
    assert "我們使用 512 張 H100 訓練了" in count.evidence[0].quote
    assert "發布 Larch-7B" in count.evidence[0].prefix
    assert count.printed in count.evidence[0].quote


def test_what_is_negated_in_traditional_characters_is_negated() -> None:
    body = CARD + "Larch-7B 並未使用 H100 進行訓練，而是使用 64 張 A100 訓練。\n"
    used = {(c.chip.id, c.modality) for c in claims_in(body) if c.type is ClaimType.HARDWARE and c.chip}
    assert ("nvidia-a100", Modality.ASSERTED) in used
    assert ("nvidia-h100", Modality.ASSERTED) not in used


def test_the_words_of_taiwan_are_those_of_the_rules() -> None:
    assert written("輝達的晶片在伺服器叢集上訓練") == "辉达的芯片在服务器集群上训练"


@pytest.mark.parametrize(
    "text",
    [
        "我们在昇腾芯片上训练了模型，使用了服务器集群。",
        "The model was trained on 64 H800 GPUs.",
        "このモデルは64台のGPUで3日間学習しました。評価の時間は別です。",
    ],
)
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert written(text) is None
