"""Claims by subject: what is derived of many claims looks at one subject at a time, so that few are in memory."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from evidence import tables as t
from evidence.keeping import parts
from extractors.claim import Claim, ClaimType

_MOST_SUBJECTS = 500
_MOST_CLAIMS = 4000
"""Claims of a portion: some 10 kB each while links are derived and claims are ranked."""


class Subjects(Mapping[str, Sequence[Claim]]):
    """The claims about each subject by its id, sorted by the claims' ids. Iterating gives the subjects sorted."""

    @abstractmethod
    def of_type(self, kind: ClaimType) -> Iterable[Claim]:
        """The claims of one type, whoever they are about."""


class Grouped(Subjects):
    """Claims that are in memory, by subject."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        said: dict[str, list[Claim]] = defaultdict(list)
        for claim in sorted(claims, key=lambda claim: claim.id):
            said[claim.subject.id].append(claim)
        self._said = {subject: said[subject] for subject in sorted(said)}

    def __getitem__(self, subject: str) -> Sequence[Claim]:
        return self._said[subject]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def of_type(self, kind: ClaimType) -> Iterable[Claim]:
        """The claims of one type, whoever they are about."""
        return (claim for said in self._said.values() for claim in said if claim.type is kind)


def portion(connection: Connection, subjects: Sequence[str]) -> Iterator[list[str]]:
    """Subjects of the base in portions about which few claims are made, or in one alone where it has many."""
    gathered: list[str] = []
    together = 0
    for part in parts(subjects):
        live = t.claims.c.subject.in_(part) & t.claims.c.withdrawn_run.is_(None)
        query = select(t.claims.c.subject, func.count()).where(live).group_by(t.claims.c.subject)
        counts = {subject: int(count) for subject, count in connection.execute(query)}
        for subject in part:
            count = counts.get(subject, 0)
            if gathered and (together + count > _MOST_CLAIMS or len(gathered) == _MOST_SUBJECTS):
                yield gathered
                gathered, together = [], 0
            gathered.append(subject)
            together += count
    if gathered:
        yield gathered
