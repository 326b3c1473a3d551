"""Which model a claim is about: the one place that decides subject and attribution.

In order: «… for Yi-VL-34B» right after the figure; the nearest name or self-reference before it in the sentence
(«than X» passes over X); one after it; what the sentence before was about («It …», «该模型…»); the heading; the
document's main model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.claim import Attribution, Cue
from extractors.claims.anchors import Anchor, find_anchors
from extractors.claims.context import reaching
from extractors.claims.scene import Sentence
from extractors.mentions.models import split_name

_FOR = re.compile(
    r"\s?(?:\([^)]{0,40}\)\s?)?(?:used\s)?(?:for|of|by|to\s(?:pre-?)?train|in\s(?:pre-?)?training|training|to\sproduce|per)\s"
    r"(?:the\s|our\s|a\s)?(?:(?:full\s)?(?:pre-?)?training\sof\s|(?:pre-?)?training\s)?(?:the\s|our\s)?$",
    re.I,
)
_PASSED = re.compile(
    r"(?:\bthan|\bcompared (?:to|with)|\bcomparing|\bin contrast to|\bunlike|\bversus|\bcontrary to|\brelative to|"
    r"\bout-?performs?|\bsurpass(?:es|ing)?|\bbeats?|\bexceeds?|\bmatch(?:es|ing)?|"
    r"\bover|\bvs\.?|\bas opposed to|\bfrom|\bbased on|\bsimilar to|\blike|\bsuch as|\be\.g\.,?|\busing|\bvia|"
    r"\bfollowing|\bwith|\bby|\binitiali[sz]ed (?:from|with)|\bfine-?\s?tun(?:e|ed|ing)(?: on)?|"
    r"\bdistill(?:ed|ing)?(?: from)?|\bstarting from|\bbuilt (?:on|upon)|\bon top of)\s(?:the\s|both\s|that of\s|"
    r"those of\s)?(?:an?\s(?:\d+(?:\.\d+)?[BM]\s)?)?$|(?:基座|底座|底模)(?:模型)?(?:是|为|选用|采用)\s?$|"
    r"(?:比|基于|类似|参考|使用|采用|利用|源自|源于|来自|微调)(?:了|的)?\s?$",
    re.I,
)
_TRAINED = re.compile(r"\btrain(?:ed)?\s(?:an?|our|the)\s$")
# «CLIP (approx. 2,500 TPUv3-days)»
_TOUCHING = re.compile(r"(?:’s|'s)?\s?(?:[\(（]\s?(?:(?:approx\.|ca\.|about|around|约)\s?|~\s?)?)?")
_PRONOUN = re.compile(
    r"^(?:It|This model|The model|These models|They|Its|Both models|The training|Training|Pre-?training|"
    r"该模型|它|其|模型|训练|整个训练|预训练)\b|^(?:该模型|它|其|模型|训练|整个训练|预训练)"
)
_PLURAL = re.compile(
    r"(?:(?P<both>Both(?:\s(?:of\sthem|(?:\w+\s)?models))?|The\stwo\smodels|两个模型|两者|二者)|They|These\smodels|Each\s(?:model|of\sthem)|"
    r"All\s(?:models|of\sthem)|它们|这些模型|各模型|每个模型)(?![a-z])"
)
_LABEL = re.compile(
    r"(?:[•\-–*]\s?)?(Tiny|Small|Base|Medium|Large|Huge|Mini|XL|XXL|\d+(?:\.\d+)?[BM](?: and \d+[BM])?)(?:\.|:|"
    r"\s[–-]\s)\s"
)
# «*Larch-7B pretraining*» over a list of its hardware
_LABELLING = re.compile(r"[^.。:：,，;；]{3,50}[:：]?\s*")
# «RT-9-X, a 55B parameter model», «a 650M-parameter Fast9R teacher»
_APPOSED = re.compile(
    r"(?<![\w.-])(?P<name>[A-Z][\w.-]*(?:[a-z][A-Z]|[A-Za-z]-?\d)[\w.-]*),\s(?:an?|the)\s(?:[\w-]+\s){0,2}$"
)
_SIZED = re.compile(
    r"[\s-](?:param(?:eter)?s?\s)?(?P<name>[A-Z][\w-]*(?:[a-z][A-Z]|[A-Za-z]-?\d)[\w.-]*)(?=\s(?:teacher|student|model|backbone)\b)"
)
_TOLD = re.compile(
    r"(?:\s\([^()]{1,40}\)|\s?\[[\d, ]{1,12}\])?,?\s(?:which\s(?:was|is|were)\s|that\s(?:was|is|were)\s)?"
    r"(?:pre-?|fine-?)?(?:trained|tuned)\s(?:\w+\s){0,3}?(?:on|with|using|for|in)\s(?:\w+\s){0,3}"
)
_RELATIVE = re.compile(r"(?:\s\([^()]{1,40}\)|\s?\[[\d, ]{1,12}\])?,?\s(?:which|that)\s[^,;.]{0,60}")
_RUN_BY_US = re.compile(
    r"\b(?:[Ww]e|[Tt]his (?:test|experiment|run|benchmark))\s(?:\w+\s){0,2}?"
    r"(?:pre-?train|train|fine-?tune|strong scale|scale|serve|deploy|benchmark|reproduce)(?:e?d|s)?\s"
    r"(?:(?:a|an|the|our|own|standard|full|original|vanilla)\s){0,3}$"
)
# «使用了3台服务器训练Larch-30B»: Chinese leaves out who did it where it is the writer.
_RUN_BY_UNSAID = re.compile(
    r"(?:目前|此外|另外|随后|最后|首先|接着|同时|这里|然后)?[，,]?(?:使用|采用|利用)[^。]*(?<=[用])了[^。]{0,60}(?:训练|微调|部署|推理)(?:了)?\s?$"
)
_CITED_NAME = re.compile(r"(?P<name>[A-Z][\w/.-]{2,30})\s?\[\d+(?:,\s?\d+)*\]\s?[(（]\s?$")
_JOINED = re.compile(r"\s?(?:,|and|&|/|、|和|与|及|以及|，)\s?(?:and\s|the\s)?$")


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject as found: name as mentioned, whose it is, how it was found, and how sure that is (0 to 1)."""

    name: str
    attribution: Attribution
    how: str
    weight: float
    cue: Cue | None = None


