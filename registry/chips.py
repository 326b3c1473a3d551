"""Chips: their names, figures and the two measures that export controls test."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from registry.tables import STRICT, Confidence, Names, PartialDate, RegistryError, Spelling, fold, read_csv, read_toml

OPERAND_BITS: dict[str, int] = {
    "fp32_tflops": 32,
    "fp16_dense_tflops": 16,
    "bf16_dense_tflops": 16,
    "fp8_dense_tflops": 8,
    "int8_dense_tops": 8,
    "fp4_dense_tflops": 4,
}
"""The figures that count towards total processing performance, with the bit length of their operands."""

PLANAR_NODE_NM = 20
"""From this node up transistors are planar, and performance density is not defined (3A090, Note 4)."""

_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Vendor:
    """A maker of chips. `names` may stand before a chip's name («NVIDIA A100», «华为昇腾910»)."""

    __pydantic_config__ = STRICT

    id: str
    name: str
    country: str
    sources: Names
    confidence: Confidence
    names: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A chip, a family of chips, or a word for chips that a document leaves unnamed (`level`).

    Figures are dense (2:4 sparsity taken out) and of the whole package; link figures sum both directions.
    `scale_up_gb_s` is 0 where a part has no link of its own, and a missing figure is not established. `announced` is
    the day of the announcement, `available` that of first delivery where it is known to differ. `tpp_reason` says why
    `tpp` is not the largest throughput × bits of the row. `cut_down_from` names the part that a China-specific one was
    derived from. `devices_per_chip` is how many devices software shows for one chip («128 TPU v3 cores» are 64 chips; a
    MI250X counts as two GPUs).
    """

    __pydantic_config__ = STRICT

    id: str
    name: str
    level: Literal["part", "family", "generic"]
    kind: Literal["gpu", "tpu", "npu", "accelerator", "cpu"]
    sources: str
    confidence: Confidence
    vendor: str | None = None
    family: str | None = None
    segment: Literal["datacenter", "consumer", "workstation", "edge"] | None = None
    aliases: Names = ()
    exact: Names = ()
    weak: Names = ()
    form_factor: str = ""
    availability: Literal["released", "roadmap", "never"] | None = None
    announced: PartialDate | None = None
    available: PartialDate | None = None
    memory_gb: float | None = None
    memory_bandwidth_gb_s: float | None = None
    fp32_tflops: float | None = None
    fp16_dense_tflops: float | None = None
    bf16_dense_tflops: float | None = None
    fp8_dense_tflops: float | None = None
    int8_dense_tops: float | None = None
    fp4_dense_tflops: float | None = None
    scale_up_gb_s: float | None = None
    host_link_gb_s: float | None = None
    die_area_mm2: float | None = None
    process_nm: float | None = None
    tdp_w: float | None = None
    tpp: float | None = None
    performance_density: float | None = None
    tpp_reason: str = ""
    devices_per_chip: Annotated[int, Field(ge=1)] = 1
    cut_down_from: str | None = None
    note: str = ""

    @property
    def generic(self) -> bool:
        """Whether this is a word for chips that a document leaves unnamed («GPU», «计算卡»)."""
        return self.level == "generic"

    def spellings(self) -> Iterator[Spelling]:
        """The ways in which texts write this chip."""
        return spellings(self.aliases, self.exact, self.weak)

    def figures(self) -> dict[str, float]:
        """Every established figure by its column name, units in the name."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in found if isinstance(value, float)}


def spellings(aliases: Iterable[str], exact: Iterable[str], weak: Iterable[str]) -> Iterator[Spelling]:
    """The spellings that three columns of a row stand for."""
    yield from (Spelling(text) for text in aliases)
    yield from (Spelling(text, exact=True) for text in exact)
    yield from (Spelling(text, exact=True, weak=True) for text in weak)


def tpp(chip: Chip) -> float | None:
    """Total processing performance: throughput in tera-operations × operand bits, the largest over formats; or None.

    The definition is that of ECCN 3A090, Technical Note 2 (88 FR 73458): 2 × MacTOPS × bit length, dense, summed over
    the package. A datasheet's FLOP/s already counts a multiply-accumulate as two. A row that gives a reason keeps its
    stated value; a family has none of its own.
    """
    if chip.tpp is not None:
        return chip.tpp
    products = [bits * value for column, bits in OPERAND_BITS.items() if (value := getattr(chip, column)) is not None]
    return max(products, default=None)


