"""Quantities: a number with its unit, on characters and never on tokens («14.8T» is one thing, and «H800» no unit).

The units are data (`lexicon/units.toml`); the numbers are `numbers`'; the chips inside a unit («H800 GPU hours») are `chips`'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from extractors.lexicon import load_lexicon
from extractors.mentions.chips import DEVICE, ChipGrammar, ChipMention
from extractors.mentions.numbers import Number, find_numbers
from registry import Registry

_GAP = re.compile(r"[\s\-–‑]{0,2}")
_RATE = re.compile(
    r"\s?(?:/|per|for each|for every|on each|each|a|every|每)\s?"
    r"(?P<per>(?:1|one|a|single)?\s?(?:trillion|billion|万亿)\s?tokens?|1?[TB]\s?tokens?|epoch|steps?|iterations?|day|month|request|million|"
    r"(?:node|nodes|server|machine|节点|机)|week|year|task|sample|image|token|run\b|model|protein|frame|GPU|TPU|NPU|chip|accelerator|second|人|天|日|个?节点|台)",
    re.IGNORECASE,
)
_RATE_BEFORE = re.compile(
    r"(?:for (?:training on )?each|per|every|each|on each)\s(?P<per>(?:trillion|billion)\stokens?)[^.;。]{0,60}$", re.I
)
_COUNT_GAP = re.compile(
    r"(?:[\s×xX✕＊*·\-‑–~]|&times;|pieces? of|units? of|of|the|our|its|these|those|identical|additional|such|single|Tesla|"
    r"NVIDIA|Nvidia|nvidia|英伟达|AMD|Huawei|HUAWEI|华为|国产|Google(?:’s|'s)?|Cloud|Instinct|state-of-the-art|high-end|consumer|commodity|homogeneous|"
    r"张|張|块|塊|卡|颗|顆|片|枚|个|個|台|的|\d{2,3}\s?G(?:i?B)?(?=[\s-]))*"
)
_DEVICE_COUNT = re.compile(
    r"(?:[\s\-‑–]|&times;|[×x]\s?|(?:identical|physical|total|homogeneous|high-end|local|AI|parallel|different|data[\s-]parallel)\s){0,3}"
    r"(?:张|張|块|塊|颗|个|個|片)?\s?(?P<device>(?:NVIDIA\s|Nvidia\s|AMD\s|英伟达|Cloud\s|Ascend\s|昇腾)?(?:GPUs?|TPUs?|NPUs?|accelerators?|graphics\scards|加速卡|显卡|顯卡|计算卡|算力卡|GPU卡|卡|张卡)(?:\s(?:chips|cards|cores|devices))?)"
    r"(?![A-Za-z])(?![\s-](?:hours?|days?|years?|months?|minutes?|memory|kernels?|时|小时)|·)"
)
_NODE_COUNT = re.compile(
    r"[\s\-]?(?:×\s)?(?:compute\s|computing\s|GPU\s|server\s|physical\s|DGX\s|HGX\s|\S{2,12}\s)?(?P<unit>nodes?|machines?|servers?|boxes|hosts?|instances?|(?:个|台)?\s?(?:计算)?(?:节点|服务器|机器|机))(?![A-Za-z])",
    re.IGNORECASE,
)
_PER_NODE = re.compile(
    r"\s?(?:[A-Za-z]{0,12}\s){0,2}(?:/|per|in each|on each|in every|in a|每(?:个|台)?)\s?(?:single\s)?(?:compute\s|server\s|GPU\s)?(?:node|machine|server|box|host|instance|节点|机)",
    re.I,
)
_NODE_HAS = re.compile(
    r"(?:each|every|per|一个|每个?|每台|单)\s?(?:\S+\s){0,2}?(?:node|machine|server|instance|节点|服务器|机器|host)s?\s?(?:(?:in\s[^.,;]{3,40}?\s)?(?:contains?|has|have|having|with|equipped with|configured with|consists? of|comprises?|配备|包含|有|含|搭载)|[:：])?\s?(?:了)?\s?$"
    r"|(?:nodes|machines|servers)(?:[\s,(]{1,2})(?:each\s)?(?:with|of|containing|contain|having|equipped with|each has|each having|consisting of|comprising)\s$|,?\seach\s(?:with|has|having|contain(?:s|ing)|equipped with|comprising|one with)\s$|每(?:台|个)?(?:服务器|节点|机器|机)?(?:配备|包含|有|含|搭载)?了?\s?$",
    re.I,
)
_TOTAL_BEFORE = re.compile(r"(?:total(?:ing)? (?:of )?|共(?:计|有)?|总(?:计|共))\s?$", re.I)
_TOTAL_AFTER = re.compile(r"\s?(?:in )?total\b", re.I)
_CURRENCY_TAIL = re.compile(
    r"\s?(?:/|per|an?)\s?(?:GPU[\s-]?)?(?:hours?|hr|h\b|GPU|million|1?M\b|month|day|小时|token)", re.I
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit at `start:end`; `value` is in the base unit of its kind.

    Kinds: chip_count, node_count, chip_hours, duration, compute, flop_rate, tokens, parameters, active_parameters, energy, emissions, mass,
    money, throughput, percent. `chip` is the chip that the unit names. `each` tells what a count is per («8 GPUs per node»: node).
    """

    kind: str
    value: float
    unit: str
    start: int
    end: int
    printed: str
    number: Number
    chip: ChipMention | None = None
    per: str | None = None
    each: str | None = None
    lower: float | None = None
    upper: float | None = None
    formula: str | None = None


