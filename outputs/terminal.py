"""What people read in a terminal: tables of links, claims, outcomes and scores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evidence.calibration import Reliability
from evidence.evaluation import Evaluation, Tally
from evidence.figures import say_number
from evidence.links import Figure, Link, Role
from extractors.claim import Attribution, Claim, ClaimType, Modality, Status
from extractors.text import Outcome
from outputs.wording import ROLES, plain, say_place, say_value, shorten

PIPE_WIDTH = 180
WIDEST = 30
NARROWEST_QUOTE = 24
_ROLE_ORDER = list(Role)
_TYPE_ORDER = list(ClaimType)


def make_console(*, stderr: bool = False) -> Console:
    """A console that keeps to NO_COLOR, and that has room for a table where the output is no terminal."""
    console = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def lay_out_links(links: Iterable[Link], claims: Mapping[str, Claim], width: int) -> Table:
    """Links by model and role, each with its figures and the words of its best claim."""
    rows: list[_Row] = []
    before = ""
    for link in sorted(links, key=_link_order):
        claim = _best(link, claims)
        cells = (
            Text(plain(link.model.name) if link.model.id != before else "", style="bold"),
            Text(plain(link.chip.name)),
            Text(ROLES[link.role] + (" (others say)" if link.grade == "secondary" else "")),
            Text(_figures(link.counts)),
            Text(_figures(link.chip_hours)),
            Text(f"{link.confidence:.2f}"),
            Text(say_place(claim.evidence[0]) if claim else ""),
        )
        rows.append(_Row(cells, claim))
        before = link.model.id
    return _with_quotes(("model", "chip", "!used for", ">count", ">chip-hours", ">sure", "where"), rows, width)


def lay_out_claims(claims: Iterable[Claim], width: int) -> Table:
    """Claims: own before others', asserted before contested, chips before other facts."""
    ordered = sorted(claims, key=_claim_order)
    single = len({claim.evidence[0].sha256 for claim in ordered}) == 1
    rows = [
        _Row(
            (
                Text(claim.type.replace("_", " ")),
                Text(plain(claim.subject.name)),
                Text(plain(claim.chip.name) if claim.chip else ""),
                Text(say_value(claim)),
                Text(claim.stage),
                Text(_reading(claim)),
                Text(f"{claim.confidence:.2f}"),
                Text(str(claim.evidence[0].page or "") if single else say_place(claim.evidence[0])),
            ),
            claim,
            "" if claim.attribution is Attribution.OWN and claim.status is Status.ASSERTED else "dim",
        )
        for claim in ordered
    ]
    columns = ("!claim", "about", "chip", ">value", "stage", "reading", ">sure", ">page" if single else "where")
    return _with_quotes(columns, rows, width)


def lay_out_scores(evaluation: Evaluation) -> Table:
    """Precision, recall and F1 by type, at the strict level."""
    table = _table("type", ">gold", ">precision", ">recall", ">F1", ">missed", ">false", ">twice")
    for name, tally in evaluation.figures().items():
        table.add_row(
            name,
            str(tally.matched + len(tally.missed)),
            f"{tally.precision:.3f}",
            f"{tally.recall:.3f}",
            f"{tally.f1:.3f}",
            str(len(tally.missed)),
            str(len(tally.false_alarms)),
            str(tally.duplicates),
            style="bold" if " " in name else "",
        )
    return table


def lay_out_bins(reliability: Reliability) -> Table:
    """Bins of claims by confidence: what was said, and the share that is right."""
    table = _table("confidence", ">claims", ">said", ">right", ">too sure by")
    for b in reliability.bins:
        cells = (str(b.claims), f"{b.said:.3f}", f"{b.right:.3f}", f"{b.said - b.right:+.3f}")
        table.add_row(f"{b.low:.3f} to {b.high:.3f}", *cells)
    return table


def list_errors(tallies: Iterable[Tally]) -> Iterable[str]:
    """Every miss and every false alarm, a line each."""
    for tally in tallies:
        for document, fact in tally.missed:
            pages = ",".join(str(page) for page in fact.pages if page)
            parts = (fact.type, fact.subject, fact.chip, fact.value, fact.stage, fact.attribution)
            yield f"missed  {document}{f' p. {pages}' if pages else ''}: {_parts(parts)} «{plain(fact.anchor)}»"
        for document, claim in tally.false_alarms:
            evidence = next((e for e in claim.evidence if e.document == document), claim.evidence[0])
            chip = claim.chip.id if claim.chip else None
            parts = (claim.type, claim.subject.name, chip, claim.value, claim.stage, claim.attribution)
            words = shorten(evidence.quote, claim.printed, 160)
            yield f"false   {say_place(evidence)}: {_parts(parts)} «{words}» ({claim.rule})"


