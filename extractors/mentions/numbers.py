"""Numbers as reports print them, on characters: digits, powers of ten, multipliers, ranges, words and Chinese numerals.

«2.788M», «3.8×10^25», «14.8 trillion», «1,536», «10万亿», «2000~3000», «twelve», «两个半月». A number keeps how it was
printed and how precise that is: 2.788M is 2,788,000 ± 500 (half a unit of its last printed digit). Digits inside a name
(«H800», «GPT-3», «V100R001C1», «fp8»), a citation («[12]») or a version («2.1.0») are no numbers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.mentions.number import Number, rounded, scale_of
from extractors.mentions.numerals import find_numerals, find_words

__all__ = ["Number", "find_numbers", "parts", "qualify", "read_numbers"]

# A space parts thousands only where what is counted follows: readers turn the thin space of «1 536 GPUs» into a plain
# one, and in tables figures stand beside figures.
_COUNTED = (
    r"[\s-](?:GPU|TPU|NPU|[AH]\d00|V100|H20|Ascend|chip|card|accelerator|node|token|hour|"
    r"(?:free\s|trainable\s|total\s)?param|[kM]Wh|[张块卡颗个台])"
)
_EXPONENT = r"[-−–+]?[0-9]{1,3}(?![0-9])"
_RAISE = rf"(?:\s?(?:\^|\*\*)\s?(?:{_EXPONENT}|\({_EXPONENT}\)|\{{{_EXPONENT}\}})|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
_SPELT = r"(?:[Hh]undred|[Dd]ozen|[Tt]housand|[Mm]illion|[Bb]illion|[Tt]rillion)s?|[Mm]n|[Bb]n"
# 千瓦时, 千克 and 兆字节 are units of their own, and 百分 begins a percentage.
_HAN_SCALE = r"(?:[十百千]?[万萬][亿億]|[十百千]?[亿億]|[百千]?[万萬]|[百千兆])(?![瓦克米字比赫分])"
_SUFFIX = r"[kKMBTb](?![A-Za-z0-9*])|\s[kKMBTb](?![A-Za-z0-9*-])|[mt](?=[\s-]?(?:tokens?|param))"
_HALF = r"\s?½|\s1/2(?![0-9])|\sand\s(?:a|one)[\s-]half(?![A-Za-z])|\s?个半(?=[月小星])"
_DIGITAL = re.compile(
    r"(?<![0-9])(?P<digits>[0-9.](?:(?<=[0-9])|(?=[0-9]))(?:"
    r"[0-9]{0,2}(?:[,，'’_\u2009\u202f][0-9]{3}){1,6}(?:\.[0-9]+)?(?![0-9])"
    rf"|[0-9]{{0,2}}(?:[ \u00a0][0-9]{{3}}){{1,3}}(?={_COUNTED})"
    r"|[0-9]*(?:\.[0-9]+)?(?!\.?[0-9])))"
    rf"(?P<power>\s?[×xX·⋅*]\s?10{_RAISE}|{_RAISE}|[eE][+-]?[0-9]{{1,3}}(?![A-Za-z0-9]))?"
    rf"(?P<half>{_HALF})?"
    rf"(?:\+?[\s–-]?(?P<spelt>{_SPELT})(?![A-Za-z])|\s?(?P<han>{_HAN_SCALE})|(?P<suffix>{_SUFFIX}))?"
)


_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−–", "0123456789+---")
_TIMES_TEN = re.compile(r"[×xX·⋅*]\s?10")
_CITATION = re.compile(r"\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,9}\]")
_NAME_BEFORE = re.compile(r"(?:[A-Za-z0-9.]*[A-Z0-9][A-Za-z0-9.]*)[-_]$")
_FIGURE_BEFORE = re.compile(r"(?<![A-Za-z0-9.-])[0-9][0-9.,]*[kKMBTb%]?[-_]$")
_MONEY_BEFORE = ("RMB", "CNY", "USD", "EUR", "JPY", "GBP", "HKD", "US$")
_FLATTENED = re.compile(r"10\d\d")
_TIMES_BEFORE = re.compile(r"[0-9]\s?[×x·]\s?$")
_SIZE_BEFORE = re.compile(r"[0-9]\s?[xX×]\s?$")

_RANGE = re.compile(
    r"(?:%(?=\s?[-–—−~～∼至到]))?\s?(?P<joiner>[-–—−~～∼至到]|to|and)\s?(?:US)?[$€£¥￥]?\s?", re.IGNORECASE
)
_SPREAD = re.compile(r"\s?(?:±|\+/[-−])\s?")
_BETWEEN = re.compile(r"(?:between|from|在)\s(?:US)?[$€£¥￥]?\s?$", re.IGNORECASE)
_SCALED = re.compile(rf"(?:{_SPELT}|{_HAN_SCALE}|[kKMBTb])$")

_AT_MOST = (
    r"no more than|not more than|less than|at most|fewer than|up to|within|under|below|a maximum of|not exceeding"
)
_AT_LEAST = (
    r"no less than|no fewer than|not less than|more than|at least|over|above|exceed(?:s|ing|ed)?|greater than|"
    r"(?:a )?minimum of|upwards of|in excess of"
)
_ABOUT = (
    r"about|approximately|approx\.?|roughly|around|circa|ca\.|nearly|almost|close to|some|an estimated|on the order of"
)
_BEFORE = re.compile(
    rf"(?:(?<![A-Za-z])(?:(?P<at_most>{_AT_MOST})|(?P<at_least>{_AT_LEAST})|(?P<about>{_ABOUT}))"
    r"|(?P<most><=?|≤|不超过|不超過|不到|小于|低于|最多|以内|少于|不足)"
    r"|(?P<least>>=?|≥|≧|不少于|不低于|不小于|超过|超過|至少|最少|大于|多于|高达|逾|(?<![以加图])上)"
    r"|(?P<near>[~～∼≈]|大约|約|约为|约|将近|接近|近|差不多|左右的))\s?(?:(?:US)?[$€£¥￥]\s?)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s?(?:(?P<at_least>\+|or more\b|plus\b|以上|[多余](?=\s?[个個張张块天万亿台小年月]))"
    r"|(?P<at_most>or (?:less|fewer)\b)|(?P<ceiling>以内|以下)"
    r"|(?P<about>(?:[个個張张块天周月年小时卡台]{1,3}\s?)?(?:左右|上下)|or so\b))"
)
_KINDS = {"most": "at_most", "least": "at_least", "near": "about", "ceiling": "at_most"}


def find_numbers(text: str) -> list[Number]:
    """Numbers of a text in order; a range («2,000 to 3,000», «$7-15M») is one number with its middle as value."""
    return [qualify(text, number) for number in read_numbers(text)]


def read_numbers(text: str) -> list[Number]:
    """Numbers of a text in order, ranges joined, without a look at the words around them that qualify them."""
    plain = _plain_numbers(text)
    found: list[Number] = []
    for number in plain:
        joined = _join(text, found[-1], number) if found and number.start - found[-1].end < 9 else None
        if joined is not None:
            found[-1] = joined
        else:
            found.append(number)
    return found


def parts(number: Number) -> list[Number]:
    """The numbers that a range joins, as they stand in the text: «7B to 65B» is 7B and 65B."""
    return [replace(n, start=n.start + number.start, end=n.end + number.start) for n in _plain_numbers(number.printed)]


def qualify(text: str, number: Number) -> Number:
    """The number with what the words beside it say of it: «over 1,000» is at least that, «9 天左右» about that."""
    if number.qualifier is not None:
        return number
    match = _BEFORE.search(text, max(0, number.start - 24), number.start) or _AFTER.match(text, number.end)
    if match is None or (match[0] == "上" and number.printed[0] not in "百千万"):
        return number
    kind = match.lastgroup or ""
    return replace(number, qualifier=_KINDS.get(kind, kind))


def _plain_numbers(text: str) -> list[Number]:
    found = [n for match in _DIGITAL.finditer(text) if (n := _read_digits(text, match)) is not None]
    if "[" in text and found:
        cited = [match.span() for match in _CITATION.finditer(text)]
        found = [n for n in found if not any(a < n.start < b for a, b in cited)] if cited else found
    spelled = list(find_words(text))
    if not text.isascii():
        spelled += find_numerals(text)
    if not spelled:
        return found
    ordered = sorted((*found, *spelled), key=lambda n: (n.start, -n.end))
    return [n for i, n in enumerate(ordered) if not any(n.start < m.end for m in ordered[max(0, i - 2) : i])]


def _read_digits(text: str, match: re.Match[str]) -> Number | None:
    start, end = match.span()
    digits = match["digits"]
    if start and not _stands_alone(text, start):
        return None
    if not digits.isdigit():
        digits = re.sub(r"[^0-9.]", "", digits)
    if (
        len(digits) > 20
        or digits.count(".") > 1
        or (_FLATTENED.fullmatch(digits) and _TIMES_BEFORE.search(text, max(0, start - 3), start))
    ):
        return None
    value, scale = float(digits), 1.0
    if match.lastgroup == "digits":
        decimals = len(digits.partition(".")[2])
        half = 0.5 * 10.0**-decimals
        return Number(
            value, start, end, match[0], *((rounded(value - half), rounded(value + half)) if decimals else ())
        )
    if suffix := match["spelt"] or match["han"] or match["suffix"]:
        if match["suffix"] and _SIZE_BEFORE.search(text, max(0, start - 4), start):
            return None
        scale = scale_of(suffix.strip())
    if power := match["power"]:
        raised = _raise(value, power)
        if raised is None:
            return None
        value, times = raised
        scale *= times
    exact = scale == 1 and "." not in digits
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
    if match["half"]:
        value, exact = value + 0.5, scale == 1
    low, high = (None, None) if exact else (rounded((value - half) * scale), rounded((value + half) * scale))
    more = "at_least" if "+" in match[0][:-1] and not match["power"] else None
    return Number(rounded(value * scale), start, end, match[0], low, high, more)


def _stands_alone(text: str, start: int) -> bool:
    """Whether digits begin a figure and not the middle of a name, a version or an exponent."""
    before = text[start - 1]
    if before.isspace() or before == "(":
        return True
    if before in "0123456789.^":
        return False
    if before.isascii() and before.isalpha():
        if before in "xX":
            return not (start > 1 and text[start - 2].isascii() and text[start - 2].isalpha())
        return text[max(0, start - 3) : start] in _MONEY_BEFORE
    if before in "-_" and start > 1 and text[start - 2].isalnum() and text[start - 2].isascii():
        window = text[max(0, start - 24) : start]
        return _FIGURE_BEFORE.search(window) is not None or _NAME_BEFORE.search(window) is None
    return True


def _raise(value: float, power: str) -> tuple[float, float] | None:
    """Base and factor of a printed power: «×10^25», «^20» of 2 or 10, «e25»; None for «224^2», which counts nothing."""
    plain = power.translate(_LOWERED).strip()
    if plain[0] in "eE":
        base, written = 10.0, plain[1:]
    else:
        times_ten = _TIMES_TEN.match(plain)
        base, written = (10.0, plain[times_ten.end() :]) if times_ten else (0.0, plain)
    exponent = int(written.strip("^* {}()"))
    if base:
        return (value, 10.0**exponent) if abs(exponent) <= 60 else None
    return (value**exponent, 1.0) if value in (2.0, 10.0) and abs(exponent) <= 60 else None


def _join(text: str, first: Number, second: Number) -> Number | None:
    """The two numbers as one: «2,000 to 3,000», «6–8K», «between 6 and 8», «33 ± 2»; or None."""
    if first.qualifier == "range" or second.value <= 0:
        return None
    span = text[first.start : second.end]
    if _SPREAD.fullmatch(text, first.end, second.start):
        low, high = first.value - second.value, first.value + second.value
        return Number(first.value, first.start, second.end, span, rounded(low), rounded(high)) if low > 0 else None
    between = _RANGE.fullmatch(text, first.end, second.start)
    if between is None:
        return None
    joiner = between["joiner"].lower()
    if joiner == "and" and not _BETWEEN.search(text, max(0, first.start - 12), first.start):
        return None
    low = first.value
    if first.printed[-1].isdigit() and not second.printed[-1].isdigit() and (scaled := _SCALED.search(second.printed)):
        scale = scale_of(scaled[0].strip())
        low = low * scale if low * scale < second.value else low
    if not low < second.value <= 20 * low or _is_date(first, second):
        return None
    return Number(rounded((low + second.value) / 2), first.start, second.end, span, rounded(low), second.value, "range")


def _is_date(first: Number, second: Number) -> bool:
    """Whether two numbers are years or parts of a date: «2019-2021», «05-17»."""
    years = all(n.printed.isdigit() and 1980 <= n.value <= 2035 for n in (first, second))
    return years or any(n.printed[0] == "0" and n.printed.isdigit() and len(n.printed) > 1 for n in (first, second))
