"""The grid of a table: its columns by the gaps that all rows share, its rows by lines and rules, its headers by
figures.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.reading.gridlines import CELL_GAP, cells_of, find_columns, split_at, words_of
from extractors.reading.lines import Piece, Sheet, rows_of
from extractors.reading.regions import Rule
from extractors.reading.table_headers import Slot, header_columns_of, header_lines_of, is_number, span_headings


@dataclass(slots=True)
class Grid:
    """The slots of a table with how many of its rows and columns are headers."""

    slots: list[Slot]
    header_rows: int
    header_columns: int


def build_grid(sheet: Sheet, pieces: list[Piece], rules: Sequence[Rule] = ()) -> Grid | None:
    """The grid that the pieces of a table stand in, or None where they share no columns."""
    rows, labels = _without_labels(_with_middles(rows_of(pieces)))
    bounds = _row_bounds(rows)
    widest = max(p.right for p in pieces) - min(p.left for p in pieces)
    full = sorted(r.y for r in rules if r.right - r.left > 0.8 * widest)
    header_lines = header_lines_of(rows, bounds, full)
    # Headings reach over several columns; the figures below tell better where the columns are.
    body = rows[header_lines:] + labels
    words = words_of(sheet, pieces)
    columns = find_columns(words, body if len(rows) - header_lines > 1 else rows)
    if len(columns) < 2:
        columns = find_columns(words, rows)
    if len(columns) < 2:
        return None
    lone = [len(columns) > 2 and len(cells_of(row)) == 1 for row in rows]
    rows = [
        row if alone else [part for piece in row for part in split_at(sheet, words, piece, columns)]
        for row, alone in zip(rows, lone, strict=True)
    ]
    table = _place(rows, columns)
    for slots, alone in zip(table[header_lines:], lone[header_lines:], strict=True):
        # A title amid the rows («Pre-training hyperparameters») belongs to all columns.
        if alone and slots and (slots[0].column or slots[0].column_span > 1):
            slots[0].column, slots[0].column_span = 0, len(columns)
    span_headings(table[:header_lines], bounds, rules, columns)
    table, header_rows, origin = _fold_rows(table, bounds, header_lines, rules, len(columns))
    slots = [s for row in table for s in row]
    _span_rows(slots, len(table), header_rows, origin, rules, bounds)
    slots.extend(_label_slots(labels, slots, len(table), header_rows, origin, rules, bounds, columns))
    return Grid(slots, header_rows, header_columns_of(slots, header_rows, len(columns)))


def _with_middles(rows: list[list[Piece]]) -> list[list[Piece]]:
    """The rows, those made whole whose first cell has two lines with the other cells at half height beside it."""
    whole: list[list[Piece]] = []
    for row in rows:
        if len(whole) > 1 and len(row) == 1 and len(whole[-2]) == 1:
            upper, middle = whole[-2][0], whole[-1]
            beside = all(p.left > max(upper.right, row[0].right) for p in middle)
            high, low = min(p.top for p in middle) + 1.5, max(p.bottom for p in middle) - 1.5
            if beside and upper.bottom > high and row[0].top < low:
                whole[-2:] = [[upper, row[0], *middle]]
                continue
        whole.append(row)
    return whole


def _without_labels(rows: list[list[Piece]]) -> tuple[list[list[Piece]], list[list[Piece]]]:
    """The rows of a table, and apart from them the labels that stand at half height beside two or more rows."""
    kept: list[list[Piece]] = []
    labels: list[list[Piece]] = []
    for k, row in enumerate(rows):
        if 0 < k < len(rows) - 1 and len(cells_of(row)) == 1:
            upper, lower = rows[k - 1], rows[k + 1]
            if row[0].top < max(p.bottom for p in upper) - 1.5 and row[0].bottom > min(p.top for p in lower) + 1.5:
                labels.append(row)
                continue
        kept.append(row)
    return (kept, labels) if len(kept) > 1 else (rows, [])


def _label_slots(
    labels: list[list[Piece]],
    slots: list[Slot],
    rows: int,
    header_rows: int,
    origin: list[int],
    rules: Sequence[Rule],
    bounds: list[tuple[float, float]],
    columns: list[tuple[float, float]],
) -> list[Slot]:
    """Cells for the labels at half height: each reaches over the rows between the rules around it, else over its two
    neighbours.
    """
    found = []
    for label in labels:
        middle = label[0].middle
        above = max((r.y for r in rules if r.y < middle), default=-1e9)
        below = min((r.y for r in rules if r.y > middle), default=1e9)
        lines = [k for k, (a, b) in enumerate(bounds) if above < (a + b) / 2 < below] if rules else []
        near = sorted(range(len(bounds)), key=lambda k: abs(sum(bounds[k]) / 2 - middle))[:2]
        place = min(range(len(columns)), key=lambda k: abs(sum(columns[k]) / 2 - (label[0].left + label[-1].right) / 2))
        taken = {
            r for s in slots if s.column <= place < s.column + s.column_span for r in range(s.row, s.row + s.row_span)
        }
        reach = sorted({origin[k] for k in lines} - taken) or sorted({origin[k] for k in near} - taken)
        if reach and reach[-1] - reach[0] + 1 == len(reach) and rows:
            found.append(Slot(reach[0], place, len(reach), 1, [label]))
        elif mate := next((s for s in slots if s.row == origin[near[0]] and s.column == place), None):
            mate.pieces.append(label)
    return found


def _row_bounds(rows: list[list[Piece]]) -> list[tuple[float, float]]:
    return [(min(p.top for p in row), max(p.bottom for p in row)) for row in rows]


def _place(rows: list[list[Piece]], columns: list[tuple[float, float]]) -> list[list[Slot]]:
    table: list[list[Slot]] = []
    begins = [a for a, _ in columns]
    for r, row in enumerate(rows):
        slots: list[Slot] = []
        for piece in row:
            hit = []
            for k in range(max(bisect_right(begins, piece.left) - 1, 0), bisect_left(begins, piece.right)):
                a, b = columns[k]
                if min(piece.right, b) - max(piece.left, a) > 0.25 * min(piece.right - piece.left, b - a):
                    hit.append(k)
            if not hit:
                middle = (piece.left + piece.right) / 2
                hit = [min(range(len(columns)), key=lambda k: abs(sum(columns[k]) / 2 - middle))]
            last = slots[-1] if slots else None
            near = last and piece.left - last.pieces[0][-1].right < CELL_GAP * piece.size
            if last and (hit[0] < last.column + last.column_span or (near and hit[0] == last.column)):
                last.pieces[0].append(piece)
                last.column_span = max(last.column_span, hit[-1] - last.column + 1)
            else:
                slots.append(Slot(r, hit[0], 1, hit[-1] - hit[0] + 1, [[piece]]))
        table.append(slots)
    return table


def _fold_rows(
    table: list[list[Slot]],
    bounds: list[tuple[float, float]],
    header_lines: int,
    rules: Sequence[Rule],
    columns: int,
) -> tuple[list[list[Slot]], int, list[int]]:
    """Printed lines gathered into rows: wrapped headings and wrapped words of cells belong to the row above them.

    Returns the rows, how many of them are headers, and for each printed line its row.
    """
    folded: list[list[Slot]] = []
    origin: list[int] = []
    header_rows = 0
    gaps = [bounds[k + 1][0] - bounds[k][1] for k in range(len(bounds) - 1)]
    for r, slots in enumerate(table):
        joins = False
        if folded and r:
            upper = folded[-1]
            ruled = any(bounds[r - 1][1] - 3 < rule.y < bounds[r][0] + 3 for rule in rules)
            if r < header_lines:
                spanning = any(s.column_span > 1 for s in upper) or any(s.column_span > 1 for s in slots)
                joins = not ruled and not spanning
            elif r > header_lines and not ruled:
                joins = _continues(upper, slots, gaps, r)
        if joins:
            for slot in slots:
                mate = next((s for s in folded[-1] if s.column <= slot.column < s.column + s.column_span), None)
                if mate:
                    mate.pieces.extend(slot.pieces)
                else:
                    slot.row = len(folded) - 1
                    folded[-1].append(slot)
            folded[-1].sort(key=lambda s: s.column)
        else:
            for slot in slots:
                slot.row = len(folded)
            folded.append(slots)
        origin.append(len(folded) - 1)
        if r < header_lines:
            header_rows = len(folded)
    return folded, header_rows, origin


def _continues(upper: list[Slot], slots: list[Slot], gaps: list[float], r: int) -> bool:
    """Whether a printed line goes on with the words of the row above it: no first cell, no figures, tight spacing."""
    if not slots or slots[0].column == 0 or any(is_number(s.text) for s in slots):
        return False
    if gaps[r - 1] > min(gaps) + 2.5:
        return False
    above = {s.column: s.text for s in upper}
    return all(s.column in above and not is_number(above[s.column]) for s in slots) and len(slots) < len(upper)


def _span_rows(
    slots: list[Slot],
    rows: int,
    header_rows: int,
    origin: list[int],
    rules: Sequence[Rule],
    bounds: list[tuple[float, float]],
) -> None:
    """Let a label of the first column reach over the rows that it stands beside and that have none of their own.

    Between two rules one label amid several rows names all of them; without rules a label names the rows below it.
    """
    first = {s.row: s for s in slots if s.column == 0 and s.column_span == 1}
    lone = [s for s in first.values() if s.row >= header_rows and sum(t.row == s.row for t in slots) == 1]
    taken = {r for s in slots if s.column == 0 for r in range(s.row, s.row + s.row_span)}
    empty = [r for r in range(header_rows, rows) if r not in taken]
    if not empty:
        return
    groups: list[list[int]] = [[header_rows]] if header_rows < rows else []
    edges = {r: k for k, r in reversed(list(enumerate(origin)))}
    for row in range(header_rows + 1, rows):
        k = edges[row]
        if any(bounds[k - 1][1] - 3 < rule.y < bounds[k][0] + 3 for rule in rules):
            groups.append([])
        groups[-1].append(row)
    for group in groups:
        labels = [first[r] for r in group if r in first]
        if len(group) > 1 and len(labels) == 1 and len([r for r in group if r in taken]) == 1:
            labels[0].row, labels[0].row_span = group[0], len(group)
        elif labels and len(empty) >= 0.25 * (rows - header_rows) and not lone:
            for label in labels:
                while label.row + label.row_span in group and label.row + label.row_span not in taken:
                    label.row_span += 1
