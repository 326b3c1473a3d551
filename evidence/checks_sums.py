"""Sums of chip-hours: the stages of a model against its total, and the models of a family against theirs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from evidence.check import Check, Kind, Outcome, make_check, one_of_each, same_chip, same_sentence, say_figure
from evidence.figures import Bounds, bounds_of, number_of, say_number, sum_bounds
from extractors.claim import Claim, ClaimType

TOLERANCE = 0.01
_MOST_PARTS = 10
_MEMBER = re.compile(r"(.+)-\d+(?:\.\d+)?[mbt]")
_TOTAL = re.compile(r"\b(?:total|overall|altogether|sum|full|entire)\b|总计|合计|总共|共计|总", re.IGNORECASE)


def check_stages(claims: Sequence[Claim]) -> Iterator[Check]:
    """The chip-hours of stages against their total, from the claims of one document: «2,664K + 119K + 5K = 2,788K».

    Figures of one row or sentence are held together before all of the document's. They can only be inconsistent where
    the words call one of them a total and no choice of the others makes it up.
    """
    hours = one_of_each(c for c in claims if c.type is ClaimType.CHIP_HOURS and not c.per)
    if len(hours) < 2:
        return
    total, *rest = hours
    parts = [c for c in rest if same_chip(c, total)]
    row = [c for c in parts if same_sentence(c, total)]
    for group in (row, parts):
        if chosen := _make_up(total, group):
            left = [c for c in parts if c not in chosen]
            note = f"not among them: {', '.join(map(say_figure, left))}" if left else ""
            yield make_check(Kind.STAGES, Outcome.CONSISTENT, [total, *chosen], _say_sum(total, chosen), note, of=total)
            return
    if len(row) > 1 and _called_total(total):
        outcome, note = _weigh(total, row)
        yield make_check(Kind.STAGES, outcome, [total, *row], _say_sum(total, row), note, of=total)
    else:
        note = "it is not said which of the figures is the total of the others"
        yield make_check(Kind.STAGES, Outcome.NOT_CHECKABLE, hours, "; ".join(map(say_figure, hours)), note)


def check_members(models: Mapping[str, Sequence[Claim]]) -> Iterator[Check]:
    """The chip-hours of a family's models against the total of the family in the same document.

    «Llama 3.1» is the family of «Llama 3.1 8B»: the ids tell. It is inconsistent only where words call it a total.
    """
    kin = group_members(models)
    for family in sorted(kin.keys() & models.keys()):
        for total in one_of_each(_hours(models[family])):
            near = (
                [c for c in _hours(models[model]) if same_chip(c, total) and _same_document(c, total)]
                for model in kin[family]
            )
            parts = [max(said, key=number_of) for said in near if said]
            if len(parts) < 2:
                continue
            fits = sum_bounds(map(bounds_of, parts)).meets(bounds_of(total), TOLERANCE)
            if fits or _called_total(total):
                outcome, note = (Outcome.CONSISTENT, "") if fits else _weigh(total, parts)
                yield make_check(Kind.MEMBERS, outcome, [total, *parts], _say_sum(total, parts), note, of=total)


def _weigh(total: Claim, parts: Sequence[Claim]) -> tuple[Outcome, str]:
    """Parts that exceed their total contradict it; parts that fall short may lack one that was not read."""
    rest = number_of(total) - sum(map(number_of, parts))
    if rest < 0:
        return Outcome.INCONSISTENT, "the parts exceed the total"
    return Outcome.NOT_CHECKABLE, f"{say_number(rest)} chip-hours of the total belong to no part that is known"


def family_of(model: str) -> str | None:
    """The id of the family that a model is of some size: `larch` of `larch-7b`, None of `larch` and `larch-7b-chat`."""
    found = _MEMBER.fullmatch(model)
    return found[1] if found else None


def group_members(models: Iterable[str]) -> dict[str, list[str]]:
    """The models of each family by its id, sorted, whether the family is among them or not."""
    members: dict[str, list[str]] = defaultdict(list)
    for model in sorted(models):
        if family := family_of(model):
            members[family].append(model)
    return members


def _make_up(total: Claim, parts: Sequence[Claim]) -> tuple[Claim, ...]:
    """The parts, at least two and as many as possible, that make up a total; none where there is no such choice."""
    for size in range(min(len(parts), _MOST_PARTS), 1, -1):
        for chosen in combinations(parts[:_MOST_PARTS], size):
            value = sum(map(number_of, chosen))
            room = sum_bounds(map(bounds_of, chosen))
            if room.meets(bounds_of(total), 0) and Bounds(value, value).meets(bounds_of(total), TOLERANCE):
                return chosen
    return ()


def _hours(claims: Sequence[Claim]) -> list[Claim]:
    return [c for c in claims if c.type is ClaimType.CHIP_HOURS and not c.per]


def _same_document(one: Claim, other: Claim) -> bool:
    return not {e.sha256 for e in one.evidence}.isdisjoint(e.sha256 for e in other.evidence)


def _called_total(claim: Claim) -> bool:
    return any(_TOTAL.search(evidence.quote) for evidence in claim.evidence)


def _say_sum(total: Claim, parts: Sequence[Claim]) -> str:
    value = sum(map(number_of, parts))
    terms = " + ".join(f"{say_number(number_of(c))} ({c.subject.name}, {c.stage})" for c in parts)
    apart = (value - number_of(total)) / number_of(total)
    return f"{terms} = {say_number(value)} chip-hours; stated {say_figure(total)} ({apart:+.1%})"
