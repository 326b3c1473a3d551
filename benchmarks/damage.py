"""Ways in which documents come to harm, each a function of some bytes and a seeded source of chance."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from random import Random

Damage = Callable[[bytes, Random], bytes]

_EXTREMES = (
    b"0",
    b"-1",
    b"1e308",
    b"99999999999999999999",
    b"2147483648",
    b"-2147483649",
    b"0.0000001",
    b"65536",
    b"NaN",
)
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_ODD = (
    "\x00", "\x0b", "\x1b[31m", "\u00ad", "\u200b", "\u202e", "\u2028", "\u0301" * 50, "\ufffe", "\ufeff",
    "\U0001f9ea", "①", "½", "٣", "𝟕", "一百二十", "1e400", "9" * 400, "1.2.3.4", "1,,2", "1" + ",000" * 90, "10^99999",
    "10⁹⁹⁹⁹⁹", "0×0", "−∞", "H800" * 60, "A100-" * 60, "(" * 300, "[" * 300, "|" * 300, "GPU小时" * 40,
    "×".join("8" * 60), "~" * 300, "万亿" * 50, "\t" * 300,
)  # fmt: skip
_TAGS = (
    "<table>", "</table>", "<tr>", "<td colspan=99999999>", "<td rowspan=-5>", "<td rowspan=1000000 colspan=1000>",
    "<sup>", "</sub>", "<math><msup>", "<annotation encoding='application/x-tex'>", "<script>", "<!--", "-->",
    "<![CDATA[", "<svg>", "<pre>", "<base href='x:'>", "<meta charset='utf-7'>", "<meta charset='nonsense'>",
    "<plaintext>", "<template>", "&#x0;", "&#1114112;", "&#55296;", "&nbsp", "<th scope=row>", "<h1>", "<li>",
    "<br/>", "<frameset>", "</html>",
)  # fmt: skip
_MARKS = (
    "\n| --- |\n", "\n|a|b|\n|-|:-:|\n", "\n```\n", "\n~~~~\n", "\n> > > > ", "\n# ", "\n1000000000. ", "\n- [ ] ",
    "$$", "\\frac{", "\\begin{tabular}{", "\n---\n", "<details>", "[^1]", "[a]: ", "![", "](", "**", "__",
    "\n\n\t\t", "\\", "`", "\r", "\n===\n", "\n|" + "x|" * 500 + "\n|" + "-|" * 500 + "\n",
)  # fmt: skip


def cut_off(data: bytes, chance: Random) -> bytes:
    """The beginning alone."""
    return data[: chance.randrange(len(data) + 1)]


def flip_bits(data: bytes, chance: Random) -> bytes:
    """Some bits turned over."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 200)) if found else 0):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def lose_slice(data: bytes, chance: Random) -> bytes:
    """A part missing."""
    start, end = _slice(data, chance)
    return data[:start] + data[end:]


def repeat_slice(data: bytes, chance: Random) -> bytes:
    """A part again and again."""
    start, end = _slice(data, chance)
    part = data[start:end]
    return data[:end] + part * min(chance.choice((1, 10, 1000)), 200_000 // (len(part) or 1)) + data[end:]


def swap_slices(data: bytes, chance: Random) -> bytes:
    """Two parts in each other's place."""
    a, b, c, d = sorted(chance.randrange(len(data) + 1) for _ in range(4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def overwrite(data: bytes, chance: Random) -> bytes:
    """A part of random bytes, or of zeros."""
    start, end = _slice(data, chance)
    return data[:start] + (bytes(end - start) if chance.random() < 0.3 else chance.randbytes(end - start)) + data[end:]


def change_numbers(data: bytes, chance: Random) -> bytes:
    """Some numbers out of all proportion: lengths, offsets, sizes, figures."""
    rate = chance.choice((0.005, 0.05, 0.5))
    return _NUMBER.sub(lambda m: chance.choice(_EXTREMES) if chance.random() < rate else m[0], data)


def damage_streams(data: bytes, chance: Random) -> bytes:
    """The unpacked content of a PDF's streams damaged, and packed again, so that it gets past the decompressor."""

    def harm(match: re.Match[bytes]) -> bytes:
        if chance.random() < 0.4:
            return match[0]
        way = chance.choice((flip_bits, lose_slice, swap_slices, change_numbers, overwrite, repeat_slice))
        try:
            content = zlib.compress(way(zlib.decompress(match[1]), chance))
        except zlib.error:
            content = way(match[1], chance)
        return b"stream\n" + content + b"\nendstream"

    return _STREAM.sub(harm, data)


def strew(words: tuple[str, ...]) -> Damage:
    """Words put in at random places, some of them many times over."""

    def strew_words(data: bytes, chance: Random) -> bytes:
        found = data
        for _ in range(chance.choice((1, 5, 30))):
            at = chance.randrange(len(found) + 1)
            word = chance.choice(words).encode("utf-8", "surrogatepass") * chance.choice((1, 1, 1, 30, 2000))
            found = found[:at] + word[:50_000] + found[at:]
        return found

    return strew_words


def recode(data: bytes, chance: Random) -> bytes:
    """Another encoding than it says."""
    encodings = ("utf-16", "utf-16-le", "utf-32", "gb18030", "big5", "shift_jis", "latin-1", "utf-7")
    return data.decode("utf-8", "replace").encode(chance.choice(encodings), "replace")


def join_lines(data: bytes, chance: Random) -> bytes:
    """Lines run together, or broken everywhere."""
    return data.replace(b"\n", b" ") if chance.random() < 0.5 else data.replace(b" ", b"\n")


_ANY = (cut_off, flip_bits, lose_slice, repeat_slice, swap_slices, overwrite)
_TEXT = (*_ANY, change_numbers, recode, join_lines, strew(_ODD), strew(_ODD), strew(_TAGS), strew(_MARKS))
DAMAGES: dict[str, tuple[Damage, ...]] = {
    ".pdf": (*_ANY, change_numbers, change_numbers, damage_streams, damage_streams, damage_streams),
    ".html": (*_TEXT, strew(_TAGS), strew(_TAGS)),
    ".md": (*_TEXT, strew(_MARKS), strew(_MARKS)),
    ".txt": _TEXT,
}


def damage(data: bytes, suffix: str, seed: int) -> bytes:
    """A document of some kind, harmed in one to three ways; the same for the same seed."""
    chance = Random(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(DAMAGES[suffix])(data, chance)
    return data


def _slice(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 10, 100, 1000, 10_000)))
