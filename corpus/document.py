"""What a document is: exact bytes, where and when they were got, and how they may be used."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class MediaType(StrEnum):
    """Kinds of document that chiptrail tells apart, by content and not by name."""

    PDF = "application/pdf"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"
    UNKNOWN = "application/octet-stream"


class Document(BaseModel):
    """One exact byte version of a report, paper, model card or page.

    `name` is what claims cite (the file's name, or the last part of its address). `work` names the work across its
    versions (`arxiv:2412.19437`, `doi:…`, a normalised address), or is None while only the bytes are known; the reader
    may find it on the page. `previous` is the digest of the version that the same address held before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: MediaType
    name: str
    address: str
    size: int = Field(ge=0)
    retrieved: datetime | None = None
    work: str | None = None
    source: str | None = None
    developer: str | None = None
    title: str | None = None
    published: date | None = None
    licence: str | None = None
    previous: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
