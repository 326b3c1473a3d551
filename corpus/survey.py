"""What stands at the addresses of sources now, beside what was read from there; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from corpus.archive import Archive
from corpus.fetching import Fetcher, Limits, Manners
from corpus.intake import Input, Refused, follow, list_sources, take
from corpus.source import LISTS, LOCAL, Source
from corpus.visits import State, Visits


class Standing(StrEnum):
    """How a source stands: never read, read and since changed, read and the same, a list or folder, not to be had."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LISTED = "listed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sight:
    """How one source stands. `documents` is how many it leads to, `reason` why it is not to be had."""

    id: str
    address: str
    standing: Standing
    documents: int = 0
    media_type: str = ""
    size: int = 0
    reason: str = ""


def survey(
    sources: Iterable[Source], limits: Limits, clock: Callable[[], datetime], manners: Manners, archive: Archive
) -> Iterator[Sight]:
    """Ask for each source in turn. A feed or sitemap is asked for its list, and not for the documents on it."""
    fetcher = Fetcher(limits, manners, clock)
    visits = Visits(archive)
    for source in sources:
        entries = list_sources([source])
        if source.kind in LISTS or (source.kind in LOCAL and len(entries) != 1):
            if source.kind in LISTS and isinstance(entries[0], Input):
                entries = follow(entries[0], source, fetcher)
            yield _count(source, entries)
        elif isinstance(entry := entries[0], Refused):
            yield Sight(source.id, source.target, Standing.FAILED, reason=entry.reason)
        else:
            yield _look(source, entry, fetcher, visits)


def _count(source: Source, entries: list[Input | Refused]) -> Sight:
    documents = sum(isinstance(entry, Input) for entry in entries)
    reason = next((entry.reason for entry in entries if isinstance(entry, Refused)), "")
    if not documents:
        return Sight(source.id, source.target, Standing.FAILED, reason=reason or "it holds no documents")
    return Sight(source.id, source.target, Standing.LISTED, documents, reason=reason)


def _look(source: Source, entry: Input, fetcher: Fetcher, visits: Visits) -> Sight:
    taken = take(entry, fetcher, visits=visits, keep=False)
    if isinstance(taken, Refused):
        return Sight(source.id, source.target, Standing.FAILED, reason=taken.reason)
    last = visits.find(entry.address)
    state = State.NEW if last is None else State.UNCHANGED if last.sha256 == taken.document.sha256 else State.CHANGED
    found = taken.document
    return Sight(source.id, source.target, Standing(state), 1, str(found.media_type), found.size)
