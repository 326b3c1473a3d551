"""Techniques as texts name them: «Grouped-Query Attention (GQA)», «TP=8», «data and model parallelism», «--checkpoint-activations», «张量并行».

The names are the registry's; the forms that no list of names holds (elliptic lists, codes with a degree, flags, turns of phrase) are
those of `lexicon/techniques.toml`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extractors.lexicon import LexiconError, load_lexicon
from registry import Registry, Spelling
from registry.tables import fold

_WORD = re.compile(r"[A-Za-z]{4,}|[一-鿿]")


@dataclass(frozen=True, slots=True)
class TechniqueMention:
    """A technique named at `start:end`; `code` marks a bare abbreviation («TP», «CP») that also means other things."""

    id: str
    start: int
    end: int
    printed: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    techniques: tuple[str, ...]
    pattern: re.Pattern[str]


class TechniqueGrammar:
    """Finds techniques by the registry's names and the lexicon's forms; build it once per registry (`technique_grammar`)."""

    def __init__(self, registry: Registry) -> None:
        known = {technique.id for technique in registry.techniques}
        self._ids: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        spellings: list[Spelling] = []
        for technique in registry.techniques:
            for spelling in technique.spellings():
                if spelling.weak:
                    self._codes[spelling.text] = technique.id
                else:
                    self._ids[fold(spelling.text)] = technique.id
                    spellings.append(spelling)
        self._names = _alternatives(spellings)
        self._coded = re.compile(rf"(?<![A-Za-z0-9_/.-])(?:{'|'.join(sorted(map(re.escape, self._codes), key=len, reverse=True))})(?=\d|[^A-Za-z0-9_.-]|[=-]\d|\.\s|$)")
        rows = load_lexicon("techniques.toml", {"form": {"technique", "pattern", "case"}, "member": {"technique", "word"}})
        self._forms = [_Form((row["technique"],), re.compile(row["pattern"], 0 if row.get("case") else re.I)) for row in rows["form"]]
        self._members = {row["word"]: row["technique"] for row in rows["member"]}
        for name in [*(f.techniques[0] for f in self._forms), *self._members.values()]:
            if name not in known:
                raise LexiconError(f"techniques.toml: the registry has no technique {name!r}")
        words = "|".join(sorted(map(re.escape, self._members), key=len, reverse=True))
        self._list = re.compile(
            rf"(?<![A-Za-z])(?:(?:{words})(?:[\s-]parallel\w*|并行)?\s?(?:,\s?and\s|,|/|\+|&|and\s|or\s|、|和|与|及)\s?(?:the\s)?)+(?:{words})[\s-]?(?:parallel|并行)", re.I
        )
        self._word = re.compile(rf"(?<![A-Za-z])(?:{words})", re.I)

    def find(self, text: str) -> list[TechniqueMention]:
        """Techniques of a text in order, without two of the same technique on the same words."""
        return sorted(self._find(text), key=lambda m: (m.start, -m.end, m.id))

    def _find(self, text: str) -> Iterator[TechniqueMention]:
        taken: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for mention in self._all(text):
            if not any(a < mention.end and mention.start < b for a, b in taken[mention.id]):
                taken[mention.id].append((mention.start, mention.end))
                yield mention

    def _all(self, text: str) -> Iterator[TechniqueMention]:
        for match in self._names.finditer(text):
            yield TechniqueMention(self._ids[fold(match[0])], *match.span(), match[0])
        for match in self._list.finditer(text):
            for word in self._word.finditer(text, match.start(), match.end()):
                yield TechniqueMention(self._members[word[0].lower()], match.start(), match.end(), match[0])
        for form in self._forms:
            for match in form.pattern.finditer(text):
                for technique in form.techniques:
                    yield TechniqueMention(technique, *match.span(), match[0])
        for match in self._coded.finditer(text):
            yield TechniqueMention(self._codes[match[0]], *match.span(), match[0], code=True)


@lru_cache(maxsize=4)
def technique_grammar(registry: Registry) -> TechniqueGrammar:
    """The grammar of a registry, built once."""
    return TechniqueGrammar(registry)


def _alternatives(spellings: list[Spelling]) -> re.Pattern[str]:
    """One pattern for many names, branched by first letter so that a page is passed in one quick run."""
    heads: dict[str, list[str]] = defaultdict(list)
    for spelling in sorted(set(spellings), key=lambda s: (-len(s.text), s.text, s.exact)):
        for head in {spelling.text[0]} if spelling.exact else {spelling.text[0].lower(), spelling.text[0].upper()}:
            heads[head].append(_flexible(spelling))
    branches = "|".join(f"{re.escape(head)}(?:{'|'.join(forms)})" for head, forms in sorted(heads.items()))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{branches})")


def _flexible(spelling: Spelling) -> str:
    """A spelling after its first letter; a space stands for a space, a hyphen, an underscore or nothing."""
    pattern = r"[\s_–-]?".join(re.escape(p) for p in re.split(r"[\s\-_–]+", spelling.text) if p)[len(re.escape(spelling.text[0])) :]
    return pattern
