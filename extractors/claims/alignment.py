"""Figures dealt out over the models they are given for, one each, in the order of both lists.

«A and B were trained on 1T and 2T tokens, respectively»; «A-7B, A-13B and A-65B took 82k, 135k and 1.0M A100 hours».
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.claims.scene import Sentence
from extractors.claims.subject import Subject, find_subjects
from extractors.claims.triggers import trigger
from extractors.mentions.numbers import find_numbers
from extractors.mentions.quantities import Quantity

_SHARING = re.compile(
    r"(?P<list>(?:~?\d(?:[\d.,]*\d)?\s?(?:[kKMBT]|万亿|亿|万)?(?:,\s(?:and\s)?|\s(?:and|or)\s|、|\s?[和与]\s?)){1,6})(?:about\s|约\s?)?$"
)

_REACH = 250  # seven figures with their commas; a whole row of digits takes time by its square


@dataclass(frozen=True, slots=True)
class Share:
    """One model's figure of a list; `value` None stands for the value of the quantity that ends the list."""

    subject: Subject
    value: float | None = None
    printed: str = ""


def deal_out(sentence: Sentence, quantity: Quantity) -> list[Share]:
    """The shares of a list of figures that ends in `quantity`; empty where figures and models do not pair off."""
    start, bare = _bare_before(sentence, quantity)
    if bare:
        group = find_subjects(sentence, start, quantity.end)
        if len(group) != len(bare) + 1:
            return []
        factor = quantity.value / quantity.number.value if quantity.number.value else 0.0
        shares = [
            Share(s, float(f"{value * factor:.9g}"), printed) for s, (value, printed) in zip(group, bare, strict=False)
        ]
        return [*shares, Share(group[-1])]
    if not trigger("respectively", sentence.text):
        return []
    same = [q for q in sentence.quantities if q.kind == quantity.kind]
    group = find_subjects(sentence, same[0].start, same[0].end)
    return [Share(group[same.index(quantity)])] if len(same) == len(group) > 1 else []


def _bare_before(sentence: Sentence, quantity: Quantity) -> tuple[int, list[tuple[float, str]]]:
    """The numbers that borrow a quantity's unit, and where they begin: 82k of «82k and 1.0M A100 hours»."""
    match = _SHARING.search(sentence.text[: quantity.start], max(0, quantity.start - _REACH))
    if (
        match is None
        or quantity.formula
        or any(m.start < match.end() and match.start() < m.end for m in sentence.models)
    ):
        return quantity.start, []
    return match.start(), [(n.value, n.printed) for n in find_numbers(match["list"])]
