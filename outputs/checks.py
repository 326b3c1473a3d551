"""Checks in a terminal: the outcome, the sum in words, and the words of every document in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.text import Text

from evidence.check import Check, Outcome, Said
from outputs.wording import plain, shorten

OUTCOMES = {
    Outcome.INCONSISTENT: "inconsistent",
    Outcome.CONSISTENT: "consistent",
    Outcome.NOT_CHECKABLE: "not checkable",
}
_STYLES = {Outcome.INCONSISTENT: "bold red", Outcome.CONSISTENT: "green", Outcome.NOT_CHECKABLE: "dim"}


def lay_out_checks(checks: Iterable[Check], width: int) -> Iterator[Text]:
    """Each check: outcome and model, what was reckoned, why, and a line with the quote and id of each claim."""
    for check in checks:
        yield Text.assemble(
            (OUTCOMES[check.outcome], _STYLES[check.outcome]), "  ", (plain(check.name), "bold"), f"  {check.kind}"
        )
        yield Text(f"  {plain(check.arithmetic)}")
        if check.note:
            yield Text(f"  {plain(check.note)}")
        for said in check.claims:
            yield Text(f"    {_place(said)}: {_quote(said, width)}  {said.claim}", style="dim")


def count_outcomes(checks: Iterable[Check]) -> str:
    """How many checks came out how: «2 inconsistent, 40 consistent, 7 not checkable»."""
    found = Counter(check.outcome for check in checks)
    return ", ".join(f"{found[outcome]} {name}" for outcome, name in OUTCOMES.items())


def _place(said: Said) -> str:
    return plain(said.document) + (f" p. {said.page}" if said.page else "")


def _quote(said: Said, width: int) -> str:
    room = width - len(_place(said)) - len(said.claim) - 12
    return f"«{shorten(said.quote, said.printed, max(room, 24))}»"
