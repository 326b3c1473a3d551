"""From what a user names (files, folders, addresses, `-`) to documents with their bytes, or a sentence why there is
none.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from corpus.archive import Archive, digest
from corpus.document import Document, MediaType
from corpus.fetching import Fetcher, FetchError, Limits, Manners
from corpus.identity import identify_work
from corpus.listing import Lead, ListingError, list_leads
from corpus.media import sniff
from corpus.selection import Selection
from corpus.source import LISTS, LOCAL, Source, SourceKind
from corpus.visits import Visits

POLITE = Manners()
ALL = Selection()
SITEMAPS = 10
"""Sitemaps of an index that are read."""

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
    published: date | None = None

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
        if name.lower().startswith(("http:", "https:")):
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
    """The documents of some sources; a feed or sitemap is one input, which `take_all` follows to its documents."""
    found: list[Input | Refused] = []
    for source in sources:
        if source.kind in LOCAL:
            entries, _ = list_inputs([source.address])
            found += [replace(entry, source=source) if isinstance(entry, Input) else entry for entry in entries]
        else:
            found.append(Input(source.target, _last_part(source.target), source=source))
    return found


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
    fetcher: Fetcher,
    *,
    as_of: datetime | None = None,
    visits: Visits | None = None,
    keep: bool = True,
) -> Taken | Refused:
    """The document of one input, or why there is none: missing, empty, unreadable, too large, not answered.

    `retrieved` is the fetcher's time for an address, or with `visits` the time at which these bytes were first got from
    there; a version that came after another is linked to it. A file has no such time of its own (what the file system
    says differs between copies), so it is `as_of`. Without `keep`, what is new is not kept.
    """
    news = None
    try:
        if entry.path is not None or entry.address == "-":
            data, address, retrieved = _read_file(entry, fetcher.limits), entry.address, as_of
        elif visits is None:
            fetched = fetcher.get(entry.address)
            data, address, retrieved = fetched.data or b"", fetched.address, fetcher.clock()
        else:
            news = visits.ask(entry.address, fetcher)
            data, address, retrieved = news.data, news.visit.final, news.visit.retrieved
    except (FetchError, _UnreadableError) as fault:
        return _refuse(entry, str(fault))
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return _refuse(entry, "it is empty")
    media_type = sniff(data, entry.name)
    if entry.path is None and media_type is not MediaType.PDF and _promises_pdf(entry):
        sent = "a web page" if media_type is MediaType.HTML else "something else"
        return _refuse(entry, f"the server sent {sent} instead of the PDF (a log-in or consent page?)")
    if news and visits and keep:
        visits.keep(news, fetcher.manners.agent)
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
        published=entry.published,
        licence=source.licence if source else None,
        previous=news.visit.previous if news else None,
    )
    return Taken(entry.place, document, data)


def take_all(
    entries: Iterable[Input | Refused],
    limits: Limits,
    clock: Callable[[], datetime],
    *,
    as_of: datetime | None = None,
    manners: Manners = POLITE,
    archive: Archive | None = None,
    selection: Selection = ALL,
    offline: bool = False,
    keep: bool = True,
) -> Iterator[Taken | Refused]:
    """`take` for each input in turn, and for each document that a feed or sitemap leads to; what was refused while
    listing passes through.

    With an archive, what is fetched is kept there (unless `keep` says no), and servers are asked only for what has
    changed since; `offline`, they are not asked at all. What the selection leaves out is not asked for, as far as its
    name and the day of its list or file tell.
    """
    fetcher = Fetcher(limits, manners, clock)
    visits = Visits(archive, offline=offline) if archive else None
    for entry in entries:
        if isinstance(entry, Input) and entry.source and entry.source.kind in LISTS:
            found = follow(entry, entry.source, fetcher, visits, keep=keep)
        else:
            found = [entry]
        for one in found:
            if not selection.fits(one.address, one.name) or not selection.reaches(_day_of(one, selection)):
                continue
            taken = one if isinstance(one, Refused) else take(one, fetcher, as_of=as_of, visits=visits, keep=keep)
            undated = isinstance(one, Input) and one.path is None and one.published is None
            if undated and isinstance(taken, Taken) and not selection.reaches(taken.document.retrieved):
                continue
            yield taken


def _day_of(entry: Input | Refused, selection: Selection) -> date | None:
    """The day that is known of an input before it is asked for: of its publication, or of the last change of a file."""
    if isinstance(entry, Refused) or selection.since is None:
        return None
    if entry.path is None:
        return entry.published
    try:
        return datetime.fromtimestamp(entry.path.stat().st_mtime, UTC).date()
    except (OSError, ValueError, OverflowError):
        return None


def follow(
    entry: Input, source: Source, fetcher: Fetcher, visits: Visits | None = None, *, keep: bool = True
) -> list[Input | Refused]:
    """The documents that a feed or sitemap leads to: the newest that match what the source asks for.

    A sitemap index is followed to its newest sitemaps, and no further.
    """
    found: list[Input | Refused] = []
    leads: list[Lead] = []
    lists = [entry.address]
    for number, address in enumerate(lists):
        if len(leads) >= source.newest:
            break
        try:
            listed = _list(address, fetcher, visits, keep=keep)
        except (FetchError, ListingError) as fault:
            found.append(Refused(address, address, source.id, str(fault)))
            continue
        leads += [lead for lead in listed if not lead.is_list and re.search(source.match, lead.address)]
        if number == 0:
            lists += [lead.address for lead in listed if lead.is_list][:SITEMAPS]
    for lead in leads[: source.newest]:
        told = source.model_copy(update={"title": lead.title}) if lead.title else source
        found.append(Input(lead.address, _last_part(lead.address), source=told, published=lead.dated))
    if not found:
        found.append(_refuse(entry, "it leads to no documents" + (f" that match {source.match}" * bool(source.match))))
    return found


def _list(address: str, fetcher: Fetcher, visits: Visits | None, *, keep: bool) -> list[Lead]:
    if visits is None:
        fetched = fetcher.get(address)
        return list_leads(fetched.data or b"", fetched.address)
    news = visits.ask(address, fetcher)
    leads = list_leads(news.data, news.visit.final)
    if keep:
        visits.keep(news, fetcher.manners.agent)
    return leads


def _refuse(entry: Input, reason: str) -> Refused:
    return Refused(entry.place, entry.address, entry.name, reason)


def _promises_pdf(entry: Input) -> bool:
    """Whether a PDF was to be expected at an address. arXiv names its files without a suffix."""
    kind = entry.source.kind if entry.source else None
    return (
        entry.name.lower().endswith(".pdf")
        or kind is SourceKind.PDF
        or (kind is SourceKind.ARXIV and "/pdf/" in entry.address)
    )


class _UnreadableError(Exception):
    """A file that cannot be read; the message is for people."""


def _read_file(entry: Input, limits: Limits) -> bytes:
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
    return data


def _too_large(size: int, limits: Limits) -> str:
    return f"it is {size / 1e6:,.0f} MB, over the limit of {limits.size / 1e6:,.0f} MB (see --max-size)"


def _last_part(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return unquote(PurePosixPath(parts.path).name) or parts.hostname or address
