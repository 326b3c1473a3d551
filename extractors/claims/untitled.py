"""What to call the model of a document that presents none by name.

In order: a coined name that comes back and is called a model; the name in the document's address, where the text writes
it too (`github.com/acme/larchnet` and «LarchNet»); and where a document only says that it trained something, its title
or its address: a claim about «the model of this page» is worth more than none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote, urlsplit

from extractors.claims.titles import read_head
from extractors.lexicon import load_lexicon
from extractors.mentions.models import ModelGrammar, fold

_NEAR_TOP = 1500
_BODY = 30000
_OFTEN = r"[A-Z][a-z]+[A-Z][A-Za-z0-9]*|[A-Z][A-Za-z]+\d[A-Za-z0-9]*|[一-鿿]{2,3}(?=-\d+(?:\.\d+)?B)"
_COINED = re.compile(r"(?=.*(?:[a-z][A-Z]|[A-Z]{2}|[A-Za-z]{3,}[- ]?\d))[A-Za-z][\w .-]{2,}$")
_RAN = re.compile(
    r"\b(?:[Ww]e|I|[Oo]ur (?:team|group|lab))\s(?:(?!can|could|would|might|may|should|need|must|want|if)\w+\s){0,4}?"
    r"(?:(?:pre-?|re)?train|fine-?\s?tun)(?:ed|e)?\b"
    r"|\b[Oo]ur\s(?:\w+[\s-]){0,3}?(?:models?|networks?|(?:pre-?)?training|fine-?tuning)\s"
    r"(?:was|were|is|are|takes?|took|requires?)\b"
    r"|\b(?:We|we|I)\s(?:built|developed|created)\s[^.]{0,60}\b(?:model|network)"
    r"|\b[Tt]raining\s(?:was|is|has been)\s(?:\w+\s)?(?:conducted|done|performed|carried out|run)\b"
    r"|\b[Tt]his training run\b|\b[Tt]h(?:is|e) model (?:was|is|has been) (?:\w+\s)?(?:pre-?|fine-?)?(?:trained|tuned)"
    r"|(?:我们|本文|本项目|本次|笔者)(?:(?!可以|如果|假设|需要|应该|能)[^。，\n]){0,30}(?:训练|微调)了|本模型[^。\n]{0,20}训练"
    r"|私たち[^。\n]{0,30}学習"
)
_OPENING = 3000
_LONGEST = 5
"""Words of a name; the addresses of posts have dozens."""


def find_often(opening: str, whole: str, known: ModelGrammar, software: frozenset[str]) -> str | None:
    """A coined name that opens a page without a title, comes back, and is called a model: «…模型**LarchMind**»,
    «32 张 A100 训练了云雀-1.3B», «LarchNet models».
    """
    rival = max(Counter(m.base for m in known.find(whole[:_BODY])).values(), default=0)
    often = Counter(re.findall(rf"(?<![A-Za-z0-9_/.@-])(?:{_OFTEN})", whole))
    for name, count in often.most_common(5):
        word = re.escape(name)
        called = re.search(
            rf"{word}\S*\s(?:models?|is an?)\b|模型\W{{0,4}}{word}|{word}[^。，,\n]{{0,16}}(?:模型|系列)", whole
        )
        if called and count >= max(3, rival) and name in opening[:_NEAR_TOP] and fold(name) not in software:
            return str(name)
    return None


def find_addressed(address: str, whole: str) -> str | None:
    """The name that a document's address and its text share, as the text writes it; of some the last and longest, since
    an owner stands before what is owned.

    It must look coined («LarchNet», «LARCH», «larch-7b»): a page on prices at `…/gpu-price` is about no model «Price».
    """
    found: list[tuple[int, int, int, str]] = []
    for part, words in _runs(address_name(address)):
        pattern = r"[\s._-]?".join(map(re.escape, words))
        forms = Counter(re.findall(rf"(?<![\w/@.-]){pattern}(?![\w@])", whole, re.I))
        for form, count in forms.most_common(1):
            no_model = rf"{re.escape(form)}\S*\s(?:data|corpus|chips?\b|GPUs?\b|accelerators?\b|library)"
            if _COINED.match(form) and (count > 1 or not form.isupper()) and not re.search(no_model, whole):
                found.append((part, len(fold(form)), count, form))
    return max(found)[3] if found else None


def describe(address: str, title: str, whole: str) -> str | None:
    """The title before its colon, else the last part of the address, of a document that says early on that its writers
    trained something; None for one that does not, as a survey, a guide or a filing.
    """
    if not _RAN.search(whole, 0, _OPENING):
        return None
    head = re.split(r"\s[-–—|]\s", read_head(title))[0]
    if 2 < len(head) <= 100 and not tells_kind(head):
        return head
    return max(("-".join(run) for _, run in _runs(address_name(address))), key=len, default=None)


def tells_kind(name: str) -> bool:
    """Whether a title says what kind of text follows, and nobody's name: «Model description», «Getting started»."""
    return _kinds().issuperset(name.lower().split())


def address_name(address: str) -> str:
    """The part of an address that names what is there: the repository of a code host or hub, else a file's stem."""
    parts = urlsplit(address)
    path = [unquote(part) for part in parts.path.split("/") if part]
    if (
        parts.scheme in ("http", "https")
        and len(path) > 1
        and re.search(r"(?:^|\.)(?:git|hugging|modelscope)", parts.netloc)
    ):
        return path[2] if path[0] == "models" and len(path) > 2 else path[1]
    return re.sub(r"\.(?:pdf|html?|md|txt|rst)$", "", path[-1] if path else "", flags=re.I)


def _runs(name: str) -> Iterator[tuple[int, list[str]]]:
    """The runs of words of a name with the number of their part, without words of a document's kind: `larchnet` of
    `acme_larchnet_readme-zh`.
    """
    for number, part in enumerate(re.split(r"[_\s]+", name)):
        words = part.split("-")
        for start in range(len(words)):
            for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
                if _kinds().isdisjoint((words[start].lower(), words[end - 1].lower())):
                    yield number, words[start:end]


@cache
def _kinds() -> frozenset[str]:
    rows = load_lexicon("addresses.toml", {"kind": {"words"}})["kind"]
    return frozenset(str(word) for row in rows for word in row["words"])
