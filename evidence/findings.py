"""Findings over a whole set, which an analyst would otherwise put together by hand, each with its evidence.

They are derived anew from claims and documents, state nothing that no claim states, and name what is missing.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from evidence.checks import TRAINING
from evidence.checks_sums import family_of, group_members
from evidence.finding import FACTUAL
from evidence.links import Role
from evidence.standing import UNKNOWN, Dated, Group, Register
from evidence.uses import Use, gather_uses
from extractors.claim import Attribution, Claim, ClaimType, Stage, Status
from extractors.text import Outcome
from registry import Registry


class FindingKind(StrEnum):
    """What a finding is about."""

    CHIPS = "chips-by-status"
    SERVING = "served-without-licence-requirement"
    PARTIAL = "partial-disclosure"
    SILENCE = "nothing-disclosed"


class Read(Dated, Protocol):
    """What is asked of a document of the set."""

    @property
    def name(self) -> str:
        """The name that claims cite."""
        ...

    @property
    def title(self) -> str | None:
        """Its title."""
        ...

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        ...


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class About(_Part):
    """Whom or what a finding is about; of a document `id` is the digest."""

    kind: Literal["developer", "model", "document"]
    id: str
    name: str


class Row(_Part):
    """One use of a chip: by which model, for what, and the chip's status on the day that stands for the model.

    `basis` says what day that is. The status is that of an export to the developer's country, and no verdict.
    """

    model: str
    chip: str
    role: Role
    put: Literal["stated", "asked_for"]
    own: bool
    when: str
    basis: str
    status: str
    group: Group
    claims: tuple[str, ...]


class Spared(_Part):
    """A technique, what it saves of a chip's figures, and the claims that name it."""

    technique: str
    saves: tuple[str, ...]
    claims: tuple[str, ...]


class Given(_Part):
    """A part of the disclosure that is there, and the claims that give it."""

    what: str
    claims: tuple[str, ...]


class SetFinding(_Part):
    """One finding. `says` is it in words; `missing` names what no document of the set gives; `documents` are digests.

    The id is of kind and subject, and so the same in every run.
    """

    id: str
    kind: FindingKind
    about: About
    developer: str | None
    country: str | None
    says: str
    rows: tuple[Row, ...] = ()
    techniques: tuple[Spared, ...] = ()
    given: tuple[Given, ...] = ()
    missing: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


def find_all(claims: Iterable[Claim], documents: Iterable[Read], registry: Registry) -> tuple[SetFinding, ...]:
    """Every finding of a set, by kind, then by what it is about."""
    said = [_lean(c) for c in claims if c.status is Status.ASSERTED]
    read = list(documents)
    register = Register(registry, read, said)
    uses = [use for use in gather_uses(said, register) if not _is_generic(use.chip.id, registry)]
    by_model: dict[str, list[Claim]] = defaultdict(list)
    for claim in said:
        if claim.subject.kind == "model":
            by_model[claim.subject.id].append(claim)
    found = [
        *_find_chips(uses, register),
        *_find_serving(uses, by_model, register, registry),
        *_find_partial(by_model, register, registry),
        *_find_silence(read, said, register),
    ]
    kinds = list(FindingKind)
    return tuple(sorted(found, key=lambda f: (kinds.index(f.kind), f.about.name.casefold(), f.about.id)))


def _lean(claim: Claim) -> Claim:
    """A claim without its words, which a set of many documents has no room for at once."""
    places = {e.sha256: e for e in reversed(claim.evidence)}.values()
    evidence = tuple(e.model_copy(update={"quote": "", "start": 0, "end": 0, "boxes": ()}) for e in places)
    return claim.model_copy(update={"evidence": evidence, "cues": (), "reasons": ()})


def _find_chips(uses: Sequence[Use], register: Register) -> Iterator[SetFinding]:
    """Developers in a country that the rules speak of, and the chips they report, by status over time."""
    by_developer: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        if use.put == "stated" and use.control.developer and register.covers(use.control.country or ""):
            by_developer[use.control.developer].append(use)
    for developer, theirs in sorted(by_developer.items()):
        rows = sorted(map(_row, theirs), key=lambda r: (r.when or "9999", r.chip, r.model, r.role))
        chips: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if row.chip not in chips[row.status]:
                chips[row.status].append(row.chip)
        parts = "; ".join(f"{', '.join(names)}: {status}" for status, names in chips.items())
        chip_count, models = len({row.chip for row in rows}), len({row.model for row in rows})
        country = theirs[0].control.country
        yield SetFinding(
            id=_id(FindingKind.CHIPS, developer),
            kind=FindingKind.CHIPS,
            about=About(kind="developer", id=developer, name=developer),
            developer=developer,
            country=country,
            says=f"{chip_count} chip{'s' * (chip_count > 1)}, {models} model{'s' * (models > 1)}. {parts}",
            rows=tuple(rows),
        )


