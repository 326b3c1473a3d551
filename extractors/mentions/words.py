"""Finding many written forms in a text at once: a word's first letters choose the few forms that can stand there.

One pattern of a thousand names is tried at every character; here each run of letters is looked up once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from registry import Spelling

_RUN = re.compile(r"[A-Za-zÀ-ɏ]+|\d+|[Ͱ-ϿЀ-ӿ぀-ヿ一-鿿]")
_LONGEST = 24


class SpellingIndex:
    """Written forms by their first run of letters or digits, or their first Chinese character.

    `gap` is what may part the words of a form; `after` is a pattern for what must follow one.
    """

    def __init__(self, spellings: Iterable[Spelling], gap: str = r"[ \-–]?", after: str = r"(?![A-Za-z0-9])") -> None:
        forms: dict[str, list[Spelling]] = defaultdict(list)
        for spelling in sorted(set(spellings), key=lambda s: (-len(s.text), s.text, s.exact)):
            if run := _RUN.match(spelling.text):
                forms[run[0].lower()].append(spelling)
        self._buckets = {
            key: re.compile(rf"(?:{'|'.join(_flexible(s, gap) for s in group)}){after}") for key, group in forms.items()
        }

    @property
    def keys(self) -> frozenset[str]:
        """The first runs that lead to a form."""
        return frozenset(self._buckets)

    def at(self, text: str, start: int, key: str) -> re.Match[str] | None:
        """The longest form that begins at a place with a first run, or None."""
        bucket = self._buckets.get(key) or (self._buckets.get(key[:-1]) if key.endswith("s") else None)
        return bucket.match(text, start) if bucket else None

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """The longest form at each place of a text, in order and without overlaps; «8xA100» holds A100."""
        return (match for match, _ in find_forms(text, (self,), self.keys))


def find_forms(
    text: str, indexes: tuple[SpellingIndex, ...], keys: frozenset[str]
) -> Iterator[tuple[re.Match[str], SpellingIndex]]:
    """Forms of several indexes in one pass, each with its index; `keys` are the keys of all. The longest form wins."""
    end = 0
    for run in _RUN.finditer(text):
        word = run[0]
        key = word.lower()
        if key not in keys and key[:-1] not in keys and key[0] != "x" and not (len(word) > 4 and word.isupper()):
            continue
        start = run.start()
        if start < end or len(key) > _LONGEST:
            continue
        before = text[start - 1] if start else ""
        tries = [key]
        if key[0] == "x" and before.isdigit() and len(key) > 1:
            start, tries = start + 1, [key[1:]]
        elif before.isascii() and before.isalnum() and key[0].isascii():
            continue
        elif key not in keys and len(word) > 4 and word.isupper():
            tries += [key[:n] for n in range(len(key) - 1, 2, -1) if key[:n] in keys]
        found = [(m, index) for index in indexes for k in tries if (m := index.at(text, start, k)) is not None]
        if found:
            best = max(found, key=lambda row: row[0].end())
            end = best[0].end()
            yield best


def _flexible(spelling: Spelling, gap: str) -> str:
    pattern = gap.join(re.escape(p) for p in re.split(r"[\s\-–_]+", spelling.text) if p)
    return pattern if spelling.exact else f"(?i:{pattern})"
