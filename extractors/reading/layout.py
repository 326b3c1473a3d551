"""The plan of a page: which pieces belong to tables and figures, and the columns that the rest is read in."""

from __future__ import annotations

from statistics import median

from extractors.reading.captions import CAPTION
from extractors.reading.columns import Strip, find_gutters, split_strips
from extractors.reading.frames import find_frames
from extractors.reading.gridlines import cells_of
from extractors.reading.lines import Line, Piece, Sheet, rows_of
from extractors.reading.paragraphs import Column, Draft, Island
from extractors.reading.tables import build_grid
from extractors.text import Box, Kind


def columns_of(sheet: Sheet, size: float) -> list[Column]:
    """The lines and islands of a page by column and band, in reading order; `size` is the height of the page's
    letters.
    """
    islands, free = _islands(sheet)
    marks = [Piece(-1 - k, 0, *island.box, size, "") for k, island in enumerate(islands)]
    gutters = find_gutters(free, sheet.width, size)
    found: list[Column] = []
    for strip in split_strips(free + marks, gutters, sheet.width):
        found.extend(_columns(strip, islands))
    return found


def _columns(strip: Strip, islands: list[Island]) -> list[Column]:
    own = sorted((islands[-1 - p.first] for p in strip.pieces if p.first < 0), key=lambda i: i.box.top)
    lines = [Line(row) for row in rows_of([p for p in strip.pieces if p.first >= 0])]
    found: list[Column] = []
    at = 0
    for start, end, middle in _side_by_side(lines):
        if start > at:
            found.append(_column(lines[at:start], own))
        for side in (0, 1):
            rows = [[p for p in x.pieces if (p.left + p.right > 2 * middle) == bool(side)] for x in lines[start:end]]
            found.append(_column([Line(row) for row in rows if row], []))
        at = end
    rest = _column(lines[at:], [])
    for island in own:
        if not any(island in column.islands for column in found):
            rest.islands.append(island)
    if rest.lines or rest.islands:
        rest.left = min([rest.left, *(i.box.left for i in rest.islands)])
        rest.right = max([rest.right, *(i.box.right for i in rest.islands)])
        found.append(rest)
    return found


def _column(lines: list[Line], islands: list[Island]) -> Column:
    if not lines:
        return Column([], 1e9, -1e9)
    own = [i for i in islands if (i.box.top + i.box.bottom) / 2 < lines[-1].bottom]
    for island in own:
        islands.remove(island)
    return Column(lines, min(x.left for x in lines), max(x.right for x in lines), own)


def _side_by_side(lines: list[Line]) -> list[tuple[int, int, float]]:
    """Runs of lines that are two pieces of prose beside each other, such as the captions of two figures: start, end,
    middle.
    """
    found = []
    at = 0
    while at < len(lines):
        cells = cells_of(lines[at].pieces)
        if len(cells) != 2:
            at += 1
            continue
        left, right = max(p.right for p in cells[0]), cells[1][0].left
        end, both, letters = at + 1, 1, len(lines[at].text)
        while end < len(lines):
            line = lines[end]
            if line.top - lines[end - 1].bottom > 0.9 * line.size:
                break
            middle = (left + right) / 2
            before = max((p.right for p in line.pieces if p.left + p.right < 2 * middle), default=left)
            after = min((p.left for p in line.pieces if p.left + p.right >= 2 * middle), default=right)
            if min(after, right) - max(before, left) < 0.9 * line.size:
                break
            if len(cells_of(line.pieces)) > 2:
                break
            both += (before != left and after != right) or len(cells_of(line.pieces)) == 2
            left, right, letters = max(before, left), min(after, right), letters + len(line.text)
            end += 1
        captions = [bool(CAPTION.match(" ".join(p.text for p in cell))) for cell in cells]
        if all(captions) or (both >= 3 and letters / (end - at) > 50 and both >= 0.6 * (end - at)):
            found.append((at, end, (left + right) / 2))
        at = end
    return found


def _islands(sheet: Sheet) -> tuple[list[Island], list[Piece]]:
    """The framed tables and the figures of a page, and the pieces that belong to neither."""
    free = sheet.pieces
    drawing = sheet.drawing
    islands: list[Island] = []
    if not drawing.rules and not drawing.pictures and not drawing.sketches:
        return islands, free
    for frame in find_frames(drawing.rules, free):
        grid = build_grid(sheet, frame.pieces, frame.rules)
        if grid is None:
            continue
        draft = Draft(Kind.TABLE, [Line(row) for row in rows_of(frame.pieces)], grid, framed=True)
        islands.append(Island(Box(frame.left, frame.top, frame.right, frame.bottom), draft))
        free = _without(free, frame.pieces)
    total = sum(len(p.text) for p in free)
    captions = _caption_pieces(free)
    for area, sure in [*((a, True) for a in drawing.pictures), *((a, False) for a in drawing.sketches)]:
        inside = [p for p in _inside(free, area) if id(p) not in captions]
        if not inside:
            continue
        scattered = median(len(p.text) for p in inside) < 16
        if not scattered and (not sure or sum(len(p.text) for p in inside) > 0.6 * total):
            continue
        if not sure and _has_labels_outside(inside, free):
            continue
        draft = Draft(Kind.FIGURE, [Line(row) for row in rows_of(inside)])
        islands.append(Island(draft.box, draft))
        free = _without(free, inside)
    return islands, free


def _has_labels_outside(inside: list[Piece], pieces: list[Piece]) -> bool:
    """Whether most of the pieces of an area go on with a line that begins left of it, as the figures of a shaded
    table do.
    """
    left = min(p.left for p in inside)
    outside = [p.middle for p in pieces if p.right < left]
    return sum(any(abs(p.middle - y) < 0.6 for y in outside) for p in inside) > 0.5 * len(inside)


def _caption_pieces(pieces: list[Piece]) -> set[int]:
    """The identities of the pieces that captions are made of: the one with the label and the lines right below it."""
    found: set[int] = set()
    heads = [p for p in pieces if CAPTION.match(p.text)]
    if not heads:
        return found
    ordered = sorted(pieces, key=lambda p: p.top)
    for head in heads:
        found.add(id(head))
        last = head
        for piece in ordered:
            if piece.top <= last.top + 1 or piece.left > head.right or piece.right < head.left:
                continue
            if piece.top - last.bottom > 0.5 * head.size or abs(piece.size - head.size) > 0.08 * head.size:
                break
            found.add(id(piece))
            last = piece
    return found


def _inside(pieces: list[Piece], area: Box) -> list[Piece]:
    """The pieces in a figure's area; its caption and what stands below that are none of it."""
    found = [
        p
        for p in pieces
        if area.left - 6 < (p.left + p.right) / 2 < area.right + 6 and area.top - 6 < p.middle < area.bottom + 6
    ]
    foot = min((p.top for p in found if CAPTION.match(p.text)), default=None)
    if foot is None:
        return found
    upper = [p for p in found if p.middle < foot]
    return upper if foot > (area.top + area.bottom) / 2 else []


def _without(pieces: list[Piece], taken: list[Piece]) -> list[Piece]:
    marks = {id(p) for p in taken}
    return [p for p in pieces if id(p) not in marks]
