"""What the tests of the claim engine share: the claims that a small document makes, and short views of them."""

from __future__ import annotations

from readings import make_document

import registry
from extractors import extract
from extractors.claim import Attribution, Claim, ClaimType, Modality, Stage, Status
from extractors.reading import read

LARCH = "# Larch-7B: a small language model\n\nWe present Larch-7B, an open language model of 7B parameters.\n\n"
"""The opening of a card whose own model no registry knows."""

LARCHES = (
    "# Larch: open language models\n\n"
    "We present Larch, a family of open language models: Larch-7B, Larch-13B and Larch-70B.\n\n"
)
"""The opening of a report on three own models."""

LARCH_ZH = "# Larch-7B 技术报告\n\n我们发布 Larch-7B，一个开源的大语言模型。\n\n"
"""The same card in Chinese."""

_FACTS = {Modality.ASSERTED, Modality.REPORTED, Modality.ESTIMATED}
_KNOWN = registry.load()

Fact = tuple[str, str | None, float | str | None]


def claims_in(body: str, name: str = "larch.md", work: str | None = None) -> tuple[Claim, ...]:
    """Every claim of a document of some text, contested ones too; each quote stands where its evidence says."""
    data = body.encode()
    document = make_document(data, name).model_copy(update={"work": work})
    text = read(data, document).text
    assert text is not None
    pages = {page.number: page.text for page in text.pages}
    claims = extract(document, text, _KNOWN)
    for evidence in (e for claim in claims for e in claim.evidence):
        assert evidence.quote == pages[evidence.page][evidence.start : evidence.end]
    return claims


def of_type(body: str, kind: ClaimType, name: str = "larch.md") -> list[Claim]:
    """The claims of one type that are not contested."""
    return [c for c in claims_in(body, name) if c.type is kind and c.status is Status.ASSERTED]


def own_facts(body: str, kind: ClaimType, stage: Stage | None = None, name: str = "larch.md") -> set[Fact]:
    """Subject, chip and value of what a document states as a fact about its own work, at one stage or at any."""
    return _facts(of_type(body, kind, name), Attribution.OWN, stage)


def others_facts(body: str, kind: ClaimType, name: str = "larch.md") -> set[Fact]:
    """Subject, chip and value of what a document states as a fact about other people's work."""
    return _facts(of_type(body, kind, name), Attribution.OTHER, None)


def modalities(body: str, kind: ClaimType, name: str = "larch.md") -> set[Modality]:
    """How the claims of one type are put."""
    return {c.modality for c in of_type(body, kind, name)}


def _facts(claims: list[Claim], whose: Attribution, stage: Stage | None) -> set[Fact]:
    return {
        (c.subject.name, c.chip.id if c.chip else None, c.value)
        for c in claims
        if c.attribution is whose and c.modality in _FACTS and stage in (None, c.stage)
    }
