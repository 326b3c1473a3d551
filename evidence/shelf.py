"""Documents, claims and links of the base by what a page has of them: a digest, an id, words of a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from corpus.document import Document
from evidence import tables as t
from evidence.judgement import load_live
from evidence.keeping import parts
from evidence.links import Link
from evidence.store import Store
from extractors.claim import Claim

_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class Holding:
    """A document of the base: what is known of it, its pages and its language."""

    document: Document
    pages: int
    language: str


def find_document(store: Store, sha256: str) -> Holding | None:
    """The document of a digest, or None where the base has none. Raises `StoreError`."""
    query = select(t.documents).where(t.documents.c.sha256 == sha256)
    with store.reading() as connection:
        row = connection.execute(query).first()
    return Holding(Document.model_validate_json(row.body), row.pages, row.language) if row else None


def find_documents(store: Store, digests: Iterable[str]) -> dict[str, Document]:
    """Documents by their digest, those that the base has. Raises `StoreError`."""
    found: dict[str, Document] = {}
    with store.reading() as connection:
        for part in parts(sorted(set(digests))):
            for body in connection.scalars(select(t.documents.c.body).where(t.documents.c.sha256.in_(part))):
                document = Document.model_validate_json(body)
                found[document.sha256] = document
    return found


def find_claims(store: Store, claims: Iterable[str]) -> dict[str, Claim]:
    """Live claims by their id, as the machine reads them. Raises `StoreError`."""
    found: dict[str, Claim] = {}
    with store.reading() as connection:
        for part in parts(sorted(set(claims))):
            found |= load_live(connection, t.claims.c.id.in_(part))
    return found


def find_chip_links(store: Store, chip: str, limit: int) -> list[Link]:
    """The links of a chip, sorted by model. Raises `StoreError`."""
    query = select(t.links.c.body).where(t.links.c.chip == chip).order_by(t.links.c.model, t.links.c.id).limit(limit)
    with store.reading() as connection:
        return [Link.model_validate_json(body) for body in connection.scalars(query)]


def search_documents(store: Store, words: str, limit: int) -> list[Holding]:
    """Documents whose name, title, address or developer has these words, by digest. Raises `StoreError`."""
    wanted = "".join(f"{_ESCAPE}{c}" if c in f"%_{_ESCAPE}" else c for c in words.casefold())
    query = (
        select(t.documents)
        .where(func.lower(t.documents.c.body).like(f"%{wanted}%", escape=_ESCAPE))
        .order_by(t.documents.c.sha256)
        .limit(4 * limit)
    )
    with store.reading() as connection:
        rows = [Holding(Document.model_validate_json(r.body), r.pages, r.language) for r in connection.execute(query)]
    return [row for row in rows if words.casefold() in _told(row.document)][:limit]


def _told(document: Document) -> str:
    told = (document.name, document.title, document.address, document.developer, document.work)
    return "\n".join(filter(None, told)).casefold()
