"""Arithmetic between figures of one model: chips × time, rate × tokens, 6·N·D, and the utilisation they imply."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.check import (
    Check,
    Kind,
    Outcome,
    leading,
    make_check,
    one_of_each,
    same_chip,
    same_sentence,
    say_figure,
)
from evidence.figures import Bounds, bounds_of, number_of, say_number
from extractors.claim import Attribution, Chip, Claim, ClaimType, Stage
from registry import Registry

TOLERANCE = 0.05
"""How far two sides may lie apart beyond their rounding: time is rounded to days, and nodes fail."""

COMPUTE_FACTOR = 1.5
"""6·N·D leaves attention out and counts embeddings in (Kaplan et al. 2020, arXiv 2001.08361, section 2.1)."""

PLAUSIBLE = Bounds(0.05, 0.8)
"""Model FLOP utilisation that training runs report lies well within this."""

_TOKENS = re.compile(
    r"(?:(?P<number>\d+(?:\.\d+)?)\s?)?(?P<scale>trillion|billion|million|[TBM])\stokens?", re.IGNORECASE
)
_SCALES = {"t": 1e12, "b": 1e9, "m": 1e6}


def check_chip_hours(claims: Sequence[Claim]) -> Iterator[Check]:
    """Count × time against chip-hours, from the claims of one document: «2,048 chips × 88.8 h = 181.9K chip-hours».

    The time of the same sentence is taken before others, and so is the count. Where several would do and none stands
    with the chip-hours, nothing is picked.
    """
    counts = one_of_each(_of(claims, ClaimType.CHIP_COUNT))
    times = one_of_each(c for c in _of(claims, ClaimType.TRAINING_TIME) if not c.per)
    hours = one_of_each(_of(claims, ClaimType.CHIP_HOURS))
    for total in hours:
        near_times = _nearest(total, times)
        if total.per and not any(same_sentence(total, time) for time in near_times):
            continue
        near_counts = _nearest(total, counts)
        if len(near_times) == 1 and len(near_counts) == 1:
            yield _hold(near_counts[0], near_times[0], total)
        elif near_times and near_counts:
            said = [total, *near_counts, *near_times]
            note = "several counts or times are given; the document does not say which belong to these chip-hours"
            yield make_check(Kind.CHIP_HOURS, Outcome.NOT_CHECKABLE, said, say_figure(total), note)
        elif near_times or near_counts:
            missing = "no time is given" if near_counts else "no count of chips is given"
            said = [total, *near_counts, *near_times]
            yield make_check(Kind.CHIP_HOURS, Outcome.NOT_CHECKABLE, said, say_figure(total), missing)


def _hold(count: Claim, time: Claim, total: Claim) -> Check:
    product = bounds_of(count) * bounds_of(time)
    value = number_of(count) * number_of(time)
    fits = product.meets(bounds_of(total), TOLERANCE)
    arithmetic = (
        f"{say_figure(count)} × {say_figure(time)} = {say_number(value)} chip-hours; stated {say_figure(total)}"
        f" ({_apart(value, number_of(total))})"
    )
    note = "" if fits else "chips may have been idle or exchanged, or the figures are of different runs"
    return make_check(Kind.CHIP_HOURS, _outcome(fits), [total, count, time], arithmetic, note)


def check_rates(claims: Sequence[Claim]) -> Iterator[Check]:
    """A rate of chip-hours × the tokens against a stated total: «180K per trillion tokens × 14.8T = 2.664M».

    Where no total is stated, one number of chips × one time stands in for it.
    """
    hours = _of(claims, ClaimType.CHIP_HOURS)
    totals = one_of_each(c for c in hours if not c.per)
    tokens = leading(_of(claims, ClaimType.TRAINING_TOKENS))
    for rate in one_of_each(c for c in hours if tokens_of(c)):
        if tokens is None:
            note = "the number of tokens is not given"
            yield make_check(Kind.RATE, Outcome.NOT_CHECKABLE, [rate], say_figure(rate), note)
            continue
        value = number_of(rate) * number_of(tokens) / tokens_of(rate)
        arithmetic = f"{say_figure(rate)} × {say_figure(tokens)} = {say_number(value)} chip-hours"
        near = [total for total in totals if same_chip(rate, total) and rate.stage is total.stage]
        if near:
            total = min(near, key=lambda c: abs(number_of(c) - value))
            stated, bounds, words, cited = number_of(total), bounds_of(total), say_figure(total), [total]
        elif pair := _one_run(claims, rate):
            stated, bounds = number_of(pair[0]) * number_of(pair[1]), bounds_of(pair[0]) * bounds_of(pair[1])
            words, cited = f"{say_figure(pair[0])} × {say_figure(pair[1])}", list(pair)
        else:
            note = "no total of that stage is given"
            yield make_check(Kind.RATE, Outcome.NOT_CHECKABLE, [rate, tokens], arithmetic, note)
            continue
        fits = Bounds(value, value).meets(bounds, TOLERANCE)
        arithmetic += f"; stated {words} ({_apart(value, stated)})"
        yield make_check(Kind.RATE, _outcome(fits), [rate, tokens, *cited], arithmetic)


def tokens_of(rate: Claim) -> float:
    """How many tokens some chip-hours are for: 1e12 of «per trillion tokens», 3e11 of «300B tokens»; 0 of a total."""
    found = _TOKENS.fullmatch(rate.per or "")
    return float(found["number"] or 1) * _SCALES[found["scale"][0].lower()] if found else 0.0


def _one_run(claims: Sequence[Claim], other: Claim) -> tuple[Claim, Claim] | None:
    """The number of chips and the time of a model's training, where there is one of each."""
    main = [c for c in claims if c.stage in _MAIN and same_chip(c, other)]
    counts = one_of_each(_of(main, ClaimType.CHIP_COUNT))
    times = one_of_each(c for c in _of(main, ClaimType.TRAINING_TIME) if not c.per)
    return (counts[0], times[0]) if len(counts) == 1 and len(times) == 1 else None


