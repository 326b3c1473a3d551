"""Sentences with everything that was found in them: the stage on which claims are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from extractors.claims.context import CueHit, find_cues
from extractors.claims.profile import Profile
from extractors.mentions.chips import ChipGrammar, ChipMention
from extractors.mentions.models import ModelGrammar, ModelMention, find_selves
from extractors.mentions.quantities import Quantity, QuantityGrammar
from extractors.text import Block, Kind, Page, Text

if TYPE_CHECKING:
    from extractors.claims.headers import Header

_END = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+(?=[\"“(\[]?[A-Z0-9一-鿿●•✅])|(?<=[。！？；])[”」』）]?\s*|\n+")
_NO_END = re.compile(
    r"(?:\b(?:et al|e\.g|i\.e|cf|vs|Fig|Figs|Eq|Sec|Tab|resp|approx|ca|No|Dr|Mr|Inc|Ltd|Co|St|al|Ref|App|incl|w\.r\.t|"
    r"etc|vol|pp|Prof)|(?<![A-Za-z’'])(?-i:[A-Z]))\.[\"”’)\]]*$",
    re.I,
)
_LIST_NUMBER = re.compile(r"(?:^|\s)\(?\d{1,2}\.$")
# A list of a machine's parts, set as code: «显卡：NVIDIA GeForce RTX 3090(24GB) * 2»
_INVENTORY = re.compile(
    r"^\s*(?:GPUs?|TPUs?|NPUs?|[显顯]卡|加速卡)\s?[:：]\s?(?=\S*[A-Za-z\d])[^\n{}=;\"']{3,60}$", re.M
)
_CANDIDATE = re.compile(
    r"\d\s?(?:[kKMBT%$]|[A-Za-z一-鿿])|[$¥€]\s?\d|\d{2,}|(?i:gpu|tpu|npu|accelerator|ascend|昇腾|显卡|卡\b)"
)
_LONGEST = 4000
"""Letters of a sentence, after which it is none and is read in parts: rules look at all pairs of what stands in one."""
CLAIM_KINDS = {Kind.PARAGRAPH, Kind.ITEM, Kind.CAPTION, Kind.FOOTNOTE, Kind.HEADING}


@dataclass(frozen=True)
class Tools:
    """The grammars of one registry and one document; `headers` keeps each header as read, since tables repeat them."""

    chips: ChipGrammar
    quantities: QuantityGrammar
    models: ModelGrammar
    profile: Profile
    headers: dict[str, Header] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a block at `start:end` of its page's text. `place` counts blocks through the document.

    `lead` is the end of the paragraph that leads to a list item: «tested on the following GPUs:».
    """

    page: Page
    block: Block
    place: int
    start: int
    end: int
    tools: Tools = field(repr=False)
    before: Sentence | None = field(default=None, repr=False)
    lead: str = ""

    @cached_property
    def text(self) -> str:
        """The words of the sentence."""
        return self.page.text[self.start : self.end]

    @cached_property
    def chips(self) -> list[ChipMention]:
        """Its chips, named and unnamed."""
        return self.tools.chips.find(self.text)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Its quantities."""
        return self.tools.quantities.find(self.text, self.chips)

    @cached_property
    def models(self) -> list[ModelMention]:
        """Its model names."""
        known = self.tools.profile.mentions.get((id(self.page), self.block.start))
        if known is None:
            return self.tools.models.find(self.text)
        low, high = self.start - self.block.start, self.end - self.block.start
        return [replace(m, start=m.start - low, end=m.end - low) for m in known if low <= m.start and m.end <= high]

    @cached_property
    def selves(self) -> list[tuple[int, int]]:
        """Where it speaks of the document's own work."""
        return find_selves(self.text)

    @cached_property
    def cues(self) -> tuple[CueHit, ...]:
        """Its cues of stage, modality and attribution."""
        return find_cues(self.text)

    @cached_property
    def heading_cues(self) -> list[CueHit]:
        """The cues of the headings it stands under, innermost heading first."""
        return [hit for heading in reversed(self.block.section) for hit in find_cues(heading)]


def split_sentences(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """The sentences of a run of text as offsets, `start` added; «et al. (2022)» and «Fig. 3» end none."""
    begin = 0
    for match in _END.finditer(text):
        head = text[begin : match.start()]
        if (
            "\n" not in match[0]
            and not re.search(r"[。！？；]$", head)
            and (_NO_END.search(head[-12:]) or _LIST_NUMBER.search(head))
        ):
            continue
        if head.strip():
            yield from cut_run(text, begin, match.start(), start)
        begin = match.end()
    if text[begin:].strip():
        yield from cut_run(text, begin, len(text), start)


def cut_run(text: str, begin: int, end: int, start: int) -> Iterator[tuple[int, int]]:
    """A run of text without blanks at its ends, `start` added; one that no sentence is as long as comes in parts.

    Reading takes time with the square of a run's length: a line of 100,000 letters without an end took minutes.
    """
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    while end - begin > _LONGEST:
        space = text.rfind(" ", begin + 1, begin + _LONGEST)
        cut = space + 1 if space > 0 else begin + _LONGEST
        yield begin + start, cut + start
        begin = cut
    if end > begin:
        yield begin + start, end + start


def sentences(text: Text, tools: Tools) -> Iterator[Sentence]:
    """The sentences of a document's running text in order; tables, code, references and furniture are left out."""
    place, lead = 0, ""
    for page in text.pages:
        for block in page.blocks:
            place += 1
            listed = block.kind is Kind.CODE and _INVENTORY.search(page.text, block.start, block.end) is not None
            if (
                not (block.kind in CLAIM_KINDS or listed)
                or _is_references(block)
                or _ENTRY.match(page.text[block.start : block.end])
            ):
                continue
            before: Sentence | None = None
            if block.kind is not Kind.HEADING and not _CANDIDATE.search(page.text, block.start, block.end):
                lead = page.text[max(block.start, block.end - 200) : block.end]
                continue
            for start, end in split_sentences(page.text[block.start : block.end], block.start):
                before = Sentence(
                    page, block, place, start, end, tools, before, lead if block.kind is Kind.ITEM else ""
                )
                yield before
            if block.kind in (Kind.PARAGRAPH, Kind.HEADING) and before is not None:
                lead = before.text[-200:]


_ENTRY = re.compile(
    r"(?:\[\d+\]\s)?[A-Z][\w.’'-]*(?:\s[A-Z][\w.’'-]*){1,3}(?:,\s(?:and\s)?|\sand\s)(?:[A-Z][\w.’'-]*[\s,]{1,2}|and\s){2,60}?.{0,30}?\b(?:19|20)\d\d[a-z]?\.\s[A-Z]"
)


def _is_references(block: Block) -> bool:
    return any(
        re.match(r"(?i)\W*(?:\d+\W+)?(?:references|bibliography|参考文献)\W*$", heading) for heading in block.section
    )
