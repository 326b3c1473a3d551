"""Table cells that say themselves what they are, under headers that do not: «8192 张昇腾 NPU», «MFU 50%；13.2T tokens».

Their model is the one that the row names; a figure in a row that names none is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.claim import ClaimType, Cue, Modality, Stage
from extractors.claims.context import find_cues
from extractors.claims.draft import Draft, Span
from extractors.claims.rows import Scene, find_row_subject, read_path
from extractors.mentions.quantities import Quantity
from extractors.text import Cell

_TELLING = re.compile(r"(?i)GPU|TPU|NPU|tokens?|MFU|[张块颗枚]|激活|activ|(?<![A-Za-z])[ABHLV]\d{2,3}|\d\s?卡|小时")
_UTILISED = re.compile(r"(?i)\b[MH]FU\b|利用率")
_NEEDED = re.compile(r"(?i)\b(?:requir\w+|minimum|recommend\w*|at least|examples?)\b|需求|要求|推荐|示例")
_RUNNING = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING, Stage.INFERENCE, Stage.EVALUATION}


def read_words(scene: Scene, cell: Cell, span: Span) -> Iterator[Draft]:
    """What a cell states by its own words; `span` is its row. A count needs a chip's name, a rate needs «MFU»."""
    if len(cell.text) > 120 or not _TELLING.search(cell.text):
        return
    subject = None
    for quantity in scene.tools.quantities.find(cell.text, scene.tools.chips.find(cell.text)):
        kind = _kind(cell, quantity)
        if kind is None:
            continue
        subject = subject or find_row_subject(scene, cell, True, str(kind))
        if subject is None or subject.how != "row":
            return
        stage, modality = _circumstances(scene, cell)
        if kind in (ClaimType.CHIP_HOURS, ClaimType.TRAINING_TOKENS) and stage is Stage.INFERENCE:
            continue
        cues = (
            Cue(text=quantity.printed, decides="type", rule="table-words"),
            *((subject.cue,) if subject.cue else ()),
        )
        draft = Draft(
            kind, "table-words", span, scene.place, subject, stage, modality, chip=quantity.chip, cues=cues,
            section=scene.block.section,
        ).because("table", 0.6)  # fmt: skip
        yield replace(draft.measured(quantity), chip=quantity.chip)


def _kind(cell: Cell, quantity: Quantity) -> ClaimType | None:
    named = quantity.chip is not None and not quantity.chip.generic
    if quantity.kind == "chip_count" and named and not quantity.each:
        return ClaimType.CHIP_COUNT
    if quantity.kind == "chip_hours" or (quantity.kind == "active_parameters" and quantity.value >= 1e6):
        return ClaimType(quantity.kind)
    if quantity.kind == "tokens" and quantity.value >= 1e9:
        return ClaimType.TRAINING_TOKENS
    near = cell.text[max(0, quantity.start - 14) : quantity.end + 6]
    return ClaimType.UTILIZATION if quantity.kind == "percent" and _UTILISED.search(near) else None


def _circumstances(scene: Scene, cell: Cell) -> tuple[Stage, Modality]:
    """The stage and modality that the row's other cells, the header and the caption tell; training where none does."""
    row = [c.text for c in scene.table.row(cell.row) if len(c.text) < 60]
    head = read_path(scene.table, cell.column)
    stage = scene.stage if scene.stage in _RUNNING else Stage.TRAINING
    for text in (*row, head):
        hits = [h for h in find_cues(text) if h.rule.axis == "stage" and h.rule.value != "evaluation"]
        if hits:
            stage = Stage(max(hits, key=lambda h: h.rule.weight).rule.value)
            break
    return stage, Modality.REQUIREMENT if tells_need(scene, cell) else Modality.ASSERTED


def tells_need(scene: Scene, cell: Cell) -> bool:
    """Whether a table tells what it takes and not what was done: «Hardware requirements», «示例硬件»."""
    heads = (read_path(scene.table, cell.column), scene.table.caption, *scene.block.section[-1:])
    return _NEEDED.search(" ".join(heads)) is not None
