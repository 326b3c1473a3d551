"""Whether the document's own work uses what a sentence names: signs for and against, added up in log-odds.

«We employ 8-way expert parallelism» says so; «unlike GQA», «without tensor parallelism», «techniques such as LoRA»,
«users can …» and the sections on related and future work do not. Techniques, number formats and networks are all read
by it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from extractors.claim import Attribution, ClaimType, Cue, Modality, Reason, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.grids import read_named
from extractors.claims.judgement import decide_stage
from extractors.claims.scene import Sentence, Tools, cut_run, split_sentences
from extractors.claims.signs import Sign, read_signs
from extractors.claims.subject import Subject, find_subjects
from extractors.claims.variants import find_owner
from extractors.text import Block, Kind, Page, Text

_SILENT = {Kind.REFERENCE, Kind.FURNITURE}
_LINED = {Kind.TABLE, Kind.CODE}
_KIND = {Kind.ITEM: 0.4, Kind.CAPTION: -0.5, Kind.FOOTNOTE: -0.4, Kind.HEADING: 0.6, Kind.FIGURE: -1.5, Kind.CODE: 1.4}
_ASIDE = -1.0
_LEAST = -2.5
_TRAINING = {Stage.PRE_TRAINING, Stage.POST_TRAINING, Stage.TRAINING}
_SHOWN = 4
_FAMILY = 4
_SPEAKING = {"self", "name", "this"}
_IN_TABLE = 2.4
_LEADERS = re.compile(r"(?:\.\s?){5,}|…{2,}")
_COMMENT = re.compile(r"(?:^|\s)(?:#(?!SBATCH|PBS|BSUB|!)|//|<!--|%)|[├└│]")
_ADDRESS = re.compile(r"(?:https?://|www\.|git@)\S*$")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")


class Mention(Protocol):
    """Anything named at `start:end` of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


M = TypeVar("M", bound=Mention)
Finder = Callable[[str, Sequence[tuple[int, int]]], Iterable[tuple[int, list[M]]]]
"""Finds things in ordered spans of a page: the index of a span that has some, and its mentions, placed in the span."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A naming as weighed: whom it is about, and what speaks for and against that one's use of it, in log-odds."""

    sentence: Sentence
    start: int
    end: int
    subject: Subject
    reasons: tuple[Reason, ...]
    cues: tuple[Cue, ...] = ()

    @property
    def strength(self) -> float:
        """What the reasons and the subject come to."""
        return sum(r.weight for r in self.reasons) + 4 * (self.subject.weight - 0.6)

    def draft(self, kind: ClaimType, value: str, base: float, stage: Stage, stage_cues: tuple[Cue, ...]) -> Draft:
        """The naming as a claim of `kind`."""
        block = self.sentence.block
        return Draft(
            type=kind,
            rule=f"{kind}-{block.kind}",
            span=Span(self.sentence.page, self.sentence.start, self.sentence.end),
            place=self.sentence.place,
            subject=self.subject,
            stage=stage,
            modality=Modality.ASSERTED,
            value=value,
            printed=self.sentence.text[self.start : self.end],
            cues=(*self.cues, *stage_cues),
            reasons=(Reason(name=str(kind), weight=base), *self.reasons),
            section=block.section,
        )


def name_places(text: Text, tools: Tools, find_in: Finder[M]) -> Iterator[tuple[Sentence, M, int, int]]:
    """Every naming in the text's own words, with the sentence (or table row, or line of code) around it.

    The two numbers are the mention's place in the sentence. References and page furniture name nothing.
    """
    place = 0
    for page in text.pages:
        blocks = [(block, place + i) for i, block in enumerate(page.blocks, 1) if block.kind not in _SILENT]
        for index, mentions in find_in(page.text, [(block.start, block.end) for block, _ in blocks]):
            block, number = blocks[index]
            lead = _lead(page, [b for b, _ in blocks[:index]]) if block.kind is Kind.ITEM else ""
            yield from _placed(page, block, number, tools, mentions, lead)
        place += len(page.blocks)


