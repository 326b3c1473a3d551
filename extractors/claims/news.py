"""Pages that only tell of other people's models: news, summaries of a talk, a page of questions and answers.

«Acme trained it on 2,000 H800», says a page that names Acme again and again and its own writers never. A card or a
readme seldom speaks of its writers either, but has their sections and their code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from extractors.claim import Attribution
from extractors.claims.draft import Draft
from extractors.claims.profile import Profile
from extractors.mentions.models import find_selves
from extractors.mentions.organisations import OrganisationGrammar
from extractors.text import Kind, Text

_OPENING = 3000
_NAMED = 3
"""How often a page's opening names the developer of its model, where it is about them and not by them."""
_SECTION = re.compile(
    r"\W*(?:model (?:card|details|description|summary|overview)|(?:intended )?uses?|usage|quick ?start|installation|"
    r"citation|licen[cs]e|limitations|how to use|简介|介绍|模型介绍|快速开始|快速使用|引用|许可|协议)\W*",
    re.I,
)


def tells_of_others(text: Text, profile: Profile, organisations: OrganisationGrammar) -> bool:
    """Whether a page speaks of its model's developer by name, never of its writers, and has nothing of a card."""
    developer = organisations.developer_of(profile.main.name) if profile.main and profile.own else None
    whole = "\n".join(page.text for page in text.pages)
    if developer is None or find_selves(whole):
        return False
    blocks = [(page.text[block.start : block.end], block.kind) for page, block in text.blocks()]
    if any(kind is Kind.CODE or (kind is Kind.HEADING and _SECTION.fullmatch(words)) for words, kind in blocks):
        return False
    return sum(o.id == developer for o in organisations.find(whole[:_OPENING])) >= _NAMED


def give_away(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """The same readings as those of other people's work."""
    for draft in drafts:
        own = draft.subject if draft.attribution is Attribution.OWN else None
        yield replace(draft, subject=replace(own, attribution=Attribution.OTHER)) if own else draft