def find_subjects(sentence: Sentence, start: int, end: int) -> list[Subject]:
    """Who `start:end` of a sentence is about; nobody where it is unnamed work of others («the previous version»)."""
    return [s for s in _candidates(sentence, start, end) if s.how != "unnamed"]


def _candidates(sentence: Sentence, start: int, end: int) -> list[Subject]:
    """Who `start:end` of a sentence is about; several for «A-33B and A-65B were trained on 1.4T tokens»; maybe none."""
    anchors = find_anchors(sentence)
    text = sentence.text
    if (cited := _CITED_NAME.search(text[:start])) and not any(
        a.start < cited.end() and cited.start() < a.end for a in anchors
    ):
        cue = Cue(text=cited[0].strip(), decides="subject", rule="subject-cited")
        return [Subject(cited["name"], Attribution.OTHER, "name", 0.85, cue)]
    beside = _APPOSED.search(text[:start]) or _SIZED.match(text, end)
    if beside and not any(a.start < beside.end("name") and beside.start("name") < a.end for a in anchors):
        own = sentence.tools.profile.is_own(split_name(beside["name"]))
        cue = Cue(text=beside["name"], decides="subject", rule="subject-apposed")
        return [Subject(beside["name"], Attribution.OWN if own else Attribution.OTHER, "name", 0.85, cue)]
    # «1.456M H800-hours (Larch 72B takes 6.12M)»
    aside = re.match(r"[^()（）]{0,3}[(（](?=[^()（）]*\d)[^)）]*", text[end:])
    closed = end + (aside.end() if aside else 0)
    after = [a for a in anchors if a.start >= closed]
    if after and (
        _FOR.fullmatch(text[end : after[0].start]) or re.fullmatch(r"\s?(?:训练)?的\s?", text[end : after[0].start])
    ):
        return _with_joined(sentence, anchors, after[0], 0.95)
    if (
        anchors
        and anchors[0].how in ("name", "size")
        and anchors[0].end < start
        and re.fullmatch(r"(?:For|In the case of|对于)\s?(?:the\s)?", text[: anchors[0].start])
        and re.match(r"\s?(?:model)?\s?[,，]", text[anchors[0].end :])
    ):
        return [_subject(sentence, anchors[0], 0.9)]
    inside = [a for a in anchors if start <= a.start and a.end <= end]
    if inside:
        return [_subject(sentence, inside[0], 0.9)]
    touching = [
        a
        for a in anchors
        if a.end <= start <= a.end + 12 and a.how in ("name", "size") and _TOUCHING.fullmatch(text[a.end : start])
    ]
    if touching:
        return [_subject(sentence, touching[-1], 0.85)]
    told = [
        a
        for a in anchors
        if a.end <= start
        and a.how in ("name", "size")
        and (_TOLD.fullmatch(text[a.end : start]) or _RELATIVE.fullmatch(text[a.end : start]))
    ]
    if told:
        return [_subject(sentence, told[-1], 0.85)]
    before = [a for a in anchors if a.end <= start and not _PASSED.search(text[max(0, a.start - 24) : a.start])]
    if before:
        nearest = before[-1]
        if nearest.own is False and before[0].own and before[0].start < 3 and _parted(text[nearest.end : start]):
            nearest = before[0]
        if nearest.how == "self" and len(before) > 1 and before[-2].how in ("name", "size") and before[-2].own:
            nearest = before[-2]
        if nearest.how == "this" or (
            nearest.how == "self" and len(before) == 1 and re.match(r"(?:This|It|That)\b|这", text)
        ):
            carried = [c for c in _carried(sentence) if c.how in ("name", "size")]
            # «We trained these models on …» is of ours, whichever model of others was named before.
            ours = nearest.how == "this" and before[0].how == "self" and sentence.tools.profile.main is not None
            if carried and not (ours and all(c.attribution is Attribution.OTHER for c in carried)):
                return carried
        weight = 0.9 if nearest.start > _clause_start(text, start) else 0.75
        named = [
            a
            for a in after
            if a.how not in ("self", "this")
            and re.search(
                r"\btrain\w*\s(?:of\s|for\s)?(?:the\s|our\s|a\s)?$", text[max(0, a.start - 18) : a.start], re.I
            )
        ]
        if nearest.how in ("self", "this") and named and named[0].start - end < 40:
            return _with_joined(sentence, anchors, named[0], 0.85)
        return _with_joined(sentence, anchors, nearest, weight)
    if after and _PRONOUN.match(text) and (carried := [c for c in _carried(sentence) if c.how in ("name", "size")]):
        return carried
    if after and after[0].own is False and re.match(r"(?:The|This) model\b|该模型", text):
        return _carried(sentence)
    if after:
        named = [a for a in after if not _PASSED.search(text[max(0, a.start - 24) : a.start])]
        # «with four chips, we train a SkyTune model»
        if len(named) > 1 and named[0].how == "self" and _TRAINED.search(text, named[0].start, named[1].start):
            named = named[1:]
        if named:
            return _with_joined(sentence, anchors, named[0], 0.7)
    return _carried(sentence)


