"""One fact with all its evidence: what several works, and several versions of one, say alike of a model."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from evidence.finding import FACTUAL
from evidence.links import ROLES, Basis, Role, basis_of
from evidence.provenance import GRADES, Grade, Provenance, best_grade
from extractors.claim import CHIP_TYPES, Attribution, Chip, Claim, ClaimType, Status, Subject


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Telling(_Part):
    """What one work says of a fact: the digests of its versions that say so, and of those that were read and do not."""

    work: str
    grade: Grade
    says: tuple[str, ...]
    silent: tuple[str, ...] = ()


class Fact(_Part):
    """One statement about a subject, whoever makes it.

    `claims` are those that make it, one a work and wording of the subject's name; `printed` is how it stands there.
    `sources` counts independent sources, and `grade` is that of the best. The id is of what is stated, and so the same
    in every run until ids of models are merged or split.
    """

    id: str
    subject: Subject
    type: ClaimType
    chip: Chip | None
    value: float | str | None
    unit: str | None
    per: str | None
    role: Role | None
    basis: Basis
    printed: tuple[str, ...]
    claims: tuple[str, ...]
    grade: Grade
    sources: int = Field(ge=1)
    tellings: tuple[Telling, ...]


def gather_facts(
    claims: Iterable[Claim], versions: Mapping[str, tuple[str, Iterable[str]]], provenance: Provenance
) -> tuple[Fact, ...]:
    """The facts that asserted claims state, sorted by subject, type and id.

    `versions` gives, for the digest of a document, its work and the digests of all its versions that were read.
    """
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.status is Status.ASSERTED and claim.modality in FACTUAL:
            groups[_id(claim)].append(claim)
    facts = [_fact(name, said, versions, provenance) for name, said in groups.items()]
    return tuple(sorted(facts, key=lambda fact: (fact.subject.id, fact.type, fact.id)))


def _id(claim: Claim) -> str:
    value = f"{claim.value:.6g}" if isinstance(claim.value, float | int) else claim.value
    chip = claim.chip.id if claim.chip else None
    key = ["f1", claim.subject.id, claim.type, chip, value, claim.unit, claim.per, _role(claim), basis_of(claim)]
    return f"f1-{hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()[:24]}"


def _role(claim: Claim) -> Role | None:
    return ROLES[claim.stage] if claim.type in CHIP_TYPES else None


def _fact(
    name: str, said: list[Claim], versions: Mapping[str, tuple[str, Iterable[str]]], provenance: Provenance
) -> Fact:
    said = sorted(said, key=lambda c: (c.attribution is not Attribution.OWN, -c.confidence, c.id))
    voices = [provenance.hear(claim) for claim in said]
    works: dict[str, list[tuple[Grade, str]]] = defaultdict(list)
    for claim, voice in zip(said, voices, strict=True):
        for evidence in claim.evidence:
            work, _ = versions.get(evidence.sha256, (f"sha256:{evidence.sha256}", ()))
            works[work].append((voice.grade, evidence.sha256))
    best = said[0]
    return Fact(
        id=name,
        subject=best.subject,
        type=best.type,
        chip=best.chip,
        value=best.value,
        unit=best.unit,
        per=best.per,
        role=_role(best),
        basis=basis_of(best),
        printed=tuple(sorted({claim.printed for claim in said if claim.printed})),
        claims=tuple(sorted(claim.id for claim in said)),
        grade=best_grade(voices),
        sources=len({voice.source for voice in voices}),
        tellings=tuple(_telling(work, works[work], versions) for work in sorted(works)),
    )


def _telling(work: str, said: list[tuple[Grade, str]], versions: Mapping[str, tuple[str, Iterable[str]]]) -> Telling:
    says = {sha256 for _, sha256 in said}
    known = {other for sha256 in says for other in versions.get(sha256, ("", ()))[1]}
    return Telling(
        work=work,
        grade=min((grade for grade, _ in said), key=GRADES.index),
        says=tuple(sorted(says)),
        silent=tuple(sorted(known - says)),
    )
