"""Claims by subject: what is derived of many claims looks at one subject at a time, so that few are in memory."""

from __future__ import annotations

from abc import abstractmethod
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
