"""Model names on characters: known families with their version and size grammar, and a document's own names.

«DeepSeek-V2-Lite», «Llama 3.1 405B», «Qwen3-235B-A22B», «LLaMA65B», «盘古α-200B», «Yi-VL-34B». A name is split into
base (family with version, `llama 3.1`), size (`405B`) and variant words («Chat», «Instruct»).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from extractors.mentions.words import SpellingIndex, find_forms
from registry import Registry, Spelling

_SIZE = (
    r"(?:\d[Bb]\d(?![\dA-Za-z])|\d+(?:\.\d+)?\s?(?:B|M|b|m|T)(?![A-Za-z])(?:-A\d+(?:\.\d+)?B)?|"
    r"\d+x\d+(?:\.\d+)?[Bb](?![A-Za-z])|A\d+(?:\.\d+)?B(?![A-Za-z]))"
)
_VERSION = r"(?:[- ]?[vV]?\d+(?:\.\d+){0,2}(?![\d.]*\s?[BMTbmt](?![A-Za-z]))(?![\dA-Za-z]|,\d|%))"
_VARIANT_WORDS = (
    "Large|Small|Base|Medium|Huge|Tiny|Mini|mini|Nano|XXL|XL|Pro|Ultra|Flash|Turbo|Lite|lite|Plus|Max|Chat|chat|"
    "Instruct|instruct|Coder|Math|VL|MoE|Omni|omni|Audio|"
    "Vision|Thinking|Preview|Exp|Speciale|Terminus|Zero|zero|Dense|dense|Base|base|LARGE|BASE|large|small|Twin|SFT|RL|"
    "DPO|Distill|XT|C|R1|R|α|alpha|Deep|Think|IT|PT|NLG|"
    "Terminus|Next|Air|Opus|Sonnet|Haiku|Prover|Reasoner|big|Big|Edge|Micro|Embedding|Reranker|OCR|Code"
)
_UNLISTED = re.compile(
    r"(?<![A-Za-z0-9_/.-])(?!LAION|JFT|COYO|DataComp|LVD|Pile|CC-|C4|WebVid|OBELICS|FineWeb|RefinedWeb)"
    r"[A-Z][A-Za-z]{2,30}[A-Za-z0-9_.]{0,30}(?:-[A-Za-z][A-Za-z0-9_.]{0,30}){0,3}-\d+(?:\.\d+)?B(?![A-Za-z])"
    r"|(?<![\w/.-])[A-Z][A-Za-z]{0,30}[a-z][A-Z][A-Za-z]{0,30}\s\d+(?:\.\d+)?B(?![A-Za-z])"
    r"|(?<=[的了将把为对，。、（(：\s])[一-鿿]{2,4}-\d+(?:\.\d+)?B(?![A-Za-z])"
)
_PATCH = re.compile(r"-[A-Za-z]{1,2}/\d{1,2}(?!\d)|-[A-Za-z](?![\w-])")
# «SEED-LLaMA» is no LLaMA, but «Meta-Llama-3» is Llama 3 and «pre-BERT» speaks of BERT.
_COMPOUND = re.compile(
    r"(?<![A-Za-z0-9_/.@-])(?!(?:Non|Pre|Post|Anti|Multi|Vanilla|Original|Standard|Meta|Facebook|NVIDIA|Nvidia|Google|OpenAI|"
    r"Microsoft|Amazon|Huawei|Alibaba|IBM|Intel|AMD|HF|TRT|Megatron|Full|Base)-)[A-Z][A-Za-z0-9_.]*(?:-[A-Za-z0-9.]+)*-$"
)
_HYBRID = re.compile(r"(?<![\w+])[A-Z]\w{1,12}\+$")
_OWN_VARIANT = re.compile(
    r"[-–](?!Team|Style|Based|Paper|[A-Z][a-z]+(?:ing|ed)\b)[A-Z](?:[a-z]{0,7}|[A-Z0-9]{0,4})(?![\w-])"
)
# «BERT-wwm-ext» is no BERT
_DERIVED = re.compile(
    r"-(?!(?:style|like|based|type|family|class|level|sized?|only|scale|ish|to|and|or|as|is|vs|chat|base|large|small|"
    r"tiny|mini|zh|en|hf|it|pt|int\d|fp\d|awq|gptq|gguf|up|free|era|judge|eval)\b)[a-z]{2,6}(?:-(?:ext|large|base|small))*(?![\w-])"
)
_SIZE_IN = re.compile(rf"(?<![\d.]){_SIZE}")
_SELF = re.compile(
    r"(?<![A-Za-z])(?:[Oo]ur\s(?:\w+\s){0,3}?(?:models?|LLMs?|system|network|approach|method|family|series|versions?|"
    r"variant)|[Oo]urs?|[Ww]e|I(?=\s(?:\w+\s)?(?:pre-?train|train|fine-?tun|built|build|us(?:e|ed)\b|ran\b))|[Mm]y\s(?:\w+\s){0,2}models?|[Tt]his\s(?:test|experiment|benchmark)|(?:[Tt]his|[Tt]hese|[Tt]he\spresent)\s(?:models?|work|family|series|versions?)|"
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

    def __init__(self, families: Families, extra: Iterable[str] = ()) -> None:
        self._families = families
        self._extra = tuple(extra)
        self._weak = families.weak
        own = sorted({w.strip() for w in extra if len(w.strip()) > 1}, key=len, reverse=True)
        self._own = _index(Spelling(w, exact=len(w) < 5) for w in own)
        self._keys = families.index.keys | self._own.keys

    def allowing(self, text: str) -> ModelGrammar:
        """The same grammar for one document: «OPT» alone is a model's name in a text that holds «OPT-175B» too."""
        grammar = ModelGrammar(self._families, self._extra)
        grammar._weak = frozenset(
            w for w in self._weak if w not in text or not re.search(rf"(?<!\w){re.escape(w)}[-\s]?v?\d", text)
        )
        return grammar

    def find(self, text: str) -> list[ModelMention]:
        """Model names of a text in order, longest first.

        A weak name («Yi», «GPT») counts only with a version, a size or a family word after it.
        """
        found: list[ModelMention] = []
        for match, index in find_forms(text, (self._own, self._families.index), self._keys):
            if found and match.start() < found[-1].end:
                continue
            tail = self._families.tail.match(text, match.end())
            at = tail.end() if tail else match.end()
            if index is self._own and (further := _OWN_VARIANT.match(text, at)):
                at = further.end()
            if index is self._families.index and match[0][:1].isupper() and (derived := _DERIVED.match(text, at)):
                at = derived.end()
            if patch := _PATCH.match(text, at):
                at = patch.end()
            name = text[match.start() : at].rstrip(" -–_(（")
            if len(re.findall(r"[(（]", name)) > len(re.findall(r"[)）]", name)):
                name = re.split(r"\s?[(（]", name)[0]
            if len(re.findall(r"[)）]", name)) > len(re.findall(r"[(（]", name)):
                name = name.rstrip(")）")
            after = text[match.start() + len(name) : match.start() + len(name) + 4]
            if (patch := re.match(r"/\d{1,2}(?!\d)", after)) and re.search(r"-[A-Za-z]{1,2}$", name):
                name += patch[0]
            elif after[:1] == "/" and re.search(r"-[A-Z]$", name):
                name = name[:-2]
            start = match.start() + (name.index("/") + 1 if re.match(r"[A-Za-z][\w.-]+/[A-Za-z]", name) else 0)
            end = match.start() + len(name)
            name = text[start:end]
            if name.islower() and name.replace(" ", "").replace("-", "").isalpha():
                continue
            if end <= match.end() and index is self._families.index and match[0] in self._weak:
                continue
            if re.match(r"[a-z]", text[end : end + 1]) and text[end : end + 1] != "s":
                continue
            if joined := _HYBRID.search(text, max(0, start - 16), start):
                start, name = joined.start(), joined[0] + name
            if (
                name[0].isupper()
                and index is self._families.index
                and (compound := _COMPOUND.search(text, max(0, start - 40), start))
            ):
                start, name = compound.start(), compound[0] + name
                found = [f for f in found if f.end <= start]
            found.append(split_name(name, start, end))
        return _with_unlisted(text, found)


