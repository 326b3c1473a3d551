"""Furniture: page numbers, running heads and feet, line numbers, which are no part of the running text."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from extractors.reading.lines import Line, Piece, Sheet

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—]\s*)?(?:page\s+|第\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of)\s*\d{1,4})?(?:\s*页)?(?:\s*[-–—])?$",
    re.IGNORECASE,
)
_MARGIN = 0.12
_LEAST_LINE_NUMBERS = 8


def margin_keys(lines: list[Line], sheet: Sheet) -> list[tuple[str, int]]:
    """What stands in the upper and lower margin of a page, figures left out, so that pages can be compared.

    A bare number on the first or last line counts by how far it is from the number of the page.
    """
    keys = [_key(line) for line in _margin(lines, sheet)]
    return keys + [("page", int(x.text) - sheet.number) for x in _outermost(lines) if _is_count(x)]


def _outermost(lines: list[Line]) -> list[Line]:
    return [min(lines, key=lambda x: x.top), max(lines, key=lambda x: x.bottom)] if lines else []


def _is_count(line: Line) -> bool:
    return line.text.isdecimal() and len(line.text) < 5


def _margin(lines: list[Line], sheet: Sheet) -> list[Line]:
    edge = _MARGIN * sheet.height
    return [x for x in lines if x.bottom < edge or x.top > sheet.height - edge]


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text), round(line.top / 8)


def furniture_of(lines: list[Line], sheet: Sheet, counts: Counter[tuple[str, int]], pages: int) -> list[Line]:
    """The lines of a page that are furniture: repeated on other pages at the same height, or a bare page number."""
    found = []
    for line in _margin(lines, sheet):
        text, height = _key(line)
        times = sum(counts[text, height + k] for k in (-1, 0, 1))
        if times >= max(3, 0.06 * pages) or _PAGE_NUMBER.match(line.text.strip()):
            found.append(line)
    # Where pages have wide margins the number stands nearer to the text, but it still counts with the pages.
    for line in _outermost(lines):
        if _is_count(line) and counts["page", int(line.text) - sheet.number] >= 3 and not any(x is line for x in found):
            found.append(line)
    return found


def line_numbers(sheet: Sheet) -> list[Piece]:
    """The numbers that drafts and submissions print beside their lines: one after the other down a margin."""
    found: list[Piece] = []
    numbers = [p for p in sheet.pieces if len(p.text) <= 4 and p.text.isdecimal()]
    if len(numbers) < _LEAST_LINE_NUMBERS:
        return found
    words = [p for p in sheet.pieces if len(p.text) > 20]
    left = min((p.left for p in words), default=0.0)
    right = max((p.right for p in words), default=sheet.width)
    for side in ([p for p in numbers if p.right < left], [p for p in numbers if p.left > right]):
        side.sort(key=lambda p: p.middle)
        steps = Counter(int(b.text) - int(a.text) for a, b in pairwise(side))
        if len(side) >= _LEAST_LINE_NUMBERS and max(steps[1], steps[5]) >= 0.8 * (len(side) - 1):
            found.extend(side)
    return found