def check_compute(claims: Sequence[Claim]) -> Iterator[Check]:
    """6 × parameters × tokens against a stated FLOP count, with the active parameters where experts take turns.

    All are taken from one document where it gives them, else from all that speak of their own work.
    """
    wanted = (ClaimType.TRAINING_COMPUTE, ClaimType.PARAMETERS, ClaimType.TRAINING_TOKENS)
    claims = _one_telling(claims, wanted)
    stated = leading(_of(claims, ClaimType.TRAINING_COMPUTE))
    size = _size(claims)
    tokens = leading(_of(claims, ClaimType.TRAINING_TOKENS))
    known = [claim for claim in (stated, size, tokens) if claim]
    if stated is None or len(known) < 2:
        return
    if size is None or tokens is None:
        missing = "the number of tokens" if size else "the number of parameters"
        note = f"{missing} is not given, or not as one figure"
        yield make_check(Kind.COMPUTE, Outcome.NOT_CHECKABLE, known, say_figure(stated), note)
        return
    value = 6 * number_of(size) * number_of(tokens)
    low, high = value / COMPUTE_FACTOR, value * COMPUTE_FACTOR
    fits = low <= number_of(stated) <= high
    arithmetic = f"{_say_6nd(size, tokens, value)}; stated {say_figure(stated)} ({number_of(stated) / value:.2f} of it)"
    note = "" if fits else f"more than a factor of {COMPUTE_FACTOR:g} apart"
    yield make_check(Kind.COMPUTE, _outcome(fits), known, arithmetic, note)


@dataclass(frozen=True, slots=True)
class _Hours:
    """The chip-hours of a run: what they come to, how they are said, and the claims that give them."""

    value: float
    words: str
    chip: Chip
    sources: tuple[Claim, ...]


