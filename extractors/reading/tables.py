"""Tables: grids found between rules, or without rules where the words of several rows stand in the same columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from extractors.reading.lines import Line, Piece, rows_of
from extractors.reading.regions import Post, Rule

_LABEL = (
    r"(?:(Table|Tab\.|TABLE|表)|(?:Figure|Fig\.|FIGURE|FIG\.|Algorithm|Listing|图|圖|図))"
    r"\s*(?:\d+[\d.]*\d|\d+|[A-Z]\.?\d+[\d.]*|[IVX]+)[a-z]?"
)
# «Table 3: …», «Figure 2. …», «表 1 …»; «Table 5 shows …» is prose and so is a line that ends after «Figure 11.».
CAPTION = re.compile(rf"^{_LABEL}\s*(?:[:|：。—–]\s*\S|\.\s+[^\W\d_]|\s+[A-Z\u4e00-\u9fff]|\s*$)")
CELL_GAP = 0.75
_NUMBER = re.compile(
    r"^[~≈<>≥≤±+\-–—$€¥∼]*\s*\d[\d,.]*\s*(?:[%×xXKMBTGkg]|[A-Za-z]{0,3})?\s*(?:[±(/\-–×^].*)?$|^[-–—✓✗×✔✘]+$|^N/?A$"
)


@dataclass(slots=True)
class Slot:
    """A cell before its text is placed: grid place, spans and the lines of pieces in it."""

    row: int
    column: int
    row_span: int
    column_span: int
    pieces: list[list[Piece]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words of the cell, its lines joined by spaces."""
        return " ".join(p.text for line in self.pieces for p in line)


@dataclass(slots=True)
class Grid:
    """The slots of a table with how many of its rows and columns are headers."""

    slots: list[Slot]
    header_rows: int
    header_columns: int


@dataclass(slots=True)
class Frame:
    """The area between the first and the last rule of a table, and the rules in it."""

    left: float
    top: float
    right: float
    bottom: float
    rules: list[Rule]
    pieces: list[Piece]


def cells_of(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of a row gathered into cells: a gap wider than a word space parts two cells."""
    cells: list[list[Piece]] = []
    for piece in pieces:
        if cells and piece.left - cells[-1][-1].right < CELL_GAP * min(piece.size, cells[-1][-1].size):
            cells[-1].append(piece)
        else:
            cells.append([piece])
    return cells


def find_frames(rules: list[Rule], pieces: list[Piece]) -> list[Frame]:
    """The tables of a page that stand between rules of one width, as journals print them.

    A chain of rules ends where a caption, prose or nothing at all stands between two of them: that is the space between two
    tables, or a running head.
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
        used.add(k)
        top, bottom = chain[0].y, chain[-1].y
        inner = [
            r for r in rules if top + 1 < r.y < bottom - 1 and r.left > first.left - 8 and r.right < first.right + 8
        ]
        frames.append(Frame(first.left, top, first.right, bottom, inner, inside))
    return frames


def _tabular(pieces: list[Piece], rule: Rule) -> tuple[int, int] | None:
    """How many of the rows between two rules have several cells, and how many rows there are; None for prose."""
    if any(p.left < rule.left - 10 or p.right > rule.right + 10 or CAPTION.match(p.text) for p in pieces):
        return None
    rows = [cells_of(row) for row in rows_of(pieces)]
    many = sum(len(row) > 1 for row in rows)
    if many < 0.4 * len(rows) and len(rows) > 2:
        return None
    words = sum(piece.text.count(" ") + 1 for piece in pieces) / sum(map(len, rows))
    return None if len(rows) > 8 and words > 4.5 else (many, len(rows))


def build_grid(pieces: list[Piece], rules: list[Rule] = [], posts: list[Post] = []) -> Grid | None:  # noqa: B006
    """The grid that the pieces of a table stand in, or None where they share no columns."""
    rows, labels = _without_labels(rows_of(pieces))
    columns = _columns(rows)
    if len(columns) < 2:
        return None
    bounds = _row_bounds(rows)
    widest = columns[-1][1] - columns[0][0]
    full = sorted(r.y for r in rules if r.right - r.left > 0.8 * widest)
    header_lines = _header_lines(rows, bounds, full, columns)
    table = _place(rows, columns)
    table, header_rows, origin = _fold_rows(table, bounds, header_lines, rules, len(columns))
    slots = [s for row in table for s in row]
    _span_rows(slots, len(table), header_rows, origin, rules, bounds)
    slots.extend(_label_slots(labels, slots, len(table), header_rows, origin, rules, bounds, columns))
    return Grid(slots, header_rows, _header_columns(slots, header_rows, len(columns)))


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
    rules: list[Rule],
    bounds: list[tuple[float, float]],
    columns: list[tuple[float, float]],
) -> list[Slot]:
    """Cells for the labels at half height: each reaches over the rows between the rules around it, else over its two neighbours."""
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


