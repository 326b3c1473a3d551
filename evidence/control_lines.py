"""Holding a chip's figures against the lines of an instrument, with «unknown» as a third answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry import Chip, Registry
from registry.chips import performance_density, tpp
from registry.controls import Condition, Instrument, Limb
from registry.tables import Confidence

CLOSE = 0.02
"""A figure within this share of a line is said to be close to it: the figure's own error may decide the answer."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The figures that are held against the lines; None where a figure is not established.

    `tpp` and `pd` as in ECCN 3A090, `io_gb_s` all transfer but memory in both directions, `dram_gb_s` the memory's
    bandwidth. `io_is_floor` when only one link is known and the true rate is higher. `datacenter` and `us_commercial`
    answer whether the part is designed or marketed for data centres, and whether it was on sale in the United States.
    """

    tpp: float | None
    pd: float | None
    io_gb_s: float | None
    io_is_floor: bool
    dram_gb_s: float | None
    datacenter: bool | None
    us_commercial: bool | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition in writing, the value held against it, and whether it is met; None where that is unknown."""

    line: str
    value: float | bool | None
    met: bool | None
    close: bool = False


@dataclass(frozen=True, slots=True)
class LimbOutcome:
    """One limb with its comparisons. `reported`: its numbers are known from the press alone."""

    name: str
    reported: bool
    met: bool | None
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What an instrument in force says of a chip: whether it names it, limb by limb, and whether it catches it."""

    instrument: Instrument
    named: bool
    limbs: tuple[LimbOutcome, ...]
    caught: bool | None

    @property
    def reported(self) -> bool:
        """Whether it catches the chip by numbers that are known from the press alone."""
        return self.caught is True and not self.named and all(limb.reported for limb in self.limbs if limb.met)


def gather_inputs(registry: Registry, chip: Chip) -> Inputs:
    """The figures of a part that lines are drawn by."""
    links = [link for link in (chip.scale_up_gb_s, chip.host_link_gb_s) if link is not None]
    on_sale = any(family in registry.controls.coverage.us_commercial for family in registry.lineage(chip.id))
    return Inputs(
        tpp=tpp(chip),
        pd=performance_density(chip),
        io_gb_s=sum(links) if links else None,
        io_is_floor=len(links) == 1,
        dram_gb_s=chip.memory_bandwidth_gb_s,
        datacenter={"datacenter": True, "consumer": False, "edge": False}.get(chip.segment or ""),
        us_commercial=True if on_sale else None,
        confidence=chip.confidence,
    )


def hold_against(registry: Registry, instrument: Instrument, chip: Chip, inputs: Inputs) -> RuleOutcome:
    """Hold a part against an instrument: by name, and limb by limb."""
    lineage = registry.lineage(chip.id)
    named = any(family in instrument.chips for family in lineage)
    vendor = registry.vendor(chip)
    bound = not instrument.vendors or chip.vendor in instrument.vendors
    if instrument.vendor_countries:
        bound = bound and vendor is not None and vendor.country in instrument.vendor_countries
    limbs = tuple(_hold_limb(limb, inputs) for limb in instrument.limb) if bound else ()
    caught = True if named else _any(limb.met for limb in limbs)
    return RuleOutcome(instrument, named, limbs, caught)


def _hold_limb(limb: Limb, inputs: Inputs) -> LimbOutcome:
    comparisons = tuple(_compare(condition, inputs) for condition in limb.all)
    return LimbOutcome(limb.name, limb.reported, _all(c.met for c in comparisons), comparisons)


def _compare(condition: Condition, inputs: Inputs) -> Comparison:
    if condition.equals is not None:
        fact = inputs.datacenter if condition.measure == "datacenter" else inputs.us_commercial
        return Comparison(condition.line, fact, None if fact is None else fact is condition.equals)
    value, is_floor = _value(condition, inputs)
    if value is None:
        return Comparison(condition.line, None, None)
    lines = [line for line in (condition.at_least, condition.below) if line is not None]
    reaches = condition.at_least is None or value >= condition.at_least or (None if is_floor else False)
    stays = condition.below is None or (False if value >= condition.below else None if is_floor else True)
    return Comparison(
        condition.line, value, _all((reaches, stays)), close=any(abs(value - line) <= CLOSE * line for line in lines)
    )


def _value(condition: Condition, inputs: Inputs) -> tuple[float | None, bool]:
    match condition.measure:
        case "tpp":
            return inputs.tpp, False
        case "pd":
            return inputs.pd, False
        case "io":
            return inputs.io_gb_s, inputs.io_is_floor
        case "dram_bw":
            return inputs.dram_gb_s, False
        case "bandwidth_sum" if inputs.dram_gb_s is not None:
            return inputs.dram_gb_s + (inputs.io_gb_s or 0), inputs.io_gb_s is None or inputs.io_is_floor
        case _:
            return None, False


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = tuple(answers)
    return False if False in found else None if None in found else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = tuple(answers)
    return True if True in found else None if None in found else False
