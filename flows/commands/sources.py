"""`chiptrail sources`: the list of what to watch, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flows.commands.options import as_json, max_size_option, print_json

if TYPE_CHECKING:
    from corpus.source import Source
    from corpus.survey import Sight


@click.group("sources")
def sources() -> None:
    """The list of public reports to watch."""


@sources.command("list")
@click.option("--group", help="Only this group.")
@as_json
def list_sources(group: str | None, as_json: bool) -> None:
    """List the sources; `chiptrail run --source` reads them."""
    from corpus.source import load_sources
    from flows.home import find_sources
    from outputs.catalogue import lay_out_sources
    from outputs.terminal import make_console

    known = load_sources(find_sources())
    found = [source for source in known if group in (None, source.group)]
    if not found:
        raise click.UsageError(f"No group is called {group}; there are {', '.join(sorted({s.group for s in known}))}.")
    if as_json:
        print_json(found)
    else:
        make_console().print(lay_out_sources(found))


@sources.command("check")
@click.argument("names", nargs=-1, metavar="[ID|GROUP]...")
@max_size_option
@as_json
def check_sources(names: tuple[str, ...], max_size: float, as_json: bool) -> int:
    """Ask for each source and say how it stands; nothing is read or kept.

    A source is new, changed or unchanged since it was last read; a feed, sitemap or folder leads to documents; or it is
    not to be had, and why. Without names the whole list is asked for.
    """
    from datetime import UTC, datetime

    from corpus.archive import Archive
    from corpus.fetching import Limits
    from corpus.source import load_sources
    from corpus.survey import Standing, survey
    from flows.home import find_archive, find_manners, find_sources
    from flows.stages import select_sources

    chosen: list[Source] = select_sources(names) if names else list(load_sources(find_sources()))
    limits = Limits(size=int(max_size * 1e6))
    found: list[Sight] = []
    for sight in survey(chosen, limits, lambda: datetime.now(UTC), find_manners(), Archive(find_archive())):
        found.append(sight)
        if not as_json:
            click.echo(_say(sight))
    if as_json:
        print_json(found)
    failed = sum(sight.standing is Standing.FAILED for sight in found)
    if not as_json:
        click.echo(f"{len(found)} sources, {failed} not to be had")
    return 0 if not failed else 1 if failed < len(found) else 3


def _say(sight: Sight) -> str:
    told = [sight.media_type, f"{sight.size:,} bytes"] if sight.size else []
    if not sight.size and sight.documents:
        told = [f"{sight.documents} document{'s' * (sight.documents > 1)}"]
    words = ", ".join([*told, *filter(None, [sight.reason])])
    return f"{sight.id}: {sight.standing}{f' ({words})' if words else ''}"
