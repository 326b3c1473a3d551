"""The versions that decide what a document yields: of the package, the rules, the registry and the text layer."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel, ConfigDict

import extractors
import registry

_SUFFIXES = {".py", ".toml", ".csv", ".json", ".txt"}
_READERS = ("pypdfium2", "pdfplumber", "lxml", "beautifulsoup4", "markdown-it-py", "charset-normalizer")
_RULE_LIBRARIES = ("spacy",)


class Versions(BaseModel):
    """`rules`, `registry` and `text` are digests of their files and of the libraries beneath them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    rules: str
    registry: str
    text: str


@cache
def current_versions() -> Versions:
    """The versions of what is installed here. The same files give the same digests on every machine."""
    rooms = Path(extractors.__file__).parent
    reading = rooms / "reading"
    layer = [*_files(reading), rooms / "text.py"]
    rules = [path for path in _files(rooms) if reading not in path.parents and path != rooms / "text.py"]
    known = Path(registry.__file__).parent
    return Versions(
        package=_release("chiptrail"),
        rules=_digest(rooms, rules, _RULE_LIBRARIES),
        registry=_digest(known, _files(known), ()),
        text=_digest(rooms, layer, _READERS),
    )


@cache
def digest_rooms(*rooms: ModuleType) -> str:
    """A digest of the modules and data of some rooms; where it is the same, they make the same of the same."""
    folders = [Path(room.__file__ or "").parent for room in rooms]
    return hashlib.sha256("".join(_digest(folder, _files(folder), ()) for folder in folders).encode()).hexdigest()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()]


def _digest(base: Path, files: list[Path], libraries: tuple[str, ...]) -> str:
    whole = hashlib.sha256()
    for path in sorted(files, key=lambda p: p.relative_to(base).as_posix()):
        whole.update(f"{path.relative_to(base).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    for library in libraries:
        whole.update(f"{library}=={_release(library)}\0".encode())
    return whole.hexdigest()[:16]


def _release(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
