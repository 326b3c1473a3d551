"""Numbers as reports print them, on characters: digits, powers of ten, multipliers, ranges, words and Chinese numerals.

«2.788M», «3.8×10^25», «14.8 trillion», «1,536», «10万亿», «2000~3000», «twelve», «两». A number keeps how it was printed and
how precise that is: 2.788M is 2,788,000 ± 500 (half a unit of its last printed digit).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_MULTIPLIERS = {
    "k": 1e3, "K": 1e3, "thousand": 1e3, "thousands": 1e3, "千": 1e3,
    "M": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "Million": 1e6, "百万": 1e6,
    "B": 1e9, "bn": 1e9, "b": 1e9, "billion": 1e9, "billions": 1e9, "Billion": 1e9,
    "T": 1e12, "trillion": 1e12, "Trillion": 1e12,
    "hundred": 1e2, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "万亿": 1e12, "兆": 1e12,
    "千万": 1e7, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "百万亿": 1e14,
}  # fmt: skip
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "twenty": 20,
    "twenty-four": 24, "thirty": 30, "thirty-two": 32, "forty": 40, "fifty": 50, "sixty": 60, "sixty-four": 64,
    "a single": 1, "single": 1, "a dozen": 12, "half a": 0.5, "half an": 0.5,
}  # fmt: skip
_HAN = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "单": 1}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}

_SPELT = "|".join(sorted((re.escape(w) for w in _MULTIPLIERS if len(w) > 1 and w.isascii()), key=len, reverse=True))
_HAN_MULTIPLIER = "|".join(sorted((w for w in _MULTIPLIERS if not w.isascii()), key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:[,，\u2009\u202f'’]\d{3})+(?:\.\d+)?(?!\d)|\d{1,3}(?:_\d{3})+|\d+(?:\.\d+)?|\.\d+"
_POWER = r"\s?[×xX·⋅\*]\s?10\s?(?:\^|\*\*)\s?\{?\(?[-−–+]?\d+\)?\}?|[eE][+-]?\d{1,3}(?![A-Za-z0-9])"
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_.,/])(?P<bare>10\s?\^\s?\{{?(?P<exponent>[-−]?\d+)\}}?)(?!\d)"
    rf"|(?<![\d.])(?P<digits>{_DIGITS})(?P<power>{_POWER})?"
    rf"(?:\+?(?:\s|[-–])?(?P<spelt>{_SPELT})(?![A-Za-z])|\s?(?P<han>{_HAN_MULTIPLIER})|(?-i:\s?(?P<suffix>[kKMBTb])(?![A-Za-z0-9*])))?"
    rf"|(?<![A-Za-z-])(?P<word>{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})"
    rf"(?:\s(?P<wordspelt>{_SPELT}))?(?![A-Za-z])"
    r"|(?P<numeral>[一二两兩三四五六七八九十百千〇零单]+)(?P<hanafter>万亿|万|亿)?(?=\s?[个個天周年月小块塊张張卡颗片台枚节組组万亿])",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:-|–|—|−|~|～|∼|to|and|至|到)\s?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:between|from|在)\s$", re.IGNORECASE)

_QUALIFIERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("at_least", re.compile(r"(?:more than|at least|over|above|exceed(?:s|ing)?|greater than|a minimum of|minimum of|upwards of|>|≥|>=|超过|超過|至少|最少|大于|不少于|逾|≧)\s?$", re.I)),
    ("at_most", re.compile(r"(?:less than|under|below|at most|up to|fewer than|within|a maximum of|<|≤|<=|不到|小于|低于|最多|不超过|以内|少于)\s?$", re.I)),
    ("about", re.compile(r"(?:about|approximately|approx\.?|roughly|around|circa|ca\.|nearly|almost|close to|some|an estimated|~|～|∼|≈|约|約|大约|近|将近|接近|差不多|约为|左右的)\s?$", re.I)),
)  # fmt: skip
_AFTER: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("at_least", re.compile(r"\s?(?:\+|or more|plus\b|以上|多(?=[个張张块天万亿]))")),
    ("about", re.compile(r"\s?(?:左右|上下|or so\b)")),
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `start:end`: its value, the bounds its print allows (None where it is exact) and its qualifier."""

    value: float
    start: int
    end: int
    printed: str
    lower: float | None = None
    upper: float | None = None
    qualifier: str | None = None


