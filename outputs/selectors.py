"""Where words stand in a document, in the words of the W3C: selectors as of the Web Annotation Data Model (2017).

Each survives what another does not: the position tells the place in the text as it was read, the quote with the words
around it is found again in another reading, and the fragment opens the page in a viewer.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from extractors.claim import Evidence

PDF_FRAGMENTS: Literal["http://tools.ietf.org/rfc/rfc3778"] = "http://tools.ietf.org/rfc/rfc3778"
"""What the Web Annotation Data Model names for fragments of PDF: `page` counts from 1, `viewrect` is left, top, width
and height in points from the top left of the page."""


class _Selector(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextQuoteSelector(_Selector):
    """The words themselves, and the text before and after them on the page."""

    type: Literal["TextQuoteSelector"] = "TextQuoteSelector"
    exact: str
    prefix: str
    suffix: str


class TextPositionSelector(_Selector):
    """From which to before which code point of the page's text as it was read; of the whole text without pages."""

    type: Literal["TextPositionSelector"] = "TextPositionSelector"
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class FragmentSelector(_Selector):
    """The page of a PDF with a rectangle around the words, refined by their position in its text."""

    type: Literal["FragmentSelector"] = "FragmentSelector"
    conformsTo: Literal["http://tools.ietf.org/rfc/rfc3778"] = PDF_FRAGMENTS  # noqa: N815
    value: str
    refinedBy: TextPositionSelector  # noqa: N815


Selector = TextQuoteSelector | TextPositionSelector | FragmentSelector


class EvidenceLine(Evidence):
    """The words a claim rests on, with their `selector` of the W3C."""

    prefix: str = Field(default="", exclude=True)
    suffix: str = Field(default="", exclude=True)
    selector: tuple[Selector, ...]


def make_evidence_line(evidence: Evidence) -> EvidenceLine:
    """Evidence with its selectors: where it stands, then its words."""
    position = TextPositionSelector(start=evidence.start, end=evidence.end)
    quote = TextQuoteSelector(exact=evidence.quote, prefix=evidence.prefix, suffix=evidence.suffix)
    where: Selector = position
    if evidence.page is not None:
        where = FragmentSelector(value=f"page={evidence.page}{_rectangle(evidence)}", refinedBy=position)
    fields = {name: getattr(evidence, name) for name in Evidence.model_fields}
    return EvidenceLine.model_construct(**fields, selector=(where, quote))


def _rectangle(evidence: Evidence) -> str:
    if not evidence.boxes:
        return ""
    lefts, tops, rights, bottoms = zip(*evidence.boxes, strict=True)
    left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
    return f"&viewrect={left:g},{top:g},{right - left:g},{bottom - top:g}"
