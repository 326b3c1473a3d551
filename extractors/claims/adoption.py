"""Whether the document's own work uses what a sentence names: signs for and against, added up in log-odds.

«We employ 8-way expert parallelism» says so; «unlike GQA», «without tensor parallelism», «techniques such as LoRA», «users can …» and
the sections on related and future work do not. Techniques, number formats and networks are all read by it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar

from extractors.claim import Attribution, Cue, Reason
from extractors.claims.scene import Sentence, Tools, split_sentences
from extractors.claims.subject import Subject, find_subjects
from extractors.lexicon import LexiconError, load_lexicon
from extractors.text import Block, Kind, Page, Text

_SIDES = {"before", "after", "whole", "heading"}
_SILENT = {Kind.REFERENCE, Kind.FURNITURE, Kind.FIGURE}
_LINED = {Kind.TABLE, Kind.CODE}
_KIND = {Kind.ITEM: 0.4, Kind.CAPTION: -0.5, Kind.FOOTNOTE: -0.4, Kind.HEADING: -0.4, Kind.CODE: 1.4}
_OWN = {"name": 0.9, "self": 0.9, "size": 0.6, "this": 0.9, "heading": 0.3, "main": 0.0}
_OTHER = -2.6
_CLAUSE = re.compile(r"[;；。]|,\s(?:but|while|whereas|however|although)\b|，(?:但|而|然而)|\b(?:but|whereas)\b")


class Mention(Protocol):
    """Anything named at `start:end` of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


M = TypeVar("M", bound=Mention)


@dataclass(frozen=True, slots=True)
class Sign:
    """A rule of `lexicon/adoption.toml`."""

    id: str
    side: str
    pattern: re.Pattern[str]
    weight: float
    reach: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """How far a naming speaks of the document's own use (`score`, log-odds), about whom, and what moved it."""

    score: float
    subject: Subject
    reasons: tuple[Reason, ...]
    cues: tuple[Cue, ...]


@cache
def signs() -> tuple[Sign, ...]:
    """The signs of the lexicon; raises LexiconError for a side that does not exist."""
    found: list[Sign] = []
    for row in load_lexicon("adoption.toml", {"sign": {"id", "side", "pattern", "weight", "reach"}})["sign"]:
        if row["side"] not in _SIDES:
            raise LexiconError(f"adoption.toml: sign {row['id']}: side {row['side']!r} is none of {sorted(_SIDES)}")
        found.append(
            Sign(
                row["id"],
                row["side"],
                re.compile(row["pattern"], re.I),
                float(row["weight"]),
                int(row.get("reach", 200)),
            )
        )
    return tuple(found)


def name_places(text: Text, tools: Tools, find: Callable[[str], Iterable[M]]) -> Iterator[tuple[Sentence, M, int, int]]:
    """Every naming that `find` sees in the text's own words, with the sentence (or table row, or line of code) around it.

    The two numbers are the mention's place in the sentence. References and page furniture name nothing.
    """
    place = 0
    for page in text.pages:
        for block in page.blocks:
            place += 1
            if block.kind in _SILENT:
                continue
            mentions = list(find(page.text[block.start : block.end]))
            if mentions:
                yield from _placed(page, block, place, tools, mentions)


def _placed(
    page: Page, block: Block, place: int, tools: Tools, mentions: list[M]
) -> Iterator[tuple[Sentence, M, int, int]]:
    spans = list(
        _lines(page, block)
        if block.kind in _LINED
        else split_sentences(page.text[block.start : block.end], block.start)
    )
    starts = [start for start, _ in spans]
    chain: list[Sentence] = []
    for start, end in spans:
        chain.append(Sentence(page, block, place, start, end, tools, chain[-1] if chain else None))
    for mention in mentions:
        index = bisect_right(starts, mention.start + block.start) - 1
        if index >= 0 and mention.end + block.start <= spans[index][1]:
            yield (
                chain[index],
                mention,
                mention.start + block.start - starts[index],
                mention.end + block.start - starts[index],
            )


def _lines(page: Page, block: Block) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[^\n]+", page.text[block.start : block.end]):
        yield block.start + match.start(), block.start + match.end()


def judge_adoption(sentence: Sentence, start: int, end: int) -> Adoption | None:
    """What a naming at `start:end` of a sentence says of the document's own use; None where the document has no work of its own."""
    main = sentence.tools.profile.main
    if main is None:
        return None
    subjects = find_subjects(sentence, start, end) if sentence.block.kind not in _LINED else []
    subject = subjects[0] if subjects else Subject(main.name, Attribution.OWN, "main", 0.5)
    reasons = [Reason(name="named", weight=-0.6)]
    if weight := _KIND.get(sentence.block.kind, 0.0):
        reasons.append(Reason(name=f"in-{sentence.block.kind}", weight=weight))
    if subject.attribution is Attribution.OTHER:
        reasons.append(Reason(name="of-another", weight=_OTHER))
    elif weight := _OWN.get(subject.how, 0.0):
        reasons.append(Reason(name=f"of-own-{subject.how}", weight=weight))
    cues = list(_read_signs(sentence, start, end))
    reasons += [Reason(name=sign.id, weight=sign.weight) for sign, _ in cues]
    shown = tuple(
        Cue(text=printed[-80:].strip(), decides="modality", rule=f"adoption-{sign.id}")
        for sign, printed in cues
        if sign.side != "heading"
    )
    return Adoption(
        sum(r.weight for r in reasons), subject, tuple(reasons), ((subject.cue,) if subject.cue else ()) + shown
    )


def _read_signs(sentence: Sentence, start: int, end: int) -> Iterator[tuple[Sign, str]]:
    text = sentence.text
    stops = [m for m in _CLAUSE.finditer(text)]
    low = max((m.end() for m in stops if m.end() <= start), default=0)
    high = min((m.start() for m in stops if m.start() >= end), default=len(text))
    for sign in signs():
        if sign.side == "heading":
            if hit := next((h for h in reversed(sentence.block.section) if sign.pattern.search(h)), None):
                yield sign, hit
            continue
        if sign.side == "before":
            run = text[max(low, start - sign.reach) : start]
        elif sign.side == "after":
            run = text[end : min(high, end + sign.reach)]
        else:
            run = text
        if match := sign.pattern.search(run):
            yield sign, match[0]
