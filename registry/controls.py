"""Export controls as data: instruments with their dates, scope, citation and the lines they draw."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from registry.tables import STRICT, Confidence, Names, PartialDate, RegistryError, first_day, read_toml

Measure = Literal["tpp", "pd", "io", "dram_bw", "bandwidth_sum", "datacenter", "us_commercial"]
"""What a condition tests: TPP; performance density (per mm²); transfer rates in GB/s; two questions of fact."""

Policy = Literal["denial", "unpublished", "case-by-case", "notified"]
"""How a licence is reviewed: presumption of denial; not published; case by case; exception after notification."""

_TABLES = ("coverage", "group", "instrument")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison: `at_least` ≤ measure < `below`, or a question of fact with its answer."""

    __pydantic_config__ = STRICT

    measure: Measure
    at_least: float | None = None
    below: float | None = None
    equals: bool | None = None

    @property
    def line(self) -> str:
        """The condition in writing: `tpp ≥ 4800`, `1.6 ≤ pd < 5.92`, `datacenter`."""
        if self.equals is not None:
            return self.measure if self.equals else f"not {self.measure}"
        if self.at_least is not None and self.below is not None:
            return f"{self.at_least:g} ≤ {self.measure} < {self.below:g}"
        return (
            f"{self.measure} ≥ {self.at_least:g}" if self.at_least is not None else f"{self.measure} < {self.below:g}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limb:
    """Conditions that must all be met. `reported`: known from the press and not from a published text."""

    __pydantic_config__ = STRICT

    name: str
    all: tuple[Condition, ...]
    reported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A rule, letter, listing or statement. In force from `effective` to `ended`, both included.

    `effect`: `requires` a licence for what it catches, `eases` the policy of review, `context` decides nothing. It
    catches the chips it names, and those that meet all conditions of one limb; `vendors` limits it to their chips.
    """

    __pydantic_config__ = STRICT

    id: str
    name: str
    citation: str
    jurisdiction: Literal["US", "CN"]
    kind: Literal["threshold", "named-parts", "entity", "policy", "memory", "use", "report", "tariff", "bill", "import"]
    effect: Literal["requires", "eases", "context"]
    announced: PartialDate
    scope: Names
    covers: str
    sources: Names
    confidence: Confidence
    policy: Policy | None = None
    effective: date | None = None
    ended: date | None = None
    succeeded_by: Names = ()
    end_reason: str = ""
    amends: Names = ()
    chips: Names = ()
    vendors: Names = ()
    vendor_countries: Names = ()
    limb: tuple[Limb, ...] = ()
    note: str = ""

    def in_force(self, on: date) -> bool:
        """Whether the instrument has effect on a day."""
        return self.effective is not None and self.effective <= on and (self.ended is None or on <= self.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of destinations by ISO 3166 code."""

    __pydantic_config__ = STRICT

    id: str
    members: Names
    sources: Names
    confidence: Confidence
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far the data reaches: its last day, the destinations for which it is complete enough to answer.

    `us_commercial` names the chips known to have been on sale in the United States when the rule of January 2026 came.
    """

    __pydantic_config__ = STRICT

    until: date
    note: str
    destinations: Names
    us_commercial: Names


@dataclass(frozen=True, slots=True)
class Controls:
    """All instruments, in the file's order, with the groups of destinations they speak of."""

    instruments: tuple[Instrument, ...]
    groups: tuple[Group, ...]
    coverage: Coverage
    _ids: dict[str, Instrument] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {instrument.id: instrument for instrument in self.instruments})

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument with an id; raises `KeyError`."""
        return self._ids[instrument_id]

    def reaches(self, instrument: Instrument, destination: str) -> bool:
        """Whether an instrument speaks of a destination («CN»)."""
        members = {code for group in self.groups if group.id in instrument.scope for code in group.members}
        return destination in {*instrument.scope, *members} or "worldwide" in instrument.scope


def load_controls(path: Path, chips: Collection[str], vendors: Collection[str]) -> Controls:
    """The export controls in `controls.toml`; raises `RegistryError` with the entry to mend.

    Refused: an id, chip, vendor or group that is not there, a limb or condition that tests nothing, dates out of order,
    an end without a successor or a reason, and a successor that leaves a gap or overlaps.
    """
    groups = tuple(group for _, group in read_toml(path, "group", Group, _TABLES))
    coverage = tuple(row for _, row in read_toml(path, "coverage", Coverage, _TABLES))
    if len(coverage) != 1:
        raise RegistryError(f"{path.name}: has {len(coverage)} entries [[coverage]], must have one")
    found: dict[str, Instrument] = {}
    places: dict[str, str] = {}
    for where, instrument in read_toml(path, "instrument", Instrument, _TABLES):
        if instrument.id in found:
            raise RegistryError(f"{where}: id: is taken by an entry above")
        found[instrument.id], places[instrument.id] = instrument, where
    known = {
        "chips": set(chips),
        "vendors": set(vendors),
        "amends": set(found),
        "succeeded_by": set(found),
    }
    for instrument in found.values():
        where = places[instrument.id]
        for key, ids in known.items():
            for name in getattr(instrument, key):
                if name not in ids:
                    raise RegistryError(f"{where}: {key}: nothing has the id {name!r}")
        for code in instrument.scope:
            if len(code) != 2 and code != "worldwide" and code not in {group.id for group in groups}:
                raise RegistryError(f"{where}: scope: no group has the id {code!r}")
        _check_lines(instrument, where)
        _check_dates(instrument, found, where)
    for name in coverage[0].us_commercial:
        if name not in known["chips"]:
            raise RegistryError(f"{path.name}: us_commercial: nothing has the id {name!r}")
    return Controls(tuple(found.values()), groups, coverage[0])


def _check_lines(instrument: Instrument, where: str) -> None:
    if instrument.effect != "context":
        if instrument.policy is None:
            raise RegistryError(f"{where}: policy: is missing")
        if not instrument.limb and not instrument.chips:
            raise RegistryError(f"{where}: catches nothing; it needs a limb or chips")
    for limb in instrument.limb:
        if not limb.all:
            raise RegistryError(f"{where}: limb {limb.name!r}: has no condition")
        for condition in limb.all:
            low, high = condition.at_least, condition.below
            question = condition.measure in ("datacenter", "us_commercial")
            bounded = low is not None or high is not None
            if bounded == question or question != (condition.equals is not None):
                kind = "equals" if question else "at_least or below"
                raise RegistryError(f"{where}: limb {limb.name!r}: {condition.measure} needs {kind} and nothing else")
            if low is not None and high is not None and low >= high:
                raise RegistryError(f"{where}: limb {limb.name!r}: {condition.measure}: at_least is not under below")


def _check_dates(instrument: Instrument, found: dict[str, Instrument], where: str) -> None:
    if instrument.effect != "context" and instrument.effective is None:
        raise RegistryError(f"{where}: effective: is missing")
    if instrument.effective is not None and instrument.effective < first_day(instrument.announced):
        raise RegistryError(f"{where}: effective: {instrument.effective} is before it was announced")
    if instrument.ended is None:
        if instrument.succeeded_by or instrument.end_reason:
            raise RegistryError(f"{where}: ended: is missing, although it says what followed")
        return
    if instrument.effective is None or instrument.ended < instrument.effective:
        raise RegistryError(f"{where}: ended: {instrument.ended} is before it took effect")
    if not instrument.succeeded_by and not instrument.end_reason:
        raise RegistryError(f"{where}: ended: leaves a gap after {instrument.ended}; name succeeded_by or end_reason")
    for name in instrument.succeeded_by:
        begins = found[name].effective
        expected = instrument.ended + timedelta(days=1)
        if begins != expected:
            fault = "leaves a gap" if begins is None or begins > expected else "overlaps"
            raise RegistryError(f"{where}: succeeded_by: {name} {fault}: it begins {begins}, not {expected}")
