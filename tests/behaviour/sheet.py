"""Filling templates and judging what the extractors make of each sentence, on a small document of its own.

    python tests/behaviour/sheet.py [FAMILY…]

prints the pass rate of each family and the templates that fall short of it, with the first sentence that failed.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from templates import FAMILIES, Family, Must

import registry
from corpus.document import Document, MediaType
from extractors import extract
from extractors.claim import Attribution, Claim, ClaimType, Modality, Status
from extractors.reading.markdown import read_markdown

_KNOWN = registry.load()
_FACTS = {Modality.ASSERTED, Modality.REPORTED, Modality.ESTIMATED}
_CHIPS = (
    ("H800", "H800 GPUs", "nvidia-h800"),
    ("A100-80GB", "A100-80GB GPUs", "nvidia-a100-80gb"),
    ("NVIDIA H100", "NVIDIA H100 GPUs", "nvidia-h100"),
    ("V100", "32GB V100s", "nvidia-v100"),
    ("H20", "H20 accelerators", "nvidia-h20"),
    ("TPU v4", "TPU v4 chips", "google-tpu-v4"),
    ("MI250X", "AMD MI250X GPUs", "amd-mi250x"),
    ("昇腾910B", "Ascend 910B NPUs", "huawei-ascend-910b"),
)
_OPENINGS = {
    "en": "# {model}: an open language model\n\nWe present {model}, an open language model.\n\n## {heading}\n\n",
    "zh": "# {model} 技术报告\n\n我们发布 {model}，一个开源的大语言模型。\n\n## {heading}\n\n",
}
_HEADINGS = {"en": "Training", "zh": "训练"}
_MODELS = ("Larch-7B", "Qwen3-8B")
_OTHERS = ("LLaMA-65B", "OPT-175B", "GLM-130B")
_CARRIERS = {
    "en": ("", "", "Overall, ", "As Table 3 shows, ", "In detail: ", "To be precise, "),
    "zh": ("", "", "具体来说，", "总体而言，", "如表 3 所示，"),
}
TRIES = 10


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its slots filled; `chips` are the ids of {chip} and {chip2}, `values` the figures."""

    text: str
    opening: str
    model: str
    chips: dict[str, str]
    values: dict[str, float]


def fill(family: Family, template: str) -> Iterator[Filled]:
    """Some sentences of a template, always the same ones."""
    chance = random.Random(template)
    pairs = list(itertools.permutations(_CHIPS, 2))
    for _ in range(TRIES):
        model, other = chance.choice(_MODELS), chance.choice(_OTHERS)
        one, two = chance.choice(pairs)
        n, n2 = chance.sample((16, 48, 96, 256, 512, 1024, 1536, 2048, 4096, 10000), 2)
        low, high = chance.choice(((64, 128), (1000, 2000), (2000, 3000)))
        nodes, days, hours = chance.choice((4, 16, 32, 128)), chance.choice((9, 21, 33)), chance.choice((1200, 52000))
        trillions = chance.choice((1.4, 2, 14.8))
        words = {
            "model": model,
            "other": other,
            "chip": one[0] if family.language == "zh" else one[0].replace("昇腾", "Ascend "),
            "chips": one[1],
            "chip2": two[0] if family.language == "zh" else two[0].replace("昇腾", "Ascend "),
            "chips2": two[1],
            "n": f"{n:,}",
            "n2": f"{n2:,}",
            "low": f"{low:,}",
            "high": f"{high:,}",
            "nodes": str(nodes),
            "days": str(days),
            "h": f"{hours:,}",
            "t": str(trillions),
        }
        sentence = template.format(**words)
        carrier = chance.choice(_CARRIERS[family.language]) if template[0] not in "|-*" else ""
        if carrier and not template.startswith("{"):
            sentence = sentence[0].lower() + sentence[1:]
        values = {"n": n, "n2": n2, "low": low, "high": high, "product": 8 * nodes, "h": hours}
        values |= {"hours": 24 * days, "t": 1e12 * trillions}
        yield Filled(
            carrier + sentence,
            _OPENINGS[family.language].format(model=model, heading=family.heading or _HEADINGS[family.language]),
            model,
            {"chip": one[2], "chip2": two[2]},
            {name: float(value) for name, value in values.items()},
        )


