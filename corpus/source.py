"""What to watch: public reports by address, with their developer, kind and licence."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

SOURCES = Path(__file__).parent / "sources.toml"


class SourceError(ValueError):
    """A list of sources that cannot be used. The message names the file, the entry and what to mend."""


class SourceKind(StrEnum):
    """What stands at an address, and so how new documents are found there."""

    ARXIV = "arxiv"
    PDF = "pdf"
    PAGE = "page"
    GITHUB = "github"
    HUGGINGFACE = "huggingface"
    FEED = "feed"
    SITEMAP = "sitemap"


class Source(BaseModel):
    """One address to watch.

    `developer` is a name that the registry knows; `language` is ISO 639-1; `group` is a selection that a run can be
    limited to; `licence` is that of the text or of its repository, None where it is not stated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)
    developer: str = Field(min_length=1)
    address: str
    kind: SourceKind
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    group: str = Field(min_length=1)
    licence: str | None = None
    note: str = ""

    @field_validator("address")
    @classmethod
    def _is_https(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise ValueError("must be an https address without a user name")
        return address


def load_sources(path: Path = SOURCES) -> tuple[Source, ...]:
    """The sources in a file, in its order.

    Raises `SourceError` on an unknown key, a bad value, and an id or address that stands there twice.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path.name}: cannot be read: {error}") from None
    unknown = sorted(set(content) - {"source"})
    if unknown:
        raise SourceError(f"{path.name}: unknown key {unknown[0]!r}; entries go under [[source]]")
    found: list[Source] = []
    seen: dict[str, str] = {}
    for number, values in enumerate(content.get("source", []), start=1):
        where = f"{path.name}, entry {number} ({values.get('id', 'no id')})"
        try:
            source = Source.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            reason = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
            raise SourceError(f"{where}: {'.'.join(map(str, first['loc']))}: {reason}") from None
        for key in (source.id, source.address):
            if key in seen:
                raise SourceError(f"{where}: {key} stands in {seen[key]} too")
            seen[key] = where
        found.append(source)
    return tuple(found)
