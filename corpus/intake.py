"""From what a user names (files, folders, addresses, `-`) to documents with their bytes, or a sentence why there is
none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import requests

from corpus.archive import digest
from corpus.document import Document, MediaType
from corpus.fetching import FetchError, Limits, fetch, open_session
from corpus.identity import identify_work
from corpus.media import sniff
from corpus.source import Source, SourceKind

# fmt: off
NOT_DOCUMENTS = frozenset((
    ".bib", ".c", ".cfg", ".cls", ".cpp", ".css", ".csv", ".db", ".gif", ".gz", ".h", ".ico", ".ini", ".ipynb", ".jpeg",
    ".jpg", ".js", ".json", ".jsonl", ".lock", ".mp4", ".npy", ".parquet", ".png", ".py", ".pyc", ".sh", ".sqlite",
    ".sty", ".svg", ".tar", ".toml", ".ts", ".tsv", ".webp", ".woff", ".woff2", ".xml", ".yaml", ".yml", ".zip",
))
# fmt: on


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read: an `address` on the web, or the file at `path`.

    What evidence cites is `address`; for a file it is `file:` and the path from the given folder on, so that it says
    nothing of the machine. `place` tells files apart that have one address.
    """

    address: str
    name: str
    path: Path | None = None
    source: Source | None = None

    @property
    def place(self) -> str:
        """The web address, or the whole path of the file."""
        return self.address if self.path is None else str(self.path.resolve())


@dataclass(frozen=True, slots=True)
class Taken:
    """A document, its bytes, and the place they were got from."""

    place: str
    document: Document
    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that gave no bytes to read, and why, in a sentence for people."""

    place: str
    address: str
    name: str
    reason: str


def list_inputs(names: Iterable[str]) -> tuple[list[Input | Refused], int]:
    """Every document that the given names stand for, in order and without repeats, and how many files were passed
    over.

    A folder stands for all files below it in the order of their paths, without hidden ones and without those whose
    suffix says data, program or picture (`NOT_DOCUMENTS`); a file that is named itself is always read. What cannot be
    listed is refused here, with its reason.
    """
    found: dict[str, Input | Refused] = {}
    passed_over = 0
    for name in names:
        if urlsplit(name).scheme in ("http", "https"):
            found.setdefault(name, Input(name, _last_part(name)))
            continue
        if name == "-":
            found.setdefault("-", Input("-", "stdin"))
            continue
        path = Path(name)
        if path.is_dir():
            for entry in _walk(path):
                if isinstance(entry, Input) and PurePosixPath(entry.name).suffix.lower() in NOT_DOCUMENTS:
                    passed_over += 1
                else:
                    found.setdefault(entry.place, entry)
        else:
            whole = path.resolve()
            found.setdefault(str(whole), Input(f"file:{whole.parent.name}/{whole.name}", whole.name, path))
    return list(found.values()), passed_over


def list_sources(sources: Iterable[Source]) -> list[Input | Refused]:
    """The documents at the addresses of some sources. Those that lead to further documents are refused."""
    return [
        Refused(source.address, source.address, source.id, f"a {source.kind} leads to documents and is none itself")
        if source.kind in (SourceKind.FEED, SourceKind.SITEMAP)
        else Input(source.address, _last_part(source.address), source=source)
        for source in sources
    ]


def _walk(folder: Path) -> Iterator[Input | Refused]:
    folder = folder.resolve()
    base = PurePosixPath(folder.name)
    refused: list[OSError] = []
    listed: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = [f for f in folders if not f.startswith(".")]
        listed.extend(Path(parent, f) for f in files if not f.startswith("."))
    for fault in refused:
        place = Path(fault.filename or folder)
        relative = base / place.relative_to(folder).as_posix()
        yield Refused(str(place), f"file:{relative}/", place.name, f"the folder cannot be listed: {fault.strerror}")
    for path in sorted(listed, key=lambda p: p.relative_to(folder).as_posix()):
        yield Input(f"file:{base / path.relative_to(folder).as_posix()}", path.name, path)


def take(
    entry: Input,
    limits: Limits,
    clock: Callable[[], datetime],
    *,
    as_of: datetime | None = None,
    session: requests.Session | None = None,
) -> Taken | Refused:
    """The document of one input, or why there is none: missing, empty, unreadable, too large, not answered.

    `retrieved` is the clock's time for an address. A file has no such time of its own (what the file system says
    differs between copies), so it is `as_of`.
    """
    try:
        data, address, retrieved = _bytes_of(entry, limits, clock, as_of, session)
    except (FetchError, _UnreadableError) as fault:
        return Refused(entry.place, entry.address, entry.name, str(fault))
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return Refused(entry.place, entry.address, entry.name, "it is empty")
    media_type = sniff(data, entry.name)
    if entry.path is None and media_type is MediaType.HTML and entry.name.lower().endswith(".pdf"):
        return Refused(
            entry.place,
            entry.address,
            entry.name,
            "the server sent a web page instead of the PDF (a log-in or consent page?)",
        )
    source = entry.source
    document = Document(
        sha256=digest(data),
        media_type=media_type,
        name=entry.name,
        address=entry.address,
        size=len(data),
        retrieved=retrieved,
        work=identify_work(address, entry.name),
        source=source.id if source else None,
        developer=source.developer if source else None,
        title=source.title if source else None,
        licence=source.licence if source else None,
    )
    return Taken(entry.place, document, data)


def take_all(
    entries: Iterable[Input | Refused], limits: Limits, clock: Callable[[], datetime], *, as_of: datetime | None = None
) -> Iterator[Taken | Refused]:
    """`take` for each input in turn, over one connection a server; what was refused while listing passes through."""
    with open_session() as session:
        for entry in entries:
            yield entry if isinstance(entry, Refused) else take(entry, limits, clock, as_of=as_of, session=session)


class _UnreadableError(Exception):
    """A file that cannot be read; the message is for people."""


def _bytes_of(
    entry: Input,
    limits: Limits,
    clock: Callable[[], datetime],
    as_of: datetime | None,
    session: requests.Session | None,
) -> tuple[bytes, str, datetime | None]:
    if entry.path is None and entry.address != "-":
        fetched = fetch(entry.address, limits, session)
        return fetched.data, fetched.address, clock()
    try:
        if entry.path is None:
            data = sys.stdin.buffer.read(limits.size + 1)
        elif not entry.path.is_file():
            raise _UnreadableError("there is no such file" if not entry.path.exists() else "it is not a regular file")
        elif entry.path.stat().st_size > limits.size:
            raise _UnreadableError(_too_large(entry.path.stat().st_size, limits))
        else:
            data = entry.path.read_bytes()
    except PermissionError:
        raise _UnreadableError("no permission to read it") from None
    except OSError as fault:
        raise _UnreadableError(f"it cannot be read: {fault.strerror or fault}") from None
    if len(data) > limits.size:
        raise _UnreadableError(_too_large(len(data), limits))
    return data, entry.address, as_of


def _too_large(size: int, limits: Limits) -> str:
    return f"it is {size / 1e6:,.0f} MB, over the limit of {limits.size / 1e6:,.0f} MB (see --max-size)"


def _last_part(address: str) -> str:
    parts = urlsplit(address)
    return unquote(PurePosixPath(parts.path).name) or parts.hostname or address