def check_utilisation(claims: Sequence[Claim], formats: Sequence[Claim], registry: Registry) -> Iterator[Check]:
    """FLOP ÷ (chip-hours × peak of the chip): over 1 is impossible, and under 0.05 or over 0.8 is implausible.

    The FLOP are those stated, else 6·N·D; the chip-hours those of pre-training where they are told apart, else a rate ×
    the tokens, else chips × time. The peak is the registry's dense figure for 8-bit floats where `formats` say that the
    model was trained in FP8 (a run in mixed formats stays below it), else for 16-bit formats, else 32-bit. A family of
    chips gives a range.
    """
    wanted = (ClaimType.CHIP_HOURS, ClaimType.PARAMETERS, ClaimType.TRAINING_TOKENS)
    claims = _one_telling(claims, wanted)
    tokens = leading(_of(claims, ClaimType.TRAINING_TOKENS))
    hours = _run_hours(claims, tokens)
    if hours is None:
        return
    compute, size = leading(_of(claims, ClaimType.TRAINING_COMPUTE)), _size(claims)
    if compute:
        flop, words, sources = number_of(compute), say_figure(compute), [compute]
    elif size and tokens:
        flop, sources = 6 * number_of(size) * number_of(tokens), [size, tokens]
        words = f"({_say_6nd(size, tokens, flop)})"
    else:
        note = "neither FLOP nor one size and one number of tokens are given"
        yield make_check(Kind.UTILISATION, Outcome.NOT_CHECKABLE, hours.sources, hours.words, note)
        return
    eight = next((c for c in formats if c.value == "fp8"), None)
    peak = _peak(registry, hours.chip.id, fp8=eight is not None)
    if peak is None:
        note = f"the peak of {hours.chip.name} is not established, or the chip is not named"
        yield make_check(Kind.UTILISATION, Outcome.NOT_CHECKABLE, [*hours.sources, *sources], words, note)
        return
    bounds, column = peak
    used = Bounds(flop, flop) / (Bounds(hours.value * 3600e12, hours.value * 3600e12) * bounds)
    said = f"{used.low:.1%}" if used.low == used.high else f"{used.low:.1%} to {used.high:.1%}"
    arithmetic = f"{words} ÷ ({hours.words} × 3,600 s × {_say_peak(bounds)} {column} of {hours.chip.name}) = {said}"
    stated = leading(_of(claims, ClaimType.UTILIZATION))
    if stated:
        arithmetic += f"; stated {number_of(stated):.1%}"
    fits = used.high >= PLAUSIBLE.low and used.low <= PLAUSIBLE.high
    notes = [_judge(used), "trained in FP8, so the peak is that of FP8" if column == "fp8" else ""]
    cited = dict.fromkeys([*hours.sources, *sources, *filter(None, (stated, eight if column == "fp8" else None))])
    note = "; ".join(filter(None, notes))
    yield make_check(Kind.UTILISATION, _outcome(fits), list(cited), arithmetic, note, share=(used.low, used.high))


def _judge(used: Bounds) -> str:
    if used.low > 1:
        return "over 1: impossible"
    if used.high < PLAUSIBLE.low:
        return "implausibly low: more was done in these chip-hours, or not by this model alone"
    return "implausible" if used.low > PLAUSIBLE.high else ""


