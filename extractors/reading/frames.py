"""Tables between rules: journals print one rule above a table, one below it and some between its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.reading.captions import CAPTION
from extractors.reading.gridlines import cells_of
from extractors.reading.lines import Piece, rows_of
from extractors.reading.regions import Rule

_LISTING = re.compile(r"(?:Algorithm|Listing|Procedure)\b")


@dataclass(slots=True)
class Frame:
    """The area between the first and the last rule of a table, and the rules in it."""

    left: float
    top: float
    right: float
    bottom: float
    rules: list[Rule]
    pieces: list[Piece]


def find_frames(rules: list[Rule], pieces: list[Piece]) -> list[Frame]:
    """The tables of a page that stand between rules of one width, as journals print them.

    A chain of rules ends where a caption, prose or nothing at all stands between two of them: that is the space
    between two tables, or a running head.
    """
    wide = sorted((r for r in rules if r.right - r.left > 40), key=lambda r: r.y)
    if len(wide) < 2 or len(wide) > 400:
        return []
    frames: list[Frame] = []
    used: set[int] = set()
    for k, first in enumerate(wide):
        if k in used:
            continue
        chain, inside, many, rows_seen = [first], [], 0, 0
        for j in range(k + 1, len(wide)):
            rule = wide[j]
            if abs(rule.left - first.left) > 6 or abs(rule.right - first.right) > 6:
                continue
            between = [
                p
                for p in pieces
                if chain[-1].y < p.middle < rule.y and p.right > first.left - 2 and p.left < first.right + 2
            ]
            if not between:
                if rule.y - chain[-1].y > 8:
                    break
                used.add(j)
                chain.append(rule)
                continue
            verdict = _tabular(between, first)
            if verdict is None:
                break
            many += verdict[0]
            rows_seen += verdict[1]
            used.add(j)
            chain.append(rule)
            inside.extend(between)
        if len(chain) < 2 or not inside or not (many >= 2 or (many and rows_seen >= 2)):
            continue
        if not any(c.isalpha() for p in inside for c in p.text) or _heads_listing(first, pieces):
            continue
        used.add(k)
        top, bottom = chain[0].y, chain[-1].y
        inside, top, bottom = _with_edges(inside, pieces, first, top, bottom)
        inner = [
            r for r in rules if top + 1 < r.y < bottom - 1 and r.left > first.left - 8 and r.right < first.right + 8
        ]
        frames.append(Frame(first.left, top, first.right, bottom, inner, inside))
    return _outermost(frames)


def _with_edges(
    inside: list[Piece], pieces: list[Piece], rule: Rule, top: float, bottom: float
) -> tuple[list[Piece], float, float]:
    """The pieces of a frame with the heading right above its first rule and the rows right below its last one."""
    size = inside[0].size
    near = [
        p for p in pieces if rule.left - 5 < p.left and p.right < rule.right + 5 and abs(p.size - size) < 0.15 * size
    ]
    above = rows_of([p for p in near if top - 1.7 * size < p.middle < top])
    if above and len(cells_of(above[-1])) > 2:
        inside, top = above[-1] + inside, above[-1][0].top - 1
    while True:
        below = rows_of([p for p in near if bottom < p.middle < bottom + 1.7 * size])
        if not below or len(cells_of(below[0])) < 3:
            return inside, top, bottom
        inside, bottom = inside + below[0], max(p.bottom for p in below[0])


def _heads_listing(rule: Rule, pieces: list[Piece]) -> bool:
    """Whether the words right above a rule are those of an algorithm: what follows is a listing."""
    return any(
        rule.y - 2.2 * p.size < p.middle < rule.y and p.right > rule.left and _LISTING.match(p.text) for p in pieces
    )


def _outermost(frames: list[Frame]) -> list[Frame]:
    """The frames that lie in no larger one: a bordered table frames its columns too."""
    kept: list[Frame] = []
    for frame in sorted(frames, key=lambda f: (f.left - f.right) * (f.bottom - f.top)):
        if not any(
            min(frame.right, k.right) - max(frame.left, k.left) > 5
            and min(frame.bottom, k.bottom) - max(frame.top, k.top) > 5
            for k in kept
        ):
            kept.append(frame)
    return sorted(kept, key=lambda f: f.top)


def _tabular(pieces: list[Piece], rule: Rule) -> tuple[int, int] | None:
    """How many of the rows between two rules have several cells, and how many rows there are; None for prose."""
    if any(p.left < rule.left - 10 or p.right > rule.right + 10 or CAPTION.match(p.text) for p in pieces):
        return None
    rows = [cells_of(row) for row in rows_of(pieces)]
    many = sum(len(row) > 1 for row in rows)
    wide = 0.55 * (rule.right - rule.left)
    prose = sum(len(row) == 1 and row[0][-1].right - row[0][0].left > wide for row in rows)
    if (prose > 1 and prose >= 0.4 * len(rows)) or (not many and len(rows) > 4):
        return None
    words = sum(piece.text.count(" ") + 1 for piece in pieces) / sum(map(len, rows))
    return None if len(rows) > 8 and words > 4.5 else (many, len(rows))
