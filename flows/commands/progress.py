"""Progress of a run on standard error: a bar in a terminal, and a line for each document that cannot be read."""

from __future__ import annotations

from typing import Self

import rich.progress
from rich.markup import escape

from evidence.finding import READ, Finding
from outputs.terminal import make_console
from outputs.wording import plain

_STAGES = {
    "start Prefect": "Starting Prefect",
    "ingest": "Getting documents",
    "read": "Reading",
    "assemble": "Deriving links",
    "export": "Writing the evidence set",
}


class Progress:
    """Follows a run, and shows it to whoever sits before the terminal."""

    def __init__(self) -> None:
        self._console = make_console(stderr=True)
        self._bar = rich.progress.Progress(
            rich.progress.SpinnerColumn(),
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def enter(self, stage: str, total: int = 0) -> None:
        """Show the stage; without a known total the bar only moves."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(_STAGES.get(stage, stage), total=total or None)

    def note(self, finding: Finding) -> None:
        """Count a document, and say why where it could not be read."""
        if self._task is not None:
            self._bar.advance(self._task)
        if finding.outcome not in READ:
            words = escape(plain(f"{finding.address}: {finding.outcome}: {finding.reason}"))
            self._console.print(words, soft_wrap=True, style="yellow")
