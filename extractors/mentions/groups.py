"""Chips of each of several pods, islands or clusters: «two TPU v4 pods of 3,072 chips each» are 6,144 chips."""

from __future__ import annotations

import re

from extractors.mentions.numbers import find_numbers

_KINDS = r"(?:super)?pods?|islands?|clusters?|slices?|racks?|cabinets?|data\s?cent(?:er|re)s?|halls?"
_COUNTED = re.compile(
    rf"(?<![\w.,])(?P<number>\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s"
    rf"(?:(?!and\b|or\b)[\w-]+\s){{0,4}}?(?:{_KINDS})\b[^.;:]{{0,40}}$",
    re.IGNORECASE,
)
_EACH_AFTER = re.compile(
    rf"(?:,?\s(?:each|apiece)\b|\s?(?:/|per|in each|in every|in a)\s?(?:{_KINDS})\b)", re.IGNORECASE
)
_EACH_BEFORE = re.compile(
    r"\beach\s(?:\w+\s)?(?:with|of|has|having|holds?|holding|contain(?:s|ing)|comprising)\s(?:a\stotal\sof\s)?$",
    re.IGNORECASE,
)


def count_groups(text: str, start: int, end: int) -> tuple[int, int] | None:
    """How many groups the chips counted at `start:end` of a text are those of each of, and where they are named.

    None where the chips are not those of each.
    """
    before = text[max(0, start - 90) : start]
    if not (_EACH_AFTER.match(text, end) or _EACH_BEFORE.search(before)):
        return None
    match = _COUNTED.search(before)
    numbers = find_numbers(match["number"]) if match else []
    if match is None or not numbers or numbers[0].value < 2:
        return None
    return int(numbers[0].value), start - len(before) + match.start()
