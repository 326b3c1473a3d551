"""The text layers of archived PDFs, kept beside them, so that other rules extract anew without reading them again.

Only PDFs: to read one takes about as long as to extract from it, and other documents are read as fast as a kept text.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.archive import Archive, ArchiveError
from corpus.document import Document, MediaType
from evidence.versions import current_versions
from extractors.reading import read
from extractors.reading.packing import PackError, pack, unpack
from extractors.text import Reading

FOLDER = "text"


@dataclass(frozen=True, slots=True)
class _Kept:
    name: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Texts:
    """The text layers of one version below an archive's folder: `text/<version>/ab/cd/abcd…`."""

    archive: Archive
    version: str

    def read(self, document: Document, data: bytes) -> Reading:
        """The reading of a document: the one that is kept, else it is read now, and kept where it has a text."""
        if document.media_type is not MediaType.PDF:
            return read(data, document)
        path = self._path(document.sha256)
        with suppress(OSError, PackError):
            kept = unpack(path.read_bytes(), _Kept)
            if kept.name == document.name:  # reasons name the document
                return kept.reading
        reading = read(data, document)
        if reading.text is not None:
            with suppress(ArchiveError):  # a text that could not be kept is read again
                self.archive.write(path, pack(_Kept(document.name, reading)))
        return reading

    def _path(self, sha256: str) -> Path:
        return self.archive.root / FOLDER / self.version / self.archive.path(sha256).relative_to(self.archive.root)


def open_texts(archive: Archive) -> Texts:
    """The text layers that the reading of now makes."""
    return Texts(archive, current_versions().text)


def find_outdated(archive: Archive) -> list[Path]:
    """The folders of text layers that another version made."""
    kept = archive.root / FOLDER
    if not kept.is_dir():
        return []
    return sorted(path for path in kept.iterdir() if path.is_dir() and path.name != current_versions().text)
