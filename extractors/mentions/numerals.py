"""Numbers written out: «twelve», «two and a half», «one hundred and twenty-eight», «两», «三百二十», «两三», «千卡»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.mentions.number import Number, rounded, scale_of
from extractors.mentions.spellings import any_of
from registry import Spelling

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", *(f"{n}teen" for n in ("thir", "four", "fif", "six", "seven", "eigh", "nine")))
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LARGE = ("hundred", "dozen", "thousand", "million", "billion", "trillion")
_WORDS = {
    **{word: float(n) for n, word in enumerate((*_ONES, *_TEENS), 1)},
    **{word: 10.0 * n for n, word in enumerate(_TENS, 2)},
}
_WORDS |= {"a": 1.0, "an": 1.0, "single": 1.0, "dual": 2.0, "half": 0.5, "and": 0.0}
_HAN = {c: float(n) for n, c in enumerate("零一二三四五六七八九")}
_HAN |= {"〇": 0.0, "两": 2.0, "兩": 2.0, "双": 2.0, "单": 1.0, "半": 0.5}
_HAN_UNITS = {"十": 10.0, "百": 100.0, "千": 1000.0}


def _any(*words: str) -> str:
    return any_of(map(Spelling, words)) + "(?![a-z])"


_UNDER_100 = rf"(?:{_any(*_TENS)}(?:[-\s]{_any(*_ONES)})?|{_any(*_TEENS, *_ONES)})"
_SPELLED = re.compile(
    rf"(?<![A-Za-z-])(?:[Hh]alf\san?|(?:[Aa]\s)?[Ss]ingle|[Dd]ual|(?:{_UNDER_100}|[Aa]n?(?=\s{_any(*_LARGE)}))(?:\sand\sa\shalf)?)"
    rf"(?:[\s-]{_any(*_LARGE)}(?:\s(?:and\s)?{_UNDER_100})?){{0,3}}(?![A-Za-z])"
)
_HAN_COUNTED = r"\s?[多余]?\s?[个個天周年月小块塊张張卡颗顆片台枚节節组組机基秒分]"
_NUMERAL = re.compile(
    r"(?P<class>[百千万])(?=卡)|(?P<numeral>[零〇一二两兩三四五六七八九十百千单双半]{1,12})(?P<scale>万亿|万|亿)?(?P<half>个半(?=[月小星]))?"
    rf"(?:(?={_HAN_COUNTED})|(?<=[万亿])(?=\s?(?:参|[Tt]oken|词元|美元|元|人民币)))"
)
_UNCOUNTED = frozenset("数數几幾第周期")


def find_words(text: str) -> Iterator[Number]:
    """Numbers in English words, in order."""
    return (Number(_read_words(match[0]), *match.span(), match[0]) for match in _SPELLED.finditer(text))


def _read_words(text: str) -> float:
    total, current = 0.0, 0.0
    for word in re.split(r"[\s-]+", re.sub(r"half an?|a half", "half", re.sub(r"a single", "single", text.lower()))):
        if word not in _WORDS:
            scale = scale_of(word)
            current *= scale
            if scale >= 1000:
                total, current = total + current, 0.0
        else:
            current += _WORDS[word]
    return total + current


def find_numerals(text: str) -> Iterator[Number]:
    """Numbers in Chinese numerals before what they count, in order; «千卡» is about a thousand, «二〇二四» none."""
    for match in _NUMERAL.finditer(text):
        start, end = match.span()
        before = text[start - 1 : start]
        if before in _UNCOUNTED and before:
            continue
        if match["class"]:
            if not before.isdigit() and before not in _HAN:
                yield Number(scale_of(match["class"]), start, end, match[0], qualifier="about")
            continue
        read = _read_han(match["numeral"])
        if read is None or text.startswith("单机", start) or (match["numeral"][0] in _HAN_UNITS and before.isdigit()):
            continue
        if match["scale"] and match["numeral"] in ("百", "千"):
            continue
        low, high = (value * scale_of(match["scale"]) if match["scale"] else value for value in read)
        half = 0.5 if match["half"] else 0.0
        if low == high:
            yield Number(rounded(low + half), start, end, match[0])
        else:
            yield Number(rounded((low + high) / 2), start, end, match[0], low, high, "range")


def _read_han(text: str) -> tuple[float, float] | None:
    """A numeral's lowest and highest value: «三百二十» is 320, «两三» 2 to 3; None for digits in a row («二〇二四»)."""
    if len(text) == 2 and all(c in _HAN for c in text) and _HAN[text[1]] == _HAN[text[0]] + 1:
        return _HAN[text[0]], _HAN[text[1]]
    total, digit = 0.0, 0.0
    for i, character in enumerate(text):
        if character in _HAN:
            if i and text[i - 1] in _HAN and _HAN[text[i - 1]]:
                return None
            digit = _HAN[character]
        else:
            total += (digit or 1) * _HAN_UNITS[character]
            digit = 0.0
    return total + digit, total + digit
