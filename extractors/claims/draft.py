"""A claim in the making: what one rule read at one place, before the document settles subjects, chips and repeats."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from extractors.claim import Attribution, ClaimType, Cue, Modality, Reason, Stage
from extractors.claims.subject import Subject
from extractors.mentions.chips import ChipMention
from extractors.mentions.quantities import Quantity
from extractors.text import Page


@dataclass(frozen=True, slots=True)
class Span:
    """A quotable run of a page's text."""

    page: Page
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The words as they stand."""
        return self.page.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Draft:
    """One reading. `place` is the block's number in the document, to carry a chip's name to unnamed chips after it."""

    type: ClaimType
    rule: str
    span: Span
    place: int
    subject: Subject | None
    stage: Stage
    modality: Modality
    chip: ChipMention | None = None
    value: float | str | None = None
    unit: str | None = None
    printed: str = ""
    lower: float | None = None
    upper: float | None = None
    qualifier: str | None = None
    per: str | None = None
    formula: str | None = None
    cues: tuple[Cue, ...] = ()
    reasons: tuple[Reason, ...] = ()
    section: tuple[str, ...] = ()
    more: tuple[Span, ...] = field(default=())

    @property
    def attribution(self) -> Attribution:
        """Whose work it is about."""
        return self.subject.attribution if self.subject else Attribution.OTHER

    def because(self, name: str, weight: float) -> Draft:
        """The same draft with one more reason for or against it, in log-odds."""
        return replace(self, reasons=(*self.reasons, Reason(name=name, weight=weight)))

    def measured(self, quantity: Quantity, value: float | None = None, unit: str | None = None) -> Draft:
        """The same draft with the value, bounds and print of a quantity."""
        return replace(
            self,
            value=quantity.value if value is None else value,
            unit=unit or quantity.unit or self.unit,
            printed=quantity.printed,
            lower=quantity.lower if value is None else None,
            upper=quantity.upper if value is None else None,
            qualifier=quantity.number.qualifier,
            per=quantity.per,
            formula=quantity.formula,
        )
