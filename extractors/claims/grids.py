"""What a table says of a thing that it names: «GQA | No | Yes» under two models, «Attention | Grouped-query»."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.claim import Attribution, Cue
from extractors.claims.scene import Tools
from extractors.claims.subject import Subject
from extractors.text import Block, Cell, Table

_YES = re.compile(r"\W*(?:yes|true|enabled|on|used|是|有|支持|启用|[✓✔√☑●])\W*", re.I)
_NO = re.compile(r"\W*(?:no|false|disabled|off|none|n/?a|否|无|不支持|禁用|[✗✘×☒○-])?\W*", re.I)
_DEGREE_LABEL = re.compile(r"parallel|\bdegree\b|\b[TPEDCS]P\b|并行", re.I)
_DEGREE = re.compile(r"\W*(?P<degree>\d{1,4})\W*(?:-way|ways)?")
_TELLING = re.compile(
    r"attention|architectur|structure|variant|\btype\b|parallel|precision|dtype|data type|format|framework|optimi[sz]|"
    r"strateg|technique|method|kernel|shard|training|moe\b|expert|inference|quanti|interconnect|network|fabric|link|"
    r"架构|注意力|并行|结构|类型|方式|优化|精度|策略|互联|网络|量化|训练|推理",
    re.I,
)
_JOINED = re.compile(r"\s?[(（-]?")
_SIZE = re.compile(r"\W*(?P<size>\d+(?:\.\d+)?\s?[BM])\W*", re.I)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a table states of a named thing: of whom (None where the table names no model), and whether it has it."""

    subject: Subject | None
    has: bool
    how: str


def read_named(block: Block, offset: int, tools: Tools) -> Iterator[Stated]:
    """What the table around a naming at `offset` of its page states of the thing named; nothing for columns of scores.

    As a label it needs an answer in the cells it labels; as an entry it needs a label that asks for it.
    """
    table = block.table
    cell = next((c for c in table.cells if c.start <= offset < c.end), None) if table else None
    if table is None or cell is None:
        return
    if cell.row < table.header_rows:
        below = [c for c in table.cells if c.row >= table.header_rows and c.column == cell.column]
        yield from _answers(table, cell, below, tools)
    elif (model := _labelled(cell, offset - cell.start, tools)) is not None:
        yield Stated(model, True, "label")
    elif cell.column < max(1, table.header_columns):
        beside = [c for c in table.row(cell.row) if c.column > cell.column]
        yield from _answers(table, cell, beside, tools)
    else:
        labels = [*table.column_headers(cell), *(c for c in table.row(cell.row) if c.column < cell.column)]
        if len(cell.text) < 60 and any(_TELLING.search(c.text) and len(c.text) < 50 for c in labels):
            yield Stated(_model(table, cell, tools), True, "entry")


def _labelled(cell: Cell, at: int, tools: Tools) -> Subject | None:
    """The own model that a cell names just before the thing: «X-Large (FP8)», «X-7B-Int4»."""
    for model in tools.models.find(cell.text):
        if (
            tools.profile.is_own(model)
            and model.start <= at
            and _JOINED.fullmatch(cell.text[model.end : max(model.end, at)])
        ):
            return Subject(
                model.name, Attribution.OWN, "row", 0.8, Cue(text=cell.text, decides="subject", rule="table-row")
            )
    return None


def _answers(table: Table, label: Cell, cells: list[Cell], tools: Tools) -> Iterator[Stated]:
    if len(label.text) > 60:
        return
    for cell in cells:
        degree = _DEGREE.fullmatch(cell.text) if _DEGREE_LABEL.search(label.text) else None
        if degree is not None:
            yield Stated(_model(table, cell, tools), int(degree["degree"]) > 1, "degree")
        elif _YES.fullmatch(cell.text):
            yield Stated(_model(table, cell, tools), True, "answer")
        elif _NO.fullmatch(cell.text) and cell.text.strip():
            yield Stated(_model(table, cell, tools), False, "answer")


def _model(table: Table, cell: Cell, tools: Tools) -> Subject | None:
    """The model of a cell's column or row: by name, or by its size alone («35B»)."""
    heads = [
        *(table.at(r, cell.column) for r in range(min(table.header_rows, cell.row))),
        *(c for c in table.row(cell.row) if c.column != cell.column),
    ]
    for head in (h for h in heads if h is not None and h is not cell):
        if mentions := tools.models.find(head.text):
            own = tools.profile.is_own(mentions[0])
            cue = Cue(text=head.text, decides="subject", rule="table-row")
            name = mentions[0].name
            if own and not mentions[0].size:
                name = next((sized for h in heads if h is not None and (sized := _sized(h, tools))), name)
            return Subject(name, Attribution.OWN if own else Attribution.OTHER, "row", 0.9, cue)
    for head in (h for h in heads if h is not None and h is not cell):
        if sized := _sized(head, tools):
            cue = Cue(text=head.text, decides="subject", rule="table-size")
            return Subject(sized, Attribution.OWN, "row", 0.8, cue)
    return None


def _sized(cell: Cell, tools: Tools) -> str | None:
    """The own variant of a size that stands alone in a cell."""
    size = _SIZE.fullmatch(cell.text)
    return tools.profile.variant(size["size"]) if size else None
