"""Chips as texts name them, on characters: «H800», «A100-SXM4-80GB», «32GB Nvidia V100», «TPUv3», «昇腾910», «8卡H20».

The vocabulary is the registry's; the grammar around it (vendor, form factor, memory size, the noun that follows) is here. An
id is the registry's with the memory size added where the text states one: «A100 (40GB)» is `nvidia-a100-40gb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from registry import Registry
from registry.tables import Spelling, fold

DEVICE = (
    r"(?:AI\s|GPU\s|graphics\s|Tensor[\s-]Core\s|tensor\sprocessing\s)?(?:GPUs?|TPUs?|NPUs?|accelerators?|chips?|cards?|graphics\scards?|"
    r"AI\sprocessors?|processors?|devices?|cores?|boards?|显卡|顯卡|加速卡|计算卡|算力卡|加速器|芯片|处理器|卡)"
)
"""The noun of an unnamed chip; which of them counts is the caller's question («cores» of a CPU do not)."""

_VENDOR = r"(?:NVIDIA(?:’s|'s)?|Nvidia(?:’s|'s)?|nVidia|nvidia|英伟达|英偉達|Tesla|Quadro|GeForce|AMD(?:’s|'s)?|Instinct|Huawei|华为|華為|Google(?:’s|'s)?|Cloud|国产|Intel|HUAWEI)"
_FORM = r"(?:[\s_-]?(?:SXM\d?|PCI[Ee]|NVL\d*|HBM\d?e?|OAM|HGX|DGX))*"
_MEMORY = r"(?P<memory>\d{2,3})\s?G(?:i?B)?(?![A-Za-z0-9])"
_AFTER_MEMORY = rf"(?:[\s_-]{{0,2}}[(（]?\s?(?:with\s)?{_MEMORY}\s?(?:HBM\w*\s|V?RAM|memory|显存)?\s?[)）]?)?"
_NOUN = r"(?:(?:’s|'s|s)?(?:\s|-)?(?P<noun>(?:Tensor[\s-]Core\s)?(?:GPUs?|AI\sprocessors?|processors?|accelerators?|NPUs?|cards?|chips?|cores?|devices?|系列|显卡|加速卡|加速器|芯片|处理器|卡)(?![A-Za-z])))?"
_TRAILING_MEMORY = re.compile(
    r"\s(?:(?:GPUs?|cards?|chips?)\s)?(?:with|having|of)\s(?P<memory>\d{2,3})\s?G(?:B|iB)?\s?(?:of\s)?(?:V?RAM|(?:GPU\s)?memory|HBM\w*)",
    re.I,
)
_LEADING_MEMORY = re.compile(rf"(?<![\d.])(?P<memory>\d{{2,3}})\s?-?G(?:i?B)?[\s-](?:{_VENDOR}[\s-])*$")
_LEADING_VENDOR = re.compile(rf"(?:{_VENDOR}[\s-]?)+$")
_PSEUDO = re.compile(r"[\s-](?:equivalents?|class\b|level\b|like\b|style\b|等效|等价|级别)", re.I)
_PSEUDO_BEFORE = re.compile(r"(?:等效|相当于)\s?$")
_GENERIC = re.compile(
    rf"(?<![A-Za-z])(?P<vendor>{_VENDOR}[\s-]?(?:Ascend\s)?)?(?P<noun>GPUs?|TPUs?|Tensor\sProcessing\sUnits?|NPUs?|AI\s(?:accelerators?|chips?)|accelerators?|显卡|顯卡|加速卡|计算卡|加速器)"
    r"(?![A-Za-z])"
)
_CONTEXT = re.compile(
    r"(?i:nvidia|tesla|gpus?\b|tensor core|inference|deploy|graphics|cuda|vram|显卡|英伟达|卡|推理|TFLOPS)"
)
_GENERIC_IDS = {"gpu": "gpu", "tpu": "tpu", "npu": "npu", "acc": "accelerator", "ten": "tpu", "ai ": "accelerator"}


