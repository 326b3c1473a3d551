"""The report: one HTML file with the links of a set, their quotes, charts, and what does not add up.

It asks for nothing outside itself, and a content security policy holds it to that.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evidence.check import Check, Kind, Outcome, leading, say_figure
from evidence.checks import check_claims
from evidence.control import DISCLAIMER
from evidence.figures import number_of, say_number
from evidence.finding import READ, discloses_hardware
from evidence.findings import FindingKind, SetFinding
from evidence.links import Figure
from evidence.standing import UNKNOWN, ControlDay, Group, Register, group_status, say_status
from evidence.uses import find_claims
from extractors.claim import Attribution, Claim, ClaimType, Stage
from outputs import charts
from outputs.charts import GROUP_NAMES, Chart
from outputs.findings import DAYS, TITLES
from outputs.lines import DocumentLine, LinkLine
from outputs.wording import ROLES, plain
from registry import Registry
from registry.tables import first_day

_POLICY = "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of one document for a link, and whether they speak for it or against it."""

    text: str
    document: str
    page: int | None
    claim: str
    against: bool
    others: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the report's table."""

    link: LinkLine
    main: ControlDay | None
    status: str
    group: Group
    others: tuple[tuple[str, ControlDay, str], ...]
    role: str
    counts: str
    hours: str
    quotes: tuple[Quote, ...]


def render_report(
    title: str,
    claims: Sequence[Claim],
    links: Iterable[LinkLine],
    findings: Sequence[SetFinding],
    documents: Sequence[DocumentLine],
    registry: Registry,
) -> str:
    """The report of a set as HTML. The same set gives the same bytes."""
    by_id = {claim.id: claim for claim in claims}
    register = Register(registry, documents)
    entries = [_make_entry(link, by_id) for link in links]
    entries.sort(key=lambda e: (e.link.model.name.casefold(), e.link.model.id, e.link.role, e.link.chip.id))
    checks = check_claims(claims, registry)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return environment.get_template("report.html").render(
        title=plain(title),
        style=Markup(style),
        script=Markup(script),
        policy=_POLICY.format(style=_hash(style), script=_hash(script)),
        entries=entries,
        groups={group: name for group, name in GROUP_NAMES.items() if any(e.group == group for e in entries)},
        charts=_draw(entries, checks, by_id.values(), documents, register, registry),
        findings={
            title: found
            for kind, title in TITLES.items()
            if kind is not FindingKind.SILENCE and (found := [f for f in findings if f.kind is kind])
        },
        quote=lambda ids: _quote_surest(ids, by_id),
        roles=ROLES,
        inconsistent=[check for check in checks if check.outcome is Outcome.INCONSISTENT],
        outcomes=Counter(check.outcome.value for check in checks),
        silent=[d for d in documents if d.outcome == "nothing-disclosed"],
        unread=[d for d in documents if d.outcome not in READ],
        read=sum(d.outcome in READ for d in documents),
        documents=documents,
        claims=len(claims),
        disclaimer=DISCLAIMER,
        unknown=UNKNOWN,
    )


def _quote_surest(ids: Iterable[str], claims: Mapping[str, Claim]) -> Quote | None:
    """The words of the surest of some claims."""
    claim = min((claims[i] for i in ids if i in claims), key=lambda c: (-c.confidence, c.id), default=None)
    if claim is None:
        return None
    e = claim.evidence[0]
    others = claim.attribution is Attribution.OTHER
    return Quote(plain(e.quote), plain(e.document), e.page, claim.id, against=False, others=others)


def _make_entry(link: LinkLine, claims: Mapping[str, Claim]) -> Entry:
    quotes: dict[tuple[str, int | None, str], Quote] = {}
    for ids, against in ((link.supporting, False), (link.contradicting, True)):
        for claim in (claims[i] for i in ids if i in claims):
            for e in claim.evidence:
                others = claim.attribution is Attribution.OTHER
                quote = Quote(plain(e.quote), plain(e.document), e.page, claim.id, against, others)
                quotes.setdefault((e.sha256, e.page, e.quote), quote)
    main = link.control.main()
    return Entry(
        link=link,
        main=main,
        status=(say_status(main) if main else "") or link.control.note or "no day is known",
        group=group_status(main) if main else "none",
        others=tuple(
            (DAYS[day.of], day, say_status(day)) for day in link.control.days if day is not main and day.spans
        ),
        role=ROLES[link.role],
        counts=_say(link.counts),
        hours=_say(link.chip_hours),
        quotes=tuple(quotes.values()),
    )


