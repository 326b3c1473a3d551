"""Sizes of models, each with its variant: from names («Qwen3-235B-A22B»), lists («in 8B and 70B sizes»), sentences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from extractors.claim import Attribution, ClaimType, Cue, Modality, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.profile import Profile, size_value
from extractors.claims.scene import Sentence, split_sentences
from extractors.claims.subject import Subject, find_subjects
from extractors.claims.triggers import trigger
from extractors.mentions.models import fold, split_name
from extractors.mentions.numbers import Number, find_numbers

_SIZE = r"\d+(?:\.\d+)?\s?[BM](?:-A\d+(?:\.\d+)?B)?(?![A-Za-z])"
_LIST = re.compile(
    rf"(?<![\w.$-]){_SIZE}(?:(?:\s?(?:,|、|/|，)\s?(?:and\s|or\s)?|\s?(?:and|or|to|和|与|及|以及|至)\s?){_SIZE})+"
    rf"(?!\s?(?:tokens?|GPU|steps|samples|images|training|words|个?\s?[Tt]oken))"
)
_LIST_AFTER = re.compile(
    r"[\s)）-]{0,3}(?:(?:total|dense|parameter|model)\s)?(?:param|models?\b|sizes?\b|versions?\b|variants?\b|scales?\b|"
    r"checkpoints?\b|参数|模型|规模|版本|量级|尺寸)",
    re.I,
)
_LIST_BEFORE = re.compile(
    r"(?:models?|family|series|sizes?|versions?|scales?|variants?|suite|parameters?|模型|规模|参数|版本)\s?(?:of|in|at|with|"
    r"as|from|:|：|namely|including|ranging from|（|\()?\s?[(（]?$",
    re.I,
)
# «three sizes: Small (13B parameters), Medium (34B) and Large (110B)»
_RANKED = re.compile(
    r"\b(?P<rank>Nano|Tiny|Mini|Small|Base|Medium|Large|Huge|Giant|XX?L)\s?(?:[(（:：]\s?)?(?P<size>\d+(?:\.\d+)?\s?[BM])"
    r"(?![A-Za-z])(?!\s?(?:tokens?|samples|images|steps|hours))"
)
_TOKENS_NEAR = re.compile(r"^[^.;。]{0,40}\btokens?\b", re.I)
_STATED = re.compile(
    r"(?P<active>(?:activat\w+|active)\s|激活的?)?(?:\b(?:total\s|model\s)?param(?:eter)?s?(?:\s(?:count|size|number))?|"
    r"参数(?:总量|规模|量|数)?(?=\s?\d)|参数(?:总量|规模|量|数)?)(?:\s(?:of|in)\s(?!the\s)[\w.-]{2,24})?"
    r"(?:(?<=[参数量模])\s?(?=\d)|(?:\s?(?:is|are|was|of|about|around|approximately|roughly|reach(?:es|ing)?|[=:：]|为|达到?|约|高达|共))+)\s?"
    r"(?P<value>\d[\d,.]{0,20}\s?(?:[TBM](?![A-Za-z])|billion|million|亿|万亿))(?!\s(?:active|activated))",
    re.I,
)
_SHARED = re.compile(
    r"(?P<total>\d[\d.]{0,12}\s?(?:[TBM]|trillion|billion|million)\b)(?:\s\w+){0,2}\stotal\s?(?:,|and|/|\(|with)\s?"
    r"(?:and\s|with\s)?"
    r"(?P<active>\d[\d.]{0,12}\s?(?:[BM]|billion|million)\b)\s(?:active|activated)|"
    r"(?P<total3>\d[\d.]{0,12}\s?(?:[TBM]|trillion|billion)\b)(?:\s(?:total|parameters|params)){1,2},?\s(?:of\swhich|with)\s(?:only\s|about\s)?"
    r"(?P<active3>\d[\d.]{0,12}\s?(?:[BM]|billion|million)\b)\s(?:parameters\s)?(?:are\s|is\s|being\s)?(?:active|activated)|"
    r"activat(?:es|ing)\s(?:only\s|about\s)?(?P<active2>\d[\d.]{0,12}\s?[BM]\b)\s(?:of|out\sof)\s(?:its\s|the\s)?"
    r"(?P<total2>\d[\d.]{0,12}\s?[TBM]\b)"
)
_STATES_PARAMETERS = re.compile(r"param|参数|总参|パラメータ", re.I)
_PARTS = re.compile(r"(?P<total>\d+(?:\.\d+)?)(?P<scale>[bm])(?:-a(?P<active>\d+(?:\.\d+)?)b)?$")


def read_lists(sentence: Sentence) -> Iterator[Draft]:
    """«models in 8B, 70B and 405B sizes», «Larch models (3B and 7B)»: a size each for own variants."""
    profile = sentence.tools.profile
    if profile.main is None:
        return
    for match in _LIST.finditer(sentence.text):
        said = _LIST_AFTER.match(sentence.text, match.end()) or _LIST_BEFORE.search(
            sentence.text[max(0, match.start() - 40) : match.start()]
        )
        before_list = sentence.text[max(0, match.start() - 26) : match.start()]
        if re.search(
            r"\b(?:than|outperform\w*|surpass\w*|smaller|other|existing|baseline|between|against|over)\b", before_list
        ) or re.match(r"\s?(?:dense|baseline)", sentence.text[match.end() :]):
            continue
        if not said or _TOKENS_NEAR.match(sentence.text[match.end() :]):
            continue
        before = [m for m in sentence.models if m.end <= match.start() + 1]
        others = [m for m in sentence.models if not profile.is_own(m)]
        if not before and not any(b <= match.start() for _, b in sentence.selves):
            continue
        if (before and not profile.is_own(before[-1])) or (others and not before and not sentence.selves):
            continue
        for size in re.findall(_SIZE, match[0]):
            name = profile.variant(size)
            if name and (not before or profile.is_own(before[-1])):
                yield from _sized(
                    name,
                    size,
                    Span(sentence.page, sentence.start, sentence.end),
                    sentence.place,
                    "size-list",
                    0.8,
                    sentence.block.section,
                )


def read_ranks(sentence: Sentence) -> Iterator[Draft]:
    """«Small (13B), Medium (34B) and Large (110B)»: a size each for variants that go by their rank."""
    main = sentence.tools.profile.main
    found = list(_RANKED.finditer(sentence.text))
    if main is None or len({m["rank"] for m in found}) < 2:
        return
    if any(m.start < found[0].start() and not sentence.tools.profile.is_own(m) for m in sentence.models):
        return
    span = Span(sentence.page, sentence.start, sentence.end)
    for match in found:
        name = f"{main.name} {match['rank']}"
        yield from _sized(name, match["size"], span, sentence.place, "size-list", 0.8, sentence.block.section)


def read_stated(sentence: Sentence) -> Iterator[Draft]:
    """A size behind its name («总参数量为 236B») or sharing it: «1.02T total and 32B active parameters»."""
    for match in _SHARED.finditer(sentence.text):
        for group, kind in (("total", ClaimType.PARAMETERS), ("active", ClaimType.ACTIVE_PARAMETERS)):
            printed = match[group] or match[f"{group}2"] or match[f"{group}3"]
            value = find_numbers(printed)
            for subject in (
                find_subjects(sentence, match.start(), match.end()) if value and value[0].value >= 1e6 else ()
            ):
                yield _stated(sentence, kind, subject, value[0], printed)
    for match in _STATED.finditer(sentence.text):
        value = find_numbers(match["value"])
        if not value or value[0].value < 1e6:
            continue
        kind = ClaimType.ACTIVE_PARAMETERS if match["active"] else ClaimType.PARAMETERS
        for subject in find_subjects(sentence, match.start(), match.end()):
            yield _stated(sentence, kind, subject, value[0], match["value"])


def _stated(sentence: Sentence, kind: ClaimType, subject: Subject, value: Number, printed: str) -> Draft:
    return Draft(
        kind, "size-stated", Span(sentence.page, sentence.start, sentence.end), sentence.place, subject,
        Stage.TRAINING, Modality.ASSERTED, value=value.value, unit="parameters", printed=printed,
        lower=value.lower, upper=value.upper, cues=(subject.cue,) if subject.cue else (),
        section=sentence.block.section,
    )  # fmt: skip


def read_names(profile: Profile) -> Iterator[Draft]:
    """The sizes that the own variants' names state, quoted where each name stands first."""
    sizes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, count in profile.names.items():
        mention = split_name(name)
        if mention.size and profile.is_own(mention) and _PARTS.match(mention.size):
            sizes[mention.base, mention.size][name] += count
    for (_, size), names in sorted(sizes.items()):
        plain = [n for n in names if not split_name(n).variant] or list(names)
        name = max(plain, key=lambda n: (not n.islower(), names[n], n))
        if name in profile.places:
            page, block, at, place = profile.places[name]
            start, end = next(
                ((a, b) for a, b in split_sentences(page.text[block.start : block.end], block.start) if a <= at < b),
                (block.start, block.end),
            )
            yield from _sized(
                name, size, Span(page, start, end), place, "size-name", 0.85 if sum(names.values()) > 2 else 0.7, ()
            )


