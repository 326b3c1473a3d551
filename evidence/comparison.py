"""A set's claims against a table that somebody keeps by hand: what agrees, what differs, what only one of them has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from evidence.check import Said, cite, leading, one_of_each
from evidence.checks import TRAINING
from evidence.figures import bounds_of, number_of, say_number
from evidence.finding import FACTUAL
from extractors.claim import Claim, ClaimType, Status
from registry import Registry
from registry.identity import identify_model
from registry.lookup import UnknownNameError, find_chip
from registry.tables import fold

TOLERANCE = 0.02
VARIANT = 1.5
"""Models whose sizes are a larger factor apart are different ones."""

MISREAD = 10.0
"""A larger factor between two figures is more likely a fault of reading than of two sources."""


class Verdict(StrEnum):
    """How one figure of a table stands to the claims."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ONLY_THERE = "only_there"
    ONLY_HERE = "only_here"


class Cause(StrEnum):
    """Why a figure of theirs differs from ours, by rule. `misread` is the one to look at first: ours may be wrong.

    `sources` is what is left: both are stated, by different documents or in different places of one.
    """

    DERIVED = "theirs is derived or estimated"
    VARIANT = "another variant"
    DEFINITION = "another definition or rounding"
    MISREAD = "ours may be misread"
    SOURCES = "two sources disagree"


@dataclass(frozen=True, slots=True)
class Row:
    """One model of a table: its figures by claim type, its chips, its format, and its keeper's notes by type."""

    model: str
    figures: Mapping[ClaimType, float]
    words: Mapping[ClaimType, str]
    notes: Mapping[ClaimType, str]


class Comparison(BaseModel):
    """One figure of one model: theirs, ours with quotes, and why they may differ. `model` is null for a model that the
    table has not; `subject` is null for one that the set has not. Every difference has a `cause`, and `why` says more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None
    subject: str | None
    field: ClaimType
    verdict: Verdict
    theirs: float | str | None
    ours: tuple[Said, ...]
    cause: Cause | None = None
    why: str
    their_note: str


def compare_rows(rows: Iterable[Row], claims: Iterable[Claim], registry: Registry) -> Iterator[Comparison]:
    """Every figure of the rows against the claims, row by row, then the models that no row has.

    A row's model is the subject of that name. Where its own documents do not state a type of it, what is said of it by
    others and of the subject without the size («BLOOM» for «BLOOM-176B») is taken together.
    """
    subjects = gather(claims)
    found: set[str] = set()
    for row in rows:
        known = list(_subjects_of(row.model, subjects, registry))
        found.update(known)
        everything = [c for subject in known for said in subjects[subject].values() for c in said]
        for field in (kind for kind in ClaimType if kind in COMPARED):
            said = _said(field, [subjects[subject] for subject in known])
            theirs = row.figures.get(field, row.words.get(field))
            if theirs is not None or said:
                yield _compare(row, field, said, everything, registry)
    for subject in sorted(subjects.keys() - found):
        for field, said in sorted(subjects[subject].items()):
            if field in COMPARED and any(c.attribution == "own" for c in said):
                yield Comparison(
                    model=None,
                    subject=subject,
                    field=field,
                    verdict=Verdict.ONLY_HERE,
                    theirs=None,
                    ours=tuple(map(cite, said)),
                    why="",
                    their_note="",
                )


COMPARED = frozenset(
    {
        ClaimType.PARAMETERS,
        ClaimType.TRAINING_COMPUTE,
        ClaimType.TRAINING_TOKENS,
        ClaimType.TRAINING_TIME,
        ClaimType.HARDWARE,
        ClaimType.CHIP_COUNT,
        ClaimType.UTILIZATION,
        ClaimType.PRECISION,
    }
)
"""Types that tables of models have a column for."""


_FOR_RECKONING = frozenset({ClaimType.CHIP_HOURS, ClaimType.ACTIVE_PARAMETERS})


def gather(claims: Iterable[Claim]) -> dict[str, dict[ClaimType, list[Claim]]]:
    """The claims that a table could hold, by subject and type: facts about the training of models, surest first."""
    found: dict[str, dict[ClaimType, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        wanted = claim.type in COMPARED | _FOR_RECKONING and not claim.per
        fact = claim.status is Status.ASSERTED and claim.modality in FACTUAL and claim.stage in TRAINING
        if wanted and fact and claim.subject.kind == "model":
            found[claim.subject.id][claim.type].append(claim)
    for types in found.values():
        for said in types.values():
            said.sort(key=lambda c: (c.attribution != "own", -len(c.evidence), -c.confidence, c.id))
    return {subject: dict(types) for subject, types in found.items()}


def _subjects_of(model: str, subjects: Mapping[str, object], registry: Registry) -> Iterator[str]:
    """The subjects that a table's name can mean, the exact one first; «PanGu-α» is `pangu-alpha`."""
    by_key = {fold(subject): subject for subject in sorted(subjects, reverse=True)}
    plain = re.sub(r"[()]", " ", model)
    without = re.sub(r"[\s\-(]+\d+(?:\.\d+)?[BbMT]\)?$", "", model)
    found: dict[str, None] = {}
    for name in (model, plain, f"{model} base", without):
        for key in (fold(name), fold(identify_model(name, registry))):
            if key in by_key:
                found[by_key[key]] = None
    yield from found


