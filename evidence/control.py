"""Was a chip under export control on a day? The answer with the arithmetic, the rules and what is not known."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from evidence.control_lines import Inputs, RuleOutcome, gather_inputs, hold_against
from registry import Chip, Registry
from registry.controls import Instrument
from registry.lookup import find_chip
from registry.tables import Confidence, first_day, fold

DISCLAIMER = (
    "Computed from public figures and a summary of public rules; it is no legal advice. Under control on a day is no "
    "violation: purchases before a rule, use abroad and licences are lawful."
)


class Result(StrEnum):
    """The answer for one chip, day and destination."""

    NONE_FOUND = "no licence requirement found"
    NOTIFIED = "licence exception after notification (NAC)"
    CASE_BY_CASE = "licence required, case by case"
    MAYBE_CASE_BY_CASE = "licence required, case by case possible"
    UNPUBLISHED = "licence required, review policy not published"
    DENIAL = "licence required, presumption of denial"
    DEPENDS = "depends on the variant"
    NOT_ESTABLISHED = "not established"
    NOT_AN_EXPORT = "not an export item"
    NOT_SHIPPING = "not shipping yet"


_BY_POLICY = {
    "denial": Result.DENIAL,
    "unpublished": Result.UNPUBLISHED,
    "case-by-case": Result.CASE_BY_CASE,
    "notified": Result.NOTIFIED,
}
_STRICTEST_FIRST = (Result.DENIAL, Result.UNPUBLISHED, Result.CASE_BY_CASE, Result.NOTIFIED)
_CONFIDENCE_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")


class DestinationError(ValueError):
    """The rules for a destination are not in the data."""


@dataclass(frozen=True, slots=True)
class ControlStatus:
    """Whether a chip was under export control on a day, and why.

    `rules` are the instruments that require or ease a licence, each limb by limb; `context` those that decide nothing
    and bear on the chip; `imports` the destination's own measures. `if_shipped` is the answer that a part not yet on
    sale would have had. For a family, `variants` has the status of each part, and `inputs` and `rules` are those of the
    part that stands for them. `unverified` after the last day that the data covers. `confidence` is that of the weakest
    input that decides.
    """

    chip: Chip
    on: date
    destination: str
    result: Result
    inputs: Inputs | None
    rules: tuple[RuleOutcome, ...]
    context: tuple[RuleOutcome, ...]
    imports: tuple[Instrument, ...]
    confidence: Confidence
    unverified: bool
    notes: tuple[str, ...]
    if_shipped: Result | None = None
    variants: tuple[ControlStatus, ...] = ()


def status_report(registry: Registry, text: str, on: date, destination: str = "CN") -> ControlStatus:
    """The status of the chip that an id or a name means; raises `UnknownNameError` and `DestinationError`."""
    return control_status(registry, find_chip(registry, text).id, on, destination)


@functools.lru_cache(maxsize=4096)
def control_status(registry: Registry, chip_id: str, on: date, destination: str = "CN") -> ControlStatus:
    """Whether a chip needed a licence for export to a destination on a day.

    A name that means several parts («A100» without its memory) is answered for each of them; where the answers differ
    the result is `DEPENDS`. Parts that were not on sale, and parts whose figures leave it open, do not outvote the
    others.
    Raises `KeyError` for an unknown id and `DestinationError` for a destination that the data does not cover.
    """
    destinations = registry.controls.coverage.destinations
    if destination not in destinations:
        raise DestinationError(f"destination {destination!r} is not covered; known are {', '.join(destinations)}")
    chip = registry.chip(chip_id)
    variants = tuple(_judge_part(registry, part, on, destination) for part in registry.parts(chip_id))
    if chip.level == "part":
        return variants[0]
    return _combine(registry, chip, variants, on, destination)


def status_spans(
    registry: Registry, chip_id: str, first: date, last: date, destination: str = "CN"
) -> tuple[tuple[date, date, ControlStatus], ...]:
    """The status over a period: first day, last day and status of each part of it that has one answer.

    Raises as `control_status` does, and `ValueError` for a period that ends before it begins.
    """
    if last < first:
        raise ValueError(f"a period from {first} to {last} ends before it begins")
    turns = {first}
    for instrument in registry.controls.instruments:
        if instrument.effect != "context":
            turns |= {day for day in (instrument.effective, _next(instrument.ended)) if day}
    for part in registry.parts(chip_id):
        turns |= {first_day(day) for day in (part.announced, part.available) if day}
    turns.add(registry.controls.coverage.until + timedelta(days=1))
    days = sorted(day for day in turns if first <= day <= last)
    statuses = [control_status(registry, chip_id, day, destination) for day in days]
    kept = [i for i, status in enumerate(statuses) if i == 0 or status.result is not statuses[i - 1].result]
    ends = [days[i] - timedelta(days=1) for i in kept[1:]] + [last]
    return tuple((days[i], end, statuses[i]) for i, end in zip(kept, ends, strict=True))


def _next(day: date | None) -> date | None:
    return day + timedelta(days=1) if day else None


def first_release(registry: Registry, chip_id: str) -> date | None:
    """The first day on which a chip, or a part of its family, was announced; None where no date is established."""
    days = [first_day(part.announced) for part in registry.parts(chip_id) if part.announced is not None]
    return min(days, default=None)


def _combine(
    registry: Registry, chip: Chip, variants: tuple[ControlStatus, ...], on: date, destination: str
) -> ControlStatus:
    on_sale = [v for v in variants if v.result is not Result.NOT_SHIPPING]
    silent = [v for v in on_sale if _is_open(v.rules)]
    answered = [v for v in on_sale if v not in silent]
    voting = answered or silent or list(variants)
    unverified = on > registry.controls.coverage.until
    if not voting:
        note = "the name leaves the chip open, so there are no figures to test"
        return ControlStatus(
            chip, on, destination, Result.NOT_ESTABLISHED, None, (), (), (), "low", unverified, (note,)
        )
    results = dict.fromkeys(v.result for v in voting)
    notes = [note for v in voting for note in v.notes]
    if len(results) > 1:
        by_result = (f"{', '.join(v.chip.name for v in voting if v.result is result)}: {result}" for result in results)
        notes.insert(0, "; ".join(by_result))
    if answered and silent:
        notes.append(f"not established for {', '.join(v.chip.name for v in silent)}")
    return replace(
        voting[0],
        chip=chip,
        result=voting[0].result if len(results) == 1 else Result.DEPENDS,
        confidence=_weakest(v.confidence for v in voting),
        notes=tuple(dict.fromkeys(notes)),
        variants=variants,
    )


def _judge_part(registry: Registry, chip: Chip, on: date, destination: str) -> ControlStatus:
    inputs = gather_inputs(registry, chip)
    in_force = [
        instrument
        for instrument in registry.controls.instruments
        if instrument.in_force(on) and registry.controls.reaches(instrument, destination)
    ]
    unverified = on > registry.controls.coverage.until
    notes = [registry.controls.coverage.note] if unverified else []
    vendor = registry.vendor(chip)
    if vendor is not None and vendor.country == "CN":
        context = _bearing(registry, chip, inputs, in_force, ())
        notes += _domestic_notes(registry, chip, context)
        confidence = _weakest((chip.confidence, *(rule.instrument.confidence for rule in context)))
        return ControlStatus(
            chip, on, destination, Result.NOT_AN_EXPORT, inputs, (), context, (), confidence, unverified, tuple(notes)
        )
    rules = tuple(hold_against(registry, i, chip, inputs) for i in in_force if i.effect != "context")
    result = _answer(rules)
    if inputs.datacenter is None:
        worlds = {side: _answer_if(registry, chip, inputs, rules, side) for side in (True, False)}
        result = worlds[True] if worlds[True] is worlds[False] else Result.DEPENDS
        if result is Result.DEPENDS:
            notes.append(f"counted as a data-centre part: {worlds[True]}; otherwise: {worlds[False]}")
    notes += _input_notes(inputs, rules)
    shown, if_shipped = _on_sale(chip, on, result, notes)
    deciding = [rule for rule in rules if rule.caught]
    named = any(rule.named for rule in deciding)
    if deciding and _is_open(rules):
        notes.append("whether a stricter rule applies too is not established")
    reported = bool(deciding) and all(rule.reported for rule in deciding if rule.instrument.effect == "requires")
    if reported:
        notes.append("caught by numbers that are known from the press alone")
    sources = [rule.instrument.confidence for rule in deciding] + ([] if named else [inputs.confidence])
    return ControlStatus(
        chip,
        on,
        destination,
        shown,
        inputs,
        rules,
        _bearing(registry, chip, inputs, in_force, tuple(rule.instrument.id for rule in deciding)),
        tuple(
            i for i in in_force if i.kind == "import" and (not i.chips or hold_against(registry, i, chip, inputs).named)
        ),
        "low" if reported or unverified else _weakest(sources),
        unverified,
        tuple(dict.fromkeys(notes)),
        if_shipped,
    )


def _answer(rules: Iterable[RuleOutcome]) -> Result:
    requires = [rule for rule in rules if rule.instrument.effect == "requires"]
    caught = {_BY_POLICY[rule.instrument.policy or "denial"] for rule in requires if rule.caught}
    base = next((result for result in _STRICTEST_FIRST if result in caught), None)
    if base is None:
        return Result.NOT_ESTABLISHED if any(rule.caught is None for rule in requires) else Result.NONE_FOUND
    eased = [rule.caught for rule in rules if rule.instrument.effect == "eases"]
    if base in (Result.DENIAL, Result.UNPUBLISHED):
        if True in eased:
            return Result.CASE_BY_CASE
        if None in eased:
            return Result.MAYBE_CASE_BY_CASE
    return base


def _is_open(rules: Iterable[RuleOutcome]) -> bool:
    requires = [rule for rule in rules if rule.instrument.effect == "requires"]
    strictest = any(rule.caught and rule.instrument.policy == "denial" for rule in requires)
    unknown = any(rule.caught is None for rule in requires)
    return unknown and not strictest and not any(rule.named for rule in requires)


def _answer_if(
    registry: Registry, chip: Chip, inputs: Inputs, rules: Iterable[RuleOutcome], datacenter: bool
) -> Result:
    supposed = replace(inputs, datacenter=datacenter)
    return _answer([hold_against(registry, rule.instrument, chip, supposed) for rule in rules])


def _bearing(
    registry: Registry, chip: Chip, inputs: Inputs, in_force: Iterable[Instrument], deciding: tuple[str, ...]
) -> tuple[RuleOutcome, ...]:
    found = []
    for instrument in in_force:
        if instrument.effect != "context" or instrument.kind == "import":
            continue
        outcome = hold_against(registry, instrument, chip, inputs)
        listed = chip.vendor in instrument.vendors
        if outcome.named or outcome.limbs or listed or set(instrument.amends) & set(deciding):
            found.append(outcome)
    return tuple(found)


def _domestic_notes(registry: Registry, chip: Chip, context: Iterable[RuleOutcome]) -> list[str]:
    notes = [
        "designed in China: no export to China, so the question is another one, that of supply to its maker and of use"
    ]
    listing = next((d.entity_list for d in registry.developers if fold(d.id) == fold(chip.vendor or "")), "")
    if listing:
        notes.append(f"its maker: {listing}")
    for rule in context:
        if rule.limbs:
            meets = {True: "meets", False: "does not meet", None: "may meet"}[rule.caught]
            notes.append(f"{chip.name} {meets} the lines of {rule.instrument.name} ({rule.instrument.citation})")
    return notes


def _input_notes(inputs: Inputs, rules: Iterable[RuleOutcome]) -> list[str]:
    notes = []
    for rule in rules:
        for comparison in (c for limb in rule.limbs for c in limb.comparisons if c.close):
            figure = comparison.value or 0
            notes.append(f"{figure:,.{0 if figure >= 100 else 2}f} is close to the line {comparison.line}")
    if inputs.tpp is None:
        notes.append("TPP is not established")
    elif inputs.pd is None:
        notes.append("performance density is not established or not defined")
    if inputs.io_is_floor:
        notes.append("transfer rate: only one of the links is known, the true rate is higher")
    return notes


def _on_sale(chip: Chip, on: date, result: Result, notes: list[str]) -> tuple[Result, Result | None]:
    if chip.availability == "never":
        notes.append("was never on sale")
        return Result.NOT_SHIPPING, result
    if chip.announced is not None and on < first_day(chip.announced):
        notes.append(f"announced {chip.announced}")
        return Result.NOT_SHIPPING, result
    if chip.available is not None and on < first_day(chip.available) and result is Result.NONE_FOUND:
        notes.append(f"announced {chip.announced}, delivered from {chip.available}")
        return Result.NOT_SHIPPING, result
    if chip.availability == "roadmap":
        notes.append("announced; delivery was not confirmed")
    return result, None


def _weakest(levels: Iterable[Confidence]) -> Confidence:
    return min(levels, key=_CONFIDENCE_ORDER.index)
