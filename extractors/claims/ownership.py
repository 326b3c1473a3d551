"""Finding the models that a document presents as its own: from titles, its own words, and how often a name stands.

«we introduce X», «X Technical Report», «# X», «our framework, X,», from_pretrained("org/X"). A document may have none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from extractors.claims.candidates import Candidates
from extractors.claims.profile import SUBJECTS, Own, Profile, belongs, software
from extractors.claims.titles import (
    COINED,
    REPOSITORY,
    find_derived,
    find_latin_alias,
    find_longer,
    first_headings,
    first_line,
    is_coined_word,
    read_brand,
    read_deed,
    read_head,
    read_release,
    read_title,
)
from extractors.claims.untitled import describe, find_addressed, find_often
from extractors.lexicon import load_lexicon
from extractors.mentions.models import Families, ModelGrammar, ModelMention, fold, split_name
from extractors.text import Block, Kind, Page, Text

_NAME = (
    r"[A-Za-z一-鿿](?:[\w+αβ·‐-–-]|\.(?=\w)){0,60}"
    r"(?:[^\S\n](?:[vV]?\d(?:\w|\.(?=\w)){0,30}(?:-(?:[vV]?\d|[A-Z])(?:\w|\.(?=\w)){0,30}){0,3}"
    r"|[A-Z](?:[\w+-]|\.(?=\w)){0,60})){0,4}"
)
_SURVEY = re.compile(r"综述|盘点|汇总|一览|对比|survey|comparison|round-?up|landscape", re.I)
_OPENING = 9000
_TELLING = 9.0
_FIRST_WORDS = 400
"""Letters at a document's beginning in which a presentation stands for the title that is missing."""
_SYSTEM = (
    r"\b{name}(?:'s|’s|-\w+)?\s(?:[a-z]+\s)?"
    r"(?:system|framework|library|runtime|toolkit|platform|engine|optimi[sz]er|codebase)s?\b"
    r"|\b{name}\b[^.]{0,30}?(?:\sis|,)\s(?:an?|our|the)\s(?:[\w-]+\s){0,6}?"
    r"(?:framework|library|toolkit|system|runtime|platform|engine)\b"
    r"|(?:framework|library|system|toolkit|platform|engine)[,:]?\s(?:called\s|named\s)?{name}\b"
    r"|{name}[^。，]{0,12}(?:框架|系统|平台|引擎)"
)
_SELVES = (
    r"\b(?:[Ww]e|[Oo]ur)\b|我们(?:的|提出|训练|发布|开源|推出|采用|使用|研究|提供|将|还|已|对)|"
    r"本模型|本项目|本仓库|私たち"
)


def profile_document(
    text: Text, families: Families, title: str = "", address: str = ""
) -> tuple[Profile, ModelGrammar]:
    """The profile of a document and the grammar that finds its own names beside the known ones.

    `title` is what the source's record says of the document, `address` where it was got; empty where nothing is known.
    """
    opening, whole = _opening(text), _body(text)
    known = ModelGrammar(families)
    candidates = Candidates(whole, families.hardware)
    _read_titles(candidates, known, [title, text.title, first_line(whole), *first_headings(text)])
    at_once = _read_presentations(candidates, known, opening)
    if max(candidates.scores.values(), default=0.0) < _TELLING:
        candidates.add(find_often(opening, whole, known, software()) or "", 24.0, known=True)
    selves = len(re.findall(_SELVES, whole[:60000]))
    window = _OPENING if selves >= 10 else 3000 if selves >= 2 else 1500
    grammar, census = _find_names(text, families, candidates)
    candidates.count(census.counts, {m.name for m in grammar.find(opening[:window])}, window == _OPENING)
    own = candidates.own(census.counts)
    if not own and (name := next(iter(at_once), None) or find_addressed(address, whole)):
        candidates.add(name, 24.0, known=True)
        grammar, census = _find_names(text, families, candidates)
        own = candidates.own(census.counts)
    own = (*own, *_siblings(own, opening, grammar, census.counts))
    system = (
        bool(own)
        and _names_system(own[0].name, whole)
        and not any(m.size for m in map(split_name, census.counts) if belongs(m.base, own[0].base))
    )
    cites = len(re.findall(r"et al\.|\[\d{1,3}\]", whole)) >= 5
    main = own[0] if own else None
    if main is None and (described := describe(address, title or text.title, whole)):
        main = Own(described, fold(described), 0.0)
    return Profile(main, own, cites, system, census.counts, census.places, census.mentions), grammar


