"""Characters as every reader hands them on: one form for one meaning, and the language that they are in."""

from __future__ import annotations

import re
import unicodedata

_DROPPED = dict.fromkeys(
    [
        *range(0xE000, 0xF900),
        0x00AD,
        0x200B,
        0x200E,
        0x200F,
        0x2060,
        0x2061,
        0x2062,
        0x2063,
        0x2064,
        0xFEFF,
        0xFFFC,
        0xFFFE,
        0xFE0E,
    ]
    + [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    + [c for c in [*range(0x20), *range(0x7F, 0xA0)] if chr(c) not in "\t\n\r\v\f\x85\x1b"]
)
_SPACES = dict.fromkeys([0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_HYPHENS = dict.fromkeys([0x2010, 0x2011, 0xFE63], "-")
_WIDE = {c: chr(c - 0xFEE0) for c in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_WIDE_SIGNS = {ord(c): chr(ord(c) - 0xFEE0) for c in "％＋＄＃＆＊＠＾＿｜．／－"}
_COMPATIBLE = {
    c: unicodedata.normalize("NFKC", chr(c))
    for c in [*range(0xFB00, 0xFB07), *range(0x1D400, 0x1D800), *range(0x2F00, 0x2FD6), 0x2126, 0x212A, 0x212B]
}
_SUBSCRIPTS = {0x2080 + n: str(n) for n in range(10)}
_TABLE = {**_DROPPED, **_SPACES, **_HYPHENS, **_WIDE, **_WIDE_SIGNS, **_COMPATIBLE, **_SUBSCRIPTS}
_LINE_ENDS = re.compile("\r+\n|[\r\v\f\x85\u2028\u2029]")
_ESCAPES = re.compile("\x1b(?:\\[[0-9;?]*[A-Za-z]|[@-Z\\\\-_])?")
_JOINERS = re.compile(r"(?<=\w)[\u200c\u200d\ufe0f]+|[\u200c\u200d]+(?=\w)")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED_RUN = re.compile(r"(?<=([0-9]|\)))[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_WIDE_COMMA = re.compile(r"(?<=[0-9])，(?=[0-9]{3}(?![0-9]))")

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_KANA = r"\u3041-\u30ff\u31f0-\u31ff"
EAST_ASIAN = rf"[{_HAN}{_KANA}\u3000-\u303f\uff00-\uffef]"
"""A character of Chinese or Japanese text, its punctuation included, as a class for patterns."""

_WRAP = re.compile(rf"(?<={EAST_ASIAN})[ \t]*\n[ \t]*(?={EAST_ASIAN})")
_BLANK = re.compile(r"[ \t\n]+")


def normalise(text: str) -> str:
    """The text with one form for each meaning: NFC, plain spaces and line ends, `10²⁵` as `10^25`, `CO₂` as `CO2`.

    Full-width digits and letters («２０４８张Ｈ８００»), ligatures and mathematical letters become plain ones;
    Chinese and Japanese punctuation stays. Soft hyphens, zero-width and control characters and terminal colours go.
    Emoji stay.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\n", text)
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    text = text.translate(_TABLE)
    if not text.isascii():
        text = _RAISED_RUN.sub(_raise_run, text)
        text = _WIDE_COMMA.sub(",", _JOINERS.sub("", text))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _raise_run(run: re.Match[str]) -> str:
    return raise_text(run.string[max(0, run.start() - 40) : run.start()], run[0].translate(_RAISED))


_EXPONENT = re.compile(r"[+-]?\d+(?:[.,/]\d+)?|[+-]?[A-Za-z](?:[+-]\d)?|T|⊤|['′]")
_NUMBER_BEFORE = re.compile(r"(\d[\d,.]*)\s*$")
_UNIT_BEFORE = re.compile(r"(?<![A-Za-z])([A-Za-zµμ]{1,2}|\))$")


def raise_text(before: str, inner: str) -> str:
    """What stands for a superscript `inner` after `before`.

    An exponent keeps its place: 10²⁵ is `10^25`, 512² is `512^2`, m² is `m^2`. A note mark is dropped, so that it never
    glues to a number («2,048⁷ GPUs», «GPUs³», «[1]»): no count is ever raised to more than three.
    """
    inner = inner.strip().replace("−", "-").replace("–", "-")
    if not _EXPONENT.fullmatch(inner):
        return ""
    if number := _NUMBER_BEFORE.search(before):
        fits = re.fullmatch(r"10|\d", number[1]) or inner in {"2", "3"} or not inner.isdigit()
        return f"^{inner}" if fits else ""
    return f"^{inner}" if inner[0] in "+-" or _UNIT_BEFORE.search(before) else ""


def flow(text: str) -> str:
    """The text on one line: line ends become spaces, and nothing between two Chinese or Japanese characters."""
    return _BLANK.sub(" ", _WRAP.sub("", text)).strip()


_HAN_RUN = re.compile(f"[{_HAN}]")
_KANA_RUN = re.compile(f"[{_KANA}]")
_LATIN_RUN = re.compile(r"[A-Za-zÀ-ɏ]+")
_OTHER_SCRIPTS = {
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
}
_SAMPLE = 200_000


def detect_language(text: str, declared: str = "") -> str:
    """The ISO 639-1 code of the language that most of a text is in, by the share of its scripts.

    A Han character weighs as much as half a Latin word. Chinese pages about models are full of English names, so a
    quarter of the weight makes a page Chinese; kana in a tenth of the East Asian characters makes it Japanese. Between
    languages in Latin letters the `declared` one counts (`de-DE`), else English.
    """
    text = text[:_SAMPLE]
    han, kana, words = len(_HAN_RUN.findall(text)), len(_KANA_RUN.findall(text)), len(_LATIN_RUN.findall(text))
    east = (han + kana) / 2
    for code, script in _OTHER_SCRIPTS.items():
        if len(script.findall(text)) / 3 > words + east:
            return code
    if east and east >= 0.25 * (east + words):
        return "ja" if kana >= 0.1 * (han + kana) else "zh"
    code = declared.strip().lower().split("-")[0].split("_")[0]
    return code if re.fullmatch(r"[a-z]{2}", code) and code not in {"zh", "ja", "ko", "ru", "ar"} else "en"
