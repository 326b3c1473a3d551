"""Claims of job scripts, training configurations and logs: nodes × chips of a run, its chip, and its budget of tokens.

`#SBATCH --nodes=48` with `#SBATCH --gres=gpu:8` are 384 chips, derived. A script that is the document speaks for
itself; one printed in a report speaks when the words that lead to it say that the run was made with it, and a script
that is an example to fill in states nothing that was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from extractors.claim import Attribution, ClaimType, Cue, Modality, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.scene import Tools
from extractors.claims.settings import Setting, read_comments, read_settings, sign, unnamed
from extractors.claims.subject import Subject
from extractors.mentions.chips import ChipMention
from extractors.text import Block, Kind, Page, Text

_MOSTLY = 0.6
_HEAD_LINES = 15
_SHORT_RUN = 60
_MOST_WORDS = 400_000
_LEAST_TOKENS = 1e8
_MOST_NODES, _MOST_PER_NODE = 20_000, 64
_NAME = re.compile(r"(?=.*[A-Za-z]{2})[\w.+-]{3,60}")
_CLOCK = re.compile(r"(?:(?P<days>\d+)-)?(?P<hours>\d{1,3})(?::(?P<minutes>\d\d))?(?::\d\d)?")

Place = tuple[Page, Block, int]


@dataclass(frozen=True)
class _Script:
    """A script in its document: its blocks, and the words that lead to it where it stands in a report."""

    blocks: tuple[Place, ...]
    settings: tuple[Setting, ...]
    words: str
    lead: Span | None

    def of(self, *roles: str) -> list[Setting]:
        return [s for s in self.settings if s.role in roles]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number that settings give, with how it was worked out and the lines it rests on."""

    value: float
    formula: str | None
    spans: tuple[Span, ...]
    printed: str


def read_scripts(text: Text, tools: Tools) -> Iterator[Draft]:
    """The chips, their number and the tokens that the training scripts of a document set."""
    for script in _scripts(text):
        head = "\n".join(script.words.split("\n")[:_HEAD_LINES])
        trains = sign("training").search(script.words) is not None
        tuned = sign("post-training").search(script.words) or sign("pre-training").search(script.words)
        subject = _subject(script, tools)
        if subject is None or not trains or (sign("serving").search(script.words) and not tuned):
            continue
        copied = sign("example").search(head) or sign("blank").search(script.words)
        trial = any(sign("trial").search(s.value) for s in script.of("run")) or _is_short(script)
        for draft in (*_read_chips(script, subject, tools), *_read_tokens(script, subject, tools)):
            if copied and script.lead is None:
                draft = replace(draft, modality=Modality.HYPOTHETICAL)
            yield draft.because("script-trial", -4.0) if trial else draft


def trains(text: str) -> bool:
    """Whether code is that of a training run, and not of one that serves a model."""
    return sign("training").search(text) is not None and sign("serving").search(text) is None


def _scripts(text: Text) -> Iterator[_Script]:
    """The document, where it is a script as a whole; else the scripts that its words say a run was made with."""
    places = [(page, block, place) for place, (page, block) in enumerate(text.blocks(), 1)]
    code = [p for p in places if p[1].kind is Kind.CODE]
    size = sum(b.end - b.start for _, b, _ in places if b.kind is not Kind.FURNITURE)
    if sum(b.end - b.start for _, b, _ in code) >= _MOSTLY * size:
        yield from _make(code, None)
        return
    for index, (page, block, place) in enumerate(places):
        before = places[index - 1] if index else None
        if block.kind is Kind.CODE and before and before[1].kind in (Kind.PARAGRAPH, Kind.ITEM, Kind.CAPTION):
            lead = Span(before[0], max(before[1].start, before[1].end - 300), before[1].end)
            if sign("ran").search(lead.quote):
                yield from _make([(page, block, place)], lead)


def _make(blocks: list[Place], lead: Span | None) -> Iterator[_Script]:
    pairs = [(page, block) for page, block, _ in blocks]
    if settings := read_settings(pairs):
        words = "\n".join(page.text[block.start : block.end] for page, block in pairs)[:_MOST_WORDS]
        yield _Script(tuple(blocks), tuple(settings), words, lead)


