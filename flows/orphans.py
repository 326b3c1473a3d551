"""Temporary Prefect servers whose run was killed: finding them, and ending them.

A run that is given no server has Prefect start one for it, and Prefect ends it when the run ends. A run that is killed
with -9 ends nothing, and its server would stay for ever, with its memory and its hold on Prefect's database. It cannot
tell by itself: Prefect gives it nothing that breaks when the run does. (Linux can have a process killed when its parent
dies, but means the thread that started it, which with Prefect may well end before the run.) So each run signs its
server, and a server whose parent is not the run that signed it has outlived it.

A signature names the home of the run too: what other installations of the same user left is theirs to look after.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from flows.home import find_home

_SIGNATURE = "CHIPTRAIL_RUN"
"""The variable that tells a temporary server which process is its run, and at which home."""
_PROGRAM = "prefect.server.api.server:create_app"
_TEMPORARY = "PREFECT__SERVER_EPHEMERAL"
"""What Prefect sets for servers that it starts for a run, and never for those that people start."""
_PATIENCE = 5.0


@contextmanager
def signing() -> Iterator[None]:
    """Sign the server that Prefect may start meanwhile: it takes over the environment."""
    os.environ[_SIGNATURE] = f"{os.getpid()}:{find_home().resolve()}"
    try:
        yield
    finally:
        del os.environ[_SIGNATURE]


def find_orphans() -> Iterator[psutil.Process]:
    """The temporary servers of runs that are gone, of this user at this home; none without a `/proc` to tell by."""
    try:
        ours = _find_namespace("self")
    except OSError:
        return
    for process in psutil.process_iter():
        orphaned = False
        # Most belong to others or end as they are looked at.
        with suppress(psutil.Error, OSError):
            orphaned = _is_orphan(process, ours)
        if orphaned:
            yield process


def end(server: psutil.Process) -> None:
    """End a server as Prefect does: by asking, then by force. Raises `TimeoutError` if it is still there."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            server.send_signal(number)
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if _is_gone(server):
                return
            time.sleep(0.05)
    raise TimeoutError(f"process {server.pid} does not end")


def end_orphans() -> None:
    """Ask all to end, and wait for none."""
    for server in find_orphans():
        with suppress(psutil.Error):
            server.terminate()


def _is_orphan(process: psutil.Process, ours: str) -> bool:
    if _PROGRAM not in process.cmdline() or process.uids().effective != os.geteuid():
        return False
    environment: dict[str, str] = process.environ()
    run, _, home = environment.get(_SIGNATURE, "").partition(":")
    if not run or home != str(find_home().resolve()) or not environment.get(_TEMPORARY):
        return False
    # In a container processes have other numbers than outside, and the signature has the container's.
    if _find_namespace(str(process.pid)) != ours:
        return False
    # A process gets another parent only when its own is gone. Whether the run's number is in use says nothing: another
    # may have it by now, and process 1, which takes orphans in, may in a container be the run itself.
    parent: int = process.ppid()
    return str(parent) != run


def _find_namespace(process: str) -> str:
    return os.readlink(f"/proc/{process}/ns/pid")


def _is_gone(process: psutil.Process) -> bool:
    try:
        status: str = process.status()
    except psutil.NoSuchProcess:
        return True
    # One that nobody waits for stays in the list of processes after its end.
    return status == str(psutil.STATUS_ZOMBIE)
