"""Organisations that a text names, by the registry's names of developers: «Microsoft», «鹏城实验室»."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from extractors.mentions.words import SpellingIndex
from registry import Registry
from registry.tables import fold


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation named at `start:end`, as printed; `id` is the registry's; a `maker` sells chips."""

    id: str
    name: str
    start: int
    end: int
    maker: bool = False


class OrganisationGrammar:
    """Finds organisations; `organisation_grammar` builds it once per registry."""

    def __init__(self, registry: Registry) -> None:
        sellers = {chip.vendor for chip in registry.chips if chip.segment == "datacenter"}
        sellers -= {"google", "meta", "microsoft"}
        spellings = [(s, developer.id) for developer in registry.developers for s in developer.spellings()]
        self._ids = {fold(spelling.text): owner for spelling, owner in spellings}
        self._makers = {developer.id for developer in registry.developers} & sellers
        self._index = SpellingIndex((spelling for spelling, _ in spellings), gap=r"[ \-–]?")
        self._families = tuple(
            sorted(((fold(f.name), f.developer) for f in registry.models), key=lambda row: -len(row[0]))
        )

    def find(self, text: str) -> list[Organisation]:
        """The organisations of a text in order."""
        return [
            Organisation(owner, match[0], *match.span(), maker=owner in self._makers)
            for match in self._index.matches(text)
            if not match[0].islower() and (owner := self._ids.get(fold(match[0]))) is not None
        ]

    def developer_of(self, model: str) -> str | None:
        """The id of the developer of the family that a model's name begins with, or None."""
        return next((developer for name, developer in self._families if fold(model).startswith(name)), None)


@lru_cache(maxsize=4)
def organisation_grammar(registry: Registry) -> OrganisationGrammar:
    """The grammar of a registry, built once."""
    return OrganisationGrammar(registry)