class QuantityGrammar:
    """Finds quantities in a text; build it once per registry (`quantity_grammar`)."""

    def __init__(self, registry: Registry, chips: ChipGrammar) -> None:
        self._chips = chips
        lexicon = load_lexicon(
            "units.toml", {"unit": {"kind", "unit", "factor", "pattern", "case"}, "currency": {"unit", "pattern"}}
        )
        fill = {
            "{chip}": rf"(?:(?:NVIDIA|Nvidia|AMD|Huawei|Google|Cloud|Tesla)\s)?{chips.pattern}(?:[\s-]?(?:SXM\d?|PCIe|NVL))?(?:[\s-]?\(?\d{{2,3}}\s?GB?\)?)?(?:[\s-]?{DEVICE})?",
            "{device}": DEVICE,
        }
        self._units = [
            (
                str(row["kind"]),
                str(row.get("unit", "")),
                float(row["factor"]),
                re.compile(_fill(str(row["pattern"]), fill), 0 if row.get("case") else re.I),
            )
            for row in lexicon["unit"]
        ]
        self._currencies = [(str(row["unit"]), re.compile(rf"(?:{row['pattern']})\s?$")) for row in lexicon["currency"]]

    def find(self, text: str, chips: list[ChipMention] | None = None) -> list[Quantity]:
        """Quantities of a text in order. `chips` are its chip mentions, found here when not given."""
        mentions = self._chips.find(text) if chips is None else chips
        inside = [(m.start, m.end) for m in mentions if not m.generic]
        numbers = find_numbers(text)
        found: list[Quantity] = []
        for number in numbers:
            if any(start < number.end and number.start < end and not (start == number.start) for start, end in inside):
                continue
            if any(start == number.start for start, _ in inside) and not text[number.end : number.end + 4].lstrip(
                " -"
            ).startswith("G"):
                continue
            quantity = self._measure(text, number, mentions) or self._count(text, number, mentions)
            if quantity is not None and not (
                found and found[-1].end > quantity.start and found[-1].kind == quantity.kind
            ):
                found.append(quantity)
        return _drop_parts(text, multiply(text, found))

    def _measure(self, text: str, number: Number, mentions: list[ChipMention]) -> Quantity | None:
        before = text[max(0, number.start - 6) : number.start]
        for unit, pattern in self._currencies:
            if pattern.search(before):
                if _CURRENCY_TAIL.match(text, number.end):
                    return _make("price", unit, 1.0, number, number.end, text)
                return _make("money", unit, 1.0, number, number.end, text)
        gap = _GAP.match(text, number.end)
        at = gap.end() if gap else number.end
        for kind, unit, factor, pattern in self._units:
            match = pattern.match(text, at)
            if match is None or match.end() == at:
                continue
            quantity = _make(kind, unit, factor, number, match.end(), text)
            if kind == "money" and _CURRENCY_TAIL.match(text, match.end()):
                quantity = replace(quantity, kind="price")
            if kind in ("chip_hours", "throughput"):
                chip = next((m for m in mentions if number.end <= m.start < match.end() and not m.generic), None)
                chip = chip or next((m for m in mentions if number.end <= m.start < match.end()), None)
                quantity = replace(quantity, chip=chip)
            rate = _RATE.match(text, match.end())
            if rate and kind in (
                "chip_hours",
                "duration",
                "compute",
                "throughput",
                "flop_rate",
                "energy",
                "money",
                "tokens",
            ):
                quantity = replace(
                    quantity,
                    per=re.sub(r"\s+", " ", rate["per"]).lower(),
                    end=rate.end(),
                    printed=text[number.start : rate.end()],
                )
            elif ahead := _RATE_BEFORE.search(text[max(0, number.start - 120) : number.start]):
                quantity = replace(quantity, per=ahead["per"].lower())
            return quantity
        return None

    def _count(self, text: str, number: Number, mentions: list[ChipMention]) -> Quantity | None:
        if number.value != int(number.value) and number.qualifier != "range":
            return None
        if not 1 <= number.value <= 2e6:
            return None
        gap = _COUNT_GAP.match(text, number.end)
        after = gap.end() if gap else number.end
        for mention in mentions:
            if number.end <= mention.start <= after and not mention.generic:
                if mention.slice is not None and mention.start > number.end + 3:
                    continue
                return self._counted(text, number, mention.end, mention)
        if device := _DEVICE_COUNT.match(text, number.end):
            chip = next((m for m in mentions if m.start < device.end() and m.end > device.start("device")), None)
            return self._counted(
                text, number, device.end(), chip or _unnamed(device["device"], device.start("device"), device.end())
            )
        if node := _NODE_COUNT.match(text, number.end):
            return _make("node_count", "nodes", 1.0, number, node.end(), text)
        return None

    def _counted(self, text: str, number: Number, end: int, chip: ChipMention | None) -> Quantity:
        quantity = replace(_make("chip_count", "chips", 1.0, number, end, text), chip=chip)
        if _PER_NODE.match(text, end) or (
            number.value <= 16 and _NODE_HAS.search(text[max(0, number.start - 90) : number.start])
        ):
            return replace(quantity, each="node")
        if chip is not None and chip.per_unit:
            return replace(quantity, value=number.value * chip.per_unit, formula=f"{number.value:g} × {chip.per_unit}")
        return quantity


