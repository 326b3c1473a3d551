"""Findings over a whole set, which an analyst would otherwise put together by hand, each with its evidence.

They are derived anew from claims and documents, state nothing that no claim states, and name what is missing.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from evidence.checks_sums import family_of, group_members
from evidence.disclosure import TRAINING_ITSELF, Given, is_generic, is_own_fact, weigh_disclosure
from evidence.finding import FACTUAL
from evidence.links import Role
from evidence.standing import UNKNOWN, Dated, Group, Register
from evidence.subjects import Subjects
from evidence.uses import Use, gather_uses
from extractors.claim import Attribution, Claim, ClaimType, Status
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


class Findings:
    """Every finding of a set, from its claims subject by subject."""

    def __init__(self, claims: Subjects, documents: Iterable[Read], registry: Registry) -> None:
        read = list(documents)
        self._claims = claims
        self._registry = registry
        self._register = Register(registry, read, claims.of_type(ClaimType.TRAINING_PERIOD))
        self._families = group_members(claims)
        self._silence = _Silence(read, self._register)
        self._stated: list[Use] = []
        self._found: list[SetFinding] = []

    def hear(self, subject: str, claims: Iterable[Claim]) -> None:
        """Find what there is to find about one subject. Subjects are heard in the order of their ids."""
        said = [c for c in claims if c.status is Status.ASSERTED and c.subject.kind == "model"]
        uses = [use for use in gather_uses(said, self._register) if not is_generic(use.chip.id, self._registry)]
        self._stated += (use for use in uses if use.put == "stated")
        self._found += _find_serving(subject, uses, said, self._register, self._registry)
        if subject not in self._families:
            self._found += _find_partial(subject, said, self._claims, self._register, self._registry)
        self._silence.hear(said)

    def tell(self) -> tuple[SetFinding, ...]:
        """All findings by kind, then by what they are about."""
        found = [*_find_chips(self._stated, self._register), *self._found, *self._silence.tell()]
        kinds = list(FindingKind)
        return tuple(sorted(found, key=lambda f: (kinds.index(f.kind), f.about.name.casefold(), f.about.id)))


def _find_chips(uses: Sequence[Use], register: Register) -> Iterator[SetFinding]:
    """Developers in a country that the rules speak of, and the chips they report, by status over time."""
    by_developer: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        if use.control.developer and register.covers(use.control.country or ""):
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
    model: str, uses: Sequence[Use], said: Sequence[Claim], register: Register, registry: Registry
) -> Iterator[SetFinding]:
    """A model served on chips for which no licence requirement is found on their day, and what makes that do.

    Chips designed in the destination are no question of an export and are told apart by their status.
    """
    served = [u for u in uses if u.role is Role.SERVED_ON and u.own and register.covers(u.control.country or "")]
    if not any(use.group == "free" or use.status == "not an export item" for use in served):
        return
    spared = find_spared(said, registry)
    names = ", ".join(s.technique for s in spared) or "none that its documents name"
    chips = "; ".join(
        f"{use.chip.name} ({use.status}, {use.when}{', asked for' * (use.put == 'asked_for')})" for use in served
    )
    yield SetFinding(
        id=_id(FindingKind.SERVING, model),
        kind=FindingKind.SERVING,
        about=About(kind="model", id=model, name=served[0].model.name),
        developer=served[0].control.developer,
        country=served[0].control.country,
        says=f"served on {chips}. Techniques that spare the chip: {names}",
        rows=tuple(map(_row, served)),
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


def _find_partial(
    model: str, said: Sequence[Claim], claims: Subjects, register: Register, registry: Registry
) -> Iterator[SetFinding]:
    """A model whose own documents tell something of the hardware or compute, but not all that training took.

    What is said of its family is said of it too.
    """
    own = [c for c in said if is_own_fact(c)]
    if not any(c.type in _TELLING for c in own):
        return
    kin = claims.get(family_of(model) or "", ())
    together = [*own, *(c for c in kin if is_own_fact(c) and c.subject.kind == "model")]
    given, missing = weigh_disclosure(together, registry)
    if not missing:
        return
    developer, country = register.developer(model, together)
    names = Counter(c.subject.name for c in own)
    stages = sorted({c.stage for c in own if c.type in _TELLING and c.stage not in TRAINING_ITSELF})
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
        documents=tuple(sorted({e.sha256 for c in own for e in c.evidence})),
    )


class _Silence:
    """Documents that were read and say nothing of the chips of their own work."""

    def __init__(self, documents: Sequence[Read], register: Register) -> None:
        self._silent = [d for d in documents if d.outcome is Outcome.NOTHING_DISCLOSED and d.sha256]
        self._register = register
        self._models: dict[str, Counter[str]] = {d.sha256: Counter() for d in self._silent if d.sha256}
        self._makers: dict[str, Counter[tuple[str, str]]] = {sha256: Counter() for sha256 in self._models}

    def hear(self, said: Iterable[Claim]) -> None:
        """Note of which models, and whose, the silent documents speak."""
        for claim in said:
            if claim.attribution is Attribution.OWN:
                for sha256 in {e.sha256 for e in claim.evidence} & self._models.keys():
                    self._models[sha256][claim.subject.name] += 1
                    self._makers[sha256][self._register.developer(claim.subject.id, [claim])] += 1

    def tell(self) -> Iterator[SetFinding]:
        """A finding for each of them."""
        for document in self._silent:
            sha256 = document.sha256 or ""
            models, makers = self._models[sha256], self._makers[sha256]
            del makers[UNKNOWN, ""]
            developer, country = min(makers, key=lambda d: (-makers[d], d)) if makers else (document.developer, "")
            names = ", ".join(sorted(models, key=lambda n: (-models[n], n))[:5])
            yield SetFinding(
                id=_id(FindingKind.SILENCE, sha256),
                kind=FindingKind.SILENCE,
                about=About(kind="document", id=sha256, name=document.name),
                developer=developer,
                country=country or None,
                says="read; nothing is said of the chips of its own work" + (f". It is about {names}" if names else ""),
                missing=("the chips of its own work",),
                documents=(sha256,),
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


def _id(kind: FindingKind, about: str) -> str:
    return f"f1-{hashlib.sha256(f'{kind} {about}'.encode()).hexdigest()[:24]}"
