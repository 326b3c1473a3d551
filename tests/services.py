"""Programs that run beside a test: a Prefect server, a Dask scheduler and its workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

PATIENCE = 180


def find_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def make_environment(folder: Path, port: int) -> dict[str, str]:
    """The environment of programs that use the Prefect server at a port and keep their files in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHIPTRAIL_", "PREFECT_"))}
    return kept | {
        "CHIPTRAIL_HOME": str(folder / "home"),
        "DO_NOT_TRACK": "1",
        "NO_COLOR": "1",
        "NO_PROXY": "127.0.0.1",
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }


def wait_for(what: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    """What a function gives as soon as it gives something."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "it ended by itself"
        try:
            if found := what():
                return found
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise AssertionError("it took too long")


@contextmanager
def started(
    *words: str, environment: dict[str, str], log: Path, stdin: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs for the length of a `with`, and is interrupted at its end."""
    with log.open("wb") as out:
        process = subprocess.Popen(words, env=environment, stdin=stdin, stdout=out, stderr=out, start_new_session=True)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def prefect_server(port: int, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Prefect server that answers at a port."""
    words = (sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    with started(*words, environment=environment, log=log) as running:
        wait_for(lambda: requests.get(f"http://127.0.0.1:{port}/api/health", timeout=5).ok, running)
        yield running
