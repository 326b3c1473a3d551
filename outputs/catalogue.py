"""What is known beside claims, in a terminal: chips, one chip, sources, who is who."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from corpus.source import Source
from evidence.figures import say_number
from evidence.identities import Identity
from outputs.wording import plain
from registry import Chip
from registry.chips import performance_density, tpp
from registry.lookup import Card


def lay_out_chips(chips: Iterable[Chip]) -> Table:
    """Chips with the figures that export controls and readers ask for."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in ("id", "name", "maker"):
        table.add_column(column, overflow="fold")
    for column in ("announced", "memory GB", "bandwidth GB/s", "TPP", "TPP / mm²"):
        table.add_column(column, justify="right")
    for chip in chips:
        figures = (chip.memory_gb, chip.memory_bandwidth_gb_s, tpp(chip), performance_density(chip))
        table.add_row(chip.id, chip.name, chip.vendor or "", chip.announced or "", *map(_figure, figures))
    return table


def lay_out_card(card: Card) -> Table:
    """One chip: every figure that is established, its names, its kin, and where the figures are from."""
    chip = card.chip
    table = Table(box=None, show_header=False, pad_edge=False, title=f"{chip.name} ({chip.id})", title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    rows = {
        "maker": chip.vendor or "",
        "level": chip.level,
        "family": " < ".join(family.id for family in card.families),
        "parts": ", ".join(part.id for part in card.parts),
        "announced": chip.announced or "",
        "available": chip.available or chip.availability or "",
        "cut down from": chip.cut_down_from or "",
        **{name.replace("_", " "): _figure(value) for name, value in chip.figures().items()},
        "TPP": _range(card.tpp),
        "TPP / mm²": _range(card.performance_density),
        "also written": ", ".join(spelling.text for spelling in chip.spellings()),
        "carried by": ", ".join(system.name for system in card.systems),
        "note": chip.note,
        "sources": chip.sources,
        "confidence": chip.confidence,
    }
    derived = {"tpp", "performance density"}
    for name, value in rows.items():
        if value and name not in derived:
            table.add_row(name, str(value))
    return table


def lay_out_sources(sources: Iterable[Source]) -> Table:
    """Sources by their address."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in ("id", "developer", "title", "language", "group", "address"):
        table.add_column(column, overflow="fold")
    for source in sources:
        table.add_row(source.id, source.developer, source.title, source.language, source.group, source.address)
    return table


def lay_out_identities(identities: Iterable[Identity], alike: Mapping[str, tuple[str, ...]]) -> Table:
    """Ids with the names that documents use; `alike` are ids that are written almost the same."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in ("id", "kind", "in documents", "family", "developer", "merged", *(("alike",) if alike else ())):
        table.add_column(column, overflow="fold")
    for one in identities:
        merged = f"into {one.merged.into}" if one.merged else ", ".join(one.merged_from)
        row = (one.id, one.kind, ", ".join(map(plain, one.names)), one.family or "", one.developer or "", merged)
        table.add_row(*row, *((", ".join(alike.get(one.id, ())),) if alike else ()))
    return table


def _figure(value: float | None) -> str:
    return "" if value is None else say_number(value)


def _range(value: tuple[float, float] | None) -> str:
    if value is None:
        return ""
    low, high = value
    return _figure(low) if low == high else f"{_figure(low)} to {_figure(high)}"
