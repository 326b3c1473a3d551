"""Tables of models in the columns of Epoch AI's «Data on AI Models»: read, written, and compared with a set."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich.text import Text

from evidence.check import leading
from evidence.comparison import Cause, Comparison, Row, Verdict
from evidence.figures import number_of, say_number
from extractors.claim import Claim, ClaimType
from outputs.lines import DocumentLine
from outputs.wording import plain, shorten

MODEL = "Model"
FIGURES = {
    ClaimType.PARAMETERS: "Parameters",
    ClaimType.TRAINING_COMPUTE: "Training compute (FLOP)",
    ClaimType.TRAINING_TOKENS: "Training dataset size (gradients)",
    ClaimType.TRAINING_TIME: "Training time (hours)",
    ClaimType.CHIP_COUNT: "Hardware quantity",
    ClaimType.UTILIZATION: "Hardware utilization (MFU)",
}
WORDS = {ClaimType.HARDWARE: "Training hardware", ClaimType.PRECISION: "Numerical format"}
NOTES = {
    ClaimType.PARAMETERS: "Parameters notes",
    ClaimType.TRAINING_COMPUTE: "Training compute notes",
    ClaimType.TRAINING_TOKENS: "Dataset size notes",
    ClaimType.TRAINING_TIME: "Training time notes",
}
ORGANISATION, DATE, LINK, REFERENCE = "Organization", "Publication date", "Link", "Reference"
_VERDICTS = {
    Verdict.AGREES: "agrees",
    Verdict.DIFFERS: "differs",
    Verdict.ONLY_THERE: "only there",
    Verdict.ONLY_HERE: "only here",
}
_STYLES = {Verdict.DIFFERS: "bold red", Verdict.AGREES: "green"}


class TableError(ValueError):
    """A table of models cannot be read or written; the message names the file, and row and column where it can."""


def read_rows(path: Path) -> tuple[list[str], list[Row]]:
    """The columns of a table and its rows. Raises `TableError`; columns that we do not know are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = list(reader.fieldnames or ())
            if MODEL not in columns or not set(columns) & {*FIGURES.values(), *WORDS.values()}:
                raise TableError(f"{path}: it has no column «{MODEL}», or none of figures such as «Parameters»")
            return columns, [_read_row(line, path, reader.line_num) for line in reader if line.get(MODEL)]
    except (OSError, UnicodeError, csv.Error) as fault:
        raise TableError(f"{path} cannot be read as CSV: {fault}") from fault


def _read_row(line: Mapping[str, str | None], path: Path, number: int) -> Row:
    figures = {}
    for kind, column in FIGURES.items():
        if text := (line.get(column) or "").strip():
            try:
                figures[kind] = float(text.replace(",", ""))
            except ValueError as fault:
                raise TableError(f"{path}, line {number}: {column}: {text!r} is not a number") from fault
    return Row(
        model=(line[MODEL] or "").strip(),
        figures=figures,
        words={kind: text for kind, column in WORDS.items() if (text := (line.get(column) or "").strip())},
        notes={kind: text for kind, column in NOTES.items() if (text := (line.get(column) or "").strip())},
    )


def write_rows(
    out: TextIO,
    columns: Sequence[str],
    subjects: Mapping[str, Mapping[ClaimType, Sequence[Claim]]],
    documents: Iterable[DocumentLine],
) -> int:
    """Write the models of a set that a document of their own speaks of, in some columns; how many there are.

    Only what is stated is written, never what could be worked out; a figure that is given in several ways equally often
    is left out. Notes carry the quote it rests on.
    """
    known = {document.sha256: document for document in documents}
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    written = 0
    for subject in sorted(subjects):
        types = {kind: [c for c in said if c.attribution == "own"] for kind, said in subjects[subject].items()}
        chosen = {kind: claim for kind, said in types.items() if (claim := leading(said))}
        if not chosen:
            continue
        main = next(iter(chosen.values()))
        document = known.get(main.evidence[0].sha256)
        chips = {c.chip.name for c in types.get(ClaimType.HARDWARE, ()) if c.chip}
        row: dict[str, object] = {
            MODEL: main.subject.name,
            ORGANISATION: document.developer if document else None,
            DATE: document.published if document else None,
            LINK: document.address if document else None,
            REFERENCE: document.title if document else None,
            WORDS[ClaimType.HARDWARE]: ",".join(sorted(chips)),
            WORDS[ClaimType.PRECISION]: ",".join(sorted({str(c.value) for c in types.get(ClaimType.PRECISION, ())})),
        }
        row |= {column: number_of(chosen[kind]) for kind, column in FIGURES.items() if kind in chosen}
        row |= {column: f"“{chosen[kind].evidence[0].quote}”" for kind, column in NOTES.items() if kind in chosen}
        writer.writerow({column: _cell(value) for column, value in row.items()})
        written += 1
    return written


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula, whatever name a document gives."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
        return f"'{value}"
    return "" if value is None else value


def lay_out_comparisons(comparisons: Iterable[Comparison], width: int) -> Iterator[Text]:
    """What stands in the table, row by row; the models that it has not are one line each."""
    model = None
    only_here: Counter[str] = Counter()
    for one in comparisons:
        if one.model is None:
            only_here[one.subject or ""] += 1
            continue
        if one.model != model:
            model = one.model
            named = f" (here: {one.subject})" if one.subject else " (not here)"
            yield Text.assemble((plain(model), "bold"), named)
        yield Text.assemble(
            "  ",
            (_VERDICTS[one.verdict], _STYLES.get(one.verdict, "dim")),
            f"  {one.field.replace('_', ' ')}",
            _theirs(one),
        )
        if explained := ": ".join(filter(None, (one.cause, one.why))):
            yield Text(f"    {explained}")
        if one.verdict is Verdict.DIFFERS and one.their_note:
            yield Text(f"    their note: {shorten(one.their_note, '', width - 20)}")
        for said in one.ours if one.verdict is not Verdict.AGREES else one.ours[:1]:
            place = plain(said.document) + (f" p. {said.page}" if said.page else "")
            figure = f"{say_number(said.value)} " if said.value else ""
            yield Text(f"    ours: {figure}«{shorten(said.quote, said.printed, width - 30)}» {place}", style="dim")
    if only_here:
        yield Text(f"only here: {len(only_here)} models, {only_here.total()} figures", style="bold")
        yield Text("  " + ", ".join(f"{subject} ({number})" for subject, number in sorted(only_here.items())))


def count_verdicts(comparisons: Iterable[Comparison]) -> str:
    """How many figures of the table's models stand how: «40 agree …»."""
    known = [one for one in comparisons if one.model is not None]
    found = Counter(one.verdict for one in known)
    causes = Counter(one.cause for one in known if one.cause)
    explained = "; ".join(f"{causes[cause]} {cause}" for cause in Cause if causes[cause])
    counts = ", ".join(f"{found[verdict]} {name}" for verdict, name in _VERDICTS.items())
    return f"{counts} ({explained})" if explained else counts


def _theirs(one: Comparison) -> str:
    if one.theirs is None:
        return ""
    return f": theirs {plain(one.theirs) if isinstance(one.theirs, str) else say_number(one.theirs)}"
