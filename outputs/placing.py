"""Putting a finished folder in the place of an older one, so that nobody ever sees a half of it or none."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ATTEMPTS = 5
_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE, renameat2(2)
_FRESH = 60.0
"""Seconds in which a folder without a holder may yet get one."""


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A new folder beside `out` to write in, gone at the end unless it was put in place.

    It is held by a lock for as long as this process lives, so that `sweep` can tell what a killed one left behind.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=_prefix(out), dir=out.parent))
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems know no locks; their folders count as held while fresh
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(folder: Path, out: Path) -> None:
    """Make a finished folder `out`, what was there before being deleted. Another run may do the same at the same time:
    the later one stays.

    Where the system can exchange two folders in one step there is no moment without a whole one; elsewhere there is a
    short one in which `out` is not there.
    """
    for path in (*sorted(folder.rglob("*")), folder):
        _write_through(path)
    old = Path(f"{folder}-old")
    for attempt in range(_ATTEMPTS):
        if out.exists():
            if _exchange(folder, out):
                break
            with suppress(OSError):
                os.rename(out, old)
        try:
            os.rename(folder, out)
            break
        except OSError:
            if old.exists() and not out.exists():
                os.rename(old, out)
            if attempt == _ATTEMPTS - 1:
                raise
    shutil.rmtree(old, ignore_errors=True)
    _write_through(out.parent)


def sweep(out: Path) -> list[Path]:
    """Delete what runs that were killed left beside `out`: folders that nobody holds any more."""
    found = [folder for folder in find_left(out.parent) if folder.name.startswith(_prefix(out))]
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def find_left(parent: Path) -> list[Path]:
    """The folders in a folder that were written aside and that nobody holds any more."""
    found = []
    for folder in sorted(parent.glob(f".*{_MARK}*")):
        try:
            if abs(time.time() - folder.stat().st_mtime) < _FRESH:
                continue
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found.append(folder)
        except OSError:
            continue
        finally:
            os.close(handle)
    return found


_MARK = ".aside-"


def _prefix(out: Path) -> str:
    return f".{out.name}{_MARK}"


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or its file system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    fault = ctypes.get_errno()
    if fault in (errno.ENOSYS, errno.EINVAL, errno.ENOENT, errno.ENOTSUP):
        return False
    raise OSError(fault, os.strerror(fault), str(other))


def _write_through(path: Path) -> None:
    """Have a file or folder on the disk, not only on its way there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
