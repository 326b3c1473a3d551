"""`chiptrail identity`: who is who in the base, and deciding it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from flows.commands.options import Decorated, as_json, base_option, print_json

if TYPE_CHECKING:
    from evidence.identity import IdentityDecision
    from evidence.identity_log import IdentityLog


def _reason(command: Decorated) -> Decorated:
    """`--because` and `--reviewer`: why, and who says so."""
    command = click.option("--reviewer", help="Who decides [default: the user].", metavar="NAME")(command)
    return click.option("--because", required=True, metavar="WORDS", help="Why; it is recorded.")(command)


@click.group("identity")
def identity() -> None:
    """Who is who in the base: list ids, merge two, split one, take that back.

    One model has one id in every spelling and language by rule. Decisions are laid over that; they are recorded for
    good, hold for later runs too, and can be undone.
    """


@identity.command("list")
@click.argument("name", required=False)
@click.option("--unknown", is_flag=True, help="Only those that no list of models knows, with names like theirs.")
@base_option
@as_json
def list_identities(name: str | None, unknown: bool, base: str, as_json: bool) -> None:
    """List the ids of the base with the names that documents use.

    NAME keeps to ids and names that contain it.
    """
    import registry
    from evidence.identities import describe_identities, find_alike
    from evidence.store import Store
    from outputs.catalogue import lay_out_identities
    from outputs.terminal import make_console
    from registry.tables import fold

    with Store(base) as store:
        known = describe_identities(store, registry.load())
    wanted = fold(name or "")
    shown = [
        one
        for one in known
        if any(wanted in fold(text) for text in (one.id, *one.names))
        and not (unknown and (one.kind != "model" or one.family or one.merged))
    ]
    alike = find_alike(shown, known) if unknown else {}
    if as_json:
        print_json([{**one.model_dump(mode="json"), **({"alike": alike[one.id]} if unknown else {})} for one in shown])
    else:
        console = make_console()
        console.print(lay_out_identities(shown, alike))


@identity.command("merge")
@click.argument("name")
@click.argument("into")
@_reason
@base_option
def merge_identities(name: str, into: str, because: str, reviewer: str | None, base: str) -> None:
    """Have the id NAME stand for the same as INTO.

    Claims and links of NAME become those of INTO, also in later runs. The ids of claims stay.
    """
    _decide(base, lambda log: log.merge(name, into, because=because, reviewer=_who(reviewer), time=datetime.now(UTC)))


@identity.command("split")
@click.argument("name")
@click.argument("into")
@click.option("--work", help="Only what this work calls so [default: every work].")
@_reason
@base_option
def split_identity(name: str, into: str, work: str | None, because: str, reviewer: str | None, base: str) -> None:
    """Have what is called NAME be a model of its own, with the id INTO.

    With --work (an arXiv id as `arxiv:2412.19437`, a DOI, an address) only in one work, where two models share a name.
    """
    _decide(
        base,
        lambda log: log.split(name, into, work=work, because=because, reviewer=_who(reviewer), time=datetime.now(UTC)),
    )


@identity.command("undo")
@click.argument("number", type=click.IntRange(min=1))
@_reason
@base_option
def undo_identity(number: int, because: str, reviewer: str | None, base: str) -> None:
    """Take the merge or split NUMBER back, as if it had never been."""
    _decide(base, lambda log: log.undo(number, because=because, reviewer=_who(reviewer), time=datetime.now(UTC)))


@identity.command("log")
@base_option
@as_json
def print_decisions(base: str, as_json: bool) -> None:
    """Print every decision about identity: who, when, why, and which were taken back."""
    import registry
    from evidence.identity_log import IdentityLog
    from evidence.store import Store

    with Store(base) as store:
        known = IdentityLog(store, registry.load()).load()
    if as_json:
        print_json(list(known.decisions))
        return
    standing = {decision.number for decision in known.standing()}
    for decision in known.decisions:
        gone = " (taken back)" if decision.action != "undo" and decision.number not in standing else ""
        click.echo(f"{decision.time:%Y-%m-%d %H:%M} {_say(decision)}{gone}, by {decision.reviewer}: {decision.because}")


def _decide(base: str, decide: Callable[[IdentityLog], IdentityDecision]) -> None:
    import registry
    from evidence.identity_log import IdentityLog
    from evidence.store import Store

    with Store(base) as store:
        decision = decide(IdentityLog(store, registry.load()))
        store.derive_links()
    click.echo(_say(decision))


def _say(decision: IdentityDecision) -> str:
    arrow = f"{decision.name} -> {decision.into}" + (f" in {decision.work}" if decision.work else "")
    undone = f" of {decision.undoes}" if decision.undoes else ""
    return f"{decision.number} {decision.action}{undone} {arrow}"


def _who(reviewer: str | None) -> str:
    return reviewer or getpass.getuser()
