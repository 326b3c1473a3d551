"""The public trace of one model: the chips its documents name for each purpose, their status, and what is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from evidence.check import Said, cite
from evidence.disclosure import Given, weigh_disclosure
from evidence.links import ModelName, Role
from evidence.standing import UNKNOWN, Dated, Register
from evidence.uses import Use, find_claims, gather_uses
from extractors.claim import Claim, ClaimType, Stage, Status
from registry import Registry

ASKED = (Role.TRAINED_ON, Role.FINE_TUNED_ON, Role.SERVED_ON)
"""The roles of which a trace says so where no document names a chip for them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Traced(_Part):
    """A use of a chip, with the words for it. `supported` is false for what is only asked for or planned."""

    use: Use
    supported: bool
    words: tuple[Said, ...]


class Technique(_Part):
    """A technique that the model's own documents name, what it saves of a chip, whether serving gains by it."""

    name: str
    saves: tuple[str, ...]
    serving: bool
    words: tuple[Said, ...]


class Format(_Part):
    """A number format in which the model is trained or served."""

    name: str
    stage: Stage
    words: tuple[Said, ...]


class Trail(_Part):
    """What the documents of a base support about a model and its chips, and what they do not.

    `unsupported` are the roles for which no document of the base names a chip, not even as what it takes: nothing
    follows about them.
    `given` and `missing` are of the model's own training compute.
    """

    model: ModelName
    developer: str | None
    country: str | None
    documents: tuple[str, ...]
    uses: tuple[Traced, ...]
    unsupported: tuple[Role, ...]
    techniques: tuple[Technique, ...]
    formats: tuple[Format, ...]
    given: tuple[Given, ...]
    missing: tuple[str, ...]


def follow_trail(claims: Sequence[Claim], documents: Iterable[Dated], registry: Registry) -> Trail:
    """The trace of the model that some claims are about. Raises `ValueError` where none is asserted."""
    said = [claim for claim in claims if claim.status is Status.ASSERTED]
    if not said:
        raise ValueError("nothing is asserted of this model")
    register = Register(registry, documents, said)
    by_id = {claim.id: claim for claim in said}
    uses = tuple(
        Traced(use=use, supported=use.put == "stated", words=_quote(by_id[claim] for claim in use.claims))
        for use in gather_uses(said, register)
    )
    named = {traced.use.role for traced in uses}
    given, missing = weigh_disclosure(said, registry)
    developer, country = register.developer(said[0].subject.id, said)
    return Trail(
        model=ModelName(id=said[0].subject.id, name=said[0].subject.name),
        developer=None if developer == UNKNOWN else developer,
        country=country or None,
        documents=tuple(sorted({evidence.document for claim in said for evidence in claim.evidence})),
        uses=uses,
        unsupported=tuple(role for role in ASKED if role not in named),
        techniques=_find_techniques(said, registry),
        formats=_find_formats(said),
        given=given,
        missing=missing,
    )


def _find_techniques(claims: Iterable[Claim], registry: Registry) -> tuple[Technique, ...]:
    """Those that make serving easier first, each in the registry's order."""
    named: dict[str, list[Claim]] = defaultdict(list)
    for claim in find_claims(claims, ClaimType.TECHNIQUE):
        named[str(claim.value)].append(claim)
    found = (
        Technique(name=t.name, saves=t.saves, serving=t.serving, words=_quote(named[t.id]))
        for t in registry.techniques
        if t.id in named
    )
    return tuple(sorted(found, key=lambda technique: not technique.serving))


def _find_formats(claims: Iterable[Claim]) -> tuple[Format, ...]:
    named: dict[tuple[Stage, str], list[Claim]] = defaultdict(list)
    for claim in find_claims(claims, ClaimType.PRECISION):
        named[claim.stage, str(claim.value)].append(claim)
    return tuple(Format(name=name, stage=stage, words=_quote(named[stage, name])) for stage, name in sorted(named))


def _quote(claims: Iterable[Claim]) -> tuple[Said, ...]:
    return tuple(cite(claim) for claim in sorted(claims, key=lambda c: (-c.confidence, c.id)))
