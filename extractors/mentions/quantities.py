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

_AND = re.compile(r"\s?(?:,|and|、)?\s?")
_MINUTES = re.compile(r"h(\d{1,2})\s?m(?:in)?(?![a-z])")  # «2h17m»
_MASK = "\ufdd0"
_NEAR = 160
_LARGE = 1e5
_COPULA = (
    r"\s?(?:[(（]\s?)?(?:[:：=]|(?:达|高达|仅|约|只|分别)?(?:为|是|有|到|约|近|超|至|が|は)|(?:of|is|was|are|at|to|reach(?:es|ing|ed)))?"
    r"\s?(?:达到?|高达|仅|约|大约|近|超过?|about|around|approximately|roughly|over|nearly|up\sto|only|just|~|≈|∼)?\s?"
)
_UNITED = re.compile(
    r"[A-Za-z%％张卡块个台条种亿万倍]|\s?(?:bytes?|GB|TB|layers?|heads?|experts?|examples?|samples?|条|层)", re.I
)
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
_WHOLE = re.compile(r"[;。；]|\.\s|\b(?:total|overall|altogether|full|entire|whole|i\.e)\b|共|总", re.IGNORECASE)
_A_SECOND = re.compile(r"每秒(?:可|能)?(?:钟|生成|处理|输出|产生)?\s?[约達达到]?\s?$")
# «a rate of $5 e - 3$», «$1$»: dollars that set a formula
_TEX = re.compile(r"\s?(?:[eE]\s?[-−–]\s?\d|\\times|\\cdot|\^)|\s?\$(?!\d)")
_TEX_BEGUN = re.compile(r"\$(?:[^$\s][^$]*)?$")
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


@dataclass(frozen=True, slots=True)
class _Lead:
    kind: str
    unit: str
    pattern: re.Pattern[str]
    most: float | None


class QuantityGrammar:
    """Finds quantities in a text; build it once per registry (`quantity_grammar`).

    Named chips are masked before units are looked for, so that {chip} in a unit's pattern is what `chips` finds.
    """

    def __init__(self, chips: ChipGrammar) -> None:
        self._chips = chips
        keys = {"kind", "unit", "factor", "pattern", "case", "least"}
        tables = {"unit": keys, "currency": {"unit", "pattern"}, "lead": {"kind", "unit", "pattern", "most"}}
        lexicon = load_lexicon("units.toml", tables)
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

        self._leads = [
            _Lead(row["kind"], row["unit"], re.compile(rf"(?:{row['pattern']}){_COPULA}$", re.I), row.get("most"))
            for row in lexicon["lead"]
        ]

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
            within = [m for m in near if m.start < number.end and number.start < m.end and not m.generic]
            if within and (within[0].per_unit != number.value or text[number.end : number.end + 1] not in (")", "）")):
                continue
            for quantity in self._read(text, masked, number, near):
                if not (found and found[-1].end > quantity.start and found[-1].kind == quantity.kind):
                    found.append(quantity)
        return drop_parts(text, multiply(text, _add_up(text, _share_rates(text, found)))) if found else found

    def _read(self, text: str, masked: str, number: Number, mentions: Sequence[ChipMention]) -> Iterator[Quantity]:
        quantity = self._measure(text, masked, number, mentions)
        if quantity is None:
            quantity = count(text, number, mentions) or self._measure_led(text, number)
        if quantity is None:
            return
        each = parts(number) if quantity.kind in _SIZES and number.qualifier == "range" else []
        if len(each) == 2 and not each[0].printed[-1].isdigit():
            yield from (_alone(quantity, part, quantity.value / number.value, text) for part in each)
            return
        qualified = qualify(text, number)
        yield quantity if qualified is number else replace(quantity, number=qualified)

    def _measure_led(self, text: str, number: Number) -> Quantity | None:
        """A figure without a unit that the words before it explain; one of models' sizes needs a scale («7B»)."""
        if _UNITED.match(text, number.end):
            return None
        before = text[max(0, number.start - 48) : number.start]
        for lead in self._leads:
            fits = number.value >= _LARGE if lead.most is None else number.value < lead.most
            if fits and lead.pattern.search(before):
                return measure(lead.kind, lead.unit, 1.0, number, number.start, number.end, text)
        return None

    def _measure(self, text: str, masked: str, number: Number, mentions: Sequence[ChipMention]) -> Quantity | None:
        start = number.start
        if (
            start
            and (money := self._currency.search(text, max(0, start - 6), start))
            and not _TEX.match(text, number.end)
        ):
            currency = self._currencies[int((money.lastgroup or "c0")[1:])]
            kind = "price" if _PRICE.match(text, number.end) else "money"
            return measure(kind, currency, 1.0, number, money.start(), number.end, text)
        match = self._unit.match(masked, number.end)
        if match is None:
            return None
        unit = self._units[int((match.lastgroup or "u0")[1:])]
        if number.value < unit.least or (unit.kind in _SIZES and "+" in match[0]):  # «7B+ models» are a class
            return None
        end = match.end() - (match[0][-1] in "(（")  # what opens behind «718B（激活 39B）» tells, and is no part of it
        quantity = measure(unit.kind, unit.unit, unit.factor, number, start, end, text)
        if text[end - 1] == "$" and _TEX_BEGUN.search(text, max(0, start - 16), start):
            return None
        if unit.kind == "money" and _PRICE.match(text, end):
            return replace(quantity, kind="price")
        if unit.kind == "duration" and text.startswith("半", end):
            end += 1
            quantity = replace(quantity, value=quantity.value + 0.5 * unit.factor, end=end, printed=text[start:end])
        if unit.kind == "duration" and (minutes := _MINUTES.match(text, end - 1)):
            end = minutes.end()
            value = quantity.value + int(minutes[1]) / 60
            quantity = replace(quantity, value=value, end=end, printed=text[start:end], lower=None, upper=None)
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
        ahead = _RATE_BEFORE.search(text, max(0, start - 120), start)
        if ahead and not _WHOLE.search(ahead[0]):
            return replace(quantity, per=ahead["per"].lower())
        return quantity


def _add_up(text: str, found: list[Quantity]) -> list[Quantity]:
    """«9d 18h» and «2 days and 4 hours» are one time."""
    result: list[Quantity] = []
    for quantity in found:
        last = result[-1] if result else None
        if (
            last is not None
            and last.kind == quantity.kind == "duration"
            and _AND.fullmatch(text, last.end, quantity.start)
            and last.value * quantity.number.value > quantity.value * last.number.value
        ):
            value, end = last.value + quantity.value, quantity.end
            result[-1] = replace(last, value=value, end=end, printed=text[last.start : end], lower=None, upper=None)
        else:
            result.append(quantity)
    return result


def _share_rates(text: str, found: list[Quantity]) -> list[Quantity]:
    """A rate told ahead of a comparison is that of each side.

    «for each trillion tokens, Larch 67B takes 300.6K GPU hours, while Larch-V2 takes only 170K».
    """
    result: list[Quantity] = []
    ahead: Quantity | None = None
    for quantity in found:
        if quantity.kind == "chip_hours":
            if (
                ahead is not None
                and ahead.per
                and not quantity.per
                and not _RATE.search(ahead.printed)
                and not _WHOLE.search(text, ahead.end, quantity.start)
            ):
                quantity = replace(quantity, per=ahead.per)
            ahead = quantity
        result.append(quantity)
    return result


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
