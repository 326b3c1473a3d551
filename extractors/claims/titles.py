"""The name in a title: «Larch-LoRA: small adapters», «云雀(Skylark): …», «acme/larch-7b», «Larch Technical Report»."""

from __future__ import annotations

import re

from extractors.mentions.models import ModelGrammar
from extractors.text import Kind, Text

REPOSITORY = re.compile(r"[a-zA-Z][\w-]{1,38}/((?=[\w.-]*\d)[A-Za-z][\w.-]{3,60})")
COINED = re.compile(
    r"(?:\w*[a-z][A-Z]\w*|\w*[A-Za-z]\d\w*|[A-Z]{3,}\w*)(?:\s[A-Z]\w*){0,2}(?:[-\s]\d+(?:\.\d+)?[BM])?$"
)
_NEWS = re.compile(
    r"^(?:[A-Z][\w&.-]*\s){1,3}(?:Releases?|Launches|Unveils|Introduces|Announces|Open[- ][Ss]ources|Debuts|Ships)\s"
    r"(?:(?:the|its|a|an|new)\s)*|^[一-鿿A-Za-z]{2,10}?(?:正式)?(?:发布|推出|开源)了?"
)
_TITLED = r"(?P<name>[A-Z][\w.+-]*(?:\s[A-Z][\w.+-]*){0,2})"
_WITH = re.compile(rf"\W*[A-Z]\w+ing\s.{{3,80}}?\s(?:with|via|using|by)\s{_TITLED}\W*$")
_DOES = (
    "Makes?|Is|Are|Can|Learns?|Enables?|Improves?|Helps?|Boosts?|Beats?|Meets?|Gets?|Turns?|Brings?|Solves?|Generates?|"
    "Outperforms?|Unlocks?|Does"
)
_DEEDS = (
    re.compile(
        rf"\W*(?:(?:Pre-?|Fine-?)?[Tt]raining|Building|Reproducing|Scaling|How [Ww]e [Tt]rained)\s{_TITLED}"
        r"\W*(?:\s(?:from|on|with|at|to|in)\s.*)?$"
    ),
    re.compile(rf"\W*{_TITLED}\s(?:(?:Pre-?|Fine-?)?[Tt]raining|[Ii]nference)\s(?:with|on|at|using|from)\s.*$"),
    re.compile(rf"\W*{_TITLED}\s(?:{_DOES}|{_DOES.lower()})\s.*$"),
    _WITH,
)
_RECURS = 4
"""How often a name that is not coined must come back to be one: «Sparse Readers»."""
_LEAD_WORDS = re.compile(
    r"^(?:The|A|An|Our|Model Card for|Model card for|Introducing|Announcing|Releasing|Welcome to|Meet|"
    r"Open[- ]sourcing|Introduction to|About|发布|介绍)\s+",
    re.I,
)
_NO_NAME_WORDS = frozenset(
    ("Model", "Models", "Card", "Report", "Paper", "Series", "Family", "Release", "Training", "Inference", "Benchmark")
)
_TRAIL_WORDS = re.compile(
    r"[\s:：,，.-]*(?:(?:'s|’s)\s.*|Technical Report.*|Tech Report.*|Model Card.*|System Card.*|README.*|Report\b.*|"
    r"Release.*|模型(?:介绍)?$|技术报告.*|大模型$|Paper\b.*|"
    r"Inference System.*|Deployment Guid.*|(?:Pre-?)?[Tt]raining\b.*|Benchmarks?\b.*|vLLM.*|SGLang.*|"
    r"Blog.*|Overview.*|Documentation.*|is (?:here|out).*|[:：].*|"
    r"[|—–]\s.*|- .*|\(.*\)$|（.*）$)$",
    re.I,
)


def first_line(whole: str) -> str:
    """The name of a repository that a page begins with: «acme/larch-7b»."""
    match = re.match(r"\s*(\S+)", whole)
    return match[1] if match and REPOSITORY.fullmatch(match[1]) else ""


def first_headings(text: Text) -> list[str]:
    found: list[str] = []
    for page, block in text.blocks():
        if block.kind is Kind.HEADING:
            found.append(page.text[block.start : block.end])
        if len(found) == 2:
            break
    return found[:2]


def clean_name(name: str) -> str:
    name = re.sub(r"\s+", " ", name).strip(" .,:;-–—*_`'\"“”「」『』《》【】()（）").rpartition("/")[2]
    return _TRAIL_WORDS.sub("", _LEAD_WORDS.sub("", name)).strip(" .,:;-–—")


def read_brand(line: str) -> str | None:
    """The brand of a title that names several versions of it: «Larch» of «Larch v1 & v2: models of speech»."""
    match = re.match(
        r"\W*([A-Z][A-Za-z-]{2,}?)[\s-]?[vV]?\d+(?:\.\d+)?\s?(?:&|/|,|and|和|与)\s?[vV]?\d+(?:\.\d+)?(?![\w.])", line
    )
    return match[1] if match else None


