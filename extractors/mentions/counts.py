"""How many chips and nodes: «2,048 H800», «A100×8», «H20 16卡», «64 nodes × 8 GPUs», «96 个 DGX-A100 节点».

A product of printed figures is a derived count and carries its formula.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from extractors.mentions.chips import ARCHITECTURE, ChipMention
from extractors.mentions.groups import count_groups
from extractors.mentions.numbers import Number
from extractors.mentions.quantity import Quantity, measure

_MOST = 2_000_000
# «of these five chips» speaks of kinds; nobody trains on fewer than a board of unnamed ones.
_FEWEST_BARE = 8
_BOARD = 8
# «64 H100 nodes» are 64 nodes, where «8 H100 nodes» may be nodes of eight
_NODES_OF = re.compile(r"\s(?:nodes|servers|machines)\b")
_GAP = re.compile(
    r"(?:\+|[多余])?(?:[\s×xX✕＊*·\-‑–~]|&times;|pieces? of|units? of|of|the|our|its|these|those|"
    r"identical|additional|such|single|"
    r"NVIDIA|Nvidia|nvidia|Tesla|英伟达|AMD|Huawei|HUAWEI|华为|国产|Google(?:’s|'s)?|Cloud|Instinct|state-of-the-art|"
    r"high-end|consumer|commodity|homogeneous|张|張|块|塊|卡|颗|顆|片|枚|基|个|個|台|的|の|\d{2,3}\s?G(?:i?B)?(?=[\s-]))*"
)
_DEVICE = re.compile(
    r"(?:\+|[多余])?(?:[\s\-‑–]|&times;|[×x]\s?|(?:identical|physical|total|homogeneous|high-end|local|AI|parallel|different|\d{2,3}\s?GB|"
    r"data[\s-]parallel)\s){0,3}(?:张|張|块|塊|颗|顆|个|個|片|枚|基)?\s?(?:\d{2,3}\s?GB?\s?(?:显存)?的\s?)?(?P<device>(?:NVIDIA\s|Nvidia\s|AMD\s|英伟达|"
    rf"Cloud\s|Ascend\s|昇腾)?{ARCHITECTURE}?(?:GPUs?|TPUs?|NPUs?|accelerators?|graphics\scards|加速卡|显卡|顯卡|显示卡|计算卡|算力卡|GPU卡|"
    r"NPU卡|芯片|卡|张卡)(?:\s(?:chips|cards|cores|devices))?)"
    r"(?![A-Za-z])(?![\s-](?:hours?|days?|years?|months?|minutes?|memory|kernels?|时|小时)|·)"
)
_BARE_DEVICE = re.compile(
    r"[\s-](?:individual\s|physical\s|total\s)?(?P<device>chips|cards|cores)(?![A-Za-z]|[\s-](?:hours|days))"
)
# «tested on 4 (A100 80g) and 8 (V100 32g) GPUs»
_BRACKETED = re.compile(r"\s?[(（]\s?")
_CLOSED = re.compile(
    r"(?P<bracket>\s?[)）])[^.;()（）]{0,12}(?:[(（][^()（）]{3,30}[)）])?\s?(?:GPUs?|TPUs?|NPUs?|cards?|accelerators?|卡|张)"
)
_APPOSED = re.compile(r"(?:\s?[(（]\s?(?:type:?\s|all\s)?|\sof\stype\s|\s?[:：]\s?)$")
_NODE = (
    r"(?:nodes?|machines?|servers?|boxes|hosts?|instances?|(?:个|台)?\s?(?:计算)?(?:节点|服务器|机器|机))(?![A-Za-z])"
)
_NODES = re.compile(
    rf"[\s\-]?(?:×\s)?(?:compute\s|computing\s|GPU\s|server\s|physical\s|DGX\s|HGX\s|(?!G(?:i?B)?\s)\S{{2,12}}\s)?(?P<unit>{_NODE})",
    re.IGNORECASE,
)
_PER_NODE = re.compile(
    r"\s?(?:[A-Za-z]{0,12}\s){0,2}(?:/|per|in each|on each|in every|in a|每(?:个|台)?)\s?(?:single\s)?"
    r"(?:compute\s|server\s|GPU\s)?(?:node|machine|server|box|host|instance|节点|机)",
    re.IGNORECASE,
)
_EACH = re.compile(r"\s?(?:each|apiece)\b", re.IGNORECASE)
_NODE_HAS = re.compile(
    r"(?:each|every|per|一个|每个?|每台|单)\s?(?:\S{1,20}\s){0,2}?(?:node|machine|server|instance|节点|服务器|机器|host)s?\s?"
    r"(?:(?:in\s[^.,;]{3,40}?\s)?(?:contains?|has|have|having|with|equipped with|configured with|consists? of|"
    r"comprises?|配备|包含|有|含|搭载)|[:：])?\s?(?:了)?\s?$"
    r"|(?:nodes|machines|servers)(?:[\s,(]{1,2})(?:each\s)?(?:with|of|containing|contain|having|equipped with|each has|"
    r"each having|consisting of|comprising)\s$"
    r"|,?\seach\s(?:with|has|having|contain(?:s|ing)|equipped with|comprising|one with)\s$"
    r"|每(?:台|个)?(?:服务器|节点|机器|机)?(?:配备|包含|有|含|搭载)?了?\s?$"
    rf"|{_NODE}\s?[×xX*✕]\s?$",
    re.IGNORECASE,
)
_FACTOR = re.compile(r"(?<![\d.,])(\d{1,4})(?:\s?[×xX*✕]\s?|\s)$")
_TIMES_NODES = re.compile(rf"\s?[×xX*✕]\s?(\d{{1,4}})\s?(?:compute\s|GPU\s)?{_NODE}", re.IGNORECASE)
# «100台8卡A800» are 800
_BOXES = re.compile(r"(?<![\d.,])(\d{1,4})\s?(?:台|个)\s?$")
_CARDS = re.compile(r"\d{1,2}\s?卡")
_TIMES = re.compile(r"[×xX*✕]")
# «A100 (40G * 8)»
_SIZE_TIMES = re.compile(r"[(（]\s?\d{2,3}\s?G(?:i?B)?\s?[×xX*✕]\s?$")
_TIMES_BEFORE = re.compile(r"\s?[(（]?[×xX*✕]\s?$")
_COUNTED_AFTER = re.compile(r"\s?(?:张|張|块|塊|卡|颗|顆|片|枚|基|个|個)")
_BEHIND = re.compile(r"\s?(?:共|共计|[:：])?\s?$")
_ONE_BEFORE = re.compile(r"\b(?:an?|one|single|1)\s(?:single\s|local\s)?$|[单一][台个]\s?$", re.IGNORECASE)
_TOTAL_BEFORE = re.compile(r"(?:total(?:ing)? (?:of )?|共(?:计|有)?|总(?:计|共))\s?$", re.IGNORECASE)
_TOTAL_AFTER = re.compile(r"\s?(?:in )?total\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:\b(?:table|figure|fig\.?|section|sec\.?|appendix|eq\.?|equation|chapter|step|phase|stage|version|part|no\.)|[#§第])\s?$",
    re.IGNORECASE,
)
_YEARED = re.compile(
    r"\b(?:in|since|until|during|early|late|mid|before|after|post|pre|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|spring|summer|autumn|fall|winter)[\s,-]{1,2}$",
    re.IGNORECASE,
)


def count(text: str, number: Number, mentions: Sequence[ChipMention]) -> Quantity | None:
    """The chips or nodes that a number counts, or None."""
    whole = number.value == int(number.value) or number.qualifier == "range"
    if not whole or not 1 <= number.value <= _MOST or _is_label(text, number):
        return None
    after = number.end
    if gap := _GAP.match(text, number.end):
        after = gap.end()
    for mention in mentions:
        if mention.start > after + 2:
            break
        if _BRACKETED.fullmatch(text, number.end, mention.start) and (closed := _CLOSED.match(text, mention.end)):
            return _counted(text, number, number.start, closed.end("bracket"), mention)
        if mention.start <= after and number.end <= mention.start and not mention.generic:
            if mention.slice is not None and mention.start > number.end + 3:
                continue
            times = _TIMES.search(text, number.end, mention.start)
            if number.value > _BOARD and not times and (nodes := _NODES_OF.match(text, mention.end)):
                return measure("node_count", "nodes", 1.0, number, number.start, nodes.end(), text)
            return _counted(text, number, number.start, mention.end, mention)
    within = next((m for m in mentions if m.start < number.start and number.end < m.end and not m.generic), None)
    if within is not None and _SIZE_TIMES.search(text, within.start, number.start):
        boxed = _counted(text, number, within.start, within.end, replace(within, per_unit=None))
        return replace(boxed, formula=f"1 × {number.value:g}")
    device = _DEVICE.match(text, number.end)
    if device and device["device"] in ("卡", "张卡") and (behind := _count_behind(text, number, mentions)):
        return behind
    if device:
        start, end = device.span("device")
        chip = next((m for m in mentions if m.start < end and m.end > start), None) or _unnamed(text, start, end)
        apposed = next((m for m in mentions if end < m.start < end + 10 and not m.generic), None)
        joint = _APPOSED.fullmatch(text, end, apposed.start) if apposed is not None else None
        boarded = apposed is not None and (text[number.end] != "-" or _NODES.match(text, apposed.end) is not None)
        if apposed is not None and boarded and text[end : apposed.start] == " ":
            joint = re.match(r"\s", text[end:])  # «an 8-GPU A100 machine», «on one GPU A100»
        if chip.generic and apposed is not None and joint:
            chip, end = (
                apposed,
                apposed.end
                + (1 if joint[0].strip()[:1] in "(（" and text[apposed.end : apposed.end + 1] in ")）" else 0),
            )
        return _counted(text, number, number.start, end, chip)
    numbered = any(m.end + 1 == number.start and not m.generic for m in mentions)
    if (node := _NODES.match(text, number.end)) and not numbered:
        return measure("node_count", "nodes", 1.0, number, number.start, node.end(), text)
    return _count_behind(text, number, mentions) or _count_bare(text, number, mentions)


def _is_label(text: str, number: Number) -> bool:
    """«Table 8 GPUs …» and «In 2024 GPUs became scarce» count nothing."""
    before = text[max(0, number.start - 12) : number.start]
    year = 1980 <= number.value <= 2035 and number.printed.isdigit()
    return _NUMBERED.search(before) is not None or (year and _YEARED.search(before) is not None)


def _count_behind(text: str, number: Number, mentions: Sequence[ChipMention]) -> Quantity | None:
    """A count after its chip: «A100×8», «NVIDIA H800 * 64», «H20 16卡», «昇腾910 共 1,536 张»."""
    mention = next((m for m in reversed(mentions) if m.end <= number.start), None)
    if mention is None or number.start - mention.end > 8 or number.value < 2:
        return None
    if _TIMES_BEFORE.fullmatch(text, mention.end, number.start) and not mention.generic:
        end = number.end
        if text[end : end + 1].isalnum() and text[end : end + 1].isascii():
            return None
    elif _BEHIND.fullmatch(text, mention.end, number.start) and (counted := _COUNTED_AFTER.match(text, number.end)):
        end = counted.end()
    else:
        return None
    return _counted(text, number, mention.start, end, mention)


def _count_bare(text: str, number: Number, mentions: Sequence[ChipMention]) -> Quantity | None:
    """«a TPU v4 pod (4096 chips)»: chips that the text names elsewhere; cores are counted of TPUs alone."""
    device = _BARE_DEVICE.match(text, number.end)
    if device is None or number.value < _FEWEST_BARE:
        return None
    cores = device["device"] == "cores"
    near = [m for m in mentions if abs(m.start - number.start) < 90 and (not cores or "tpu" in m.id)]
    if not near:
        return None
    chip = min(near, key=lambda m: (m.generic, abs(m.start - number.start)))
    # «a v4-64 slice (64 chips)» tells its size twice.
    return _counted(text, number, number.start, device.end(), replace(chip, cores=cores, slice=None, per_unit=None))


def _counted(text: str, number: Number, start: int, end: int, chip: ChipMention) -> Quantity:
    quantity = replace(measure("chip_count", "chips", 1.0, number, start, end, text), chip=chip)
    before = text[max(0, start - 90) : start]
    if _PER_NODE.match(text, end) or (number.value <= 16 and _NODE_HAS.search(before)):
        return replace(quantity, each="node")
    if number.value <= 16 and _EACH.match(text, end) and re.search(_NODE, before, re.IGNORECASE):
        return replace(quantity, each="node")
    if per_unit := chip.per_unit or chip.slice:
        return replace(quantity, value=number.value * per_unit, formula=f"{number.value:g} × {per_unit}")
    return quantity


def _unnamed(text: str, start: int, end: int) -> ChipMention:
    word = text[start:end]
    other = "accelerator" if re.match(r"acc|加速|芯片|算力|计算|张?卡", word.lower()) else "gpu"
    kind = next((k for k in ("npu", "tpu") if k in word.lower()), other)
    return ChipMention(kind, word, start, end, word, generic=True)


def multiply(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """Adds «64 nodes × 8 GPUs», «48 * 8 A100s», «8 GPUs × 64 nodes», «16 8×A800 nodes» and «two pods of 3,072 chips
    each» as derived counts.
    """
    nodes = [q for q in found if q.kind == "node_count" and q.number.value > 1]
    starts = [q.start for q in nodes]
    result: list[Quantity] = []
    for quantity in found:
        result.append(quantity)
        if quantity.kind != "chip_count":
            continue
        before = _FACTOR.search(text, max(0, quantity.start - 9), quantity.start)
        if before and (_TIMES.search(before[0]) or _NODES.match(text, quantity.end)):
            result[-1] = _product(quantity, int(before[1]), before.start(), quantity.end, text)
        elif quantity.each is None and (groups := count_groups(text, quantity.start, quantity.end)):
            result[-1] = _product(quantity, groups[0], groups[1], quantity.end, text)
        elif _CARDS.match(text, quantity.start) and (boxes := _BOXES.search(text, 0, quantity.start)):
            result[-1] = _product(quantity, int(boxes[1]), boxes.start(), quantity.end, text)
        elif times := _TIMES_NODES.match(text, quantity.end):
            result[-1] = _product(quantity, int(times[1]), quantity.start, times.end(), text)
        elif quantity.each == "node" and nodes:
            at = bisect_left(starts, quantity.start)
            near = min(nodes[max(0, at - 1) : at + 1], key=lambda q: abs(q.start - quantity.start))
            start, end = min(near.start, quantity.start), max(near.end, quantity.end)
            result.append(_product(quantity, int(near.number.value), start, end, text))
    return result


def drop_parts(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """Of «4 Cloud TPUs in a pod (16 TPU chips total)» keeps the total; of «16x H100 (2x H100 nodes)» the chips.

    «a single 8×H100 node» does count its chips.
    """
    totals = [(q.start, q.value) for q in found if q.kind == "chip_count" and _is_total(text, q)]
    kept: list[Quantity] = []
    for quantity in found:
        if quantity.kind == "chip_count":
            near = totals[bisect_right(totals, (quantity.start, math.inf)) : bisect_left(totals, (quantity.end + 90,))]
            if any(quantity.value < total for _, total in near):
                continue
            alone = quantity.formula is None and quantity.each is None
            alone = alone and not _ONE_BEFORE.search(text, max(0, quantity.start - 16), quantity.start)
            if alone and quantity.number.value < 9 and _NODES.match(text, quantity.end):
                continue
        kept.append(quantity)
    return kept


def _is_total(text: str, quantity: Quantity) -> bool:
    before = text[max(0, quantity.start - 14) : quantity.start]
    return _TOTAL_BEFORE.search(before) is not None or _TOTAL_AFTER.match(text, quantity.end) is not None


def _product(quantity: Quantity, factor: int, start: int, end: int, text: str) -> Quantity:
    product = measure(quantity.kind, quantity.unit, factor, quantity.number, start, end, text)
    return replace(product, chip=quantity.chip, formula=f"{factor} × {quantity.number.value:g}")