def _columns(rows: list[list[Piece]]) -> list[tuple[float, float]]:
    counts = [len(cells_of(row)) for row in rows]
    most = max(counts)
    fitting = [row for row, n in zip(rows, counts, strict=True) if n >= max(2, 0.5 * most)]
    if not fitting:
        return []
    right = max(p.right for row in fitting for p in row)
    cover = np.zeros(max(int(right * 2), 0) + 4)
    for row in fitting:
        for p in row:
            cover[max(int(p.left * 2), 0) : int(p.right * 2) + 1] += 1
    limit = 0.1 * len(fitting) if len(fitting) > 9 else 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], cover > limit, [False]]).astype(np.int8)))
    size = fitting[0][0].size
    spans: list[tuple[float, float]] = []
    for a, b in zip((edges[::2] / 2).tolist(), (edges[1::2] / 2).tolist(), strict=True):
        if spans and a - spans[-1][1] < 0.25 * size:
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
    return spans


def _row_bounds(rows: list[list[Piece]]) -> list[tuple[float, float]]:
    return [(min(p.top for p in row), max(p.bottom for p in row)) for row in rows]


def _place(rows: list[list[Piece]], columns: list[tuple[float, float]]) -> list[list[Slot]]:
    table: list[list[Slot]] = []
    for r, row in enumerate(rows):
        slots: list[Slot] = []
        for piece in row:
            hit = [
                k
                for k, (a, b) in enumerate(columns)
                if min(piece.right, b) - max(piece.left, a) > 0.25 * min(piece.right - piece.left, b - a)
            ]
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


def _header_lines(
    rows: list[list[Piece]], bounds: list[tuple[float, float]], full: list[float], columns: list[tuple[float, float]]
) -> int:
    """How many printed lines stand above the first rule that crosses the table, else above the first row of figures."""
    for y in full:
        above = sum((a + b) / 2 < y for a, b in bounds)
        if 0 < above < len(rows):
            return above if above <= 6 else 1
    for r, row in enumerate(rows[:6]):
        texts = [" ".join(p.text for p in cell) for cell in cells_of(row)]
        body = [t for t in texts[1:]] or texts
        if sum(map(is_number, body)) >= max(1, 0.5 * len(body)):
            return r
    return 1 if len(rows) > 1 else 0


