"""Figures of claims as bounds, so that rounding and «about» are no contradiction, and numbers in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.claim import Claim

_ABOUT = 0.1
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a figure may be: «2.788M» is 2,787,500 to 2,788,500, «less than two months» is 0 to 1,460 hours."""

    low: float
    high: float

    def __mul__(self, other: Bounds) -> Bounds:
        return Bounds(self.low * other.low, self.high * other.high)

    def __truediv__(self, other: Bounds) -> Bounds:
        return Bounds(self.low / other.high if other.high else 0, self.high / other.low if other.low else math.inf)

    def meets(self, other: Bounds, tolerance: float) -> bool:
        """Whether the two may be one figure, each widened by a share of itself."""
        return self.low * (1 - tolerance) <= other.high and other.low * (1 - tolerance) <= self.high


def bounds_of(claim: Claim) -> Bounds:
    """The bounds of a numeric claim: as printed, a tenth wider where it says «about», open where «at least»."""
    value = number_of(claim)
    low = value if claim.lower is None else claim.lower
    high = value if claim.upper is None else claim.upper
    if claim.qualifier == "about":
        low, high = min(low, value * (1 - _ABOUT)), max(high, value * (1 + _ABOUT))
    elif claim.qualifier == "at_most":
        low = 0.0
    elif claim.qualifier == "at_least":
        high = math.inf
    return Bounds(low, high)


def number_of(claim: Claim) -> float:
    """The value of a claim that has a number. Raises `ValueError` for any other."""
    if not isinstance(claim.value, float | int):
        raise ValueError(f"claim {claim.id} has no number")
    return float(claim.value)


def sum_bounds(parts: Iterable[Bounds]) -> Bounds:
    """The bounds of a sum."""
    known = list(parts)
    return Bounds(sum(part.low for part in known), sum(part.high for part in known))


def say_number(value: float) -> str:
    """A number as people write it: 2048 is «2,048», 2788000 is «2.788M», 3.8e25 is «3.8e+25»."""
    if abs(value) >= 1e15:
        return f"{value:.4g}"
    for scale, letter in _SCALES:
        if abs(value) >= scale:
            return f"{value / scale:.4g}{letter}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
