"""Organisations and machines that have, buy, rent or plan chips: «Acme bought 10,000 H100», «Acme 包下了 H100», «the
Gannet supercomputer features 512 H100», «our 64 H800».

Rare, and told with care: a holder, a verb and a named chip (or many unnamed ones) in one clause, without hypothesis,
denial, price or rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from extractors.claim import Attribution, ClaimType, Cue, Modality, Reason, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.holders import Holder, HolderGrammar
from extractors.claims.judgement import decide_modality
from extractors.claims.scene import CLAIM_KINDS, Sentence, Tools, split_sentences
from extractors.claims.subject import Subject
from extractors.lexicon import load_lexicon
from extractors.mentions.chips import ChipMention
from extractors.mentions.organisations import Organisation, OrganisationGrammar, organisation_grammar
from extractors.text import Text
from registry import Registry

_GAP = 60
_BESIDE = 24
_MANY = 100
"""Unnamed chips that are a holding and no machine's parts or a run's share."""
_OPENING = 2500
_BASE = 0.2
_STOP = re.compile(r"[;；。，,.]\s|[;；。，]|\b(?:and|which|that|while|but)\b")
_RELATIVE = re.compile(r"^,(?=\s\w+(?:ing|ed)\s)|^,?\s(?:which|that)\b")
_JOINED = re.compile(r"\s?(?:,|and|&|、|和|与|及)\s?")
_FACTS = {Modality.ASSERTED, Modality.REPORTED, Modality.ESTIMATED, Modality.PLANNED}
_CHIP = re.compile(r"[A-Z]{1,2}\d{2,4}|[TGNX]PU|Ascend|昇腾|Gaudi|卡|\d090")
_STEMS = (
    "own", "bought", "buy", "purchas", "acquir", "procur", "order", "stockpil", "amass", "accumulat", "secur",
    "rent", "leas", "obtain", "possess", "access to", "provided", "donated", "deploy", "lent by",
    "available by", "courtesy", "cluster", "data cent", "datacent", "supercomputer", "fleet", "operates",
    "install", " has ", " have ", " had ", " add ", "adding", "built", "build", "construct", "featur", "equipped",
    "’s ", "'s ", "powered", "contain", "hous", "compris", "consist", "host", "boast", "购", "买", "拥有", "持有",
    "囤", "包下", "租", "订购", "下单", "储备", "手握", "集群", "数据中心", "超算", "配备", "搭载", "部署", "建",
    "投产",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Verb:
    modality: Modality
    pattern: re.Pattern[str]
    counted: bool
    after: bool
    machine: bool
    unlisted: bool
    lead: re.Pattern[str] | None


@cache
def _verbs() -> tuple[_Verb, ...]:
    return tuple(
        _Verb(
            Modality(r["modality"]),
            re.compile(r["pattern"], re.I),
            r.get("counted", False),
            r.get("side") == "after",
            r.get("machine", False),
            r.get("unlisted", False),
            re.compile(r["lead"], re.I) if "lead" in r else None,
        )
        for r in _rows()["verb"]
    )


@cache
def _patterns(table: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(r["pattern"], re.I) for r in _rows()[table])


def _rows() -> dict[str, list[dict[str, Any]]]:
    verb = {"modality", "pattern", "counted", "side", "machine", "unlisted", "lead"}
    tables = {"verb": verb, "own": {"pattern"}, "veto": {"pattern"}}
    return load_lexicon("possession.toml", tables)


def read_possessions(text: Text, tools: Tools, registry: Registry) -> Iterator[Draft]:
    """Who has which chips, and how many where that is said; what is planned or rumoured is marked as such."""
    organisations = organisation_grammar(registry)
    holders = HolderGrammar(organisations, registry, "\n".join(page.text for page in text.pages))
    developer = _find_developer(text, tools, organisations)
    place = 0
    for page in text.pages:
        telling = _CHIP.search(page.text) is not None
        for block in page.blocks:
            place += 1
            if telling and block.kind in CLAIM_KINDS and _may_tell(page.text[block.start : block.end]):
                for start, end in split_sentences(page.text[block.start : block.end], block.start):
                    sentence = Sentence(page, block, place, start, end, tools)
                    if _may_tell(sentence.text) and not any(p.search(sentence.text) for p in _patterns("veto")):
                        yield from _read(sentence, holders, developer)


def _may_tell(text: str) -> bool:
    """Whether a text has something like a chip and a word of having, so that it is worth a closer look."""
    if _CHIP.search(text) is None:
        return False
    low = text.lower()
    return any(stem in low for stem in _STEMS)


def _find_developer(text: Text, tools: Tools, organisations: OrganisationGrammar) -> Organisation | None:
    """The organisation whose document it is: the developer of its main model, else the one its opening names most."""
    opening = "\n".join(page.text[:_OPENING] for page in text.pages[:1])
    named = [o for o in organisations.find(opening) if not o.maker]
    main = tools.profile.main
    known = organisations.developer_of(main.name) if main else None
    if known is not None:
        return next((o for o in named if o.id == known), None)
    counts = Counter(o.id for o in named)
    best = counts.most_common(1)[0][0] if counts and main else None
    return next((o for o in named if o.id == best), None)


def _read(sentence: Sentence, holders: HolderGrammar, developer: Organisation | None) -> Iterator[Draft]:
    counts = {q.chip.start: q for q in sentence.quantities if q.kind == "chip_count" and q.chip and not q.each}
    found = [holder for holder in holders.find(sentence) if not holder.maker]
    for mention in sentence.chips:
        count = counts.get(mention.start)
        chip = mention if not mention.generic else _of_heading(sentence, mention)
        if chip is None and count is not None and count.value >= _MANY:
            chip = mention
        if chip is None:
            continue
        start = min(mention.start, count.start) if count else mention.start
        for owner, modality, given, cue in _find_owners(
            sentence, found, developer, start, mention.end, count is not None
        ):
            stated, cues = decide_modality(sentence, start, mention.end)
            said = modality if stated is Modality.ASSERTED else stated
            if said in _FACTS:
                mine = given or (developer is not None and owner.id == developer.id)
                own = Attribution.OWN if mine and sentence.tools.profile.main else Attribution.OTHER
                subject = Subject(
                    owner.name, own, "organisation", 0.8, Cue(text=owner.name, decides="subject", rule="organisation")
                )
                draft = Draft(
                    type=ClaimType.POSSESSION,
                    rule="possession",
                    span=Span(sentence.page, sentence.start, sentence.end),
                    place=sentence.place,
                    subject=subject,
                    stage=Stage.OTHER,
                    modality=said,
                    chip=chip,
                    unit="chips",
                    printed=mention.printed,
                    cues=(cue, *cues),
                    reasons=(Reason(name="possession", weight=_BASE),),
                    section=sentence.block.section,
                )
                yield draft.measured(count) if count else draft


def _find_owners(
    sentence: Sentence, found: list[Holder], developer: Organisation | None, start: int, end: int, counted: bool
) -> Iterator[tuple[Holder | Organisation, Modality, bool, Cue]]:
    text = sentence.text
    for verb in _verbs():
        if (verb.counted and not counted) or (verb.lead and not verb.lead.search(text[:start])):
            continue
        for owner in found if verb.after else reversed(found):
            if (verb.machine and not owner.machine) or (owner.unlisted and not (verb.unlisted and counted)):
                continue
            run = text[end : owner.start] if verb.after else text[owner.end : start]
            run = _RELATIVE.sub("", run)
            apart = owner.start < end if verb.after else owner.end > start
            between = any(end <= c.start < owner.start for c in sentence.chips)
            barred = between if verb.after else _STOP.search(run) is not None
            match = None if apart or barred or len(run) > _GAP else verb.pattern.search(run)
            if match and not (owner.unlisted and not verb.after and match.start() > _BESIDE):
                cue = Cue(text=match[0], decides="type", rule="possession-verb")
                given = verb.after or owner.machine
                yield from ((one, verb.modality, given, cue) for one in _with_joined(text, found, owner))
                return
    for pattern in _patterns("own"):
        if developer is not None and (match := pattern.search(text[:start])):
            yield developer, Modality.ASSERTED, True, Cue(text=match[0][-60:], decides="type", rule="possession-own")
            return


def _with_joined(text: str, found: list[Holder], owner: Holder) -> list[Holder]:
    """A holder and those named with it: «Acme and Beta bought»."""
    group = [owner]
    for previous in reversed([o for o in found if o.end <= owner.start and not o.unlisted]):
        if not _JOINED.fullmatch(text[previous.end : group[0].start]):
            break
        group.insert(0, previous)
    return group


def _of_heading(sentence: Sentence, mention: ChipMention) -> ChipMention | None:
    """An unnamed chip by the one that its heading names: «4.2 TPU v4 Pods» over «access to the new TPUs»."""
    heading = sentence.block.section[-1] if sentence.block.section else ""
    named = {c.id: c for c in sentence.tools.chips.find(heading) if not c.generic}
    chip = next(iter(named.values())) if len(named) == 1 else None
    return chip if chip is not None and mention.id.split("-")[-1] in chip.id else None
