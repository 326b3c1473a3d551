"""Charts as plain geometry: marks, words and lines on a canvas, which a template draws as SVG."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from evidence.figures import say_number
from evidence.standing import Group

Shape = Literal["bar", "dot"]
WIDTH = 860
_LEFT = 190
_RIGHT = 24
_ROW = 24
_DOT = 5.0
_MOST = 25
_NAMED = 24

GROUP_NAMES: dict[Group, str] = {
    "licence": "licence required",
    "notified": "notification",
    "free": "no requirement found",
    "open": "depends or not established",
    "none": "not a question of these rules",
}
LEVELS = {
    "hours": "chip-hours",
    "count": "number of chips",
    "named": "chip named",
    "unnamed": "chips unnamed",
    "nothing": "nothing disclosed",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar (x, y, width, height) or a dot (centre, radius in `width`); `style` is its class, `title` explains it."""

    shape: Shape
    x: float
    y: float
    width: float
    height: float
    style: str
    title: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word on the canvas, anchored at `start`, `middle` or `end`."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    style: str = ""


@dataclass(slots=True)
class Chart:
    """One chart. `summary` says in words what it shows; `legend` pairs a style with its meaning."""

    id: str
    title: str
    summary: str
    height: float = 0
    width: float = WIDTH
    marks: list[Mark] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)


def draw_timeline(points: Iterable[tuple[date, str, Group, str]]) -> Chart:
    """Models as dots on their day, a row for each chip, by control status: (day, chip, group, title)."""
    rows: dict[str, list[tuple[date, Group, str]]] = defaultdict(list)
    for day, chip, group, title in points:
        rows[chip].append((day, group, title))
    chart = Chart("timeline", "Models by chip, day and control status", "")
    days = [day for said in rows.values() for day, _, _ in said]
    if not days:
        chart.summary = "No link has both a day and a chip with a name."
        return chart
    first, last = date(min(days).year, 1, 1), date(max(days).year + 1, 1, 1)
    scale = (WIDTH - _LEFT - _RIGHT) / (last - first).days
    y = 30.0
    for chip in sorted(rows, key=lambda c: (min(rows[c])[0], c)):
        ends: list[float] = []
        for day, group, title in sorted(rows[chip]):
            x = _LEFT + (day - first).days * scale
            lane = next((i for i, end in enumerate(ends) if x - end > 2 * _DOT + 1), len(ends))
            ends[lane : lane + 1] = [x]
            chart.marks.append(Mark("dot", x, y + lane * 12, _DOT, 0, group, title))
        chart.words.append(Word(_LEFT - 12, y + 4, _short(chip), "end"))
        y += _ROW + 12 * (len(ends) - 1)
    for year in range(first.year, last.year + 1):
        x = _LEFT + (date(year, 1, 1) - first).days * scale
        chart.lines.append((x, 16, x, y - 8))
        if year < last.year:
            chart.words.append(Word(x + 4, 12, str(year), style="axis"))
    chart.height = y
    present = {mark.style for mark in chart.marks}
    chart.legend = [(group, name) for group, name in GROUP_NAMES.items() if group in present]
    chart.summary = f"{len(chart.marks)} links of models on {len(rows)} chips, {first.year} to {last.year - 1}."
    return chart


def draw_hours(figures: Iterable[tuple[str, str, float]]) -> Chart:
    """Chip-hours as bars on a logarithmic scale, the largest first: (model, chip, chip-hours)."""
    largest = sorted(figures, key=lambda row: (-row[2], row[0], row[1]))[:_MOST]
    chart = Chart("hours", "Chip-hours by model", "")
    if not largest:
        chart.summary = "No link has chip-hours."
        return chart
    low = math.floor(math.log10(min(hours for _, _, hours in largest)))
    high = math.ceil(math.log10(largest[0][2]) + 1e-9)
    scale = (WIDTH - _LEFT - _RIGHT - 80) / max(high - low, 1)
    chart.height = 30 + _ROW * len(largest)
    for power in range(low, high + 1):
        x = _LEFT + (power - low) * scale
        chart.lines.append((x, 16, x, chart.height - 4))
        chart.words.append(Word(x, 12, say_number(10.0**power), "middle", "axis"))
    for i, (model, chip, hours) in enumerate(largest):
        y = 26 + _ROW * i
        width = max((math.log10(hours) - low) * scale, 2)
        chart.marks.append(Mark("bar", _LEFT, y, width, 14, "amount", f"{model}: {say_number(hours)} on {chip}"))
        chart.words.append(Word(_LEFT - 12, y + 11, _short(model), "end"))
        chart.words.append(Word(_LEFT + width + 6, y + 11, f"{say_number(hours)} {chip}", style="axis"))
    chart.summary = f"The largest is {largest[0][0]} with {say_number(largest[0][2])}. The scale is logarithmic."
    return chart


