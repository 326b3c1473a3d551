"""Where a link stands: whose model it is, the days that matter, and the chip's control status on each of them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from evidence.control import Result, first_release, status_spans
from evidence.links import Role
from extractors.claim import Attribution, Claim, ClaimType, Stage
from registry import Registry
from registry.identity import identify_model
from registry.names import Family
from registry.tables import Confidence, PartialDate, first_day

UNKNOWN = "developer not known"
Group = Literal["licence", "notified", "free", "open", "none"]
Matter = Literal["release", "document", "training", "chip"]

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

_ARXIV = re.compile(r"arxiv:(\d\d)(0[1-9]|1[0-2])\.\d{4,5}")
_STAGES = {
    Role.TRAINED_ON: {Stage.PRE_TRAINING, Stage.TRAINING},
    Role.FINE_TUNED_ON: {Stage.POST_TRAINING},
}


class Dated(Protocol):
    """What is asked of a document: its digest, its work, who published it and when."""

    @property
    def sha256(self) -> str | None:
        """The digest; None where no bytes were got."""
        ...

    @property
    def work(self) -> str | None:
        """The work across its versions (`arxiv:2412.19437`)."""
        ...

    @property
    def developer(self) -> str | None:
        """The developer that its source names."""
        ...

    @property
    def published(self) -> date | None:
        """The day of its publication."""
        ...


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ControlSpan(_Part):
    """The status of a chip from one day to another, both included."""

    first: date
    last: date
    result: Result
    confidence: Confidence


class ControlDay(_Part):
    """The status of a link's chip on a day or over a period that matters to it.

    `of` says which: the model's `release`, the `document`, the `training`, the chip's own announcement (`chip`). `when`
    is a date, as far as it is known, or an ISO 8601 interval; `basis` says how it is known. Where a period saw several
    answers there are several spans, and none where the link has no status.
    """

    of: Matter
    when: str
    basis: str
    spans: tuple[ControlSpan, ...]


class LinkControl(_Part):
    """The control status of a link's chip for export to the developer's country, on each day that matters.

    Under control on a day is no violation: purchases before a rule, use abroad and licences are lawful. When a chip was
    acquired is hardly ever known. `note` says why there is no status, where there is none.
    """

    developer: str | None
    country: str | None
    days: tuple[ControlDay, ...] = ()
    note: str = ""

    def main(self) -> ControlDay | None:
        """The day that stands for the model: its release, else that of the document.

        A chip that was announced after the model came out was used later: then it is the document's day alone.
        """
        known = {day.of: day for day in self.days}
        release, chip = known.get("release"), known.get("chip")
        if release and chip and release.when[:7] < chip.when[:7]:
            release = None
        return release or known.get("document")


def say_status(day: ControlDay) -> str:
    """The status of a day in words: «licence required, …», or each answer with the day from which it held.

    Empty where there is no status.
    """
    if len(day.spans) == 1:
        return str(day.spans[0].result)
    return "; ".join(f"from {span.first} {span.result}" for span in day.spans)


def group_status(day: ControlDay) -> Group:
    """The group that a day's status belongs to; `open` where it changed within the period."""
    groups = {GROUPS[span.result] for span in day.spans} or {"none"}
    return groups.pop() if len(groups) == 1 else "open"


