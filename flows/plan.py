"""What a run is asked to do, and what it did."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from corpus.archive import digest
from evidence.carrying import Cause
from evidence.finding import READ, Finding
from evidence.keeping import Withdrawal
from evidence.links import Link
from evidence.store import Derived
from extractors.text import Outcome


class Plan(BaseModel):
    """One run: what to read, and where everything goes.

    `names` are files, folders and addresses; `sources` are ids or groups of sources.toml. `as_of` is the date that
    files count as got on. Documents are read in `jobs` processes, in this one where it is 0, or on the workers of a
    Dask `scheduler`. Of what is named, `only` and `since` take a part (`corpus.selection`). `offline`, no server is
    asked: addresses hold what the archive has of them.
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
    only: tuple[str, ...] = ()
    since: date | None = None
    offline: bool = False


@dataclass(slots=True)
class Summary:
    """What a run did: documents by outcome and by why they were read, those that could not be read with their reasons,
    lines of the set by kind.

    `came` are the addresses that gave new bytes. `withdrawn` counts the claims that documents made in an earlier run
    and make no longer, by reason; `links` are those that are now others. `written` is false where the set that stood in
    the folder already was the same.
    """

    run: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)
    came: list[tuple[str, Cause]] = field(default_factory=list)
    failures: list[tuple[str, Outcome, str]] = field(default_factory=list)
    passed_over: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    written: bool = True
    withdrawn: Counter[Withdrawal] = field(default_factory=Counter)
    links: Derived = field(default_factory=Derived)
    _sum: int = 0

    def add(self, finding: Finding, claims: int, cause: Cause | None) -> None:
        """Count one document with its number of claims; no bytes, no cause."""
        self.outcomes[finding.outcome] += 1
        if cause:
            self.causes[cause] += 1
        if cause in (Cause.NEW, Cause.CHANGED):
            insort(self.came, (finding.address, cause))
        if finding.outcome not in READ:
            insort(self.failures, (finding.address, finding.outcome, finding.reason))
        sha256 = finding.document.sha256 if finding.document else ""
        told = (finding.place, finding.address, finding.name, sha256, finding.outcome, finding.reason, str(claims))
        self._sum += int(digest("\0".join(told).encode()), 16)

    @property
    def tally(self) -> str:
        """A digest of what became of all documents, in whatever order they came."""
        return f"{self._sum % 2**256:064x}"

    def changes(self) -> dict[str, tuple[Link, ...]]:
        """The links that are now others, by what became of them."""
        return {"added": self.links.added, "changed": self.links.changed, "withdrawn": self.links.withdrawn}

    @property
    def exit_code(self) -> int:
        """0 when everything was read, 1 when a part was not, 3 when nothing was."""
        read = sum(self.outcomes[outcome] for outcome in READ)
        return 0 if not self.failures else 1 if read else 3