def _sized(
    name: str, size: str, span: Span, place: int, rule: str, weight: float, section: tuple[str, ...]
) -> Iterator[Draft]:
    parts = _PARTS.match(size.lower().replace(" ", ""))
    if parts is None:
        return
    scale = 1e9 if parts["scale"] == "b" else 1e6
    subject = Subject(name, Attribution.OWN, "name", weight, Cue(text=name, decides="subject", rule=rule))
    draft = Draft(
        ClaimType.PARAMETERS,
        rule,
        span,
        place,
        subject,
        Stage.TRAINING,
        Modality.ASSERTED,
        unit="parameters",
        printed=size,
        section=section,
    )
    value = float(parts["total"]) * scale
    yield replace(draft, value=value, lower=value * 0.9, upper=value * 1.1, qualifier="about")
    if parts["active"]:
        active = float(parts["active"]) * 1e9
        yield replace(
            draft,
            type=ClaimType.ACTIVE_PARAMETERS,
            value=active,
            lower=active * 0.9,
            upper=active * 1.1,
            qualifier="about",
        )


_LOOSE = ("main", "self", "this", "heading", "caption")


def reconcile(drafts: Iterable[Draft], profile: Profile) -> Iterator[Draft]:
    """Gives a size to the variant that has it: «7.1 billion parameter BLOOM models» is BLOOM-7.1B's, not BLOOM's.

    A family's own size is the one that stands most often; other sizes of the family go to their variant or, without
    one, stay doubtful.
    """
    found = list(drafts)
    family: Counter[float] = Counter()
    for draft in found:
        if (
            draft.type is ClaimType.PARAMETERS
            and draft.attribution is Attribution.OWN
            and draft.subject
            and not split_name(draft.subject.name).size
        ):
            family[_round(draft.value)] += 1
    listed = {(d.span, d.value) for d in found if d.rule == "size-list"}
    found = [d for d in found if not (d.rule.startswith("prose") and (d.span, d.value) in listed)]
    stated: dict[str, list[float]] = defaultdict(list)
    for draft in found:
        if (
            draft.type is ClaimType.PARAMETERS
            and draft.subject
            and draft.subject.how not in _LOOSE
            and isinstance(draft.value, float)
        ):
            stated[fold(draft.subject.name)].append(draft.value)
    best = max(family, key=lambda v: (family[v], -list(family).index(v)), default=None)
    several = len(profile.sizes()) > 1
    for draft in found:
        if (
            draft.type is not ClaimType.PARAMETERS
            or draft.attribution is not Attribution.OWN
            or draft.subject is None
            or not isinstance(draft.value, float)
        ):
            yield draft
            continue
        if draft.rule.startswith("prose") and _compared(draft):
            yield draft.because("size-compared", -3.0)
            continue
        size = split_name(draft.subject.name).size
        nominal = size_value(size) if size else None
        variant = profile.variant_near(draft.value)
        apart = [abs(v - draft.value) for v in stated[fold(draft.subject.name)]]
        if draft.rule == "size-name" and any(0.08 * draft.value < a <= 0.25 * draft.value for a in apart):
            yield draft.because("size-rounded", -2.5)
        elif nominal and abs(nominal - draft.value) <= 0.25 * nominal:
            yield draft.because("size-fits", 0.8)
        elif nominal:
            yield draft.because("size-misfit", -3.0)
        elif (
            variant
            and fold(variant) != fold(draft.subject.name)
            and draft.subject.how in ("main", "self", "this", "name", "heading", "caption")
        ):
            yield replace(draft, subject=replace(draft.subject, name=variant, how="size", weight=0.7))
        elif draft.rule.startswith("prose") and not _STATES_PARAMETERS.search(draft.printed) and not _introduced(draft):
            yield draft.because("size-of-a-model", -2.2)
        elif draft.rule.startswith("prose") and trigger("comparison", draft.span.quote) and draft.subject.how != "name":
            yield draft.because("size-compared", -2.0)
        elif (
            draft.subject.how in _LOOSE
            and (told := stated[fold(draft.subject.name)])
            and not any(abs(v - draft.value) <= 0.1 * v for v in told)
        ):
            yield draft.because("size-other-than-stated", -2.5)
        elif draft.subject.how in ("main", "self", "this", "heading") and (several or _round(draft.value) != best):
            yield draft.because("size-alone", -1.0 if family[_round(draft.value)] > 1 and not several else -2.2)
        else:
            yield draft


def _compared(draft: Draft) -> bool:
    """Whether a size is of what ours is set against: «surpasses the 32B base model», «models of 10B as baselines»."""
    before, _, after = draft.span.quote.partition(draft.printed)
    return trigger("set_against", f"{before[-70:]}¦{draft.printed}¦{after[:50]}")


def _introduced(draft: Draft) -> bool:
    """Whether a sentence presents its model by its size: «we introduce Larch, a 34B model», «we train a 700M model»."""
    before = draft.span.quote.partition(draft.printed)[0][-70:]
    return (
        re.search(
            r"(?:\b(?:is|are|introduce|present|release|propose|train|trained|develop|called)\b[^.]{0,50}|,\s)\b(?:an?|"
            r"our)\s(?:[\w-]+\s){0,4}$",
            before,
        )
        is not None
    )


def _round(value: float | str | None) -> float:
    return float(f"{value:.2g}") if isinstance(value, float | int) else 0.0
