"""Finding the models that a document presents as its own: from titles, its own words, and how often a name stands.

«we introduce X», «X Technical Report», «# X», «our framework, X,», from_pretrained("org/X"). A document may have none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from extractors.claims.profile import SUBJECTS, Own, Profile, architectures, belongs, software
from extractors.claims.titles import (
    COINED,
    REPOSITORY,
    clean_name,
    find_latin_alias,
    find_longer,
    first_headings,
    first_line,
    is_coined_word,
    read_brand,
    read_head,
    read_release,
    read_title,
)
from extractors.claims.untitled import describe, find_addressed, find_often, tells_kind
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
_SHORT = 4000
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
_NAME_LIKE = re.compile(
    r"^(?!.*(?:Attention|Dataset|Benchmark|Bench|Framework|Algorithm|Optimizer|Loss|Team|Lab|Labs|Corpus|Institute|"
    r"University)$)(?!(?:Day|Part|Step|Stage|Phase|Chapter|Section|Figure|Fig|Table|Version|Update|Appendix|Form|Note|"
    r"News)\b(?!-))"
    r"(?:(?=\S*\d)[A-Za-z][\w.+αβ-]*|(?=\S*[A-Z])[A-Za-z]+(?:-[A-Za-z0-9.]+)+|[A-Z]+[a-z]*[A-Z]\w*|[A-Z][^\W\d_A-Z一-鿿]{2,14}|"
    r"[一-鿿]{2,8})(?:[\s-](?:[vV]?\d[\w.]*|[A-Z][A-Za-z0-9.]{1,10})){0,2}$"
)
_NO_NAME = re.compile(  # formats of numbers, questions, and pages about doing things
    r"^(?:(?:NV|MX)?FP\d+|BF16|INT\d|NF4|Q\d+)$|[一-鿿](?:要求|需求|说明|介绍|指南|教程|环境|配置|文档|实践|方法|笔记|总结)$",
    re.I,
)


def profile_document(
    text: Text, families: Families, title: str = "", address: str = ""
) -> tuple[Profile, ModelGrammar]:
    """The profile of a document and the grammar that finds its own names beside the known ones.

    `title` is what the source's record says of the document, `address` where it was got; empty where nothing is known.
    """
    opening, whole = _opening(text), _body(text)
    known = ModelGrammar(families)
    candidates = _Candidates(whole, families.hardware)
    titles = [t for t in (title, text.title, first_line(whole), *first_headings(text)) if t and len(t) < 250]
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
        head = read_head(line)
        if coined := find_latin_alias(line) or (head if head != line.strip() and is_coined_word(head, known) else None):
            candidates.add(coined, weight, known=True)
            continue
        inside, name = known.find(head), read_title(line)
        if not inside and not (name and COINED.match(name)):
            inside = known.find(line)
        for mention in inside:
            longer = find_longer(head, mention.end, whole)
            name = head[mention.start : longer] if longer else mention.name
            candidates.add(name, weight if mention.start < 40 else weight / 3, known=True)
        if not inside and name:
            candidates.add(name, weight)
    at_once: list[str] = []
    for row in load_lexicon("subjects.toml", SUBJECTS)["present"]:
        for match in re.finditer(str(row["pattern"]).replace("{name}", f"(?P<name>{_NAME})"), opening):
            inside = known.find(opening[match.start("name") : match.end("name") + 20])
            named = bool(inside) and inside[0].start < 3
            presented = inside[0].name if named else match["name"]
            candidates.add(presented, float(row["weight"]), known=named)
            if match.start() < _FIRST_WORDS and row["weight"] >= _TELLING and (named or COINED.match(presented)):
                at_once.append(presented)
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


@dataclass(frozen=True, slots=True)
class _Census:
    """How often each model name stands, where it stands first, and what stands in each block (`Profile`)."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, tuple[Page, Block, int, int]] = field(default_factory=dict)
    mentions: dict[tuple[int, int], list[ModelMention]] = field(default_factory=dict)


def _find_names(text: Text, families: Families, candidates: _Candidates) -> tuple[ModelGrammar, _Census]:
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


def _stem(base: str) -> str:
    return re.sub(r"v?\d[\d.]*.*$", "", base) or base