def _find_serving(
    uses: Sequence[Use], by_model: Mapping[str, Sequence[Claim]], register: Register, registry: Registry
) -> Iterator[SetFinding]:
    """Models served on chips for which no licence requirement is found on their day, and what makes that do.

    Chips designed in the destination are no question of an export and are told apart by their status.
    """
    served: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        if use.role is Role.SERVED_ON and use.own and register.covers(use.control.country or ""):
            served[use.model.id].append(use)
    for model, theirs in sorted(served.items()):
        if not any(use.group == "free" or use.status == "not an export item" for use in theirs):
            continue
        spared = find_spared(by_model[model], registry)
        names = ", ".join(s.technique for s in spared) or "none that its documents name"
        chips = "; ".join(
            f"{use.chip.name} ({use.status}, {use.when}{', asked for' * (use.put == 'asked_for')})" for use in theirs
        )
        yield SetFinding(
            id=_id(FindingKind.SERVING, model),
            kind=FindingKind.SERVING,
            about=About(kind="model", id=model, name=theirs[0].model.name),
            developer=theirs[0].control.developer,
            country=theirs[0].control.country,
            says=f"served on {chips}. Techniques that spare the chip: {names}",
            rows=tuple(map(_row, theirs)),
            techniques=spared,
        )


def find_spared(claims: Iterable[Claim], registry: Registry) -> tuple[Spared, ...]:
    """The techniques of a model that make it easier to serve, in the registry's order."""
    named: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        if (
            claim.type is ClaimType.TECHNIQUE
            and claim.attribution is Attribution.OWN
            and claim.modality in FACTUAL
            and claim.status is Status.ASSERTED
        ):
            named[str(claim.value)].append(claim.id)
    return tuple(
        Spared(technique=technique.name, saves=technique.saves, claims=tuple(sorted(named[technique.id])))
        for technique in registry.techniques
        if technique.serving and technique.id in named
    )


_PARTS: tuple[tuple[str, tuple[frozenset[ClaimType], ...]], ...] = (
    ("the chip", (frozenset({ClaimType.HARDWARE}),)),
    ("the number of chips", (frozenset({ClaimType.CHIP_COUNT}),)),
    ("chip-hours or the time", (frozenset({ClaimType.CHIP_HOURS}), frozenset({ClaimType.TRAINING_TIME}))),
    (
        "training compute, or size and tokens",
        (
            frozenset({ClaimType.TRAINING_COMPUTE}),
            frozenset({ClaimType.PARAMETERS, ClaimType.TRAINING_TOKENS}),
            frozenset({ClaimType.ACTIVE_PARAMETERS, ClaimType.TRAINING_TOKENS}),
        ),
    ),
)
"""What it takes to know a model's training compute: each part, and the sets of claims any one of which gives it."""

_TELLING = frozenset(
    {
        ClaimType.HARDWARE,
        ClaimType.CHIP_COUNT,
        ClaimType.CHIP_HOURS,
        ClaimType.TRAINING_TIME,
        ClaimType.TRAINING_COMPUTE,
        ClaimType.COST,
        ClaimType.ENERGY,
        ClaimType.EMISSIONS,
    }
)


_AFTER = frozenset({Stage.POST_TRAINING})