def _subject(script: _Script, tools: Tools) -> Subject | None:
    """The model that a script trains: the document's own, or the one that the run is named after.

    A run called by a model that everybody knows («llama-8b») may be somebody's own attempt at it.
    """
    profile, runs = tools.profile, script.of("run")
    for run in runs:
        if mentions := [m for m in tools.models.find(run.value) if m.size or profile.is_own(m)]:
            cue = Cue(text=run.value, decides="subject", rule="script-run")
            own = any(map(profile.is_own, mentions))
            return Subject(mentions[0].name, Attribution.OWN, "name", 0.85 if own else 0.45, cue)
    if profile.main is not None:
        return Subject(profile.main.name, Attribution.OWN, "main", 0.75)
    for run in runs:
        if _NAME.fullmatch(run.value) and run.value.lower() not in unnamed():
            cue = Cue(text=run.value, decides="subject", rule="script-run")
            return Subject(run.value, Attribution.OWN, "name", 0.7, cue)
    return None


def _read_chips(script: _Script, subject: Subject, tools: Tools) -> Iterator[Draft]:
    found = _chip(script, tools)
    chip, named = found if found else (ChipMention("gpu", "GPU", 0, 0, "", generic=True), None)
    figure = _count(script, chip)
    if figure is None and named is None:
        return
    spans = tuple(dict.fromkeys([*(figure.spans if figure else ()), *([named] if named else []), *_leads(script)]))
    draft = _draft(script, ClaimType.HARDWARE, "script-chip", subject, spans)
    if figure is None:
        yield replace(draft, chip=chip, printed=chip.printed)
        return
    yield replace(
        draft, type=ClaimType.CHIP_COUNT, rule="script-count", chip=chip, value=figure.value, unit="chips",
        printed=figure.printed, formula=figure.formula,
    )  # fmt: skip


def _chip(script: _Script, tools: Tools) -> tuple[ChipMention, Span] | None:
    """The chip that a setting names («--constraint=v100-32g»), else the only one that the comments name."""
    settings = [(_spell_out(s.value), s.span) for s in script.of("chip", "gres", "gpus", "per_node")]
    comments = [(s.quote, s) for s in read_comments((page, block) for page, block, _ in script.blocks)]
    for places in (settings, comments):
        told = [(chip, span) for words, span in places for chip in tools.chips.find(words) if not chip.generic]
        if told:
            finest = max(told, key=lambda row: len(row[0].id))
            parts = set(finest[0].id.split("-"))
            return finest if all(set(chip.id.split("-")) <= parts for chip, _ in told) else None
    return None


def _spell_out(value: str) -> str:
    """A TPU slice as prose names it: «TPU v4-512» for `v4-512`."""
    return f"TPU {value}" if re.match(r"v\d", value) else value


def _count(script: _Script, chip: ChipMention) -> _Figure | None:
    """The chips of a run: nodes × chips of each, or the total that is set; None where settings differ or lack."""
    if chip.slice:
        held = next(s.span for s in script.of("chip") if chip.printed.split()[-1] in s.value)
        return _Figure(float(chip.slice), None, (held,), chip.printed)
    nodes = _one(script.of("nodes"), lambda s: s.number, _MOST_NODES) or _slots(script)
    each = _one(script.of("per_node", "gres", "slots"), _per_node, _MOST_PER_NODE)
    if nodes and each is None:
        each = _per_task(script) or _one(
            [s for s in script.of("gpus") if not s.directive], lambda s: s.number, _MOST_PER_NODE
        )
    if nodes and each is None and chip.per_unit:
        each = _Figure(chip.per_unit, None, (), str(chip.per_unit))
    if nodes and each:
        value = nodes.value * each.value
        formula = f"{nodes.value:g} × {each.value:g}"
        return _Figure(value, formula, (*nodes.spans, *each.spans), f"{nodes.printed} × {each.printed}")
    whole = [
        *(s for s in script.of("gpus") if s.directive or (not chip.generic and nodes is None)),
        *script.of("total"),
        *(s for s in script.of("world") if s.dumped),
    ]
    return _one(whole, _per_node, _MOST_NODES * _MOST_PER_NODE)


def _one(settings: list[Setting], read: Callable[[Setting], float | None], most: float) -> _Figure | None:
    """The one number that settings give; the scheduler's directives count before variables, which a user may change."""
    for group in ([s for s in settings if s.directive], [s for s in settings if not s.directive]):
        given = [(v, s) for s in group if (v := read(s)) is not None and 1 <= v <= most and v == int(v)]
        if len({v for v, _ in given}) > 1:
            return None
        if given:
            return _Figure(given[0][0], None, (given[0][1].span,), given[0][1].value)
    return None


