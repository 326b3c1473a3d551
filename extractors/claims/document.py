"""All claims of one document: its profile, then sentences, tables and labels, then what only the whole can settle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.document import Document
from extractors.claim import Claim
from extractors.claims.assembly import assemble
from extractors.claims.clusters import read_nodes
from extractors.claims.confidence import Calibration
from extractors.claims.draft import Draft
from extractors.claims.formats import read_formats
from extractors.claims.labels import read_labels
from extractors.claims.machines import read_machines
from extractors.claims.networks import read_networks
from extractors.claims.news import give_away, tells_of_others
from extractors.claims.ownership import profile_document
from extractors.claims.periods import read_periods
from extractors.claims.possession import read_possessions
from extractors.claims.prose import read_sentence
from extractors.claims.scene import Sentence, Tools, sentences
from extractors.claims.scripts import read_scripts
from extractors.claims.shares import read_shares
from extractors.claims.sizes import read_lists, read_names, read_ranks, read_stated, reconcile
from extractors.claims.tables import read_table
from extractors.claims.techniques import read_techniques
from extractors.mentions.chips import chip_grammar
from extractors.mentions.models import model_families
from extractors.mentions.organisations import organisation_grammar
from extractors.mentions.quantities import quantity_grammar
from extractors.mentions.techniques import technique_grammar
from extractors.text import Kind, Text
from extractors.traditional import quote_from, simplify
from registry import Registry


def read_claims(
    document: Document, text: Text, registry: Registry, calibration: Calibration | None = None
) -> tuple[Claim, ...]:
    """Every claim of a text, in reading order, as sure as `calibration` says (else as the rules' own says)."""
    plain = simplify(text)
    if plain is not None:
        return tuple(quote_from(text, read_claims(document, plain, registry, calibration)))
    profile, models = profile_document(text, model_families(registry), document.title or "", document.address)
    tools = Tools(chip_grammar(registry), quantity_grammar(registry), models, profile)
    work = document.work or text.work or document.sha256
    running = tuple(sentences(text, tools))
    drafts = reconcile(_drafts(text, running, tools, registry), profile)
    if tells_of_others(text, profile, organisation_grammar(registry)):
        drafts = give_away(drafts)
    return assemble(
        document,
        work,
        profile,
        drafts,
        registry,
        calibration,
        running,
    )


def _drafts(text: Text, running: tuple[Sentence, ...], tools: Tools, registry: Registry) -> Iterator[Draft]:
    for sentence in running:
        labelled = list(read_labels(sentence))
        yield from labelled
        said = {d.type for d in labelled}
        yield from (d for d in read_sentence(sentence) if d.type not in said)
        yield from read_nodes(sentence)
        yield from read_periods(sentence)
        yield from read_lists(sentence)
        yield from read_ranks(sentence)
        yield from read_stated(sentence)
        yield from read_shares(sentence)
    yield from read_names(tools.profile)
    yield from read_scripts(text, tools)
    yield from read_techniques(text, tools, technique_grammar(registry))
    yield from read_formats(text, tools)
    yield from read_networks(text, tools)
    yield from read_possessions(text, tools, registry)
    yield from read_machines(text, running, tools, registry)
    nearby, machines = "", _machines(text, tools)
    for place, (page, block) in enumerate(text.blocks(), start=1):
        if block.kind is Kind.TABLE:
            named = [f" {chip}" for name, chip in machines.items() if block.table and name in block.table.caption]
            yield from read_table(page, block, place, tools, "".join(named) + " " + nearby)
        elif block.kind is Kind.PARAGRAPH:
            nearby = page.text[max(block.start, block.end - 400) : block.end]


_MACHINE = re.compile(r"(?P<name>[A-Z][A-Za-z]{3,}(?:\s[A-Z][a-z]+)?)\s\([^()]{0,60}$")


def _machines(text: Text, tools: Tools) -> dict[str, str]:
    """Machines named with their chips: «JUPITER (JSC, 96GB H100)», so that a table «on JUPITER» is about H100."""
    found: dict[str, str] = {}
    for page, block in text.blocks():
        if block.kind in (Kind.PARAGRAPH, Kind.ITEM):
            words = page.text[block.start : block.end]
            for chip in tools.chips.find(words) if "(" in words else []:
                if not chip.generic and (match := _MACHINE.search(words[max(0, chip.start - 90) : chip.start])):
                    found.setdefault(match["name"], chip.printed)
    return found
