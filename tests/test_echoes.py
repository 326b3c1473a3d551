"""Every page on which a fact stands is evidence for it: where rules read it, and where it is said again in passing."""

from __future__ import annotations

from io import BytesIO

from readings import make_document
from reportlab.pdfgen.canvas import Canvas

import registry
from extractors import extract
from extractors.claim import NOT_FACTS, Claim, ClaimType
from extractors.reading import read

FIRST = ("Larch-7B: a small language model", "We present Larch-7B, an open language model of 7B parameters.")
SAID = "We trained Larch-7B on 64 H800 GPUs."
COUNT, HARDWARE = ClaimType.CHIP_COUNT, ClaimType.HARDWARE
_KNOWN = registry.load()


def claims_of(*pages: str) -> tuple[Claim, ...]:
    """The claims of a PDF whose first page presents Larch-7B and whose further pages hold a paragraph each."""
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    for lines in (FIRST, *((page,) for page in pages)):
        for line, words in enumerate(lines):
            canvas.setFontSize(18 if lines is FIRST and line == 0 else 10)
            canvas.drawString(72, 740 - 40 * line, words)
        canvas.showPage()
    canvas.save()
    document = make_document(out.getvalue(), "larch.pdf")
    text = read(out.getvalue(), document).text
    assert text is not None
    return extract(document, text, _KNOWN)


def pages_of(kind: ClaimType, value: float | None, *pages: str) -> set[int | None]:
    """The pages that are evidence for what is stated as a fact of Larch-7B."""
    found = [c for c in claims_of(*pages) if c.type is kind and c.value == value and c.modality not in NOT_FACTS]
    (claim,) = (c for c in found if c.subject.name == "Larch-7B")
    return {evidence.page for evidence in claim.evidence}


def test_a_figure_that_stands_again_in_passing_is_evidence_too() -> None:
    assert pages_of(COUNT, 64, SAID, "Our setting (64 H800 GPUs) is the same in this section.") == {2, 3}


def test_a_figure_in_passing_makes_no_claim_of_its_own() -> None:
    assert not [c for c in claims_of("Our setting (64 H800 GPUs) is the same in this section.") if c.type is COUNT]


def test_the_same_figure_of_another_model_is_no_evidence() -> None:
    assert pages_of(COUNT, 64, SAID, "GPT-3 used a cluster (64 H800 GPUs) of another kind.") == {2}


def test_a_figure_that_is_supposed_is_no_evidence() -> None:
    assert pages_of(COUNT, 64, SAID, "Training it again would take 34 days on 64 H800 GPUs.") == {2}


def test_another_figure_is_no_evidence() -> None:
    assert pages_of(COUNT, 64, SAID, "Our other setting (65 H800 GPUs) is a different one.") == {2}


def test_a_chip_named_beside_no_run_is_no_evidence() -> None:
    assert pages_of(HARDWARE, None, SAID, "We thank the H800 team for their warm welcome.") == {2}


def test_what_a_variant_ran_on_its_family_did() -> None:
    assert 3 in pages_of(HARDWARE, None, SAID, "Larch-7B-Chat was fine-tuned on 64 H800 GPUs.")


def test_evidence_is_spread_over_pages_before_it_is_doubled() -> None:
    many = " ".join([SAID] * 2)
    pages = pages_of(COUNT, 64, many, many, many, many, many, many, SAID, SAID)
    assert pages == set(range(2, 10))
