"""What is drawn on a page besides letters: rules that frame tables, and areas whose letters belong to a figure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from extractors.text import Box

THIN = 2.5
_PATHS_OF_A_FIGURE = 12
_CELL = 18.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal rule from `left` to `right` at height `y`."""

    left: float
    right: float
    y: float


@dataclass(frozen=True, slots=True)
class Post:
    """A vertical rule at `x` from `top` to `bottom`."""

    x: float
    top: float
    bottom: float


@dataclass(slots=True)
class Drawing:
    """The rules of a page, the areas of its pictures, and the areas where many lines are drawn close together."""

    rules: list[Rule] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    sketches: list[Box] = field(default_factory=list)


def turn_boxes(box: NDArray[np.float32], turn: int, width: float, height: float) -> NDArray[np.float32]:
    """Boxes of a page whose text is turned by `turn` quarter turns clockwise, as they stand when the text is
    upright.
    """
    left, top, right, bottom = box.T
    match turn % 4:
        case 1:
            return np.stack([top, width - right, bottom, width - left], axis=1)
        case 2:
            return np.stack([width - right, height - bottom, width - left, height - top], axis=1)
        case 3:
            return np.stack([height - bottom, left, height - top, right], axis=1)
        case _:
            return box


def read_drawing(paths: NDArray[np.float32], pictures: NDArray[np.float32], width: float, height: float) -> Drawing:
    """Sort the boxes of paths and pictures of a page into rules, posts, pictures and sketches."""
    drawing = Drawing()
    if len(paths):
        wide, high = paths[:, 2] - paths[:, 0], paths[:, 3] - paths[:, 1]
        flat = (high < THIN) & (wide > 8)
        upright = (wide < THIN) & (high > 5)
        drawing.rules = _merge_rules(paths[flat])
        drawing.posts = [Post((a + c) / 2, b, d) for a, b, c, d in paths[upright].tolist()]
        # Long low areas are the shading of a table's rows, not strokes of a figure.
        shading = (wide > 0.3 * width) & (high < 40)
        body = ~flat & ~upright & ~shading & (wide * high < 0.4 * width * height)
        if body.sum() >= _PATHS_OF_A_FIGURE:
            drawing.sketches = _clusters(paths[body], width, height)
    for a, b, c, d in pictures.tolist():
        a, b, c, d = max(a, 0.0), max(b, 0.0), min(c, width), min(d, height)
        if c - a > 30 and d - b > 20 and (c - a) * (d - b) < 0.7 * width * height:
            drawing.pictures.append(Box(a, b, c, d))
    return drawing


def _merge_rules(boxes: NDArray[np.float32]) -> list[Rule]:
    """Rules on one height that touch each other are one rule: tables with borders are drawn cell by cell."""
    merged: list[Rule] = []
    found = sorted(((b + d) / 2, a, c) for a, b, c, d in boxes.tolist())
    level: list[tuple[float, float, float]] = []
    for item in [*found, (float("inf"), 0.0, 0.0)]:
        if level and item[0] - level[0][0] > 1.2:
            level.sort(key=lambda r: r[1])
            y, left, right = level[0]
            for _, a, c in level[1:]:
                if a <= right + 2.5:
                    right = max(right, c)
                else:
                    merged.append(Rule(left, right, y))
                    left, right = a, c
            merged.append(Rule(left, right, y))
            level = []
        level.append(item)
    return merged


def _clusters(boxes: NDArray[np.float32], width: float, height: float) -> list[Box]:
    across, down = int(width / _CELL) + 1, int(height / _CELL) + 1
    count = np.zeros((down, across), np.int64)
    cells = np.clip((boxes / _CELL).astype(np.int64), 0, [across - 1, down - 1, across - 1, down - 1])
    for a, b, c, d in cells.tolist():
        count[b : d + 1, a : c + 1] += 1
    seen = count == 0
    found = []
    for row, column in zip(*np.nonzero(count), strict=True):
        if seen[row, column]:
            continue
        seen[row, column] = True
        queue = deque([(int(row), int(column))])
        left = right = int(column)
        top = bottom = int(row)
        while queue:
            r, c = queue.popleft()
            left, right, top, bottom = min(left, c), max(right, c), min(top, r), max(bottom, r)
            for y in range(max(r - 1, 0), min(r + 2, down)):
                for x in range(max(c - 1, 0), min(c + 2, across)):
                    if not seen[y, x]:
                        seen[y, x] = True
                        queue.append((y, x))
        inside = (cells[:, 0] >= left) & (cells[:, 2] <= right) & (cells[:, 1] >= top) & (cells[:, 3] <= bottom)
        if inside.sum() >= _PATHS_OF_A_FIGURE:
            part = boxes[inside]
            area = Box(*part[:, :2].min(axis=0).tolist(), *part[:, 2:].max(axis=0).tolist())
            if (area.right - area.left) * (area.bottom - area.top) < 0.6 * width * height:
                found.append(area)
    return found
