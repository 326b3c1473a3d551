"""Figures, chips and quotes in the words of a terminal: short, on one line, safe to print."""

from __future__ import annotations

import re

from evidence.figures import say_number
from evidence.links import Role
from extractors.claim import Claim, ClaimType, Evidence

ROLES = {
    Role.TRAINED_ON: "trained on",
    Role.FINE_TUNED_ON: "fine-tuned on",
    Role.SERVED_ON: "served on",
    Role.EVALUATED_ON: "evaluated on",
    Role.USED_ON: "used on",
}


def say_value(claim: Claim) -> str:
    """The value of a claim with its unit, as far as it has one: «2.788M chip-hours», «bf16», «55 %»."""
    if claim.value is None:
        return ""
    if isinstance(claim.value, str):
        return claim.value
    if claim.type is ClaimType.UTILIZATION:
        return f"{claim.value * 100:.4g} %"
    unit = "" if claim.type in (ClaimType.CHIP_COUNT, ClaimType.POSSESSION) else claim.unit or ""
    return " ".join(filter(None, (say_number(claim.value), unit, f"per {claim.per}" if claim.per else "")))


def say_place(evidence: Evidence) -> str:
    """The document, and the page where it has pages: «report.pdf p. 5»."""
    return plain(evidence.document) + (f" p. {evidence.page}" if evidence.page else "")


def shorten(quote: str, around: str, width: int) -> str:
    """At most `width` letters of a quote, with the words `around` in it if they occur."""
    line = plain(quote)
    if len(line) <= width:
        return line
    at = line.find(plain(around)) if around else 0
    start = max(0, min(at - width // 3, len(line) - width))
    cut = line[start : start + width]
    return f"{'…' if start else ''}{cut[bool(start) : -1]}{'…' if start + width < len(line) else cut[-1]}"


def plain(text: str) -> str:
    """Text of a document on one line, without what a terminal would obey."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()
