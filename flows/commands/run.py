"""`chiptrail run` and `chiptrail extract`: from documents to claims."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.commands.options import as_json, base_option, check_cluster, max_size_option, print_json, scheduler_option

if TYPE_CHECKING:
    from flows.plan import Plan, Summary


_MOST_CLAIMS = 5000
"""The claims of the largest set whose links are shown when a run ends; in larger ones nobody would look for them there.
"""


@click.command("run")
@click.argument("names", nargs=-1, metavar="[PATHS]...")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the evidence set.")
@click.option("--source", "sources", multiple=True, metavar="ID|GROUP", help="Read sources of the list too; repeat it.")
@click.option("--archive", type=click.Path(path_type=Path), help="Folder that keeps what was read.")
@click.option("--jobs", type=click.IntRange(min=0), help="Worker processes [default: one a processor].")
@scheduler_option
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Date on which files count as got.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only what is called so («*qwen*»); repeat it.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what came on this day or later.")
@click.option("--offline", is_flag=True, help="Ask no server: addresses hold what the archive has of them.")
@click.option("--dry-run", is_flag=True, help="Say what would be read and why; keep and write nothing.")
@click.option("--plain", is_flag=True, help="Run the same stages without Prefect.")
@max_size_option
@base_option
@as_json
def run_documents(
    names: tuple[str, ...],
    out: Path,
    sources: tuple[str, ...],
    archive: Path | None,
    jobs: int | None,
    scheduler: str | None,
    as_of: datetime | None,
    only: tuple[str, ...],
    since: datetime | None,
    offline: bool,
    dry_run: bool,
    plain: bool,
    max_size: float,
    base: str,
    as_json: bool,
) -> int:
    """Read what is new of some documents and write their evidence set.

    What they say is kept in the base; what was read before by the same rules is not read again. PATHS are files,
    folders (with all below them; pictures, data and programs are passed over), http(s) addresses, or `-` for standard
    input. Each document that cannot be read gets one line and an outcome in documents.jsonl; the others are read all
    the same.
    """
    if not names and not sources:
        raise click.UsageError("Name documents to read: files, folders, addresses, or --source.")
    if scheduler:
        check_cluster(jobs, plain=plain)
    from flows.home import find_archive
    from flows.plan import Plan

    plan = Plan(
        names=names,
        sources=sources,
        out=out,
        base=base,
        archive=(archive or find_archive()).absolute(),
        scheduler=scheduler,
        jobs=(os.cpu_count() or 1) if jobs is None else jobs,
        max_size=int(max_size * 1e6),
        as_of=as_of.replace(tzinfo=UTC) if as_of else None,
        only=only,
        since=since.date() if since else None,
        offline=offline,
    )
    if dry_run:
        return _foresee(plan, as_json=as_json)
    summary = _conduct(plan, plain=plain)
    if as_json:
        print_json(
            {
                "run": summary.run,
                "out": str(out),
                "outcomes": dict(summary.outcomes),
                "documents": dict(summary.causes),
                "lines": summary.lines,
                "links": {change: [link.id for link in links] for change, links in summary.changes().items()},
                "passed_over": summary.passed_over,
                "written": summary.written,
                "withdrawn": dict(summary.withdrawn),
                "failures": [{"address": a, "outcome": o, "reason": r} for a, o, r in summary.failures],
            }
        )
    else:
        _print_summary(plan, summary)
    return summary.exit_code


@click.command("extract")
@click.argument("name", metavar="FILE")
@max_size_option
@as_json
def extract_file(name: str, max_size: float, as_json: bool) -> int:
    """Show what one document says.

    A quick look, without base and Prefect. FILE is a file, an http(s) address, or `-` for standard input.
    """
    from flows.commands.single import read_single
    from outputs.terminal import lay_out_claims, make_console, say_outcomes

    finding, _ = read_single(name, max_size)
    if as_json:
        print_json(
            {
                "document": finding.document,
                "outcome": finding.outcome,
                "reason": finding.reason,
                "claims": list(finding.claims),
            }
        )
    else:
        console = make_console()
        if finding.claims:
            console.print(lay_out_claims(finding.claims, console.width))
        console.print(say_outcomes(Counter([finding.outcome])) + (f" ({finding.reason})" if finding.reason else ""))
    from evidence.finding import READ

    return 0 if finding.outcome in READ else 3


def _foresee(plan: Plan, *, as_json: bool) -> int:
    from evidence.carrying import Cause
    from flows.forecast import foresee
    from outputs.wording import plain

    found = []
    for prospect in foresee(plan, lambda: datetime.now(UTC)):
        found.append(prospect)
        if not as_json and prospect.cause is not Cause.UNCHANGED:
            click.echo(plain(f"{prospect.address}: {prospect.cause or prospect.reason}"))
    refused = sum(prospect.cause is None for prospect in found)
    unchanged = sum(prospect.cause is Cause.UNCHANGED for prospect in found)
    if as_json:
        print_json(found)
    else:
        would = len(found) - refused - unchanged
        click.echo(f"{would} documents would be read, {unchanged} are unchanged, {refused} are not to be had")
    return 0 if not refused else 1 if refused < len(found) else 3


def _conduct(plan: Plan, *, plain: bool) -> Summary:
    from flows.commands.progress import Progress

    with Progress() as watcher:
        if plain:
            from flows import stages
            from flows.conductor import PlainConductor

            return stages.run(plan, PlainConductor(), watcher, lambda: datetime.now(UTC))
        from flows.quiet import quiet_prefect

        watcher.enter("start Prefect")
        quiet_prefect()
        from flows.pipeline import run_flow

        return run_flow(plan, watcher)


def _print_summary(plan: Plan, summary: Summary) -> None:
    from evidence.carrying import Cause
    from outputs.loading import load_claims, load_links
    from outputs.terminal import lay_out_links, make_console, say_outcomes

    console = make_console()
    links = load_links(plan.out)
    shown = [link for link in links if link.grade == "primary"]
    if shown and summary.lines["claims"] <= _MOST_CLAIMS:
        claims = {claim.id: claim for claim in load_claims(plan.out)}
        console.print(lay_out_links(shown, claims, console.width))
    console.print(say_outcomes(summary.outcomes))
    if unchanged := summary.causes[Cause.UNCHANGED]:
        console.print(f"{unchanged} of them as they were, and not read again")
    for reason, number in summary.withdrawn.items():
        console.print(f"{number} earlier claims are made no longer ({reason.replace('-', ' ')})")
    counts = summary.lines
    others = f", {len(links) - len(shown)} of them as others report" if len(links) > len(shown) else ""
    contested = f" and {counts['contested']} contested" if counts["contested"] else ""
    console.print(
        f"{counts['links']} links{others}, from {counts['claims']} claims{contested}, in {plan.out}", soft_wrap=True
    )
