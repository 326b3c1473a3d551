"""What is killed, locked out or out of space leaves everything such that the next run completes it."""

from __future__ import annotations

import fcntl
import os
import random
import resource
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_flow import CARD, NOON, Silence, content, make_plan
from test_incremental import run

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.crash import torment
from corpus.archive import Archive, ArchiveError
from evidence.carrying import Cause
from evidence.store import Store, StoreError
from flows import stages
from flows.conductor import PlainConductor
from flows.plan import Plan, Summary
from outputs.evidence_set import SetError
from outputs.placing import aside, find_left, put_in_place, sweep
from outputs.verification import verify_set


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in ("Falcon", "Alder"):
        (folder / f"{name}.md").write_text(CARD.replace("Falcon", name))
    return folder


def age(path: Path) -> None:
    """Make a path an hour old."""
    os.utime(path, (time.time() - 3600, time.time() - 3600))


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """No file may become larger, as on a full disk: writing fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_twelve_runs_killed_at_random_points_lose_and_double_nothing(tmp_path: Path) -> None:
    tally = torment(tmp_path, 12, 24, 12, random.Random(4), workers=1)
    assert tally.faults == []
    assert sum(tally.met.values()) == 12


@pytest.mark.parametrize("size", [0, 100, 4_000, 20_000, 60_000])
def test_a_full_disk_stops_a_run_in_a_sentence_and_the_next_one_completes(
    tmp_path: Path, reports: Path, size: int
) -> None:
    plan = make_plan(tmp_path)
    run(plan)
    before = content(tmp_path / "set")
    for number in range(40):
        (reports / f"{number}.md").write_text(CARD.replace("Falcon", f"Oak{number}").replace("384", f"{number + 2}"))
    with little_room(size), pytest.raises((ArchiveError, StoreError, SetError)) as fault:
        run(plan)
    assert "\n" not in str(fault.value)
    assert content(tmp_path / "set") == before
    assert run(plan).exit_code == 0
    run(make_plan(tmp_path, out="fresh", base="fresh"))
    assert content(tmp_path / "set") == content(tmp_path / "fresh")


def test_a_base_that_another_has_locked_is_waited_for(tmp_path: Path, reports: Path) -> None:
    run(make_plan(tmp_path))
    (reports / "new.md").write_text(CARD.replace("Falcon", "Cedar"))
    other = sqlite3.connect(tmp_path / "base.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.0, lambda: (other.rollback(), other.close()))
    release.start()
    began = time.monotonic()
    assert run(make_plan(tmp_path)).exit_code == 0
    assert time.monotonic() - began >= 1
    release.join()


def test_a_base_that_stays_locked_is_told_and_left_as_it_is(
    tmp_path: Path, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(tmp_path)
    run(plan)
    monkeypatch.setattr("evidence.tables.BUSY_SECONDS", 0.1)
    with sqlite3.connect(tmp_path / "base.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            run(plan)
        other.rollback()
    assert not run(plan).written


def test_a_prefect_server_that_goes_away_is_told_in_a_sentence_and_what_was_read_is_kept(
    tmp_path: Path, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from httpx import ConnectError

    from flows import pipeline

    class Leaving(Silence):
        def enter(self, stage: str, total: int = 0) -> None:
            if stage == "export":
                raise ConnectError("connection refused")

    def read_plainly(plan: Plan) -> Summary:
        return stages.run(plan, PlainConductor(), pipeline._watching.get(), lambda: NOON)

    monkeypatch.setattr(pipeline, "flow", lambda **_: lambda _: read_plainly)
    with pytest.raises(pipeline.PipelineError, match=r"went away during the run \(connection refused\); what was read"):
        pipeline.run_flow(make_plan(tmp_path), Leaving())
    assert run(make_plan(tmp_path)).causes == {Cause.UNCHANGED: 2}


def at_once(what: Callable[[], None], times: int) -> None:
    """Do a thing several times at once, each in a thread of its own, and wait for all."""
    threads = [threading.Thread(target=what) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_new_base_opens_for_all_who_open_it_at_once(tmp_path: Path) -> None:
    faults: list[StoreError] = []
    for number in range(20):
        together = threading.Barrier(8)

        def come(url: str = f"sqlite:///{tmp_path}/{number}.sqlite", together: threading.Barrier = together) -> None:
            together.wait()
            try:
                Store(url).close()
            except StoreError as fault:
                faults.append(fault)

        at_once(come, 8)
    assert faults == []


def test_two_runs_at_once_give_what_one_gives(tmp_path: Path, reports: Path) -> None:
    for number in range(12):
        (reports / f"{number}.md").write_text(CARD.replace("Falcon", f"Oak{number}"))
    faults: list[BaseException] = []

    def go() -> None:
        try:
            stages.run(make_plan(tmp_path), PlainConductor(), Silence(), lambda: NOON)
        except BaseException as fault:
            faults.append(fault)

    at_once(go, 2)
    assert faults == []
    assert list(verify_set(tmp_path / "set")) == []
    run(make_plan(tmp_path, out="fresh", base="fresh"))
    assert content(tmp_path / "set") == content(tmp_path / "fresh")
    # What one run still kept as the other had looked at the base makes a third write the same set again, and no fourth.
    run(make_plan(tmp_path))
    assert content(tmp_path / "set") == content(tmp_path / "fresh")
    assert not run(make_plan(tmp_path)).written


def test_a_reader_never_sees_a_folder_missing_or_half_there(tmp_path: Path) -> None:
    out, seen, done = tmp_path / "set", set(), threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                handle = os.open(out, os.O_RDONLY)
            except FileNotFoundError:
                seen.add("nothing")
                continue
            try:
                seen.add(",".join(sorted(os.listdir(handle))))
            finally:
                os.close(handle)

    def place() -> None:
        with aside(out) as folder:
            for name in "ab":
                (folder / name).write_text("x")
            put_in_place(folder, out)

    place()
    watcher = threading.Thread(target=look)
    watcher.start()
    for _ in range(40):
        place()
    done.set()
    watcher.join()
    # An old set that a reader has open is deleted under its eyes; what it opens by name is always whole.
    assert "nothing" not in seen
    assert list(tmp_path.iterdir()) == [out]


def test_what_a_killed_run_left_beside_a_set_is_swept_up_and_what_is_held_is_not(tmp_path: Path) -> None:
    out = tmp_path / "set"
    left, fresh = tmp_path / ".set.aside-left", tmp_path / ".set.aside-fresh"
    other = tmp_path / ".other.aside-left"
    for folder in (left, fresh, other):
        folder.mkdir()
        (folder / "claims.jsonl").write_text("{}")
    age(left)
    age(other)
    with aside(out) as held:
        age(held)
        assert find_left(tmp_path) == [other, left]
        assert sweep(out) == [left]
        assert held.is_dir()
    assert sorted(tmp_path.iterdir()) == [other, fresh]


def test_where_two_folders_cannot_be_exchanged_in_one_step_the_set_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outputs.placing._exchange", lambda *_: False)
    out = tmp_path / "set"
    for words in ("one", "two"):
        with aside(out) as folder:
            (folder / "file").write_text(words)
            put_in_place(folder, out)
    assert content(out) == {"file": b"two"}
    assert list(tmp_path.iterdir()) == [out]


def test_an_archive_takes_a_document_that_a_killed_run_left_half_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.keep(b"whole")
    archive.path(sha256).write_bytes(b"wh")
    assert archive.keep(b"whole") == sha256
    assert archive.read(sha256) == b"whole"


def test_a_held_folder_is_let_go_when_its_process_ends(tmp_path: Path) -> None:
    with aside(tmp_path / "set") as folder:
        handle = os.open(folder, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
    assert not folder.exists()
