"""Documents that are no longer where they were: files that a folder has lost since it was last read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpus.source import Source, SourceKind
from evidence.history import places_in
from evidence.store import Store


def find_gone(store: Store, names: Iterable[str], sources: Iterable[Source]) -> list[str]:
    """The places of the base below the named folders, and those of sources, at which there is no file any more.

    A folder that is missing itself, a disk that is not there, tells nothing, and neither does an address.
    """
    folders = [Path(name) for name in names]
    folders += [Path(source.address) for source in sources if source.kind is SourceKind.FOLDER]
    below = {place for folder in folders if folder.is_dir() for place in places_in(store, str(folder.resolve()))}
    return sorted(place for place in below if not _may_be_there(Path(place)))


def _may_be_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True
