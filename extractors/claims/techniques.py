"""Techniques that the document's own work uses: mixture of experts, tensor parallelism, FlashAttention, distillation.

Every naming is weighed where it stands (`adoption`), namings of one technique and model make one claim, and a technique
named only in passing («methods such as LoRA», related work, future work, «without tensor parallelism») makes none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from extractors.claim import ClaimType, Stage
from extractors.claims.adoption import Adoption, draft_namings, name_places, weigh_naming
from extractors.claims.draft import Draft
from extractors.claims.scene import Sentence, Tools
from extractors.claims.variants import is_variant
from extractors.mentions.models import split_name
from extractors.mentions.techniques import TechniqueGrammar, TechniqueMention, technique_rows
from extractors.text import Kind, Text

_UNSAID = -0.5
_CLEAR = 2.0
_SHOWN = 4
_TWICE = 2
_BASE = -0.6
_BRACKET = re.compile(r"[^()（）]{0,14}[(（]\s?")
_EXPERTS = re.compile(r"(?<![A-Za-z])MoE(?![a-z])|\bexperts?\b|专家", re.I)
_SERVING = {"quantization", "kv-cache-compression", "speculative-decoding", "prefill-decode-disaggregation"}


Naming = tuple[Sentence, TechniqueMention, int, int]


@dataclass(frozen=True, slots=True)
class _Veto:
    technique: str
    side: str
    pattern: re.Pattern[str]


@cache
def _vetoes() -> tuple[_Veto, ...]:
    return tuple(_Veto(r["technique"], r["side"], re.compile(r["pattern"], re.I)) for r in technique_rows("veto"))


def read_techniques(text: Text, tools: Tools, grammar: TechniqueGrammar) -> Iterator[Draft]:
    """The techniques of a document's own work, several drafts for one that several sentences state."""
    if tools.profile.main is None:
        return
    main = tools.profile.main.name
    names = [n for n in tools.profile.names if tools.profile.is_own(split_name(n))]
    variants = [n for n in names if is_variant(n, main)]
    found: dict[str, list[Adoption]] = defaultdict(list)
    clear: Counter[str] = Counter()
    told: Counter[tuple[str, int, int]] = Counter()
    for sentence, mention, start, end in _known(name_places(text, tools, grammar.find_in)):
        place = (mention.id, sentence.place, sentence.start)
        known = clear[mention.id] >= _SHOWN and not _differs(sentence, variants)
        repeated = told[place] >= _TWICE and sentence.block.kind is not Kind.TABLE
        if known or repeated or _vetoed(sentence, mention, start, end):
            continue
        told[place] += 1
        for naming in weigh_naming(sentence, start, end):
            found[mention.id].append(naming)
            clear[mention.id] += naming.strength > _CLEAR
    yield from draft_namings(ClaimType.TECHNIQUE, _allot(found, main), _BASE, _stage)


def _stage(technique: str, _: Adoption) -> Stage:
    return Stage.INFERENCE if technique in _SERVING else Stage.TRAINING


def _differs(sentence: Sentence, variants: list[str]) -> bool:
    """Whether a sentence may speak of a variant: it or its heading names one, or it is a row of a table."""
    return sentence.block.kind is Kind.TABLE or any(
        v in t for v in variants for t in (sentence.text, *sentence.block.section)
    )


def _allot(found: dict[str, list[Adoption]], main: str) -> Iterator[tuple[str, Adoption]]:
    """The namings by technique; what is said of experts is said of the only variant with some («X-40B is a MoE»)."""
    sparse = _sparse(found.get("mixture-of-experts", []), main)
    for technique, namings in found.items():
        for naming in namings:
            if naming.subject.name == main != sparse and _EXPERTS.search(naming.sentence.text):
                naming = replace(naming, subject=replace(naming.subject, name=sparse))
            yield technique, naming


def _sparse(namings: list[Adoption], main: str) -> str:
    """The model that has experts: a variant where the document says so far more clearly of it than of the main one."""
    best: dict[str, float] = {main: _UNSAID}
    for naming in namings:
        strength = naming.strength - (1.0 if naming.subject.how == "main" else 0.0)
        best[naming.subject.name] = max(best.get(naming.subject.name, _UNSAID), strength)
    clearest = max(best, key=lambda name: best[name])
    return clearest if best[clearest] > max(best[main] + 0.5, -_BASE - 1.0) else main


def _known(namings: Iterable[Naming]) -> Iterator[Naming]:
    """The namings with abbreviations joined to the names they stand for: «tensor parallelism (TP)» is one naming.

    A bare abbreviation that also means other things («TP», «CP») counts once the document has said so.
    """
    known: set[str] = set()
    last: Naming | None = None
    for sentence, mention, start, end in namings:
        if (
            last
            and last[0] is sentence
            and last[1].id == mention.id
            and _BRACKET.fullmatch(sentence.text[last[3] : start])
        ):
            known.add(mention.printed)
            last = (sentence, last[1], last[2], end)
            continue
        if last:
            yield last
        last = None if mention.code and mention.printed not in known else (sentence, mention, start, end)
    if last:
        yield last


def _vetoed(sentence: Sentence, mention: TechniqueMention, start: int, end: int) -> bool:
    text = sentence.text
    for veto in _vetoes():
        if veto.technique == mention.id:
            runs = (
                sentence.block.section
                if veto.side == "heading"
                else (text[max(0, start - 120) : start] + "¦" + text[start:end] + "¦" + text[end : end + 80],)
            )
            if any(veto.pattern.search(run) for run in runs):
                return True
    return False
