"""Where chiptrail keeps what outlives a run: archive, base and Prefect's own files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.fetching import Manners


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and what to write."""


def find_home() -> Path:
    """`$CHIPTRAIL_HOME`, else `chiptrail` in the user's folder for state (`$XDG_STATE_HOME`, `~/.local/state`)."""
    if named := os.environ.get("CHIPTRAIL_HOME"):
        return Path(named).expanduser()
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "chiptrail"


def find_base() -> str:
    """The database URL of the evidence base: `$CHIPTRAIL_BASE`, else a SQLite file at home."""
    return os.environ.get("CHIPTRAIL_BASE") or f"sqlite:///{find_home() / 'base.sqlite'}"


def is_there(base: str) -> bool:
    """Whether there is a base at a database URL: opening a file that is not there would make one."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(base)
    except ArgumentError:
        return True
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def find_archive() -> Path:
    """The folder of the archive: `$CHIPTRAIL_ARCHIVE`, else a folder at home."""
    named = os.environ.get("CHIPTRAIL_ARCHIVE")
    return Path(named).expanduser() if named else find_home() / "archive"


def find_sources() -> Path:
    """The list of sources: the file that `$CHIPTRAIL_SOURCES` names, else the one that chiptrail comes with."""
    from corpus.source import SOURCES

    named = os.environ.get("CHIPTRAIL_SOURCES")
    return Path(named).expanduser() if named else SOURCES


def find_manners() -> Manners:
    """How servers are asked: `$CHIPTRAIL_CONTACT` says who asks, `$CHIPTRAIL_ALLOW` which networks may be read that are
    not public. Raises `SettingError` for a contact that fits in no header, and for what is no network.
    """
    from corpus.addresses import read_networks
    from corpus.fetching import Manners

    contact = os.environ.get("CHIPTRAIL_CONTACT", "").strip()
    if not contact.isascii() or not contact.isprintable() or set(contact) & set("()"):
        raise SettingError("CHIPTRAIL_CONTACT must be a mail address or a web page, in plain ASCII without brackets")
    try:
        allowed = read_networks(os.environ.get("CHIPTRAIL_ALLOW", ""))
    except ValueError as fault:
        raise SettingError(f"CHIPTRAIL_ALLOW: {fault}; write networks as 127.0.0.0/8, 10.1.2.3") from fault
    return Manners(contact=contact, allowed=allowed)
