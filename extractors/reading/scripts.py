"""Raised characters: exponents are marked `10^25`, note marks become superscript digits that no number can swallow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.reading.glyphs import Glyphs, Leaf

_DIGITS = {ord(d): ord(s) for d, s in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)}
_SIGNS = {ord("-"), ord("+"), ord("–")}
_BASE_LIMIT = 4


def mark_scripts(leaf: Leaf, glyphs: Glyphs, box: NDArray[np.float32], joined: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True for each glyph that a `^` must stand before; digits of note marks are changed to superscript ones in place.

    `box` holds the glyphs as they are read, upright. A raised run after a number that can be a base is an exponent
    («3.8 × 10²⁵ FLOP» gives `10^25`); after a word, a sign or a number that is no base («2,048¹») it is a note mark.
    Raised and lowered are told by the baselines of the characters.
    """
    carets = np.zeros(len(glyphs.code), np.bool_)
    top, bottom = box[:, 1], box[:, 3]
    high = bottom - top
    code = glyphs.code
    shift = np.abs(bottom[1:] - bottom[:-1]) > 0.06 * high[:-1]
    change = joined & (shift | (np.abs(high[1:] - high[:-1]) > 0.08 * high[:-1]))
    signs = (code == 0x2D) | (code == 0x2B) | (code == 0x2013)
    likely = ((code >= 0x30) & (code <= 0x39)) | signs
    starts = np.flatnonzero(change & likely[1:]) + 1
    done = 0
    for start in starts.tolist():
        if start < done:
            continue
        index = glyphs.index
        base = leaf.baseline(int(index[start - 1]))
        own = leaf.baseline(int(index[start]))
        raised = own - base
        size = float(high[start - 1])
        if abs(raised) < 0.12 * size or abs(raised) > 1.1 * size:
            continue
        end = start + 1
        while end < len(code) and joined[end - 1] and not glyphs.spaced[end]:
            if abs(leaf.baseline(int(index[end])) - own) > 0.1 * size:
                break
            end += 1
        done = end
        if raised < 0:
            continue
        run = [int(c) for c in code[start:end]]
        # Letters on a slanted line rise too, but they do not shrink.
        if run[0] in _DIGITS and high[start] > 0.93 * size:
            continue
        digits = run[1:] if run[0] in _SIGNS else run
        if not digits or not all(c in _DIGITS for c in digits):
            if run[0] in _DIGITS and _is_base(code, glyphs.spaced, start):
                carets[start] = True
            continue
        if run[0] in _SIGNS or _is_base(code, glyphs.spaced, start):
            carets[start] = True
        else:
            for k in range(start, end):
                code[k] = _DIGITS[int(code[k])]
    _mark_leading(leaf, glyphs, joined, high)
    return carets


def _mark_leading(leaf: Leaf, glyphs: Glyphs, joined: NDArray[np.bool_], high: NDArray[np.float32]) -> None:
    """Change the raised digits that a footnote or an affiliation begins with: «¹See the appendix»."""
    code = glyphs.code
    begins = np.concatenate([[True], ~joined])
    digit = (code >= 0x30) & (code <= 0x39)
    for start in np.flatnonzero(begins[:-1] & digit[:-1] & joined).tolist():
        end = start
        while end < len(code) - 1 and joined[end] and digit[end] and abs(high[end] - high[start]) < 0.1 * high[start]:
            end += 1
        if end - start > 3 or high[start] > 0.9 * high[end]:
            continue
        raised = leaf.baseline(int(glyphs.index[start])) - leaf.baseline(int(glyphs.index[end]))
        if raised > 0.12 * high[end]:
            for k in range(start, end):
                code[k] = _DIGITS[int(code[k])]


def _is_base(code: NDArray[np.uint32], spaced: NDArray[np.bool_], end: int) -> bool:
    """Whether the characters before `end` are a whole number that can carry an exponent: 10, 2, 224."""
    start = end
    while start > 0 and 0x30 <= code[start - 1] <= 0x39:
        start -= 1
        if spaced[start]:
            break
    digits = "".join(chr(c) for c in code[start:end])
    if not digits or len(digits) >= _BASE_LIMIT:
        return False
    before = chr(code[start - 1]) if start and not spaced[start] else " "
    if digits in ("10", "2"):
        return before not in ".," or digits == "10"
    return not before.isalpha() and before not in ".,"
