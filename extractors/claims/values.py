"""Figures of a cell or behind a label, read by what their header says they are.

«36 MWh», «1,022,362», «158/950/3167», «16 A100-40G GPUs».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.claim import ClaimType
from extractors.claims.headers import Header
from extractors.claims.scene import Tools
from extractors.mentions.chips import ChipMention
from extractors.mentions.numbers import find_numbers

TYPES: dict[str, ClaimType] = {
    role: ClaimType(role)
    for role in (
        "parameters", "active_parameters", "training_tokens", "chip_hours", "chip_count", "energy", "emissions",
        "cost", "training_compute", "training_time", "utilization", "throughput",
    )
}  # fmt: skip
KINDS: dict[str, set[str]] = {
    "parameters": {"parameters"}, "active_parameters": {"active_parameters", "parameters"},
    "training_tokens": {"tokens"}, "chip_hours": {"chip_hours"}, "chip_count": {"chip_count"}, "energy": {"energy"},
    "emissions": {"emissions", "mass"}, "cost": {"money"}, "training_compute": {"compute"},
    "training_time": {"duration"}, "utilization": {"percent"}, "throughput": {"throughput"},
}  # fmt: skip
"""The kinds of quantity that a role's figures are."""
_LEAST = {
    "parameters": 1e5,
    "active_parameters": 1e5,
    "training_tokens": 1e8,
    "training_compute": 1e15,
    "chip_hours": 0.1,
    "training_time": 0.05,
}
_UNITS = {
    "chip_hours": "chip-hours",
    "chip_count": "chips",
    "energy": "kWh",
    "emissions": "tCO2e",
    "training_compute": "FLOP",
    "training_time": "hours",
    "utilization": "fraction",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One figure with its unit and, from a list of cases, what it is per."""

    value: float
    unit: str
    printed: str
    lower: float | None = None
    upper: float | None = None
    qualifier: str | None = None
    per: str | None = None
    chip: ChipMention | None = None
    formula: str | None = None


def read_values(text: str, header: Header, tools: Tools) -> Iterator[Value]:
    """The figures of a text under a header; none where it holds none large enough to be what the header says."""
    role = header.role
    text = re.sub(r"[*†‡§]+$", "", text.strip())
    if not text or text in {"-", "–", "—", "N/A", "n/a"} or len(text) > 160:
        return
    if header.parts and text.count("/") == len(header.parts) - 1:
        for part, case in zip(text.split("/"), header.parts, strict=True):
            for value in _plain(part, header):
                yield Value(
                    value.value,
                    value.unit,
                    value.printed,
                    value.lower,
                    value.upper,
                    value.qualifier,
                    per=f"{case} tokens",
                )
        return
    quantities = [q for q in tools.quantities.find(text) if q.kind in KINDS[role]]
    if quantities:
        each = role == "chip_hours" and all(q.chip and not q.chip.generic for q in quantities)
        for q in quantities if each else quantities[:2] if role == "training_time" else quantities[:1]:
            unit = (
                header.unit
                if role == "throughput" and not q.unit
                else q.unit or _UNITS.get(role, role.replace("training_", ""))
            )
            if q.value >= _LEAST.get(role, 0):
                yield Value(q.value, unit, q.printed, q.lower, q.upper, q.number.qualifier, q.per, q.chip, q.formula)
        return
    yield from _plain(text, header)


def _plain(text: str, header: Header) -> Iterator[Value]:
    role = header.role
    if role in ("parameters", "active_parameters"):
        text = re.sub(r"\s(?:[Dd]ense|MoE)\b|\s?稠密", "", text)
    numbers = find_numbers(text)
    if (
        not numbers
        or (len(numbers) > 1 and role not in ("chip_count", "training_tokens"))
        or (re.search(r"[A-Za-z]{4,}", text[numbers[0].end :]) and role != "training_tokens")
    ):
        return
    number = numbers[0]
    if number.start and (text[number.start - 1].isalpha() or text[number.start - 1] in "-_"):
        return
    if number.start > 3 and not re.match(r"\D{0,14}$", text[: number.start]):
        return
    scaled = number.printed[-1:].isalpha() or "^" in number.printed or not number.printed[-1:].isascii()
    factor = 1.0 if scaled else header.factor
    if factor is None:
        bare = role in ("parameters", "active_parameters", "training_tokens", "training_compute")
        if bare and (number.value < _LEAST[role] or "param" not in header.text.lower()):
            return
        if (
            role in ("training_time", "energy", "emissions", "cost", "throughput", "utilization")
            and not header.unit
            and role != "emissions"
        ):
            return
        factor = 1.0
    if role in ("chip_hours", "training_time", "energy", "emissions") and header.factor is not None:
        factor = header.factor
    value = float(f"{number.value * factor:.9g}")
    if value < _LEAST.get(role, 0) or (role == "chip_count" and (value != int(value) or value < 1)):
        return
    unit = header.unit or _UNITS.get(
        role, "parameters" if "param" in role else "tokens" if role == "training_tokens" else ""
    )
    lower = None if number.lower is None else number.lower * factor
    upper = None if number.upper is None else number.upper * factor
    yield Value(value, unit, number.printed, lower, upper, number.qualifier)
