"""The one claim type: an immutable statement that a document makes, with the words that make it.

The field names are those of an exported line of `claims.jsonl`.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ID_SCHEME = "c1"


class ClaimType(StrEnum):
    """What a claim states; the unit each type is normalised to stands in `UNITS`."""

    HARDWARE = "hardware"
    CHIP_COUNT = "chip_count"
    CHIP_HOURS = "chip_hours"
    TRAINING_TIME = "training_time"
    TRAINING_PERIOD = "training_period"
    TRAINING_COMPUTE = "training_compute"
    TRAINING_TOKENS = "training_tokens"
    PARAMETERS = "parameters"
    ACTIVE_PARAMETERS = "active_parameters"
    UTILIZATION = "utilization"
    THROUGHPUT = "throughput"
    COST = "cost"
    ENERGY = "energy"
    EMISSIONS = "emissions"
    PRECISION = "precision"
    INTERCONNECT = "interconnect"
    TECHNIQUE = "technique"
    POSSESSION = "possession"


UNITS: dict[ClaimType, str | None] = {
    ClaimType.HARDWARE: None,
    ClaimType.CHIP_COUNT: "chips",
    ClaimType.CHIP_HOURS: "chip-hours",
    ClaimType.TRAINING_TIME: "hours",
    ClaimType.TRAINING_PERIOD: None,
    ClaimType.TRAINING_COMPUTE: "FLOP",
    ClaimType.TRAINING_TOKENS: "tokens",
    ClaimType.PARAMETERS: "parameters",
    ClaimType.ACTIVE_PARAMETERS: "parameters",
    ClaimType.UTILIZATION: "fraction",
    ClaimType.THROUGHPUT: "tokens/s",
    ClaimType.COST: "USD",
    ClaimType.ENERGY: "kWh",
    ClaimType.EMISSIONS: "tCO2e",
    ClaimType.PRECISION: None,
    ClaimType.INTERCONNECT: None,
    ClaimType.TECHNIQUE: None,
    ClaimType.POSSESSION: "chips",
}


class Stage(StrEnum):
    """The part of a model's life in which the chips were used."""

    PRE_TRAINING = "pre-training"
    POST_TRAINING = "post-training"
    TRAINING = "training"
    INFERENCE = "inference"
    EVALUATION = "evaluation"
    OTHER = "other"


class Attribution(StrEnum):
    """Whose work a claim is about: the document's own, or a work it cites or compares with."""

    OWN = "own"
    OTHER = "other"


class Modality(StrEnum):
    """How a claim is put: «we trained», «is reported to», «would take 34 days», «requires 16 H20»."""

    ASSERTED = "asserted"
    REPORTED = "reported"
    ESTIMATED = "estimated"
    REQUIREMENT = "requirement"
    PLANNED = "planned"
    HYPOTHETICAL = "hypothetical"
    NEGATED = "negated"


class Status(StrEnum):
    """`contested` claims go to review and are asserted nowhere."""

    ASSERTED = "asserted"
    CONTESTED = "contested"


CHIP_TYPES = frozenset(
    {ClaimType.HARDWARE, ClaimType.CHIP_COUNT, ClaimType.CHIP_HOURS, ClaimType.TRAINING_TIME, ClaimType.POSSESSION}
)
"""Claims about the use of chips."""

NOT_FACTS = frozenset({Modality.HYPOTHETICAL, Modality.NEGATED})
"""Modalities that state no fact."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subject(_Part):
    """Whom a claim is about: `name` as the document names it, `id` the same for every way of writing it
    (`registry.identity`), and for every name that analysts merged.
    """

    kind: Literal["model", "organisation", "cluster"]
    id: str
    name: str


class Chip(_Part):
    """A chip: canonical id (`nvidia-h800`; `gpu` where the document leaves it unnamed) and its name."""

    id: str
    name: str


class Evidence(_Part):
    """The words a claim rests on: `quote` equals the page's text at `start:end`; boxes in points from the top left.

    `prefix` and `suffix` are the text around it, which finds it again where another reading of the document puts it.
    """

    document: str
    sha256: str
    page: int | None
    quote: str
    prefix: str = ""
    suffix: str = ""
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    boxes: tuple[tuple[float, float, float, float], ...] = ()


class Cue(_Part):
    """Words that decided a part of the reading, e.g. («unlike», attribution)."""

    text: str
    decides: Literal["subject", "attribution", "modality", "stage", "value", "type", "chip"]
    rule: str


class Reason(_Part):
    """What moved the confidence, and by how much in log-odds."""

    name: str
    weight: float


class Claim(_Part):
    """One statement read from one document.

    `value` is in the base unit of its type (`UNITS`), or the category word; `printed` is how it stands in the text.
    `lower`/`upper` bound it («2.788M» is 2,788,000 ± 500; «2,000 to 3,000»). `qualifier`: `about`, `at_least`,
    `at_most`, `range`, `per_run`. `formula` is set on derived values alone («64 nodes × 8»).
    """

    id: str
    type: ClaimType
    subject: Subject
    chip: Chip | None = None
    value: float | str | None = None
    unit: str | None = None
    printed: str = ""
    lower: float | None = None
    upper: float | None = None
    qualifier: str | None = None
    per: str | None = None
    formula: str | None = None
    stage: Stage = Stage.OTHER
    attribution: Attribution = Attribution.OWN
    modality: Modality = Modality.ASSERTED
    status: Status = Status.ASSERTED
    evidence: tuple[Evidence, ...]
    rule: str
    cues: tuple[Cue, ...] = ()
    confidence: float = Field(ge=0, le=1)
    reasons: tuple[Reason, ...] = ()


def claim_id(
    work: str, claim_type: ClaimType, subject: str, chip: str | None, value: float | str | None, **rest: str | None
) -> str:
    """A stable id: of the work and what is claimed, never of run, time, rule, score, page or offsets.

    `subject` is the name as mentioned, so that a later merge of aliases changes no id. `rest` holds what else tells two
    statements apart: unit, per, stage, attribution, modality.
    """
    number = f"{value:.6g}" if isinstance(value, float | int) else value
    key = [
        ID_SCHEME,
        work,
        str(claim_type),
        subject.casefold(),
        chip,
        number,
        sorted((k, v) for k, v in rest.items() if v),
    ]
    canonical = json.dumps(key, ensure_ascii=False, separators=(",", ":"))
    return f"{ID_SCHEME}-{hashlib.sha256(canonical.encode()).hexdigest()[:24]}"