def _run_hours(claims: Sequence[Claim], tokens: Claim | None) -> _Hours | None:
    """The chip-hours of the main run: of pre-training where they are told apart, the largest; else what they follow
    from: «180K per trillion tokens» × tokens, one number of chips × one time.
    """
    told = [c for c in _of(claims, ClaimType.CHIP_HOURS) if c.stage is not Stage.POST_TRAINING]
    totals = [c for c in told if not c.per]
    first = [c for c in totals if c.stage is Stage.PRE_TRAINING] or totals
    if total := max(first, key=lambda c: (number_of(c), c.confidence, c.id), default=None):
        return _Hours(number_of(total), say_figure(total), total.chip, (total,)) if total.chip else None
    rates = one_of_each(c for c in told if tokens_of(c))
    if len(rates) == 1 and rates[0].chip and tokens:
        value = number_of(rates[0]) * number_of(tokens) / tokens_of(rates[0])
        words = f"{say_figure(rates[0])} × {say_figure(tokens)}"
        return _Hours(value, words, rates[0].chip, (rates[0], tokens))
    counts = [c for c in _of(claims, ClaimType.CHIP_COUNT) if c.stage in _MAIN]
    if counts and (pair := _one_run(claims, counts[0])) and pair[0].chip:
        value = number_of(pair[0]) * number_of(pair[1])
        return _Hours(value, f"{say_figure(pair[0])} × {say_figure(pair[1])}", pair[0].chip, pair)
    return None


_MAIN = (Stage.PRE_TRAINING, Stage.TRAINING)
_FORMATS = (("bf16_dense_tflops", "bf16"), ("fp16_dense_tflops", "fp16"), ("fp32_tflops", "fp32"))


def _peak(registry: Registry, chip: str, *, fp8: bool) -> tuple[Bounds, str] | None:
    """The peak in TFLOP/s that a chip id can mean, and of which format. A device may be a share of a chip (a core)."""
    try:
        parts = registry.parts(chip)
    except KeyError:
        return None
    for column, name in ((("fp8_dense_tflops", "fp8"),) if fp8 else ()) + _FORMATS:
        peaks = [(peak, part.devices_per_chip) for part in parts if (peak := getattr(part, column)) is not None]
        if peaks:
            return Bounds(min(p / n for p, n in peaks), max(p for p, _ in peaks)), name
    return None


def _one_telling(claims: Sequence[Claim], wanted: Sequence[ClaimType]) -> Sequence[Claim]:
    """The claims of the document that gives most of the wanted figures; where none gives all, the own ones of all."""
    documents: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        documents[claim.evidence[0].sha256].append(claim)
    full = [sha256 for sha256, said in documents.items() if {c.type for c in said}.issuperset(wanted)]
    own = [c for c in claims if c.attribution is Attribution.OWN]
    if not full:
        return own
    return documents[min(full, key=lambda d: (documents[d][0].attribution is not Attribution.OWN, d))]


def _size(claims: Sequence[Claim]) -> Claim | None:
    """The parameters that one token passes through: the active ones where any are stated, else all."""
    return leading(_of(claims, ClaimType.ACTIVE_PARAMETERS)) or leading(_of(claims, ClaimType.PARAMETERS))


def _of(claims: Sequence[Claim], kind: ClaimType) -> list[Claim]:
    return [claim for claim in claims if claim.type is kind]


def _nearest(total: Claim, candidates: Sequence[Claim]) -> list[Claim]:
    """The figures that can belong to some chip-hours: those of its sentence, else all of its stage and chip."""
    fitting = [c for c in candidates if same_chip(c, total) and _same_stage(c, total)]
    return [c for c in fitting if same_sentence(c, total)] or fitting


def _same_stage(one: Claim, other: Claim) -> bool:
    return one.stage is other.stage or Stage.TRAINING in (one.stage, other.stage)


def _outcome(fits: bool) -> Outcome:
    return Outcome.CONSISTENT if fits else Outcome.INCONSISTENT


def _apart(value: float, stated: float) -> str:
    return f"{(value - stated) / stated:+.1%}" if stated else "stated zero"


def _say_6nd(size: Claim, tokens: Claim, value: float) -> str:
    active = "active " if size.type is ClaimType.ACTIVE_PARAMETERS else ""
    return f"6 × {say_number(number_of(size))} {active}parameters × {say_figure(tokens)} = {say_number(value)} FLOP"


def _say_peak(bounds: Bounds) -> str:
    low, high = say_number(bounds.low), say_number(bounds.high)
    return f"{low} TFLOP/s" if low == high else f"{low} to {high} TFLOP/s"
