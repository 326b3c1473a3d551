"""`chiptrail chips`, `chip` and `status`: what is known before a document is read."""

from __future__ import annotations

from datetime import datetime
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


@click.command("status")
@click.argument("name", metavar="CHIP")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day, as 2024-11-01.")
@click.option("--to", "destination", default="CN", show_default=True, help="Destination, ISO 3166 code.")
@as_json
def print_status(name: str, on: datetime, destination: str, as_json: bool) -> None:
    """Say whether a chip was under export control on a day.

    The figures, the rules in force with their citations and the comparison limb by limb are shown with it.
    """
    import registry
    from evidence.control import status_report
    from evidence.control_record import record_status
    from outputs.control_status import lay_out_status
    from outputs.terminal import make_console

    status = status_report(registry.load(), name, on.date(), destination.upper())
    if as_json:
        print_json(record_status(status))
        return
    console = make_console()
    for line in lay_out_status(status):
        console.print(line, soft_wrap=True)
