"""All claims of one document: its profile first, then sentences, tables and labels, then what only the whole can settle."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.document import Document
from extractors.claim import Claim
from extractors.claims.assembly import assemble
from extractors.claims.draft import Draft
from extractors.claims.labels import read_labels
from extractors.claims.ownership import profile_document
from extractors.claims.prose import read_sentence, read_shares
from extractors.claims.scene import Tools, sentences
from extractors.claims.sizes import read_lists, read_names, reconcile
from extractors.claims.tables import read_table
from extractors.mentions.chips import chip_grammar
from extractors.mentions.models import model_families
from extractors.mentions.quantities import quantity_grammar
from extractors.text import Kind, Text
from registry import Registry


def read_claims(document: Document, text: Text, registry: Registry) -> tuple[Claim, ...]:
    """Every claim of a text, in reading order."""
    profile, models = profile_document(text, model_families(registry), document.title or "")
    tools = Tools(chip_grammar(registry), quantity_grammar(registry), models, profile)
    work = document.work or text.work or document.sha256
    return assemble(
        document,
        work,
        profile,
        reconcile(_drafts(text, tools), profile),
        registry,
    )


def _drafts(text: Text, tools: Tools) -> Iterator[Draft]:
    for sentence in sentences(text, tools):
        labelled = list(read_labels(sentence))
        yield from labelled
        said = {d.type for d in labelled}
        yield from (d for d in read_sentence(sentence) if d.type not in said)
        yield from read_lists(sentence)
        yield from read_shares(sentence)
    yield from read_names(tools.profile)
    place, nearby = 0, ""
    for page, block in text.blocks():
        place += 1
        if block.kind is Kind.TABLE:
            yield from read_table(page, block, place, tools, nearby)
        elif block.kind is Kind.PARAGRAPH:
            nearby = page.text[max(block.start, block.end - 400) : block.end]
