"""Pieces and lines: glyphs that follow each other become pieces, pieces on one height become lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extractors.reading.glyphs import Glyphs, Leaf
from extractors.reading.regions import Drawing, turn_boxes
from extractors.reading.scripts import mark_scripts

LINE, SPACE, CARET = 0x0A, 0x20, 0x5E
PIECE_GAP = 0.6
SPACE_GAP = 0.22
WIDEST = 14_400  # points; a page that is wider is damaged (ISO 32000-1, annex C), and so is what stands farther apart


@dataclass(slots=True)
class Piece:
    """A run of glyphs without a wide gap. `first:last` are places in the sheet's sequence of characters."""

    first: int
    last: int
    left: float
    top: float
    right: float
    bottom: float
    size: float
    text: str

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(slots=True)
class Line:
    """Pieces on one height, left to right. `size` is the height of most of its glyphs; `bold` and `mono` tell of its
    letters.
    """

    pieces: list[Piece]
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    text: str = ""
    bold: bool = False
    mono: bool = False

    def __post_init__(self) -> None:
        pieces = self.pieces
        if len(pieces) == 1:
            (piece,) = pieces
            self.left, self.top, self.right, self.bottom = piece.left, piece.top, piece.right, piece.bottom
            self.size, self.text = piece.size, piece.text
            return
        self.left = min(p.left for p in pieces)
        self.right = max(p.right for p in pieces)
        main = max(pieces, key=lambda p: len(p.text))
        letters = sum(len(p.text) for p in pieces)
        self.size = sum(p.size * len(p.text) for p in pieces) / letters
        self.top, self.bottom = main.top, main.bottom
        self.text = " ".join(p.text for p in pieces)


@dataclass(slots=True)
class Sheet:
    """One page between glyphs and blocks.

    `sequence` gives for each character its glyph, or minus its code point where it was put in; `characters` is the
    same as text. Pieces, `width` and `height` are those of the page as it is read: where most of a page is written
    sideways (a wide table) it is turned for reading. `upright` holds the glyphs' boxes so, `box` and `shown` those of
    the page as displayed.
    """

    number: int
    width: float
    height: float
    shown: tuple[float, float]
    box: NDArray[np.float32]
    upright: NDArray[np.float32]
    code: NDArray[np.uint32]
    index: NDArray[np.int64]
    sequence: NDArray[np.int64]
    characters: str
    pieces: list[Piece]
    stamps: list[Piece]
    unmapped: int
    drawing: Drawing