def _lead(page: Page, blocks: list[Block]) -> str:
    """The end of the paragraph that leads to a list: «It has these features:»."""
    lead = next((b for b in reversed(blocks) if b.kind in (Kind.PARAGRAPH, Kind.HEADING)), None)
    return page.text[max(lead.start, lead.end - 200) : lead.end] if lead else ""


def _placed(
    page: Page, block: Block, place: int, tools: Tools, mentions: list[M], lead: str
) -> Iterator[tuple[Sentence, M, int, int]]:
    spans = list(
        _lines(page, block)
        if block.kind in _LINED
        else split_sentences(page.text[block.start : block.end], block.start)
    )
    starts = [start for start, _ in spans]
    chain: list[Sentence] = []
    for start, end in spans:
        chain.append(Sentence(page, block, place, start, end, tools, chain[-1] if chain else None, lead))
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
    text = page.text[block.start : block.end]
    for match in re.finditer(r"[^\n]+", text):
        yield from cut_run(text, *match.span(), block.start)


def weigh_naming(sentence: Sentence, start: int, end: int) -> Iterator[Adoption]:
    """What a naming at `start:end` of a sentence says of the document's own models; nothing where it says nothing.

    A naming in a table is weighed by the cells around it. Lines of a table of contents, addresses and comments in code
    say nothing.
    """
    text = sentence.text
    if sentence.tools.profile.main is None or _LEADERS.search(text) or _ADDRESS.search(text[:start]):
        return
    if sentence.block.kind is Kind.TABLE:
        yield from _weigh_cell(sentence, start, end)
    elif sentence.block.kind is not Kind.CODE or not _COMMENT.search(text[:start]):
        adoption = _weigh_words(sentence, start, end)
        pictured = sentence.block.kind is Kind.FIGURE and adoption.subject.how in ("main", "heading")
        if adoption.subject.attribution is Attribution.OWN and not pictured:
            yield replace(adoption, subject=find_owner(adoption.subject, sentence))


def _weigh_cell(sentence: Sentence, start: int, end: int) -> Iterator[Adoption]:
    for stated in read_named(sentence.block, sentence.start + start, sentence.tools):
        subject = stated.subject or _tacit(sentence)
        if stated.has and subject.attribution is Attribution.OWN:
            cues = (subject.cue,) if subject.cue else ()
            reason = Reason(name=f"table-{stated.how}", weight=_IN_TABLE)
            yield Adoption(sentence, start, end, find_owner(subject, sentence), (reason,), cues)


def _tacit(sentence: Sentence) -> Subject:
    """The main model, where nothing names another."""
    main = sentence.tools.profile.main
    assert main is not None
    return Subject(main.name, Attribution.OWN, "main", 0.5)


def _weigh_words(sentence: Sentence, start: int, end: int) -> Adoption:
    subject = _subject(sentence, start, end) if sentence.block.kind not in _LINED else None
    subject = subject or _tacit(sentence)
    best: dict[str, tuple[Sign, str]] = {}
    for sign, printed in read_signs(sentence, start, end):
        if sign.group not in best or abs(sign.weight) > abs(best[sign.group][0].weight):
            best[sign.group] = sign, printed
    if "use" in best and subject.how in _SPEAKING:
        best.pop("example", None)
    hits = list(best.values())
    reasons = [Reason(name=sign.id, weight=sign.weight) for sign, _ in hits]
    if weight := _KIND.get(sentence.block.kind):
        reasons.append(Reason(name=f"in-{sentence.block.kind}", weight=weight))
    if "cited" in best and subject.how == "main":
        reasons.append(Reason(name="cited-aside", weight=_ASIDE))
    cues = tuple(
        Cue(text=printed[-80:].strip(), decides="modality", rule=f"adoption-{sign.id}")
        for sign, printed in hits
        if sign.side != "heading"
    )
    return Adoption(sentence, start, end, subject, tuple(reasons), ((subject.cue,) if subject.cue else ()) + cues)


