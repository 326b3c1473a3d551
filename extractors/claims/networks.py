"""Networks of the clusters that train or serve the document's own models: «8 GPUs joined by NVLink», «RoCE 网络»."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.claim import ClaimType, Stage
from extractors.claims.adoption import draft_namings, name_places, weigh_naming
from extractors.claims.draft import Draft
from extractors.claims.scene import Tools
from extractors.mentions.wordings import wording_grammar
from extractors.text import Text

_BASE = -0.5


def read_networks(text: Text, tools: Tools) -> Iterator[Draft]:
    """The networks that a document's own models are trained or served over."""
    namings = (
        (wording.id, naming)
        for sentence, wording, start, end in name_places(text, tools, wording_grammar("networks.toml").find_in)
        for naming in weigh_naming(sentence, start, end)
    )
    return draft_namings(ClaimType.INTERCONNECT, namings, _BASE, lambda *_: Stage.TRAINING)
