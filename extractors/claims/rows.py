"""Whose a table's cell is: the name in its row or above its column, a size, the caption, or the main model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.claim import Attribution, Cue, Stage
from extractors.claims.context import find_cues
from extractors.claims.headers import read_header
from extractors.claims.scene import Tools
from extractors.claims.subject import Subject
from extractors.mentions.chips import ChipMention
from extractors.mentions.models import fold
from extractors.text import Block, Cell, Page, Table

_SIZE_ONLY = re.compile(r"^\W*(?P<size>\d+(?:\.\d+)?\s?[BMbm](?:-A\d+(?:\.\d+)?B)?)\W*$")
_NAME_CELL = re.compile(
    r"^[\W\d]{0,5}(?=.*[A-Za-z一-鿿])(?!(?:value|description|setting|details?|specification|config\w*|result|score|数值|"
    r"描述|说明|配置|参数)s?$)(?!.*(?:total|average|ours?$|yes|no$|none|n/a|mean\b|平均|合计|总计|均值|"
    r"baseline model)).{2,46}$",
    re.I,
)
_LIMIT = re.compile(
    r"(?i)\b(?:max(?:imum)?|largest|biggest|theoretical|measured|trainable|supported|up to)\b|最大|上限"
)
_BASELINE = re.compile(r"(?i)\W*(?:\w+\s)?baselines?(?:[\s-]\w{1,6})?\W*$|基线(?:模型)?$")


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


def read_path(table: Table, column: int) -> str:
    """The headings above a column, outermost first, each once."""
    parts = [cell.text for r in range(table.header_rows) if (cell := table.at(r, column)) is not None]
    return " ".join(dict.fromkeys(p for p in parts if p))


def find_row_subject(scene: Scene, cell: Cell, by_column: bool, role: str) -> Subject | None:
    """Who a cell is about: the name in its row or its heading, its size, the caption, the main model; maybe nobody.

    A row called a baseline is of somebody unnamed. Sizes under «Max model size» are what fits, and of several
    sizes in a row only one that is called so names a model.
    """
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
    if by_column and any(_BASELINE.match(other.text.strip()) for other in line[:4]):
        return None
    size = ""
    several = len({c.text for c in line if _SIZE_ONLY.match(c.text)}) > 1
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
            and read_header(path := read_path(table, other.column), tools).role
            in (("parameters", "model") if several else ("parameters", "model", "", "chip"))
            and not _LIMIT.search(path)
        ):
            size = match["size"]
    if by_column and (headed := _headed(scene, cell.row, size)):
        return headed
    if role == "parameters" and not size and (match := _SIZE_ONLY.match(cell.text)):
        size = match["size"] if profile.variant(match["size"], certain=False) else ""
    labelled = [c for c in line if by_column and read_header(read_path(table, c.column), tools).role == "model"]
    for other in labelled or (line[:1] if by_column else line[-1:]):
        found = _unknown(scene, other, bool(labelled) or not by_column)
        if found is not None:
            return found
        if (
            labelled
            and (figure := re.fullmatch(r"\W*(\d+(?:\.\d+)?)\W*", other.text))
            and "(B)" in read_path(table, other.column)
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


def _headed(scene: Scene, row: int, size: str) -> Subject | None:
    """The model named alone in a row above, which heads the rows below it: «Larch-7B | |», «SFT | 64 | 9 days».

    A row that names a stage alone («Post-training») heads rows within a model's; any other ends the model's reach.
    """
    table, tools = scene.table, scene.tools
    if read_header(read_path(table, 0), tools).role == "model":
        return None
    for above in range(row - 1, 0, -1):
        told = [c for c in table.row(above) if c.text.strip()]
        if len(told) != 1 or told[0].column > 0 or len(told[0].text) > 60:
            continue
        mentions = tools.models.find(told[0].text)
        own = _SIZE_ONLY.match(told[0].text)
        variant = scene.tools.profile.variant(own["size"], certain=False) if own else None
        if not mentions and variant is None:
            if any(h.rule.axis == "stage" for h in find_cues(told[0].text)):
                continue
            return None
        name = variant or (f"{mentions[0].name} {size}" if size and not mentions[0].size else mentions[0].name)
        whose = Attribution.OWN if variant else tools.profile.whose(mentions[0])
        return Subject(name, whose, "row", 0.85, Cue(text=told[0].text, decides="subject", rule="table-group"))
    return None


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
    # «acme/larch-7b», the address of a model, is that of somebody else's where the name is not ours.
    referenced = re.search(r"et al|\b(?:19|20)\d\d\b|\[\d+\]|^[A-Za-z][\w.-]{2,}/[\w.-]{4,}$", text) is not None
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
        if c is not other
        and read_header(read_path(scene.table, c.column), scene.tools).role in ("parameters", "model", "")
    )
    return next((m["size"] for c in beside if (m := _SIZE_ONLY.match(c.text))), "")


def _repeated(scene: Scene, other: Cell) -> bool:
    return other.row_span > 1 or sum(c.text == other.text for c in scene.table.cells if c.column == other.column) > 1


def _whose(own: bool) -> Attribution:
    return Attribution.OWN if own else Attribution.OTHER
