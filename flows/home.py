"""Where chiptrail keeps what outlives a run: archive, base and Prefect's own files."""

from __future__ import annotations

import os
from pathlib import Path


def find_home() -> Path:
    """`$CHIPTRAIL_HOME`, else `chiptrail` in the user's folder for state (`$XDG_STATE_HOME`, `~/.local/state`)."""
    if named := os.environ.get("CHIPTRAIL_HOME"):
        return Path(named).expanduser()
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "chiptrail"


def find_base() -> str:
    """The database URL of the evidence base: `$CHIPTRAIL_BASE`, else a SQLite file at home."""
    return os.environ.get("CHIPTRAIL_BASE") or f"sqlite:///{find_home() / 'base.sqlite'}"


def find_archive() -> Path:
    """The folder of the archive: `$CHIPTRAIL_ARCHIVE`, else a folder at home."""
    named = os.environ.get("CHIPTRAIL_ARCHIVE")
    return Path(named).expanduser() if named else find_home() / "archive"
