"""Where a link stands: whose model it is, when it came out, and whether the chip was under control on that day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from evidence.control import Result, control_status
from evidence.links import Link
from extractors.claim import Attribution, Claim
from outputs.lines import DocumentLine
from registry import Registry
from registry.names import Family
from registry.tables import first_day

Group = Literal["licence", "notified", "free", "open", "none"]

GROUPS: dict[Result, Group] = {
    Result.DENIAL: "licence",
    Result.UNPUBLISHED: "licence",
    Result.CASE_BY_CASE: "licence",
    Result.MAYBE_CASE_BY_CASE: "licence",
    Result.NOTIFIED: "notified",
    Result.NONE_FOUND: "free",
    Result.DEPENDS: "open",
    Result.NOT_ESTABLISHED: "open",
    Result.NOT_AN_EXPORT: "none",
    Result.NOT_SHIPPING: "none",
}
_SIZE = re.compile(r"-\d+(?:\.\d+)?[bmt](?:-a\d+(?:\.\d+)?b)?$")
_REST = re.compile(r"$|-|\d+(?:\.\d+)*(?![a-z\d])")
"""What may follow a family's name in the id of its model: `llama-7b` and `llama3` are Llamas, `gpt4all` is no GPT."""

UNKNOWN = "developer not known"


@dataclass(frozen=True, slots=True)
class Standing:
    """A link's developer and country, the day taken for the model, and the chip's status on it in words and as a
    group. `day_is` says what day that is.
    """

    developer: str
    country: str
    day: date | None
    day_is: str
    status: str
    group: Group


class Register:
    """Developers and days of models, from the registry and the documents of a set."""

    def __init__(self, registry: Registry, documents: Iterable[DocumentLine]) -> None:
        self._registry = registry
        self._documents = {line.sha256: line for line in documents if line.sha256}
        self._developers = {developer.id: developer for developer in registry.developers}
        self._families = {_slug(text): family.developer for family in registry.models for text in _names(family)}
        self._releases = {release.id: first_day(release.released) for release in registry.releases}

    def stand(self, link: Link, claims: Mapping[str, Claim]) -> Standing:
        """Where a link stands. The day is the model's release, else that of the first document that says so.

        The status is that of an export to the developer's country, where the rules for it are in the data.
        """
        said = [claims[claim] for claim in link.supporting if claim in claims]
        developer, country = self.developer(link.model.id, said)
        day, day_is = self._day(link.model.id, said)
        status, group = self._status(link.chip.id, country, day)
        return Standing(developer, country, day, day_is, status, group)

    def developer(self, model: str, said: Iterable[Claim]) -> tuple[str, str]:
        """The name and country of a model's developer: by its own documents' source, else by its family."""
        own = [e.sha256 for c in said if c.attribution is Attribution.OWN for e in c.evidence]
        named = Counter(d.developer for sha256 in own if (d := self._documents.get(sha256)) and d.developer)
        if named:
            name = min(named, key=lambda n: (-named[n], n))
            known = next((d for d in self._developers.values() if name in (d.id, d.name)), None)
            return (known.name, known.country) if known else (name, "")
        for end in range(len(model), 0, -1):
            if model[:end] in self._families and _REST.match(model, end):
                known = self._developers[self._families[model[:end]]]
                return known.name, known.country
        return UNKNOWN, ""

    def _day(self, model: str, said: Iterable[Claim]) -> tuple[date | None, str]:
        stem = _SIZE.sub("", model)
        if model in self._releases or stem in self._releases:
            return self._releases.get(model) or self._releases[stem], "release of the model"
        kin = [day for release, day in self._releases.items() if _SIZE.sub("", release) == stem]
        if kin:
            return min(kin), "release of the model"
        days = [d.published for c in said for e in c.evidence if (d := self._documents.get(e.sha256)) and d.published]
        return (min(days), "day of the document") if days else (None, "")

    def _status(self, chip: str, country: str, day: date | None) -> tuple[str, Group]:
        if country not in self._registry.controls.coverage.destinations:
            return f"no rule for {country}" if country else "country not known", "none"
        if day is None:
            return "no day known", "none"
        try:
            if self._registry.chip(chip).generic:
                return "chip not named", "none"
            result = control_status(self._registry, chip, day, country).result
        except KeyError:
            return "chip not in the registry", "none"
        return str(result), GROUPS[result]


def _names(family: Family) -> list[str]:
    return [family.name, *(spelling.text for spelling in family.spellings())]


def _slug(text: str) -> str:
    return re.sub(r"[\s_]+", "-", text.casefold())
