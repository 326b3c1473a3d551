"""`chiptrail evaluate`: how well claims meet gold facts."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.options import as_json, base_option, print_json


@click.command("evaluate")
@click.option(
    "--gold", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, help="Gold facts."
)
@click.option(
    "--claims", type=click.Path(exists=True, path_type=Path), help="claims.jsonl or a set [default: the base]."
)
@click.option("--only", multiple=True, metavar="DOCUMENT", help="Score this document alone; repeat it.")
@click.option("--errors", is_flag=True, help="List every miss and every false alarm.")
@base_option
@as_json
def evaluate_claims(
    gold: Path, claims: Path | None, only: tuple[str, ...], errors: bool, base: str, as_json: bool
) -> None:
    """Score claims against gold facts, by type.

    Gold is a folder with one JSON file a document. A claim counts as right when document, type, chip, value (within 2
    %), subject and attribution are.
    """
    from evidence.evaluation import evaluate
    from evidence.gold import load_gold
    from evidence.store import Store
    from extractors.claim import Status
    from outputs.loading import load_claims
    from outputs.terminal import lay_out_scores, list_errors, make_console

    golds = [facts for facts in load_gold(gold) if not only or facts.document in only]
    if not golds:
        raise click.UsageError(f"There is no gold for {', '.join(only)} in {gold}.")
    if claims:
        said = load_claims(claims)
    else:
        with Store(base) as store:
            said = [s.claim for s in store.statements() if s.claim.status is Status.ASSERTED]
    result = evaluate(golds, said)
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


def _share(right: int, whole: int) -> str:
    return f"{right / whole:.1%} ({right} of {whole})" if whole else "none"
