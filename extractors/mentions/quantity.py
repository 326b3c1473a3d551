"""What a quantity is: a number with its unit, in the base unit of its kind."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.mentions.chips import ChipMention
from extractors.mentions.numbers import Number


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit at `start:end`; `value` is in the base unit of its kind.

    Kinds: chip_count, node_count, chip_hours, duration, compute, flop_rate, tokens, parameters, active_parameters,
    energy, emissions, mass, money, price, throughput, percent. `chip` is the chip that the unit names. `each` tells
    what a count is per («8 GPUs per node»: node). `formula` is set on products alone («64 × 8»).
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


def measure(kind: str, unit: str, factor: float, number: Number, start: int, end: int, text: str) -> Quantity:
    """The quantity that a number is in a unit of `factor` base units."""
    value = _round(number.value * factor)
    lower = None if number.lower is None else _round(number.lower * factor)
    upper = None if number.upper is None else _round(number.upper * factor)
    return Quantity(kind, value, unit, start, end, text[start:end], number, lower=lower, upper=upper)


def _round(value: float) -> float:
    return float(f"{value:.9g}")
