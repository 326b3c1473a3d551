"""Chips as texts name them, on characters: «H800», «A100-SXM4-80GB», «32GB Nvidia V100», «TPUv3», «昇腾910», «8卡H20».

The vocabulary is the registry's; the grammar around it (vendor, form factor, memory size, the noun that follows) is
here. An id is the registry's, the finest that the print allows: «A100 (40GB)» is `nvidia-a100-40gb`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from extractors.mentions.spellings import any_of
from registry import Registry, Spelling
from registry.tables import fold

DEVICE = (
    r"(?:AI\s|GPU\s|graphics\s|Tensor[\s-]Core\s|tensor\sprocessing\s)?(?:GPUs?|TPUs?|NPUs?|accelerators?|chips?|cards?|"
    r"graphics\scards?|AI\sprocessors?|processors?|devices?|cores?|boards?|显卡|顯卡|显示卡|加速卡|计算卡|算力卡|加速器|芯片|处理器|卡)"
)
"""The noun of an unnamed chip; which of them counts is the caller's question («cores» of a CPU do not)."""

ARCHITECTURE = (
    r"(?:(?:Kepler|Maxwell|Pascal|Volta|Turing|Ampere|Ada(?:\sLovelace)?|Hopper|Blackwell(?:\sUltra)?)"
    r"(?:\sarchitecture|-based|-class)?\s)"
)
"""NVIDIA's name of a generation, which leaves the chip unnamed: «64 Hopper GPUs»."""

_OWNED = "(?:’s|'s)?"
_VENDOR = (
    rf"(?:(?:NVIDIA|Nvidia|AMD|Google){_OWNED}|nVidia|nvidia|英伟达|英偉達|辉达|輝達|Tesla|Quadro|GeForce|Instinct|Huawei|HUAWEI|华为|華為|"
    r"Cloud|国产|Intel)"
)
_FORM = r"(?:[\s_-]?(?:SXM\d?|PCI[Ee]|NVL\d*|HBM\d?e?|OAM|HGX|DGX))*"
_SIZE = r"(?<!\d)\d{2,3}\s?G(?:i?B)?(?![A-Za-z0-9])"
_MEMORY = (
    rf"(?:\s?[(（]\s?(?:(?:SXM\d?|PCI[Ee]|HBM\d?e?|with|\d{{1,2}}\s?[×x])[\s,-]{{0,2}}){{0,2}}{_SIZE}[^()（）]{{0,24}}[)）]"
    rf"|[\s_-]{{0,2}}(?:with\s)?{_SIZE}(?:\s(?:HBM\w*|V?RAM|memory)(?![A-Za-z])|\s?显存)?)?"
)
_NOUN = (
    r"(?:(?:’s|'s|s)?(?:\s|-)?(?P<noun>(?:Tensor[\s-]Core\s)?(?:GPUs?|AI\sprocessors?|processors?|accelerators?|NPUs?|cards?|"
    r"chips?|cores?|devices?|系列|显卡|加速卡|加速器|(?:AI\s?)?(?:芯片|处理器)|卡)(?![A-Za-z])))?"
)
_TRAILING_MEMORY = re.compile(
    rf"\s(?:(?:GPUs?|cards?|chips?)\s)?(?:each\s)?(?:with|having|of)\s{_SIZE}\s?(?:of\s)?(?:V?RAM|(?:GPU\s)?memory|HBM\w*)",
    re.IGNORECASE,
)
_LEADING_MEMORY = re.compile(rf"(?<![\d.])\d{{2,3}}\s?-?G(?:i?B)?[\s-](?:{_VENDOR}[\s-])*$")
_LEADING_VENDOR = re.compile(rf"(?:{_VENDOR}[\s-]?)+$")
_GIGABYTES = re.compile(r"(\d{2,3})\s?-?G")
# «one A100 (40G * 8) server»
_BOXED = re.compile(r"G(?:i?B)?\s?[×xX*✕]\s?(\d{1,2})\s?[)）]")
_FORM_FACTOR = re.compile(r"SXM\d?|PCI[Ee]|NVL")
_PSEUDO = re.compile(
    r"[\s-](?:equivalents?|class\b|level\b|like\b|style\b|等效|等价|级别)|(?:等效|等价|级别)", re.IGNORECASE
)
_PSEUDO_BEFORE = re.compile(
    r"(?:等效|相当|等同|等价|折合)(?:[于为到约\s]|大约)*(?:[\d.,万千]+\s?[张块卡颗片个]?\s?)?$"
    r"|\b(?:equivalent|equal)(?:\sof|\sto)\s(?:about\s|roughly\s|around\s|some\s|the\s)?(?:[\d.,]+[KM]?\s)?$",
    re.IGNORECASE,
)
# «Ascend» is a verb at the head of a sentence: «Ascend the stairs».
_VERB = re.compile(r"\s(?:the|to|from|in|into|through|up|towards?|an?|above|beyond)\b")

