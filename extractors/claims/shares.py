"""Training tokens shared out over several models in one sentence: «9T tokens for Larch 30B and 2T for the 1B»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.claim import Attribution, ClaimType, Cue, Modality, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.judgement import decide_stage
from extractors.claims.scene import Sentence
from extractors.claims.subject import Subject
from extractors.claims.triggers import trigger
from extractors.mentions.numbers import find_numbers

_TRAIN = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING}
_SHARE = re.compile(
    r"(?<![\w.])(?P<value>\d+(?:\.\d+)?\s?(?:[TB]|trillion|billion))(?:\stokens)?\sfor\s(?:the\s|our\s)?"
    r"(?P<name>[^,;.]{1,40}?)(?:\s(?:version|model|variant|one))?(?=[,;.]|\sand\s\d|$)"
)


def find_shares(sentence: Sentence) -> list[tuple[int, int, str, str]]:
    """«9T tokens for Larch 30B, 7T for the 10B version, and 2T for the 1B»: figure and model of each part."""
    found = [(m.start("value"), m.end("value"), m["value"], m["name"]) for m in _SHARE.finditer(sentence.text)]
    return found if len(found) > 1 else []


def read_shares(sentence: Sentence) -> Iterator[Draft]:
    """Training tokens shared out over several models in one sentence."""
    shares = find_shares(sentence)
    if not shares or not any(q.kind == "tokens" for q in sentence.quantities) or not trigger("tokens", sentence.text):
        return
    profile = sentence.tools.profile
    for start, end, value, name in shares:
        number = find_numbers(value)
        mentions = sentence.tools.models.find(name)
        own = profile.variant(name) if not mentions and re.fullmatch(r"\d+(?:\.\d+)?\s?[BM]", name.strip()) else None
        subject_name = mentions[0].name if mentions else own
        if not number or subject_name is None:
            continue
        attribution = Attribution.OWN if own else profile.whose(mentions[0])
        subject = Subject(subject_name, attribution, "name", 0.9, Cue(text=name, decides="subject", rule="share"))
        stage, cues, _ = decide_stage(sentence, start, end)
        yield Draft(
            ClaimType.TRAINING_TOKENS, "prose-share", Span(sentence.page, sentence.start, sentence.end),
            sentence.place, subject, stage if stage in _TRAIN else Stage.PRE_TRAINING, Modality.ASSERTED,
            value=number[0].value, unit="tokens", printed=value, lower=number[0].lower, upper=number[0].upper,
            cues=cues, section=sentence.block.section,
        )  # fmt: skip
