"""Model names on characters: known families with their version and size grammar, and the names a document makes its own.

«DeepSeek-V2-Lite», «Llama 3.1 405B», «Qwen3-235B-A22B», «LLaMA65B», «盘古α-200B», «Yi-VL-34B». A name is split into base
(family with version, `llama 3.1`), size (`405B`) and variant words («Chat», «Instruct»).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from registry import Registry

_SIZE = r"(?:\d+(?:\.\d+)?\s?(?:B|M|b|m|T)(?![A-Za-z])(?:-A\d+(?:\.\d+)?B)?|\d+x\d+(?:\.\d+)?[Bb](?![A-Za-z])|A\d+(?:\.\d+)?B(?![A-Za-z]))"
_VERSION = r"(?:[-\s]?[vV]?\d+(?:\.\d+){0,2}(?![\d.]*\s?[BMTbmt](?![A-Za-z]))(?![\dA-Za-z]|,\d|%))"
_VARIANT_WORDS = (
    "Large|Small|Base|Medium|Huge|Tiny|Mini|mini|Nano|XXL|XL|Pro|Ultra|Flash|Turbo|Lite|lite|Plus|Max|Chat|chat|Instruct|instruct|Coder|Math|VL|MoE|Omni|omni|Audio|"
    "Vision|Thinking|Preview|Exp|Speciale|Terminus|Zero|zero|Dense|dense|Base|base|LARGE|BASE|large|small|Twin|SFT|RL|DPO|Distill|XT|C|R1|R|α|alpha|Deep|Think|IT|PT|NLG|"
    "Terminus|Next|Air|Opus|Sonnet|Haiku|Prover|Reasoner|big|Big|Edge|Micro|Embedding|Reranker|OCR|Image|Video|Code|Tulu|Story|Writer|Search|Research"
)
_VARIANT = rf"(?:[-–\s_]?[\(（]?(?:{_VARIANT_WORDS})(?![A-Za-z])[\)）]?)"
_TAIL = re.compile(rf"(?:{_VERSION}|[-–\s_]?[\(（]?{_SIZE}[\)）]?|{_VARIANT}|[-–\s_][vV]\d+(?:\.\d+)*(?![\dA-Za-z]))*")
_SIZE_IN = re.compile(rf"(?<![\d.]){_SIZE}")
_SELF = re.compile(
    r"(?<![A-Za-z])(?:[Oo]ur\s(?:\w+\s){0,3}?(?:models?|LLMs?|system|network|approach|method|family|series|versions?|variant)|[Oo]urs?|[Ww]e|(?:[Tt]his|[Tt]hese|[Tt]he\spresent)\s(?:models?|work|family|series|versions?)|"
    r"us)(?![A-Za-z])|我们(?:的)?(?:模型)?|我們|本模型|本文|该模型|该系列(?:模型)?|本项目|私たち|本研究|当モデル"
)


@dataclass(frozen=True, slots=True)
class ModelMention:
    """A model named at `start:end`; `base` and `size` are folded for comparison (`llama3.1`, `405b`)."""

    name: str
    start: int
    end: int
    base: str
    size: str = ""
    variant: str = ""

    @property
    def key(self) -> str:
        """The whole name, folded."""
        return fold(self.name)


def fold(name: str) -> str:
    """A name for comparison: lower case, letters, digits and the points of versions alone."""
    return re.sub(r"[^\w.]|_", "", name.lower()).strip(".")


class ModelGrammar:
    """Finds model names: the registry's families and, per document, `extra` names of its own."""

    def __init__(self, families: Iterable[str], extra: Iterable[str] = ()) -> None:
        words = {w.strip() for w in (*families, *extra) if len(w.strip()) > 1}
        self._heads = sorted(words, key=len, reverse=True)
        forms = "|".join(_flexible(w) for w in self._heads)
        self._pattern = re.compile(rf"(?:(?<![A-Za-z0-9])|(?<=[a-z]/))(?:{forms})(?=s?(?![a-z])|[A-Z0-9])") if forms else None

    def find(self, text: str) -> list[ModelMention]:
        """Model names of a text in order, longest first."""
        if self._pattern is None:
            return []
        found: list[ModelMention] = []
        for match in self._pattern.finditer(text):
            if found and match.start() < found[-1].end:
                continue
            tail = _TAIL.match(text, match.end())
            end = tail.end() if tail else match.end()
            name = text[match.start() : end].rstrip(" -–_(（")
            if name.count("(") > name.count(")"):
                name = name[: name.rindex("(")].rstrip()
            end = match.start() + len(name)
            if re.match(r"[a-z]", text[end : end + 1]) and not text[end : end + 1] == "s":
                continue
            found.append(split_name(name, match.start(), end))
        return found


def split_name(name: str, start: int = 0, end: int = 0) -> ModelMention:
    """A name taken apart: «Qwen3-235B-A22B-Base» has base `qwen3`, size `235b-a22b` and variant `base`."""
    size = _SIZE_IN.search(name, 1)
    rest = name[: size.start()] if size else name
    after = name[size.end() :] if size else ""
    variant = re.search(rf"(?:[-–\s_]?[\(（]?(?:Chat|chat|Instruct|instruct|SFT|RL|DPO|IT|PT|Base|base)(?![A-Za-z])[\)）]?)+$", rest)
    base = rest[: variant.start()] if variant and variant.start() > 1 else rest
    tail = after or (variant[0] if variant and variant.start() > 1 else "")
    return ModelMention(name, start, end, fold(base), size[0].lower().replace(" ", "") if size else "", fold(tail))


def find_selves(text: str) -> list[tuple[int, int]]:
    """Where a text speaks of its own work: «we», «our model», «本模型»."""
    return [m.span() for m in _SELF.finditer(text)]


@lru_cache(maxsize=4)
def family_names(registry: Registry) -> tuple[str, ...]:
    """Every written form of every known model family."""
    return tuple(sorted({s.text for m in registry.models for s in m.spellings() if not s.weak}))


def _flexible(name: str) -> str:
    parts = [re.escape(p) for p in re.split(r"[\s\-–]+", name) if p]
    return r"[\s\-–]?".join(parts)