def read_release(line: str) -> str | None:
    """What a headline says that somebody released: «Larch 2» of «Grove Labs Releases Larch 2: a model of speech»."""
    told = _NEWS.match(line)
    head = read_head(line[told.end() :]) if told else ""
    return head if re.fullmatch(r"[A-Z一-鿿][\w.+-]*(?:\s[\w.+-]+){0,3}", head) else None


def read_deed(line: str, whole: str) -> str | None:
    """The coined or recurring name of a title that tells what is done with it or what it does: «Training Larchling from
    Scratch», «De-Larch Makes Text an Interface», «Larch Diffusion Training with Acme», «Writing Long Texts with Sparse
    Readers».
    """
    for pattern in _DEEDS:
        match = pattern.match(line)
        if match is None or match["name"].split()[-1] in _NO_NAME_WORDS:
            continue
        name = match["name"].removesuffix("s") if pattern is _WITH else match["name"]
        word = rf"(?<!\w){re.escape(name)}s?(?!\w)"
        times, plainly = (
            len(re.findall(word, whole)),
            len(re.findall(rf"(?<!\w){re.escape(name.lower())}s?(?!\w)", whole)),
        )
        coined = pattern is not _WITH and (COINED.match(name) is not None or "-" in name)
        if times >= (2 if coined else _RECURS) and (coined or times > 2 * plainly):
            return name
    return None


def read_head(line: str) -> str:
    """What a title says before its colon, without ornaments: «🦙 Larch-LoRA» of «🦙 Larch-LoRA: small adapters»."""
    return re.sub(r"^[^\w]+", "", re.split(r"[:：]", line, maxsplit=1)[0]).strip()


def is_coined_word(head: str, known: ModelGrammar) -> bool:
    """Whether a title begins with one coined word, of which a known name may be a piece: «Chinese-Vicuna: …»."""
    if not re.fullmatch(r"[A-Z](?:[\w+]|[.-](?=\w))+", head):
        return False
    mention = next(iter(known.find(head)), None)
    if mention is None:
        return COINED.match(head) is not None or "-" in head
    rest = head[mention.end :]
    return mention.start > 0 or re.fullmatch(r"-(?!\d)[A-Z][A-Za-z]{2,}", rest) is not None


def find_derived(head: str, start: int, end: int) -> str | None:
    """A name with its version before a known one, which it is made from: «Larch 2.9 Llama 3 8b»."""
    led = re.fullmatch(r"\W*([A-Z][\w-]+(?:\s[A-Z][\w-]+)?\s[vV]?\d+(?:\.\d+)*)\s[-–]?\s?", head[:start])
    return head[led.start(1) : end] if led else None


def find_longer(head: str, end: int, whole: str) -> int | None:
    """The end of a name that goes on after a known one and comes back so: «Larch Mega» of «Larch Mega Model Card»."""
    further = re.match(r"\s([A-Z][a-z]{2,})(?=\s(?:Model|System)\s?Card|\s?$)", head[end:])
    if further is None or further[1] in _NO_NAME_WORDS:
        return None
    name = head[: end + further.end(1)].split()[-2:]
    return end + further.end(1) if len(re.findall(rf"(?<!\w){re.escape(' '.join(name))}(?!\w)", whole)) > 1 else None


def find_latin_alias(line: str) -> str | None:
    """The Latin name of «云雀(Skylark): …», of «Skylark（云雀）：…» and of «开源语言模型Skylark»."""
    if behind := re.search(r"[一-鿿]{2}(?:模型|框架|系统|平台|引擎)\s?([A-Z][\w.+-]{2,30})$", line):
        return behind[1]
    match = re.match(
        r"\W*(?:[一-鿿]{1,6}\s?[(（]([A-Za-z][A-Za-z0-9_.-]{2,})[)）]|([A-Za-z][A-Za-z0-9_.-]{2,})\s?[(（][一-鿿]{1,6}[)）])",
        line,
    )
    return (match[1] or match[2]) if match else None


def read_title(line: str) -> str | None:
    head = re.split(r"[:：|]|\s[—–-]\s", line, maxsplit=1)[0]
    name = clean_name(head)
    if not name or len(name.split()) > 4 or len(name) > 40:
        return None
    alone = len(name.split()) == 1 and len(head) < len(line) and name[:1].isupper()
    alone = alone or (len(name.split()) == 1 and name[:1].isupper() and name != line.strip())
    alone = alone or re.fullmatch(r"[A-Z]\w+(?: [A-Z0-9]\w*){0,2}|[一-鿿]{2,6}", line.strip()) is not None
    return name if alone or re.search(r"\d|[a-z][A-Z]|[A-Z]{2,}|[A-Za-z]-[A-Z]", name) else None
