"""Workers with limits: what one document does to its reader is told of that document alone."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest

from flows.worker import Bounds, Crew, Fallen, WorkerError


def behave(item: str) -> str:
    if item == "hang":
        time.sleep(60)
    if item == "crash":
        os.abort()
    if item == "leave":
        os._exit(3)
    if item == "bomb":
        np.ones((200_000, 200_000))
    if item == "fault":
        raise ValueError("no such table\nand more")
    return f"{item} by {os.getpid()}"


def refuse() -> None:
    os._exit(1)


def run(items: list[str], jobs: int = 1, **bounds: float) -> dict[str, str | Fallen]:
    with Crew(behave, jobs, Bounds(**bounds)) as crew:  # type: ignore[arg-type]
        return dict(crew.run(items))


def test_a_hang_a_crash_and_a_bomb_cost_their_own_document_alone() -> None:
    found = run(["good", "hang", "crash", "leave", "bomb", "fault", "well"], seconds=1.5, megabytes=4000)
    assert found["hang"] == Fallen("it took longer than the 1.5 seconds allowed")
    assert found["crash"] == Fallen("it crashed the process that read it (SIGABRT)")
    assert found["leave"] == Fallen("the process that read it ended without an answer (exit code 3)")
    assert found["bomb"] == Fallen("it takes more memory than the 4000 MB allowed")
    assert found["fault"] == Fallen("chiptrail failed on it: ValueError: no such table")
    assert str(found["good"]).startswith("good by")
    assert str(found["well"]).startswith("well by")


def test_a_worker_is_used_again_until_it_retires() -> None:
    found = run([str(n) for n in range(6)], documents=3)
    assert len({str(words).rsplit(" ", 1)[-1] for words in found.values()}) == 2


def test_a_crew_keeps_its_workers_until_it_is_let_go_and_replaces_those_that_died_meanwhile() -> None:
    with Crew(behave) as crew:
        first, again = (str(dict(crew.run([item]))[item]).rsplit(" ", 1)[-1] for item in ("one", "two"))
        assert first == again
        os.kill(int(first), signal.SIGKILL)
        time.sleep(0.2)
        ((_, words),) = crew.run(["three"])
        assert str(words).startswith("three by")
    number = int(str(words).rsplit(" ", 1)[-1])
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_every_item_is_done_once_whatever_the_number_of_workers() -> None:
    items = [str(n) for n in range(9)]
    found = run(items, jobs=3)
    assert sorted(found) == items
    assert run([]) == {}


def test_workers_that_cannot_start_are_told_of_and_not_waited_for() -> None:
    crew: Crew[str, str] = Crew(behave, 1, prepare=refuse)
    with pytest.raises(WorkerError, match="as they start"):
        list(crew.run(["good"]))


def test_a_run_that_is_given_up_leaves_no_worker_behind() -> None:
    crew: Crew[str, str] = Crew(behave, 2)
    running = crew.run([str(n) for n in range(50)])
    _, words = next(running)
    running.close()
    number = int(str(words).rsplit(" ", 1)[-1])
    time.sleep(0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
