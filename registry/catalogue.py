"""The registry: everything that is known before a document is read, and how it is looked up."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path

from registry.chips import Chip, Vendor, load_chips, load_vendors

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Registry:
    """Chips, machines, developers, models and techniques, checked against each other."""

    vendors: tuple[Vendor, ...]
    chips: tuple[Chip, ...]
    _chips: dict[str, Chip] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_chips", {chip.id: chip for chip in self.chips})

    def chip(self, chip_id: str) -> Chip:
        """The chip with an id; raises `KeyError`."""
        return self._chips[chip_id]

    def parts(self, chip_id: str) -> tuple[Chip, ...]:
        """The catalogue parts that an id can mean: itself, or all below it when it is a family, in table order."""
        if self._chips[chip_id].level == "part":
            return (self._chips[chip_id],)
        return tuple(chip for chip in self.chips if chip.level == "part" and chip_id in self.lineage(chip.id))

    def lineage(self, chip_id: str) -> tuple[str, ...]:
        """A chip's id and those of the families it belongs to, nearest first."""
        found = [chip_id]
        while (family := self._chips[found[-1]].family) is not None:
            found.append(family)
        return tuple(found)


@functools.cache
def load(folder: Path = DATA) -> Registry:
    """The registry in `folder`, read once; raises `RegistryError` naming file and row of what is wrong."""
    vendors = load_vendors(folder / "vendors.toml")
    return Registry(vendors=vendors, chips=load_chips(folder / "chips.csv", vendors))
