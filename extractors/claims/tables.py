"""Claims of tables: a cell means its row header and its column header. «GPU hours» tables are the best evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from extractors.claim import Attribution, ClaimType, Cue, Modality, Stage
from extractors.claims.context import find_cues
from extractors.claims.draft import Draft, Span
from extractors.claims.headers import Header, read_header
from extractors.claims.judgement import find_ablation
from extractors.claims.profile import size_value
from extractors.claims.scene import Tools
from extractors.claims.subject import Subject
from extractors.claims.triggers import trigger
from extractors.claims.values import TYPES, Value, read_values
from extractors.mentions.chips import ChipMention
from extractors.mentions.models import fold
from extractors.text import Block, Cell, Page, Table

_SIZE_ONLY = re.compile(r"^\W*(?P<size>\d+(?:\.\d+)?\s?[BMbm](?:-A\d+(?:\.\d+)?B)?)\W*$")
_NAME_CELL = re.compile(
    r"^[\W\d]{0,5}(?=.*[A-Za-z一-鿿])(?!(?:value|description|setting|details?|specification|config\w*|result|score|数值|"
    r"描述|说明|配置|参数)s?$)(?!.*(?:total|average|ours?$|yes|no$|none|n/a|mean\b|baseline model)).{2,46}$",
    re.I,
)
_DATASETS = re.compile(
    r"(?i)\b(?:data\s?sets?|sources?|corpus|corpora|languages?|domains?|subsets?|data\b|component)|数据集|语料|来源|语言"
)
_BASELINE = re.compile(r"(?i)\W*(?:\w+\s)?baselines?(?:[\s-]\w{1,6})?\W*$|基线(?:模型)?$")
_TRAIN = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING}


@dataclass(frozen=True)
class Scene:
    """A table in its place, with what its caption and headings say."""

    page: Page
    block: Block
    place: int
    table: Table
    tools: Tools = field(repr=False)
    chip: ChipMention | None = None
    stage: Stage = Stage.OTHER
    cues: tuple[Cue, ...] = ()
    others: bool = False
    datasets: bool = False


def read_table(page: Page, block: Block, place: int, tools: Tools, nearby: str = "") -> Iterator[Draft]:
    """Every claim of a table block. `nearby` is the sentence that leads to the table, for a chip that only it names."""
    table = block.table
    if table is None or not table.cells:
        return
    rows, columns = table.shape
    if rows * columns > 2500:
        return
    heads = {c: read_header(_path(table, c), tools) for c in range(columns)}
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
    if not any(h.role in TYPES or h.role == "chip" for h in (*heads.values(), *labels.values())):
        return
    chips = [c for c in (*tools.chips.find(table.caption), *tools.chips.find(nearby)) if not c.generic]
    stage, cues = _stage(table, block)
    names = [m for c in table.cells if c.column <= 1 or c.row < table.header_rows for m in tools.models.find(c.text)]
    others = any(not tools.profile.is_own(m) for m in names)
    datasets = _DATASETS.search(_path(table, 0)) is not None
    scene = Scene(page, block, place, table, tools, chips[0] if chips else None, stage, cues, others, datasets)
    for cell in table.cells:
        if cell.row < table.header_rows or not cell.text.strip():
            continue
        head, name = heads[cell.column], labels[cell.row]
        if head.role in TYPES or head.role == "chip":
            yield from _read_cell(scene, cell, head, by_column=True)
        elif cell.column > 0 and (name.role in TYPES or name.role == "chip"):
            yield from _read_cell(scene, cell, name, by_column=False)


def _path(table: Table, column: int) -> str:
    parts = [cell.text for r in range(table.header_rows) if (cell := table.at(r, column)) is not None]
    return " ".join(dict.fromkeys(p for p in parts if p))


def _name(table: Table, row: int) -> str:
    if row < table.header_rows:
        return ""
    cell = table.at(row, 0)
    return cell.text if cell else ""


def _read_cell(scene: Scene, cell: Cell, header: Header, by_column: bool) -> Iterator[Draft]:
    subject = _subject(scene, cell, by_column, header.role)
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
    if header.factor is None and header.role in ("parameters", "active_parameters") and by_column:
        header = replace(header, factor=_scale_of(scene, cell.column))
    for value in read_values(cell.text, header, scene.tools):
        yield from _typed(scene, base, header, value, own)


def _scale_of(scene: Scene, column: int) -> float | None:
    """The scale of bare figures in a column of sizes, told by a row whose model's name has its size.

    «Mistral-7B | 7.2» is in billions.
    """
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
        base, type=kind, value=value.value, unit=value.unit, printed=value.printed,
        lower=value.lower, upper=value.upper, qualifier=value.qualifier, per=value.per, formula=value.formula,
        stage=stage, chip=chip if with_chip else None,
    )  # fmt: skip
    yield draft


def _row_chip(scene: Scene, cell: Cell, by_column: bool) -> ChipMention | None:
    line = scene.table.row(cell.row) if by_column else [c for c in scene.table.cells if c.column == cell.column]
    found = [
        chip for other in line if other is not cell for chip in scene.tools.chips.find(other.text) if not chip.generic
    ]
    return found[0] if len({c.id for c in found}) == 1 else None


def _subject(scene: Scene, cell: Cell, by_column: bool, role: str) -> Subject | None:
    profile, tools, table = scene.tools.profile, scene.tools, scene.table
    if by_column:
        line = [c for c in table.cells if c.row <= cell.row < c.row + c.row_span and c.column != cell.column]
    else:
        line = [
            c
            for r in range(table.header_rows)
            if (c := table.at(r, cell.column)) is not None and cell.column > 0 and c.column_span == 1
        ]
    line = sorted(line, key=lambda c: (c.column, c.row))
    for other in line[:4] if by_column else []:
        if _BASELINE.match(other.text.strip()):
            return Subject(
                other.text.strip(),
                Attribution.OTHER,
                "row",
                0.7,
                Cue(text=other.text, decides="subject", rule="table-baseline"),
            )
    size = ""
    for other in line:
        if mentions := tools.models.find(other.text):
            name = mentions[0].name
            leading = re.match(r"([A-Z][\w.-]*(?: [A-Z][\w.-]*)?)\s?\($", other.text[: mentions[0].start].strip())
            if leading and not profile.is_own(mentions[0]) and not leading[1].lower().startswith("our"):
                return Subject(
                    leading[1], Attribution.OTHER, "row", 0.8, Cue(text=other.text, decides="subject", rule="table-row")
                )
            if (
                role == "parameters"
                and by_column
                and not mentions[0].size
                and _repeated(scene, other)
                and (own := _SIZE_ONLY.match(cell.text))
            ):
                name = f"{name} {own['size']}"
            elif by_column and not mentions[0].size and not size and (near := _size_near(scene, line, other)):
                name = f"{name} {near}"
            return Subject(
                name,
                profile.whose(mentions[0]),
                "row",
                0.9,
                Cue(text=other.text, decides="subject", rule="table-row"),
            )
        if (
            not size
            and (match := _SIZE_ONLY.match(other.text))
            and read_header(_path(table, other.column), tools).role in ("parameters", "model", "", "chip")
        ):
            size = match["size"]
    if role == "parameters" and not size and (match := _SIZE_ONLY.match(cell.text)):
        size = match["size"] if profile.variant(match["size"], certain=False) else ""
    labelled = [c for c in line if by_column and read_header(_path(table, c.column), tools).role == "model"]
    for other in labelled or (line[:1] if by_column else line[-1:]):
        found = _unknown(scene, other, bool(labelled) or not by_column)
        if found is not None:
            return found
        if (
            labelled
            and (figure := re.fullmatch(r"\W*(\d+(?:\.\d+)?)\W*", other.text))
            and "(B)" in _path(table, other.column)
        ):
            size = f"{figure[1]}B"
    if size and (variant := profile.variant(size)):
        return Subject(variant, Attribution.OWN, "row", 0.8, Cue(text=size, decides="subject", rule="table-size"))
    captioned = tools.models.find(table.caption)
    if len({m.key for m in captioned}) == 1:
        return Subject(
            captioned[0].name,
            profile.whose(captioned[0]),
            "caption",
            0.7,
            Cue(text=table.caption[:80], decides="subject", rule="table-caption"),
        )
    if profile.main is None:
        return None
    unnamed = (
        by_column
        and bool(line)
        and re.search(r"[A-Za-z]{3}", line[0].text) is not None
        and not read_header(line[0].text, tools).role
        and not any(h.rule.axis == "stage" for h in find_cues(line[0].text))
    )
    return Subject(profile.main.name, Attribution.OWN, "main", 0.2 if unnamed and table.shape[0] > 3 else 0.55)


def _unknown(scene: Scene, other: Cell, named: bool) -> Subject | None:
    """The subject of a row whose name no list knows: «Total» and «Ours» are the main model's, «base» is its variant.

    A name beside known models of others is one more of them; in a table of nothing but such names they are the
    document's own.
    """
    profile, text = scene.tools.profile, other.text.strip()
    if profile.main is None:
        return None
    if (
        cited := re.match(r"(?P<name>[A-Z][^\[\]()]{1,40}?)\s?(?:\[\d+\]|\([^()]*et al[^()]*\)|et al)", text)
    ) and not scene.tools.models.find(text):
        return Subject(
            cited["name"], Attribution.OTHER, "row", 0.7, Cue(text=text, decides="subject", rule="table-cited")
        )
    if re.match(r"(?i)\W*(?:grand\s)?total\W*$|\W*(?:ours|our (?:model|method))\W*$|.*\(ours\)\W*$", text):
        return Subject(
            profile.main.name, Attribution.OWN, "row", 0.8, Cue(text=text, decides="subject", rule="table-total")
        )
    if re.match(r"(?i)\W*(?:tiny|small|base|medium|big|large|huge|xl|xxl)(?: model)?\W*$", text):
        name = re.sub(r"\W+", " ", text).strip()
        return Subject(
            f"{profile.main.name} {name}",
            Attribution.OWN,
            "row",
            0.75,
            Cue(text=text, decides="subject", rule="table-variant"),
        )
    if (
        not named
        or not _NAME_CELL.match(text)
        or _SIZE_ONLY.match(text)
        or read_header(text, scene.tools).role
        or find_cues(text)
        or re.search(r"=|^[a-z]+ [a-z]", text)
    ):
        return None
    referenced = re.search(r"et al|\b(?:19|20)\d\d\b|\[\d+\]", text) is not None
    name = re.sub(r"^\(?\d+\)\s*|\s*\[\d+\]\??$", "", text)
    first = fold(re.split(r"[\s-]", profile.main.name)[0])
    related = profile.main.base in fold(name) or (len(first) > 3 and fold(name).startswith(first))
    own = related or (not scene.others and not referenced)
    return Subject(name, _whose(own), "row", 0.6, Cue(text=text, decides="subject", rule="table-name"))


def _size_near(scene: Scene, line: list[Cell], other: Cell) -> str:
    """The size beside a name that stands in several rows: «Llama 2 | 7B», «Llama 2 | 13B»."""
    if not _repeated(scene, other):
        return ""
    beside = (
        c
        for c in line
        if c is not other and read_header(_path(scene.table, c.column), scene.tools).role in ("parameters", "model", "")
    )
    return next((m["size"] for c in beside if (m := _SIZE_ONLY.match(c.text))), "")


def _repeated(scene: Scene, other: Cell) -> bool:
    return other.row_span > 1 or sum(c.text == other.text for c in scene.table.cells if c.column == other.column) > 1


def _whose(own: bool) -> Attribution:
    return Attribution.OWN if own else Attribution.OTHER


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
        _path(scene.table, cell.column),
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