def draw_amounts(chart_id: str, title: str, unit: str, points: Iterable[tuple[date, str, float, bool, str]]) -> Chart:
    """Amounts of models over time, on a logarithmic scale: (day, model, amount, whether it is stated, title).

    The names of the largest stand beside their dots as far as they do not cover each other.
    """
    chart = Chart(chart_id, title, "")
    known = sorted(points, key=lambda row: (-row[2], row[1]))
    if not known:
        chart.summary = "No model has both a day and such a figure."
        return chart
    days = [day for day, *_ in known]
    first, last = date(min(days).year, 1, 1), date(max(days).year + 1, 1, 1)
    low = math.floor(math.log10(min(row[2] for row in known)))
    high = math.ceil(math.log10(known[0][2]) + 1e-9)
    top, bottom, left = 24.0, 324.0, 70.0
    across = (WIDTH - left - _RIGHT) / (last - first).days
    up = (bottom - top) / max(high - low, 1)
    step = max(1, math.ceil((high - low) / 10))
    for power in range(low, high + 1, step):
        y = bottom - (power - low) * up
        chart.lines.append((left, y, WIDTH - _RIGHT, y))
        chart.words.append(Word(left - 8, y + 4, _say_power(power), "end", "axis"))
    for year in range(first.year, last.year + 1):
        x = left + (date(year, 1, 1) - first).days * across
        chart.lines.append((x, top, x, bottom))
        if year < last.year:
            chart.words.append(Word(x + 4, bottom + 16, str(year), style="axis"))
    placed = [(left + (row[0] - first).days * across, bottom - (math.log10(row[2]) - low) * up, row) for row in known]
    taken = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y, _ in placed]
    named = 0
    for x, y, (_, model, _, stated, words) in placed:
        chart.marks.append(Mark("dot", x, y, _DOT, 0, "amount" if stated else "worked", words))
        name = _short(model)
        width = 6.6 * len(name)
        for start in (x + 9, x - 9 - width):
            box = (start, y - 7, start + width, y + 7)
            free = left < start and start + width < WIDTH and not any(_cover(box, other) for other in taken)
            if free and named < _NAMED:
                chart.words.append(Word(start, y + 4, name, style="axis"))
                taken.append(box)
                named += 1
                break
    chart.height = bottom + 26
    styles = {mark.style for mark in chart.marks}
    chart.legend = [(s, n) for s, n in (("amount", "stated"), ("worked", "worked out: 6ND")) if s in styles]
    chart.summary = f"{len(known)} models; the largest is {known[0][1]}. The scale is logarithmic, in {unit}."
    return chart


