"""What a run is asked to do, and what it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from evidence.finding import READ, Finding
from evidence.keeping import Withdrawal
from extractors.text import Outcome


class Plan(BaseModel):
    """One run: what to read, and where everything goes.

    `names` are files, folders and addresses; `sources` are ids or groups of sources.toml. `as_of` is the date that
    files count as got on. Documents are read in `jobs` processes, in this one where it is 0, or on the workers of a
    Dask `scheduler`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    out: Path
    base: str
    archive: Path
    jobs: int = Field(default=1, ge=0)
    scheduler: str | None = None
    max_size: int = Field(default=64_000_000, gt=0)
    as_of: datetime | None = None


@dataclass(slots=True)
class Summary:
    """What a run did: documents by outcome, those that could not be read with their reasons, lines written by kind.

    `withdrawn` counts the claims that its documents made in an earlier run and make no longer, by reason.
    """

    run: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    failures: list[tuple[str, Outcome, str]] = field(default_factory=list)
    passed_over: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    withdrawn: Counter[Withdrawal] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Count one document."""
        self.outcomes[finding.outcome] += 1
        if finding.outcome not in READ:
            self.failures.append((finding.address, finding.outcome, finding.reason))
            self.failures.sort()

    @property
    def exit_code(self) -> int:
        """0 when everything was read, 1 when a part was not, 3 when nothing was."""
        read = sum(self.outcomes[outcome] for outcome in READ)
        return 0 if not self.failures else 1 if read else 3