_UNNAMED = re.compile(
    r"(?:[GTN]PUs?|Tensor\sProcessing\sUnits?|AI\s(?:accelerators?|chips?)|accelerators?|AI\s?(?:加速)?(?:芯片|卡)|[显顯]卡|"
    r"加速(?:卡|器|芯片)|(?:计算|算力|智算)卡|国产(?:AI)?(?:芯片|卡))(?![A-Za-z])"
)
_UNNAMED_VENDOR = re.compile(rf"(?:{_VENDOR}[\s-]?(?:Ascend\s)?|(?P<architecture>(?:{_VENDOR}\s)?{ARCHITECTURE}))$")
_UNNAMED_IDS = {"gpu": "gpu", "tpu": "tpu", "npu": "npu", "acc": "accelerator", "ten": "tpu", "ai ": "accelerator"}

_FIELD = re.compile(
    r"(?i:nvidia|tesla|gpus?\b|tensor core|graphics|cuda|vram|rtx|apple|macbook|\bmac\b|inference|deploy|tflops|mlperf|"
    r"npu)|[显顯]卡|英伟达|显存|[张块卡]|推理|部署|集群|算力|昇腾|Ascend|Huawei|华为|CANN"
)
_LABEL_BEFORE = re.compile(
    r"(?:\b(?:figs?\.?|figures?|tables?|tab\.|sections?|sec\.|appendix|appendices|eqs?\.?|equations?|tasks?|steps?|levels?|"
    r"theorems?|lemmas?|rows?|columns?|phases?|stages?|layers?|questions?|items?|group|class|grade|type|size)|"
    r"[图表第])[\s(]{0,2}$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\s?(?:,|/|、|，|&|\+|and|or|vs\.?|和|与|或|及)\s?(?:and\s|or\s)?(?:an?\s)?")
_USED_BEFORE = re.compile(
    r"(?:[\d)]\s?[×xX*]|[张块卡颗片枚在用于以]|(?<![\d.,])\d{1,5}|[(（]|"
    r"\b(?:one|two|four|eight|single|an?|the|per|on|using|with|than|to|of|for|vs\.?|idle))\s?$"
)
_COUNTABLE = re.compile(
    r"\s(?:steps|iterations|samples|tokens|examples|images|videos|problems|questions|pages|hours|days|words|items|tasks|"
    r"instances|documents|lines|rows|epochs|users|people|papers|parameters)\b"
)
_NAMED_BEFORE = re.compile(r"(?<![A-Za-z])(?!(?i:nvidia|tesla|huawei|ascend|google|amd|intel)-)[A-Za-z][A-Za-z0-9.]*-$")
_TIMES_BEFORE = re.compile(r"[\d)]\s?[×xX*]\s?$")
_SHORTHAND = re.compile(r"(?<![A-Za-z0-9-])v(?P<generation>2|3|4|5e|5p|6e)-(?P<slice>\d{1,5})(?![\w.])")
# «- 2x v5e-256»: where they are counted, nobody needs to say that they are TPUs.
_SLICES = re.compile(r"(?<!\S)\d{1,2}\s?[x×]\s?v(?:2|3|4|5e|5p|6e)-\d{1,5}(?![\w.])")
_POD = re.compile(r"(?:Cloud\s)?TPU\s[Pp]ods?\s[vV](?P<generation>2|3|4|5e|5p|6e)-(?P<slice>\d{1,5})(?![\w.])")

_PARTABLE = re.compile(r"([A-Z])(\d{3})")  # «8 V-100 GPUs»


@dataclass(frozen=True, slots=True)
class ChipMention:
    """A chip named at `start:end`: `generic` when the text leaves it unnamed («8 GPUs»), `cores` where cores count.

    `slice` is the number in a TPU slice's name («TPU v3-256»), and `per_unit` the chips of one box of a named system
    («DGX A100»: 8).
    """

    id: str
    name: str
    start: int
    end: int
    printed: str
    generic: bool = False
    cores: bool = False
    slice: int | None = None
    per_unit: int | None = None


