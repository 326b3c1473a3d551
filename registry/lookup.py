"""Finding a chip by any of its names, and laying out what is known of it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from registry.catalogue import Registry
from registry.chips import Chip, performance_density, tpp
from registry.names import Developer, System
from registry.tables import fold

_SUGGESTIONS = 4


class UnknownNameError(LookupError):
    """No row has this name. The message says what was looked for; `suggestions` are ids of rows with names like it."""

    def __init__(self, kind: str, text: str, suggestions: tuple[str, ...]) -> None:
        self.suggestions = suggestions
        hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"no {kind} is called {text!r}{hint}")


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a chip: the row, the families above it, the parts it can mean, the machines that carry it.

    `tpp` and `performance_density` are the (lowest, highest) of the parts, or None where no part has one.
    """

    chip: Chip
    families: tuple[Chip, ...]
    parts: tuple[Chip, ...]
    systems: tuple[System, ...]
    tpp: tuple[float, float] | None
    performance_density: tuple[float, float] | None


def find_chip(registry: Registry, text: str) -> Chip:
    """The chip that an id or a name means («h20», «NVIDIA H20», «昇腾910B»); raises `UnknownNameError`."""
    names = {fold(s.text): chip for chip in registry.chips for s in chip.spellings()}
    names |= {fold(chip.name): chip for chip in registry.chips}
    names |= {fold(chip.id): chip for chip in registry.chips}
    wanted = fold(text)
    prefixes = sorted({fold(name) for vendor in registry.vendors for name in vendor.names}, key=len, reverse=True)
    for prefix in ("", *prefixes):
        if wanted.startswith(prefix) and (chip := names.get(wanted[len(prefix) :])) is not None:
            return chip
    close = difflib.get_close_matches(wanted, names, n=3 * _SUGGESTIONS, cutoff=0.5)
    raise UnknownNameError("chip", text, tuple(dict.fromkeys(names[name].id for name in close))[:_SUGGESTIONS])


def find_developer(registry: Registry, text: str) -> Developer:
    """The developer that an id or a name means («deepseek», «DeepSeek», «深度求索»); raises `UnknownNameError`."""
    names = {fold(s.text): developer for developer in registry.developers for s in developer.spellings()}
    names |= {fold(developer.id): developer for developer in registry.developers}
    if found := names.get(fold(text)):
        return found
    close = difflib.get_close_matches(fold(text), names, n=_SUGGESTIONS, cutoff=0.5)
    raise UnknownNameError("developer", text, tuple(dict.fromkeys(names[name].name for name in close)))


def select_chips(registry: Registry, vendor: str | None = None) -> tuple[Chip, ...]:
    """The chips that are not mere words for chips, of one maker if one is named.

    `vendor` is an id or a name («nvidia», «华为»); raises `UnknownNameError` for one that the registry has not.
    """
    if vendor is None:
        return tuple(chip for chip in registry.chips if not chip.generic)
    wanted = fold(vendor)
    for known in registry.vendors:
        if wanted in {fold(known.id), *(fold(name) for name in (known.name, *known.names))}:
            return tuple(chip for chip in registry.chips if chip.vendor == known.id and not chip.generic)
    ids = [known.id for known in registry.vendors]
    raise UnknownNameError("maker", vendor, tuple(difflib.get_close_matches(wanted, ids, n=_SUGGESTIONS, cutoff=0.5)))


def lay_out(registry: Registry, chip: Chip) -> Card:
    """The card of a chip, for printing or as JSON."""
    parts = registry.parts(chip.id)
    ids = {chip.id, *(part.id for part in parts)}
    totals = [value for part in parts if (value := tpp(part)) is not None]
    densities = [value for part in parts if (value := performance_density(part)) is not None]
    return Card(
        chip=chip,
        families=tuple(registry.chip(chip_id) for chip_id in registry.lineage(chip.id)[1:]),
        parts=() if chip.level == "part" else parts,
        systems=tuple(system for system in registry.systems if any(f.chip in ids for f in system.chips)),
        tpp=(min(totals), max(totals)) if totals else None,
        performance_density=(min(densities), max(densities)) if densities else None,
    )
