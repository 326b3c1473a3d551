"""Reading and claims: bytes in, claims out. No clock, no network, no database."""

from __future__ import annotations

from corpus.document import Document
from extractors.claim import Claim
from extractors.text import Text
from registry import Registry

__all__ = ["extract"]


def extract(document: Document, text: Text, registry: Registry) -> tuple[Claim, ...]:
    """Every claim that the text makes, contested ones too, ordered by where they first stand.

    The same document, text and registry give the same claims. `document` names what is cited; no disk is read.
    """
    from extractors.claims.document import read_claims

    return read_claims(document, text, registry)