class _Candidates:
    """Names that may be the document's own, with what speaks for each."""

    def __init__(self, whole: str, hardware: frozenset[str]) -> None:
        self.whole = whole
        self._hardware = hardware
        self._never = {fold(n) for row in load_lexicon("subjects.toml", SUBJECTS)["never"] for n in row["names"]}
        self._software = software()
        self.scores: dict[str, float] = defaultdict(float)
        self.forms: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, name: str, weight: float, known: bool = False) -> None:
        """Counts a mention in a telling place; a name nobody knows must look like one and come back in the text."""
        name = clean_name(name)
        base = split_name(name).base
        if len(base) < 2 or base in self._never or base.isdigit() or (base in self._software and weight < 60):
            return
        if _NO_NAME.search(name) or base in self._hardware or tells_kind(name):
            return
        if not known and (not _NAME_LIKE.match(name) or self._often(name) < self._enough(weight)):
            return
        self.scores[base] += weight
        self.forms[base][name] += 1

    def _enough(self, weight: float) -> int:
        """How often a name must stand: in a short text once, where it is clearly presented."""
        short = len(self.whole) < _SHORT
        return 1 if short and 12 <= weight < 25 else 2 if short or weight >= 60 else 4

    def _often(self, name: str) -> int:
        """How often a name stands; «MiniLarch-4» and «MiniLarch-v2» count for a page on «MiniLarch-V»."""
        case = re.I if re.match(r"\w*[a-z][A-Z]", name) else 0
        alone = len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w| (?-i:[A-Z][a-z]))", self.whole, case))
        stem = re.match(r"[A-Za-z]*[a-z][A-Z][A-Za-z]*(?=-)", name)
        return max(alone, len(re.findall(rf"(?<!\w){stem[0]}(?=[-\d])", self.whole)) if stem else 0)

    def extra(self) -> list[str]:
        """Names to look for beside the known ones."""
        return [
            name
            for base, score in self.scores.items()
            if score >= (12 if len(self.whole) > _SHORT else 9)
            for name in self.forms[base]
            if len(name) > 2 or not name.isalpha()
        ]

    def versions(self) -> list[str]:
        """Other versions of the names, which are the models before: «Kite-1» beside Kite-2."""
        found: set[str] = set()
        for name in self.extra():
            if stem := re.fullmatch(r"([A-Z][A-Za-z]{2,}(?:[ -][A-Z][a-z]+)?)[ -]?[vV]?\d+(?:\.\d+)?", name):
                found |= set(
                    re.findall(rf"(?<!\w){re.escape(stem[1])}[ -]?[vV]?\d+(?:\.\d+)?(?![\w.]*[BM]\b)(?!\w)", self.whole)
                )
        return sorted(found - set(self.extra()))

    def count(self, counts: Counter[str], opening: set[str], wide: bool) -> None:
        """Adds how often each name stands. A name of the opening far more frequent than others speaks for itself."""
        by_base: Counter[str] = Counter()
        for name, count in counts.items():
            by_base[split_name(name).base] += count
        total = sum(by_base.values())
        for base in list(self.scores):
            if by_base[base] < 3 and len(self.whole) > _SHORT:
                self.scores[base] /= 4
            self.scores[base] += min(30, by_base[base]) / 2
        if max(self.scores.values(), default=0.0) >= 24:
            return
        first = {split_name(n).base for n in opening} - self._never
        if not wide:
            drawn = {b for b in by_base if any(b.startswith(a) for a in architectures())}
            first -= drawn
            total -= sum(by_base[b] for b in drawn)
        shares = {base: sum(c for b, c in by_base.items() if belongs(b, base)) for base in first}
        stems = {base: sum(c for b, c in by_base.items() if b.startswith(_stem(base))) for base in first}
        best = max(shares, key=lambda b: (stems[b], shares[b], by_base[b], b), default=None)
        if best is not None and shares[best] >= 6 and stems[best] >= (0.35 if wide else 0.4) * total:
            narrower = [b for b in first if b != best and belongs(b, best) and shares[b] >= 0.6 * shares[best]]
            best = max(narrower, key=lambda b: (shares[b], b), default=best)
            self.scores[best] += 24
            self.forms[best].update({n: c for n, c in counts.items() if split_name(n).base == best})

    def own(self, counts: Counter[str]) -> tuple[Own, ...]:
        """The own models, best first: those near the best one's score, six at most."""
        own = sorted(
            (
                Own(_best_form(base, self.forms[base], counts), base, score)
                for base, score in self.scores.items()
                if score >= (20 if len(self.whole) > _SHORT else 9.5)
            ),
            key=lambda o: (-o.score, o.base),
        )
        near = [o for i, o in enumerate(own) if i < 6 and o.score >= 0.3 * own[0].score]
        return tuple(sorted(near, key=lambda o: o is not _version_of(near, counts)))


def _version_of(own: list[Own], counts: Counter[str]) -> Own | None:
    """The version that a page under a bare brand is about: «Larch», over «we release Larch3.5», is Larch3.5."""
    brand = own[0].base if own else ""
    often: Counter[str] = Counter()
    for name, count in counts.items():
        often[split_name(name).base] += count
    versions = (o for o in own[1:] if re.fullmatch(rf"{re.escape(brand)}v?\d[\d.]*", o.base))
    return next((o for o in versions if often[o.base] >= 0.5 * often[brand]), None)


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


def _best_form(base: str, forms: Counter[str], counts: Counter[str]) -> str:
    """The name to call a model by: with its size where the title gives one or the document knows only one."""
    mine = {name: count for name, count in counts.items() if split_name(name).base == base}
    written = Counter({n: c for n, c in mine.items() if not split_name(n).variant}) or Counter(mine) or forms
    sizes: Counter[str] = Counter()
    for name, count in mine.items():
        sizes[split_name(name).size] += count
    sized = [size for size in sizes if size]
    titled = [split_name(n).size for n in forms if split_name(n).size]
    alone = len(sized) == 1 and sizes[sized[0]] >= 0.3 * sum(sizes.values())
    wanted = titled[0] if titled and len(sized) <= 1 else sized[0] if alone else ""
    fitting = (
        [n for n in written if split_name(n).size == wanted]
        or [n for n in mine if split_name(n).size == wanted]
        or list(written)
    )
    return max(fitting, key=lambda n: (not n.islower(), counts[n], forms[n], n))


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
