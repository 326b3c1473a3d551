"""`chiptrail serve`: runs on a schedule."""

from __future__ import annotations

import os
from pathlib import Path

import click

from flows.commands.options import base_option, check_cluster, max_size_option, scheduler_option


@click.command("serve")
@click.option("--cron", metavar="WORDS", help="When to run, as «0 6 * * *»: minute, hour, day, month, weekday; UTC.")
@click.option("--every", "seconds", type=click.FloatRange(min=1), metavar="SECONDS", help="Or how often.")
@click.option("--source", "sources", multiple=True, metavar="ID|GROUP", help="Sources to read [default: all groups].")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the evidence set.")
@click.option("--archive", type=click.Path(path_type=Path), help="Folder that keeps what was read.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes [default: one a processor].")
@scheduler_option
@click.option("--name", default="watch", show_default=True, help="Name of the deployment.")
@max_size_option
@base_option
def serve_runs(
    cron: str | None,
    seconds: float | None,
    sources: tuple[str, ...],
    out: Path,
    archive: Path | None,
    jobs: int | None,
    scheduler: str | None,
    name: str,
    max_size: float,
    base: str,
) -> None:
    """Read the sources on a schedule, until interrupted.

    The schedule is kept by the Prefect server at PREFECT_API_URL, and each run leaves its summary there. One run at a
    time: one that is due while another goes on is left out.
    """
    if (cron is None) == (seconds is None):
        raise click.UsageError("Say when: --cron or --every.")
    if not os.environ.get("PREFECT_API_URL"):
        raise click.UsageError(
            "Set PREFECT_API_URL to a Prefect server (prefect server start; http://127.0.0.1:4200/api)."
            " Without one, let cron call chiptrail run."
        )
    if scheduler:
        check_cluster(jobs)
    from corpus.source import load_sources
    from flows.home import find_archive, find_manners, find_sources
    from flows.plan import Plan
    from flows.quiet import quiet_prefect
    from flows.stages import select_sources

    find_manners()
    groups = sorted({source.group for source in load_sources(find_sources())})
    select_sources(sources)
    plan = Plan(
        sources=sources or tuple(groups),
        out=out.resolve(),
        base=base,
        archive=(archive or find_archive()).resolve(),
        jobs=jobs or os.cpu_count() or 1,
        scheduler=scheduler,
        max_size=int(max_size * 1e6),
    )
    quiet_prefect()
    from flows.schedule import serve

    click.echo(f"{name}: {', '.join(plan.sources)} to {plan.out}; interrupt to stop", err=True)
    serve(plan, name, cron=cron, seconds=seconds)