class ChipGrammar:
    """Finds chips in a text by the registry's vocabulary; build it once per registry (`chip_grammar`)."""

    def __init__(self, registry: Registry) -> None:
        self._known: dict[str, str] = {}
        self._units: dict[str, int] = {}
        self._weak: set[str] = set()
        self._names = {chip.id: chip.name for chip in registry.chips}
        self._lineage = {chip.id: registry.lineage(chip.id) for chip in registry.chips}
        self._members = _members(registry)
        forms: dict[str, Spelling] = {}
        for chip in registry.chips:
            if not chip.generic and chip.kind != "cpu":
                for spelling in chip.spellings():
                    self._learn(spelling, chip.id, forms)
        for system in registry.systems:
            per_unit = system.chips[0].per_unit if len(system.chips) == 1 else None
            boxed = system.kind in ("server", "board", "instance", "rack")
            if per_unit and boxed and not registry.chip(system.chips[0].chip).generic:
                for spelling in system.spellings():
                    if fold(spelling.text) not in self._known:
                        self._learn(spelling, system.chips[0].chip, forms)
                        self._units[fold(spelling.text)] = per_unit
        self._named = re.compile(
            rf"(?<![A-WYZa-wyz0-9])(?<![^0-9][xX])(?<!^[xX])(?P<core>{any_of(forms.values())})(?:-(?P<slice>\d{{1,5}})(?![\dA-Za-z.]))?"
            rf"(?=GPUs?\b|NPUs?\b|AI[一-鿿]|s?(?![A-Za-z0-9]|\.\d)|[xX]\d{{1,5}}(?![A-Za-z0-9]))(?P<build>{_FORM}{_MEMORY}{_FORM}){_NOUN}"
        )

    def _learn(self, spelling: Spelling, chip: str, forms: dict[str, Spelling]) -> None:
        self._known.setdefault(fold(spelling.text), chip)
        forms.setdefault(spelling.text, spelling)
        if parted := _PARTABLE.fullmatch(spelling.text):
            forms.setdefault(f"{parted[1]}-{parted[2]}", replace(spelling, text=f"{parted[1]}-{parted[2]}"))
        if spelling.weak or (spelling.exact and len(spelling.text) == 2):
            self._weak.add(spelling.text)

    def find(self, text: str) -> list[ChipMention]:
        """Chips of a text in order; unnamed ones too. «A100-equivalent» and «H100-class» name none."""
        found = self._find_named(text)
        starts = [m.start for m in found]
        unnamed: list[ChipMention] = []
        for match in _UNNAMED.finditer(text):
            mention = _read_unnamed(text, match)
            if mention is None:
                continue
            near = found[max(0, bisect_right(starts, mention.start) - 1) : bisect_left(starts, mention.end)]
            if not any(mention.start < m.end for m in near):
                unnamed.append(mention)
        return sorted(found + unnamed, key=lambda m: m.start) if found else unnamed

    def _find_named(self, text: str) -> list[ChipMention]:
        found: list[ChipMention] = []
        doubtful: list[ChipMention] = []
        for match in self._matches(text):
            mention = self._read(text, match, found[-1].end if found else 0)
            if mention is None:
                continue
            last = found[-1] if found else None
            gap = text[last.end : mention.start] if last else ""
            if last is not None and gap in ("", " ", "-") and last.id in self._lineage[mention.id][1:]:
                found[-1] = replace(mention, start=last.start, printed=text[last.start : mention.end])
            elif match["core"] not in self._weak or _is_supported(text, match):
                found.append(mention)
            elif not _is_name_of_another(text, match.start()):
                doubtful.append(mention)
        if "TPU" in text or _SLICES.search(text):
            found += self._find_slices(text, found)
        if doubtful and found:
            found += [m for m in doubtful if any(_vouches(text, m, other) for other in found)]
        return sorted(found, key=lambda m: m.start)

    def _matches(self, text: str) -> Iterator[re.Match[str]]:
        """The names of a text, the longer of two that overlap: «Huawei Atlas 800» is an Atlas 800."""
        match = self._named.search(text)
        while match is not None:
            following = self._named.search(text, match.start() + 1)
            if following is None or following.start() >= match.end():
                yield match
            elif following.end() <= match.end():
                yield match
                following = self._named.search(text, match.end())
            match = following

    def _read(self, text: str, match: re.Match[str], after: int) -> ChipMention | None:
        core, (start, end) = match["core"], match.span()
        if _PSEUDO.match(text, end):
            return None
        if core == "Ascend" and not match["noun"] and _VERB.match(text, end):
            return None
        build, low = match["build"], max(after, start - 40)
        if leading := _LEADING_MEMORY.search(text, low, start) if "G" in text[low:start] else None:
            build += leading[0]
            start = leading.start()
        elif vendor := _LEADING_VENDOR.search(text, low, start):
            start = vendor.start()
        if _PSEUDO_BEFORE.search(text, max(0, start - 40), start):
            return None
        if trailing := _TRAILING_MEMORY.match(text, end):
            build, end = build + trailing[0], trailing.end()
        chip = self._known[fold(core)]
        units = self._units.get(fold(core))
        if build and units is None:
            chip = self._refine(chip, build)
            boxed = _BOXED.search(build)
            units = int(boxed[1]) if boxed else None
        return ChipMention(
            chip,
            self._names[chip],
            start,
            end,
            text[start:end],
            cores=(match["noun"] or "").lower().startswith("core"),
            slice=int(match["slice"]) if match["slice"] and "tpu" in chip else None,
            per_unit=units,
        )

    def _refine(self, chip: str, build: str) -> str:
        """The member of a family that memory size and form factor leave; the family itself where they leave several."""
        memory, form = _GIGABYTES.search(build), _FORM_FACTOR.search(build)
        members = [chip, *self._members.get(chip, ())]
        if memory:
            sized = [m for m in members if m.endswith(f"-{memory[1]}gb")]
            members = sized or members[:1]
        if form:
            members = [m for m in members if f"-{form[0].lower()}" in m] or members
        whole = [m for m in members if all(m in self._lineage[other] for other in members)]
        return whole[0] if whole else chip

    def _find_slices(self, text: str, found: list[ChipMention]) -> list[ChipMention]:
        """«a v4-512 slice», «a TPU Pod V3-512»: a TPU by generation and slice alone, in a text that speaks of TPUs."""
        slices: list[ChipMention] = []
        for match in (*_POD.finditer(text), *_SHORTHAND.finditer(text)):
            chip, (start, end) = f"google-tpu-v{match['generation']}", match.span()
            if chip in self._names and not any(m.start < end and start < m.end for m in (*found, *slices)):
                name = self._names[chip]
                slices.append(ChipMention(chip, name, start, end, match[0], slice=int(match["slice"])))
        return slices