def _said(field: ClaimType, subjects: Sequence[Mapping[ClaimType, Sequence[Claim]]]) -> list[Claim]:
    exact = [claim for types in subjects[:1] for claim in types.get(field, ())]
    if any(claim.attribution == "own" for claim in exact):
        return exact
    return [claim for types in subjects for claim in types.get(field, ())]


def _compare(
    row: Row, field: ClaimType, said: Sequence[Claim], known: Sequence[Claim], registry: Registry
) -> Comparison:
    theirs = row.figures.get(field, row.words.get(field))
    why = ""
    cause: Cause | None = None
    cited: Sequence[Claim] = ()
    unnamed = [c for c in said if c.chip and field is ClaimType.HARDWARE and not _named(c.chip.id, registry)]
    if theirs is None:
        verdict, cited = Verdict.ONLY_HERE, said
    elif unnamed and len(unnamed) == len(said):
        verdict, cited, why = Verdict.ONLY_THERE, said, "our documents do not name the chip"
    elif not said:
        verdict = Verdict.ONLY_THERE
        why = _derived(field, theirs, known)
    else:
        cited = [c for c in said if _same(theirs, c, registry)]
        verdict = Verdict.AGREES if cited else Verdict.DIFFERS
        if not cited:
            most = leading(said)
            cited = [most] if most else said
            cause, why = _explain(row, field, theirs, said, known)
    return Comparison(
        model=row.model,
        subject=said[0].subject.id if said else known[0].subject.id if known else None,
        field=field,
        verdict=verdict,
        theirs=theirs,
        ours=tuple(map(cite, cited[:3])),
        cause=cause,
        why=why,
        their_note=row.notes.get(field, ""),
    )


def _same(theirs: float | str, claim: Claim, registry: Registry) -> bool:
    if isinstance(theirs, str):
        named = claim.chip.id if claim.chip else fold(str(claim.value))
        return any(_same_word(word, named, claim, registry) for word in theirs.split(","))
    if not isinstance(claim.value, float | int):
        return False
    bounds = bounds_of(claim)
    return bounds.low * (1 - TOLERANCE) <= theirs <= bounds.high * (1 + TOLERANCE)


def _same_word(word: str, named: str, claim: Claim, registry: Registry) -> bool:
    if claim.type is ClaimType.PRECISION:
        return fold(word) == named
    chip = find_table_chip(registry, word)
    if chip is None:
        return False
    try:
        return named in registry.lineage(chip) or chip in registry.lineage(named)
    except KeyError:
        return False


def _named(chip: str, registry: Registry) -> bool:
    try:
        return not registry.chip(chip).generic
    except KeyError:
        return True


def find_table_chip(registry: Registry, words: str) -> str | None:
    """The chip that a table's words begin with: «NVIDIA Tesla V100 DGXS 32 GB» is the V100; None for no known chip."""
    parts = words.split()
    for end in range(len(parts), 0, -1):
        try:
            return find_chip(registry, " ".join(parts[:end])).id
        except UnknownNameError:
            continue
    return None


