"""What each wording of the lexicons earns, and what is left of accuracy where no lab could teach it.

    python benchmarks/ablation.py                       wordings that harm, idle, or serve one lab; folds of labs
    python benchmarks/ablation.py --gold G --corpus C   on other gold facts (both may be repeated, in pairs)

A wording is one alternative of a pattern in a lexicon. It is switched off alone, and the documents where it fired are
read again: what it earns is how many more facts are met with it than without, less how many more false alarms are
raised. Wordings that fire in many documents are left out, as no one report can have taught them.

The folds ask what a lab costs that nobody saw: labs are dealt into folds, only those wordings stay that earn something
on the labs outside the fold, and the fold is scored with these.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import registry
from benchmarks.calibration import read_labels
from corpus.document import Document
from corpus.media import sniff
from evidence.evaluation import CHIP_TOTAL, FACT_TOTAL, Evaluation
from evidence.gold import Gold, load_gold
from extractors import extract
from extractors.claim import Claim
from extractors.claims import context, headers, signs, triggers
from extractors.reading import read
from extractors.text import Text

MANY = 12
"""A wording that fires in more documents than this is common speech."""
LONG_LIST = 3
"""A group with at least this many alternatives is taken apart into them."""


class Watched:
    """A compiled pattern that can lose alternatives, and notes the texts that it is found in."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.whole = re.compile(pattern, flags)
        self.active = self.whole
        self.texts: dict[str, set[str]] = defaultdict(set)

    def search(self, text: str) -> re.Match[str] | None:
        """As of `re`."""
        found = self.active.search(text)
        if found and _reading:
            self.texts[_reading].add(text)
        return found

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As of `re`."""
        found = list(self.active.finditer(text))
        if found and _reading:
            self.texts[_reading].add(text)
        return iter(found)

    def differs(self, other: re.Pattern[str], text: str) -> bool:
        """Whether another pattern finds other places in a text."""
        return [m.span() for m in self.whole.finditer(text)] != [m.span() for m in other.finditer(text)]


@dataclass(frozen=True, slots=True)
class Wording:
    """One alternative of a watched pattern: where it is from, its words, and the pattern without it."""

    source: str
    watched: int
    words: str
    rest: str


@dataclass(slots=True)
class Effect:
    """What a wording earns: facts met and false alarms with it less without it, by lab."""

    wording: Wording
    documents: int
    met: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def earned(self, labs: Sequence[str] | None = None) -> int:
        """Facts met less false alarms, on some labs or on all."""
        chosen = set(labs) if labs is not None else {*self.met, *self.false}
        return sum(self.met[lab] - self.false[lab] for lab in chosen)

    def labs(self) -> list[str]:
        """The labs where it changes anything."""
        return sorted(lab for lab in {*self.met, *self.false} if self.met[lab] or self.false[lab])


_reading = ""
_watched: list[tuple[str, Watched]] = []


def watch() -> None:
    """Put watched patterns in place of those of cues, triggers, headers and signs of adoption."""
    for module, name, build in (
        (triggers, "triggers.toml", triggers._triggers),
        (context, "cues.toml", context.cue_rules),
        (headers, "headers.toml", headers._roles),
        (signs, "adoption.toml", signs.signs),
    ):
        build.cache_clear()
        real = module.re

        def compile_watched(pattern: str, flags: int = 0, name: str = name) -> Watched:
            found = Watched(pattern, int(flags))
            _watched.append((name, found))
            return found

        module.re = SimpleNamespace(compile=compile_watched, ASCII=re.ASCII, A=re.A, I=re.I)  # type: ignore[assignment]
        build()
        module.re = real


def _marks(pattern: str) -> Iterator[tuple[int, str]]:
    """The brackets and bars of a pattern with their places, but for those that are escaped or in a class."""
    i, in_class = 0, False
    while i < len(pattern):
        letter = pattern[i]
        if in_class:
            in_class = letter != "]"
        elif letter == "[":
            in_class = True
        elif letter in "()|":
            yield i, letter
        i += 2 if letter == "\\" else 1


def split(pattern: str) -> list[str]:
    """The alternatives of a pattern at its top level."""
    parts, depth, start = [], 0, 0
    for i, mark in _marks(pattern):
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and depth == 0:
            parts.append(pattern[start:i])
            start = i + 1
    return [*parts, pattern[start:]]


def longest_group(pattern: str) -> tuple[int, int] | None:
    """Where the group `(?:…)` with most alternatives stands, from after its opening to its closing bracket."""
    best, size, opened = None, LONG_LIST - 1, []
    for i, mark in _marks(pattern):
        if mark == "(":
            opened.append((i + 3, pattern.startswith("(?:", i)))
        elif mark == ")":
            start, plain = opened.pop()
            if plain and len(split(pattern[start:i])) > size:
                best, size = (start, i), len(split(pattern[start:i]))
    return best


def list_wordings() -> Iterator[Wording]:
    """Every alternative of every watched pattern, long groups taken apart."""
    for number, (source, watched) in enumerate(_watched):
        parts = split(watched.whole.pattern)
        for i, part in enumerate(parts):
            others = [*parts[:i], *parts[i + 1 :]]
            if group := longest_group(part):
                head, items, tail = part[: group[0]], split(part[slice(*group)]), part[group[1] :]
                for j, item in enumerate(items):
                    rest = f"{head}{'|'.join([*items[:j], *items[j + 1 :]])}{tail}"
                    yield Wording(source, number, f"{head}{item}{tail}", "|".join([*parts[:i], rest, *parts[i + 1 :]]))
            else:
                yield Wording(source, number, part, "|".join(others) or r"(?!)")


@cache
def load_text(path: Path) -> tuple[Document, Text | None]:
    """A document and its text layer."""
    data = path.read_bytes()
    document = Document(
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=sniff(data, path.name),
        name=path.name,
        address=path.name,
        size=len(data),
    )
    return document, read(data, document).text


@cache
def _known() -> registry.Registry:
    return registry.load()


def read_claims(path: Path) -> list[Claim]:
    """The asserted claims of a document under the patterns as they are now."""
    context.find_cues.cache_clear()
    document, text = load_text(path)
    return [c for c in extract(document, text, _known()) if c.status == "asserted"] if text else []


def score(gold: Gold, claims: list[Claim]) -> tuple[int, int]:
    """Facts met and false alarms, strict, of chip and fact types."""
    result = Evaluation()
    result.add(gold, claims)
    figures = result.figures()
    both = [figures[CHIP_TOTAL], figures[FACT_TOTAL]]
    return sum(t.matched for t in both), sum(len(t.false_alarms) for t in both)


def find_fired(task: tuple[Path, Gold]) -> frozenset[int]:
    """The numbers of the wordings that change what a pattern finds in a document."""
    global _reading
    path, gold = task
    if not _watched:
        watch()
    _reading = gold.document
    read_claims(path)
    _reading = ""
    fired = set()
    for number, wording in enumerate(list_wordings()):
        watched = _watched[wording.watched][1]
        less = _without(wording)
        if any(watched.differs(less, text) for text in watched.texts.get(gold.document, ())):
            fired.add(number)
    return frozenset(fired)


def try_document(task: tuple[Path, Gold, frozenset[int]]) -> list[tuple[int, int, int]]:
    """What each of some wordings earns in one document: its number, facts met, false alarms."""
    path, gold, numbers = task
    if not _watched:
        watch()
    base = score(gold, read_claims(path))
    wordings = list(list_wordings())
    effects = []
    for number in sorted(numbers):
        watched = _watched[wordings[number].watched][1]
        watched.active = _without(wordings[number])
        met, false = score(gold, read_claims(path))
        watched.active = watched.whole
        if (met, false) != base:
            effects.append((number, base[0] - met, base[1] - false))
    return effects


def _without(wording: Wording) -> re.Pattern[str]:
    return re.compile(wording.rest, _watched[wording.watched][1].whole.flags & ~re.UNICODE)


def read_without(task: tuple[Path, frozenset[int]]) -> list[Claim]:
    """The claims of a document with some wordings switched off."""
    path, gone = task
    if not _watched:
        watch()
    all_wordings = list(list_wordings())
    lost: dict[int, list[Wording]] = defaultdict(list)
    for number in gone:
        lost[all_wordings[number].watched].append(all_wordings[number])
    for number, wordings in lost.items():
        _watched[number][1].active = _Less(_watched[number][1].whole, list(wordings))  # type: ignore[assignment]
    claims = read_claims(path)
    for number in lost:
        _watched[number][1].active = _watched[number][1].whole
    return claims


class _Less:
    """A pattern that does not find what it finds only by wordings that are off."""

    def __init__(self, whole: re.Pattern[str], off: list[Wording]) -> None:
        flags = whole.flags & ~re.UNICODE
        self.whole, self.off = whole, [re.compile(w.rest, flags) for w in off]

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        for match in self.whole.finditer(text):
            if all(any(m.start() == match.start() for m in less.finditer(text)) for less in self.off):
                yield match

    def search(self, text: str) -> re.Match[str] | None:
        return next(self.finditer(text), None)


def deal(labs: dict[str, int], folds: int) -> list[list[str]]:
    """Labs dealt into folds of about as many documents each, the largest first."""
    dealt: list[list[str]] = [[] for _ in range(folds)]
    for lab in sorted(labs, key=lambda name: (-labs[name], name)):
        min(dealt, key=lambda fold: sum(labs[name] for name in fold)).append(lab)
    return dealt


def main() -> int:
    """Print what wordings earn and what the folds say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared"
    parser.add_argument("--gold", type=Path, action="append", help="folder of gold facts")
    parser.add_argument("--corpus", type=Path, action="append", help="the documents of it, with a manifest.csv")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    given = parser.parse_args()
    folders = list(zip(given.gold or [beside / "eval" / "gold"], given.corpus or [beside / "corpus"], strict=True))
    labs, tasks = {}, []
    for gold_folder, corpus in folders:
        known = read_labels(corpus / "manifest.csv")
        for gold in load_gold(gold_folder):
            labs[gold.document] = known.get(gold.document, "") or gold.document
            tasks.append((corpus / gold.document, gold))
    watch()
    wordings = list(list_wordings())
    effects: dict[int, Effect] = {}
    fired: dict[int, int] = defaultdict(int)
    with ProcessPoolExecutor(given.jobs) as pool:
        seen = list(pool.map(find_fired, tasks))
        for numbers in seen:
            for number in numbers:
                fired[number] += 1
        rare = frozenset(number for number, count in fired.items() if count <= MANY)
        trials = [(path, gold, numbers & rare) for (path, gold), numbers in zip(tasks, seen, strict=True)]
        for (_, gold, _), changes in zip(trials, pool.map(try_document, trials), strict=True):
            for number, met, false in changes:
                effect = effects.setdefault(number, Effect(wordings[number], fired[number]))
                effect.met[labs[gold.document]] += met
                effect.false[labs[gold.document]] += false
    print(f"{len(wordings)} wordings, {len(fired)} fire, {len(rare)} of them in few documents")
    print(f"{len(effects)} of the rare ones change a score")
    _list("harm", [e for e in effects.values() if e.earned() < 0])
    _list("change the score and earn nothing", [e for e in effects.values() if e.earned() == 0])
    _list("earn in one lab alone", [e for e in effects.values() if e.earned() > 0 and len(e.labs()) == 1])
    _list("earn in several labs", [e for e in effects.values() if e.earned() > 0 and len(e.labs()) > 1])
    print("\nfolds of labs; the rare wordings are chosen by the labs outside the fold")
    count: dict[str, int] = defaultdict(int)
    for lab in labs.values():
        count[lab] += 1
    all_full, all_left = Evaluation(), Evaluation()
    for fold in deal(count, given.folds):
        outside = [lab for lab in count if lab not in fold]
        gone = frozenset(n for n in rare if n not in effects or effects[n].earned(outside) <= 0)
        inside = [(path, gold) for path, gold in tasks if labs[gold.document] in fold]
        full, left = Evaluation(), Evaluation()
        with ProcessPoolExecutor(given.jobs) as pool:
            claims = pool.map(read_without, [(path, off) for path, _ in inside for off in (frozenset(), gone)])
            for _, gold in inside:
                for results in ((full, all_full), (left, all_left)):
                    found = next(claims)
                    for result in results:
                        result.add(gold, found)
        print(f"{len(inside):3} documents, {len(gone):4} wordings off: {_figures(full)} -> {_figures(left)}")
    print(f"all folds: {_figures(all_full)} -> {_figures(all_left)}")
    return 0


def _list(title: str, effects: list[Effect]) -> None:
    print(f"\n{title}: {len(effects)}")
    for effect in sorted(effects, key=lambda e: (e.wording.source, e.earned())):
        wording = effect.wording
        changes = " ".join(f"{lab}:{effect.met[lab]:+}/{effect.false[lab]:+}" for lab in effect.labs())
        print(f"  {effect.earned():+4} in {effect.documents:2}  {wording.source}  {wording.words}  [{changes}]")


def _figures(result: Evaluation) -> str:
    figures: dict[str, Any] = result.figures()
    return f"chip F1 {figures[CHIP_TOTAL].f1:.3f}, fact F1 {figures[FACT_TOTAL].f1:.3f}"


if __name__ == "__main__":
    sys.exit(main())
