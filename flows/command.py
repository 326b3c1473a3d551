"""The `chiptrail` command: its groups, and how faults reach people."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import click

from flows.commands.base import export_base, follow_model, show_model
from flows.commands.doctor import examine_everything
from flows.commands.identity import identity
from flows.commands.inspection import draw_page, print_text
from flows.commands.knowledge import print_chip, print_chips, print_status
from flows.commands.review import review
from flows.commands.run import extract_file, run_documents
from flows.commands.scoring import evaluate_claims
from flows.commands.serving import serve_runs
from flows.commands.sets import check_set, compare_table, compare_two, print_findings, verify_folder, write_report
from flows.commands.sources import sources

FAULT_OF_RUN = 4
FAULT_OF_OURS = 70
_ROOMS = ("corpus", "registry", "extractors", "evidence", "outputs", "flows")


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "Exit codes: 0 done; 1 a part of the documents could not be read; 2 wrong use; 3 no document could be read;"
        " 4 base, archive, output or another file is at fault; 5 something does not agree;"
        " 70 a fault of chiptrail itself."
        " Set NO_COLOR to print without colours, CHIPTRAIL_HOME to keep base and archive elsewhere."
    ),
)
@click.version_option(package_name="chiptrail")
def cli() -> None:
    """Which AI model was trained or served on which chips, by the words of its own reports."""


for command in (
    run_documents,
    examine_everything,
    extract_file,
    review,
    serve_runs,
    show_model,
    follow_model,
    export_base,
    evaluate_claims,
    check_set,
    print_findings,
    compare_table,
    compare_two,
    verify_folder,
    write_report,
    print_chips,
    print_chip,
    print_status,
    print_text,
    draw_page,
    sources,
    identity,
):
    cli.add_command(command)


def main() -> None:
    """Run the command and exit with its code; whatever goes wrong is said in one line."""
    _leave_when_told()
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.ClickException as fault:
        fault.show()
        code = fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except BrokenPipeError:
        # Whoever read our output has gone; what Python still holds for it must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except Exception as fault:
        code = _say(fault)
    sys.exit(code)


def _leave_when_told() -> None:
    """Let a command that is told to end (`kill`, a closed terminal) unwind as one that is interrupted does.

    Python would else stop where it stands: what is half written and the temporary server of Prefect would stay.
    """

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        # What is ignored stays so: nohup means it.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, leave)


def _say(fault: Exception) -> int:
    """Faults that our rooms define speak for themselves, and so do those of the file system."""
    if os.environ.get("CHIPTRAIL_TRACEBACK"):
        raise fault
    words = str(fault).strip() or type(fault).__name__
    if type(fault).__module__.partition(".")[0] in _ROOMS:
        click.echo(f"chiptrail: {words}", err=True)
        return FAULT_OF_RUN
    if isinstance(fault, OSError) and fault.strerror:
        click.echo(f"chiptrail: {fault.filename or 'the system'}: {fault.strerror}", err=True)
        return FAULT_OF_RUN
    line = words.partition("\n")[0]
    click.echo(f"chiptrail: a fault of chiptrail itself: {type(fault).__name__}: {line}", err=True)
    click.echo("Set CHIPTRAIL_TRACEBACK=1 and run again to see where.", err=True)
    return FAULT_OF_OURS
