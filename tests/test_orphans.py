"""A temporary Prefect server does not outlive its run for long: who is told to end takes it along, `chiptrail doctor`
and the next run find what a killed one left, and nobody else's server is touched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from click.testing import CliRunner
from services import PATIENCE, make_environment, started, wait_for

from flows import orphans
from flows.command import cli

pytestmark = pytest.mark.skipif(not Path("/proc/self/ns").is_dir(), reason="nothing to tell orphans by")

PROGRAM = "prefect.server.api.server:create_app"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPTRAIL_HOME", str(tmp_path))


def doctor(folder: Path, *words: str) -> list[dict[str, Any]]:
    """What is said of temporary servers."""
    where = ("--base", f"sqlite:///{folder / 'base.sqlite'}", "--archive", str(folder / "archive"))
    done = CliRunner().invoke(cli, ["doctor", *where, "--json", *words], standalone_mode=False)
    return [line for line in json.loads(done.stdout) if "temporary Prefect server" in line["what"]]


@contextmanager
def endless_run(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], psutil.Process]]:
    """A run without a server of its own that waits for a document, with the temporary server that it started."""
    environment = make_environment(folder, 0) | {"CHIPTRAIL_HOME": str(folder)}
    del environment["PREFECT_API_URL"]
    words = (sys.executable, "-c", "from flows.command import main; main()", "run", "-", "--out", str(folder / "set"))
    with started(*words, environment=environment, log=folder / "run.log", stdin=subprocess.PIPE) as run:

        def find_server() -> psutil.Process | None:
            for child in psutil.Process(run.pid).children():
                line: list[str] = []
                # A run has other children for moments, which may be gone when they are looked at.
                with suppress(psutil.NoSuchProcess):
                    line = child.cmdline()
                if PROGRAM in line:
                    requests.get(f"http://127.0.0.1:{line[line.index('--port') + 1]}/api/health", timeout=5)
                    return child
            return None

        yield run, wait_for(find_server, run)


@contextmanager
def left_alone(environment: Mapping[str, str], program: str = PROGRAM) -> Iterator[psutil.Process]:
    """A process whose parent is gone, and that looks like a server by its command line."""
    words = f'"{sys.executable}" -c "import time; time.sleep({PATIENCE})" {program} >/dev/null 2>&1 & echo $!'
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHIPTRAIL_", "PREFECT_"))}
    done = subprocess.run(["sh", "-c", words], env={**kept, **environment}, capture_output=True, check=True, text=True)
    process = psutil.Process(int(done.stdout))
    try:
        while program not in process.cmdline() or not process.environ():
            time.sleep(0.01)
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def is_gone(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


def signed(home: Path, run: int = 1_000_000_000) -> dict[str, str]:
    return {"CHIPTRAIL_RUN": f"{run}:{home}", "PREFECT__SERVER_EPHEMERAL": "1"}


def test_the_server_of_a_killed_run_is_found_and_ended_and_that_of_a_living_one_is_left(tmp_path: Path) -> None:
    with endless_run(tmp_path) as (run, server):
        assert doctor(tmp_path, "--mend") == []
        run.kill()
        run.wait()
        (line,) = doctor(tmp_path)
        assert line["what"].startswith(f"process {server.pid} ")
        assert (line["part"], line["grave"], line["mends"], line["mended"]) == ("installation", False, True, False)
        assert not is_gone(server)
        (line,) = doctor(tmp_path, "--mend")
        assert line["mended"]
        assert is_gone(server)
        assert doctor(tmp_path) == []


def test_a_run_ends_what_an_earlier_one_left_and_takes_its_own_server_along_when_it_is_told_to_end(
    tmp_path: Path,
) -> None:
    with left_alone(signed(tmp_path)) as earlier:
        assert [orphan.pid for orphan in orphans.find_orphans()] == [earlier.pid]
        with endless_run(tmp_path) as (run, server):
            assert is_gone(earlier)
            run.send_signal(signal.SIGTERM)
            assert run.wait(PATIENCE) == 128 + signal.SIGTERM
            assert is_gone(server)


@pytest.mark.parametrize(
    ("lacking", "program"),
    [
        ("PREFECT__SERVER_EPHEMERAL", PROGRAM),
        ("CHIPTRAIL_RUN", PROGRAM),
        ("", "another.program:create_app"),
    ],
    ids=["a server that somebody started", "another program's temporary server", "another program"],
)
def test_what_is_no_temporary_server_of_a_run_is_left(tmp_path: Path, lacking: str, program: str) -> None:
    with left_alone({name: value for name, value in signed(tmp_path).items() if name != lacking}, program):
        assert list(orphans.find_orphans()) == []


def test_what_another_installation_left_is_left_to_it(tmp_path: Path) -> None:
    with left_alone(signed(tmp_path / "elsewhere")):
        assert list(orphans.find_orphans()) == []


def test_what_belongs_to_another_user_or_another_container_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with left_alone(signed(tmp_path)) as left:
        assert [orphan.pid for orphan in orphans.find_orphans()] == [left.pid]
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(os, "geteuid", lambda: 4321)
            assert list(orphans.find_orphans()) == []
        monkeypatch.setattr(orphans, "_find_namespace", lambda process: f"pid:[{process}]")
        assert list(orphans.find_orphans()) == []


def test_without_proc_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> str:
        raise FileNotFoundError

    with left_alone(signed(tmp_path)):
        monkeypatch.setattr(os, "readlink", missing)
        assert list(orphans.find_orphans()) == []


def test_a_server_that_does_not_listen_is_ended_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "_PATIENCE", 0.3)
    with left_alone(signed(tmp_path)) as left:
        left.suspend()
        (orphan,) = orphans.find_orphans()
        orphans.end(orphan)
        assert is_gone(left)
