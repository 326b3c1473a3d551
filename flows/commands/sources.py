"""`chiptrail sources`: the list of what to watch, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flows.commands.options import as_json, max_size_option, print_json

if TYPE_CHECKING:
    from corpus.source import Source
    from corpus.survey import Sight

_KINDS = (
    "file", "folder", "page", "pdf", "arxiv", "arxiv-query", "github", "github-releases", "huggingface",
    "huggingface-models", "feed", "sitemap",
)  # fmt: skip


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


@sources.command("add")
@click.argument("address")
@click.option("--developer", required=True, help="Who publishes there: a name that the registry knows.")
@click.option("--group", required=True, help="Selection that runs can be limited to.")
@click.option("--id", "id_", help="What it is called [default: made from the address].")
@click.option("--title", help="Title [default: the developer's name and the address].")
@click.option("--kind", type=click.Choice(_KINDS), metavar="KIND", help=f"{', '.join(_KINDS)} [default: as it looks].")
@click.option("--language", default="en", show_default=True, help="ISO 639-1 code.")
@click.option("--licence", help="Of the text, where it is stated.")
@click.option("--note", default="", help="Anything else to know of it.")
@click.option("--match", default="", help="Lists: only addresses that hold this regular expression.")
@click.option(
    "--newest", type=click.IntRange(1, 1000), default=20, show_default=True, help="Lists: how many documents."
)
def add_to_list(
    address: str, developer: str, group: str, id_: str | None, title: str | None, kind: str | None, **rest: object
) -> None:
    """Add a source to the list that $CHIPTRAIL_SOURCES names, else to the one that chiptrail comes with.

    What is there stays as it is, with its comments. A query to arXiv is given as --kind arxiv-query and its words, as
    'cat:cs.CL AND abs:"technical report"'. Nothing is asked for; chiptrail sources check does that.
    """
    import registry
    from corpus.adding import add_source, guess_kind, suggest_id
    from corpus.source import make_source
    from flows.home import find_sources
    from registry.lookup import find_developer

    known = find_developer(registry.load(), developer)
    values = {
        "id": id_ or suggest_id(address),
        "title": title or f"{known.name}, {address}",
        "developer": known.name,
        "address": address,
        "kind": kind or guess_kind(address),
        "group": group,
    }
    source = make_source(address, values | rest)
    add_source(find_sources(), source)
    click.echo(f"{source.id}: {source.kind}, {source.target}")


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