def multiply(text: str, found: list[Quantity]) -> list[Quantity]:
    """Adds «64 nodes × 8 GPUs», «48 * 8 A100s» and «16 8×A800 nodes» as derived counts with their formula."""
    result: list[Quantity] = []
    for i, quantity in enumerate(found):
        result.append(quantity)
        if quantity.kind != "chip_count":
            continue
        before = re.search(
            r"(?<![\d.])(\d{1,4})\s?[×xX*✕]?\s$|(?<![\d.])(\d{1,4})\s?[×xX*✕]\s?$",
            text[max(0, quantity.start - 9) : quantity.start],
        )
        node_after = _NODE_COUNT.match(text, quantity.end)
        if before and (node_after or re.search(r"[×xX*✕]", before[0])):
            factor = int(before[1] or before[2])
            result[-1] = _product(quantity, factor, quantity.start - len(before[0].lstrip()), quantity.end, text)
        elif quantity.each == "node":
            nodes = [q for q in found if q.kind == "node_count" and q.number.value > 1]
            if nodes:
                near = min(nodes, key=lambda q: abs(q.start - quantity.start))
                result.append(
                    _product(
                        quantity,
                        int(near.number.value),
                        min(near.start, quantity.start),
                        max(near.end, quantity.end),
                        text,
                    )
                )
    return result


def _drop_parts(text: str, found: list[Quantity]) -> list[Quantity]:
    """Of «4 Cloud TPUs in Pod configuration (16 TPU chips total)» keeps the total; of «16x H100 (2x H100 nodes)» what is no number of nodes."""
    totals = [
        q
        for q in found
        if q.kind == "chip_count"
        and (_TOTAL_BEFORE.search(text[max(0, q.start - 14) : q.start]) or _TOTAL_AFTER.match(text, q.end))
    ]
    kept: list[Quantity] = []
    for quantity in found:
        part = any(
            quantity.start < t.start and quantity.value < t.value and t.start - quantity.end < 90 for t in totals
        )
        nodes = quantity.formula is None and _NODE_COUNT.match(text, quantity.end)
        if quantity.kind == "chip_count" and (part or (nodes and quantity.number.value < 9)):
            continue
        kept.append(quantity)
    return kept


def _unnamed(word: str, start: int, end: int) -> ChipMention:
    kind = (
        "npu"
        if "npu" in word.lower()
        else "tpu"
        if "tpu" in word.lower()
        else "accelerator"
        if re.match(r"acc|加速", word.lower())
        else "gpu"
    )
    return ChipMention(kind, word, start, end, word, generic=True)


def _product(quantity: Quantity, factor: int, start: int, end: int, text: str) -> Quantity:
    value = quantity.number.value * factor
    return replace(
        quantity,
        value=value,
        start=start,
        end=end,
        printed=text[start:end],
        each=None,
        formula=f"{factor} × {quantity.number.value:g}",
    )


def _make(kind: str, unit: str, factor: float, number: Number, end: int, text: str) -> Quantity:
    lower = None if number.lower is None else number.lower * factor
    upper = None if number.upper is None else number.upper * factor
    return Quantity(
        kind,
        float(f"{number.value * factor:.9g}"),
        unit,
        number.start,
        end,
        text[number.start : end],
        number,
        lower=lower,
        upper=upper,
    )


def _fill(pattern: str, fill: dict[str, str]) -> str:
    for name, value in fill.items():
        pattern = pattern.replace(name, value)
    return pattern


@lru_cache(maxsize=4)
def quantity_grammar(registry: Registry) -> QuantityGrammar:
    """The grammar of a registry, built once."""
    from extractors.mentions.chips import chip_grammar

    return QuantityGrammar(registry, chip_grammar(registry))