def read_sheet(leaf: Leaf, number: int) -> Sheet:
    """The pieces of one page, with spaces and exponent marks put in, and what is drawn on it."""
    glyphs = leaf.glyphs()
    shown = width, height = glyphs.width, glyphs.height
    count = len(glyphs.code)
    if not count:
        none = np.zeros(0, np.int64)
        return Sheet(
            number,
            width,
            height,
            shown,
            glyphs.box,
            glyphs.box,
            glyphs.code,
            glyphs.index,
            none,
            "",
            [],
            [],
            glyphs.unmapped,
            Drawing(),
        )
    box = glyphs.box
    turn = _page_turn(glyphs, leaf)
    if turn:
        leaf.upright = (turn - leaf.frame.rotation) % 4
        box = turn_boxes(box, turn, width, height)
        width, height = (height, width) if turn % 2 else (width, height)
    joined = _joins(box)
    turned = _turned_runs(glyphs, box, joined, leaf, turn)
    flat = joined.copy()
    for first, last in turned:
        joined[first : last - 1] = True
        flat[first : last - 1] = False
    left, top, right, bottom = box.T
    high = bottom - top
    step, larger = left[1:] - right[:-1], np.maximum(high[1:], high[:-1])
    starts = np.concatenate([[0], np.flatnonzero(~joined) + 1])
    ends = np.concatenate([starts[1:], [count]])
    spaced = glyphs.spaced.copy()
    spaced[1:] |= (step > SPACE_GAP * larger) & flat
    # pdfium breaks the line at a raised or lowered character; where nothing parts the boxes there is no space.
    spaced[1:] &= (step > 0.06 * larger) | ~flat
    spaced[starts] = True
    carets = mark_scripts(leaf, glyphs, box, flat)
    places = np.arange(count) + np.cumsum(spaced.astype(np.int64) + carets)
    sequence = np.full(int(places[-1]) + 1, -SPACE, np.int64)
    sequence[places[carets] - 1] = -CARET
    sequence[places[starts] - 1] = -LINE
    sequence[places] = np.arange(count)
    characters = spell(sequence, glyphs.code)
    x0, y0 = np.minimum.reduceat(left, starts), np.minimum.reduceat(top, starts)
    x1, y1 = np.maximum.reduceat(right, starts), np.maximum.reduceat(bottom, starts)
    sizes = np.add.reduceat(high, starts) / (ends - starts)
    # A raised or lowered sign must not stretch the piece: its height is that of the middle of its glyphs.
    for k in np.flatnonzero((y1 - y0) > 1.3 * sizes).tolist():
        s, e = starts[k], ends[k]
        y0[k], y1[k], sizes[k] = (sorted(v[s:e].tolist())[(e - s) // 2] for v in (top, bottom, high))
    spans = zip(places[starts].tolist(), (places[ends - 1] + 1).tolist(), strict=True)
    edges = zip(x0.tolist(), y0.tolist(), x1.tolist(), y1.tolist(), sizes.tolist(), strict=True)
    pieces = [
        Piece(first, last, a, b, c, d, size, characters[first:last])
        for (first, last), (a, b, c, d, size) in zip(spans, edges, strict=True)
    ]
    heads = {first for first, _ in turned}
    stamps = [p for p, s in zip(pieces, starts.tolist(), strict=True) if s in heads]
    pieces = [p for p, s in zip(pieces, starts.tolist(), strict=True) if s not in heads] if heads else pieces
    drawing = leaf.drawing(turn)
    return Sheet(
        number, width, height, shown, glyphs.box, box, glyphs.code, glyphs.index, sequence, characters, pieces, stamps,
        glyphs.unmapped, drawing,
    )  # fmt: skip


def _joins(box: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each glyph but the last, whether the next one goes on right behind it on the same line."""
    left, top, right, bottom = box.T
    high = bottom - top
    step = left[1:] - right[:-1]
    larger, smaller = np.maximum(high[1:], high[:-1]), np.minimum(high[1:], high[:-1])
    shared = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    joined: NDArray[np.bool_] = (shared > 0.3 * smaller) & (step < PIECE_GAP * larger) & (step > -0.6 * larger)
    # pdfium gives the letters of a ligature one box for all of them.
    joined |= (left[1:] == left[:-1]) & (right[1:] == right[:-1]) & (shared == smaller)
    return joined


def spell(sequence: NDArray[np.int64], code: NDArray[np.uint32]) -> str:
    """The characters that a sequence of glyphs and put-in characters stands for."""
    codes = np.where(sequence >= 0, code[np.maximum(sequence, 0)], -sequence).astype("<u4")
    return codes.tobytes().decode("utf-32-le", "replace")


_SAMPLES = 9


def _page_turn(glyphs: Glyphs, leaf: Leaf) -> int:
    """The turn that most of a page's letters have, by a few of them."""
    places = np.linspace(0, len(glyphs.index) - 1, _SAMPLES).astype(int)
    turns = Counter(leaf.angle(index) for index in glyphs.index[places].tolist())
    turn, times = turns.most_common(1)[0]
    return turn if times > _SAMPLES // 2 else 0


def _turned_runs(
    glyphs: Glyphs, box: NDArray[np.float32], joined: NDArray[np.bool_], leaf: Leaf, turn: int
) -> list[tuple[int, int]]:
    """Runs of glyphs that are written across the direction of reading, such as a stamp in the margin."""
    left, top, right, bottom = box.T
    across = np.abs((left[1:] + right[1:]) - (left[:-1] + right[:-1])) / 2
    wide = np.maximum(right[1:] - left[1:], right[:-1] - left[:-1])
    down = np.maximum(top[1:], top[:-1]) - np.minimum(bottom[1:], bottom[:-1])
    steep = ~joined & (across < 0.35 * wide) & (down < 0.9 * wide)
    if steep.sum() < 3:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], steep, [False]]).astype(np.int8)))
    runs = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first >= 3 and (leaf.angle(int(glyphs.index[first])) - turn) % 2:
            runs.append((first, last + 1))
    return runs


def rows_of(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces gathered by height into rows, top down, each left to right."""
    rows: list[list[Piece]] = []
    heights: list[tuple[float, float, int]] = []
    for piece in sorted(pieces, key=lambda p: p.top + p.bottom):
        own_top, own_bottom, letters = piece.top, piece.bottom, len(piece.text)
        for k in range(len(rows) - 1, max(len(rows) - 4, -1), -1):
            top, bottom, most = heights[k]
            shared = (bottom if bottom < own_bottom else own_bottom) - (top if top > own_top else own_top)
            if shared > 0.5 * (bottom - top) or shared > 0.5 * (own_bottom - own_top):
                rows[k].append(piece)
                if letters > most:
                    heights[k] = own_top, own_bottom, letters
                break
        else:
            rows.append([piece])
            heights.append((own_top, own_bottom, letters))
    for row in rows:
        row.sort(key=lambda p: p.left)
    return rows
