"""`chiptrail show`, `trail` and `export`: what the base holds."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.options import as_json, base_option, print_json


@click.command("show")
@click.argument("model")
@base_option
@as_json
def show_model(model: str, base: str, as_json: bool) -> None:
    """Show the links of a model and all that the base holds on it."""
    from evidence.store import Store
    from flows.commands.lookup import find_subject
    from outputs.terminal import lay_out_claims, lay_out_links, make_console

    with Store(base) as store:
        subject = find_subject(store, model)
        links = store.links(subject)
        claims = [statement.claim for statement in store.statements(subject=subject)]
    if as_json:
        print_json({"model": subject, "links": links, "claims": claims})
        return
    console = make_console()
    if links:
        console.print(lay_out_links(links, {claim.id: claim for claim in claims}, console.width))
    else:
        console.print("No link to a chip is known.")
    console.print(lay_out_claims(claims, console.width))


@click.command("trail")
@click.argument("model")
@base_option
@as_json
def follow_model(model: str, base: str, as_json: bool) -> None:
    """Tell what the public trace of a model supports, and what it does not.

    By purpose: the chips that documents name, in use or only asked for, with the control status on the days that
    matter; the purposes for which no document names a chip; techniques and number formats; what is missing of its
    training compute. Each with the words for it.
    """
    import registry
    from evidence.store import Store
    from evidence.trail import follow_trail
    from flows.commands.lookup import find_subject
    from outputs.findings import lay_out_trail
    from outputs.terminal import make_console

    with Store(base) as store:
        subject = find_subject(store, model)
        claims = [statement.claim for statement in store.statements(subject=subject)]
        documents = [record.document for record in store.records() if record.document]
    trail = follow_trail(claims, documents, registry.load())
    if as_json:
        print_json(trail)
        return
    console = make_console()
    for line in lay_out_trail(trail, console.width):
        console.print(line, soft_wrap=True)


@click.command("export")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the evidence set.")
@click.option("--run", "run_id", type=click.IntRange(min=1), help="Only what this run read [default: the whole base].")
@base_option
@as_json
def export_base(out: Path, run_id: int | None, base: str, as_json: bool) -> None:
    """Write the evidence set of the base."""
    from evidence.store import Store
    from evidence.versions import current_versions
    from flows.stages import export

    with Store(base) as store:
        exported = export(store, run_id, out, current_versions())
    if as_json:
        print_json({"out": str(out), "lines": exported.counts, "outcomes": exported.outcomes})
    else:
        counts = ", ".join(f"{number} {kind}" for kind, number in exported.counts.items())
        click.echo(f"{out}: {counts}")
