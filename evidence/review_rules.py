"""What reviewers choose from, and how the queue is ranked and capped: the data of `review.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence.decisions import State

RULES = Path(__file__).with_name("review.toml")

Share = Annotated[float, Field(ge=0, le=1)]


class ReviewRulesError(ValueError):
    """The rules of review cannot be used; the message names the file, the field and what is wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(_Part):
    """Why a claim is rejected: the word that is kept, and what a reviewer reads."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    words: Annotated[str, Field(min_length=1)]


class QueueRules(_Part):
    """How many claims are shown, how many of one document, how many are asked twice and how many are planted."""

    limit: Annotated[int, Field(ge=1)]
    per_document: Annotated[int, Field(ge=1)]
    second_share: Share
    plant_share: Share


class Impact(_Part):
    """What a decision could change, from 0 to 1."""

    only_support: Share
    new_link: Share
    only_figure: Share
    one_of_figures: Share
    support: Share
    own_fact: Share
    other: Share


class Uncertainty(_Part):
    """The least share of its impact that a claim is worth, however sure; and that of a contested one."""

    least: Share
    contested: Share


class Added(_Part):
    """What is added to the rank of a claim."""

    contradicted: float
    inconsistent: float
    changed: float
    disputed: float
    secondary: float


class ReviewRules(_Part):
    """All of it. The first reason is what a reject with one key says."""

    reasons: Annotated[tuple[Reason, ...], Field(alias="reason", min_length=1)]
    queue: QueueRules
    impact: Impact
    uncertainty: Uncertainty
    added: Added

    def add(self, state: State) -> float:
        """What a state adds to the rank of a claim."""
        return {State.CHANGED: self.added.changed, State.DISPUTED: self.added.disputed}.get(state, 0.0)


@cache
def load_review_rules(path: Path = RULES) -> ReviewRules:
    """The rules of a file. Raises `ReviewRulesError`, for unknown keys too."""
    try:
        return ReviewRules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        raise ReviewRulesError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from fault
    except (OSError, tomllib.TOMLDecodeError) as fault:
        raise ReviewRulesError(f"{path.name}: {fault}") from fault
