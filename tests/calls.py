"""Calling the `chiptrail` command as a user does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence


def call(
    words: Sequence[str], environment: Mapping[str, str], given: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Call `chiptrail` with some words, and with nothing of this machine's settings but the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHIPTRAIL_", "PREFECT_"))}
    command = [sys.executable, "-c", "from flows.command import main; main()", *words]
    done = subprocess.run(
        command, input=given, capture_output=True, env={**kept, **environment}, timeout=600, check=False
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