def _with_unlisted(text: str, found: list[ModelMention]) -> list[ModelMention]:
    """Adds names that nobody lists but that wear their size: «EuroLLM-1.7B»."""
    extra = [
        split_name(m[0], m.start(), m.end())
        for m in _UNLISTED.finditer(text)
        if not any(f.start < m.end() and m.start() < f.end for f in found)
    ]
    return sorted([*found, *extra], key=lambda f: f.start) if extra else found


@lru_cache(maxsize=16384)
def split_name(name: str, start: int = 0, end: int = 0) -> ModelMention:
    """A name taken apart: «Qwen3-235B-A22B-Base» has base `qwen3`, size `235b-a22b` and variant `base`."""
    size = _SIZE_IN.search(name, 1)
    rest = name[: size.start()] if size else name
    after = name[size.end() :] if size else ""
    variant = re.search(
        r"(?:[-–\s_]?[\(（]?(?:Chat|chat|Instruct|instruct|SFT|RL|DPO|IT|PT|Base|base)(?![A-Za-z])[\)）]?)+$", rest
    )
    base = rest[: variant.start()] if variant and variant.start() > 1 else rest
    tail = after or (variant[0] if variant and variant.start() > 1 else "")
    return ModelMention(name, start, end, fold(base), size[0].lower().replace(" ", "") if size else "", fold(tail))


