"""The archive: every byte version that was read, kept under its digest and never changed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

DIGEST = re.compile(r"[0-9a-f]{64}")


class ArchiveError(RuntimeError):
    """The archive cannot be written, or what it holds under a digest is missing or damaged."""


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Archive:
    """A folder of documents by digest: `ab/cd/abcd…`. What is in it was written whole, since it is written aside and
    renamed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the bytes of a digest are, or would be, kept. Raises `ValueError` for anything but a digest."""
        if not DIGEST.fullmatch(sha256):
            raise ValueError(f"not a SHA-256 digest: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def keep(self, data: bytes) -> str:
        """Keep some bytes and return their digest. Raises `ArchiveError` where the folder cannot be written."""
        sha256 = digest(data)
        target = self.path(sha256)
        try:
            if target.is_file() and target.stat().st_size == len(data):
                return sha256
        except OSError as fault:
            raise self._unwritable(fault) from fault
        self.write(target, data)
        return sha256

    def write(self, target: Path, data: bytes) -> None:
        """Write a file of the archive, whole or not at all. Raises `ArchiveError` where it cannot be written."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(prefix=".aside-", dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(aside, target)
            except BaseException:
                Path(aside).unlink(missing_ok=True)
                raise
        except OSError as fault:
            raise self._unwritable(fault) from fault

    def read(self, sha256: str) -> bytes:
        """The bytes of a digest. Raises `ArchiveError` where they are missing or no longer what they were."""
        try:
            data = self.path(sha256).read_bytes()
        except OSError as fault:
            raise ArchiveError(
                f"the archive {self.root} has no document {sha256[:12]}…: {fault.strerror or fault}"
            ) from fault
        if digest(data) != sha256:
            raise ArchiveError(f"the archive's copy of {sha256[:12]}… is damaged: {self.path(sha256)}")
        return data

    def _unwritable(self, fault: OSError) -> ArchiveError:
        return ArchiveError(f"the archive {self.root} cannot be written: {fault.strerror or fault}")