def _derived(field: ClaimType, theirs: float | str, known: Sequence[Claim]) -> str:
    """How a figure of theirs follows from claims of ours, where it does: it is then worked out and not stated."""
    if isinstance(theirs, str) or not theirs:
        return ""
    leaders = {
        kind: claim
        for kind in ClaimType
        if (claim := leading([c for c in known if c.type is kind and isinstance(c.value, float | int)]))
    }
    recipes: dict[ClaimType, tuple[tuple[float, str, tuple[ClaimType, ...]], ...]] = {
        ClaimType.TRAINING_COMPUTE: (
            (6, "6 × active parameters × tokens", (ClaimType.ACTIVE_PARAMETERS, ClaimType.TRAINING_TOKENS)),
            (6, "6 × parameters × tokens", (ClaimType.PARAMETERS, ClaimType.TRAINING_TOKENS)),
        ),
    }
    for factor, words, kinds in recipes.get(field, ()):
        if all(kind in leaders for kind in kinds):
            value = factor
            for kind in kinds:
                value *= number_of(leaders[kind])
            if abs(value - theirs) <= 0.05 * theirs:
                return f"theirs is worked out: {words} of what we read is {say_number(value)}"
    hours, count, time = (leaders.get(k) for k in (ClaimType.CHIP_HOURS, ClaimType.CHIP_COUNT, ClaimType.TRAINING_TIME))
    other = {ClaimType.TRAINING_TIME: count, ClaimType.CHIP_COUNT: time}.get(field)
    if hours and other and abs(number_of(hours) / number_of(other) - theirs) <= 0.1 * theirs:
        return f"theirs is worked out: {say_number(number_of(hours))} chip-hours ÷ {say_number(number_of(other))}"
    return ""


def _explain(
    row: Row, field: ClaimType, theirs: float | str, said: Sequence[Claim], known: Sequence[Claim]
) -> tuple[Cause, str]:
    """Why two figures differ, as far as claims and the keeper's note tell: the cause, and what shows it."""
    by_others = "ours is what others say of this model" if all(c.attribution != "own" for c in said) else ""
    ours = leading(said) or said[0]
    if sizes := _other_size(row, ours, known):
        return Cause.VARIANT, f"our «{ours.subject.name}» has {sizes} parameters, theirs {_say_size(row)}"
    if worked_out := _derived(field, theirs, known):
        return Cause.DERIVED, worked_out
    if isinstance(theirs, str) or not all(isinstance(c.value, float | int) for c in said):
        return Cause.SOURCES, by_others
    values = [number_of(c) for c in one_of_each(said)]
    for size in range(2, min(len(values), 6) + 1):
        for parts in combinations(values[:6], size):
            if abs(sum(parts) - theirs) <= TOLERANCE * theirs:
                return Cause.DERIVED, f"theirs is a sum of ours: {' + '.join(map(say_number, parts))}"
    if not any(theirs / MISREAD < value < theirs * MISREAD for value in values):
        return Cause.MISREAD, f"more than a factor of {MISREAD:g} apart: look at our words first"
    if _WORKED_OUT.search(row.notes.get(field, "")):
        return Cause.DERIVED, "theirs is worked out or estimated, by its note"
    if rounded := next((value for value in values if _rounds_to(value, theirs)), None):
        return Cause.DEFINITION, f"theirs is ours rounded: {say_number(rounded)}"
    several = f"we read several figures: {', '.join(map(say_number, values))}" if len(values) > 1 else ""
    return Cause.SOURCES, by_others or several


def _other_size(row: Row, ours: Claim, known: Sequence[Claim]) -> str:
    """The size of what a claim is about, where it is no size of the row's model.

    That is so of a subject found by another name («Switch» for «Switch-Base»), and of a baseline that others call by
    the model's name.
    """
    theirs = row.figures.get(ClaimType.PARAMETERS)
    if theirs is None or (fold(ours.subject.id) == fold(row.model) and ours.attribution == "own"):
        return ""
    sizes = [number_of(c) for c in known if c.type is ClaimType.PARAMETERS and c.subject.id == ours.subject.id]
    if not sizes or any(theirs / VARIANT <= size <= theirs * VARIANT for size in sizes):
        return ""
    return ", ".join(map(say_number, sorted(set(sizes), reverse=True)[:3]))


def _say_size(row: Row) -> str:
    return say_number(row.figures[ClaimType.PARAMETERS])


def _rounds_to(value: float, theirs: float) -> bool:
    """Whether a figure rounds to theirs at the few digits that theirs has: 1.043T to «1T»."""
    return any(float(f"{value:.{digits}e}") == theirs for digits in (0, 1))


_WORKED_OUT = re.compile(r"\bassum|\bestimat|\bcalculat|\d\s*[*×/]\s*\d", re.IGNORECASE)
