"""Progress of a run on standard error: a bar in a terminal, a line now and then elsewhere, and a line for each document
that cannot be read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

import rich.progress
from rich.console import Console
from rich.markup import escape
from rich.text import Text

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
SILENCE = 60.0
"""Seconds without a word in a log, after which a run says how far it is."""


class Progress:
    """Follows a run, and shows it to whoever sits before the terminal or reads the log: how many documents are done,
    how fast, about how long the others will take, how many could not be read.

    `clock` gives seconds that only ever grow.
    """

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or make_console(stderr=True)
        self._clock = clock
        self._stage = ""
        self._began = self._told = clock()
        self._total = self._done = self._failed = 0
        self._bar = rich.progress.Progress(
            rich.progress.SpinnerColumn(),
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            _RateColumn(self._tell_rate),
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
        self._stage = _STAGES.get(stage, stage)
        self._began, self._total, self._done, self._failed = self._clock(), total, 0, 0
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(self._stage, total=total or None)
        self._tell_log()

    def note(self, finding: Finding) -> None:
        """Count a document, and say why where it could not be read."""
        self._done += 1
        if self._task is not None:
            self._bar.advance(self._task)
        if finding.outcome not in READ:
            self._failed += 1
            words = escape(plain(f"{finding.address}: {finding.outcome}: {finding.reason}"))
            self._console.print(words, soft_wrap=True, style="yellow")
        self._tell_log()

    def _tell_log(self) -> None:
        now = self._clock()
        if self._console.is_terminal or now - self._told < SILENCE:
            return
        self._told = now
        far = f": {self._done:,} of {self._total:,}, {self._tell_rate()}" if self._total else ""
        self._console.print(f"{self._stage}{far}", soft_wrap=True, highlight=False)

    def _tell_rate(self) -> str:
        """For people: «14.2 a second, 10 min left, 3 not read»."""
        seconds = self._clock() - self._began
        if not self._done or seconds <= 0:
            return ""
        rate = self._done / seconds
        words = [f"{rate:.1f} a second" if rate >= 1 else f"{1 / rate:.0f} s each"]
        if self._total > self._done:
            words.append(f"{_lasts((self._total - self._done) / rate)} left")
        if self._failed:
            words.append(f"{self._failed:,} not read")
        return ", ".join(words)


class _RateColumn(rich.progress.ProgressColumn):
    """What a function says, each time the bar is drawn."""

    def __init__(self, tell: Callable[[], str]) -> None:
        super().__init__()
        self._tell = tell

    def render(self, task: rich.progress.Task) -> Text:
        """The words, while documents are counted."""
        return Text(self._tell() if task.total else "")


def _lasts(seconds: float) -> str:
    """For people: «40 s», «12 min», «5.5 h»."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
