"""Gold facts: what a careful analyst records after reading a document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from extractors.claim import Attribution, Claim, ClaimType, Modality, Stage

CHIP_TYPES = (
    ClaimType.HARDWARE,
    ClaimType.CHIP_COUNT,
    ClaimType.CHIP_HOURS,
    ClaimType.TRAINING_TIME,
    ClaimType.POSSESSION,
)
_NO_FACTS = frozenset({Modality.HYPOTHETICAL, Modality.NEGATED})


class GoldError(ValueError):
    """The gold cannot be read; the message names the file and what is wrong in it."""


class GoldClaim(BaseModel):
    """One fact that a careful reader records. `also` holds further accepted values, `pages` where it stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClaimType
    subject: str | None = None
    chip: str | None = None
    value: float | str | None = None
    also: tuple[float | str, ...] = ()
    lower: float | None = None
    upper: float | None = None
    stage: Stage = Stage.OTHER
    attribution: Attribution = Attribution.OWN
    modality: Modality = Modality.ASSERTED
    pages: tuple[int | None, ...] = ()
    anchor: str = ""
    optional: bool = False
    derived: bool = False

    @property
    def required(self) -> bool:
        """Whether it counts as missed when it is not found."""
        return not (self.optional or self.derived)


class Gold(BaseModel):
    """The facts of one document, and the names by which each subject may be called."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    document: str
    models: dict[str, tuple[str, ...]] = {}
    claims: tuple[GoldClaim, ...]
    complete: dict[str, bool] = {}

    @cached_property
    def facts(self) -> tuple[GoldClaim, ...]:
        """The claims that are scored: what is hypothetical or negated is no fact."""
        return tuple(claim for claim in self.claims if claim.modality not in _NO_FACTS)

    @cached_property
    def names(self) -> dict[str, frozenset[str]]:
        """The plain names of each subject."""
        return {s: frozenset({plain(s), *map(plain, aliases)} - {""}) for s, aliases in self.models.items()}

    def accepts(self, subject: str | None, name: str) -> bool:
        """Whether a claim about `name` is about this subject."""
        return subject is None or plain(name) in (self.names.get(subject) or {plain(subject)})

    def counts(self, claim: Claim) -> bool:
        """Whether a claim that meets no fact is a false alarm."""
        if claim.modality in _NO_FACTS:
            return False
        if claim.type in CHIP_TYPES:
            return self.complete.get("chip", True)
        return self.complete.get("facts", True) and claim.attribution is Attribution.OWN


def load_gold(folder: Path) -> list[Gold]:
    """The gold of a folder, one `*.json` a document, sorted by file. Raises `GoldError` with file and field."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise GoldError(f"{folder} holds no gold (files named *.json)")
    return [_read_gold(path) for path in files]


def _read_gold(path: Path) -> Gold:
    try:
        return Gold.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as fault:
        first: Mapping[str, Any] = fault.errors()[0]
        raise GoldError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from fault
    except (OSError, UnicodeError, json.JSONDecodeError) as fault:
        raise GoldError(f"{path.name}: {fault}") from fault


def plain(name: str) -> str:
    """A name as compared: lower case, letters and digits alone."""
    return re.sub(r"[\W_]+", "", name.lower())
