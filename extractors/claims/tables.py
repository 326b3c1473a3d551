"""Claims of tables: a cell means its row header and its column header. «GPU hours» tables are the best evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.claim import UNITS, ClaimType, Cue, Modality, Stage
from extractors.claims.cells import read_words, tells_need
from extractors.claims.context import find_cues
from extractors.claims.draft import Draft, Span
from extractors.claims.headers import Header, read_header
from extractors.claims.judgement import find_ablation
from extractors.claims.profile import size_value
from extractors.claims.rows import Scene, find_row_subject, read_path
from extractors.claims.scene import Tools
from extractors.claims.triggers import trigger
from extractors.claims.unfolding import unfold
from extractors.claims.values import TYPES, Value, read_values
from extractors.mentions.chips import ChipMention
from extractors.text import Block, Cell, Page, Table

_DATASETS = re.compile(
    r"(?i)\b(?:data\s?sets?|sources?|corpus|corpora|languages?|domains?|subsets?|data\b|component)|数据集|语料|来源|语言"
)
_SCALED = re.compile(r"\d+(?:\.\d+)?\s?([BM])", re.I)
_TRAIN = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING}


def read_table(page: Page, block: Block, place: int, tools: Tools, nearby: str = "") -> Iterator[Draft]:
    """Every claim of a table block. `nearby` is the sentence that leads to the table, for a chip that only it names."""
    table = block.table
    if table is None or not table.cells:
        return
    rows, columns = table.shape
    if rows * columns > 2500:
        return
    table = unfold(table, tools)
    rows, columns = table.shape
    heads = {c: read_header(read_path(table, c), tools) for c in range(columns)}
    if rate := re.search(r"tok(?:en)?s?\s?/\s?s(?:ec)?\b|tokens per second", f"{table.caption} {nearby}", re.I):
        heads |= {
            c: read_header(f"throughput ({rate[0]})", tools)
            for c, h in heads.items()
            if re.match(r"(?i)batch\s?(?:size)?\s?=", h.text)
        }
    if scale := re.search(r"(?i)\bin (thousand|million)s of\b", table.caption):
        by = 1e3 if scale[1].lower() == "thousand" else 1e6
        heads = {
            c: replace(h, factor=(h.factor or 1.0) * by)
            if h.role in ("chip_hours", "parameters", "training_tokens")
            else h
            for c, h in heads.items()
        }
    labels = {r: read_header(_name(table, r), tools) for r in range(rows)}
    run_on = {c for c, h in heads.items() if _tells_chip(h)}
    chips = [c for c in (*tools.chips.find(table.caption), *tools.chips.find(nearby)) if not c.generic]
    stage, cues = _stage(table, block)
    if stage is Stage.EVALUATION and any(h.role == "throughput" for h in heads.values()):
        # «Evaluation: … the speed of inference (tokens/s)» over a table of rates tells of serving.
        stage = Stage.INFERENCE if trigger("speed_test", nearby[-160:]) else stage
    names = [m for c in table.cells if c.column <= 1 or c.row < table.header_rows for m in tools.models.find(c.text)]
    others = any(not tools.profile.is_own(m) for m in names)
    datasets = _DATASETS.search(read_path(table, 0)) is not None
    scene = Scene(page, block, place, table, tools, chips[0] if chips else None, stage, cues, others, datasets)
    for cell in table.cells:
        if cell.row < table.header_rows or not cell.text.strip():
            continue
        head, name = heads[cell.column], labels[cell.row]
        if cell.column in run_on:
            yield from _read_run(scene, cell, head)
        elif head.role in TYPES or head.role == "chip":
            yield from _read_cell(scene, cell, head, by_column=True)
            if head.role == "parameters":
                yield from read_words(scene, cell, _span(scene, cell))
        elif cell.column > 0 and (name.role in TYPES or name.role == "chip"):
            yield from _read_cell(scene, cell, name, by_column=False)
        elif cell.column > 0 and not (head.role or name.role):
            yield from read_words(scene, cell, _span(scene, cell))


def _tells_chip(header: Header) -> bool:
    """Whether a column's header says what its figures ran on: «Inference on 1x RTX 4090»."""
    ran = any(h.rule.id in ("stage-inference", "stage-train") for h in find_cues(header.text))
    return ran and header.role not in TYPES and header.chip is not None and not header.chip.generic


