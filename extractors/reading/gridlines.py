"""The columns of a table: the gaps that all its rows share, found word by word."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from extractors.reading.lines import WIDEST, Piece, Sheet

Words = dict[int, list[Piece]]

CELL_GAP = 0.75
_WIDE_SPACE, _TIGHT_SPACE = 0.36, 0.26
_BREAK = 0.55
_SOME_ROWS = 7
_FIGURE = re.compile(r"^[$€¥~≈<>≥≤±+\-–(]*\d[\d,.]*[%xX×KMBT]?\)?$|^[-–—✓✗×✔✘]$")


def cells_of(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of a row gathered into cells: a gap wider than a word space parts two cells."""
    cells: list[list[Piece]] = []
    for piece in pieces:
        if cells and piece.left - cells[-1][-1].right < CELL_GAP * min(piece.size, cells[-1][-1].size):
            cells[-1].append(piece)
        else:
            cells.append([piece])
    return cells


def find_columns(words: Words, rows: list[list[Piece]]) -> list[tuple[float, float]]:
    """Where the columns of the rows begin and end, left to right.

    A gap parts two columns when no word of any full row stands in it and when half of the rows have more than a word
    space there, or figures behind it: the gaps between the words of a cell do not line up, those between cells do.
    One row in seven may reach over a gap, as the name of an ensemble does.
    """
    counts = [len(cells_of(row)) for row in rows]
    most = max(counts, default=0)
    fitting = [row for row, n in zip(rows, counts, strict=True) if n >= max(2, 0.5 * most)]
    if not fitting:
        return []
    # A label at half height stands alone on its line and still tells where its column is.
    edge = min(p.left for row in fitting for p in row)
    fitting += [row for row, n in zip(rows, counts, strict=True) if n == 1 and row[-1].right < edge]
    lines = [[w for p in row for w in words[p.first]] for row in fitting]
    size = fitting[0][0].size
    strict = _part(lines, size, 0)
    if len(fitting) < _SOME_ROWS:
        return strict
    loose = _part(lines, size, len(fitting) // _SOME_ROWS)
    return loose if len(loose) > len(strict) else strict


def _part(rows: list[list[Piece]], size: float, astray: int) -> list[tuple[float, float]]:
    left = min(w.left for row in rows for w in row)
    right = max(w.right for row in rows for w in row)
    if right - left > WIDEST:
        return []
    cover = np.zeros(int((right - left) * 2) + 3, np.int64)
    for row in rows:
        for w in row:
            cover[int((w.left - left) * 2) : int((w.right - left) * 2) + 1] += 1
    edges = np.flatnonzero(np.diff((cover > astray).astype(np.int8), prepend=0, append=0))
    spans = [(left + a / 2, left + b / 2) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
    columns = spans[:1]
    for span in spans[1:]:
        if _parts(rows, columns[-1], span, size):
            columns.append(span)
        else:
            columns[-1] = (columns[-1][0], span[1])
    return columns


def _parts(rows: list[list[Piece]], one: tuple[float, float], other: tuple[float, float], size: float) -> bool:
    """Whether the gap between two spans of words parts two columns, by the rows that have words in both."""
    left, right = one[1], other[0]
    both = broken = behind = around = alone = 0
    for row in rows:
        before = [w for w in row if one[0] - 0.6 < w.right <= left + 0.6]
        after = [w for w in row if right - 0.6 <= w.left < other[1]]
        if not after:
            continue
        figure = bool(_FIGURE.match(after[0].text))
        if not before:
            alone += figure and row[0] is after[0]
            continue
        both += 1
        broken += after[0].left - before[-1].right >= _BREAK * size
        if figure and before[-1].text[-1] not in "±×/+=·~":
            behind += 1
            around += bool(_FIGURE.match(before[-1].text))
    gap = (right - left) / size
    if not both:
        return gap >= 0.25
    if broken >= 0.5 * both or (behind >= 0.6 * both and alone > 1 and gap > 0.15):
        return True
    return (gap >= _WIDE_SPACE and both > 1 and behind >= 0.6 * both) or (
        gap >= _TIGHT_SPACE and both > 2 and around >= 0.8 * both
    )


def split_at(sheet: Sheet, words_of: Words, piece: Piece, columns: list[tuple[float, float]]) -> list[Piece]:
    """A piece cut at the spaces that fall into the gap of two columns.

    Such a space is wider than one between words, or parts two figures, or each of the words stands right in its column
    («SIQA HellaSwag WinoGrande» over three tight columns).
    """
    gaps = [(a[1], b[0]) for a, b in pairwise(columns) if piece.left < a[1] and piece.right > b[0]]
    words = words_of[piece.first]
    if not gaps or len(words) < 2:
        return [piece]
    if _one_a_column(words, columns):
        return words
    parts: list[list[Piece]] = [words[:1]]
    for last, word in pairwise(words):
        figures = _FIGURE.match(last.text) and _FIGURE.match(word.text)
        wide = word.left - last.right > (_TIGHT_SPACE if figures else _WIDE_SPACE) * piece.size
        if wide and any(last.right < right and word.left > left for left, right in gaps):
            parts.append([])
        parts[-1].append(word)
    return [_join(sheet, part) for part in parts]


def _one_a_column(words: list[Piece], columns: list[tuple[float, float]]) -> bool:
    places = []
    for word in words:
        middle = (word.left + word.right) / 2
        place, (left, right) = min(enumerate(columns), key=lambda c: abs(sum(c[1]) / 2 - middle))
        reach = max(2.0, 0.2 * (right - left))
        if min(abs(middle - (left + right) / 2), abs(word.left - left), abs(word.right - right)) > reach:
            return False
        places.append(place)
    return len(places) > 1 and all(b == a + 1 for a, b in pairwise(places))


def words_of(sheet: Sheet, pieces: list[Piece]) -> Words:
    """The words of pieces, each with its own box, by the place where the piece begins."""
    spans: list[tuple[Piece, int, int]] = []
    for piece in pieces:
        at = piece.first
        for text in piece.text.split(" "):
            if text:
                spans.append((piece, at, at + len(text)))
            at += len(text) + 1
    firsts = sheet.sequence[[first for _, first, _ in spans]]
    lasts = sheet.sequence[[last - 1 for _, _, last in spans]]
    left, right = sheet.upright[firsts, 0].tolist(), sheet.upright[lasts, 2].tolist()
    words: Words = {}
    for (piece, first, last), a, b in zip(spans, left, right, strict=True):
        text = piece.text[first - piece.first : last - piece.first]
        word = Piece(first, last, a, piece.top, b, piece.bottom, piece.size, text)
        words.setdefault(piece.first, []).append(word)
    return words


def _join(sheet: Sheet, words: list[Piece]) -> Piece:
    first, last = words[0], words[-1]
    text = sheet.characters[first.first : last.last]
    return Piece(first.first, last.last, first.left, first.top, last.right, first.bottom, first.size, text)
