"""What reading one document gave: the outcome, the reason, and the claims that it makes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from corpus.document import Document
from extractors.claim import Attribution, Claim, ClaimType, Modality, Status
from extractors.text import Outcome

HARDWARE_TYPES = frozenset({ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.POSSESSION})
FACTUAL = frozenset({Modality.ASSERTED, Modality.REPORTED, Modality.ESTIMATED})
READ = frozenset({Outcome.READ, Outcome.NOTHING_DISCLOSED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One input after reading. `document` is None where no bytes were got; `place` is where it was looked for.

    `passes` marks a failure that another try may not meet: time or memory ran out.
    """

    place: str
    address: str
    name: str
    outcome: Outcome
    reason: str = ""
    document: Document | None = None
    claims: tuple[Claim, ...] = ()
    language: str = ""
    pages: int = 0
    passes: bool = False

    def judged(self) -> Finding:
        """The same, with the outcome `nothing-disclosed` where the document was read and says nothing of its own
        hardware.
        """
        if self.outcome is Outcome.READ and not any(map(discloses_hardware, self.claims)):
            return replace(self, outcome=Outcome.NOTHING_DISCLOSED)
        return self


def discloses_hardware(claim: Claim) -> bool:
    """Whether a claim says which chips the document's own work used.

    «We trained on 512 TPU v3» does; «OPT used 992 A100s» in another model's report, «needs 16 H20 to deploy» and a
    contested reading do not.
    """
    return (
        claim.type in HARDWARE_TYPES
        and claim.status is Status.ASSERTED
        and claim.attribution is Attribution.OWN
        and claim.modality in FACTUAL
    )
