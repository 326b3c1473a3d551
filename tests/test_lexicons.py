"""The rules' words: every file loads, compiles, keeps to its keys and matches the sentence that motivates it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import extractors.lexicon as lexicon
import registry
from extractors.claims.context import cue_rules, find_cues
from extractors.claims.triggers import trigger
from extractors.lexicon import LexiconError, load_lexicon
from extractors.mentions.chips import chip_grammar
from extractors.mentions.quantities import QuantityGrammar, quantity_grammar

FOLDER = Path(lexicon.__file__).parent
FILES = sorted(path.name for path in FOLDER.glob("*.toml"))
GRAMMAR = quantity_grammar(registry.load())
EXAMPLE = re.compile(r"«([^«»]+)»")


def rows(name: str) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def annotated(name: str, table: str) -> list[tuple[dict[str, Any], list[str]]]:
    """The rows of a table with the example sentences of the comment beside their header."""
    comments = re.findall(rf"^\[\[{table}\]\](.*)$", (FOLDER / name).read_text(encoding="utf-8"), re.M)
    return [(row, EXAMPLE.findall(comment)) for row, comment in zip(rows(name)[table], comments, strict=True)]


def patterns_of(row: dict[str, Any]) -> list[str]:
    keys = ("pattern", "patterns", "not")
    found = (row[key] for key in keys if key in row)
    return [p for value in found for p in ([value] if isinstance(value, str) else value)]


@pytest.mark.parametrize("name", FILES)
def test_every_pattern_compiles_and_none_matches_nothing(name: str) -> None:
    for table, entries in rows(name).items():
        for number, row in enumerate(entries, 1):
            for pattern in patterns_of(row):
                filled = re.sub(r"\{(?:chip|device|name|model)\}", "X", pattern)
                compiled = re.compile(filled, re.I)
                assert compiled.search("") is None, f"{name}: [[{table}]] {number} matches the empty text"


@pytest.mark.parametrize("name", FILES)
def test_no_rule_stands_twice(name: str) -> None:
    for table, entries in rows(name).items():
        twice = [
            key for key, times in Counter(str(sorted(row.items(), key=str)) for row in entries).items() if times > 1
        ]
        assert twice == [], f"{name}: [[{table}]]"
        ids = Counter(row["id"] for row in entries if "id" in row)
        assert [name for name, times in ids.items() if times > 1] == []


def test_an_unknown_key_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_read", lambda _: {"unit": [{"kind": "x"}, {"knid": "y"}]})
    with pytest.raises(LexiconError, match=r"units.toml: \[\[unit\]\] 2: unknown key\(s\) knid"):
        load_lexicon("units.toml", {"unit": {"kind"}})
    with pytest.raises(LexiconError, match=r"unknown table\(s\) unit"):
        load_lexicon("units.toml", {"units": {"kind"}})


def test_a_unit_that_can_match_no_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {"unit": [{"kind": "tokens", "factor": 1, "pattern": "(?:tokens)?"}], "currency": []}
    monkeypatch.setattr(lexicon, "_read", lambda _: empty)
    with pytest.raises(LexiconError, match=r"\[\[unit\]\] 1 \(tokens\): the pattern can match no text"):
        QuantityGrammar(chip_grammar(registry.load()))


def test_a_trigger_that_the_lexicon_does_not_have_is_refused() -> None:
    with pytest.raises(LexiconError, match="no trigger 'nonesuch'"):
        trigger("nonesuch", "text")


@pytest.mark.parametrize(
    ("kind", "example"),
    [(row["kind"], example) for row, examples in annotated("units.toml", "unit") for example in examples],
)
def test_the_example_beside_a_unit_is_read_as_that_unit(kind: str, example: str) -> None:
    assert kind in {q.kind for q in GRAMMAR.find(example)}


@pytest.mark.parametrize(
    ("axis", "value", "example"),
    [
        pytest.param(row["axis"], row.get("value", ""), example)
        for row, examples in annotated("cues.toml", "cue")
        for example in examples
    ],
)
def test_the_example_beside_a_cue_says_what_the_cue_says(axis: str, value: str, example: str) -> None:
    assert (axis, value) in {(hit.rule.axis, hit.rule.value) for hit in find_cues(f"{example} it")}


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("not only on H800 but on A100", "negated-not"),
        ("no fewer than 64 GPUs were used", "negated-not"),
        ("不仅使用了 H800", "negated-zh"),
    ],
)
def test_a_pseudo_cue_takes_its_words_out_of_play(sentence: str, rule: str) -> None:
    assert rule not in {hit.rule.id for hit in find_cues(sentence)}


def test_every_cue_says_something_that_claims_can_say() -> None:
    from extractors.claim import Attribution, Modality, Stage

    known = {"stage": {*Stage}, "modality": {*Modality}, "attribution": {*Attribution}, "pseudo": {""}}
    for rule in cue_rules():
        assert rule.value in known[rule.axis], rule.id


def test_two_triggers_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from extractors.claims import triggers

    row = {"id": "count", "patterns": ["x"]}
    monkeypatch.setattr(triggers, "load_lexicon", lambda *_: {"trigger": [row, row]})
    with pytest.raises(LexiconError, match="two triggers are called 'count'"):
        triggers._triggers.__wrapped__()