def _read_run(scene: Scene, cell: Cell, header: Header) -> Iterator[Draft]:
    """The chips in a column's header as what the model of each row ran on that has a figure there."""
    subject = find_row_subject(scene, cell, True, "chip")
    if subject is None or subject.how == "main" or header.chip is None or not re.search(r"\d", cell.text):
        return
    stage = _cell_stage(scene, cell, by_column=True)
    counts = [q for q in scene.tools.quantities.find(header.text) if q.kind == "chip_count" and q.chip and not q.each]
    cues = (Cue(text=header.text, decides="type", rule="table-header"), *((subject.cue,) if subject.cue else ()))
    draft = Draft(
        ClaimType.HARDWARE, "table-run", _span(scene, cell), scene.place, subject, stage, Modality.ASSERTED,
        chip=header.chip, printed=header.chip.printed, cues=cues, section=scene.block.section,
        more=_header_span(scene, cell),
    ).because("table", 0.6)  # fmt: skip
    yield draft
    yield from (replace(draft, type=ClaimType.CHIP_COUNT, unit="chips").measured(q) for q in counts)


def _name(table: Table, row: int) -> str:
    if row < table.header_rows:
        return ""
    cell = table.at(row, 0)
    return cell.text if cell else ""


def _read_cell(scene: Scene, cell: Cell, header: Header, by_column: bool) -> Iterator[Draft]:
    subject = find_row_subject(scene, cell, by_column, header.role)
    if subject is None:
        return
    stage = _cell_stage(scene, cell, by_column)
    base = Draft(
        ClaimType.HARDWARE, f"table-{header.role.replace('_', '-')}", _span(scene, cell), scene.place, subject,
        stage, Modality.ASSERTED,
        cues=(
            Cue(text=header.text, decides="type", rule="table-header"),
            *((subject.cue,) if subject.cue else ()), *scene.cues,
        ),
        section=scene.block.section, more=_header_span(scene, cell),
    )  # fmt: skip
    guessed = [h for h in (*find_cues(scene.table.caption), *find_cues(header.text)) if h.rule.value == "estimated"]
    if guessed and header.role in ("cost", "energy", "emissions", "training_compute", "utilization"):
        base = replace(base, modality=Modality.ESTIMATED, cues=(*base.cues, guessed[0].cue()))
    if header.role in ("chip", "chip_count") and tells_need(scene, cell):
        base = replace(base, modality=Modality.REQUIREMENT)
    base = base.because("table", 0.6)
    trial = find_ablation(scene.table.caption) or any(map(find_ablation, scene.block.section[-1:]))
    if trial and subject.how not in ("row", "caption"):
        base = base.because("ablation", -3.0)
    if not by_column and subject.how == "main" and scene.table.shape[1] > 2:
        base = base.because("column-unnamed", -2.5)
    if scene.datasets and header.role in ("training_tokens", "parameters", "active_parameters"):
        return
    if header.role == "chip":
        yield from _read_chips(scene, cell, base)
        return
    own = _row_chip(scene, cell, by_column)
    bare = re.fullmatch(r"\W*\d[\d.,]*\W*", cell.text)
    if bare and header.factor is None and header.role in ("parameters", "active_parameters") and by_column:
        header = replace(header, factor=_scale_of(scene, cell.column))
    for value in read_values(cell.text, header, scene.tools):
        yield from _typed(scene, base, header, value, own)


def _scale_of(scene: Scene, column: int) -> float | None:
    """The scale of bare figures in a column of sizes, told by a row whose model's name has its size, or by the others.

    «Mistral-7B | 7.2» is in billions, and so is 7.2 under «6.7B» and «13B».
    """
    told = {m[1].upper() for c in scene.table.cells if c.column == column and (m := _SCALED.fullmatch(c.text.strip()))}
    if len(told) == 1:
        return {"B": 1e9, "M": 1e6}[told.pop()]
    for cell in scene.table.cells:
        if cell.column != column or not re.fullmatch(r"\d+(?:\.\d+)?", cell.text.strip()):
            continue
        for other in scene.table.row(cell.row):
            for mention in scene.tools.models.find(other.text):
                nominal = size_value(mention.size) if mention.size else None
                for scale in (1e9, 1e6):
                    if nominal and abs(float(cell.text) * scale - nominal) <= 0.35 * nominal:
                        return scale
    return None


