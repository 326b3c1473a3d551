"""Who may hold chips in a sentence: organisations and machines that the registry lists, and names that nobody lists.

A name that nobody lists is one beside a word that only a machine has («the Gannet supercomputer features 512 H100»), or
right before a verb of getting and a count («Larkspur Cloud is installing 4,000 H100»).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from extractors.claims.scene import Sentence
from extractors.lexicon import load_lexicon
from extractors.mentions.organisations import OrganisationGrammar
from registry import Registry
from registry.tables import fold

_WORD = r"(?-i:[A-Z][\w&’'-]*|x[A-Z]\w+)"
_NAME = rf"(?P<name>{_WORD}(?:\s(?:{_WORD}|[IVX]+\b|\d+\b)){{0,3}}?)"
_KIND = (
    r"(?:(?:AI|GPU|HPC|training|computing)\s)?(?:supercomputers?|super\s?clusters?|clusters?|data\s?cent(?:er|re)s?)\b"
)
_WHERE = rf"(?:\s(?:of|in|at)\s(?:the\s)?{_WORD}(?:\s{_WORD})?)?"
_BEGIN = r"(?<![\w-])(?<!\bin\s)(?<!\bat\s)(?<!\bof\s)(?:The\s)?"
_DESCRIBED = (
    re.compile(rf"{_BEGIN}{_NAME},\s(?:an?|the|our|its)\s(?:[\w-]+\s){{0,4}}?{_KIND}{_WHERE}", re.I),
    re.compile(rf"{_BEGIN}{_NAME}\s(?:is|was|represents)\s(?:an?|the|our|one)\s[^,.;]{{0,50}}?{_KIND}{_WHERE}", re.I),
)
_CALLED = (
    re.compile(rf"{_BEGIN}{_NAME}(?:’s|'s)?\s(?:(?!(?:an?|the|our|its|this)\b)[a-z]+\s){{0,2}}{_KIND}{_WHERE}", re.I),
    re.compile(rf"\b{_KIND},?\s(?:called\s|named\s|dubbed\s)?[“\"]?{_NAME},", re.I),
    re.compile(r"(?P<name>[^\W\d_][\w-]{1,11}?)”?(?:超级计算机|超算中心|超算|智算中心|智算集群|智算平台|计算集群)"),
)
_SMALL = re.compile(r"(?<!\w)[a-z][\w&’'-]*")
_UNLISTED = (
    re.compile(
        rf"(?:^|(?<=[,;:—–“\"(]\s)|(?<=\bthat\s)|(?<=\band\s)|(?<=\bwhile\s)|(?<=\bthe\s)|(?<=[“\"(]))(?:The\s)?{_NAME}(?=\s[a-z])"
    ),
    re.compile(
        r"(?:^|(?<=[，。；：、“]))(?P<name>[^\s，。；：、“”的了在]{2,8}?(?:公司|集团|科技|智能|实验室|研究院|大学|云|部))(?=[一-鿿])"
    ),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may hold chips, named at `start:end` of a sentence; a `maker` sells chips, a `machine` consists of them, and
    one that is `unlisted` may be no holder at all.
    """

    id: str
    name: str
    start: int
    end: int
    maker: bool = False
    machine: bool = False
    unlisted: bool = False


class HolderGrammar:
    """Finds holders in the sentences of one text."""

    def __init__(self, organisations: OrganisationGrammar, registry: Registry, whole: str) -> None:
        self._organisations = organisations
        self._machines = _listed_machines(registry)
        self._small = frozenset(_SMALL.findall(whole))

    def find(self, sentence: Sentence) -> list[Holder]:
        """The holders that a sentence names, in order."""
        text = sentence.text
        # «DeepSeek-V2» is a model, whoever made it.
        found = [
            Holder(o.id, o.name, o.start, o.end, o.maker)
            for o in self._organisations.find(text)
            if not any(m.start <= o.start and o.end < m.end for m in sentence.models)
        ]
        found += [Holder(fold(m[0]), m[0], *m.span(), machine=True) for m in self._machines.finditer(text)]
        taken = [(c.start, c.end) for c in sentence.chips] + [(h.start, h.end) for h in found]
        for match in self._named(_DESCRIBED, text, taken):
            found.append(Holder(fold(match["name"]), match["name"], *match.span(), machine=True))
        taken += [(m.start, m.end) for m in sentence.models]
        for match in self._named(_CALLED, text, taken):
            found.append(Holder(fold(match["name"]), match["name"], *match.span(), machine=True))
        for match in self._named(_UNLISTED, text, taken):
            found.append(Holder(fold(match["name"]), match["name"], *match.span("name"), unlisted=True))
        return sorted(found, key=lambda h: (h.start, -h.end))

    def _named(
        self, patterns: Iterable[re.Pattern[str]], text: str, taken: list[tuple[int, int]]
    ) -> Iterator[re.Match[str]]:
        """Names of patterns where nothing else was `taken`; what is found is taken too."""
        for pattern in patterns:
            for match in pattern.finditer(text):
                start, end = match.span("name")
                if self._is_name(match["name"]) and not any(start < e and s < end for s, e in taken):
                    taken.append(match.span())
                    yield match

    def _is_name(self, words: str) -> bool:
        """Whether the first word is no ordinary one, by our list or since the text has it in small letters too."""
        first = words.split()[0].lower()
        return first not in _ordinary() and first not in self._small


@cache
def _ordinary() -> frozenset[str]:
    rows = load_lexicon("holders.toml", {"ordinary": {"words"}})["ordinary"]
    return frozenset(word for row in rows for word in row["words"])


@cache
def _listed_machines(registry: Registry) -> re.Pattern[str]:
    listed = [
        s.text
        for system in registry.systems
        if system.kind in ("supercomputer", "cluster")
        for s in system.spellings()
        if not s.weak
    ]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(listed, key=len, reverse=True)))})(?![\w-])")
