"""Signs around a naming that it is one of use, or of anything else: the rules of `lexicon/adoption.toml`.

«We employ», «is trained with» and «16-way» speak for use; «unlike», «without», «users can», «prior work» and sections
on related work speak against it. A sign reaches to the end of its clause, and a citation between words is no word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extractors.claims.scene import Sentence
from extractors.lexicon import LexiconError, load_lexicon

_SIDES = {"before", "after", "whole", "heading"}
_CLAUSE = re.compile(r"[;；。]|,\s(?:but|while|whereas|however|although)\b|，(?:但|而|然而)|\b(?:but|whereas)\b")
_CITED = re.compile(r"\s?[(（\[](?:[^()（）\[\]]*(?:19|20)\d\d[a-z]?|\d{1,3}(?:[,–-]\s?\d{1,3})*)[)）\]]")


@dataclass(frozen=True, slots=True)
class Sign:
    """A rule of `lexicon/adoption.toml`."""

    id: str
    side: str
    pattern: re.Pattern[str]
    weight: float
    reach: int
    group: str


@cache
def signs() -> tuple[Sign, ...]:
    """The signs of the lexicon; raises LexiconError for a side that does not exist."""
    found: list[Sign] = []
    for row in load_lexicon("adoption.toml", {"sign": {"id", "side", "pattern", "weight", "reach", "group"}})["sign"]:
        if row["side"] not in _SIDES:
            raise LexiconError(f"adoption.toml: sign {row['id']}: side {row['side']!r} is none of {sorted(_SIDES)}")
        found.append(
            Sign(
                row["id"],
                row["side"],
                re.compile(row["pattern"], re.A | re.I),
                float(row["weight"]),
                int(row.get("reach", 200)),
                row.get("group", row["id"]),
            )
        )
    return tuple(found)


def read_signs(sentence: Sentence, start: int, end: int) -> Iterator[tuple[Sign, str]]:
    """The signs around the naming at `start:end` of a sentence, each with the words that are it."""
    text = sentence.text
    stops = list(_CLAUSE.finditer(text))
    low = max((m.end() for m in stops if m.end() <= start), default=0)
    high = min((m.start() for m in stops if m.start() >= end), default=len(text))
    before, after = _undot(_CITED.sub("", text[low:start])), _undot(text[end:high])
    if sentence.lead.rstrip().endswith((":", "：")):
        before = f"{sentence.lead.rstrip(' :：')} {before}"
    for sign in signs():
        if sign.side == "heading":
            if hit := next((h for h in reversed(sentence.block.section) if sign.pattern.search(h)), None):
                yield sign, hit
            continue
        if sign.side == "before":
            run = before[-sign.reach :]
        elif sign.side == "after":
            run = after[: sign.reach]
        else:
            run = text
        if match := sign.pattern.search(run):
            yield sign, match[0]


def _undot(run: str) -> str:
    """A run without the points that end no sentence: «e.g.», «et al.», «2.5»."""
    return re.sub(r"(?<=\w)\.(?=\w)", "·", run).replace("e·g.", "eg").replace("i·e.", "ie").replace("et al.", "et al")
