"""Columns: where the gutters of a page run, and the order in which its parts are read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from extractors.reading.lines import WIDEST, Piece


@dataclass(slots=True)
class Strip:
    """A part of a page that is read from top to bottom: one column of a band, or the full width."""

    pieces: list[Piece]
    left: float
    right: float
    full: bool


def find_gutters(pieces: list[Piece], width: float, size: float) -> list[float]:
    """The middles of the vertical gaps that part columns of prose, left to right; empty on a page of one column."""
    prose = [p for p in pieces if p.right - p.left > 6 * size and p.size > 0.6 * size]
    if len(prose) < 12 or width > WIDEST:
        return []
    cells = int(width) + 2
    cover = np.zeros(cells + 1)
    for piece in prose:
        cover[min(max(int(piece.left), 0), cells)] += 1
        cover[min(max(int(piece.right) + 1, 0), cells)] -= 1
    cover = np.cumsum(cover)[:cells]
    low, high = int(0.15 * width), int(0.85 * width)
    gutters: list[float] = []
    limit = 0.3 * np.quantile(cover[cover > 0], 0.7) if (cover > 0).any() else 0
    inside = np.zeros(cells, np.bool_)
    inside[low:high] = cover[low:high] <= limit
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first > 0.25 * width:
            continue
        band = cover[first:last]
        least = np.flatnonzero(band == band.min()) + first
        middle = float(least.mean())
        before = [p for p in prose if p.right <= middle + 1]
        after = [p for p in prose if p.left >= middle - 1]
        across = len(prose) - len(before) - len(after)
        if min(len(before), len(after)) >= 5 and across <= 0.6 * (len(before) + len(after)):
            gutters.append(middle)
    return gutters


def split_strips(pieces: list[Piece], gutters: list[float], width: float) -> list[Strip]:
    """The strips of a page in reading order: bands between full-width pieces, and each band's columns left to right."""
    if not pieces:
        return []
    if not gutters:
        return [Strip(pieces, 0.0, width, True)]
    edges = [0.0, *gutters, width]
    crossing = [p for p in pieces if any(p.left < g - 3 and p.right > g + 3 for g in gutters)]
    if not crossing:
        return _columns(pieces, edges)
    rest = _others(pieces, crossing)
    crossing.sort(key=lambda p: p.middle)
    strips: list[Strip] = []
    wide: list[Piece] = []
    rest.sort(key=lambda p: p.middle)
    at = 0
    for piece in crossing:
        start = at
        while at < len(rest) and rest[at].middle < piece.top:
            at += 1
        if at > start:
            if wide:
                strips.append(Strip(wide, 0.0, width, True))
                wide = []
            strips.extend(_columns(rest[start:at], edges))
        # What stands beside a full-width line on its height belongs to it.
        while at < len(rest) and rest[at].middle < piece.bottom:
            wide.append(rest[at])
            at += 1
        wide.append(piece)
        if at < len(rest) and _ends_paragraph(rest[at], piece, rest[at + 1 : at + 4]):
            wide.append(rest[at])
            at += 1
    if wide:
        strips.append(Strip(wide, 0.0, width, True))
    if at < len(rest):
        strips.extend(_columns(rest[at:], edges))
    return strips


def _ends_paragraph(piece: Piece, above: Piece, after: list[Piece]) -> bool:
    """Whether a short piece right below a full-width line is the end of its paragraph: nothing stands beside it."""
    return (
        piece.first >= 0
        and above.first >= 0
        and abs(piece.left - above.left) < 4
        and piece.top - above.bottom < 0.5 * piece.size
        and abs(piece.size - above.size) < 0.1 * above.size
        and not any(p.top < piece.bottom - 2 for p in after)
    )


def _others(pieces: list[Piece], taken: list[Piece]) -> list[Piece]:
    marks = {id(p) for p in taken}
    return [p for p in pieces if id(p) not in marks]


def _columns(pieces: list[Piece], edges: list[float]) -> list[Strip]:
    strips = []
    for left, right in pairwise(edges):
        part = [p for p in pieces if left <= (p.left + p.right) / 2 < right]
        if part:
            strips.append(Strip(part, left, right, False))
    return strips
