"""Techniques as texts name them: «Grouped-Query Attention (GQA)», «TP=8», «data and model parallelism», «张量并行».

The names are the registry's; the forms that no list of names holds (elliptic lists, codes with a degree, flags, turns
of phrase) are those of `lexicon/techniques.toml`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from extractors.lexicon import LexiconError, load_lexicon
from registry import Registry, Spelling

_TABLES = {
    "form": {"technique", "needs", "pattern"},
    "member": {"technique", "word"},
    "code": {"technique", "word"},
    "veto": {"technique", "side", "pattern"},
}
_HEAD = 4
_REMEMBERED = 50_000
_BEFORE, _AFTER = 200, 240
_COMMON = {
    "accelerators", "attention", "cluster", "computation", "context", "data", "devices", "efficient", "from",
    "generated", "hardware", "layer", "memory", "model", "models", "multi", "optimizer", "precision", "sequence",
    "state", "token", "trained", "training",
}  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+")
_CHINESE = re.compile(r"[一-鿿]")
_CHINESE_RUN = re.compile(r"[一-鿿]+")


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
    """One way of naming techniques, not tried where none of `needs` stands: words in lower case, or how they begin."""

    needs: tuple[str, ...]
    read: Callable[[str, int, int], Iterator[TechniqueMention]]


class TechniqueGrammar:
    """Finds techniques by the registry's names and the lexicon's forms; `technique_grammar` builds it once."""

    def __init__(self, registry: Registry) -> None:
        known = {technique.id for technique in registry.techniques}
        codes = {s.text: t.id for t in registry.techniques for s in t.spellings() if s.weak}
        self._forms = [_name_form(t.id, [s for s in t.spellings() if not s.weak]) for t in registry.techniques]
        self._forms += [_pattern_form(row) for row in technique_rows("form")]
        self._forms += [_list_form(), _degree_form(), _code_form(codes)]
        named = {row["technique"] for table in _TABLES for row in technique_rows(table)}
        if unknown := named - known:
            raise LexiconError(f"techniques.toml: the registry has no technique {', '.join(sorted(unknown))}")
        self._by_head: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._chinese: list[tuple[str, int]] = []
        self._idle: set[str] = set()
        for i, form in enumerate(self._forms):
            for need in form.needs:
                if need.isascii():
                    self._by_head[need[:_HEAD]].append((need, i))
                else:
                    self._chinese.append((need, i))

    def find(self, text: str) -> list[TechniqueMention]:
        """Techniques of a text in order, without two of the same technique on the same words."""
        return next((found for _, found in self.find_in(text, [(0, len(text))])), [])

    def find_in(self, page: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[TechniqueMention]]]:
        """`find` for ordered spans of a page: the index of each span that names techniques, and its techniques.

        One pass over the page's words tells which few forms can stand in which span.
        """
        low = page.lower()
        wanted: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        starts = [start for start, _ in spans]
        for need, form in self._needed(low, _CHINESE.search(page) is not None):
            at = low.find(need)
            while at >= 0:
                index = bisect_right(starts, at) - 1
                if index >= 0 and at < spans[index][1]:
                    wanted[index][form].append(at - starts[index])
                at = low.find(need, at + len(need))
        for index in sorted(wanted):
            if found := self._read(page[slice(*spans[index])], wanted[index]):
                yield index, found

    def _needed(self, low: str, chinese: bool) -> Iterator[tuple[str, int]]:
        """Words that stand in a page and that forms need, with the form."""
        for word in set(_WORD.findall(low)) - self._idle:
            rows = self._by_head.get(word[:_HEAD]) or self._by_head.get(word.rstrip("0123456789")) or []
            forms = [form for need, form in rows if len(need) < _HEAD or word.startswith(need)]
            if forms:
                yield from ((word, form) for form in forms)
            elif len(self._idle) < _REMEMBERED:
                self._idle.add(word)
        if chinese:
            yield from ((need, form) for need, form in self._chinese if need in low)

    def _read(self, text: str, forms: dict[int, list[int]]) -> list[TechniqueMention]:
        found: dict[str, list[TechniqueMention]] = defaultdict(list)
        for form in sorted(forms):
            for start, end in _windows(sorted(forms[form]), len(text)):
                for mention in self._forms[form].read(text, start, end):
                    if not any(m.start < mention.end and mention.start < m.end for m in found[mention.id]):
                        found[mention.id].append(mention)
        return sorted((m for group in found.values() for m in group), key=lambda m: (m.start, -m.end, m.id))


def _windows(places: list[int], size: int) -> Iterator[tuple[int, int]]:
    """The runs of a text around places in order, joined where they meet."""
    start = end = -1
    for place in places:
        low, high = max(0, place - _BEFORE), min(size, place + _AFTER)
        if low > end and end >= 0:
            yield start, end
            start = low
        elif end < 0:
            start = low
        end = high
    if end >= 0:
        yield start, end


def technique_rows(table: str) -> list[dict[str, Any]]:
    """The rows of a table of `lexicon/techniques.toml`."""
    return load_lexicon("techniques.toml", _TABLES)[table]


@lru_cache(maxsize=4)
def technique_grammar(registry: Registry) -> TechniqueGrammar:
    """The grammar of a registry, built once."""
    return TechniqueGrammar(registry)


def _name_form(technique: str, spellings: list[Spelling]) -> _Form:
    """The names of a technique; a space stands for «-», «_» or nothing too."""
    needs = {_telling(s.text) for s in spellings}
    folded = _alternatives({s.text.lower() for s in spellings if not s.exact})
    exact = _alternatives({s.text for s in spellings if s.exact})

    def read(text: str, start: int, end: int) -> Iterator[TechniqueMention]:
        low = text.lower() if len(text.lower()) == len(text) else text
        for pattern, run in ((folded, low), (exact, text)):
            for match in pattern.finditer(run, start, end) if pattern else ():
                yield TechniqueMention(technique, *match.span(), text[match.start() : match.end()])

    return _Form(tuple(sorted(needs)), read)


def _alternatives(names: set[str]) -> re.Pattern[str] | None:
    """A pattern for names, the longest first, in branches by their first letter, so that few letters are looked at."""
    tails: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=lambda n: (-len(n), n)):
        form = r"[\s_–-]?".join(re.escape(part) for part in re.split(r"[\s\-_–]+", name) if part)
        tails[name[0]].append(form[1:])
    edge = r"(?<![A-Za-z0-9].)"
    branches = (f"{head}{edge if head.isascii() else ''}(?:{'|'.join(forms)})" for head, forms in sorted(tails.items()))
    return re.compile(rf"(?:{'|'.join(branches)})(?=s?(?![A-Za-z]))") if names else None


def _telling(name: str) -> str:
    """The word of a name by which a text is known to hold it: the longest that is not common in texts on models."""
    words: list[str] = _CHINESE_RUN.findall(name) or _WORD.findall(name.lower())
    return max([w for w in words if w not in _COMMON] or words, key=len)


def _pattern_form(row: dict[str, Any]) -> _Form:
    return _Form(tuple(row["needs"]), partial(_read_pattern, row["technique"], re.compile(row["pattern"], re.A | re.I)))


def _read_pattern(
    technique: str, pattern: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[TechniqueMention]:
    for match in pattern.finditer(text, start, end):
        yield TechniqueMention(technique, *match.span(), match[0])


def _list_form() -> _Form:
    """«data, tensor and pipeline parallelism» names three techniques, each by one word."""
    members = {row["word"]: row["technique"] for row in technique_rows("member")}
    words = "|".join(sorted(map(re.escape, members), key=len, reverse=True))
    joint = r"\s?(?:,\s?and\s|,|/|\+|&|and\s|or\s|、|和|与|及)\s?(?:the\s)?"
    whole = re.compile(
        rf"(?<![A-Za-z])(?:(?:{words})(?:[\s-]parallel\w*|并行)?{joint})+(?:{words})[\s-]?(?:parallel\w*|并行)", re.I
    )
    word = re.compile(rf"(?<![A-Za-z])(?:{words})", re.I)

    def read(text: str, start: int, end: int) -> Iterator[TechniqueMention]:
        for match in whole.finditer(text, start, end):
            for part in word.finditer(text, *match.span()):
                yield TechniqueMention(members[part[0].lower()], *match.span(), match[0])

    return _Form(("parallel", "并行"), read)


def _degree_form() -> _Form:
    """Codes with a degree or in a row: «TP=8», «PP16», «8-way TP», «tp_size=4», «TP/SP»; a degree of 1 is none."""
    codes = {row["word"]: row["technique"] for row in technique_rows("code")}
    any_code = "|".join(codes)
    pattern = re.compile(
        rf"(?<![A-Za-z0-9_/.])(?:(?P<row>(?:{any_code})(?:\s?[/、+×,&]\s?(?:{any_code}|FSDP))+)"
        rf"|(?P<code>{any_code})(?:_SIZE)?(?:\s?[=:×]\s?|-|\s)?(?!1\b)\d{{1,3}}(?![\d.%A-Za-z])"
        rf"|\d{{1,3}}-way\s(?P<way>{any_code})(?![A-Za-z])|(?P<small>{any_code.lower()})(?:[_-]size)?\s?=\s?(?!1\b)\d)"
    )

    def read(text: str, start: int, end: int) -> Iterator[TechniqueMention]:
        for match in pattern.finditer(text, start, end):
            row, one = match["row"], match["code"] or match["way"] or match["small"]
            for code in re.findall("[A-Z]P", row) if row else [one.upper()]:
                if code in codes:
                    yield TechniqueMention(codes[code], *match.span(), match[0])

    return _Form(tuple(code.lower() for code in codes), read)


def _code_form(codes: dict[str, str]) -> _Form:
    """Bare abbreviations that also mean other things."""
    any_code = "|".join(sorted(map(re.escape, codes), key=len, reverse=True))
    pattern = re.compile(rf"(?<![A-Za-z0-9_/.-])(?:{any_code})(?=\d|[^A-Za-z0-9_.-]|[=-]\d|\.\s|$)")

    def read(text: str, start: int, end: int) -> Iterator[TechniqueMention]:
        for match in pattern.finditer(text, start, end):
            yield TechniqueMention(codes[match[0]], *match.span(), match[0], code=True)

    return _Form(tuple(code.lower() for code in codes), read)
