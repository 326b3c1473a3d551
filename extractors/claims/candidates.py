"""Names that may be a document's own, with what speaks for each: where they stand, and how often."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from extractors.claims.profile import SUBJECTS, Own, architectures, belongs, software
from extractors.claims.titles import clean_name
from extractors.claims.untitled import tells_kind
from extractors.lexicon import load_lexicon
from extractors.mentions.models import fold, split_name

_SHORT = 4000
_NAME_LIKE = re.compile(
    r"^(?!.*(?:Attention|Dataset|Benchmark|Bench|Framework|Algorithm|Optimizer|Loss|Team|Lab|Labs|Corpus|Institute|"
    r"University)$)(?!(?:Day|Part|Step|Stage|Phase|Chapter|Section|Figure|Fig|Table|Version|Update|Appendix|Form|Note|"
    r"News)\b(?!-))"
    r"(?:(?=\S*\d)[A-Za-z][\w.+αβ-]*|(?=\S*[A-Z])[A-Za-z]+(?:-[A-Za-z0-9.]+)+|[A-Z]+[a-z]*[A-Z]\w*|[A-Z][^\W\d_A-Z一-鿿]{2,14}|"
    r"[一-鿿]{2,8})(?:[\s-](?:[vV]?\d[\w.]*|[A-Z][A-Za-z0-9.]{1,10})){0,2}$"
)
_NO_NAME = re.compile(  # formats of numbers, questions, and pages about doing things
    r"^(?:(?:NV|MX)?FP\d+|BF16|INT\d|NF4|Q\d+)$|^[一-鿿]*(?:框架|平台|系统|项目|工具)$|[一-鿿](?:要求|需求|说明|介绍|指南|教程|环境|配置|文档|实践|方法|笔记|总结)$",
    re.I,
)


class Candidates:
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


def _stem(base: str) -> str:
    return re.sub(r"v?\d[\d.]*.*$", "", base) or base
