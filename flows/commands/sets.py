"""`chiptrail check` and the other commands that ask an evidence set, and no base."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.options import as_json, print_json

DISAGREES = 5
"""The exit code where the answer is that something does not agree."""

set_argument = click.argument("folder", metavar="SET", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.command("check")
@set_argument
@click.option("--only", multiple=True, type=click.Choice(["inconsistent", "consistent", "not_checkable"]))
@click.option("--model", help="Only checks of the model with this id.")
@as_json
def check_set(folder: Path, only: tuple[str, ...], model: str | None, as_json: bool) -> None:
    """Hold the figures of an evidence set against each other.

    Chips x time against chip-hours, 6ND against training compute, the utilisation that follows, stages against their
    total, and one figure in several places. No value is changed. Exit code 5 where something is inconsistent.
    """
    import registry
    from evidence.check import Outcome
    from evidence.checks import check_claims
    from outputs.checks import count_outcomes, lay_out_checks
    from outputs.loading import load_claims
    from outputs.terminal import make_console

    checks = [
        check
        for check in check_claims(load_claims(folder), registry.load())
        if (not only or check.outcome in only) and model in (None, check.model)
    ]
    if as_json:
        print_json(checks)
    else:
        console = make_console()
        for line in lay_out_checks(checks, console.width):
            console.print(line, soft_wrap=True)
        click.echo(count_outcomes(checks))
    if any(check.outcome is Outcome.INCONSISTENT for check in checks):
        raise click.exceptions.Exit(DISAGREES)


@click.command("findings")
@set_argument
@click.option(
    "--kind",
    multiple=True,
    type=click.Choice(
        ["chips-by-status", "served-without-licence-requirement", "partial-disclosure", "nothing-disclosed"]
    ),
    help="Only findings of this kind; repeat it.",
)
@click.option("--developer", help="Only findings on this developer, by name.")
@as_json
def print_findings(folder: Path, kind: tuple[str, ...], developer: str | None, as_json: bool) -> None:
    """Tell what an evidence set says as a whole.

    Developers under control and their chips by status over time; models served on chips for which no licence
    requirement is found, and what spares the chip; compute that is disclosed in part; silence. Each with its evidence.
    """
    from outputs.findings import count_findings, lay_out_findings
    from outputs.loading import load_claims, load_findings
    from outputs.terminal import make_console
    from registry.tables import fold

    findings = [
        found
        for found in load_findings(folder)
        if (not kind or found.kind in kind) and (developer is None or fold(developer) in fold(found.developer or ""))
    ]
    if as_json:
        print_json(findings)
        return
    console = make_console()
    for line in lay_out_findings(findings, {c.id: c for c in load_claims(folder)}, console.width):
        console.print(line, soft_wrap=True)
    click.echo(count_findings(findings))


@click.command("compare")
@click.argument("table", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@set_argument
@click.option("--write", "out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write our facts.")
@as_json
def compare_table(table: Path, folder: Path, out: Path | None, as_json: bool) -> None:
    """Compare a table of models with an evidence set.

    FILE.csv has the columns of Epoch AI's table of models. Each figure agrees, differs, or is only there or only here,
    with our quotes. --write puts the facts of the set in the same columns. Exit code 5 where something differs.
    """
    import registry
    from evidence.comparison import Verdict, compare_rows, gather
    from outputs.exchange import count_verdicts, lay_out_comparisons, read_rows, write_rows
    from outputs.loading import load_claims, load_documents
    from outputs.terminal import make_console

    columns, rows = read_rows(table)
    claims = load_claims(folder)
    found = list(compare_rows(rows, claims, registry.load()))
    if out:
        with out.open("w", encoding="utf-8", newline="") as file:
            written = write_rows(file, columns, gather(claims), load_documents(folder))
        click.echo(f"{out}: {written} models", err=True)
    if as_json:
        print_json(found)
    else:
        console = make_console()
        for line in lay_out_comparisons(found, console.width):
            console.print(line, soft_wrap=True)
        click.echo(count_verdicts(found))
    if any(one.verdict is Verdict.DIFFERS for one in found):
        raise click.exceptions.Exit(DISAGREES)


@click.command("diff")
@click.argument("old", metavar="OLD", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def compare_two(old: Path, new: Path, as_json: bool) -> None:
    """Tell what changed from one evidence set to another.

    Documents, links and claims that were added, changed or withdrawn, each with why. Exit code 5 where anything was.
    """
    from outputs.difference import compare_sets, count_changes, lay_out_changes
    from outputs.terminal import make_console

    changes = compare_sets(old, new)
    if as_json:
        print_json(changes)
    else:
        console = make_console()
        for line in lay_out_changes(changes):
            console.print(line, soft_wrap=True)
        click.echo(count_changes(changes))
    if changes:
        raise click.exceptions.Exit(DISAGREES)


@click.command("verify")
@set_argument
@click.option(
    "--archive", "archived", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Check quotes too."
)
@as_json
def verify_folder(folder: Path, archived: Path | None, as_json: bool) -> None:
    """Check that an evidence set is whole.

    Digests, schemas, and that claims and links rest on what is in the set. With --archive every quote is looked up in
    the archived document. Exit code 4 where something is wrong.
    """
    from corpus.archive import Archive
    from outputs.verification import verify_set

    faults = list(verify_set(folder, Archive(archived) if archived else None))
    if as_json:
        print_json(faults)
    else:
        for fault in faults:
            click.echo(f"{fault.file}{f', line {fault.line}' if fault.line else ''}: {fault.what}")
        click.echo(f"{folder}: {f'{len(faults)} faults' if faults else 'whole'}")
    if faults:
        raise click.exceptions.Exit(4)


@click.command("report")
@set_argument
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), required=True, help="HTML, or `-`."
)
@click.option("--title", default="chiptrail evidence report", show_default=True, help="Title of the report.")
def write_report(folder: Path, out: Path, title: str) -> None:
    """Write the report of an evidence set as one HTML file.

    It holds the table of links with filters and quotes, charts, what does not add up and what is not covered, and asks
    for nothing from elsewhere.
    """
    import registry
    from outputs.loading import load_claims, load_documents, load_findings, load_links
    from outputs.report import render_report

    claims, links, findings = load_claims(folder), load_links(folder), load_findings(folder)
    page = render_report(title, claims, links, findings, load_documents(folder), registry.load())
    with click.open_file(str(out), "w", encoding="utf-8", atomic=str(out) != "-") as file:
        file.write(page)
