"""The words of a sentence that say whom it may be about: names, sizes, «we», «this model», «the previous version»."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from extractors.claim import Attribution
from extractors.claims.profile import Profile, architectures, software
from extractors.claims.scene import Sentence
from extractors.mentions.models import ModelMention, fold, split_name

_SIZED = re.compile(
    r"(?<![\w.$-])(?P<size>\d+(?:\.\d+)?\s?[BM])(?=[\s-](?:\w+[\s-]){0,3}?(?:models?|version|variant|LLMs?|one\b)|"
    r"\s?(?:,|and|or|、|和|以及)\s?\d+(?:\.\d+)?\s?[BM]\b|\s?模型|\s?版本|\s?的|\)|$|[.,;])"
)
_STYLE = re.compile(
    r"(?:\.cpp\b|[-\s]?(?:Factory|Index)\b)|[-\s](?:style|like|based|type|equivalent|architecture|tokeni[sz]er|codebase|framework|paper|dataset|format|"
    r"series of papers|family tokenizer)\b|(?:风格|架构|框架|分词器|数据集)",
    re.I,
)
_UNNAMED = re.compile(
    r"\b(?:[Tt]he|[Oo]ur|[Ii]ts) (?:(?:previous|prior|earlier|last) (?:generation|version|models?|systems?)|"
    r"predecessor)\b|"
    r"\b[Tt]he (?:other|remaining|rest of the)(?: \w+)? (?:models|versions|variants|ones)\b|"
    r"其[他余](?:\w{1,2}个?)?模型|"
    r"\b[Bb]aselines?(?=\s(?:was|were|used))|\b[Tt]he (?:authors|latter)\b|\b[Ii]ts authors\b|"
    r"\b[Tt]he (?:baselines?|teacher)(?: models?)?\b(?=,?\s(?:was|were|is|used|took|which))|"
    r"(?:上一代|前一代|前代)(?:模型|版本)?|基线模型|教师模型"
)
# A coined name that nobody lists: «SkyNet-2 needs 64 A100 for 9 days», «SkyDiff-L：在 4 张 A100 上训练».
_COINED = (
    r"(?!\S*(?:Stage|Phase|Step|Part|Layer|Table|Version)\b|(?:NV|MX)?(?:BF|FP|INT|TF|NF)\d)"
    r"(?P<name>(?=\w*[a-z][A-Z]|[\w-]*[A-Za-z]-?\d|[A-Z]\w*-[A-Z])[A-Z][A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*)"
)
_CAPITALS = _COINED.replace("(?=", "(?=[A-Z]{4,}|", 1)
_TOLD_OF = re.compile(
    rf"\W*{_CAPITALS}"
    r"(?:\s?(?:需要?|使用|采用|用了|耗时|[:：]\s?(?:在|使用|采用|需|(?=\d+\s?[张張块塊卡颗顆片])))"
    r"|\s(?:(?:was|is|were)\s(?:pre-?)?trained|requires?|needs?|took|us(?:es|ed)(?=\s\d))\s)"
)
# «Skylark models were trained entirely on H100»: the word behind it says that it is one.
_MODELS_OF = re.compile(
    r"(?:^|[.;]\s|[Tt]he\s)(?P<name>[A-Z][a-z]{3,}(?:-[A-Z\d]\w*)?)\smodels?\s(?:was|were|is|are)\s(?:\w+\s)?(?:pre-?)?trained\b"
)
# «training SkyNet2 takes 3 weeks on 16 V100»
_RUNNING = re.compile(
    rf"\b(?:(?:[Pp]re-?|[Ff]ine-?)?[Tt]raining|[Tt]o\s(?:pre-?|fine-?)?train)\s{_CAPITALS}"
    r"(?=\s(?:takes?|took|require[sd]?|need(?:s|ed)?|costs?|used|on|for|with)\b)"
)
# «with four chips we train a SkyTune model»
_OWN_RUN = re.compile(rf"\b[Ww]e\s(?:\w+\s)?train(?:ed)?\san?\s{_CAPITALS}(?=\smodel)")
# «以 SkyNet2 为例，需要 300K H800 小时»
_EXAMPLE = re.compile(rf"以\s?{_CAPITALS}\s?为例")
# «the paper notes SkyNet2 was trained on 128 A100, and VGGM (1B parameters) on 64»
_RUN_OF = re.compile(
    rf"(?<![\w/.-]){_CAPITALS}(?:\s\([^()]{{1,30}}\))?"
    r"(?P<how>(?:,\s(?:an?|the)\s[^,.;]{3,50},\s|\s)(?:(?:was|were|is|are)\s(?:pre-?)?trained\b|used\s(?=\d))|\son\s(?=\d)|\s?(?:使用|采用|用)了?\s?(?=\d))"
)
_THIS = re.compile(r"(?:[Tt]his|[Tt]hese)\s(?:models?|versions?|variants?)|该模型|该系列")


@dataclass(frozen=True, slots=True)
class Anchor:
    start: int
    end: int
    name: str
    own: bool
    how: str


def find_anchors(sentence: Sentence) -> list[Anchor]:
    profile, text = sentence.tools.profile, sentence.text
    found = [
        _own_or_other(profile, m)
        for m in sentence.models
        if (profile.system or profile.is_own(m) or m.base not in software())
        and not _STYLE.match(text, m.end)
        and not (m.end < len(text) and text[m.end] == "/")
    ]
    taken = [(a.start, a.end) for a in found]
    if profile.main is not None:
        base = next((split_name(a.name) for a in found), None)
        for match in _SIZED.finditer(text):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            previous = [a for a in found if a.end <= match.start()]
            if previous and not previous[-1].own and match.start() - previous[-1].end < 30 and base is not None:
                continue
            ours = (
                re.search(r"(?:\b[Oo]ur|本|我们的)\s?(?:\w+\s)?$", text[max(0, match.start() - 16) : match.start()])
                is not None
                or (
                    bool(sentence.selves)
                    and re.search(r"\b[Ff]or the $", text[max(0, match.start() - 8) : match.start()]) is not None
                )
                or any(a.own and re.fullmatch(r"(?:’s|'s)\s", text[a.end : match.start()]) for a in found)
                or any(a.own and a.start == match.end() + 1 for a in found)
            )
            name = profile.variant(
                match["size"],
                certain=ours and not re.search(r"\bdense\b|\bbaseline\b", text[match.end() : match.end() + 20]),
            )
            if name:
                found.append(Anchor(match.start(), match.end("size"), name, True, "size"))
        found = _with_size_before(text, found)
        for start, end in sentence.selves:
            how = "this" if _THIS.match(text, start) else "self"
            found.append(Anchor(start, end, profile.main.name, True, how))
    found = [
        a
        for a in found
        if a.own
        or not any(
            b.own and re.fullmatch(r"\s?[（(]\s?(?:aka\s|also known as\s|即)?", text[b.end : a.start]) for b in found
        )
    ]
    found += _unlisted(sentence, found)
    for match in _UNNAMED.finditer(text):
        if not any(a.start < match.end() and match.start() < a.end and a.how != "self" for a in found):
            found = [a for a in found if not (a.start < match.end() and match.start() < a.end)]
            found.append(Anchor(match.start(), match.end(), match[0], False, "unnamed"))
    return sorted(found, key=lambda a: a.start)


def _unlisted(sentence: Sentence, found: list[Anchor]) -> list[Anchor]:
    """Coined names that nobody lists, where a sentence tells of their run; «X on 64 A100» does so behind another."""
    told = [m for m in (_TOLD_OF.match(sentence.text),) if m]
    told += [m for m in (_MODELS_OF.search(sentence.text),) if m and _is_name(m["name"], sentence.page.text)]
    told += [*_RUNNING.finditer(sentence.text), *_EXAMPLE.finditer(sentence.text)]
    for match in _RUN_OF.finditer(sentence.text):
        if told or match["how"].strip() != "on":
            told.append(match)
    known = [*((a.start, a.end) for a in found), *((c.start, c.end) for c in sentence.chips)]
    new: dict[int, Anchor] = {}
    for own, match in [*((False, m) for m in told), *((True, m) for m in _OWN_RUN.finditer(sentence.text))]:
        start, end = match.span("name")
        if fold(match["name"]) not in software() and not any(low < end and start < high for low, high in known):
            new[start] = Anchor(start, end, match["name"], own, "name")
    return list(new.values())


@lru_cache(maxsize=16)
def _is_name(word: str, text: str) -> bool:
    """Whether a capitalised word is a name: the text has it within a sentence too, and never in small letters."""
    name = re.escape(word)
    return bool(re.search(rf"[a-z,]\s{name}\b", text)) and not re.search(rf"\b{re.escape(word.lower())}\b", text)


def _with_size_before(text: str, found: list[Anchor]) -> list[Anchor]:
    """«the 7B Larch model» is one name."""
    sized = {a.end + 1: a for a in found if a.how == "size" and text[a.end : a.end + 1] == " "}
    joined = {
        id(b): replace(sized[b.start], end=b.end)
        for b in found
        if b.how == "name" and b.own and b.start in sized and not split_name(b.name).size
    }
    gone = {id(sized[b.start]) for b in found if id(b) in joined}
    return [joined.get(id(a), a) for a in found if id(a) not in gone]


def _own_or_other(profile: Profile, mention: ModelMention) -> Anchor:
    """An architecture's name in a card stands for its own model («ViT-S (21M params)»); in a paper it is somebody's."""
    own = profile.whose(mention) is Attribution.OWN
    if (
        not own
        and not profile.cites
        and profile.main is not None
        and any(mention.base.startswith(a) for a in architectures())
    ):
        variant = len(mention.name) > len(mention.base)
        return Anchor(mention.start, mention.end, mention.name if variant else profile.main.name, True, "name")
    return Anchor(mention.start, mention.end, mention.name, own, "name")
