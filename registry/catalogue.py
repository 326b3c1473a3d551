"""The registry: everything that is known before a document is read, and how it is looked up."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from registry.chips import Chip, Vendor, load_chips, load_vendors
from registry.controls import Controls, load_controls
from registry.names import Developer, Family, Release, System, Technique, Translation
from registry.tables import RegistryError, Spelling, fold, read_csv, read_toml

DATA = Path(__file__).parent / "data"


class Named(Protocol):
    """A row with an id and the spellings that belong to it alone."""

    @property
    def id(self) -> str:
        """The row's id."""
        ...

    def spellings(self) -> Iterator[Spelling]:
        """The ways in which texts write it."""
        ...


NamedRow = TypeVar("NamedRow", bound=Named)


@dataclass(frozen=True, slots=True, eq=False)
class Registry:
    """Chips, machines, developers, models, techniques and export controls, checked against each other."""

    vendors: tuple[Vendor, ...]
    chips: tuple[Chip, ...]
    systems: tuple[System, ...]
    developers: tuple[Developer, ...]
    models: tuple[Family, ...]
    releases: tuple[Release, ...]
    techniques: tuple[Technique, ...]
    translations: tuple[Translation, ...]
    controls: Controls
    _chips: dict[str, Chip] = field(init=False, repr=False, compare=False)
    _parts: dict[str, tuple[Chip, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_chips", {chip.id: chip for chip in self.chips})

    def chip(self, chip_id: str) -> Chip:
        """The chip with an id; raises `KeyError`."""
        return self._chips[chip_id]

    def lineage(self, chip_id: str) -> tuple[str, ...]:
        """A chip's id and those of the families it belongs to, nearest first."""
        found = [chip_id]
        while (family := self._chips[found[-1]].family) is not None:
            found.append(family)
        return tuple(found)

    def parts(self, chip_id: str) -> tuple[Chip, ...]:
        """The catalogue parts that an id can mean: itself, or all below it when it is a family, in table order."""
        if self._chips[chip_id].level == "part":
            return (self._chips[chip_id],)
        if chip_id not in self._parts:
            below = (chip for chip in self.chips if chip.level == "part" and chip_id in self.lineage(chip.id))
            self._parts[chip_id] = tuple(below)
        return self._parts[chip_id]

    def vendor(self, chip: Chip) -> Vendor | None:
        """The maker of a chip; None for chips that a document leaves unnamed."""
        return next((vendor for vendor in self.vendors if vendor.id == chip.vendor), None)


def _unique(rows: Iterable[tuple[str, NamedRow]]) -> tuple[NamedRow, ...]:
    found: dict[str, NamedRow] = {}
    claimed: dict[str, str] = {}
    for where, row in rows:
        if row.id in found:
            raise RegistryError(f"{where}: id: is taken by an entry above")
        for text in {fold(s.text): s.text for s in row.spellings()}.values():
            other = claimed.setdefault(fold(text), row.id)
            if other != row.id:
                raise RegistryError(f"{where}: alias {text!r} is claimed by {other} too; one entry can have it")
        found[row.id] = row
    return tuple(found.values())


def _load_systems(folder: Path, chips: Iterable[Chip]) -> tuple[System, ...]:
    known = {chip.id for chip in chips}
    claimed = {fold(s.text): chip.id for chip in chips for s in chip.spellings()}

    def checked() -> Iterator[tuple[str, System]]:
        for where, system in read_toml(folder / "systems.toml", "system", System):
            for fitting in system.chips:
                if fitting.chip not in known:
                    raise RegistryError(f"{where}: chips: no chip has the id {fitting.chip!r}")
                expected = fitting.per_unit * fitting.units if fitting.per_unit and fitting.units else None
                if None not in (expected, fitting.total) and expected != fitting.total:
                    raise RegistryError(f"{where}: chips: per_unit × units is {expected}, total says {fitting.total}")
            for spelling in system.spellings():
                if (chip := claimed.get(fold(spelling.text))) is not None:
                    raise RegistryError(f"{where}: alias {spelling.text!r} is claimed by the chip {chip} too")
            yield where, system

    return _unique(checked())


def _load_models(folder: Path, developers: Iterable[Developer]) -> tuple[tuple[Family, ...], tuple[Release, ...]]:
    known = {developer.id for developer in developers}

    def checked() -> Iterator[tuple[str, Family]]:
        for where, family in read_toml(folder / "models.toml", "model", Family):
            if family.developer not in known:
                raise RegistryError(f"{where}: developer: no developer has the id {family.developer!r}")
            yield where, family

    families = _unique(checked())
    ids = {family.id for family in families}
    releases: dict[str, Release] = {}
    for where, release in read_csv(folder / "releases.csv", Release):
        if release.family not in ids:
            raise RegistryError(f"{where}: family: no model has the id {release.family!r}")
        if release.id in releases:
            raise RegistryError(f"{where}: id: is taken by a row above")
        releases[release.id] = release
    return families, tuple(releases.values())


def _load_translations(folder: Path) -> tuple[Translation, ...]:
    found: dict[str, Translation] = {}
    for where, known in read_toml(folder / "translations.toml", "translation", Translation):
        if known.written in found:
            raise RegistryError(f"{where}: written: {known.written} is translated by an entry above")
        found[known.written] = known
    return tuple(found.values())


@functools.cache
def load(folder: Path = DATA) -> Registry:
    """The registry in `folder`, read once; raises `RegistryError` naming file and row of what is wrong."""
    vendors = load_vendors(folder / "vendors.toml")
    chips = load_chips(folder / "chips.csv", vendors)
    developers = _unique(read_toml(folder / "developers.toml", "developer", Developer))
    models, releases = _load_models(folder, developers)
    return Registry(
        vendors=vendors,
        chips=chips,
        systems=_load_systems(folder, chips),
        developers=developers,
        models=models,
        releases=releases,
        techniques=_unique(read_toml(folder / "techniques.toml", "technique", Technique)),
        translations=_load_translations(folder),
        controls=load_controls(
            folder / "controls.toml", {chip.id for chip in chips}, {vendor.id for vendor in vendors}
        ),
    )