def _with_joined(sentence: Sentence, anchors: list[Anchor], anchor: Anchor, weight: float) -> list[Subject]:
    group = [anchor]
    i = anchors.index(anchor)
    for previous in reversed(anchors[:i]):
        if previous.how in ("self", "this") or not _JOINED.fullmatch(sentence.text[previous.end : group[0].start]):
            break
        if _PASSED.search(sentence.text[max(0, previous.start - 24) : previous.start]):
            break
        group.insert(0, previous)
    for following in anchors[i + 1 :]:
        if (
            anchor.how in ("self", "this")
            or following.how in ("self", "this")
            or not _JOINED.fullmatch(sentence.text[group[-1].end : following.start])
        ):
            break
        group.append(following)
    return [_subject(sentence, a, weight if len(group) == 1 else weight - 0.1) for a in group]


def _subject(sentence: Sentence, anchor: Anchor, weight: float) -> Subject:
    before, nobodys = sentence.text[: anchor.start], sentence.tools.profile.main is None
    run_here = (bool(sentence.selves) and (nobodys or _RUN_BY_US.search(before) is not None)) or (
        nobodys and _RUN_BY_UNSAID.match(before) is not None
    )
    attribution = Attribution.OWN if anchor.own or run_here else Attribution.OTHER
    printed = sentence.text[anchor.start : anchor.end]
    return Subject(
        anchor.name, attribution, anchor.how, weight, Cue(text=printed, decides="subject", rule=f"subject-{anchor.how}")
    )