class Register:
    """Developers and days of models, from the registry, the documents of a set and the training periods they state."""

    def __init__(self, registry: Registry, documents: Iterable[Dated], claims: Iterable[Claim] = ()) -> None:
        self._registry = registry
        self._documents = {line.sha256: line for line in documents if line.sha256}
        self._developers = {developer.id: developer for developer in registry.developers}
        self._families = {_slug(text): family.developer for family in registry.models for text in _names(family)}
        self._releases = {identify_model(release.name, registry): release.released for release in registry.releases}
        self._first: dict[str, PartialDate] = {}
        for release, day in self._releases.items():
            stem = _SIZE.sub("", release)
            self._first[stem] = min(day, self._first.get(stem, day))
        self._periods: dict[str, list[Claim]] = {}
        for claim in claims:
            if claim.type is ClaimType.TRAINING_PERIOD and claim.attribution is Attribution.OWN:
                self._periods.setdefault(claim.subject.id, []).append(claim)

    def control(self, model: str, chip: str, role: Role, said: Sequence[Claim]) -> LinkControl:
        """The control status of a chip in a role for a model; `said` are the claims that say so."""
        maker, country = self.developer(model, said)
        developer = None if maker == UNKNOWN else maker
        note = self._refuse(chip, country)
        days = tuple(
            ControlDay(of=of, when=when, basis=basis, spans=() if note else self._spans(chip, country, when))
            for of, when, basis in (
                *self._release(model),
                *self._published(said),
                *self._trained(model, role),
                *self._announced(chip),
            )
        )
        return LinkControl(
            developer=developer, country=country or None, days=days, note=note or ("" if days else "no day is known")
        )

    def date(self, model: str, said: Iterable[Claim]) -> str | None:
        """The day that stands for a model, as far as it is known: its release, else that of the first document."""
        return next((when for _, when, _ in (*self._release(model), *self._published(said))), None)

    def covers(self, country: str) -> bool:
        """Whether the registry has rules for exports to a country."""
        return country in self._registry.controls.coverage.destinations

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

    def _refuse(self, chip: str, country: str) -> str:
        if not self.covers(country):
            return f"no rule for {country}" if country else "country not known"
        try:
            return "chip not named" if self._registry.chip(chip).generic else ""
        except KeyError:
            return "chip not in the registry"

    def _spans(self, chip: str, country: str, when: str) -> tuple[ControlSpan, ...]:
        first, last = _reach(when)
        return tuple(
            ControlSpan(first=begin, last=end, result=status.result, confidence=status.confidence)
            for begin, end, status in status_spans(self._registry, chip, first, last, country)
        )

    def _release(self, model: str) -> Iterable[tuple[Matter, str, str]]:
        stem = _SIZE.sub("", model)
        when = self._releases.get(model) or self._releases.get(stem) or self._first.get(stem)
        if when:
            yield "release", when, "release of the model"

    def _published(self, said: Iterable[Claim]) -> Iterable[tuple[Matter, str, str]]:
        """The first document that says so: its own day, else the month of its arXiv number."""
        found: list[tuple[str, str]] = []
        for document in {e.sha256: self._documents.get(e.sha256) for c in said for e in c.evidence}.values():
            if document is None:
                continue
            if document.published:
                found.append((document.published.isoformat(), "day of the document"))
            elif number := _ARXIV.match(document.work or ""):
                found.append((f"20{number[1]}-{number[2]}", "month of the document's arXiv number"))
        if found:
            yield "document", *min(found)

    def _trained(self, model: str, role: Role) -> Iterable[tuple[Matter, str, str]]:
        """The periods stated for the model, else for the model without its size."""
        stages = _STAGES.get(role, set())
        for name in dict.fromkeys((model, _SIZE.sub("", model))):
            stated = sorted({str(c.value) for c in self._periods.get(name, ()) if c.stage in stages})
            if stated:
                yield from (("training", when, "training period that a document states") for when in stated)
                return

    def _announced(self, chip: str) -> Iterable[tuple[Matter, str, str]]:
        try:
            day = first_release(self._registry, chip)
        except KeyError:
            return
        if day:
            yield "chip", day.isoformat(), "announcement of the chip"


def _reach(when: str) -> tuple[date, date]:
    """The first and the last day that a date or an interval can mean: `2024-12` is all of December.

    Of an open interval («since September») only the beginning is known.
    """
    begin, _, end = when.partition("/")
    return first_day(begin), _last_day(begin if end in ("", "..") else end)


def _last_day(partial: PartialDate) -> date:
    year, month, day = [*map(int, partial.split("-")), 0, 0][:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _names(family: Family) -> list[str]:
    return [family.name, *(spelling.text for spelling in family.spellings())]


def _slug(text: str) -> str:
    return re.sub(r"[\s_]+", "-", text.casefold())