def _per_node(setting: Setting) -> float | None:
    """Eight of `8`, `gpu:8` and `gpu:a100:8`."""
    match = re.fullmatch(r"(?:[A-Za-z]\w*:)?(?:[\w.-]+:)?(\d+)", setting.value)
    return float(match[1]) if match else None


def _per_task(script: _Script) -> _Figure | None:
    tasks = _one(script.of("tasks_per_node"), lambda s: s.number, _MOST_PER_NODE)
    chips = _one(script.of("per_task"), lambda s: s.number, _MOST_PER_NODE)
    if tasks is None or chips is None:
        return None
    return _Figure(tasks.value * chips.value, None, (*tasks.spans, *chips.spans), f"{tasks.printed} × {chips.printed}")


def _slots(script: _Script) -> _Figure | None:
    """The nodes of a list of hosts: «worker-1 slots=8», one a line."""
    hosts = script.of("slots")
    return _Figure(float(len(hosts)), None, (hosts[0].span,), str(len(hosts))) if len(hosts) > 1 else None


def _read_tokens(script: _Script, subject: Subject, tools: Tools) -> Iterator[Draft]:
    """The tokens that a run is set to see: a plan, since a script is written before it runs."""
    figure = _told_tokens(script, tools) or _set_tokens(script)
    if figure is None or figure.value < _LEAST_TOKENS:
        return
    draft = _draft(script, ClaimType.TRAINING_TOKENS, "script-tokens", subject, figure.spans)
    stage = draft.stage if draft.stage is Stage.POST_TRAINING else Stage.PRE_TRAINING
    yield replace(
        draft, value=figure.value, unit="tokens", printed=figure.printed, formula=figure.formula,
        stage=stage, modality=Modality.PLANNED,
    )  # fmt: skip


def _told_tokens(script: _Script, tools: Tools) -> _Figure | None:
    """What a comment says the samples come to («TRAIN_SAMPLES=220_000_000  # 450B tokens»), else the tokens set."""
    for setting in script.of("samples", "iterations", "tokens"):
        for quantity in tools.quantities.find(setting.note):
            if quantity.kind == "tokens":
                return _Figure(quantity.value, None, (setting.span,), quantity.printed)
    for setting in script.of("tokens", "duration"):
        plain = re.fullmatch(r"([\d_.]+(?:e\d+)?)(?:tok)?", setting.value, re.I)
        if plain and (setting.role == "tokens" or setting.value.endswith("tok")):
            return _Figure(float(plain[1].replace("_", "")), None, (setting.span,), setting.value)
    return None


def _set_tokens(script: _Script) -> _Figure | None:
    """Samples × length, or iterations × samples of a step × length."""
    length = _one(script.of("length"), lambda s: s.number, 1e8)
    samples = _one(script.of("samples"), lambda s: s.number, 1e12)
    steps = _one(script.of("iterations"), lambda s: s.number, 1e9)
    batch = _one(script.of("batch"), lambda s: s.number, 1e7)
    parts = [samples, length] if samples else [steps, batch, length]
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return None
    value = 1.0
    for part in known:
        value *= part.value
    formula = " × ".join(f"{p.value:.15g}" for p in known)
    return _Figure(value, formula, tuple(s for p in known for s in p.spans), " × ".join(p.printed for p in known))


def _draft(script: _Script, kind: ClaimType, rule: str, subject: Subject, spans: Iterable[Span]) -> Draft:
    first, *more = spans
    stage = next(
        (s for s in (Stage.POST_TRAINING, Stage.PRE_TRAINING) if sign(str(s)).search(script.words)), Stage.TRAINING
    )
    return Draft(
        kind, rule, first, script.blocks[0][2], subject, stage, Modality.ASSERTED,
        cues=(subject.cue,) if subject.cue else (), section=script.blocks[0][1].section, more=tuple(more),
    ).because("script", 0.8 if script.lead is None else 0.3)  # fmt: skip


def _leads(script: _Script) -> list[Span]:
    return [script.lead] if script.lead else []


def _is_short(script: _Script) -> bool:
    """Whether the scheduler is to stop the job within the hour: a trial."""
    for setting in script.of("limit"):
        if setting.directive and (match := _CLOCK.fullmatch(setting.value)) and match["minutes"]:
            whole = 1440 * int(match["days"] or 0) + 60 * int(match["hours"]) + int(match["minutes"])
            return setting.value.count(":") == 2 and whole < _SHORT_RUN
    return False
