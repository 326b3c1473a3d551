"""Findings and the trace of a model in a terminal, each with the words and ids that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.text import Text

from evidence.check import Said
from evidence.control import DISCLAIMER
from evidence.figures import say_number
from evidence.findings import FindingKind, SetFinding
from evidence.links import Role
from evidence.standing import ControlDay, say_status
from evidence.trail import Traced, Trail
from extractors.claim import Claim, Stage
from outputs.wording import ROLES, plain, say_place, shorten

TITLES = {
    FindingKind.CHIPS: "Developers in a country under control, and the chips they report",
    FindingKind.SERVING: "Models served on chips for which no licence requirement is found",
    FindingKind.PARTIAL: "Models whose compute is disclosed in part",
    FindingKind.SILENCE: "Documents that disclose no hardware of their own",
}
DAYS = {
    "release": "at the model's release",
    "document": "at the document's day",
    "training": "in training",
    "chip": "at the chip's announcement",
}
_PURPOSES = {
    Role.TRAINED_ON: "training",
    Role.FINE_TUNED_ON: "fine-tuning",
    Role.SERVED_ON: "serving",
    Role.EVALUATED_ON: "evaluation",
    Role.USED_ON: "other use",
}


def lay_out_findings(findings: Iterable[SetFinding], claims: Mapping[str, Claim], width: int) -> Iterator[Text]:
    """Findings by kind: what each says, its rows with the quote of their surest claim, and what is missing."""
    kind = None
    for found in findings:
        if found.kind is not kind:
            kind = found.kind
            yield Text(TITLES[kind], style="bold underline")
        whose = f" ({plain(found.developer)}{f', {found.country}' * bool(found.country)})" if found.developer else ""
        yield Text.assemble((plain(found.about.name), "bold"), "" if found.about.name == found.developer else whose)
        yield Text(f"  {plain(found.says)}")
        for row in found.rows:
            put = "" if row.put == "stated" else ", asked for"
            others = "" if row.own else ", as others say"
            day = f"{row.when} ({row.basis}): " if row.when else ""
            yield Text(f"  {day}{plain(row.model)}, {ROLES[row.role]} {row.chip}{put}{others}: {row.status}")
            yield from _cite(row.claims, claims, width)
        for spared in found.techniques:
            yield Text(f"  {spared.technique}: saves {' and '.join(spared.saves)}")
            yield from _cite(spared.claims, claims, width)
        for part in found.given:
            yield Text(f"  {part.what}:")
            yield from _cite(part.claims, claims, width)
    yield Text(DISCLAIMER, style="dim")


def count_findings(findings: Iterable[SetFinding]) -> str:
    """How many findings there are of each kind: «18 chips-by-status, 4 served-…»."""
    found = Counter(finding.kind for finding in findings)
    return ", ".join(f"{found[kind]} {kind}" for kind in FindingKind)


def lay_out_trail(trail: Trail, width: int) -> Iterator[Text]:
    """The trace of a model: by purpose the chips in use or asked for, what no document says, techniques, what is
    missing.
    """
    whose = f" ({plain(trail.developer)}{f', {trail.country}' * bool(trail.country)})" if trail.developer else ""
    yield Text.assemble((plain(trail.model.name), "bold"), whose)
    yield Text(f"read in {', '.join(map(plain, trail.documents))}", style="dim")
    for role, purpose in _PURPOSES.items():
        traced = [t for t in trail.uses if t.use.role is role]
        if role in trail.unsupported:
            yield Text.assemble((purpose, "bold"), ": no document names a chip; nothing follows about it")
        elif traced:
            yield Text(purpose, style="bold")
        for one in traced:
            yield from _lay_out_use(one, width)
    yield from _lay_out_means(trail, width)
    if trail.missing:
        given = ", ".join(part.what for part in trail.given) or "nothing"
        yield Text.assemble(("of its training compute", "bold"), f": given {given}; missing {', '.join(trail.missing)}")
    yield Text(DISCLAIMER, style="dim")


def _lay_out_use(traced: Traced, width: int) -> Iterator[Text]:
    use = traced.use
    counts = ", ".join(say_number(figure.value) for figure in use.counts)
    hours = ", ".join(f"{say_number(figure.value)} chip-hours" for figure in use.chip_hours)
    figures = "; ".join(filter(None, (f"{counts} chips" if counts else "", hours)))
    put = "in use" if traced.supported else "named as what it takes, not as in use"
    others = "" if use.own else ", as others say"
    yield Text(f"  {plain(use.chip.name)}: {put}{others}" + (f"; {figures}" if figures else ""))
    for day in use.control.days:
        if day.spans:
            yield Text(f"    {say_day(day)}")
    if use.control.note:
        yield Text(f"    no control status: {use.control.note}")
    shown = {said.document: said for said in reversed(traced.words)}
    yield from _lay_out_words(sorted(shown.values(), key=traced.words.index), width)


def _lay_out_means(trail: Trail, width: int) -> Iterator[Text]:
    for serving, title in ((True, "techniques that make it easier to serve"), (False, "other techniques")):
        named = [t for t in trail.techniques if t.serving is serving]
        if named:
            yield Text(title, style="bold")
        for technique in named:
            yield Text(f"  {technique.name}" + (f": saves {' and '.join(technique.saves)}" if technique.saves else ""))
            yield from _lay_out_words(technique.words[:1], width)
    for stages, title in (({Stage.INFERENCE}, "served in"), (set(Stage) - {Stage.INFERENCE}, "trained in")):
        formats = [f for f in trail.formats if f.stage in stages]
        if formats:
            yield Text.assemble((title, "bold"), f" {', '.join(f.name for f in formats)}")
        for one in formats:
            yield from _lay_out_words(one.words[:1], width)


def say_day(day: ControlDay) -> str:
    """A day that matters and the status on it: «at the model's release (2024-11-05): no licence requirement found»."""
    return f"{DAYS[day.of]} ({day.when}): {say_status(day)}"


def _cite(ids: Sequence[str], claims: Mapping[str, Claim], width: int) -> Iterator[Text]:
    """The surest of some claims with its words, and the ids of the others."""
    known = sorted((claims[i] for i in ids if i in claims), key=lambda c: (-c.confidence, c.id))
    for claim in known[:1]:
        place = say_place(claim.evidence[0])
        room = max(width - len(place) - len(claim.id) - 12, 24)
        words = shorten(claim.evidence[0].quote, claim.printed, room)
        yield Text(f"    {place}: «{words}»  {claim.id}", style="dim")
    if len(known) > 1:
        yield Text(f"    {' '.join(claim.id for claim in known[1:])}", style="dim")


def _lay_out_words(words: Iterable[Said], width: int) -> Iterator[Text]:
    for said in words:
        place = plain(said.document) + (f" p. {said.page}" if said.page else "")
        room = max(width - len(place) - len(said.claim) - 12, 24)
        yield Text(f"    {place}: «{shorten(said.quote, said.printed, room)}»  {said.claim}", style="dim")