def _subject(sentence: Sentence, start: int, end: int) -> Subject | None:
    """Whom the naming is about. «X-MoE» says so itself; a model named only in brackets («see X-7B») is passed over."""
    text, profile = sentence.text, sentence.tools.profile
    around = next((m for m in sentence.models if m.start <= start and end <= m.end), None)
    if around is not None and profile.is_own(around):
        cue = Cue(text=around.name, decides="subject", rule="subject-inside")
        return Subject(around.name, Attribution.OWN, "name", 0.75, cue)
    at = (around.start, around.start) if around else (start, end)
    for subject in find_subjects(sentence, *at)[:1]:
        named = text.find(subject.cue.text) if subject.cue and subject.how == "name" else -1
        bracket = (
            next((m for m in _BRACKETS.finditer(text) if m.start() < named < m.end()), None) if named >= 0 else None
        )
        return None if bracket and not bracket.start() < start < bracket.end() else subject
    return None


def draft_namings(
    kind: ClaimType, namings: Iterable[tuple[str, Adoption]], base: float, stages: Callable[[str, Adoption], Stage]
) -> Iterator[Draft]:
    """The claims of `kind` that namings make, the strongest few of each thing and model.

    `base` is how likely a naming is one of use before it is looked at, in log-odds; `stages` says at which stage a
    thing is used where no words tell. What is used in training and in serving is stated of training.
    """
    groups: dict[tuple[str, str], list[Adoption]] = defaultdict(list)
    for value, naming in namings:
        groups[value, naming.subject.name].append(naming)
    for (value, _), group in _gather(groups).items():
        chosen = [n for n in _strongest(group) if n.strength + base > _LEAST]
        told = _tell_stages([(naming, stages(value, naming)) for naming in chosen])
        yield from (naming.draft(kind, value, base, *stage) for naming, stage in zip(chosen, told, strict=True))


def _strongest(group: list[Adoption]) -> list[Adoption]:
    """The strongest few namings, and those of other pages that would do alone."""
    ranked = sorted(group, key=lambda n: -n.strength)
    first = {n.sentence.page.number: n for n in reversed(ranked) if n.strength > 0}
    return [n for i, n in enumerate(ranked) if i < _SHOWN or n is first.get(n.sentence.page.number)]


def _tell_stages(namings: list[tuple[Adoption, Stage]]) -> list[tuple[Stage, tuple[Cue, ...]]]:
    """The stage of each naming, with its cues; one training stage holds for all, unless the thing is one of serving."""
    training = any(untold in _TRAINING for _, untold in namings)
    found: list[tuple[Stage, tuple[Cue, ...]]] = []
    for naming, untold in namings:
        stage, cues, _ = decide_stage(naming.sentence, naming.start, naming.end)
        found.append((untold if stage in (Stage.OTHER, Stage.EVALUATION) else stage, cues))
        if training and found[-1][0] in _TRAINING:
            return [(found[-1][0], cues)] * len(namings)
    return found


def _gather(groups: dict[tuple[str, str], list[Adoption]]) -> dict[tuple[str, str], list[Adoption]]:
    """The groups with many variants of one thing as one of the main model: a table of ten sizes is on the family."""
    owners: dict[str, list[str]] = defaultdict(list)
    for value, name in groups:
        owners[value].append(name)
    gathered: dict[tuple[str, str], list[Adoption]] = defaultdict(list)
    for (value, name), group in groups.items():
        if len(owners[value]) > _FAMILY:
            family = _tacit(group[0].sentence).name
            gathered[value, family] += (replace(n, subject=replace(n.subject, name=family)) for n in group)
        else:
            gathered[value, name] += group
    return gathered
