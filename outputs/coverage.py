"""What a set does not cover: documents that could not be read, parts of others, and what nothing looks for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from evidence.finding import READ
from extractors.claim import ClaimType
from extractors.text import Outcome
from outputs.lines import DocumentLine

_RULES = Path(__file__).parent / "coverage.toml"


class GapLine(BaseModel):
    """A document, or a part of one, that no claim can come from, and why. `sha256` is null where no bytes were got."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    name: str
    sha256: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    missing: Literal["document", "part"]
    outcome: Outcome
    reason: str


def find_gaps(documents: Iterable[DocumentLine]) -> Iterator[GapLine]:
    """A line for each document that was not read, or of which something could not be."""
    for line in documents:
        if line.outcome not in READ or line.reason:
            yield GapLine(
                address=line.address,
                name=line.name,
                sha256=line.sha256,
                missing="part" if line.outcome in READ else "document",
                outcome=line.outcome,
                reason=line.reason,
            )


def describe_coverage(counts: dict[str, int], outcomes: dict[str, int]) -> dict[str, Any]:
    """How much was read, what is looked for in it, and what is not."""
    return {
        "documents": counts["documents"],
        "read": sum(number for outcome, number in outcomes.items() if outcome in READ),
        "gaps": counts["gaps"],
        "outcomes": outcomes,
        "looked_for": [kind.value for kind in ClaimType],
        "not_looked_for": tomllib.loads(_RULES.read_text(encoding="utf-8"))["not_looked_for"],
    }