def _draw(
    entries: Sequence[Entry],
    checks: Sequence[Check],
    claims: Iterable[Claim],
    documents: Sequence[DocumentLine],
    register: Register,
    registry: Registry,
) -> list[Chart]:
    named = [e for e in entries if not _is_generic(e.link.chip.id, registry)]
    points = [
        (first_day(e.main.when), e.link.chip.name, e.group, f"{_tell(e)}, {e.main.when}: {e.status}")
        for e in named
        if e.main
    ]
    hours: dict[tuple[str, str], float] = {}
    for entry in entries:
        for figure in entry.link.chip_hours[:1]:
            key = (entry.link.model.name, entry.link.chip.name)
            hours[key] = max(hours.get(key, 0), figure.value)
    pairs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in named:
        if entry.link.control.developer:
            pairs[entry.link.control.developer, entry.link.chip.name].add(entry.link.model.id)
    shares = [(c.name, *c.share, c.outcome.value) for c in checks if c.kind is Kind.UTILISATION and c.share]
    return [
        charts.draw_timeline(points),
        charts.draw_amounts("hours-time", "Chip-hours over time", "chip-hours", _date_hours(entries)),
        charts.draw_amounts("compute-time", "Training compute over time", "FLOP", _date_compute(claims, register)),
        charts.draw_hours((model, chip, value) for (model, chip), value in hours.items()),
        charts.draw_grid({key: len(models) for key, models in pairs.items()}),
        charts.draw_disclosure(_levels(claims, documents, register, registry)),
        charts.draw_utilisation(shares),
    ]


Point = tuple[date, str, float, bool, str]


def _date_hours(entries: Iterable[Entry]) -> Iterator[Point]:
    """The most chip-hours that any link of a model has, on the day that stands for the model."""
    most: dict[str, tuple[float, Entry]] = {}
    for entry in entries:
        for figure in entry.link.chip_hours[:1]:
            if figure.value > 0 and entry.main and figure.value > most.get(entry.link.model.id, (0.0, entry))[0]:
                most[entry.link.model.id] = (figure.value, entry)
    for value, entry in most.values():
        if entry.main:
            words = (
                f"{entry.link.model.name}, {entry.main.when}: {say_number(value)} chip-hours on {entry.link.chip.name}"
            )
            yield first_day(entry.main.when), entry.link.model.name, value, True, words


def _date_compute(claims: Iterable[Claim], register: Register) -> Iterator[Point]:
    """The training compute of models that their own documents state, else 6ND of size and tokens that they state."""
    models: dict[str, dict[ClaimType, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for kind in (*_RECKONED, ClaimType.TRAINING_COMPUTE):
        for claim in find_claims(claims, kind):
            models[claim.subject.id][kind].append(claim)
    for model, said in models.items():
        stated = leading(said[ClaimType.TRAINING_COMPUTE])
        size = leading(said[ClaimType.ACTIVE_PARAMETERS]) or leading(said[ClaimType.PARAMETERS])
        tokens = leading([c for c in said[ClaimType.TRAINING_TOKENS] if c.stage is not Stage.POST_TRAINING])
        used = [stated] if stated else [size, tokens]
        sources = [claim for claim in used if claim]
        when = register.date(model, sources)
        if len(sources) < len(used) or when is None:
            continue
        flop = number_of(sources[0]) if stated else 6 * number_of(sources[0]) * number_of(sources[1])
        how = "stated" if stated else "6 × " + " × ".join(map(say_figure, sources))
        name = sources[0].subject.name
        if flop > 0:
            yield first_day(when), name, flop, stated is not None, f"{name}, {when}: {say_number(flop)} FLOP, {how}"


_RECKONED = (ClaimType.PARAMETERS, ClaimType.ACTIVE_PARAMETERS, ClaimType.TRAINING_TOKENS)


def _levels(
    claims: Iterable[Claim], documents: Sequence[DocumentLine], register: Register, registry: Registry
) -> dict[str, Counter[str]]:
    """By developer, its documents by the most that they say of the chips of their own work."""
    own: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.attribution is Attribution.OWN:
            for sha256 in {e.sha256 for e in claim.evidence}:
                own[sha256].append(claim)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        said = own.get(document.sha256 or "", [])
        makers = Counter(register.developer(c.subject.id, [c])[0] for c in said if c.subject.kind == "model")
        del makers[UNKNOWN]
        if document.outcome in READ and makers:
            developer = min(makers, key=lambda d: (-makers[d], d))
            found[developer][_level([c for c in said if discloses_hardware(c)], registry)] += 1
    return found


def _level(said: Sequence[Claim], registry: Registry) -> str:
    types = {claim.type for claim in said}
    if ClaimType.CHIP_HOURS in types:
        return "hours"
    if ClaimType.CHIP_COUNT in types:
        return "count"
    if not said:
        return "nothing"
    return "named" if any(c.chip and not _is_generic(c.chip.id, registry) for c in said) else "unnamed"


def _is_generic(chip: str, registry: Registry) -> bool:
    try:
        return registry.chip(chip).generic
    except KeyError:
        return False


def _tell(entry: Entry) -> str:
    return f"{entry.link.model.name} {entry.role} {entry.link.chip.name}"


def _say(figures: Sequence[Figure]) -> str:
    marks = {"reported": "", "derived": " (derived)", "estimated": " (estimated)"}
    return ", ".join(say_number(figure.value) + marks[figure.basis] for figure in figures)


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
