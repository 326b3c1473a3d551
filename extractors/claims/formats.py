"""Number formats in which the document's own models are trained or served: «trained in bfloat16», «INT4 量化»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.claim import ClaimType, Stage
from extractors.claims.adoption import Adoption, draft_namings, name_places, weigh_naming
from extractors.claims.draft import Draft
from extractors.claims.scene import Tools
from extractors.claims.scripts import trains
from extractors.mentions.wordings import wording_grammar
from extractors.text import Kind, Text

_BASE = -0.6
_QUANTISED = re.compile(r"\s?(?:的|weight-only\s|post-training\s)?(?:quanti\w+\b(?! (?:for|in) training)|量化)")
_COMPRESSED = {"int8", "int4", "fp4", "mxfp4", "nvfp4"}


def read_formats(text: Text, tools: Tools) -> Iterator[Draft]:
    """The number formats of a document's own models."""
    namings = (
        (wording.id, naming)
        for sentence, wording, start, end in name_places(text, tools, wording_grammar("formats.toml").find_in)
        for naming in weigh_naming(sentence, start, end)
    )
    return draft_namings(ClaimType.PRECISION, namings, _BASE, _stage)


def _stage(value: str, naming: Adoption) -> Stage:
    """Formats of few bits, quantised ones, and those of code that loads a model and trains none, are of inference."""
    sentence = naming.sentence
    quantised = value in _COMPRESSED or _QUANTISED.match(sentence.text, naming.end)
    served = quantised or (sentence.block.kind is Kind.CODE and not trains(sentence.page.text))
    return Stage.INFERENCE if served else Stage.TRAINING
