"""Switching wordings off one by one: patterns are taken apart where their alternatives part, and nowhere else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ablation import deal, longest_group, split


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        (r"a|b", ["a", "b"]),
        (r"a(?:b|c)d", [r"a(?:b|c)d"]),
        (r"[|)]x|\|y", ["[|)]x", r"\|y"]),
        (r"\(a|b\)", [r"\(a", r"b\)"]),
        (r"[^\]|]z|w", [r"[^\]|]z", "w"]),
    ],
)
def test_a_pattern_is_parted_at_its_bars_but_not_inside_brackets(pattern: str, parts: list[str]) -> None:
    assert split(pattern) == parts
    assert all(re.compile(part) for part in parts)


def test_the_group_with_most_alternatives_is_found_and_short_ones_are_left() -> None:
    start, end = longest_group(r"(?:a|b)x(?:c|d|e)") or (0, 0)
    assert r"(?:a|b)x(?:c|d|e)"[start:end] == "c|d|e"
    assert longest_group(r"(?:a|b)x") is None


def test_every_lab_is_dealt_into_one_fold_and_folds_are_about_alike() -> None:
    labs = {"a": 6, "b": 5, "c": 4, "d": 3, "e": 2, "f": 2}
    folds = deal(labs, 3)
    assert sorted(lab for fold in folds for lab in fold) == sorted(labs)
    assert max(sum(labs[lab] for lab in fold) for fold in folds) <= 8