def _carried(sentence: Sentence) -> list[Subject]:
    profile = sentence.tools.profile
    previous = sentence.before
    hops = 0
    while previous is not None and hops < 3:
        anchors = [a for a in find_anchors(previous) if a.how != "this"]
        if any(a.how in ("name", "size") for a in anchors):
            anchors = [a for a in anchors if a.how != "self"]
        if anchors:
            names = {a.name: a for a in anchors if not _PASSED.search(previous.text[max(0, a.start - 24) : a.start])}
            plural = _PLURAL.match(sentence.text)
            if plural and len(names) > 1 and len({a.own for a in names.values()}) == 1:
                if plural["both"] and len(names) != 2:
                    break
                return [_subject(previous, a, 0.6 - 0.1 * hops) for a in names.values()]
            if names and (len(names) == 1 or _PRONOUN.match(sentence.text)):
                return [_subject(previous, next(iter(names.values())), 0.6 - 0.1 * hops)]
            break
        previous = previous.before
        hops += 1
    if (
        profile.main is not None
        and (label := _LABEL.match(sentence.page.text, sentence.block.start))
        and label.end() <= sentence.block.end
    ):
        cue = Cue(text=label[1], decides="subject", rule="subject-label")
        return [Subject(f"{profile.main.name}-{label[1]}", Attribution.OWN, "label", 0.75, cue)]
    labelled = [sentence.lead] if _LABELLING.fullmatch(sentence.lead) else []
    for heading in (*labelled, *reversed(sentence.block.section)):
        mentions = sentence.tools.models.find(heading)
        if len({m.key for m in mentions}) == 1 and (heading != sentence.lead or mentions[0].start < 3):
            own = profile.whose(mentions[0]) is Attribution.OWN
            name = mentions[0].name
            cue = Cue(text=heading, decides="subject", rule="subject-heading")
            return [Subject(name, Attribution.OWN if own else Attribution.OTHER, "heading", 0.6, cue)]
    if profile.main is None:
        return []
    others = [h for h in reaching(sentence.cues, "attribution", 0, len(sentence.text)) if h.rule.id == "other-prior"]
    return [Subject(profile.main.name, Attribution.OWN, "main", 0.35 if others else 0.5)]


def _parted(between: str) -> bool:
    """Whether two clauses or more lie between a name and a figure: then it is the sentence's own subject that goes on,
    as in «Larch 训练了一个 GPT-2，语料是 100 万条序列，在 8 张 A100 上完成».
    """
    return len(re.findall(r"，", between)) >= 2 and re.search(r"[。；;]", between) is None


def _clause_start(text: str, at: int) -> int:
    found = [m.end() for m in re.finditer(r"[,;:，；：]\s?|\b(?:and|but|while)\b", text[:at])]
    return found[-1] if found else 0
