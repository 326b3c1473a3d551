"""Chips as texts name them, on characters: «H800», «A100-SXM4-80GB», «32GB Nvidia V100», «TPUv3», «昇腾910», «8卡H20».

The vocabulary is the registry's; the grammar around it (vendor, form factor, memory size, the noun that follows) is
here. An id is the registry's, the finest that the print allows: «A100 (40GB)» is `nvidia-a100-40gb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from extractors.mentions.spellings import any_of
from registry import Registry, Spelling
from registry.tables import fold

DEVICE = (
    r"(?:AI\s|GPU\s|graphics\s|Tensor[\s-]Core\s|tensor\sprocessing\s)?(?:GPUs?|TPUs?|NPUs?|accelerators?|chips?|cards?|"
    r"graphics\scards?|AI\sprocessors?|processors?|devices?|cores?|boards?|显卡|顯卡|加速卡|计算卡|算力卡|加速器|芯片|处理器|卡)"
)
"""The noun of an unnamed chip; which of them counts is the caller's question («cores» of a CPU do not)."""

_OWNED = "(?:’s|'s)?"
_VENDOR = (
    rf"(?:(?:NVIDIA|Nvidia|AMD|Google){_OWNED}|nVidia|nvidia|英伟达|英偉達|Tesla|Quadro|GeForce|Instinct|Huawei|HUAWEI|华为|華為|"
    r"Cloud|国产|Intel)"
)
_FORM = r"(?:[\s_-]?(?:SXM\d?|PCI[Ee]|NVL\d*|HBM\d?e?|OAM|HGX|DGX))*"
_MEMORY = r"(?P<memory>\d{2,3})\s?G(?:i?B)?(?![A-Za-z0-9])"
_AFTER_MEMORY = rf"(?:[\s_-]{{0,2}}[(（]?\s?(?:with\s)?{_MEMORY}\s?(?:HBM\w*\s|V?RAM|memory|显存)?\s?[)）]?)?"
_NOUN = (
    r"(?:(?:’s|'s|s)?(?:\s|-)?(?P<noun>(?:Tensor[\s-]Core\s)?(?:GPUs?|AI\sprocessors?|processors?|accelerators?|NPUs?|cards?|"
    r"chips?|cores?|devices?|系列|显卡|加速卡|加速器|芯片|处理器|卡)(?![A-Za-z])))?"
)
_TRAILING_MEMORY = re.compile(
    r"\s(?:(?:GPUs?|cards?|chips?)\s)?(?:with|having|of)\s(?P<memory>\d{2,3})\s?G(?:B|iB)?\s?(?:of\s)?"
    r"(?:V?RAM|(?:GPU\s)?memory|HBM\w*)",
    re.IGNORECASE,
)
_LEADING_MEMORY = re.compile(rf"(?<![\d.])(?P<memory>\d{{2,3}})\s?-?G(?:i?B)?[\s-](?:{_VENDOR}[\s-])*$")
_LEADING_VENDOR = re.compile(rf"(?:{_VENDOR}[\s-]?)+$")
_PSEUDO = re.compile(r"[\s-](?:equivalents?|class\b|level\b|like\b|style\b|等效|等价|级别)", re.IGNORECASE)
_PSEUDO_BEFORE = re.compile(r"(?:等效|相当于)\s?$")
_UNNAMED = re.compile(
    r"[GTNAa显顯加计](?:(?<=[GTN])PUs?|(?<=T)ensor\sProcessing\sUnits?|(?<=A)I\s(?:accelerators?|chips?)|(?<=a)ccelerators?|"
    r"(?<=[显顯])卡|(?<=加)速[卡器]|(?<=计)算卡)(?![A-Za-z])"
)
_UNNAMED_VENDOR = re.compile(rf"{_VENDOR}[\s-]?(?:Ascend\s)?$")
_CONTEXT = re.compile(
    r"(?i:nvidia|tesla|gpus?\b|tensor core|inference|deploy|graphics|cuda|vram|显卡|英伟达|卡|推理|TFLOPS)"
)
_UNNAMED_IDS = {"gpu": "gpu", "tpu": "tpu", "npu": "npu", "acc": "accelerator", "ten": "tpu", "ai ": "accelerator"}


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
        self._known: dict[str, tuple[str, str]] = {}
        self._units: dict[str, int] = {}
        self._weak: set[str] = set()
        forms: dict[str, Spelling] = {}
        for chip in registry.chips:
            if not chip.generic and chip.kind != "cpu":
                for spelling in chip.spellings():
                    self._learn(spelling, chip.id, chip.name, forms)
        for system in registry.systems:
            per_unit = system.chips[0].per_unit if len(system.chips) == 1 else None
            boxed = system.kind in ("server", "board", "instance", "rack")
            if per_unit and boxed and not registry.chip(system.chips[0].chip).generic:
                for spelling in system.spellings():
                    if fold(spelling.text) not in self._known:
                        self._learn(spelling, system.chips[0].chip, system.name, forms)
                        self._units[fold(spelling.text)] = per_unit
        self._names = {chip.id: chip.name for chip in registry.chips}
        self._named = re.compile(
            rf"(?<![A-Za-wyzA-WYZ0-9])(?<![^0-9][xX])(?P<core>{any_of(forms.values())})(?:-(?P<slice>\d{{1,5}})(?![\dA-Za-z.]))?"
            rf"(?=GPUs?\b|NPUs?\b|s?(?![A-Za-z0-9]|\.\d)){_FORM}{_AFTER_MEMORY}{_FORM}{_NOUN}"
        )

    def _learn(self, spelling: Spelling, chip: str, name: str, forms: dict[str, Spelling]) -> None:
        self._known.setdefault(fold(spelling.text), (chip, name))
        forms.setdefault(spelling.text, spelling)
        if spelling.weak:
            self._weak.add(fold(spelling.text))

    def find(self, text: str) -> list[ChipMention]:
        """Chips of a text in order; unnamed ones too. «A100-equivalent» and «H100-class» name none."""
        found = [m for match in self._named.finditer(text) if (m := self._read(text, match)) is not None]
        taken = [(m.start, m.end) for m in found]
        for match in _UNNAMED.finditer(text):
            mention = _read_unnamed(text, match)
            if mention is not None and not any(mention.start < end and start < mention.end for start, end in taken):
                found.append(mention)
        return sorted(found, key=lambda m: m.start) if taken else found

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


def _read_unnamed(text: str, match: re.Match[str]) -> ChipMention | None:
    start, end = match.span()
    noun = match[0].lower()
    maker = _UNNAMED_VENDOR.search(text, max(0, start - 24), start)
    begin = maker.start() if maker else start
    if begin and text[begin - 1].isascii() and text[begin - 1].isalpha():
        return None
    vendor = maker[0].lower() if maker else ""
    chip = _UNNAMED_IDS.get(noun[:3], "accelerator" if noun.startswith("加速") else "gpu")
    if chip == "gpu" and re.search(r"nvidia|英伟达|tesla|geforce", vendor):
        chip = "nvidia-gpu"
    elif chip == "gpu" and "amd" in vendor:
        chip = "amd-gpu"
    elif chip == "tpu" and "google" in vendor:
        chip = "google-tpu"
    elif chip == "npu" and re.search(r"huawei|华为|ascend", vendor):
        chip = "huawei-ascend"
    return ChipMention(chip, text[begin:end], begin, end, text[begin:end], generic=True)


def named(mentions: Iterable[ChipMention]) -> list[ChipMention]:
    """The mentions that name their chip."""
    return [m for m in mentions if not m.generic]
