"""Is an archive sound? Documents under their digests, visits, web archives, and what killed runs left behind."""

from __future__ import annotations

import gzip
import os
import time
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from pydantic import ValidationError
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from corpus.archive import DIGEST, Archive, digest
from corpus.visits import Visit

_FRESH = 3600.0
"""Seconds in which a file that is written aside may belong to a run that goes on."""


@dataclass(frozen=True, slots=True)
class Ailment:
    """What is wrong, and what can be done: `mend` does it, where that is safe, and `advice` says what it does or what a
    person can do.

    A `grave` one costs evidence or stops runs; any other only costs room or a download.
    """

    part: str
    what: str
    advice: str
    grave: bool = True
    mend: Callable[[], object] | None = None


def examine_archive(archive: Archive) -> Iterator[Ailment]:
    """Everything that is wrong with an archive. Reads all that is in it."""
    if not archive.root.is_dir():
        return
    damaged: dict[str, Path] = {}
    for path in _files(archive.root):
        parts = path.relative_to(archive.root).parts
        if path.name.startswith(".aside-"):
            if abs(time.time() - path.stat().st_mtime) > _FRESH:
                yield _ail(path, "was left half written by a run that was killed", "delete it", False, _deleting(path))
        elif len(parts) == 3 and DIGEST.fullmatch(path.name) and digest(path.read_bytes()) != path.name:
            damaged[path.name] = path
    restorable = yield from _examine_visits(archive, set(damaged))
    for sha256, path in sorted(damaged.items()):
        data = restorable.get(sha256)
        if data is None:
            advice = "set it aside, so that the next run of its source or folder gets it again"
            yield _ail(path, "is not what its digest says", advice, True, partial(_set_aside, archive, path))
        else:
            advice = "restore it from its web archive"
            yield _ail(path, "is not what its digest says", advice, True, partial(archive.write, path, data))


def _examine_visits(archive: Archive, damaged: set[str]) -> Generator[Ailment, None, dict[str, bytes]]:
    """What is wrong with visits; in the end the bytes of damaged and missing documents that web archives still hold."""
    restorable: dict[str, bytes] = {}
    for path in sorted((archive.root / "visits").rglob("*.json")):
        try:
            visit = Visit.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            yield _ail(
                path, "is no record of a visit", "delete it; its address is fetched again", False, _deleting(path)
            )
            continue
        held = read_warc(archive.root / visit.warc) if visit.warc else None
        if isinstance(held, str):
            yield _ail(archive.root / visit.warc, held, f"the document {visit.sha256[:12]}… of {visit.address} is kept")
        found = next((data for data in held if digest(data) == visit.sha256), None) if isinstance(held, list) else None
        if visit.sha256 in damaged and found is not None:
            restorable[visit.sha256] = found
        elif not archive.path(visit.sha256).is_file():
            what = f"the document of {visit.address} ({visit.sha256[:12]}…) is missing"
            if found is None:
                yield Ailment("archive", what, "the next run that is not offline fetches it again")
            else:
                mend = partial(archive.write, archive.path(visit.sha256), found)
                yield Ailment("archive", what, "restore it from its web archive", True, mend)
    return restorable


def read_warc(path: Path) -> list[bytes] | str:
    """The bodies of the answers in a WARC file, as they were decoded, or what is wrong with it."""
    try:
        data = path.read_bytes()
        gzip.decompress(data)
        with BytesIO(data) as file:
            records = [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(file, check_digests="raise")]
    except FileNotFoundError:
        return "is missing"
    except (OSError, EOFError, zlib.error, ArchiveLoadFailed) as fault:
        return f"is damaged or cut off ({str(fault) or type(fault).__name__})"
    bodies = [body for kind, body in records if kind == "response"]
    return bodies or "holds no answer"


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


def _ail(path: Path, what: str, advice: str, grave: bool = True, mend: Callable[[], object] | None = None) -> Ailment:
    return Ailment("archive", f"{path} {what}", advice, grave, mend)


def _deleting(path: Path) -> Callable[[], object]:
    return partial(path.unlink, missing_ok=True)


def _set_aside(archive: Archive, path: Path) -> None:
    folder = archive.root / "damaged"
    folder.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        os.replace(path, folder / path.name)
