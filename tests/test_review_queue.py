"""The queue of review: what is worth most comes first, nothing decided is asked again, planted claims stay apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bases import make_base
from hypothesis import given
from hypothesis import strategies as st
from specimens import H20, H800, LARCH, make_claim, make_document, make_finding

import registry
from evidence.agreement import measure_agreement
from evidence.decision_log import DecisionLog
from evidence.decisions import Action, Decision, DecisionError, State, correct_claim
from evidence.finding import Finding
from evidence.links import derive_links
from evidence.placing import place_decisions
from evidence.plants import measure_catches, plant_claims
from evidence.queueing import refresh_queue
from evidence.ranking import rank_claims
from evidence.review_queue import Filters, ReviewQueue
from evidence.review_rules import ReviewRules, load_review_rules
from evidence.store import Store
from evidence.versions import Versions
from extractors.claim import Attribution, Claim, ClaimType, Modality, Stage, Status, Subject

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
VERSIONS = Versions(package="0", rules="r", registry="k", text="t")
KNOWN = registry.load()
RULES = load_review_rules()
FIR = Subject(kind="model", id="fir-3b", name="Fir-3B")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store(make_base(request.param, tmp_path)) as opened:
        yield opened


def without_extras(**queue: float) -> ReviewRules:
    """The rules without planted claims and second looks, unless said otherwise."""
    changed = RULES.queue.model_copy(update={"plant_share": 0.0, "second_share": 0.0, **queue})
    return RULES.model_copy(update={"queue": changed})


def run(store: Store, *findings: Finding, rules: ReviewRules | None = None) -> ReviewQueue:
    number = store.begin_run(VERSIONS, NOON)
    for finding in findings:
        store.record(number, finding)
    place_decisions(store)
    store.derive_links()
    used = rules or without_extras()
    refresh_queue(store, KNOWN, number, rules=used)
    return ReviewQueue(store, used)


def reports(count: int, **rest: object) -> list[Finding]:
    """Reports that say the same of Larch-7B, one claim each."""
    documents = [make_document(f"report {i}: trained on H800", f"report-{i:03}.md") for i in range(count)]
    return [make_finding(document, make_claim(document=document, **rest)) for document in documents]  # type: ignore[arg-type]


def shown(queue: ReviewQueue, reviewer: str = "ada", **filters: str) -> list[str]:
    return [item.claim for item in queue.page(reviewer, Filters(**filters)).items]


def ranks(*claims: Claim) -> dict[str, float]:
    return {claim: rank.worth for claim, rank in rank_claims(claims, derive_links(claims), KNOWN, RULES).items()}


def test_the_only_support_of_a_link_is_worth_more_than_one_of_several() -> None:
    documents = [make_document(str(i), f"{i}.md") for i in range(3)]
    several = [make_claim(document=document) for document in documents]
    alone = make_claim(chip=H20, document=documents[0])
    found = ranks(*several, alone)
    assert found[alone.id] > max(found[claim.id] for claim in several)


def test_an_uncertain_claim_is_worth_more_than_a_sure_one() -> None:
    sure, unsure = make_claim(confidence=0.98), make_claim(chip=H20, confidence=0.55)
    found = ranks(sure, unsure)
    assert found[unsure.id] > found[sure.id]


def test_a_contested_claim_that_would_make_a_link_is_worth_more_than_a_fact_without_chip() -> None:
    would = make_claim(chip=H20, status=Status.CONTESTED, confidence=0.45)
    fact = make_claim(ClaimType.PARAMETERS, None, 7e9, confidence=0.55)
    found = ranks(would, fact)
    assert found[would.id] > found[fact.id]


def test_what_is_denied_elsewhere_is_worth_more() -> None:
    document = make_document("denied", "denied.md")
    used, denied = make_claim(), make_claim(modality=Modality.NEGATED, document=document)
    assert ranks(used, denied)[used.id] > ranks(used)[used.id] + 0.4


def test_figures_that_do_not_add_up_are_worth_more() -> None:
    fields = {"unit": "chips", "stage": Stage.TRAINING}
    count = make_claim(ClaimType.CHIP_COUNT, value=1000, **fields)  # type: ignore[arg-type]
    time = make_claim(ClaimType.TRAINING_TIME, value=100, unit="hours", stage=Stage.TRAINING)
    right = make_claim(ClaimType.CHIP_HOURS, value=100_000, unit="chip-hours", stage=Stage.TRAINING)
    wrong = make_claim(ClaimType.CHIP_HOURS, value=900_000, unit="chip-hours", stage=Stage.TRAINING)
    assert ranks(count, time, wrong)[wrong.id] > ranks(count, time, right)[right.id] + 0.3


def test_why_a_claim_is_asked_tells_nothing_of_how_sure_the_machine_is() -> None:
    claims = [make_claim(confidence=c / 10, status=s) for c in range(1, 10) for s in Status]
    words = {why for claim in claims for why in rank_claims([claim], (), KNOWN, RULES)[claim.id].why}
    assert not any(any(hint in why for hint in ("confiden", "sure", "contest", "%")) for why in words)


def test_nothing_decided_is_asked_again_and_what_was_skipped_comes_last(store: Store) -> None:
    queue = run(store, *reports(4))
    log = DecisionLog(store)
    first, second, third, fourth = shown(queue)
    log.decide(first, Action.ACCEPT, "ada", NOON)
    log.decide(second, Action.SKIP, "ada", NOON)
    assert shown(queue) == [third, fourth, second]
    assert queue.next("ada", after=third) == [fourth, second]
    assert shown(queue, "bob") == [second, third, fourth]
    progress = queue.progress("ada")
    assert (progress.decided, progress.skipped, progress.left) == (1, 1, 3)


def test_a_settled_claim_is_asked_of_a_second_reviewer_where_the_rules_say_so_and_looks_open(store: Store) -> None:
    queue = run(store, *reports(2), rules=without_extras(second_share=1.0))
    log = DecisionLog(store)
    first, second = shown(queue)
    log.decide(first, Action.REJECT, "ada", NOON)
    page = queue.page("bob")
    assert {item.claim: item.state for item in page.items} == {first: State.OPEN, second: State.OPEN}
    assert shown(queue) == [second]
    log.decide(first, Action.ACCEPT, "bob", NOON)
    assert shown(queue, "bob") == [second]
    assert shown(queue, "cy")[0] == first
    assert queue.page("ada", Filters(state=State.DISPUTED)).left == 1


def test_a_claim_that_changed_after_its_decision_is_asked_again_and_first(store: Store) -> None:
    document = make_document()
    used, other = make_claim(document=document), make_claim(chip=H20, document=document)
    run(store, make_finding(document, used, other))
    DecisionLog(store).decide(used.id, Action.ACCEPT, "ada", NOON)
    changed = make_claim(document=document, stage=Stage.TRAINING)
    queue = run(store, make_finding(document, changed, other))
    assert shown(queue) == [changed.id, other.id]
    (before,) = queue.view(changed.id).earlier
    assert (before.seen, queue.view(changed.id).state) == (used, State.CHANGED)


def test_one_document_does_not_fill_the_queue(store: Store) -> None:
    long, short = make_document("long", "long.md"), make_document("short", "short.md")
    many = [make_claim(ClaimType.CHIP_COUNT, value=n, document=long, confidence=0.6) for n in range(1, 40)]
    one = make_claim(ClaimType.PARAMETERS, None, 7e9, document=short)
    queue = run(store, make_finding(long, *many), make_finding(short, one))
    page = queue.page("ada")
    assert (len(page.items), page.left, page.items[-1].claim) == (RULES.queue.per_document + 1, 40, one.id)
    assert len(shown(queue, document=long.sha256)) == 39


def test_filters_narrow_the_queue_and_its_facets(store: Store) -> None:
    document = make_document(developer="Larch Labs")
    used, served = make_claim(document=document), make_claim(chip=H20, document=document, stage=Stage.INFERENCE)
    size = make_claim(ClaimType.PARAMETERS, None, 7e9, document=document, subject=FIR, status=Status.CONTESTED)
    queue = run(store, make_finding(document, used, served, size))
    assert shown(queue, chip="nvidia-h20") == [served.id]
    assert shown(queue, model="fir-3b") == shown(queue, type="parameters") == shown(queue, status="contested")
    assert len(shown(queue, developer="Larch Labs")) == 3
    assert queue.facets("model") == [("larch-7b", 2), ("fir-3b", 1)]
    assert queue.facets("chip", Filters(model="fir-3b")) == [("", 1)]


def test_words_of_quote_model_and_document_are_found(store: Store) -> None:
    document = make_document(name="fir_card.md")
    queue = run(store, make_finding(document, make_claim(document=document, quote="using 100% of our H800s")))
    for words in ("100% OF OUR", "larch-7b", "fir_card", "nvidia-h800"):
        assert len(queue.search(words)) == 1, words
    assert queue.search("fir%card") == queue.search("  ") == ()


def test_equal_claims_are_decided_at_once_and_others_are_not(store: Store) -> None:
    odd = make_document("odd", "odd.md")
    queue = run(store, *reports(3), make_finding(odd, make_claim(chip=H20, document=odd)))
    log = DecisionLog(store)
    claim = shown(queue, chip="nvidia-h800")[0]
    equal = [item.claim for item in queue.alike(claim)]
    assert (len(equal), queue.page("ada", Filters(chip="nvidia-h800")).items[0].alike) == (3, 3)
    with pytest.raises(DecisionError, match="not equal"):
        log.decide_alike([*equal, *shown(queue, chip="nvidia-h20")], Action.ACCEPT, "ada", NOON)
    log.decide_alike(equal, Action.ACCEPT, "ada", NOON)
    assert shown(queue) == shown(queue, chip="nvidia-h20")
    assert len(log.all()) == 3


def test_a_claim_shows_what_speaks_against_it(store: Store) -> None:
    one, other = make_document("one", "one.md"), make_document("other", "other.md")
    used, denied = make_claim(document=one), make_claim(document=other, modality=Modality.NEGATED)
    queue = run(store, make_finding(one, used), make_finding(other, denied))
    view = queue.view(used.id)
    assert ([claim.id for claim in view.against], view.links[0].chip) == ([denied.id], H800)
    assert view.documents[one.sha256].name == "one.md"


def test_a_run_ranks_its_own_models_alone_and_takes_out_what_is_made_no_longer(store: Store) -> None:
    document, other = make_document(), make_document("fir", "fir.md")
    lost, kept = make_claim(chip=H20, document=document), make_claim(document=other, subject=FIR)
    run(store, make_finding(document, lost), make_finding(other, kept))
    queue = run(store, make_finding(document, make_claim(document=document)))
    assert set(shown(queue)) == {kept.id, make_claim(document=document).id}


def planted_base(store: Store) -> tuple[ReviewQueue, set[str], list[Claim]]:
    counts = [make_document(f"count {i}", f"count-{i}.md") for i in range(30)]
    claims = [
        make_claim(ClaimType.CHIP_COUNT, value=16 * i, document=d, quote=f"{16 * i} H800", unit="chips")
        for i, d in enumerate(counts, 1)
    ]
    queue = run(
        store,
        *(make_finding(d, c) for d, c in zip(counts, claims, strict=True)),
        rules=without_extras(plant_share=0.4),
    )
    return queue, set(shown(queue)) - {claim.id for claim in claims}, claims


def test_planted_claims_are_asked_like_others_and_enter_neither_links_nor_documents(store: Store) -> None:
    queue, planted, claims = planted_base(store)
    assert 4 <= len(planted) <= 20
    before = store.links()
    log = DecisionLog(store)
    for number, claim in enumerate(sorted(planted)):
        log.decide(claim, Action.REJECT if number else Action.ACCEPT, "ada", NOON)
    assert store.links() == before
    assert {s.claim.id for s in store.statements()} == {claim.id for claim in claims}
    assert {c.id for d in (c.evidence[0].sha256 for c in claims) for c in queue.document(d)} == {c.id for c in claims}
    assert not planted & set(shown(queue))
    (catch,) = measure_catches(log.all())
    assert (catch.planted, catch.missed) == (len(planted), 1)


def test_a_planted_claim_is_wrong_by_its_own_words() -> None:
    document = make_document()
    other = make_claim(chip=H20, subject=FIR, document=document, quote="Fir-3B on H20")
    count = make_claim(ClaimType.CHIP_COUNT, value=2048, document=document, quote="trained on 2,048 H800")
    made = [p for seed in range(40) for p in plant_claims("w", [count, other], KNOWN, 1.0, seed)]
    assert {plant.alteration.field for plant in made} == {"chip", "value", "subject"}
    for plant in made:
        assert plant.claim.id not in (count.id, other.id)
        assert plant.claim.evidence == plant.origin.evidence
        if plant.alteration.field == "chip" and plant.claim.chip and plant.origin is count:
            assert not plant.claim.chip.id.startswith("nvidia-h800")
        if plant.alteration.field == "value":
            assert plant.claim.value != 2048


def test_one_seed_plants_one_set_of_claims_and_a_run_over_the_same_changes_none(store: Store) -> None:
    _, planted, claims = planted_base(store)
    documents = [make_document(f"count {i}", f"count-{i}.md") for i in range(30)]
    again = run(
        store,
        *(make_finding(d, c) for d, c in zip(documents, claims, strict=True)),
        rules=without_extras(plant_share=0.4),
    )
    assert planted <= set(shown(again))


def decisions(reviewer: str, verdicts: list[Action]) -> list[Decision]:
    claims = [make_claim(ClaimType.CHIP_COUNT, value=n + 1, unit="chips") for n in range(len(verdicts))]
    return [
        Decision(
            action=action,
            claim=claim.id,
            work="w",
            reviewer=reviewer,
            time=NOON + timedelta(minutes=1),
            seen=claim,
            reason="wrong" if action is Action.REJECT else None,
            stated=correct_claim("w", claim, {"value": 7000}) if action is Action.CORRECT else None,
        )
        for claim, action in zip(claims, verdicts, strict=True)
    ]


def test_agreement_is_cohen_s() -> None:
    """The worked example of Cohen's kappa with 20, 5, 10 and 15 pairs: 0.7 observed, 0.5 by chance, kappa 0.4."""
    yes, no = Action.ACCEPT, Action.REJECT
    ada = [yes] * 25 + [no] * 25
    bob = [yes] * 20 + [no] * 5 + [yes] * 10 + [no] * 15
    (found,) = measure_agreement([*decisions("ada", ada), *decisions("bob", bob)])
    assert (found.claims, found.agreed) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)


@given(st.lists(st.sampled_from([Action.ACCEPT, Action.REJECT, Action.CORRECT]), min_size=1, max_size=12))
def test_who_agrees_throughout_has_kappa_one_or_none(verdicts: list[Action]) -> None:
    (found,) = measure_agreement([*decisions("ada", verdicts), *decisions("bob", verdicts)])
    assert found.agreed == 1
    assert found.kappa in (None, pytest.approx(1.0))


def test_skips_and_what_was_decided_in_sight_of_others_measure_no_agreement() -> None:
    ada, bob = decisions("ada", [Action.ACCEPT]), decisions("bob", [Action.REJECT])
    final = Decision(**{**bob[0].model_dump(exclude={"id"}), "reviewer": "cy", "final": True})
    assert measure_agreement([*ada, *decisions("bob", [Action.SKIP]), final]) == []


def test_others_models_rank_below_the_document_s_own() -> None:
    own = make_claim(ClaimType.PARAMETERS, None, 7e9, confidence=0.6)
    others = make_claim(ClaimType.PARAMETERS, None, 8e9, confidence=0.6, attribution=Attribution.OTHER, subject=LARCH)
    found = ranks(own, others)
    assert found[own.id] > found[others.id]