def _fold_rows(
    table: list[list[Slot]],
    bounds: list[tuple[float, float]],
    header_lines: int,
    rules: list[Rule],
    columns: int,
) -> tuple[list[list[Slot]], int, list[int]]:
    """Printed lines gathered into rows: wrapped headings, and wrapped words of cells, belong to the row that they continue.

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
    """Whether a printed line only goes on with the words of the row above it: no first cell, no figures, tight spacing."""
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
    rules: list[Rule],
    bounds: list[tuple[float, float]],
) -> None:
    """Let a label of the first column reach over the rows that it stands beside and that have none of their own.

    Between two rules one label in the middle of several rows names all of them; without rules a label names the rows below it.
    """
    first = {s.row: s for s in slots if s.column == 0 and s.column_span == 1}
    lone = [s for s in first.values() if s.row >= header_rows and sum(t.row == s.row for t in slots) == 1]
    empty = [r for r in range(header_rows, rows) if r not in first]
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
        if len(group) > 1 and len(labels) == 1:
            labels[0].row, labels[0].row_span = group[0], len(group)
        elif labels and len(empty) >= 0.25 * (rows - header_rows) and not lone:
            for label in labels:
                while label.row + label.row_span in group and label.row + label.row_span not in first:
                    label.row_span += 1


def is_number(text: str) -> bool:
    """Whether a cell holds a figure and no words: «2.788M», «-», «34.5%»."""
    return bool(_NUMBER.match(text.strip()))


def _header_columns(slots: list[Slot], header_rows: int, columns: int) -> int:
    found = 0
    for column in range(columns - 1):
        body = [s.text for s in slots if s.column == column and s.row >= header_rows and s.column_span == 1]
        if not body or sum(map(is_number, body)) > 0.5 * len(body):
            break
        found += 1
    return max(1, min(found, columns - 1))


_EQUATION = re.compile(r"^\(\d+[a-z]?(?:\.\d+)?\)$")
_LEADERS = re.compile(r"(?:\.\s?){4,}")
_MATHS = re.compile(r"[=∑∏∫√∈≤≥←∇∂]")


def unruled_grid(lines: list[Line], at: int, captioned: bool) -> tuple[int, Grid] | None:
    """The table without rules that begins at a line: where it ends and its grid; None where none begins there.

    Without a caption (`captioned`) it takes figures or a clean alignment to tell a table from a formula or a drawing.
    """
    end = _unruled_end(lines, at)
    if not end:
        return None
    grid = build_grid([p for x in lines[at:end] for p in x.pieces])
    if grid is None:
        return None
    texts = [x.text for x in lines[at:end]]
    if sum(bool(_LEADERS.search(t)) for t in texts) > 0.3 * len(texts):
        return None
    rows = max(s.row for s in grid.slots) + 1
    columns = max(s.column + s.column_span for s in grid.slots)
    last = [s for s in grid.slots if s.column + s.column_span == columns]
    if sum(bool(_EQUATION.match(s.text)) for s in last) >= 0.5 * len(last):
        return None
    first = [s.text for s in grid.slots if s.column == 0]
    if (
        columns == 2
        and len(first) > 2
        and all(t.isdigit() for t in first)
        and int(first[-1]) - int(first[0]) == len(first) - 1
    ):
        return None
    filled = sum(s.column_span for s in grid.slots) / (rows * columns)
    words = sum(s.text.count(" ") + 1 for s in grid.slots) / len(grid.slots)
    if filled < 0.45 or (words > 6 and not captioned):
        return None
    if captioned:
        return end, grid
    figures = sum(is_number(s.text) for s in grid.slots) / len(grid.slots)
    maths = sum(bool(_MATHS.search(t)) for t in texts) / len(texts)
    if maths > 0.3 or figures < 0.2 and not _aligned(grid):
        return None
    return end, grid


def _aligned(grid: Grid) -> bool:
    """Whether the cells of the first two columns begin or centre on one line each."""
    for column in (0, 1):
        cells = [s.pieces[0] for s in grid.slots if s.column == column]
        for edge in (lambda c: c[0].left, lambda c: (c[0].left + c[-1].right) / 2):
            places = sorted(edge(c) for c in cells)
            middle = places[len(places) // 2]
            if sum(abs(x - middle) < 3 for x in places) >= 0.75 * len(places):
                break
        else:
            return False
    return True


def _unruled_end(lines: list[Line], at: int) -> int:
    """Where a table without rules that begins at a line ends, or 0 where none begins there."""
    if len(cells_of(lines[at].pieces)) < 2 or CAPTION.match(lines[at].text):
        return 0
    end, last = at + 1, at + 1
    many = 1
    width = lines[at].right - lines[at].left
    while end < len(lines):
        line, before = lines[end], lines[end - 1]
        if line.top - before.bottom > 1.6 * max(line.size, before.size) or CAPTION.match(line.text):
            break
        if len(cells_of(line.pieces)) > 1:
            many += 1
            last = end + 1
            width = max(width, line.right - line.left)
        elif end - last >= 1 or line.right - line.left > 0.75 * width:
            break
        end += 1
    widest = max(len(cells_of(x.pieces)) for x in lines[at:last])
    return last if many >= 3 or (many == 2 and widest >= 3) else 0