def find_numbers(text: str) -> list[Number]:
    """Numbers of a text in order; a range («2,000 to 3,000», «$7-15M») is one number with bounds and its middle as value."""
    plain = list(_plain_numbers(text))
    found: list[Number] = []
    i = 0
    while i < len(plain):
        number = plain[i]
        if i + 1 < len(plain):
            joined = _join_range(text, number, plain[i + 1])
            if joined is not None:
                found.append(joined)
                i += 2
                continue
        found.append(_qualify(text, number))
        i += 1
    return found


def _plain_numbers(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        number = _read(match)
        if number is not None:
            yield number


def _read(match: re.Match[str]) -> Number | None:
    start, end = match.span()
    if match["bare"]:
        exponent = int(match["exponent"].replace("−", "-"))
        return Number(10.0**exponent, start, end, match[0]) if abs(exponent) < 60 else None
    if match["word"]:
        value = float(_WORDS[match["word"].lower()])
        return Number(value * _scale(match["wordspelt"]), start, end, match[0])
    if match["numeral"]:
        value = float(_read_han(match["numeral"]))
        return Number(value * _scale(match["hanafter"]), start, end, match[0])
    digits = re.sub(r"[^\d.]", "", match["digits"])
    if not digits or digits == "." or len(digits) > 20:
        return None
    scale = _scale(match["spelt"] or match["han"] or match["suffix"])
    if match["power"]:
        exponent = int(re.sub(r"[^\d-]", "", re.sub(r"^.*10\s?(?:\^|\*\*)", "", match["power"]).replace("−", "-").replace("–", "-")))
        if abs(exponent) > 60:
            return None
        scale *= 10.0**exponent
    value = float(digits) * scale
    decimals = len(digits.partition(".")[2])
    if decimals or scale != 1:
        half = 0.5 * 10.0**-decimals * scale
        return Number(value, start, end, match[0], _round(value - half), _round(value + half))
    return Number(value, start, end, match[0])


def _scale(word: str | None) -> float:
    if not word:
        return 1.0
    return _MULTIPLIERS.get(word) or _MULTIPLIERS.get(word.lower()) or _MULTIPLIERS[word.upper()]


def _read_han(text: str) -> int:
    total, digit = 0, 0
    for character in text:
        if character in _HAN:
            digit = _HAN[character]
        else:
            total += (digit or 1) * _HAN_UNITS[character]
            digit = 0
    return total + digit


def _join_range(text: str, first: Number, second: Number) -> Number | None:
    between = text[first.end : second.start]
    if not _RANGE.fullmatch(between) or second.value <= 0:
        return None
    joiner = between.strip().lower()
    if joiner in ("and", "到", "至") and not _BETWEEN.search(text[max(0, first.start - 9) : first.start]) and joiner == "and":
        return None
    low, scale = first.value, 1.0
    if first.printed[-1].isdigit() and not second.printed[-1].isdigit():
        tail = re.search(rf"(?:{_SPELT}|{_HAN_MULTIPLIER}|[kKMBTb])$", second.printed)
        scale = _scale(tail[0]) if tail else 1.0
        if low * scale < second.value:
            low *= scale
    if not low < second.value or second.value > 20 * low:
        return None
    span = text[first.start : second.end]
    return Number((low + second.value) / 2, first.start, second.end, span, low, second.value, "range")


def _qualify(text: str, number: Number) -> Number:
    before = text[max(0, number.start - 16) : number.start]
    for name, pattern in _QUALIFIERS:
        if pattern.search(before):
            return replace(number, qualifier=name)
    after = text[number.end : number.end + 9]
    for name, pattern in _AFTER:
        if pattern.match(after):
            return replace(number, qualifier=name)
    return number


def _round(value: float) -> float:
    return float(f"{value:.9g}")
