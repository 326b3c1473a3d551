"""One figure given twice: in one document, or in several documents and languages."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from evidence.check import Check, Kind, Outcome, leading, make_check, one_of_each, same_chip, same_sentence, say_figure
from evidence.checks_sums import family_of, group_members
from evidence.figures import bounds_of, number_of
from extractors.claim import Attribution, Claim, ClaimType, Stage

TOLERANCE = 0.02
NEAR = 0.1
"""Figures of one document that lie closer than this are one figure given twice; parts of a total and checkpoints lie
further apart."""

FARTHEST = 3.0
FARTHEST_SIZE = 1.5
"""Figures of two documents that are a larger factor apart are of different things: a trial run, another variant."""

_HAN = re.compile(r"[一-鿿]")
_WITHIN = (ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.TRAINING_COMPUTE, ClaimType.TRAINING_TOKENS)
_ACROSS = (
    *_WITHIN,
    ClaimType.TRAINING_TIME,
    ClaimType.PARAMETERS,
    ClaimType.ACTIVE_PARAMETERS,
    ClaimType.COST,
    ClaimType.ENERGY,
    ClaimType.EMISSIONS,
)
_SIZES = frozenset({ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS})
_LOOSE = frozenset({"about", "at_least", "at_most", "range"})
_MAIN = frozenset({Stage.PRE_TRAINING, Stage.TRAINING})


def check_within(models: Mapping[str, Sequence[Claim]]) -> Iterator[Check]:
    """Near figures of one kind in one document: «8T tokens» in the abstract, «8.3T tokens» in section 3.

    What is said of a family («Larch») counts for its largest model («Larch-7B») too, since reports sum up by it.
    """
    largest = {family: max(members, key=_scale) for family, members in group_members(models).items()}
    for model in sorted(models):
        family = family_of(model)
        general = models.get(family, ()) if family and largest[family] == model else ()
        for kind in _WITHIN:
            own = [c for c in models[model] if _comparable(c, kind)]
            all_said = one_of_each([*own, *(c for c in general if _comparable(c, kind))])
            for one, other in combinations(all_said, 2):
                if own and _same_use(one, other) and _apart_in_one_document(one, other) and _given_twice(one, other):
                    yield _inconsistent(Kind.WITHIN, one, other)


def check_across(claims: Sequence[Claim]) -> Iterator[Check]:
    """Figures of one model, type, stage and chip in different documents.

    Documents that share a figure agree, and what else they give are parts. A document that shares none is held against
    the one that speaks of its own work: the size given most often, the nearest emissions (they are reckoned in several
    ways), or the largest of any other figure, since a total is no smaller than its parts.
    """
    for kind in _ACROSS:
        by_document: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            if claim.type is kind and not claim.per:
                by_document[claim.evidence[0].sha256].append(claim)
        if len(by_document) > 1:
            yield from _compare(by_document)


def _compare(by_document: Mapping[str, Sequence[Claim]]) -> Iterator[Check]:
    """One check over all documents that agree, and one for each that agrees with none."""
    alone = []
    sharing: list[Claim] = []
    for document in sorted(by_document):
        others = [c for other in by_document if other != document for c in by_document[other]]
        shared = [a for a in by_document[document] if any(_comparable_pair(a, b) and _agree(a, b) for b in others)]
        if shared:
            sharing.append(max(shared, key=lambda c: (number_of(c), c.confidence, c.id)))
        else:
            alone.append(document)
    if sharing:
        words = " = ".join(f"{say_figure(c)} in {_place(c)}" for c in sharing)
        yield make_check(_kind(sharing), Outcome.CONSISTENT, sharing, words)
    primary = min(by_document, key=lambda d: (not _own(by_document[d]), d in alone, d))
    for document in alone:
        if document != primary:
            yield from _hold_against(by_document[document], by_document[primary])


def _hold_against(first: Sequence[Claim], second: Sequence[Claim]) -> Iterator[Check]:
    pairs = [(a, b) for a in _main(first) for b in _main(second) if _comparable_pair(a, b) and _same_stage(a, b)]
    if not pairs:
        return
    if first[0].type is ClaimType.EMISSIONS:
        one, other = min(pairs, key=lambda pair: (_factor(*pair), pair[0].id, pair[1].id))
    else:
        one, other = max(pairs, key=lambda pair: (number_of(pair[0]), number_of(pair[1]), pair[0].id, pair[1].id))
    low, high = sorted((number_of(one), number_of(other)))
    if high <= low * (FARTHEST_SIZE if one.type in _SIZES else FARTHEST):
        yield _inconsistent(_kind((one, other)), one, other)
    else:
        note = "too far apart to be one figure: one may be of a trial run, a part, or another variant"
        yield make_check(_kind((one, other)), Outcome.NOT_CHECKABLE, [one, other], _say_both(one, other), note)


def _factor(one: Claim, other: Claim) -> float:
    low, high = sorted((number_of(one), number_of(other)))
    return high / low if low else math.inf


def _main(claims: Sequence[Claim]) -> Sequence[Claim]:
    if claims[0].type not in _SIZES:
        return claims
    most = leading(claims)
    return [most] if most else []


def _inconsistent(kind: Kind, one: Claim, other: Claim) -> Check:
    notes = [
        "rounding alone could explain it" if bounds_of(one).meets(bounds_of(other), 0) else "",
        "" if one.attribution is other.attribution else "one of the documents speaks of another's work",
    ]
    return make_check(kind, Outcome.INCONSISTENT, [one, other], _say_both(one, other), "; ".join(filter(None, notes)))


def _agree(one: Claim, other: Claim) -> bool:
    """Whether two figures are one: within 2 %, or by their words («about», «at least»), or a size by its rounding.

    Sizes are rounded by custom («7B» for 6.7B); for other figures «8T» and «8.3T» are told apart.
    """
    low, high = sorted((number_of(one), number_of(other)))
    if high - low <= TOLERANCE * high:
        return True
    worded = one.qualifier in _LOOSE or other.qualifier in _LOOSE
    return (worded or one.type in _SIZES) and bounds_of(one).meets(bounds_of(other), 0)


def _given_twice(one: Claim, other: Claim) -> bool:
    low, high = sorted((number_of(one), number_of(other)))
    return high - low <= NEAR * high and not _agree(one, other)


def _comparable(claim: Claim, kind: ClaimType) -> bool:
    return claim.type is kind and claim.stage in _MAIN and claim.attribution is Attribution.OWN and not claim.per


def _comparable_pair(one: Claim, other: Claim) -> bool:
    return same_chip(one, other) and one.unit == other.unit and one.id != other.id


def _same_use(one: Claim, other: Claim) -> bool:
    tokens = one.type is ClaimType.TRAINING_TOKENS
    return _comparable_pair(one, other) and (one.stage is other.stage or tokens)


def _same_stage(one: Claim, other: Claim) -> bool:
    return one.stage is other.stage or {one.stage, other.stage} <= _MAIN


def _apart_in_one_document(one: Claim, other: Claim) -> bool:
    """Whether one document says both, in different places: rows of one table are figures of different things."""
    together = not {e.sha256 for e in one.evidence}.isdisjoint(e.sha256 for e in other.evidence)
    return together and not same_sentence(one, other)


def _kind(claims: Sequence[Claim]) -> Kind:
    """Whether documents of one language are held against each other or of two, by the script of their words."""
    han = {any(_HAN.search(evidence.quote) for evidence in claim.evidence) for claim in claims}
    return Kind.LANGUAGES if len(han) == 2 else Kind.ACROSS


def _own(claims: Sequence[Claim]) -> bool:
    return any(claim.attribution is Attribution.OWN for claim in claims)


def _scale(model: str) -> float:
    number = re.search(r"(\d+(?:\.\d+)?)([mbt])$", model)
    return float(number[1]) * {"m": 1e6, "b": 1e9, "t": 1e12}[number[2]] if number else 0


def _say_both(one: Claim, other: Claim) -> str:
    larger, smaller = sorted((number_of(one), number_of(other)), reverse=True)
    apart = (larger - smaller) / larger if larger else 0
    return f"{say_figure(one)} in {_place(one)} and {say_figure(other)} in {_place(other)}, {apart:.1%} apart"


def _place(claim: Claim) -> str:
    evidence = claim.evidence[0]
    return evidence.document + (f" p. {evidence.page}" if evidence.page else "")
