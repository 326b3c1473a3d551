"""Whose document it is: the models it presents as its own, their variants, and the developer.

Found from title, headings, the file's own words («we introduce X», «X Technical Report», «# X») and how often a name stands.
A document may have no model of its own (a survey, a rule, a filing): then nothing in it is an own fact.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from extractors.lexicon import load_lexicon
from extractors.mentions.models import ModelGrammar, ModelMention, fold, split_name
from extractors.text import Kind, Text

_NAME = r"[A-Za-z一-鿿][\w.+αβ·‐-–-]*(?:[\s-](?:[vV]?\d[\w.]*|[A-Z][\w.+-]*)){0,4}"
_OPENING = 9000
_LEAD_WORDS = re.compile(r"^(?:The|A|An|Our|Model Card for|Model card for|Introducing|Announcing|Releasing|Welcome to|Meet|Open[- ]sourcing|Introduction to|About|发布|介绍)\s+", re.I)
_TRAIL_WORDS = re.compile(
    r"[\s:：,，.-]*(?:(?:'s|’s)\s.*|Technical Report.*|Tech Report.*|Model Card.*|System Card.*|README.*|Report\b.*|Release.*|模型(?:介绍)?$|技术报告.*|大模型$|Paper\b.*|"
    r"Inference System.*|Deployment Guid.*|vLLM.*|SGLang.*|Blog.*|Overview.*|Documentation.*|is (?:here|out).*|[:：].*|[|—–]\s.*|- .*|\(.*\)$|（.*）$)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Own:
    """A model of the document's own: the name as it stands most often, and its folded base."""

    name: str
    base: str
    score: float


