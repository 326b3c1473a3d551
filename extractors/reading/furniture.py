"""Furniture: page numbers, running heads and feet, line numbers and stamps, which are no part of the running text."""

from __future__ import annotations

import re
from collections import Counter

from extractors.reading.lines import Line, Sheet

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—]\s*)?(?:page\s+)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of)\s*\d{1,4})?(?:\s*[-–—])?$", re.IGNORECASE
)
_MARGIN = 0.12


def margin_keys(lines: list[Line], sheet: Sheet) -> list[tuple[str, int]]:
    """What stands in the upper and lower margin of a page, figures left out, so that pages can be compared."""
    return [key for line in _margin(lines, sheet) for key in [_key(line, sheet)]]


def _margin(lines: list[Line], sheet: Sheet) -> list[Line]:
    edge = _MARGIN * sheet.height
    return [x for x in lines if x.bottom < edge or x.top > sheet.height - edge]


def _key(line: Line, sheet: Sheet) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text), round(line.top / 8)


def furniture_of(lines: list[Line], sheet: Sheet, counts: Counter[tuple[str, int]], pages: int) -> list[Line]:
    """The lines of a page that are furniture: repeated on other pages at the same height, or a bare page number."""
    found = []
    for line in _margin(lines, sheet):
        text, height = _key(line, sheet)
        times = sum(counts[text, height + k] for k in (-1, 0, 1))
        if times >= max(3, 0.08 * pages) or _PAGE_NUMBER.match(line.text.strip()):
            found.append(line)
    return found
