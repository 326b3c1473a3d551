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
