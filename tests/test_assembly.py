"""From readings to claims: repeats become one, unnamed chips get their name, ids stay, doubt is kept apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from statements import LARCH, claims_in, of_type, own_facts

from extractors.claim import ClaimType, Status

COUNT, HARDWARE = ClaimType.CHIP_COUNT, ClaimType.HARDWARE
WORK = "arxiv:2501.00001"
SAID = "We trained Larch-7B on 64 H800 GPUs."


def test_a_statement_made_twice_is_one_claim_with_both_places() -> None:
    (claim,) = of_type(f"{LARCH}{SAID}\n\n## Summary\n\nLarch-7B was trained on 64 H800 GPUs.", COUNT)
    assert len({e.start for e in claim.evidence}) == 2


def test_a_rounded_figure_and_its_exact_form_are_one_claim_with_the_exact_value() -> None:
    body = LARCH + "Training Larch-7B took 2.788M H800 GPU hours.\n\nIn all, Larch-7B took 2,788,000 H800 GPU hours."
    (claim,) = of_type(body, ClaimType.CHIP_HOURS)
    assert claim.value == 2_788_000
    assert len(claim.evidence) == 2


def test_figures_that_differ_stay_apart() -> None:
    body = LARCH + "We trained Larch-7B on 64 H800 GPUs. Later we trained Larch-7B on 128 H800 GPUs."
    assert {value for _, _, value in own_facts(body, COUNT)} == {64, 128}


def test_a_count_says_that_the_chip_was_used() -> None:
    assert own_facts(LARCH + SAID, HARDWARE) == {("Larch-7B", "nvidia-h800", None)}


def test_unnamed_chips_get_the_only_name_that_there_is() -> None:
    body = LARCH + "Larch-7B was trained on H800 GPUs.\n\nThe training of Larch-7B ran on 512 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-h800", 512)}


def test_chips_that_are_named_nowhere_stay_unnamed() -> None:
    body = LARCH + "The training of Larch-7B ran on 512 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "gpu", 512)}


def test_a_coarse_name_takes_the_finer_one_given_elsewhere() -> None:
    body = LARCH + "Larch-7B was trained on A100 80GB GPUs. We trained Larch-7B on 512 A100 GPUs."
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100-80gb", 512)}


def test_a_finer_name_is_not_given_to_another_models_chips() -> None:
    body = LARCH + "Larch-7B was trained on A100 80GB GPUs. OPT-175B was trained on 992 A100 GPUs."
    assert {c.chip.id for c in of_type(body, COUNT) if c.chip} == {"nvidia-a100"}


def test_trial_runs_are_contested_and_kept_for_review() -> None:
    claims = claims_in(LARCH + "For the ablation, we train a 100M model on a single A100 GPU.")
    trial = [c for c in claims if c.type is COUNT]
    assert [c.status for c in trial] == [Status.CONTESTED]
    assert trial[0].reasons


def test_claims_stand_in_the_order_of_their_first_place() -> None:
    claims = claims_in(LARCH + "Larch-7B was trained on 64 H800 GPUs. Larch-7B was trained on 2T tokens.")
    places = [min(e.start for e in c.evidence) for c in claims]
    assert places == sorted(places)


def test_the_printed_form_stands_in_the_quote() -> None:
    (claim,) = of_type(LARCH + "Training Larch-7B took 180K H800 GPU hours.", ClaimType.CHIP_HOURS)
    assert claim.printed.startswith("180K")
    assert claim.printed in claim.evidence[0].quote


@given(st.lists(st.sampled_from(["The weather was fine.", "We thank everybody.", "Read on."]), max_size=4))
def test_words_before_a_statement_change_no_id(lead: list[str]) -> None:
    plain = {c.id for c in claims_in(LARCH + SAID, work=WORK) if c.type is COUNT}
    moved = {c.id for c in claims_in(f"{LARCH}{' '.join(lead)}\n\n{SAID}", work=WORK) if c.type is COUNT}
    assert plain == moved
    assert len(plain) == 1


def test_the_same_bytes_give_the_same_claims() -> None:
    assert claims_in(LARCH + SAID) == claims_in(LARCH + SAID)


def test_ids_of_a_document_are_all_different() -> None:
    ids = [c.id for c in claims_in(LARCH + SAID + " It was served on L40S GPUs and trained on 2T tokens.")]
    assert len(ids) == len(set(ids)) >= 4