@dataclass(frozen=True, slots=True)
class ChipMention:
    """A chip named at `start:end`. `generic` when the text leaves it unnamed («8 GPUs»); `cores` when cores are counted.

    `slice` is the number in a TPU slice's name («TPU v3-256»), and `per_unit` the chips of one box of a named system («DGX-1»).
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
        self._known: dict[str, tuple[str, str]] = {}
        self._units: dict[str, int] = {}
        self._weak: set[str] = set()
        forms: dict[str, str] = {}
        for chip in registry.chips:
            if not chip.generic and chip.kind != "cpu":
                for spelling in chip.spellings():
                    self._learn(spelling, chip.id, chip.name, forms)
        for system in registry.systems:
            per_unit = system.chips[0].per_unit if len(system.chips) == 1 else None
            if (
                per_unit
                and system.kind in ("server", "board", "instance", "rack")
                and not registry.chip(system.chips[0].chip).generic
            ):
                for spelling in system.spellings():
                    if fold(spelling.text) not in self._known:
                        self._learn(spelling, system.chips[0].chip, system.name, forms)
                        self._units[fold(spelling.text)] = per_unit
        self._names = {chip.id: chip.name for chip in registry.chips}
        self.pattern = "(?:" + "|".join(forms[w] for w in sorted(forms, key=len, reverse=True)) + ")"
        first = "".join(sorted({re.escape(c) for w in forms for c in (w[0].lower(), w[0].upper())}))
        self._named = re.compile(
            rf"(?=[{first}])(?:(?<![A-Za-z0-9])|(?<=\d[xX]))(?P<core>{self.pattern})(?:-(?P<slice>\d{{1,5}})(?![\dA-Za-z.]))?"
            rf"(?=GPUs?\b|NPUs?\b|s?(?![A-Za-z0-9]|\.\d)){_FORM}{_AFTER_MEMORY}{_FORM}{_NOUN}"
        )
        self.quick = re.compile(r"(?i:gpu|tpu|npu|accelerator|显卡|加速|处理器|卡)|" + self.pattern)

    def _learn(self, spelling: Spelling, chip: str, name: str, forms: dict[str, str]) -> None:
        self._known.setdefault(fold(spelling.text), (chip, name))
        forms.setdefault(spelling.text, _flexible(spelling))
        if spelling.weak:
            self._weak.add(fold(spelling.text))

    def find(self, text: str) -> list[ChipMention]:
        """Chips of a text in order; unnamed ones too. «A100-equivalent» and «H100-class» name none."""
        found = [m for match in self._named.finditer(text) if (m := self._read(text, match)) is not None]
        taken = [(m.start, m.end) for m in found]
        for match in _GENERIC.finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                found.append(_read_generic(match))
        return sorted(found, key=lambda m: m.start)

    def _read(self, text: str, match: re.Match[str]) -> ChipMention | None:
        core = match["core"]
        known = self._known.get(fold(core))
        start, end = match.span()
        if known is None or _PSEUDO.match(text, end) or _PSEUDO_BEFORE.search(text[max(0, start - 5) : start]):
            return None
        if fold(core) in self._weak and not _CONTEXT.search(text):
            return None
        chip, name = known
        before = text[max(0, start - 40) : start]
        memory = match["memory"]
        if not memory and (leading := _LEADING_MEMORY.search(before)):
            memory = leading["memory"]
            start -= len(leading[0])
        elif vendor := _LEADING_VENDOR.search(before):
            start -= len(vendor[0])
        if not memory and (trailing := _TRAILING_MEMORY.match(text, end)):
            memory, end = trailing["memory"], trailing.end()
        if memory and not re.search(r"-\d+gb$", chip) and fold(core) not in self._units:
            chip, name = f"{chip}-{memory}gb", f"{name} {memory}GB"
        noun = match["noun"] or ""
        return ChipMention(
            chip,
            self._names.get(chip, name),
            start,
            end,
            text[start:end],
            cores=noun.lower().startswith("core"),
            slice=int(match["slice"]) if match["slice"] and "tpu" in chip else None,
            per_unit=self._units.get(fold(core)),
        )


@lru_cache(maxsize=4)
def chip_grammar(registry: Registry) -> ChipGrammar:
    """The grammar of a registry, built once."""
    return ChipGrammar(registry)


def _read_generic(match: re.Match[str]) -> ChipMention:
    noun, vendor = match["noun"].lower(), (match["vendor"] or "").lower()
    chip = _GENERIC_IDS.get(noun[:3], "accelerator" if noun.startswith("加速") else "gpu")
    if chip == "gpu" and re.search(r"nvidia|英伟达|tesla|geforce", vendor):
        chip = "nvidia-gpu"
    elif chip == "gpu" and "amd" in vendor:
        chip = "amd-gpu"
    elif chip == "tpu" and "google" in vendor:
        chip = "google-tpu"
    elif chip == "npu" and re.search(r"huawei|华为|ascend", vendor):
        chip = "huawei-ascend"
    return ChipMention(chip, match[0], match.start(), match.end(), match[0], generic=True)


def _flexible(spelling: Spelling) -> str:
    """A pattern for a spelling in which a space stands for a space, a hyphen or nothing.

    «a100» in a job script names the chip, but «h20» in a proof is a hypothesis: exact spellings keep their case.
    """
    pattern = r"[\s_-]?".join(re.escape(p) for p in re.split(r"[\s\-_]+", spelling.text) if p)
    return pattern if spelling.exact else f"(?i:{pattern})"


def named(mentions: Iterable[ChipMention]) -> list[ChipMention]:
    """The mentions that name their chip."""
    return [m for m in mentions if not m.generic]
