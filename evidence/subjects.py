"""Claims by subject: what is derived of many claims looks at one subject at a time, so that few are in memory."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from extractors.claim import Claim, ClaimType


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
