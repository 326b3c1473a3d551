"""Bytes of a text to characters, by mark, by trial and by content; what a page declares about itself is only a hint."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
_CANDIDATES = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1251"]
# Names that pages write for a subset of what their bytes hold.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
}
_SAMPLE = 60_000


def decode(data: bytes) -> str | None:
    """The characters of a text, or None where no encoding fits.

    A byte order mark decides; then UTF-8, if all bytes (or all but a stray few) fit; then what the text declares in
    its first 4 KB, if content agrees; then content alone, among the encodings of Chinese, Japanese, Korean and Western
    text. A page in GBK that declares UTF-8 is thus read as GBK.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if wide := _find_wide(data):
        return data.decode(wide, "replace")
    text = data.decode("utf-8", "replace")
    high = sum(c > "\x7f" for c in text[:_SAMPLE])
    if text.count("\ufffd", 0, _SAMPLE) <= 0.05 * high:
        return text
    found = _detect(data)
    return None if found is None else data.decode(found, "replace")


def _find_wide(data: bytes) -> str | None:
    even, odd = data[0:4000:2].count(0), data[1:4000:2].count(0)
    if max(even, odd) < 0.2 * len(data[0:4000:2]):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _detect(data: bytes) -> str | None:
    declared = _read_declared(data)
    # Only lines that hold other than ASCII tell encodings apart; a page's script and style would drown them.
    sample = b"\n".join(line[:2000] for line in data.splitlines() if not line.isascii())[:_SAMPLE]
    fitting = [encoding for encoding in _CANDIDATES if _fits(sample, encoding)]
    if declared in fitting and declared not in {"cp1252", "cp1251"}:
        return _widen(declared)
    found = from_bytes(sample, cp_isolation=fitting or _CANDIDATES, threshold=0.4).best()
    if found is not None:
        return _widen(found.encoding)
    return _widen(declared) if declared else None


def _read_declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:4096])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode()).name
    except LookupError:
        return None
    return _WIDER.get(name, name) if _WIDER.get(name) in _CANDIDATES else name


def _fits(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    return text.count("\ufffd") <= 0.01 * len(text)


def _widen(encoding: str) -> str:
    try:
        return _WIDER.get(codecs.lookup(encoding).name, encoding)
    except LookupError:
        return encoding
