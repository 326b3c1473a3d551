"""What a header, a row's name or a label says its figures are: the role, and the unit it carries.

«Time (GPU hours)» → chip_hours; «Params (B)» → parameters × 10⁹; «in H800 GPU Hours» → chip_hours of H800;
«TPUv3-core-days» → × 24.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractors.claims.scene import Tools
from extractors.lexicon import load_lexicon
from extractors.mentions.chips import ChipMention

_SCALE = re.compile(
    r"(?:[(\[（,]|\s(?=×|10\s?\^))\s?(?:in\s|×\s?)?(?P<scale>[kKMBT]|billions?|millions?|trillions?|thousands?|bn|"
    r"10\s?\^\s?\d+|亿|万亿|万)\s?(?:params?|parameters|tokens?|gpu)?\s?[)\]）]?",
    re.I,
)
_BRACKETED = re.compile(
    r"[(\[（]\s?(?:in\s)?(?P<scale>[kKMBT]|thousands?|millions?|billions?|trillions?|万|亿|万亿)\s?[)\]）]"
)
_PER = re.compile(
    r"(?:\bper|/|\bfor each|\bfor every|每)\s?"
    r"(?P<per>(?:(?:1|one)?\s?(?:trillion|billion)|1?[TB]|万亿)\s?tokens?|epoch|step|iteration|run)\b",
    re.I,
)
_ON_TOKENS = re.compile(
    r"\b(?:on|for|over|per|through)\s(?P<per>\d+(?:\.\d+)?\s?(?:[TBM]|trillion|billion|million)\stokens)\b"
)
"""«GPU hours taken on 300B tokens» is a rate: the models of such a table are trained on more."""

_PER_ROLES = {"chip_hours", "training_time", "training_compute", "energy", "emissions", "cost"}
_SCALES = {
    "k": 1e3,
    "m": 1e6,
    "b": 1e9,
    "t": 1e12,
    "billion": 1e9,
    "million": 1e6,
    "trillion": 1e12,
    "thousand": 1e3,
    "bn": 1e9,
    "亿": 1e8,
    "万亿": 1e12,
    "万": 1e4,
}
_KINDS = {
    "chip_hours": "chip_hours",
    "duration": "training_time",
    "energy": "energy",
    "emissions": "emissions",
    "compute": "training_compute",
    "throughput": "throughput",
    "tokens": "training_tokens",
}


@dataclass(frozen=True, slots=True)
class Header:
    """A header as read. `factor` leads from its figures to the base unit, None where the figures must carry theirs.

    `per` is what its figures are for each of: «GPU hours per trillion tokens».
    """

    text: str
    role: str
    factor: float | None = None
    unit: str = ""
    chip: ChipMention | None = None
    parts: tuple[str, ...] = ()
    per: str | None = None


@cache
def _roles() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
    rows = load_lexicon("headers.toml", {"header": {"role", "patterns", "not"}})["header"]
    return tuple(
        (
            r["role"],
            re.compile("|".join(r["patterns"]), re.I),
            re.compile("|".join(r["not"]), re.I) if r["not"] else None,
        )
        for r in rows
    )


def read_header(text: str, tools: Tools) -> Header:
    """A header's role (`ignore` and the empty string for none) with unit, chip and the parts of a slashed list."""
    known = tools.headers.get(text)
    if known is None:
        known = tools.headers[text] = _read(re.sub(r"\s+", " ", text).strip(), tools)
    return known


def _read(text: str, tools: Tools) -> Header:
    if not text or len(text) > 90:
        return Header(text, "")
    role = next(
        (r for r, wanted, unwanted in _roles() if wanted.search(text) and not (unwanted and unwanted.search(text))), ""
    )
    chips = tools.chips.find(text)
    chip = next((c for c in chips if not c.generic), next(iter(chips), None))
    factor, unit = _unit(text, role, tools)
    if not role:
        role = _role_of_unit(text, tools)
    parts = tuple(p.strip() for p in m[1].split("/")) if (m := re.search(r"\(([^()]+/[^()]+)\)", text)) else ()
    per = m["per"].lower() if (m := _PER.search(text)) and role in _PER_ROLES else None
    if per is None and role == "chip_hours" and (tokens := _ON_TOKENS.search(text)):
        per = tokens["per"]
    return Header(text, role, factor, unit, chip, parts, per)


def _unit(text: str, role: str, tools: Tools) -> tuple[float | None, str]:
    for piece in _pieces(text):
        for quantity in tools.quantities.find(f"1 {piece}"):
            if quantity.start == 0 and _KINDS.get(quantity.kind) == role:
                return quantity.value * _scale_apart(text, quantity.printed), quantity.unit
    if role in ("parameters", "active_parameters", "training_tokens", "chip_count", "training_compute") and (
        scale := _SCALE.search(text)
    ):
        word = scale["scale"].lower().rstrip("s")
        if word.startswith("10"):
            return 10.0 ** int(re.sub(r".*\^\s?", "", word)), ""
        return _SCALES.get(word), ""
    if role == "cost":
        return None, "USD" if re.search(r"usd|\$|dollar", text, re.I) else "CNY" if re.search(
            r"rmb|cny|yuan|元", text, re.I
        ) else ""
    return None, ""


def _scale_apart(text: str, unit: str) -> float:
    """What a scale in brackets of its own adds to a unit: 1000 for the K of «GPU hours (K)»."""
    match = _BRACKETED.search(text)
    return _SCALES[match["scale"].lower().rstrip("s")] if match and match["scale"] not in unit.split()[1:] else 1.0


def _role_of_unit(text: str, tools: Tools) -> str:
    found = {
        k
        for piece in _pieces(text)[:2]
        for q in tools.quantities.find(f"1 {piece}")
        if q.start == 0 and (k := _KINDS.get(q.kind)) in ("chip_hours", "energy", "emissions")
    }
    return found.pop() if len(found) == 1 else ""


def _pieces(text: str) -> list[str]:
    inside = re.findall(r"[(\[（]([^()\[\]（）]+)[)\]）]", text)
    tail = re.split(r"\bin\s|,\s|:\s", text)
    return [text, *inside, *(t for t in tail if t != text)]