def _cover(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _say_power(power: int) -> str:
    return say_number(10.0**power) if power < 15 else f"1e{power}"


def draw_grid(pairs: Mapping[tuple[str, str], int]) -> Chart:
    """Developers by chips: how many models of each are linked to each."""
    chart = Chart("grid", "Developers and chips", "")
    if not pairs:
        chart.summary = "No link has a developer and a chip with a name."
        return chart
    developers = _ranked((d, n) for (d, _), n in pairs.items())
    chips = _ranked((c, n) for (_, c), n in pairs.items())
    top, side = 110, 30
    chart.width = max(WIDTH, _LEFT + side * len(chips) + 90)
    chart.height = top + _ROW * len(developers) + 8
    for i, chip in enumerate(chips):
        chart.words.append(Word(_LEFT + side * i + side / 2, top - 8, _short(chip, 20), "start", "slanted"))
    for j, developer in enumerate(developers):
        y = top + _ROW * j
        chart.words.append(Word(_LEFT - 12, y + 15, _short(developer), "end"))
        chart.lines.append((_LEFT, y + _ROW - 1, _LEFT + side * len(chips), y + _ROW - 1))
        for i, chip in enumerate(chips):
            if number := pairs.get((developer, chip)):
                x = _LEFT + side * i
                style = f"shade{min(4, math.ceil(math.log2(number + 1)))}"
                title = f"{developer}, {chip}: {number} model{'s' * (number > 1)}"
                chart.marks.append(Mark("bar", x + 1, y + 1, side - 3, _ROW - 4, style, title))
                chart.words.append(Word(x + side / 2 - 0.5, y + 15, str(number), "middle", f"on-{style}"))
    chart.summary = f"{len(developers)} developers and {len(chips)} chips; a number is that of models."
    return chart


def draw_disclosure(levels: Mapping[str, Counter[str]]) -> Chart:
    """By developer, how much its documents disclose of chips: documents by level."""
    chart = Chart("disclosure", "What developers' documents disclose", "")
    if not levels:
        chart.summary = "No document could be laid to a developer."
        return chart
    ordered = sorted(levels, key=lambda d: (-levels[d].total(), d))[:_MOST]
    scale = (WIDTH - _LEFT - _RIGHT - 30) / max(levels[d].total() for d in ordered)
    chart.height = 12 + _ROW * len(ordered)
    for i, developer in enumerate(ordered):
        x, y = float(_LEFT), 8 + _ROW * i
        chart.words.append(Word(_LEFT - 12, y + 12, _short(developer), "end"))
        for level, name in LEVELS.items():
            if number := levels[developer][level]:
                title = f"{developer}: {number} document{'s' * (number > 1)}, {name}"
                chart.marks.append(Mark("bar", x, y, number * scale - 1, 16, f"level-{level}", title))
                chart.words.append(Word(x + number * scale / 2, y + 12, str(number), "middle", f"on-level-{level}"))
                x += number * scale
    total: Counter[str] = sum((levels[d] for d in ordered), Counter())
    said = ", ".join(f"{total[level]} {name}" for level, name in LEVELS.items())
    chart.summary = f"Documents by the most that they say of their own chips: {said}."
    chart.legend = [(f"level-{level}", name) for level, name in LEVELS.items() if total[level]]
    return chart


def draw_utilisation(ranges: Sequence[tuple[str, float, float, str]]) -> Chart:
    """Implied utilisation by model: (model, lowest, highest, outcome)."""
    chart = Chart("utilisation", "Implied utilisation", "")
    if not ranges:
        chart.summary = "No model has the figures that it takes."
        return chart
    ordered = sorted(ranges, key=lambda row: (-row[2], row[0]))[:_MOST]
    scale = (WIDTH - _LEFT - _RIGHT - 80) / 1.1
    chart.height = 30 + _ROW * len(ordered)
    for percent in (0, 20, 40, 60, 80, 100):
        x = _LEFT + percent / 100 * scale
        chart.lines.append((x, 16, x, chart.height - 4))
        chart.words.append(Word(x, 12, f"{percent} %", "middle", "axis"))
    for i, (model, low, high, outcome) in enumerate(ordered):
        y = 26 + _ROW * i
        start, end = (_LEFT + min(value, 1.1) * scale for value in (low, high))
        words = f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"
        width = max(end - start, 4)
        chart.marks.append(Mark("bar", start, y, width, 14, outcome, f"{model}: {words}, {outcome}"))
        chart.words.append(Word(_LEFT - 12, y + 11, _short(model), "end"))
        chart.words.append(Word(start + width + 6, y + 11, words, style="axis"))
    chart.legend = [(o, o) for o in ("consistent", "inconsistent") if any(row[3] == o for row in ordered)]
    chart.summary = (
        "FLOP ÷ (chip-hours × peak). Over 100 % is impossible: a figure was misread or means something else."
    )
    return chart


def _ranked(items: Iterable[tuple[str, int]]) -> list[str]:
    total: Counter[str] = Counter()
    for name, number in items:
        total[name] += number
    return sorted(total, key=lambda name: (-total[name], name))[:_MOST]


def _short(text: str, letters: int = 26) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
