"""What a run says of itself while it goes on."""

from __future__ import annotations

import io

from rich.console import Console
from specimens import make_document, make_finding

from extractors.text import Outcome
from flows.commands.progress import SILENCE, Progress


def follow(total: int, done: int, failing: int, seconds: float, *, terminal: bool = False) -> str:
    """What is written while some documents of a total are read, each in so many seconds, the first of them in vain."""
    now = 0.0
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=200, no_color=True)
    with Progress(console, lambda: now) as progress:
        progress.enter("read", total)
        for number in range(done):
            now += seconds
            outcome = Outcome.FAILED if number < failing else Outcome.READ
            progress.note(make_finding(make_document(name=f"{number}.md"), outcome=outcome))
    return written.getvalue()


def test_a_log_says_once_a_minute_how_far_a_run_is() -> None:
    lines = follow(1000, 300, 2, 0.5).splitlines()
    assert [line.split(":")[1] for line in lines[:2]] == ["reports/0.md", "reports/1.md"]
    assert lines[2:] == [
        "Reading: 120 of 1,000, 2.0 a second, 7 min left, 2 not read",
        "Reading: 240 of 1,000, 2.0 a second, 6 min left, 2 not read",
    ]


def test_a_short_run_leaves_nothing_in_a_log() -> None:
    assert follow(10, 10, 0, SILENCE / 11) == ""


def test_what_takes_long_is_told_in_units_of_people() -> None:
    assert follow(3000, 2, 0, 100).splitlines()[0] == "Reading: 1 of 3,000, 100 s each, 83.3 h left"
    assert follow(122, 121, 0, 0.5).splitlines() == ["Reading: 120 of 122, 2.0 a second, 1 s left"]


def test_a_terminal_shows_rate_time_left_and_failures_beside_the_bar() -> None:
    shown = follow(1000, 200, 3, 0.5, terminal=True)
    assert "200/1000 2.0 a second, 7 min left, 3 not read" in shown
