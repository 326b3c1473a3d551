"""What a number is: a value with the place and the print it was read from."""

from __future__ import annotations

from dataclasses import dataclass

_SCALES = {
    "hundred": 1e2, "dozen": 12.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12,
    "百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11,
    "万亿": 1e12, "兆": 1e12, "十万亿": 1e13, "百万亿": 1e14, "千万亿": 1e15,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `start:end`: its value, the bounds its print allows (None where it is exact) and its qualifier.

    `qualifier` is `about`, `at_least`, `at_most` or `range`.
    """

    value: float
    start: int
    end: int
    printed: str
    lower: float | None = None
    upper: float | None = None
    qualifier: str | None = None


def scale_of(word: str) -> float:
    """What a multiplier stands for: «million», «K», «万亿», «萬». Raises KeyError for other words."""
    folded = word.lower().rstrip("s") if word.isascii() else word.replace("萬", "万").replace("億", "亿")
    return _SCALES[folded]


def rounded(value: float) -> float:
    """A value to twelve digits, without the dust of binary fractions: 2.09 million is 2090000."""
    return float(f"{value:.12g}")
