"""The grammars as spaCy components, for pipelines of other projects: `nlp.add_pipe("chiptrail_chips")`.

The components call the same functions on `doc.text` as the claim rules do; no model is needed and none is loaded. Found
runs of characters are laid over tokens by `doc.char_span(…, alignment_mode="expand")`, since tokenizers part «8xA100»
and «3.8×10^25» each in its own way. Groups in `doc.spans`, one a component, each named like the component:

- `chiptrail_chips`: label `CHIP` or `UNNAMED_CHIP`, `kb_id_` the registry's id;
- `chiptrail_quantities`: the kind as label (`chip_count`, `chip_hours`, …), `kb_id_` the id of the chip it names;
- `chiptrail_models`: label `MODEL`, `kb_id_` the folded name;
- `chiptrail_cues`: the words of cues, label `stage:pre-training`, `modality:negated`, `attribution:other`.

Attributes: `span._.chiptrail_chip`, `…_kind`, `…_value`, `…_unit`, `…_model`; `chiptrail_cues` adds `…_stage`,
`…_modality` and `…_attribution` to the chips and quantities that the components before it found. spaCy keeps attributes
by the place of a span: two findings in one token share them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

import registry
from extractors.claims.context import find_cues
from extractors.claims.judgement import decide_modality, decide_stage
from extractors.claims.ownership import profile_document
from extractors.claims.scene import Sentence, Tools, sentences
from extractors.claims.subject import find_subjects
from extractors.mentions.chips import chip_grammar
from extractors.mentions.models import ModelGrammar, model_families
from extractors.mentions.quantities import quantity_grammar
from extractors.text import Block, Kind, Page, Text

COMPONENTS = ("chiptrail_chips", "chiptrail_quantities", "chiptrail_models", "chiptrail_cues")
ATTRIBUTES = ("chip", "kind", "value", "unit", "model", "stage", "modality", "attribution")

for _attribute in ATTRIBUTES:
    if not Span.has_extension(f"chiptrail_{_attribute}"):
        Span.set_extension(f"chiptrail_{_attribute}", default=None)


class ChipFinder:
    """Puts the chips of a document in `doc.spans[spans_key]`."""

    def __init__(self, spans_key: str) -> None:
        self.spans_key = spans_key

    def __call__(self, doc: Doc) -> Doc:
        """The document with its chips."""
        found: list[Span] = []
        for mention in chip_grammar(registry.load()).find(doc.text):
            label = "UNNAMED_CHIP" if mention.generic else "CHIP"
            span = _lay(doc, mention.start, mention.end, label, mention.id)
            span._.chiptrail_chip = mention.id
            found.append(span)
        doc.spans[self.spans_key] = found
        return doc


class QuantityFinder:
    """Puts the quantities of a document in `doc.spans[spans_key]`, values in the base unit of their kind."""

    def __init__(self, spans_key: str) -> None:
        self.spans_key = spans_key

    def __call__(self, doc: Doc) -> Doc:
        """The document with its quantities."""
        found: list[Span] = []
        for quantity in quantity_grammar(registry.load()).find(doc.text):
            chip = quantity.chip.id if quantity.chip else None
            span = _lay(doc, quantity.start, quantity.end, quantity.kind, chip or "")
            span._.chiptrail_kind, span._.chiptrail_value = quantity.kind, quantity.value
            span._.chiptrail_unit, span._.chiptrail_chip = quantity.unit, chip
            found.append(span)
        doc.spans[self.spans_key] = found
        return doc


class ModelFinder:
    """Puts the models of a document in `doc.spans[spans_key]`; `names` are names that the registry does not have."""

    def __init__(self, spans_key: str, names: Iterable[str]) -> None:
        self.spans_key = spans_key
        self.names = tuple(names)

    def __call__(self, doc: Doc) -> Doc:
        """The document with its models."""
        found: list[Span] = []
        for mention in ModelGrammar(model_families(registry.load()), self.names).find(doc.text):
            span = _lay(doc, mention.start, mention.end, "MODEL", mention.key)
            span._.chiptrail_model = mention.name
            found.append(span)
        doc.spans[self.spans_key] = found
        return doc


class CueFinder:
    """Puts the cues of a document in `doc.spans[spans_key]` and says what they make of the spans of `judged` groups."""

    def __init__(self, spans_key: str, judged: Iterable[str]) -> None:
        self.spans_key = spans_key
        self.judged = tuple(judged)

    def __call__(self, doc: Doc) -> Doc:
        """The document with its cues, and stage, modality and attribution on its chips and quantities."""
        text = Text(pages=(Page(None, doc.text, tuple(_paragraphs(doc.text))),), language=doc.lang_)
        known = registry.load()
        profile, models = profile_document(text, model_families(known))
        tools = Tools(chip_grammar(known), quantity_grammar(known), models, profile)
        found = list(sentences(text, tools))
        starts = [sentence.start for sentence in found]
        cues = []
        for sentence in found:
            for hit in find_cues(sentence.text):
                label = f"{hit.rule.axis}:{hit.rule.value}"
                cues.append(_lay(doc, sentence.start + hit.start, sentence.start + hit.end, label, hit.rule.id))
        doc.spans[self.spans_key] = cues
        for span in (s for key in self.judged for s in doc.spans.get(key, ())):
            at = bisect_right(starts, span.start_char) - 1
            if at >= 0 and span.start_char < found[at].end:
                _judge(span, found[at])
        return doc


def _judge(span: Span, sentence: Sentence) -> None:
    start = max(0, span.start_char - sentence.start)
    end = min(len(sentence.text), span.end_char - sentence.start)
    span._.chiptrail_stage = str(decide_stage(sentence, start, end)[0])
    span._.chiptrail_modality = str(decide_modality(sentence, start, end)[0])
    subjects = find_subjects(sentence, start, end)
    span._.chiptrail_attribution = str(subjects[0].attribution) if subjects else None


def _lay(doc: Doc, start: int, end: int, label: str, kb_id: str) -> Span:
    span = doc.char_span(start, end, label=label, kb_id=kb_id, alignment_mode="expand")
    assert span is not None, "expanding finds a span wherever there are characters"
    return span


def _paragraphs(text: str) -> Iterator[Block]:
    at = 0
    for piece in text.split("\n\n"):
        if piece.strip():
            yield Block(Kind.PARAGRAPH, at, at + len(piece))
        at += len(piece) + 2


@Language.factory("chiptrail_chips", assigns=["doc.spans"], default_config={"spans_key": "chiptrail_chips"})
def make_chip_finder(nlp: Language, name: str, spans_key: str) -> ChipFinder:
    """The component that finds chips."""
    return ChipFinder(spans_key)


@Language.factory("chiptrail_quantities", assigns=["doc.spans"], default_config={"spans_key": "chiptrail_quantities"})
def make_quantity_finder(nlp: Language, name: str, spans_key: str) -> QuantityFinder:
    """The component that finds quantities."""
    return QuantityFinder(spans_key)


@Language.factory(
    "chiptrail_models", assigns=["doc.spans"], default_config={"spans_key": "chiptrail_models", "names": []}
)
def make_model_finder(nlp: Language, name: str, spans_key: str, names: list[str]) -> ModelFinder:
    """The component that finds models."""
    return ModelFinder(spans_key, names)


@Language.factory(
    "chiptrail_cues",
    assigns=["doc.spans"],
    default_config={"spans_key": "chiptrail_cues", "judged": ["chiptrail_chips", "chiptrail_quantities"]},
)
def make_cue_finder(nlp: Language, name: str, spans_key: str, judged: list[str]) -> CueFinder:
    """The component that finds cues and judges what they reach."""
    return CueFinder(spans_key, judged)


def build_pipeline(language: str = "en") -> Language:
    """A blank pipeline of a language (`en`, `zh`, …) with all components; downloads nothing."""
    nlp = spacy.blank(language)
    for component in COMPONENTS:
        nlp.add_pipe(component)
    return nlp