def _find_partial(
    by_model: Mapping[str, Sequence[Claim]], register: Register, registry: Registry
) -> Iterator[SetFinding]:
    """Models whose own documents tell something of the hardware or compute, but not all that training took."""
    own = {model: [c for c in said if _is_own_fact(c)] for model, said in by_model.items()}
    parents = group_members(own)
    for model in sorted(own):
        said = [*own[model], *own.get(family_of(model) or "", ())]
        if model in parents or not any(c.type in _TELLING for c in own[model]):
            continue
        given, missing = weigh_disclosure(said, registry)
        if not missing:
            continue
        developer, country = register.developer(model, said)
        names = Counter(c.subject.name for c in own[model])
        stages = sorted({c.stage for c in own[model] if c.type in _TELLING and c.stage not in TRAINING - _AFTER})
        told = ", ".join(part.what for part in given) or "nothing of its training"
        told += f" (chips are named for {' and '.join(stages)})" if stages else ""
        yield SetFinding(
            id=_id(FindingKind.PARTIAL, model),
            kind=FindingKind.PARTIAL,
            about=About(kind="model", id=model, name=min(names, key=lambda n: (-names[n], n))),
            developer=None if developer == UNKNOWN else developer,
            country=country or None,
            says=f"given: {told}; missing: {', '.join(missing)}",
            given=given,
            missing=missing,
            documents=tuple(sorted({e.sha256 for c in own[model] for e in c.evidence})),
        )


def weigh_disclosure(said: Iterable[Claim], registry: Registry) -> tuple[tuple[Given, ...], tuple[str, ...]]:
    """What some claims on a model's own training give of its compute, and what is missing.

    A chip that is not named («GPUs») does not give the chip; what fine-tuning or serving used says nothing of training.
    """
    claims: dict[ClaimType, list[str]] = defaultdict(list)
    for claim in said:
        if not _is_own_fact(claim) or claim.stage not in TRAINING - _AFTER or claim.per:
            continue
        claims[claim.type].append(claim.id)
        if claim.chip and claim.type is not ClaimType.HARDWARE and not _is_generic(claim.chip.id, registry):
            claims[ClaimType.HARDWARE].append(claim.id)
        if claim.chip and claim.type is ClaimType.HARDWARE and _is_generic(claim.chip.id, registry):
            claims[ClaimType.HARDWARE].remove(claim.id)
    known = {kind for kind, ids in claims.items() if ids}
    given: list[Given] = []
    missing: list[str] = []
    for what, choices in _PARTS:
        met = next((choice for choice in choices if choice <= known), None)
        if met is None:
            missing.append(what)
        else:
            given.append(Given(what=what, claims=tuple(sorted({i for kind in met for i in claims[kind]}))))
    return tuple(given), tuple(missing)


def _find_silence(documents: Sequence[Read], said: Sequence[Claim], register: Register) -> Iterator[SetFinding]:
    """Documents that were read and say nothing of the chips of their own work."""
    own: dict[str, list[Claim]] = defaultdict(list)
    for claim in said:
        if claim.attribution is Attribution.OWN and claim.subject.kind == "model":
            for sha256 in {e.sha256 for e in claim.evidence}:
                own[sha256].append(claim)
    for document in documents:
        if document.outcome is not Outcome.NOTHING_DISCLOSED or document.sha256 is None:
            continue
        about = own.get(document.sha256, [])
        models = Counter(claim.subject.name for claim in about)
        makers = Counter(register.developer(c.subject.id, [c]) for c in about)
        del makers[UNKNOWN, ""]
        developer, country = min(makers, key=lambda d: (-makers[d], d)) if makers else (document.developer, "")
        names = ", ".join(sorted(models, key=lambda n: (-models[n], n))[:5])
        yield SetFinding(
            id=_id(FindingKind.SILENCE, document.sha256),
            kind=FindingKind.SILENCE,
            about=About(kind="document", id=document.sha256, name=document.name),
            developer=developer,
            country=country or None,
            says="read; nothing is said of the chips of its own work" + (f". It is about {names}" if names else ""),
            missing=("the chips of its own work",),
            documents=(document.sha256,),
        )


def _row(use: Use) -> Row:
    day = use.control.main()
    return Row(
        model=use.model.name,
        chip=use.chip.name,
        role=use.role,
        put=use.put,
        own=use.own,
        when=use.when,
        basis=day.basis if day else "",
        status=use.status,
        group=use.group,
        claims=use.claims,
    )


def _is_own_fact(claim: Claim) -> bool:
    return claim.attribution is Attribution.OWN and claim.modality in FACTUAL and claim.status is Status.ASSERTED


def _is_generic(chip: str, registry: Registry) -> bool:
    try:
        return registry.chip(chip).generic
    except KeyError:
        return False


def _id(kind: FindingKind, about: str) -> str:
    return f"f1-{hashlib.sha256(f'{kind} {about}'.encode()).hexdigest()[:24]}"
