"""Claims made wrong on purpose: one in some of those that reviewers see, to learn how many wrong ones they catch.

Each is a real claim with another chip, count or model than its words say. They depend on a seed alone, so that people
who work apart on one base meet the same ones. They stand in the queue and the log, and enter nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evidence.decisions import Action, Alteration, Decision, active, identify
from evidence.figures import say_number
from evidence.finding import FACTUAL
from extractors.claim import Chip, Claim, ClaimType, Status, Subject
from registry import Registry
from registry.tables import fold

_TYPES = frozenset({ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS})
_FACTORS = (2.0, 10.0, 0.1, 0.5, 4.0, 3.0)
_NEAR = 0.05
"""Values nearer than this to another one of the work would be no clear fault."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A claim made wrong: what reviewers see, the claim it was made from, and how."""

    claim: Claim
    origin: Claim
    work: str
    alteration: Alteration


@dataclass(frozen=True, slots=True)
class Catch:
    """How many planted claims a reviewer decided, and how many of these he rejected or corrected."""

    reviewer: str
    planted: int
    caught: int

    @property
    def missed(self) -> int:
        """Planted claims that were accepted."""
        return self.planted - self.caught

    @property
    def rate(self) -> float:
        """The share caught."""
        return self.caught / (self.planted or 1)


def plant_claims(work: str, claims: Sequence[Claim], registry: Registry, share: float, seed: int) -> Iterator[Plant]:
    """The planted claims of a work, given all of its claims, sorted by the claim they are made from."""
    made = {claim.id for claim in claims}
    for origin in sorted(claims, key=lambda c: c.id):
        wanted = origin.type in _TYPES and origin.modality in FACTUAL and origin.status is Status.ASSERTED
        if not wanted or draw(seed, origin.id) >= share:
            continue
        for claim, alteration in _alter(origin, claims, registry, seed):
            named = claim.model_copy(update={"id": identify(work, claim)})
            if named.id not in made:
                made.add(named.id)
                yield Plant(named, origin, work, alteration)
                break


def measure_catches(decisions: Iterable[Decision]) -> list[Catch]:
    """How many planted claims each reviewer caught, by name; who skipped one neither caught nor missed it."""
    last = {(x.reviewer, x.claim): x.action for x in active(decisions) if x.planted and x.action is not Action.SKIP}
    by_reviewer: dict[str, list[bool]] = defaultdict(list)
    for (reviewer, _), action in sorted(last.items()):
        by_reviewer[reviewer].append(action is not Action.ACCEPT)
    return [Catch(reviewer, len(caught), sum(caught)) for reviewer, caught in by_reviewer.items()]


def draw(seed: int, *words: str) -> float:
    """A number from 0 to 1 that depends on the seed and the words alone."""
    digest = hashlib.sha256("\0".join([str(seed), *words]).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _alter(origin: Claim, claims: Sequence[Claim], registry: Registry, seed: int) -> Iterator[tuple[Claim, Alteration]]:
    ways = [_another_chip, _another_model] + ([_another_value] if isinstance(origin.value, float | int) else [])
    for way in sorted(ways, key=lambda way: draw(seed, origin.id, way.__name__)):
        yield from way(origin, claims, registry, seed)


def _another_chip(
    origin: Claim, claims: Sequence[Claim], registry: Registry, seed: int
) -> Iterator[tuple[Claim, Alteration]]:
    """A part of the same maker that the work names nowhere, and that is none of what the chip's name may mean."""
    if origin.chip is None:
        return
    known = {chip.id: chip for chip in registry.chips}
    true = known.get(origin.chip.id)
    if true is None or true.generic:
        return
    near = {part for c in claims if c.chip for part in (c.chip.id, *_kin(registry, c.chip.id))}
    words = fold(" ".join(e.quote for e in origin.evidence))
    others = [
        chip
        for chip in registry.chips
        if chip.vendor == true.vendor and chip.level == "part" and chip.segment == "datacenter" and chip.id not in near
        if not any(fold(spelling.text) in words for spelling in chip.spellings())
    ]
    for chip in sorted(others, key=lambda chip: draw(seed, origin.id, chip.id)):
        wrong = origin.model_copy(update={"chip": Chip(id=chip.id, name=chip.name)})
        yield wrong, Alteration(field="chip", was=origin.chip.id, made=chip.id)


def _another_value(
    origin: Claim, claims: Sequence[Claim], registry: Registry, seed: int
) -> Iterator[tuple[Claim, Alteration]]:
    """A multiple of the value that the work gives nowhere and whose digits do not stand in the words."""
    value = float(origin.value or 0)
    stated = [float(c.value) for c in claims if isinstance(c.value, float | int)]
    digits = re.sub(r"\D", "", "".join(e.quote for e in origin.evidence))
    for factor in sorted(_FACTORS, key=lambda factor: draw(seed, origin.id, str(factor))):
        made = float(round(value * factor))
        if made < 1 or any(abs(made - other) <= _NEAR * other for other in stated) or f"{made:.0f}" in digits:
            continue
        wrong = origin.model_copy(update={"value": made, "lower": None, "upper": None, "formula": None})
        yield wrong, Alteration(field="value", was=say_number(value), made=say_number(made))


def _another_model(
    origin: Claim, claims: Sequence[Claim], registry: Registry, seed: int
) -> Iterator[tuple[Claim, Alteration]]:
    """Another model of the work, of another name in every part, that the quote does not name."""
    if origin.subject.kind != "model":
        return
    words = fold(" ".join(e.quote for e in origin.evidence))
    true = fold(origin.subject.name)
    others: dict[str, Subject] = {}
    for claim in claims:
        name = fold(claim.subject.name)
        if claim.subject.kind == "model" and name not in words and name not in true and true not in name:
            others[claim.subject.id] = claim.subject
    held = {(c.subject.id, c.chip.id if c.chip else None) for c in claims}
    for subject in sorted(others.values(), key=lambda subject: draw(seed, origin.id, subject.id)):
        if (subject.id, origin.chip.id if origin.chip else None) not in held:
            wrong = origin.model_copy(update={"subject": subject})
            yield wrong, Alteration(field="subject", was=origin.subject.name, made=subject.name)


def _kin(registry: Registry, chip: str) -> set[str]:
    try:
        return {*registry.lineage(chip), *(part.id for part in registry.parts(chip))}
    except KeyError:
        return {chip}
