"""Captions: how the label of a table or figure looks, and what it is a label of."""

from __future__ import annotations

import re

_LABEL = (
    r"(?:(Table|Tab\.|TABLE|表)|(?:Figure|Fig\.|FIGURE|FIG\.|Algorithm|Listing|图|圖|図))"
    r"\s*(?:\d+[\d.]*\d|\d+|[A-Z]\.?\d+[\d.]*|[IVX]+)[a-z]?"
)
# «Table 3: …», «Figure 2. …», «表 1 …»; «Table 5 shows …» is prose and so is a line that ends after «Figure 11.».
CAPTION = re.compile(rf"^{_LABEL}\s*(?:[:|：。—–]\s*\S|\.\s+[^\W\d_]|\s+[A-Z\u4e00-\u9fff]|\s*$)")


def names_table(text: str) -> bool:
    """Whether a caption is that of a table: «Table 2 | Training infrastructure»."""
    match = CAPTION.match(text)
    return bool(match and match[1])
