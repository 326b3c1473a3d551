"""What to watch: public reports by address, with their developer, kind and licence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

SOURCES = Path(__file__).parent / "sources.toml"


class SourceError(ValueError):
    """A list of sources that cannot be used. The message names the file, the entry and what to mend."""


class SourceKind(StrEnum):
    """What stands at an address, and so how new documents are found there."""

    FILE = "file"
    FOLDER = "folder"
    ARXIV = "arxiv"
    PDF = "pdf"
    PAGE = "page"
    GITHUB = "github"
    HUGGINGFACE = "huggingface"
    RELEASES = "github-releases"
    MODELS = "huggingface-models"
    QUERY = "arxiv-query"
    FEED = "feed"
    SITEMAP = "sitemap"


_HOSTS = {
    SourceKind.ARXIV: (".arxiv.org",),
    SourceKind.GITHUB: (".github.com", ".githubusercontent.com"),
    SourceKind.HUGGINGFACE: (".huggingface.co",),
    SourceKind.RELEASES: (".github.com",),
    SourceKind.MODELS: (".huggingface.co",),
}
_TARGETS = tuple(
    (kind, re.compile(pattern), text)
    for kind, pattern, text in (
        (SourceKind.ARXIV, r"arxiv:(\S+)", r"https://arxiv.org/pdf/\1"),
        (SourceKind.ARXIV, r"https?://(?:www\.)?arxiv\.org/abs/([^?#]+)", r"https://arxiv.org/pdf/\1"),
        (
            SourceKind.GITHUB,
            r"https://github\.com/([^/]+/[^/]+)/(?:blob|raw)/([^?#]+)",
            r"https://raw.githubusercontent.com/\1/\2",
        ),
        (
            SourceKind.GITHUB,
            r"https://github\.com/([^/?#]+/[^/?#]+)/?",
            r"https://raw.githubusercontent.com/\1/HEAD/README.md",
        ),
        (SourceKind.HUGGINGFACE, r"https://huggingface\.co/(.+?)/blob/([^?#]+)", r"https://huggingface.co/\1/raw/\2"),
        (
            SourceKind.HUGGINGFACE,
            r"https://huggingface\.co/([^/?#]+/[^/?#]+)/?",
            r"https://huggingface.co/\1/raw/main/README.md",
        ),
        (
            SourceKind.RELEASES,
            r"https://github\.com/([^/?#]+/[^/?#]+)(?:/releases)?/?",
            r"https://github.com/\1/releases.atom",
        ),
        (
            SourceKind.MODELS,
            r"https://huggingface\.co/([^/?#]+)/?",
            r"https://huggingface.co/api/models?author=\1&sort=lastModified&direction=-1",
        ),
    )
)
LOCAL = frozenset((SourceKind.FILE, SourceKind.FOLDER))
LISTS = frozenset((SourceKind.FEED, SourceKind.SITEMAP, SourceKind.RELEASES, SourceKind.MODELS, SourceKind.QUERY))
_QUERY = "https://export.arxiv.org/api/query"


class Source(BaseModel):
    """One address to watch.

    `developer` is a name that the registry knows; `language` is ISO 639-1; `group` is a selection that a run can be
    limited to; `licence` is that of the text or of its repository, None where it is not stated. `address` is an https
    address; a path for a file or folder, seen from the list of sources; the words of a query to arXiv; and
    `arxiv:2412.19437` will do for arXiv. Of what a list leads to, the `newest` are read whose addresses hold the
    regular expression `match`.
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

    match: str = ""
    newest: int = Field(default=20, ge=1, le=1000)

    @field_validator("match")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as fault:
            raise ValueError(f"is no regular expression: {fault}") from None
        return pattern

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.match and self.kind not in LISTS:
            raise ValueError("match is for kinds that lead to documents: " + ", ".join(sorted(LISTS)))
        if self.kind in LOCAL:
            return self
        parts = urlsplit(self.target)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise ValueError("address: must be an https address without a user name")
        wanted = _HOSTS.get(self.kind)
        if wanted and not f".{parts.hostname}".endswith(wanted):
            raise ValueError(f"address: a {self.kind} source is at {' or '.join(w[1:] for w in wanted)}")
        return self

    @property
    def target(self) -> str:
        """The address of the text itself.

        `arxiv:2412.19437` is at https://arxiv.org/pdf/2412.19437, the page of a file on GitHub or Hugging Face has it
        at the raw address, and a repository or model stands for its README. The releases of a repository are those of
        its feed, the models of an organisation those of Hugging Face's interface, and the words of a query go to that
        of arXiv (https://info.arxiv.org/help/api/user-manual.html), the newest first.
        """
        if self.kind is SourceKind.QUERY:
            asked = {"search_query": self.address, "sortBy": "submittedDate", "sortOrder": "descending"}
            return f"{_QUERY}?{urlencode(asked | {'max_results': str(self.newest)})}"
        for kind, pattern, text in _TARGETS:
            if self.kind is kind and (match := pattern.fullmatch(self.address)):
                return match.expand(text)
        return self.address


def make_source(where: str, values: Mapping[str, object]) -> Source:
    """A source of some values, that stand somewhere. Raises `SourceError`, which says where and what to mend."""
    try:
        return Source.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        key = ".".join(map(str, first["loc"]))
        raise SourceError(": ".join(filter(None, (where, key, reason)))) from None


def load_sources(path: Path = SOURCES, name: str = "") -> tuple[Source, ...]:
    """The sources in a file, in its order; a fault is told under another `name` where it has one.

    Raises `SourceError` on an unknown key, a bad value, and an id or address that stands there twice.
    """
    name = name or path.name
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{name}: cannot be read: {error}") from None
    unknown = sorted(set(content) - {"source"})
    if unknown:
        raise SourceError(f"{name}: unknown key {unknown[0]!r}; entries go under [[source]]")
    found: list[Source] = []
    seen: dict[str, str] = {}
    for number, values in enumerate(content.get("source", []), start=1):
        where = f"{name}, entry {number} ({values.get('id', 'no id')})"
        source = make_source(where, values)
        if source.kind in LOCAL:
            source = source.model_copy(update={"address": str(path.parent / source.address)})
        for key in (source.id, source.address):
            if key in seen:
                raise SourceError(f"{where}: {key} stands in {seen[key]} too")
            seen[key] = where
        found.append(source)
    return tuple(found)