def say_outcomes(outcomes: Mapping[Outcome, int]) -> str:
    """How many documents ended how: «14 documents: 12 read, 2 read without own hardware disclosed»."""
    names = {
        Outcome.READ: "read",
        Outcome.NOTHING_DISCLOSED: "read, no own hardware disclosed",
        Outcome.NO_TEXT: "without text",
        Outcome.UNSUPPORTED: "of no kind that can be read",
        Outcome.ENCRYPTED: "encrypted",
        Outcome.FAILED: "failed",
    }
    total = sum(outcomes.values())
    parts = "; ".join(f"{outcomes[outcome]} {name}" for outcome, name in names.items() if outcomes.get(outcome))
    return f"{total} document{'s' * (total != 1)}: {parts}" if total else "no documents"


def _table(*columns: str) -> Table:
    """A table with some columns: `>` for figures, which stand to the right, `!` for words that stay whole."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column.lstrip(">!"),
            justify="right" if column.startswith(">") else "left",
            no_wrap=column.startswith((">", "!")),
            overflow="fold",
        )
    return table


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a line, and the claim whose words stand at its end."""

    cells: tuple[Text, ...]
    claim: Claim | None
    style: str = ""


def _with_quotes(columns: Sequence[str], rows: Sequence[_Row], width: int) -> Table:
    """A table whose last column has the words of each claim on one line, as far as the others leave room for them."""
    names = [Text(column.lstrip(">!")) for column in columns]
    lines = [
        [line for row in (names, *(r.cells for r in rows)) for line in row[i].split()] for i in range(len(columns))
    ]
    room = width - sum(min(WIDEST, max(line.cell_len for line in column)) for column in lines) - 3 * (len(columns) + 1)
    table = _table(*columns, *(["in its words"] if room >= NARROWEST_QUOTE else []))
    for row in rows:
        words = shorten(row.claim.evidence[0].quote, row.claim.printed, room) if row.claim else ""
        quote = Text(words, style="dim", no_wrap=True, overflow="ellipsis")
        table.add_row(*(*row.cells, quote)[: len(table.columns)], style=row.style)
    if room >= NARROWEST_QUOTE:
        table.columns[-1].max_width = room
    return table


def _best(link: Link, claims: Mapping[str, Claim]) -> Claim | None:
    """The claim to quote: that of the figure shown, else the surest."""
    figures = [*link.counts, *link.chip_hours]
    wanted: Sequence[str] = figures[0].claims if figures else link.supporting
    known = [claims[claim] for claim in wanted if claim in claims]
    return min(known, key=lambda c: (-c.confidence, c.id)) if known else None


def _figures(figures: Sequence[Figure]) -> str:
    marks = {"reported": "", "derived": " (derived)", "estimated": " (est.)"}
    reported = {figure.value for figure in figures if figure.basis == "reported"}
    shown = [figure for figure in figures if figure.basis == "reported" or figure.value not in reported]
    said = [say_number(figure.value) + marks[figure.basis] for figure in shown[:2]]
    return "\n".join([*said, f"+{len(shown) - 2} more"] if len(shown) > 2 else said)


def _link_order(link: Link) -> tuple[str, str, int, float, str]:
    return link.model.name.casefold(), link.model.id, _ROLE_ORDER.index(link.role), -link.confidence, link.id


def _claim_order(claim: Claim) -> tuple[bool, bool, int, str, float, str]:
    return (
        claim.status is Status.CONTESTED,
        claim.attribution is Attribution.OTHER,
        _TYPE_ORDER.index(claim.type),
        claim.subject.name.casefold(),
        -claim.confidence,
        claim.id,
    )


def _reading(claim: Claim) -> str:
    words = [
        "contested" if claim.status is Status.CONTESTED else "",
        "another's" if claim.attribution is Attribution.OTHER else "",
        claim.modality if claim.modality is not Modality.ASSERTED else "",
        "derived" if claim.formula else "",
    ]
    return ", ".join(filter(None, words))


def _parts(parts: Iterable[object]) -> str:
    return "  ".join(plain(str(part)) for part in parts if part is not None)