def _read_titles(candidates: Candidates, known: ModelGrammar, lines: list[str]) -> None:
    """Count the names of a document's titles, the most telling first."""
    titles = [line for line in lines if line and len(line) < 250]
    for rank, line in enumerate(titles):
        weight = 60.0 if rank < 2 else 25.0
        if rank and _SURVEY.search(titles[0]):
            break
        if repository := REPOSITORY.fullmatch(line.strip()):
            candidates.add(repository[1], weight, known=True)
            continue
        if told := read_release(line) or read_brand(line):
            candidates.add(told, weight, known=True)
            continue
        if (told := read_deed(line, candidates.whole)) and not known.find(told):
            candidates.add(told, weight, known=True)
            continue
        head = read_head(line)
        if coined := find_latin_alias(line) or (head if head != line.strip() and is_coined_word(head, known) else None):
            candidates.add(coined, weight, known=True)
            continue
        inside, name = known.find(head), read_title(line)
        if not inside and not (name and COINED.match(name)):
            inside = known.find(line)
        for mention in inside:
            longer = find_longer(head, mention.end, candidates.whole)
            name = head[mention.start : longer] if longer else mention.name
            name = find_derived(head, mention.start, mention.end) or name
            candidates.add(name, weight if mention.start < 40 else weight / 3, known=True)
        if not inside and name:
            candidates.add(name, weight)


def _read_presentations(candidates: Candidates, known: ModelGrammar, opening: str) -> list[str]:
    """Count the names that a document's opening presents; those in its first words, which may stand for a title."""
    at_once: list[str] = []
    for row in load_lexicon("subjects.toml", SUBJECTS)["present"]:
        for match in re.finditer(str(row["pattern"]).replace("{name}", f"(?P<name>{_NAME})"), opening):
            inside = known.find(opening[match.start("name") : match.end("name") + 20])
            named = bool(inside) and inside[0].start < 3
            presented = inside[0].name if named else match["name"]
            candidates.add(presented, float(row["weight"]), known=named)
            if match.start() < _FIRST_WORDS and row["weight"] >= _TELLING and (named or COINED.match(presented)):
                at_once.append(presented)
    return at_once


@dataclass(frozen=True, slots=True)
class _Census:
    """How often each model name stands, where it stands first, and what stands in each block (`Profile`)."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, tuple[Page, Block, int, int]] = field(default_factory=dict)
    mentions: dict[tuple[int, int], list[ModelMention]] = field(default_factory=dict)


def _find_names(text: Text, families: Families, candidates: Candidates) -> tuple[ModelGrammar, _Census]:
    """The grammar of the known names and the candidates, and what it finds."""
    grammar = ModelGrammar(families, [*candidates.extra(), *candidates.versions()]).allowing(candidates.whole)
    census = _Census()
    for place, (page, block) in enumerate(text.blocks(), 1):
        if block.kind not in (Kind.REFERENCE, Kind.FURNITURE):
            census.mentions[id(page), block.start] = grammar.find(page.text[block.start : block.end])
            for mention in census.mentions[id(page), block.start]:
                census.counts[mention.name] += 1
                census.places.setdefault(mention.name, (page, block, block.start + mention.start, place))
    return grammar, census


_AND = re.compile(r"\s?(?:\([^()]{1,30}\))?\s?(?:,|and|&|、|和|与|及|以及|，|,\s?and)\s?(?:the\s)?")


def _siblings(own: tuple[Own, ...], opening: str, grammar: ModelGrammar, counts: Counter[str]) -> tuple[Own, ...]:
    """Names of the opening that stand beside an own one and share its first word: «Ling-Lite and Ling-Plus»."""
    bases = {o.base for o in own}
    mentions = grammar.find(opening)
    found: dict[str, Own] = {}
    for a, b in pairwise(mentions):
        if _AND.fullmatch(opening[a.end : b.start]) is None:
            continue
        for known, other in ((a, b), (b, a)):
            stem, same = (re.split(r"[\s\d-]", m.name)[0].lower() for m in (known, other))
            versions = [re.findall(r"\d+(?:\.\d+)?", m.base) for m in (known, other)]
            often = counts[other.name] >= 3 and counts[other.name] >= 0.25 * counts[known.name]
            if (
                known.base in bases
                and other.base not in bases
                and stem == same
                and not known.base.startswith(other.base)
                and not other.base.startswith(known.base)
                and len(stem) > 2
                and versions[0] == versions[1]
                and often
            ):
                found[other.base] = Own(other.name, other.base, 20.0)
    return tuple(found.values())


def _names_system(name: str, whole: str) -> bool:
    """Whether a name is of software that runs models: «Pathways, a new system», more often than of a model."""
    said = re.findall(_SYSTEM.replace("{name}", re.escape(name)), whole, re.I)
    models = re.findall(
        rf"\b{re.escape(name)}\S*\s(?:[a-z]+\s)?(?:models?|LLMs?)\b|{re.escape(name)}[^。，]{{0,8}}模型", whole
    )
    return len(said) >= 2 and len(said) > 2 * len(models)


def _opening(text: Text) -> str:
    parts: list[str] = []
    size = 0
    for page, block in text.blocks():
        if block.kind in (Kind.PARAGRAPH, Kind.ITEM, Kind.HEADING, Kind.CODE):
            parts.append(page.text[block.start : block.end])
            size += block.end - block.start
        if size > _OPENING:
            break
    return "\n".join(parts)


def _body(text: Text) -> str:
    parts = [page.text[b.start : b.end] for page, b in text.blocks() if b.kind not in (Kind.REFERENCE, Kind.FURNITURE)]
    return "\n".join(parts)
