"""Quantities: a number with its unit, on characters and never on tokens («14.8T» is one thing, and «H800» no unit).

The units are data (`lexicon/units.toml`); the numbers are `numbers`'; the chips inside a unit («H800 GPU hours») are
`chips`'; how many chips there are is `counts`'.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extractors.lexicon import LexiconError, load_lexicon
from extractors.mentions.chips import DEVICE, ChipGrammar, ChipMention, chip_grammar
from extractors.mentions.counts import count, drop_parts, multiply
from extractors.mentions.numbers import Number, parts, qualify, read_numbers
from extractors.mentions.quantity import Quantity, measure
from registry import Registry

__all__ = ["Quantity", "QuantityGrammar", "quantity_grammar"]

_MASK = "\ufdd0"
_NEAR = 160
_RATE = re.compile(
    r"\s?(?:/|per|for each|for every|on each|each|a|every|每)\s?"
    r"(?P<per>(?:1|one|a|single)?\s?(?:trillion|billion|万亿)\s?tokens?|1?[TB]\s?tokens?|epoch|steps?|iterations?|day|month|"
    r"request|million|(?:node|nodes|server|machine|节点|机)|week|year|task|sample|image|token|run\b|model|protein|frame|"
    r"GPU|TPU|NPU|chip|accelerator|second|人|天|日|个?节点|台)",
    re.IGNORECASE,
)
_RATE_BEFORE = re.compile(
    r"(?:for (?:training on )?each|per|every|each|on each)\s(?P<per>(?:trillion|billion)\stokens?)[^.;。]{0,60}$",
    re.IGNORECASE,
)
_A_SECOND = re.compile(r"每秒(?:可|能)?(?:钟|生成|处理|输出|产生)?\s?[约達达到]?\s?$")
_RATED = frozenset({"chip_hours", "duration", "compute", "throughput", "flop_rate", "energy", "money", "tokens"})
_SIZES = frozenset({"parameters", "active_parameters"})
_PRICE = re.compile(
    r"\s?(?:/|per|an?)\s?(?:[A-Z]\w{1,5}[\s-])?(?:GPU[\s-]?)?(?:hours?|hr|h\b|GPU|million|1?M\b|month|day|小时|token)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Unit:
    kind: str
    unit: str
    factor: float
    least: float


class QuantityGrammar:
    """Finds quantities in a text; build it once per registry (`quantity_grammar`).

    Named chips are masked before units are looked for, so that {chip} in a unit's pattern is what `chips` finds.
    """

    def __init__(self, chips: ChipGrammar) -> None:
        self._chips = chips
        keys = {"kind", "unit", "factor", "pattern", "case", "least"}
        lexicon = load_lexicon("units.toml", {"unit": keys, "currency": {"unit", "pattern"}})
        self._units: list[_Unit] = []
        patterns: list[str] = []
        for row in lexicon["unit"]:
            pattern = str(row["pattern"]).replace("{chip}", rf"{_MASK}+(?:[\s-]?{DEVICE})?").replace("{device}", DEVICE)
            number = len(patterns)
            if re.match(pattern, "") is not None:
                raise LexiconError(f"units.toml: [[unit]] {number + 1} ({row['kind']}): the pattern can match no text")
            patterns.append(f"(?P<u{number}>{pattern if row.get('case') else f'(?i:{pattern})'})")
            least = float(row.get("least", 0.0))
            self._units.append(_Unit(str(row["kind"]), str(row.get("unit", "")), float(row["factor"]), least))
        self._unit = re.compile(r"\+?[\s\-–‑]{0,2}+[多余]?(?:个\s?)?(?:" + "|".join(patterns) + ")")
        self._currencies = [str(row["unit"]) for row in lexicon["currency"]]
        written = "|".join(f"(?P<c{i}>{row['pattern']})" for i, row in enumerate(lexicon["currency"]))
        self._currency = re.compile(rf"(?:{written})\s?$")

    def find(self, text: str, chips: Sequence[ChipMention] | None = None) -> list[Quantity]:
        """Quantities of a text in order. `chips` are its chip mentions, found here when not given."""
        numbers = read_numbers(text)
        if not numbers:
            return []
        mentions = self._chips.find(text) if chips is None else chips
        named = [m for m in mentions if not m.generic]
        masked = _mask(text, named) if named else text
        starts = [m.start for m in mentions]
        found: list[Quantity] = []
        for number in numbers:
            near = mentions[bisect_left(starts, number.start - _NEAR) : bisect_right(starts, number.end + _NEAR)]
            if any(m.start < number.end and number.start < m.end and not m.generic for m in near):
                continue
            for quantity in self._read(text, masked, number, near):
                if not (found and found[-1].end > quantity.start and found[-1].kind == quantity.kind):
                    found.append(quantity)
        return drop_parts(text, multiply(text, found)) if found else found

    def _read(self, text: str, masked: str, number: Number, mentions: Sequence[ChipMention]) -> Iterator[Quantity]:
        quantity = self._measure(text, masked, number, mentions)
        if quantity is None:
            quantity = count(text, number, mentions)
        if quantity is None:
            return
        each = parts(number) if quantity.kind in _SIZES and number.qualifier == "range" else []
        if len(each) == 2 and not each[0].printed[-1].isdigit():
            yield from (_alone(quantity, part, quantity.value / number.value, text) for part in each)
            return
        qualified = qualify(text, number)
        yield quantity if qualified is number else replace(quantity, number=qualified)

    def _measure(self, text: str, masked: str, number: Number, mentions: Sequence[ChipMention]) -> Quantity | None:
        start = number.start
        if start and (money := self._currency.search(text, max(0, start - 6), start)):
            currency = self._currencies[int((money.lastgroup or "c0")[1:])]
            kind = "price" if _PRICE.match(text, number.end) else "money"
            return measure(kind, currency, 1.0, number, money.start(), number.end, text)
        match = self._unit.match(masked, number.end)
        if match is None:
            return None
        unit = self._units[int((match.lastgroup or "u0")[1:])]
        if number.value < unit.least or (unit.kind in _SIZES and "+" in match[0]):  # «7B+ models» are a class
            return None
        end = match.end()
        quantity = measure(unit.kind, unit.unit, unit.factor, number, start, end, text)
        if unit.kind == "money" and _PRICE.match(text, end):
            return replace(quantity, kind="price")
        if unit.kind == "duration" and text.startswith("半", end):
            end += 1
            quantity = replace(quantity, value=quantity.value + 0.5 * unit.factor, end=end, printed=text[start:end])
        if unit.kind in ("chip_hours", "throughput"):
            inside = [m for m in mentions if number.end <= m.start < end]
            quantity = replace(quantity, chip=next((m for m in inside if not m.generic), next(iter(inside), None)))
        if unit.kind == "tokens" and _A_SECOND.search(text, max(0, start - 10), start):
            return replace(quantity, kind="throughput", unit="tokens/s")
        if unit.kind not in _RATED:
            return quantity
        if rate := _RATE.match(text, end):
            per = re.sub(r"\s+", " ", rate["per"]).lower()
            return replace(quantity, per=per, end=rate.end(), printed=text[start : rate.end()])
        if ahead := _RATE_BEFORE.search(text, max(0, start - 120), start):
            return replace(quantity, per=ahead["per"].lower())
        return quantity


def _mask(text: str, mentions: Sequence[ChipMention]) -> str:
    pieces: list[str] = []
    at = 0
    for mention in mentions:
        pieces += [text[at : mention.start], _MASK * (mention.end - max(at, mention.start))]
        at = max(at, mention.end)
    return "".join([*pieces, text[at:]])


def _alone(quantity: Quantity, part: Number, factor: float, text: str) -> Quantity:
    """One end of «7B to 65B parameters», which are two sizes of a family and no range of one."""
    end = quantity.end if part.end == quantity.number.end else part.end
    return measure(quantity.kind, quantity.unit, factor, part, part.start, end, text)


@lru_cache(maxsize=4)
def quantity_grammar(registry: Registry) -> QuantityGrammar:
    """The grammar of a registry, built once."""
    return QuantityGrammar(chip_grammar(registry))