def claims_of(filled: Filled) -> tuple[Claim, ...]:
    """Everything that is claimed by a document of the opening and the sentence, and not left open."""
    data = (filled.opening + filled.text + "\n").encode()
    digest = hashlib.sha256(data).hexdigest()
    document = Document(sha256=digest, media_type=MediaType.MARKDOWN, name="note.md", address="note.md", size=len(data))
    text = read_markdown(data, document).text
    assert text is not None
    return tuple(c for c in extract(document, text, _KNOWN) if c.status is Status.ASSERTED)


def faults_of(family: Family, filled: Filled) -> list[str]:
    """What is wrong with what was read, in words; empty where all is well."""
    own = [c for c in claims_of(filled) if c.attribution is Attribution.OWN]
    facts = [c for c in own if c.modality in _FACTS]
    faults = [f"misses {show(must, filled)}" for must in family.must if not any(_meets(c, must, filled) for c in facts)]
    for slot in family.never:
        for claim in facts:
            if _is_chip(claim, filled.chips[slot]) and (not family.never_at or claim.stage in family.never_at):
                faults.append(f"asserts {claim.type} {claim.value or ''} {filled.chips[slot]} ({claim.stage})")
    faults += [f"asserts {c.type} {c.value}" for c in facts if c.type in family.silent]
    barred = {filled.values[slot] for slot in family.never_values}
    faults += [f"asserts {c.type} {c.value:g}" for c in facts if c.type is ClaimType.CHIP_COUNT and c.value in barred]
    if family.modality is not None:
        about = [c for c in own if _is_chip(c, filled.chips["chip"])]
        faults += [f"{c.type} is put as {c.modality}" for c in about if c.modality is not family.modality]
    return faults


def show(must: Must, filled: Filled) -> str:
    """A demanded fact in words."""
    value = "" if must.value is None else must.value if "–" in must.value else f"{filled.values[must.value]:g}"
    return " ".join(part for part in (must.type, value, filled.chips[must.chip] if must.chip else "") if part)


def _meets(claim: Claim, must: Must, filled: Filled) -> bool:
    if claim.type is not must.type or claim.subject.name != filled.model:
        return False
    if must.chip and not _is_chip(claim, filled.chips[must.chip]):
        return False
    if must.stages and claim.stage not in must.stages:
        return False
    if must.value == "low–high":
        return (claim.lower, claim.upper, claim.qualifier) == (filled.values["low"], filled.values["high"], "range")
    return must.value is None or claim.value == filled.values[must.value]


def _is_chip(claim: Claim, chip: str) -> bool:
    return claim.chip is not None and (claim.chip.id == chip or claim.chip.id.startswith(f"{chip}-"))


@cache
def faults_by_template(family: Family) -> dict[str, list[tuple[str, list[str]]]]:
    """For each template of a family the sentences that went wrong, with what went wrong."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for template in family.templates:
        judged = [(filled.text, faults_of(family, filled)) for filled in fill(family, template)]
        found[template] = [(text, faults) for text, faults in judged if faults]
    return found


def main(names: list[str]) -> None:
    """Prints the pass rates."""
    for family in FAMILIES:
        if names and family.name not in names:
            continue
        wrong = faults_by_template(family)
        total = TRIES * len(wrong)
        passed = total - sum(map(len, wrong.values()))
        print(f"{family.name:14} {family.language}  {passed:4} of {total:4}  {passed / total:.1%}")
        for template, faults in wrong.items():
            if faults:
                print(f"      {TRIES - len(faults):2}/{TRIES}  {template}")
                print(f"             {faults[0][0]}\n             {'; '.join(faults[0][1])}")


if __name__ == "__main__":
    main(sys.argv[1:])
