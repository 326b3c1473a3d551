"""One model has one id, in every spelling and language; merging and splitting ids is recorded and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

import registry
from registry.identity import identify_model, identify_organisation
from registry.tables import RegistryError

KNOWN = registry.load()


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("盘古α 13B", "PanGu-α-13B", "PanGu Alpha 13B"), "pangu-alpha-13b"),
        (("Llama3-8B", "LLaMA 3 8B", "Llama-3-8B"), "llama-3-8b"),
        (("Qwen2.5-7B", "Qwen 2.5 7B", "通义千问2.5-7B"), "qwen-2.5-7b"),
        (("混元大模型", "Hunyuan"), "hunyuan"),
        (("Larch-7B", "larch 7b", "Ｌａｒｃｈ－７Ｂ"), "larch-7b"),
    ],
)
def test_one_model_in_several_spellings_and_languages_has_one_id(names: tuple[str, ...], found: str) -> None:
    assert {identify_model(name, KNOWN) for name in names} == {found}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Llama 3 8B", "Llama 38B"),
        ("GPT-4", "GPT4All"),
        ("文心一言", "ERNIE"),
        ("Qwen2.5", "Qwen2"),
        ("DeepSeek-V2", "DeepSeek-V2-Lite"),
    ],
)
def test_names_that_are_alike_stay_two_models(one: str, other: str) -> None:
    assert identify_model(one, KNOWN) != identify_model(other, KNOWN)


@pytest.mark.parametrize("name", ["盘古α 200B", "GPT-4o", "AReaL-boba²", "Larch V2 70B", "悟道2.0"])
def test_an_id_is_its_own_name(name: str) -> None:
    found = identify_model(name, KNOWN)
    assert identify_model(found, KNOWN) == found


def test_a_developer_has_one_id_in_both_languages() -> None:
    assert identify_organisation("微软", KNOWN) == identify_organisation("Microsoft", KNOWN) == "microsoft"
    assert identify_organisation("Larch Labs", KNOWN) == "larch-labs"


def test_a_name_that_is_translated_twice_is_refused_with_its_entry(tmp_path: Path) -> None:
    for path in registry.catalogue.DATA.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    twice = (tmp_path / "translations.toml").read_text()
    entry = twice[twice.index("[[translation]]") :]
    (tmp_path / "translations.toml").write_text(twice + "\n" + entry)
    with pytest.raises(RegistryError, match=r"translations.toml, entry \d+ .*: written: 文心一言 is translated"):
        registry.load(tmp_path)