@dataclass(frozen=True)
class Profile:
    """What a document is about. `main` is the model that «we», «it» and silence mean; None when it has none of its own."""

    main: Own | None
    own: tuple[Own, ...]
    developer: str
    language: str
    first_person: bool
    names: Counter[str] = field(default_factory=Counter)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Folded bases of the own models, longest first."""
        return tuple(sorted({o.base for o in self.own}, key=len, reverse=True))

    def is_own(self, mention: ModelMention) -> bool:
        """Whether a name is one of the own models or a variant of one: «Qwen3-8B» of Qwen3, never «Qwen2.5-72B»."""
        return any(_belongs(mention.base, base) or _belongs(mention.key, base) for base in self.bases)

    def variant(self, size: str) -> str | None:
        """The own variant of a size («405B») as the document names it, or composed from the main name."""
        if self.main is None:
            return None
        folded = size.lower().replace(" ", "")
        best: tuple[int, str] | None = None
        for name, count in self.names.items():
            mention = split_name(name)
            if mention.size == folded and self.is_own(mention) and not mention.variant and (best is None or count > best[0]):
                best = (count, name)
        if best:
            return best[1]
        stem = split_name(self.main.name)
        bare = self.main.name
        if stem.size:
            cut = re.search(rf"[-\s_]*{re.escape(stem.size)}", self.main.name, re.I)
            bare = self.main.name[: cut.start()] if cut else bare
        return f"{bare} {size}" if stem.size != folded else self.main.name


def _belongs(name: str, base: str) -> bool:
    if not name.startswith(base):
        return False
    rest = name[len(base) :]
    return not rest or not (rest[0] == "." or (rest[0].isdigit() and base[-1].isdigit()) or re.match(r"v?\d+(?:\.\d+)?(?![\d.]*[bmt])", rest))


def profile_document(text: Text, families: tuple[str, ...], title: str = "", developer: str = "") -> tuple[Profile, ModelGrammar]:
    """The profile of a document and the grammar that finds its own names beside the known ones.

    `title` and `developer` are what the source's record says of the document, empty when nothing is known.
    """
    patterns = load_lexicon("subjects.toml", {"present": {"pattern", "weight"}, "never": {"names"}})
    never = {fold(n) for row in patterns["never"] for n in row["names"]}
    opening = _opening(text)
    known = ModelGrammar(families)
    scores: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}

    def add(name: str, weight: float) -> None:
        name = _clean(name)
        mention = split_name(name)
        if len(mention.base) < 2 or mention.base in never or mention.base.isdigit():
            return
        scores[mention.base] += weight  # type: ignore[assignment]
        forms.setdefault(mention.base, Counter())[name] += 1

    titles = [t for t in (title, text.title, *_first_headings(text)) if t]
    for rank, line in enumerate(titles):
        weight = 60.0 if rank < 2 else 25.0
        inside = known.find(line)
        for mention in inside:
            add(mention.name, weight if mention.start < 40 else weight / 3)
        if (name := _title_name(line)) and not inside:
            add(name, weight if re.search(r"[\d\-]|[a-z][A-Z]|^[A-Z]{2}", name) else weight / 2)
    for row in patterns["present"]:
        for match in re.finditer(str(row["pattern"]).replace("{name}", f"(?P<name>{_NAME})"), opening):
            inside = known.find(match["name"]) or known.find(opening[match.start("name") : match.end("name") + 20])
            add(inside[0].name if inside and inside[0].start < 3 else match["name"], float(row["weight"]))
    whole = "\n".join(page.text[: _references(page)] for page in text.pages)
    grammar = ModelGrammar(families, _extra_names(scores, forms))
    counts: Counter[str] = Counter(m.name for m in grammar.find(whole))
    by_base: Counter[str] = Counter()
    for name, count in counts.items():
        by_base[split_name(name).base] += count
    for base, count in by_base.items():
        if base in scores:
            scores[base] += min(30, count) / 2  # type: ignore[assignment]
    own = sorted(
        (Own(_best_form(base, forms[base], counts), base, score) for base, score in scores.items() if score >= 20),
        key=lambda o: (-o.score, o.base),
    )
    own = [o for i, o in enumerate(own) if i < 6 and o.score >= 0.25 * own[0].score]
    first_person = len(re.findall(r"\b(?:[Ww]e|[Oo]ur)\b|我们|我們|本模型|本项目", whole[:60000])) >= 2
    return Profile(own[0] if own else None, tuple(own), developer, text.language, first_person, counts), grammar


def _extra_names(scores: Counter[str], forms: dict[str, Counter[str]]) -> list[str]:
    return [name for base, score in scores.items() if score >= 12 for name in forms[base] if len(name) > 2 or not name.isalpha()]


def _best_form(base: str, forms: Counter[str], counts: Counter[str]) -> str:
    written = [name for name in counts if split_name(name).base == base and not split_name(name).size] or list(forms)
    return max(written, key=lambda n: (counts[n], forms[n], n))


def _opening(text: Text) -> str:
    parts: list[str] = []
    size = 0
    for page, block in text.blocks():
        if block.kind in (Kind.PARAGRAPH, Kind.ITEM, Kind.HEADING):
            parts.append(page.text[block.start : block.end])
            size += block.end - block.start
        if size > _OPENING:
            break
    return "\n".join(parts)


def _first_headings(text: Text) -> list[str]:
    found: list[str] = []
    for page, block in text.blocks():
        if block.kind is Kind.HEADING:
            found.append(page.text[block.start : block.end])
        if len(found) == 2:
            break
    return found[:2]


def _references(page: object) -> int:
    for block in page.blocks:  # type: ignore[attr-defined]
        if block.kind is Kind.REFERENCE:
            return int(block.start)
    return 10**9


def _clean(name: str) -> str:
    name = re.sub(r"\s+", " ", name).strip(" .,:;-–—*_`'\"“”「」『』《》【】()（）")
    return _TRAIL_WORDS.sub("", _LEAD_WORDS.sub("", name)).strip(" .,:;-–—")


def _title_name(line: str) -> str | None:
    head = re.split(r"[:：|]|\s[—–-]\s", line, maxsplit=1)[0]
    name = _clean(head)
    words = name.split()
    if not words or len(words) > 4 or len(name) > 40:
        return None
    if re.search(r"\d|[a-z][A-Z]|[A-Z]{2,}|[A-Za-z]-[A-Z]", name) or (len(words) == 1 and len(head) < len(line) and name[:1].isupper()):
        return name if not re.search(r"(?i)\b(?:abstract|introduction|contents|overview|install|update|news|quick\s?start)\b", name) else None
    return None
