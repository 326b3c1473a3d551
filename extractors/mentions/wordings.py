"""Things of a closed list as texts write them (number formats, networks): patterns and vetoes of one lexicon file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extractors.lexicon import load_lexicon

_BEFORE, _AFTER = 120, 80


@dataclass(frozen=True, slots=True)
class Wording:
    """A thing named at `start:end`; `id` is its word in claims («bf16», «infiniband»)."""

    id: str
    start: int
    end: int
    printed: str


@dataclass(frozen=True, slots=True)
class _Form:
    value: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


class WordingGrammar:
    """Finds the things of one lexicon file; `wording_grammar` builds it once."""

    def __init__(self, file: str) -> None:
        rows = load_lexicon(file, {"form": {"value", "needs", "pattern"}, "veto": {"value", "pattern"}})
        self._forms = [
            _Form(r["value"], tuple(r["needs"]), re.compile(r["pattern"], re.A | re.I)) for r in rows["form"]
        ]
        self._vetoes = [(r.get("value"), re.compile(r["pattern"], re.A | re.I)) for r in rows["veto"]]

    def find_in(self, page: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[Wording]]]:
        """For ordered spans of a page: the index of each span that names things, and what it names, in order."""
        low = page.lower()
        forms = [form for form in self._forms if any(need in low for need in form.needs)]
        for index, (start, end) in enumerate(spans if forms else ()):
            text, short = page[start:end], low[start:end]
            found = [
                Wording(form.value, *match.span(), match[0])
                for form in forms
                if any(need in short for need in form.needs)
                for match in form.pattern.finditer(text)
                if not self._vetoed(form.value, text, *match.span())
            ]
            if found:
                yield index, sorted(found, key=lambda w: (w.start, w.id))

    def _vetoed(self, value: str, text: str, start: int, end: int) -> bool:
        around = f"{text[max(0, start - _BEFORE) : start]}¦{text[start:end]}¦{text[end : end + _AFTER]}"
        return any(only in (None, value) and pattern.search(around) for only, pattern in self._vetoes)


@cache
def wording_grammar(file: str) -> WordingGrammar:
    """The grammar of a lexicon file, built once."""
    return WordingGrammar(file)
