"""A claim in words: a sentence that a reviewer can agree with or not, and what else decides whether it is right."""

from __future__ import annotations

from evidence.figures import say_number
from evidence.links import ROLES as ROLE_OF_STAGE
from extractors.claim import Attribution, Claim, ClaimType, Modality, Stage
from outputs.wording import ROLES, plain, say_value

TYPES: dict[ClaimType, str] = {
    ClaimType.HARDWARE: "chip used",
    ClaimType.CHIP_COUNT: "number of chips",
    ClaimType.CHIP_HOURS: "chip-hours",
    ClaimType.TRAINING_TIME: "time taken",
    ClaimType.TRAINING_PERIOD: "time when",
    ClaimType.TRAINING_COMPUTE: "compute",
    ClaimType.TRAINING_TOKENS: "training tokens",
    ClaimType.PARAMETERS: "parameters",
    ClaimType.ACTIVE_PARAMETERS: "active parameters",
    ClaimType.UTILIZATION: "utilisation",
    ClaimType.THROUGHPUT: "throughput",
    ClaimType.COST: "cost",
    ClaimType.ENERGY: "energy",
    ClaimType.EMISSIONS: "emissions",
    ClaimType.PRECISION: "number format",
    ClaimType.INTERCONNECT: "interconnect",
    ClaimType.TECHNIQUE: "technique",
    ClaimType.POSSESSION: "chips owned",
}
MODALITIES: dict[Modality, str] = {
    Modality.ASSERTED: "said as a fact",
    Modality.REPORTED: "as somebody reports",
    Modality.ESTIMATED: "an estimate",
    Modality.REQUIREMENT: "a requirement, not a use",
    Modality.PLANNED: "a plan",
    Modality.HYPOTHETICAL: "supposed, not done",
    Modality.NEGATED: "denied",
}
_OPENINGS = {
    Modality.REPORTED: "Reported: ",
    Modality.ESTIMATED: "Estimated: ",
    Modality.REQUIREMENT: "Required: ",
    Modality.PLANNED: "Planned: ",
    Modality.HYPOTHETICAL: "Supposed: ",
    Modality.NEGATED: "Denied: ",
}
ATTRIBUTIONS: dict[Attribution, str] = {
    Attribution.OWN: "the document's own work",
    Attribution.OTHER: "somebody else's work",
}
_STAGES: dict[Stage, str] = {
    Stage.PRE_TRAINING: "pre-training",
    Stage.POST_TRAINING: "post-training",
    Stage.TRAINING: "training",
    Stage.INFERENCE: "serving",
    Stage.EVALUATION: "evaluation",
    Stage.OTHER: "work",
}
_QUALIFIERS = {"about": "about ", "at_least": "at least ", "at_most": "at most ", "per_run": ""}


def say_claim(claim: Claim) -> str:
    """What a claim states, as a sentence («DeepSeek-V3: pre-training took 2.664M chip-hours on NVIDIA H800»).

    What is no plain fact begins with a word that says so, since a reader who is fast reads no more than this.
    """
    who = plain(claim.subject.name)
    chip = plain(claim.chip.name) if claim.chip else ""
    on = f" on {chip}" if chip else ""
    value = _QUALIFIERS.get(claim.qualifier or "", "") + _range(claim)
    stage = _STAGES[claim.stage]
    role = ROLES[ROLE_OF_STAGE[claim.stage]]
    match claim.type:
        case ClaimType.HARDWARE:
            said = f"was {role} {chip}"
        case ClaimType.CHIP_COUNT:
            said = f"was {role} {value} {chip}"
        case ClaimType.POSSESSION:
            said = f"has {value} {chip}"
        case ClaimType.CHIP_HOURS | ClaimType.TRAINING_TIME | ClaimType.TRAINING_COMPUTE:
            said = f"{stage} took {value}{on}"
        case ClaimType.TRAINING_PERIOD:
            said = f"{stage} ran in {value}"
        case ClaimType.TRAINING_TOKENS:
            said = f"{stage} saw {value}"
        case ClaimType.PARAMETERS:
            said = f"has {value}"
        case ClaimType.ACTIVE_PARAMETERS:
            said = f"uses {value} for each token"
        case ClaimType.UTILIZATION:
            said = f"{stage} reached {value} of the chips' peak{on}"
        case ClaimType.THROUGHPUT:
            said = f"{stage} ran at {value}{on}"
        case ClaimType.COST:
            said = f"{stage} cost {value}"
        case ClaimType.ENERGY:
            said = f"{stage} used {value}{on}"
        case ClaimType.EMISSIONS:
            said = f"{stage} gave off {value}"
        case ClaimType.PRECISION:
            said = f"{stage} was done in {value}{on}"
        case ClaimType.INTERCONNECT:
            said = f"the chips of its {stage} were linked by {value}"
        case ClaimType.TECHNIQUE:
            said = f"{stage} used {value}{on}"
    joint = " " if said.split()[0] in ("was", "has", "uses") else ": "
    return f"{_OPENINGS.get(claim.modality, '')}{who}{joint}{' '.join(said.split())}."


def say_manner(claim: Claim) -> str:
    """How a claim is put and of whose work: «said as a fact, of the document's own work»."""
    return f"{MODALITIES[claim.modality]}, of {ATTRIBUTIONS[claim.attribution]}"


def say_time(hours: float) -> str:
    """Hours as people count them: «54 days», «2.5 hours»."""
    return f"{hours / 24:.4g} days" if hours >= 48 else f"{hours:.4g} hours"


def _range(claim: Claim) -> str:
    if claim.type is ClaimType.TRAINING_TIME and isinstance(claim.value, float | int):
        return say_time(claim.value)
    if claim.qualifier == "range" and claim.lower is not None and claim.upper is not None:
        return f"{say_number(claim.lower)} to {say_number(claim.upper)} {claim.unit or ''}".strip()
    return plain(say_value(claim))
