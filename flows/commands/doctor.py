"""`chiptrail doctor`: what is wrong, and mending it."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.options import as_json, base_option, print_json


@click.command("doctor")
@click.option("--mend", is_flag=True, help="Mend what can be mended safely.")
@click.option("--archive", type=click.Path(path_type=Path), help="Folder of the archive.")
@base_option
@as_json
def examine_everything(mend: bool, archive: Path | None, base: str, as_json: bool) -> int:
    """Say what is wrong with the installation, the archive, the base and the sets written from it.

    Everything in the archive is read. --mend does what is safe: it restores, derives again, sets aside, and deletes
    what killed runs left; evidence is never deleted. Exit code 4 where something that costs evidence or stops runs is
    left.
    """
    from corpus.archive import Archive
    from flows.examination import examine
    from flows.home import find_archive
    from outputs.wording import plain

    found = []
    for ailment in list(examine(base, Archive(archive or find_archive()))):
        mended = False
        trouble = ""
        if mend and ailment.mend:
            try:
                ailment.mend()
                mended = True
            except Exception as fault:
                trouble = str(fault)
        found.append((ailment, mended))
        if not as_json:
            done = "mended" if mended else f"cannot be mended: {trouble}" if trouble else ""
            can = "--mend would " if ailment.mend else ""
            click.echo(plain(f"{ailment.part}: {ailment.what}"))
            click.echo(plain(f"    {done or f'{can}{ailment.advice}'}"))
    if as_json:
        print_json(
            [
                {"part": a.part, "what": a.what, "advice": a.advice, "grave": a.grave, "mends": a.mend is not None}
                | {"mended": mended}
                for a, mended in found
            ]
        )
    else:
        left = sum(not mended for _, mended in found)
        click.echo("nothing is wrong" if not found else f"{len(found)} found, {len(found) - left} mended")
    return 4 if any(ailment.grave and not mended for ailment, mended in found) else 0
