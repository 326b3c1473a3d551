"""Adding to the list of sources: what is there stays as it is, comments and order too."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from corpus.source import Source, SourceError, SourceKind, load_sources

_DEFAULTS = {"language": "en", "licence": None, "note": "", "match": "", "newest": 20}


def guess_kind(address: str) -> SourceKind:
    """The kind of source that an address most likely is; a feed, sitemap or query has to be said.

    «https://github.com/o/r/releases» are releases, «https://huggingface.co/o» the models of an organisation, and what
    is no web address is a folder or file.
    """
    if address.startswith("arxiv:"):
        return SourceKind.ARXIV
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        return SourceKind.FOLDER if Path(address).is_dir() else SourceKind.FILE
    host, path = f".{parts.hostname or ''}", parts.path.rstrip("/")
    if host.endswith(".arxiv.org"):
        return SourceKind.ARXIV
    if host.endswith((".github.com", ".githubusercontent.com")):
        return SourceKind.RELEASES if path.endswith("/releases") else SourceKind.GITHUB
    if host.endswith(".huggingface.co"):
        return SourceKind.MODELS if path.count("/") == 1 else SourceKind.HUGGINGFACE
    if re.search(r"sitemap[^/]*\.xml(\.gz)?$", path):
        return SourceKind.SITEMAP
    if re.search(r"(\.(atom|rss|xml)|/(feed|rss|atom))$", path):
        return SourceKind.FEED
    return SourceKind.PDF if path.lower().endswith(".pdf") else SourceKind.PAGE


def suggest_id(address: str) -> str:
    """An id for the source at an address: «https://arxiv.org/pdf/2412.19437» has arxiv-org-pdf-2412-19437."""
    words = re.sub(r"^[a-z]+://(?:www\.)?", "", address.casefold())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:60].rstrip("-")


def add_source(path: Path, source: Source) -> None:
    """Append a source to a list, which is made where there is none.

    The list is written aside, read as any list is, and renamed into place. Raises `SourceError` where it would be no
    list any more: the id or address stands there already, or the list has a fault of its own.
    """
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{before.rstrip()}\n\n{write_entry(source)}".lstrip())
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                os.chmod(aside, path.stat().st_mode & 0o777)
            load_sources(Path(aside), name=path.name)
            os.replace(aside, path)
        finally:
            Path(aside).unlink(missing_ok=True)
    except (OSError, UnicodeDecodeError) as fault:
        raise SourceError(f"{path}: cannot be written: {getattr(fault, 'strerror', None) or fault}") from fault


def write_entry(source: Source) -> str:
    """An entry of the list in TOML, without what goes without saying."""
    lines = ["[[source]]"]
    for name, value in source.model_dump(mode="json").items():
        if name not in _DEFAULTS or value != _DEFAULTS[name]:
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines).replace("\x7f", "\\u007f") + "\n"