def _read_chips(scene: Scene, cell: Cell, base: Draft) -> Iterator[Draft]:
    counts = {
        q.chip.start: q
        for q in scene.tools.quantities.find(cell.text)
        if q.kind == "chip_count" and q.chip and not q.each
    }
    for chip in scene.tools.chips.find(cell.text):
        if chip.generic and chip.start not in counts:
            continue
        yield replace(base, chip=chip, printed=chip.printed)
        if chip.start in counts:
            yield replace(base, type=ClaimType.CHIP_COUNT, chip=chip, unit="chips").measured(counts[chip.start])


def _typed(scene: Scene, base: Draft, header: Header, value: Value, row_chip: ChipMention | None) -> Iterator[Draft]:
    kind = TYPES[header.role]
    chip = value.chip if value.chip and not value.chip.generic else None
    chip = (
        chip
        or (header.chip if header.chip and not header.chip.generic else None)
        or row_chip
        or value.chip
        or header.chip
        or scene.chip
    )
    if chip is not None and chip.generic and scene.chip is not None:
        chip = scene.chip
    stage = base.stage
    if kind in (
        ClaimType.CHIP_HOURS,
        ClaimType.TRAINING_TIME,
        ClaimType.COST,
        ClaimType.ENERGY,
        ClaimType.EMISSIONS,
        ClaimType.TRAINING_COMPUTE,
        ClaimType.TRAINING_TOKENS,
    ):
        stage = stage if stage in _TRAIN else Stage.TRAINING
    if kind in (ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS):
        stage, chip = Stage.TRAINING, None
    if kind in (ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS) and stage is Stage.OTHER:
        stage = Stage.TRAINING
    with_chip = kind in (
        ClaimType.CHIP_COUNT,
        ClaimType.CHIP_HOURS,
        ClaimType.TRAINING_TIME,
        ClaimType.THROUGHPUT,
        ClaimType.UTILIZATION,
    )
    if kind is ClaimType.CHIP_COUNT and chip is None:
        chip = ChipMention("accelerator", "accelerator", 0, 0, "", generic=True)
    draft = replace(
        base, type=kind, value=value.value, printed=value.printed,
        unit=UNITS[kind] if kind is ClaimType.EMISSIONS else value.unit,
        lower=value.lower, upper=value.upper, qualifier=value.qualifier, formula=value.formula,
        per=value.per or header.per, stage=stage, chip=chip if with_chip else None,
    )  # fmt: skip
    yield draft


def _row_chip(scene: Scene, cell: Cell, by_column: bool) -> ChipMention | None:
    line = scene.table.row(cell.row) if by_column else [c for c in scene.table.cells if c.column == cell.column]
    found = [
        chip for other in line if other is not cell for chip in scene.tools.chips.find(other.text) if not chip.generic
    ]
    return found[0] if len({c.id for c in found}) == 1 else None


def _stage(table: Table, block: Block) -> tuple[Stage, tuple[Cue, ...]]:
    texts = [table.caption, *reversed(block.section)]
    for text in texts:
        hits = [h for h in find_cues(text) if h.rule.axis == "stage"]
        if hits:
            best = max(hits, key=lambda h: h.rule.weight)
            tested = best.rule.value == "evaluation" and trigger("speed_test", text)
            return Stage.INFERENCE if tested else Stage(best.rule.value), (best.cue(),)
    return Stage.OTHER, ()


def _cell_stage(scene: Scene, cell: Cell, by_column: bool) -> Stage:
    texts = [
        read_path(scene.table, cell.column),
        *(c.text for c in scene.table.row(cell.row) if c is not cell and len(c.text) < 50),
    ]
    for text in texts if by_column else texts[:1] + texts[1:2]:
        hits = [h for h in find_cues(text) if h.rule.axis == "stage" and h.rule.value != "evaluation"]
        if hits:
            return Stage(max(hits, key=lambda h: h.rule.weight).rule.value)
    return scene.stage


def _span(scene: Scene, cell: Cell) -> Span:
    row = scene.table.row(cell.row)
    start, end = min((c.start for c in row), default=cell.start), max((c.end for c in row), default=cell.end)
    return Span(scene.page, min(start, cell.start), max(end, cell.end))


def _header_span(scene: Scene, cell: Cell) -> tuple[Span, ...]:
    if cell.row == 0 or scene.table.header_rows == 0:
        return ()
    heads = [c for c in scene.table.cells if c.row < scene.table.header_rows and c.text]
    if not heads:
        return ()
    return (Span(scene.page, min(c.start for c in heads), max(c.end for c in heads)),)
