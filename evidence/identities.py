"""Who is who in a base or a set: every model, developer and chip with its id, names, family and developer."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from evidence import tables as t
from evidence.identity import Identities, load_identities
from evidence.store import Store
from extractors.claim import Claim
from registry import Registry
from registry.identity import find_family


class Merged(BaseModel):
    """That an id stands for another one: which, and why an analyst said so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    into: str
    because: str


class Parted(BaseModel):
    """That an id was split from another one, in one work or in all, and why an analyst said so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: str
    work: str | None
    because: str


class Identity(BaseModel):
    """One id and whom it stands for.

    `names` are those that documents use. `family` and `developer` are ids of the registry; both are null for a model
    that it does not know. `variant_of` is the nearest id that this one extends: `larch-7b-chat` of `larch-7b`.
    `merged_from` are ids that stand for this one too, by decision; such an id has a line of its own with `merged`.
    `parted_from` says from which ids this one was split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Literal["model", "organisation", "cluster", "chip"]
    name: str
    names: tuple[str, ...] = ()
    family: str | None = None
    developer: str | None = None
    variant_of: str | None = None
    merged_from: tuple[str, ...] = ()
    parted_from: tuple[Parted, ...] = ()
    merged: Merged | None = None


class Roll:
    """Every subject and chip of some claims, the ids merged into them, and the developers of the models.

    The claims have the ids that stand by the decisions `known`.
    """

    def __init__(self, registry: Registry, known: Identities) -> None:
        self._registry = registry
        self._known = known
        self._names: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def hear(self, claims: Iterable[Claim]) -> None:
        """Note whom some claims name."""
        for claim in claims:
            self._names[claim.subject.kind, claim.subject.id][claim.subject.name] += 1
            if claim.chip:
                self._names["chip", claim.chip.id][claim.chip.name] += 1

    def tell(self) -> tuple[Identity, ...]:
        """All of them by kind and id."""
        known, registry = self._known, self._registry
        models = {name for kind, name in self._names if kind == "model"}
        found = [_describe(kind, name, said, models, known, registry) for (kind, name), said in self._names.items()]
        found += [
            Identity(
                id=name, kind=one.kind, name=name, merged=Merged(into=one.id, because=known.merged()[name].because)
            )
            for one in found
            for name in one.merged_from
        ]
        present = {one.id for one in found}
        developers = {one.developer for one in found if one.developer} - present
        found += [
            Identity(id=known_as.id, kind="organisation", name=known_as.name)
            for known_as in registry.developers
            if known_as.id in developers
        ]
        return tuple(sorted(found, key=lambda one: (one.kind, one.id)))


def describe_identities(store: Store, registry: Registry) -> tuple[Identity, ...]:
    """Who is who in a base, by its live claims."""
    with store.reading() as connection:
        known = load_identities(connection)
        live = select(t.evidence.c.body).where(t.evidence.c.withdrawn_run.is_(None)).execution_options(yield_per=1000)
        roll = Roll(registry, known)
        roll.hear(Claim.model_validate_json(body) for body in connection.scalars(live))
        return roll.tell()


def find_alike(identities: Iterable[Identity], among: Iterable[Identity]) -> dict[str, tuple[str, ...]]:
    """For some ids up to three ids of models that are written almost the same: what could be merged."""
    models = [one.id for one in among if one.kind == "model" and one.merged is None]
    return {
        one.id: tuple(name for name in difflib.get_close_matches(one.id, models, n=4, cutoff=0.8) if name != one.id)[:3]
        for one in identities
    }


def _describe(
    kind: str,
    name: str,
    said: Mapping[str, int],
    models: set[str],
    known: Identities,
    registry: Registry,
) -> Identity:
    family = developer = None
    if kind == "model" and (known_family := find_family(name, registry)):
        family, developer = known_family.id, known_family.developer
    elif kind == "chip" and (chip := next((chip for chip in registry.chips if chip.id == name), None)):
        family, developer = chip.family, chip.vendor
    shorter = (name[:i] for i in range(len(name) - 1, 0, -1) if name[i] == "-")
    return Identity.model_validate(
        {
            "id": name,
            "kind": kind,
            "name": min(said, key=lambda text: (-said[text], text)),
            "names": tuple(sorted(said)),
            "family": family,
            "developer": developer,
            "variant_of": next((one for one in shorter if one in models), None) if kind == "model" else None,
            "parted_from": [
                Parted(of=d.name, work=d.work, because=d.because)
                for d in known.standing()
                if d.action == "split" and known.resolve(d.into) == name
            ],
            "merged_from": tuple(sorted(one for one in known.merged() if known.resolve(one) == name)),
        }
    )
