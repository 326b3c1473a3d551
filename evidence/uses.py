"""What chips were for a model, as its documents put it: in use, or asked for; with the control status of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evidence.links import LINKING_TYPES, ROLES, Figure, ModelName, Role, derive_links, figures_of
from evidence.standing import Group, LinkControl, Register, group_status, say_status
from extractors.claim import Attribution, Chip, Claim, ClaimType, Modality, Status


class Use(BaseModel):
    """A chip in a role for a model, with the status of the chip on each day that matters.

    `put` is `stated` where a document says that it was so (a link), and `asked_for` where it says what it takes («BF16
    serving needs 16 H20») or plans; that is no use, and it is kept apart. `claims` say so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName
    chip: Chip
    role: Role
    put: Literal["stated", "asked_for"]
    own: bool
    counts: tuple[Figure, ...]
    chip_hours: tuple[Figure, ...]
    control: LinkControl
    claims: tuple[str, ...]

    @property
    def status(self) -> str:
        """The status on the day that stands for the model, in words."""
        day = self.control.main()
        return (say_status(day) if day else "") or self.control.note or "no day is known"

    @property
    def group(self) -> Group:
        """The group of that status."""
        day = self.control.main()
        return group_status(day) if day else "none"

    @property
    def when(self) -> str:
        """The day that stands for the model, as far as it is known; empty where it is not."""
        day = self.control.main()
        return day.when if day else ""


def gather_uses(claims: Sequence[Claim], register: Register) -> tuple[Use, ...]:
    """Every use of a chip that some claims tell of, sorted by model, role and chip; what is asked for comes last."""
    by_id = {claim.id: claim for claim in claims}
    uses = [
        Use(
            model=link.model,
            chip=link.chip,
            role=link.role,
            put="stated",
            own=any(by_id[claim].attribution is Attribution.OWN for claim in link.supporting),
            counts=link.counts,
            chip_hours=link.chip_hours,
            control=register.control(link.model.id, link.chip.id, link.role, [by_id[c] for c in link.supporting]),
            claims=link.supporting,
        )
        for link in derive_links(claims)
    ]
    asked: dict[tuple[str, str, Role], list[Claim]] = defaultdict(list)
    for claim in claims:
        if (
            claim.chip
            and claim.type in LINKING_TYPES
            and claim.subject.kind == "model"
            and claim.status is Status.ASSERTED
            and claim.modality in (Modality.REQUIREMENT, Modality.PLANNED)
        ):
            asked[claim.subject.id, claim.chip.id, ROLES[claim.stage]].append(claim)
    for (model, chip, role), said in asked.items():
        first = min(said, key=lambda c: (-c.confidence, c.id))
        assert first.chip is not None
        uses.append(
            Use(
                model=ModelName(id=model, name=first.subject.name),
                chip=first.chip,
                role=role,
                put="asked_for",
                own=any(c.attribution is Attribution.OWN for c in said),
                counts=figures_of(said, ClaimType.CHIP_COUNT),
                chip_hours=figures_of(said, ClaimType.CHIP_HOURS),
                control=register.control(model, chip, role, said),
                claims=tuple(sorted(c.id for c in said)),
            )
        )
    order = list(Role)
    return tuple(sorted(uses, key=lambda u: (u.model.id, u.put == "asked_for", order.index(u.role), u.chip.id)))


def find_claims(claims: Iterable[Claim], kind: ClaimType) -> list[Claim]:
    """The facts of one type that documents state of their own models, the surest first."""
    found = [
        c
        for c in claims
        if c.type is kind
        and c.subject.kind == "model"
        and c.status is Status.ASSERTED
        and c.attribution is Attribution.OWN
        and c.modality in (Modality.ASSERTED, Modality.REPORTED, Modality.ESTIMATED)
    ]
    return sorted(found, key=lambda c: (-c.confidence, c.id))
