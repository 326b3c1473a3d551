"""Many spellings as one pattern, built as a tree of their common beginnings so that a miss costs a look at one letter.

An alternation of a thousand names tries each of them at every place of a text; the tree of the same names is some
twenty times faster, and a text is searched for chips sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from registry import Spelling

_PARTED = re.compile(r"[\s\-_]+|(?<=[一-鿿])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[一-鿿])")


class _Node(dict[str, "_Node"]):
    """What may follow the same beginning, by its next character; «» stands for a space, a hyphen or nothing."""

    ends = False


def any_of(spellings: Iterable[Spelling], gap: str = r"[®™]?[\s_-]?") -> str:
    """A pattern for any of some spellings, the longest that fits first.

    `gap` stands where a spelling has a space or Chinese meets Latin: «昇腾910B» is also written «昇腾 910B», and
    «Gaudi 2» is also «Gaudi®-2».

    «a100» in a job script names the chip, but «h20» in a proof is a hypothesis: exact spellings keep their case.
    """
    exact, free = _Node(), _Node()
    for spelling in spellings:
        node = exact if spelling.exact else free
        text = spelling.text if spelling.exact else spelling.text.lower()
        for number, part in enumerate(filter(None, _PARTED.split(text))):
            for character in ("", *part) if number else part:
                node = node.setdefault(character, _Node())
        node.ends = True
    for root in (exact, free):
        _fold_gaps(root)
    return "(?:" + "|".join(_write(root, gap, root is free) for root in (free, exact) if root) + ")"


def _fold_gaps(node: _Node) -> None:
    """Moves «Gaudi2 China» under «Gaudi 2», whose space may be missing, so that the longer name is not shut out."""
    if (parted := node.get("")) is not None:
        for key in node.keys() & parted.keys():
            _merge(parted[key], node.pop(key))
    for following in node.values():
        _fold_gaps(following)


def _merge(node: _Node, other: _Node) -> None:
    node.ends = node.ends or other.ends
    for key, following in other.items():
        if key in node:
            _merge(node[key], following)
        else:
            node[key] = following


def _write(node: _Node, gap: str, free: bool) -> str:
    branches = [_step(key, gap, free) + _write(node[key], gap, free) for key in sorted(node)]
    if not branches:
        return ""
    if len(branches) == 1 and not node.ends:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if node.ends else ''}"


def _step(key: str, gap: str, free: bool) -> str:
    if not key:
        return gap
    return f"[{key}{key.upper()}]" if free and key.isalpha() and len(key.upper()) == 1 else re.escape(key)
