"""Line-end hyphens: which belong to the word and which only to the line, by the words that the document itself uses."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_TAIL = re.compile(r"[^\W_]+(?:-[^\W_]+)*$")
_HEAD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_OWN_PREFIXES = frozenset(
    [
        "non",
        "self",
        "co",
        "all",
        "well",
        "low",
        "high",
        "long",
        "short",
        "large",
        "full",
        "half",
        "single",
        "two",
        "three",
        "four",
        "one",
        "zero",
        "few",
    ]
)


class Vocabulary:
    """The words of a document, as they stand away from line ends, with how often."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._counts: dict[str, int] = {}
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Count the words of a piece of text; hyphenated compounds count as one word."""
        counts = self._counts
        for word in _WORD.findall(text):
            word = word.lower()
            counts[word] = counts.get(word, 0) + 1

    def count(self, word: str) -> int:
        """How often a word stands in the document, whatever its case."""
        return self._counts.get(word.lower(), 0)

    def keeps_hyphen(self, before: str, after: str) -> bool:
        """Whether the hyphen between the end of one line and the start of the next belongs to the word.

        «DeepSeek-|V2», «A100-|80GB» and «GPT-|3» keep theirs; «hard-|ware» loses it; between the two the document's own
        spelling elsewhere decides («pre-training» or «pretraining»).
        """
        tail, head = _TAIL.search(before), _HEAD.match(after)
        if tail is None or head is None:
            return True
        left, right = tail[0], head[0]
        last, first = left.rsplit("-", 1)[-1], right.split("-", 1)[0]
        if first[0].isdigit() or not first.islower() or any(c.isdigit() for c in last):
            return True
        if last.isupper() and len(last) > 1:
            return True
        with_hyphen = self.count(f"{left}-{right}") + self.count(f"{last}-{first}")
        without = self.count(last + first)
        if with_hyphen or without:
            return with_hyphen > without
        if "-" in left or last.lower() in _OWN_PREFIXES:
            return True
        if any(c.isupper() for c in last[1:]):
            return True
        return self.count(last) > 1 and self.count(first) > 1 and len(first) > 2 and len(last) > 2