@lru_cache(maxsize=4)
def chip_grammar(registry: Registry) -> ChipGrammar:
    """The grammar of a registry, built once."""
    return ChipGrammar(registry)


def _members(registry: Registry) -> dict[str, tuple[str, ...]]:
    below: dict[str, list[str]] = {}
    for chip in registry.chips:
        for family in registry.lineage(chip.id)[1:]:
            below.setdefault(family, []).append(chip.id)
    return {family: tuple(ids) for family, ids in below.items()}


def _is_name_of_another(text: str, start: int) -> bool:
    """«Figure A10», «task T4», «MiniMax-M1»: a label, or the end of a name."""
    window = max(0, start - 24)
    return (
        _LABEL_BEFORE.search(text, window, start) is not None or _NAMED_BEFORE.search(text, window, start) is not None
    )


def _is_supported(text: str, match: re.Match[str]) -> bool:
    """Whether the words around a spelling that also means other things («A10», «T4», «4090») speak of chips."""
    core, (start, end) = match["core"], match.span()
    window = max(0, start - 24)
    if _is_name_of_another(text, start) or _COUNTABLE.match(text, end):
        return False
    if match["noun"] or match["build"].strip() or _LEADING_VENDOR.search(text, window, start):
        return True
    if _TIMES_BEFORE.search(text, window, start):
        return True
    if not _FIELD.search(text, max(0, start - 90), end + 90):
        return False
    return len(core) > 2 or start == 0 or _USED_BEFORE.search(text, window, start) is not None


def _vouches(text: str, doubtful: ChipMention, other: ChipMention) -> bool:
    """«T4, V100 and A10»; «… times as fast as the T4», in a sentence about the V100."""
    first, second = (doubtful, other) if doubtful.start < other.start else (other, doubtful)
    if _BESIDE.fullmatch(text, first.end, second.start):
        return True
    used = _USED_BEFORE.search(text, max(0, doubtful.start - 24), doubtful.start)
    return used is not None and second.start - first.end < 120


def _read_unnamed(text: str, match: re.Match[str]) -> ChipMention | None:
    start, end = match.span()
    noun = match[0].lower()
    maker = _UNNAMED_VENDOR.search(text, max(0, start - 40), start)
    begin = maker.start() if maker else start
    if begin and text[begin - 1].isascii() and text[begin - 1].isalpha():
        return None
    vendor = maker[0].lower() if maker else ""
    chip = _UNNAMED_IDS.get(noun[:3], "gpu" if noun[0] in "显顯" else "accelerator")
    if chip == "gpu" and maker and (maker["architecture"] or re.search(r"nvidia|英伟达|tesla|geforce", vendor)):
        chip = "nvidia-gpu"
    elif chip == "gpu" and "amd" in vendor:
        chip = "amd-gpu"
    elif chip == "tpu" and "google" in vendor:
        chip = "google-tpu"
    elif chip == "npu" and re.search(r"huawei|华为|ascend", vendor):
        chip = "huawei-ascend"
    return ChipMention(chip, text[begin:end], begin, end, text[begin:end], generic=True)
