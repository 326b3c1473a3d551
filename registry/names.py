"""Names that texts use: machines, developers, families of models, their releases, techniques."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from registry.chips import spellings
from registry.tables import STRICT, Confidence, Names, PartialDate, Spelling

Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Fitting:
    """One kind of chip in a machine: `per_unit` a server, board, rack, instance or node; `total` in all of it."""

    __pydantic_config__ = STRICT

    chip: str
    per_unit: Count | None = None
    units: Count | None = None
    total: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A machine by name, and what is in it: «64 DGX A100» are 512 A100, «LUMI» is MI250X."""

    __pydantic_config__ = STRICT

    id: str
    name: str
    kind: Literal["server", "board", "rack", "pod", "cluster", "supercomputer", "instance"]
    chips: tuple[Fitting, ...]
    sources: Names
    confidence: Confidence
    aliases: Names = ()
    exact: Names = ()
    weak: Names = ()
    note: str = ""

    def spellings(self) -> Iterator[Spelling]:
        """The ways in which texts write this machine."""
        return spellings(self.aliases, self.exact, self.weak)


@dataclass(frozen=True, slots=True, kw_only=True)
class Developer:
    """Who develops models or makes chips. `entity_list` says in words what was found on United States lists."""

    __pydantic_config__ = STRICT

    id: str
    name: str
    country: str
    entity_list: str
    sources: Names
    confidence: Confidence
    parent: str | None = None
    aliases: Names = ()
    exact: Names = ()
    weak: Names = ()
    chinese: Names = ()

    def spellings(self) -> Iterator[Spelling]:
        """The ways in which texts write this developer, the name itself among them."""
        short = len(self.name) < 5
        yield Spelling(self.name, exact=short, weak=self.name in self.weak)
        yield from spellings((*self.aliases, *self.chinese), self.exact, (w for w in self.weak if w != self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of models by name and by the grammar of its versions.

    `numbered`: a version may follow the name at once («Qwen2.5», «GLM-4.5», «LLaMA 2»). `words` may follow name and
    version («VL», «Flash»). A weak spelling («Yi», «Ring») is a model's name when a version, a size or one of `words`
    follows.
    """

    __pydantic_config__ = STRICT

    id: str
    name: str
    developer: str
    domain: str
    sources: Names
    confidence: Confidence
    numbered: bool = False
    words: Names = ()
    aliases: Names = ()
    exact: Names = ()
    weak: Names = ()

    def spellings(self) -> Iterator[Spelling]:
        """The ways in which texts write the family's name."""
        return spellings(self.aliases, self.exact, self.weak)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of a family, with the day it was made public."""

    __pydantic_config__ = STRICT

    id: str
    name: str
    family: str
    released: PartialDate
    sources: Names
    confidence: Confidence
    aliases: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A name in Chinese, and the name in Latin letters that it stands for."""

    __pydantic_config__ = STRICT

    written: str
    means: str
    sources: Names
    confidence: Confidence
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Technique:
    """A technique that saves memory, computation or communication, and how texts write it.

    `saves` says what it saves of a chip's figures; `serving` whether a model that has it is easier to serve, whatever
    stage a text tells of it: a mixture of experts trained as one is served as one.
    """

    __pydantic_config__ = STRICT

    id: str
    name: str
    sources: Names
    confidence: Confidence
    saves: tuple[Literal["memory", "bandwidth", "compute", "communication"], ...] = ()
    serving: bool = False
    aliases: Names = ()
    exact: Names = ()
    weak: Names = ()

    def spellings(self) -> Iterator[Spelling]:
        """The ways in which texts write this technique, the name itself among them."""
        yield Spelling(self.name)
        yield from spellings(self.aliases, self.exact, self.weak)
