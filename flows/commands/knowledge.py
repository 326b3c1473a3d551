"""`chiptrail chips`, `chip` and `sources`: what is known before a document is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flows.commands.options import as_json, print_json

if TYPE_CHECKING:
    from registry.lookup import Card


@click.command("chips")
@click.option("--vendor", help="Only chips of this maker, by id or name.")
@as_json
def print_chips(vendor: str | None, as_json: bool) -> None:
    """List the chips of the registry."""
    import registry
    from outputs.catalogue import lay_out_chips
    from outputs.terminal import make_console
    from registry.lookup import select_chips

    known = registry.load()
    chips = select_chips(known, vendor)
    if as_json:
        print_json(list(chips))
    else:
        make_console().print(lay_out_chips(chips))


@click.command("chip")
@click.argument("name", metavar="CHIP")
@as_json
def print_chip(name: str, as_json: bool) -> None:
    """Show what is known of a chip."""
    import registry
    from outputs.catalogue import lay_out_card
    from outputs.terminal import make_console
    from registry.lookup import find_chip, lay_out

    known = registry.load()
    card: Card = lay_out(known, find_chip(known, name))
    if as_json:
        print_json(card)
    else:
        make_console().print(lay_out_card(card))


@click.group("sources")
def sources() -> None:
    """The list of public reports to watch."""


@sources.command("list")
@click.option("--group", help="Only this group.")
@as_json
def list_sources(group: str | None, as_json: bool) -> None:
    """List the sources; `chiptrail run --source` reads them."""
    from corpus.source import load_sources
    from outputs.catalogue import lay_out_sources
    from outputs.terminal import make_console

    known = load_sources()
    found = [source for source in known if group in (None, source.group)]
    if not found:
        raise click.UsageError(f"No group is called {group}; there are {', '.join(sorted({s.group for s in known}))}.")
    if as_json:
        print_json(found)
    else:
        make_console().print(lay_out_sources(found))
