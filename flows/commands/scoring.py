"""`chiptrail evaluate`: how well claims meet gold facts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.commands.options import as_json, base_option, print_json

if TYPE_CHECKING:
    from evidence.gold import Gold
    from extractors.claim import Claim


@click.command("evaluate")
@click.option("--gold", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Gold facts.")
@click.option("--reviewed", is_flag=True, help="Take what reviewers settled in the base for gold.")
@click.option(
    "--claims", type=click.Path(exists=True, path_type=Path), help="claims.jsonl or a set [default: the base]."
)
@click.option("--only", multiple=True, metavar="DOCUMENT", help="Score this document alone; repeat it.")
@click.option("--errors", is_flag=True, help="List every miss and every false alarm.")
@click.option("--calibration", is_flag=True, help="Show whether confidence keeps its word, contested claims included.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE.svg",
    help="Draw the reliability diagram of --calibration here; - is standard output.",
)
@base_option
@as_json
def evaluate_claims(
    gold: Path | None,
    reviewed: bool,
    claims: Path | None,
    only: tuple[str, ...],
    errors: bool,
    calibration: bool,
    output: str | None,
    base: str,
    as_json: bool,
) -> None:
    """Score claims against gold facts, by type.

    Gold is a folder with one JSON file a document, or, with --reviewed, what reviewers accepted, corrected and added;
    then only claims that somebody settled are scored. A claim counts as right when document, type, chip, value
    (within 2 %), subject and attribution are.
    """
    if reviewed == (gold is not None):
        raise click.UsageError("Score against --gold or against what is --reviewed; give one of them.")
    if reviewed and claims:
        raise click.UsageError("--reviewed scores the claims of the base, and no others.")
    if output and not calibration:
        raise click.UsageError("-o draws the diagram of --calibration; give both.")
    from evidence.evaluation import evaluate
    from extractors.claim import Status
    from outputs.terminal import lay_out_scores, list_errors, make_console

    known, said = _load_reviewed(base) if gold is None else _load_gold(gold, claims, base)
    golds = [facts for facts in known if not only or facts.document in only]
    if not golds:
        raise click.UsageError(f"There is no gold{' for ' * bool(only)}{', '.join(only)} in {gold or 'the base'}.")
    if calibration:
        _show_calibration(golds, said, output, as_json)
        return
    result = evaluate(golds, [claim for claim in said if claim.status is Status.ASSERTED])
    if as_json:
        scores = {
            name: {"precision": t.precision, "recall": t.recall, "f1": t.f1, "gold": t.matched + len(t.missed)}
            for name, t in result.figures().items()
        }
        print_json({"documents": result.documents, "scores": scores})
        return
    console = make_console()
    console.print(lay_out_scores(result))
    stage, page = result.stages, result.pages
    console.print(f"{result.documents} documents; stage right in {_share(stage[True], stage.total())},", end=" ")
    console.print(f"page right in {_share(page[True], page.total())} of what was found")
    if errors:
        for line in list_errors(result.strict.values()):
            click.echo(line)


def _load_gold(gold: Path, claims: Path | None, base: str) -> tuple[list[Gold], list[Claim]]:
    from evidence.gold import load_gold

    return load_gold(gold), _load(claims, base)


def _load_reviewed(base: str) -> tuple[list[Gold], list[Claim]]:
    from evidence.decision_log import DecisionLog
    from evidence.reviewed import gather_reviewed
    from evidence.store import Store

    with Store(base) as store:
        live = [statement.claim for statement in store.statements()]
        reviewed = gather_reviewed(DecisionLog(store).all(), live)
    return list(reviewed.golds), list(reviewed.claims)


def _load(claims: Path | None, base: str) -> list[Claim]:
    """The claims of a file, of a set with those that it keeps apart as contested, or of the base."""
    from evidence.store import Store
    from outputs.loading import load_claims

    if claims is None:
        with Store(base) as store:
            return [statement.claim for statement in store.statements()]
    contested = claims / "contested.jsonl"
    return load_claims(claims) + (load_claims(contested) if contested.is_file() else [])


def _show_calibration(golds: list[Gold], claims: list[Claim], output: str | None, as_json: bool) -> None:
    from evidence.calibration import measure_reliability
    from outputs.reliability import draw_reliability, say_reliability
    from outputs.terminal import lay_out_bins, make_console

    reliability = measure_reliability(golds, claims)
    if output:
        with click.open_file(output, "w", encoding="utf-8") as file:
            file.write(draw_reliability(reliability))
    if as_json:
        print_json({"documents": len(golds), "calibration": asdict(reliability) | {"error": reliability.error}})
    elif output != "-":
        console = make_console()
        console.print(lay_out_bins(reliability))
        console.print(f"{say_reliability(reliability)}; these hold {reliability.sure_recall:.1%} of the chip facts")


def _share(right: int, whole: int) -> str:
    return f"{right / whole:.1%} ({right} of {whole})" if whole else "none"
