"""Links are derived from claims: who supports them, who speaks against them, and how many."""

from __future__ import annotations

import random

from specimens import H20, H800, make_claim

from evidence.links import Role, derive_links
from extractors.claim import Attribution, Chip, ClaimType, Modality, Stage, Status, Subject


def test_count_and_hours_stand_in_the_link_of_their_chip() -> None:
    claims = [
        make_claim(),
        make_claim(ClaimType.CHIP_COUNT, value=2048),
        make_claim(ClaimType.CHIP_HOURS, value=2.788e6),
        make_claim(ClaimType.CHIP_HOURS, value=2.664e6),
    ]
    (link,) = derive_links(claims)
    assert (link.model.id, link.chip.id, link.role) == ("larch-7b", "nvidia-h800", Role.TRAINED_ON)
    assert [f.value for f in link.counts] == [2048]
    assert [f.value for f in link.chip_hours] == [2.788e6, 2.664e6]
    assert link.supporting == tuple(sorted(c.id for c in claims))


def test_a_rate_is_no_total() -> None:
    (link,) = derive_links([make_claim(ClaimType.CHIP_HOURS, value=180_000, per="trillion tokens")])
    assert link.chip_hours == ()


def test_training_and_serving_are_two_links() -> None:
    links = derive_links([make_claim(), make_claim(chip=H20, stage=Stage.INFERENCE)])
    assert {(link.chip.id, link.role) for link in links} == {
        ("nvidia-h800", Role.TRAINED_ON),
        ("nvidia-h20", Role.SERVED_ON),
    }


def test_a_contested_claim_is_in_no_link() -> None:
    assert derive_links([make_claim(status=Status.CONTESTED)]) == ()


def test_what_is_required_planned_or_hypothetical_supports_nothing() -> None:
    for modality in (Modality.REQUIREMENT, Modality.PLANNED, Modality.HYPOTHETICAL, Modality.NEGATED):
        assert derive_links([make_claim(modality=modality)]) == (), modality


def test_a_negated_claim_stands_against_the_link() -> None:
    against = make_claim(modality=Modality.NEGATED)
    (link,) = derive_links([make_claim(), against])
    assert link.contradicting == (against.id,)


def test_a_link_that_only_others_report_is_secondary() -> None:
    (link,) = derive_links([make_claim(attribution=Attribution.OTHER)])
    assert link.grade == "secondary"
    (link,) = derive_links([make_claim(attribution=Attribution.OTHER), make_claim()])
    assert link.grade == "primary"


def test_a_chip_named_in_general_is_the_one_finer_chip_of_the_model() -> None:
    general = make_claim(ClaimType.CHIP_COUNT, Chip(id="nvidia-a100", name="A100"), 512)
    fine = make_claim(chip=Chip(id="nvidia-a100-80gb", name="A100 80GB"))
    (link,) = derive_links([general, fine])
    assert link.chip.id == "nvidia-a100-80gb"
    assert [f.value for f in link.counts] == [512]
    other = make_claim(chip=Chip(id="nvidia-a100-40gb", name="A100 40GB"))
    assert len(derive_links([general, fine, other])) == 3


def test_reported_derived_and_estimated_figures_stay_apart() -> None:
    claims = [
        make_claim(ClaimType.CHIP_COUNT, value=512),
        make_claim(ClaimType.CHIP_COUNT, value=512, formula="64 × 8", id="c2"),
        make_claim(ClaimType.CHIP_COUNT, value=512, modality=Modality.ESTIMATED),
    ]
    (link,) = derive_links(claims)
    assert [(f.value, f.basis) for f in link.counts] == [(512, "derived"), (512, "estimated"), (512, "reported")]


def test_an_organisation_has_no_links() -> None:
    company = Subject(kind="organisation", id="larch-ai", name="Larch AI")
    assert derive_links([make_claim(subject=company)]) == ()


def test_the_order_of_claims_changes_nothing() -> None:
    claims = [make_claim(ClaimType.CHIP_COUNT, chip, n) for chip in (H20, H800) for n in (8, 16, 512)]
    expected = derive_links(claims)
    random.Random(1).shuffle(claims)
    assert derive_links(claims) == expected
