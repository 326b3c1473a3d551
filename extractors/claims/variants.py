"""Which of a document's own models a statement is about: the main one, or a variant that is named as such."""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.claims.scene import Sentence
from extractors.claims.subject import Subject
from extractors.mentions.models import split_name

_NAMING = {"name", "size", "row", "heading"}
_UNSURE = 0.4
_SAME = re.compile(
    r"(?:dense|moe|base|chat|instruct|sft|rl|dpo|pt|it|models?|series|thinking|preview|exp|code|math|v?\d[\d.]*)+"
)


def find_owner(subject: Subject, sentence: Sentence) -> Subject:
    """The subject as the main model, or as the variant of it that the sentence or its heading names.

    «X-Lite», «X-145B» and «X-MoE» are variants of X; «X-Chat», «X dense models» and «our model» are X. A size other
    than the main model's own makes the reading unsure.
    """
    tools = sentence.tools
    main = tools.profile.main
    assert main is not None
    if subject.how in _NAMING and is_variant(subject.name, main.name):
        return subject
    mine, whole = split_name(subject.name), split_name(main.name)
    if mine.size and whole.size and mine.size != whole.size:
        return replace(subject, name=main.name, weight=min(subject.weight, _UNSURE))
    for heading in reversed(sentence.block.section):
        names = {m.name for m in tools.models.find(heading) if tools.profile.is_own(m)}
        if len(names) == 1 and is_variant(name := names.pop(), main.name):
            return replace(subject, name=name, how="heading")
    return replace(subject, name=main.name)


def is_variant(name: str, main: str) -> bool:
    """Whether an own model's name is that of a variant or a sibling of the main model: «X-Max» beside «X-Mini»."""
    mine, whole = split_name(name), split_name(main)
    if mine.base == whole.base:
        return bool(mine.size) and not whole.size
    if not mine.base.startswith(whole.base):
        return not whole.base.startswith(mine.base)
    rest = mine.base.removeprefix(whole.base)
    return rest != mine.base and len(rest) > 2 and (name.endswith("-MoE") or _SAME.fullmatch(rest) is None)