def performance_density(chip: Chip) -> float | None:
    """TPP ÷ area in mm² of the dies made with non-planar transistors (3A090, Technical Note 3); or None.

    None where the area is not established and where the process is planar, for which the measure is not defined.
    """
    total = tpp(chip)
    if total is None or chip.die_area_mm2 is None or (chip.process_nm or 0) >= PLANAR_NODE_NM:
        return None
    return total / chip.die_area_mm2


def _check_figures(chip: Chip, where: str) -> None:
    for name, value in chip.figures().items():
        if not math.isfinite(value) or value < 0 or (value == 0 and name != "scale_up_gb_s"):
            raise RegistryError(f"{where}: {name}: {value:g} is impossible")
    products = [bits * value for column, bits in OPERAND_BITS.items() if (value := getattr(chip, column)) is not None]
    if products and not chip.tpp_reason:
        if chip.tpp is None:
            raise RegistryError(f"{where}: tpp: is missing although throughput is given ({max(products):.0f})")
        if abs(chip.tpp - max(products)) > _TOLERANCE * chip.tpp:
            raise RegistryError(
                f"{where}: tpp: {chip.tpp:g} is not the largest throughput × bits, {max(products):.0f}; "
                "mend the figure or say why in tpp_reason"
            )
    if chip.performance_density is not None:
        expected = performance_density(chip)
        if expected is None:
            raise RegistryError(f"{where}: performance_density: needs tpp, die_area_mm2 and a non-planar process")
        if abs(chip.performance_density - expected) > max(_TOLERANCE * expected, 0.005):
            raise RegistryError(
                f"{where}: performance_density: {chip.performance_density:g} is not tpp ÷ area, {expected:.2f}"
            )


def _check_family(chip: Chip, chips: Mapping[str, Chip], where: str) -> None:
    seen = {chip.id}
    current = chip
    while current.family is not None:
        if current.family not in chips:
            raise RegistryError(f"{where}: family: no chip has the id {current.family!r}")
        if current.family in seen:
            raise RegistryError(f"{where}: family: {current.family!r} leads back to itself")
        seen.add(current.family)
        current = chips[current.family]


def load_vendors(path: Path) -> tuple[Vendor, ...]:
    """The makers in `vendors.toml`; raises `RegistryError`."""
    found: dict[str, Vendor] = {}
    for where, vendor in read_toml(path, "vendor", Vendor):
        if vendor.id in found:
            raise RegistryError(f"{where}: id: is taken by an entry above")
        found[vendor.id] = vendor
    return tuple(found.values())


def load_chips(path: Path, vendors: Iterable[Vendor]) -> tuple[Chip, ...]:
    """The chips in `chips.csv`, checked; raises `RegistryError` with the line to mend.

    Refused: an unknown column, an id or a spelling that two rows claim, an impossible figure, a vendor, family or
    `cut_down_from` that no row has.
    """
    known_vendors = {vendor.id for vendor in vendors}
    chips: dict[str, Chip] = {}
    places: dict[str, str] = {}
    claimed: dict[str, Chip] = {}
    for where, chip in read_csv(path, Chip):
        if chip.id in chips:
            raise RegistryError(f"{where}: id: is taken by {places[chip.id]}")
        if chip.vendor is not None and chip.vendor not in known_vendors:
            raise RegistryError(f"{where}: vendor: no vendor has the id {chip.vendor!r}")
        if chip.vendor is None and not chip.generic:
            raise RegistryError(f"{where}: vendor: is missing")
        _check_figures(chip, where)
        for text in {fold(text): text for text in (chip.name, *(s.text for s in chip.spellings()))}.values():
            other = claimed.setdefault(fold(text), chip)
            if other is not chip:
                raise RegistryError(f"{where}: alias {text!r} is claimed by {other.id} too; one chip can have it")
        chips[chip.id], places[chip.id] = chip, where
    for chip in chips.values():
        _check_family(chip, chips, places[chip.id])
        if chip.cut_down_from is not None and chip.cut_down_from not in chips:
            raise RegistryError(f"{places[chip.id]}: cut_down_from: no chip has the id {chip.cut_down_from!r}")
    return tuple(chips.values())
