"""Decisions on claims: kept as they were taken, found again by what is claimed, and felt in the links."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bases import make_base
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specimens import H20, H800, LARCH, make_claim, make_document, make_finding
from statements import LARCH as CARD
from statements import claims_in

import registry
from corpus.document import Document
from evidence.decision_log import ClaimChangedError, DecisionLog
from evidence.decisions import (
    Action,
    Decision,
    DecisionError,
    State,
    active,
    changed_fields,
    correct_claim,
    digest_reading,
    identify,
    name_subject,
    state_claim,
    taken_back,
)
from evidence.placing import place_decisions
from evidence.review_rules import ReviewRulesError, load_review_rules
from evidence.shown import UnknownClaimError
from evidence.store import Store
from evidence.versions import Versions
from extractors.claim import Claim, ClaimType, Evidence, Stage, Status

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
VERSIONS = Versions(package="0", rules="r", registry="k", text="t")
REPORT = make_document("Larch-7B was trained on 2,048 H800. It was served on H20.")
USED = make_claim(document=REPORT)
COUNT = make_claim(ClaimType.CHIP_COUNT, value=2048, document=REPORT, quote="trained on 2,048 H800", unit="chips")
DOUBTFUL = make_claim(
    chip=H20, stage=Stage.INFERENCE, document=REPORT, quote="served on H20", status=Status.CONTESTED, confidence=0.4
)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store(make_base(request.param, tmp_path)) as opened:
        yield opened


@pytest.fixture
def log(store: Store) -> DecisionLog:
    run(store, USED, COUNT, DOUBTFUL)
    return DecisionLog(store)


def run(store: Store, *claims: Claim, document: Document = REPORT) -> None:
    number = store.begin_run(VERSIONS, NOON)
    store.record(number, make_finding(document, *claims))
    place_decisions(store)
    store.derive_links()


def chips_of(store: Store) -> list[str]:
    return sorted(f"{link.chip.id} {link.role}" for link in store.links("larch-7b"))


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def state(log: DecisionLog, claim: Claim) -> State:
    return log.standing(claim.id).state


def test_a_claim_that_was_rejected_supports_no_link(store: Store, log: DecisionLog) -> None:
    log.decide(USED.id, Action.REJECT, "ada", NOON)
    log.decide(COUNT.id, Action.REJECT, "ada", NOON)
    assert chips_of(store) == []
    log.undo(log.last("ada")[0].id, "ada", minute(1))
    log.undo(log.last("ada")[0].id, "ada", minute(2))
    assert chips_of(store) == ["nvidia-h800 trained_on"]


def test_a_contested_claim_that_is_accepted_makes_its_link(store: Store, log: DecisionLog) -> None:
    assert "nvidia-h20 served_on" not in chips_of(store)
    log.decide(DOUBTFUL.id, Action.ACCEPT, "ada", NOON)
    assert "nvidia-h20 served_on" in chips_of(store)


def test_a_correction_counts_in_the_link_and_both_readings_are_kept(store: Store, log: DecisionLog) -> None:
    decision = log.decide(COUNT.id, Action.CORRECT, "ada", NOON, changes={"value": 1024})
    assert decision.seen == COUNT
    assert decision.stated is not None
    assert changed_fields(COUNT, decision.stated) == {"value": (2048.0, 1024.0)}
    (link,) = store.links("larch-7b")
    assert [(figure.value, figure.claims) for figure in link.counts] == [(1024, (COUNT.id,))]
    assert [s.claim for s in store.statements() if s.claim.id == COUNT.id] == [COUNT]


def test_a_claim_corrected_to_another_model_leaves_the_first_and_joins_the_other(
    store: Store, log: DecisionLog
) -> None:
    other = name_subject("Fir-3B", "model", registry.load())
    for claim in (USED, COUNT):
        log.decide(claim.id, Action.CORRECT, "ada", NOON, changes={"subject": other.model_dump()})
    assert (store.links("larch-7b"), [link.chip for link in store.links("fir-3b")]) == ([], [H800])


def test_a_claim_that_was_missing_makes_its_link_and_is_not_asked_again_when_the_rules_find_it(
    store: Store, log: DecisionLog
) -> None:
    found = make_claim(chip=H20, stage=Stage.EVALUATION, document=REPORT, quote="evaluated on H20")
    work = str(REPORT.work)
    missing = state_claim(work, found.evidence[0], ClaimType.HARDWARE, LARCH, H20, stage=Stage.EVALUATION)
    log.add(missing, work, "ada", NOON)
    assert "nvidia-h20 evaluated_on" in chips_of(store)
    found = found.model_copy(update={"id": missing.id})
    run(store, USED, COUNT, DOUBTFUL, found)
    assert state(log, found) is State.ACCEPTED
    assert sum(link.chip == H20 for link in store.links("larch-7b")) == 1


def test_decisions_are_where_they_belong_after_a_run_that_finds_the_same(store: Store, log: DecisionLog) -> None:
    log.decide(USED.id, Action.ACCEPT, "ada", NOON)
    log.decide(COUNT.id, Action.REJECT, "ada", NOON)
    surer = [claim.model_copy(update={"confidence": 0.99, "rule": "other"}) for claim in (USED, COUNT, DOUBTFUL)]
    run(store, *surer)
    assert (state(log, USED), state(log, COUNT), state(log, DOUBTFUL)) == (
        State.ACCEPTED,
        State.REJECTED,
        State.OPEN,
    )


def test_a_decision_on_a_claim_that_reads_otherwise_now_comes_back_marked_so(store: Store, log: DecisionLog) -> None:
    log.decide(COUNT.id, Action.REJECT, "ada", NOON)
    log.decide(USED.id, Action.REJECT, "ada", NOON)
    again = COUNT.model_copy(update={"qualifier": "about"})
    otherwise = make_claim(document=REPORT, stage=Stage.POST_TRAINING)
    run(store, again, otherwise)
    assert (state(log, again), state(log, otherwise)) == (State.CHANGED, State.CHANGED)
    assert "nvidia-h800 trained_on" in chips_of(store)


def test_a_decision_stays_when_the_same_is_claimed_under_another_id(store: Store, log: DecisionLog) -> None:
    log.decide(USED.id, Action.REJECT, "ada", NOON)
    renamed = USED.model_copy(update={"id": "c2-other"})
    run(store, renamed, COUNT)
    assert state(log, renamed) is State.REJECTED


def test_a_correction_that_the_rules_have_learnt_is_an_accepted_claim(store: Store, log: DecisionLog) -> None:
    decision = log.decide(COUNT.id, Action.CORRECT, "ada", NOON, changes={"value": 1024})
    assert decision.stated is not None
    learnt = make_claim(ClaimType.CHIP_COUNT, value=1024, document=REPORT, quote="trained on 2,048 H800", unit="chips")
    run(store, USED, learnt)
    assert state(log, learnt) is State.ACCEPTED


def test_line_breaks_elsewhere_in_a_quote_change_no_claim(store: Store, log: DecisionLog) -> None:
    log.decide(USED.id, Action.ACCEPT, "ada", NOON)
    broken = make_claim(document=REPORT, quote="trained\non  H-800")
    run(store, broken)
    assert state(log, broken) is State.ACCEPTED


def test_a_decision_on_a_claim_that_changed_while_it_was_shown_is_refused(store: Store, log: DecisionLog) -> None:
    seen = digest_reading(COUNT)
    run(store, COUNT.model_copy(update={"stage": Stage.TRAINING}))
    with pytest.raises(ClaimChangedError) as fault:
        log.decide(COUNT.id, Action.ACCEPT, "ada", NOON, digest=seen)
    assert fault.value.now.stage is Stage.TRAINING
    with pytest.raises(UnknownClaimError):
        log.decide(USED.id, Action.ACCEPT, "ada", NOON)
    assert log.all() == []


def test_two_reviewers_who_differ_leave_the_claim_as_it_was_read_until_one_settles_it(
    store: Store, log: DecisionLog
) -> None:
    for claim in (USED, COUNT):
        log.decide(claim.id, Action.REJECT, "ada", NOON)
        log.decide(claim.id, Action.ACCEPT, "bob", minute(1))
    assert state(log, USED) is State.DISPUTED
    assert chips_of(store) == ["nvidia-h800 trained_on"]
    assert [standing.claim for standing in log.disputes()] == sorted([USED.id, COUNT.id])
    for claim in (USED, COUNT):
        log.decide(claim.id, Action.REJECT, "cy", minute(2), final=True)
    assert (log.disputes(), chips_of(store)) == ([], [])


def test_who_undoes_an_undo_has_decided_again_and_nobody_undoes_for_others(log: DecisionLog) -> None:
    first = log.decide(USED.id, Action.REJECT, "ada", NOON)
    with pytest.raises(DecisionError, match="ada's"):
        log.undo(first.id, "bob", minute(1))
    undo = log.undo(first.id, "ada", minute(1))
    assert state(log, USED) is State.OPEN
    assert log.last("ada") == []
    log.undo(undo.id, "ada", minute(2))
    assert state(log, USED) is State.REJECTED
    assert [(entry.decision.action, entry.undone) for entry in log.history()] == [
        (Action.UNDO, False),
        (Action.UNDO, True),
        (Action.REJECT, False),
    ]


def test_a_button_pressed_twice_is_one_decision(log: DecisionLog) -> None:
    for _ in range(2):
        log.decide(USED.id, Action.ACCEPT, "ada", NOON)
    assert len(log.all()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rule": "mine"}, "no field that can be corrected"),
        ({"value": 2048}, "changes nothing"),
        ({"chip": None}, "needs a chip"),
        ({"value": "many"}, "needs a number"),
        ({"stage": "baking"}, "stage"),
    ],
)
def test_a_correction_that_makes_no_claim_is_refused_with_why(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DecisionError, match=words):
        correct_claim(str(REPORT.work), COUNT, changes)


def test_a_new_value_drops_the_bounds_of_the_old_one() -> None:
    rough = COUNT.model_copy(update={"lower": 2000.0, "upper": 2100.0, "qualifier": "about"})
    stated = correct_claim("w", rough, {"value": 512})
    assert (stated.lower, stated.upper, stated.qualifier, stated.id) == (None, None, None, identify("w", stated))


def test_what_a_reviewer_states_has_the_id_that_the_rules_would_give_it() -> None:
    claims = claims_in(CARD + "It was trained on 2,048 H800 GPUs for 30 days.\n", work="doi:10.1/larch")
    assert claims
    assert [identify("doi:10.1/larch", claim) for claim in claims] == [claim.id for claim in claims]


def test_a_record_that_was_altered_is_refused() -> None:
    record = decision(Action.ACCEPT, "ada", 0)
    altered = record.model_dump_json().replace("ada", "bob")
    with pytest.raises(ValueError, match="altered"):
        Decision.model_validate_json(altered)


def test_a_rule_file_with_an_unknown_key_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "review.toml"
    path.write_text("[queue]\nlimitt = 3\n")
    with pytest.raises(ReviewRulesError, match=r"review\.toml: "):
        load_review_rules(path)


def test_ten_reviewers_who_write_at_once_lose_nothing(store: Store, log: DecisionLog) -> None:
    url = store.url.render_as_string(hide_password=False)
    faults: list[Exception] = []

    def write(reviewer: str) -> None:
        try:
            with Store(url) as own:
                mine = DecisionLog(own)
                for i in range(6):
                    mine.decide((USED, COUNT, DOUBTFUL)[i % 3].id, Action.SKIP, reviewer, minute(i))
        except Exception as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write, args=(f"r{i}",)) for i in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (faults, len(log.all())) == ([], 60)


def decision(action: Action, reviewer: str, at: int, cancels: str | None = None) -> Decision:
    stated = correct_claim("w", COUNT, {"value": 1024}) if action is Action.CORRECT else None
    seen = None if action is Action.UNDO else COUNT
    reason = "wrong" if action is Action.REJECT else None
    return Decision(
        action=action, claim=COUNT.id, work=str(REPORT.work), reviewer=reviewer, time=minute(at), reason=reason,
        seen=seen, stated=stated, cancels=cancels,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    """What two reviewers may write of one claim: verdicts, and undos of any record."""
    records: list[Decision] = []
    verdicts = st.sampled_from([Action.ACCEPT, Action.REJECT, Action.CORRECT, Action.SKIP])
    for at in range(draw(st.integers(1, 8))):
        reviewer = draw(st.sampled_from(["ada", "bob"]))
        if records and draw(st.booleans()):
            records.append(decision(Action.UNDO, reviewer, at, draw(st.sampled_from(records)).id))
        else:
            records.append(decision(draw(verdicts), reviewer, at))
    return records


@given(histories(), st.randoms(use_true_random=False))
def test_an_undo_of_the_last_record_brings_back_what_was_before(records: list[Decision], chance: Any) -> None:
    target = chance.choice(records)
    if target.id in taken_back(records):
        return
    undo = decision(Action.UNDO, target.reviewer, 20, target.id)
    again = decision(Action.UNDO, target.reviewer, 21, undo.id)
    assert target.id in taken_back([*records, undo])
    assert active([*records, undo, again]) == active(records)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.data())
def test_any_order_of_imports_gives_one_state(
    tmp_path_factory: pytest.TempPathFactory, records: list[Decision], data: st.DataObject
) -> None:
    found = []
    for order in (records, data.draw(st.permutations(records))):
        with Store(make_base("sqlite", tmp_path_factory.mktemp("base"))) as store:
            run(store, USED, COUNT)
            log = DecisionLog(store)
            cut = data.draw(st.integers(0, len(order)))
            log.merge(order[:cut])
            log.merge(order)
            found.append((log.all(), log.standing(COUNT.id), store.links()))
            place_decisions(store)
            assert log.standing(COUNT.id) == found[-1][1]
    assert found[0] == found[1]


def test_an_import_that_is_repeated_adds_nothing(log: DecisionLog) -> None:
    records = [decision(Action.REJECT, "ada", 0), decision(Action.ACCEPT, "bob", 1)]
    assert log.merge(records).added == 2
    assert (log.merge(records).added, log.merge(records).known) == (0, 2)


def test_words_added_rest_on_a_document_of_the_base(log: DecisionLog) -> None:
    nowhere = Evidence(document="x", sha256="0" * 64, page=None, quote="on H20", start=0, end=6)
    with pytest.raises(DecisionError, match="document"):
        log.add(state_claim("w", nowhere, ClaimType.HARDWARE, LARCH, H20), "w", "ada", NOON)