def find_selves(text: str) -> list[tuple[int, int]]:
    """Where a text speaks of its own work: «we», «our model», «本模型»."""
    return [m.span() for m in _SELF.finditer(text)]


@dataclass(frozen=True, slots=True)
class Families:
    """The registry's families as the grammar uses them: their names, which of these need a tail, and the tail."""

    index: SpellingIndex
    tail: re.Pattern[str]
    weak: frozenset[str]
    hardware: frozenset[str] = frozenset()
    """Folded names of chips, machines and developers, which are no models: «Gaudi®-2 vs A100» presents none."""


@lru_cache(maxsize=4)
def model_families(registry: Registry) -> Families:
    """The families of a registry, compiled once."""
    spellings = {s for m in registry.models for s in m.spellings()}
    words = {w for m in registry.models for w in m.words if not re.fullmatch(r"[\d.]+[BMT]?|[a-z]{1,3}", w)}
    tails = "|".join(sorted((re.escape(w) for w in words), key=len, reverse=True))
    tail = re.compile(
        rf"(?:{_VERSION}|[-– _]?[\(（]?{_SIZE}[\)）]?|[-– _]?[\(（]?(?:{tails}|{_VARIANT_WORDS})"
        rf"(?![A-Za-z]|-to-|\d[A-Z](?!\w))[\)）]?|[-– _][vV]\d+(?:\.\d+)*(?![\dA-Za-z]))*"
    )
    hardware = {fold(s.text) for chip in registry.chips for s in chip.spellings()}
    hardware |= {fold(s.text) for system in registry.systems for s in system.spellings()}
    named = {fold(s.text) for s in spellings}
    hardware |= {name for d in registry.developers for s in d.spellings() if (name := fold(s.text)) not in named}
    return Families(_index(spellings), tail, frozenset(s.text for s in spellings if s.weak), frozenset(hardware))


def _index(spellings: Iterable[Spelling]) -> SpellingIndex:
    return SpellingIndex(spellings, after=r"(?=s?(?![a-z])|[A-Z0-9])")
