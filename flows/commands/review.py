"""`chiptrail review`: the review in a browser, and the decisions of people who work apart."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.commands.options import as_json, base_option, print_json

if TYPE_CHECKING:
    from evidence.decisions import Decision


class DecisionFileError(ValueError):
    """A file of decisions cannot be read; the message names it, the line and what is wrong."""


@click.command("review")
@click.option(
    "--export", "out", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE", help="Write all decisions."
)
@click.option(
    "--import",
    "given",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    multiple=True,
    metavar="FILE",
    help="Add the decisions of others; repeat it.",
)
@click.option(
    "--gold",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write what was settled as gold facts, one file a document.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8571, show_default=True, help="Port to listen on.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="What else browsers call this server; repeat it.")
@click.option("--token", is_flag=True, help="Ask for a token on loopback too.")
@click.option("--reviewer", metavar="NAME", help="Who reviews [default: the user].")
@click.option("--archive", type=click.Path(path_type=Path), help="Folder that keeps what was read.")
@base_option
@as_json
def review(
    out: str | None,
    given: tuple[str, ...],
    gold: Path | None,
    host: str,
    port: int,
    names: tuple[str, ...],
    token: bool,
    reviewer: str | None,
    archive: Path | None,
    base: str,
    as_json: bool,
) -> None:
    """Review claims in a browser, or exchange decisions with others.

    Without --export, --import and --gold a local web application is served. --export writes every decision of the
    base as JSON Lines; --import adds those of a file, each once, in any order, under the names of those who took
    them. `-` is standard input or output.
    """
    if out is None and gold is None and not given:
        from flows.home import find_archive
        from flows.reviewing import serve_review

        serve_review(
            base,
            archive or find_archive(),
            reviewer=reviewer or getpass.getuser(),
            host=host,
            port=port,
            names=names,
            token=token,
        )
        return
    from evidence.decision_log import DecisionLog
    from evidence.store import Store

    told: dict[str, int] = {}
    with Store(base) as store:
        log = DecisionLog(store)
        if given:
            merged = log.merge([decision for path in given for decision in _read(path)])
            told |= {"added": merged.added, "known": merged.known}
        if out is not None:
            told["exported"] = _write(out, log.all())
        if gold is not None:
            told["documents"] = _write_gold(gold, log.all())
    if out != "-" and as_json:
        print_json(told)
    elif out != "-":
        click.echo(", ".join(f"{number} {what}" for what, number in told.items()))


def _read(path: str) -> Iterator[Decision]:
    from pydantic import ValidationError

    from evidence.decisions import Decision

    number = 0
    try:
        with click.open_file(path, encoding="utf-8") as file:
            for line in file:
                number += 1
                if line.strip():
                    yield Decision.model_validate(json.loads(line))
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise DecisionFileError(f"{path}, line {number}: {f'{where}: ' if where else ''}{first['msg']}") from fault
    except json.JSONDecodeError as fault:
        raise DecisionFileError(f"{path}, line {number}: it is not JSON: {fault.msg}") from fault
    except UnicodeError as fault:
        raise DecisionFileError(f"{path} is no text in UTF-8") from fault


def _write(path: str, decisions: Iterable[Decision]) -> int:
    from outputs.lines import canonical_json

    written = 0
    with click.open_file(path, "w", encoding="utf-8", atomic=path != "-") as file:
        for decision in decisions:
            file.write(canonical_json(decision) + "\n")
            written += 1
    return written


def _write_gold(folder: Path, decisions: Iterable[Decision]) -> int:
    from evidence.reviewed import make_gold
    from outputs.lines import canonical_json

    folder.mkdir(parents=True, exist_ok=True)
    records = make_gold(decisions)
    for record in records:
        name = f"{Path(record['document']).name}.{record['sha256'][:8]}.json"
        (folder / name).write_text(canonical_json(record, indent=True) + "\n", encoding="utf-8")
    return len(records)
