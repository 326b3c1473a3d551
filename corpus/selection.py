"""Which of the named documents a run takes: those whose address or name fits, and that came since a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Selection:
    """`only` are patterns with `*` and `?`, one of which must fit the address or the name, in whatever case;
    «*qwen*2.5*» takes every document that is called so. `since` is the first day that counts.
    """

    only: Sequence[str] = ()
    since: date | None = None

    def fits(self, *words: str) -> bool:
        """Whether one of some names of a document fits."""
        wanted = [pattern.casefold() for pattern in self.only]
        return not wanted or any(fnmatchcase(word.casefold(), pattern) for word in words for pattern in wanted)

    def reaches(self, day: date | datetime | None) -> bool:
        """Whether a document of a day came late enough; one of which no day is known did."""
        if isinstance(day, datetime):
            day = day.astimezone(UTC).date()
        return self.since is None or day is None or day >= self.since
