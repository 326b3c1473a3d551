"""Who says so: how a claim is graded by its source, and which sources are one voice.

A lab's paper, its blog and its model card are one source and not three; two papers of different labs are two.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from extractors.claim import Attribution, Claim, Modality
from registry import Registry
from registry.identity import find_family, identify_organisation

RULES = Path(__file__).parent / "provenance.toml"
Grade = Literal["primary", "secondary", "rumour"]
GRADES: tuple[Grade, ...] = ("primary", "secondary", "rumour")
"""Best first."""


class ProvenanceError(ValueError):
    """The rules of provenance cannot be used; the message names the file, the entry and what to mend."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Entry):
    """Conditions on who speaks and how, and the grade that follows."""

    id: str
    grade: Grade
    because: str
    publisher: tuple[Literal["developer", "another", "press", "talk", "unknown"], ...] = ()
    attribution: tuple[Attribution, ...] = ()
    modality: tuple[Modality, ...] = ()


class Hosts(_Entry):
    """Hosts of one kind; those below them («ai.example.org» of «example.org») are too."""

    kind: Literal["platform", "press", "talk"]
    names: tuple[str, ...]


class Rules(_Entry):
    """All rules, in their order, and the kinds of hosts."""

    rule: tuple[Rule, ...]
    host: tuple[Hosts, ...] = ()


class Published(Protocol):
    """What is asked of a document: its digest, name, address, work and developer."""

    @property
    def sha256(self) -> str | None:
        """The digest."""
        ...

    @property
    def name(self) -> str:
        """The name that claims cite."""
        ...

    @property
    def address(self) -> str:
        """Where it was got."""
        ...

    @property
    def work(self) -> str | None:
        """The work across its versions."""
        ...

    @property
    def developer(self) -> str | None:
        """The developer that its source names."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says a claim: the grade and why, and the source; claims with one source are no two witnesses. `named` is the
    source as people know it.
    """

    grade: Grade
    because: str
    source: str
    named: str


class _Place(NamedTuple):
    publisher: str | None
    kind: str
    host: str


class Provenance:
    """Grades claims by the documents that make them."""

    def __init__(self, registry: Registry, documents: Iterable[Published] = (), rules: Rules | None = None) -> None:
        self._registry = registry
        self._documents = {document.sha256: document for document in documents if document.sha256}
        self._rules = rules or load_rules()
        self._known = {developer.id for developer in registry.developers}
        self._makers: dict[str, str | None] = {}
        self._places: dict[str, _Place] = {}

    def hear(self, claim: Claim) -> Voice:
        """Who says a claim; of several documents of its work, the one that counts most."""
        documents = {evidence.sha256: self._documents.get(evidence.sha256) for evidence in claim.evidence}
        voices = [self._judge(claim, document, sha256) for sha256, document in sorted(documents.items())]
        return min(voices, key=lambda voice: GRADES.index(voice.grade))

    def _judge(self, claim: Claim, document: Published | None, sha256: str) -> Voice:
        maker = self._maker(claim.subject.id)
        if sha256 not in self._places:
            self._places[sha256] = self._place(document) if document else _Place(None, "", "")
        publisher, kind, host = self._places[sha256]
        standing = (
            kind if kind in ("press", "talk")
            else "developer" if publisher and publisher == maker
            else "another" if publisher
            else "unknown"
        )  # fmt: skip
        rule = next(rule for rule in self._rules.rule if _holds(rule, standing, claim))
        if publisher:
            source = publisher
        elif kind in ("press", "talk"):
            source = host
        elif claim.attribution is Attribution.OWN:
            source = maker or f"whoever made {claim.subject.id}"
        elif host and kind != "platform":
            source = host
        else:
            source = (document.work if document else None) or f"sha256:{sha256}"
        named = document.name if document and source.startswith("sha256:") else source
        return Voice(rule.grade, rule.because, source, named)

    def _maker(self, model: str) -> str | None:
        """The developer of a model by its family."""
        if model not in self._makers:
            family = find_family(model, self._registry)
            self._makers[model] = family.developer if family else None
        return self._makers[model]

    def _place(self, document: Published) -> _Place:
        host, path = _split(document)
        kind = next(
            (
                hosts.kind
                for hosts in self._rules.host
                if any(host == name or host.endswith(f".{name}") for name in hosts.names)
            ),
            "",
        )
        return _Place(self._publisher(document, kind, host, path), kind, host)

    def _publisher(self, document: Published, kind: str, host: str, path: str) -> str | None:
        """The developer that published a document: as its source says, else whose account or host it stands at."""
        if document.developer:
            return identify_organisation(document.developer, self._registry)
        parts = [part for part in path.split("/") if part]
        label = host.removesuffix(".github.io") if host.endswith(".github.io") else ""
        words = [label, *parts[:1]] if kind == "platform" else ["".join(host.split(".")[-2:]), *host.split(".")[-2:-1]]
        for word in words:
            for spelled in (word, word.removesuffix("-ai"), word.removesuffix("ai")):
                if spelled and (found := identify_organisation(spelled, self._registry)) in self._known:
                    return found
        return None


def best_grade(voices: Iterable[Voice]) -> Grade:
    """The best grade among voices, of which there must be one."""
    return min((voice.grade for voice in voices), key=GRADES.index)


def say_voices(voices: Sequence[Voice]) -> tuple[str, str]:
    """Why voices have their best grade, and how many independent sources they are, in words."""
    best = best_grade(voices)
    why = Counter(voice.because for voice in voices if voice.grade == best)
    names = {voice.source: voice.named for voice in voices}
    sources = [names[source] for source in sorted(names)]
    named = ", ".join(sources[:3]) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")
    one = "one source" if len(sources) == 1 else f"{len(sources)} independent sources"
    claims = f"{len(voices)} claims" if len(voices) > 1 else "1 claim"
    return f"{best}: {min(why, key=lambda words: (-why[words], words))}", f"{claims} of {one}: {named}"


@cache
def load_rules(path: Path = RULES) -> Rules:
    """The rules in a file. Raises `ProvenanceError` on an unknown key, a bad value, and where no rule holds always."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ProvenanceError(f"{path.name}: cannot be read: {fault}") from None
    try:
        rules = Rules.model_validate(content)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        reason = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ProvenanceError(f"{path.name}: {where}: {reason}") from None
    last = rules.rule[-1] if rules.rule else None
    if last is None or last.publisher or last.attribution or last.modality:
        raise ProvenanceError(f"{path.name}: the last rule must hold always: leave its conditions out")
    return rules


def _holds(rule: Rule, standing: str, claim: Claim) -> bool:
    return (
        (not rule.publisher or standing in rule.publisher)
        and (not rule.attribution or claim.attribution in rule.attribution)
        and (not rule.modality or claim.modality in rule.modality)
    )


def _split(document: Published) -> tuple[str, str]:
    """Host and path of a document's address, else of its work; empty for a file of no known work."""
    for address in (document.address, document.work or ""):
        if address.startswith(("http://", "https://")):
            parts = urlsplit(address)
            return (parts.hostname or "").removeprefix("www."), parts.path
    return "", ""
