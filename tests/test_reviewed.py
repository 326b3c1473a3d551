"""What reviewers settled teaches: it scores the rules, becomes gold, and travels between people who work apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click import UsageError
from click.testing import CliRunner, Result
from specimens import H20, LARCH, make_claim, make_document, make_finding

from evidence.decision_log import DecisionLog
from evidence.decisions import Action, Decision, state_claim
from evidence.evaluation import evaluate
from evidence.gold import load_gold
from evidence.placing import place_decisions
from evidence.reviewed import gather_reviewed, make_gold
from evidence.store import Store
from evidence.versions import Versions
from extractors.claim import Claim, ClaimType, Stage
from flows.command import cli
from flows.commands.review import DecisionFileError
from outputs.difference import Cause, compare_sets
from outputs.verification import verify_set

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
REPORT = make_document("Larch-7B was trained on 2,048 H800, and evaluated on H20.")
WORK = str(REPORT.work)
USED = make_claim(document=REPORT)
COUNT = make_claim(ClaimType.CHIP_COUNT, value=2048, document=REPORT, quote="2,048 H800", unit="chips")
WRONG = make_claim(ClaimType.CHIP_HOURS, value=2048, document=REPORT, quote="2,048 H800", unit="chip-hours")
MISSED = make_claim(chip=H20, document=REPORT, stage=Stage.EVALUATION, quote="evaluated on H20")
ADDED = state_claim(WORK, MISSED.evidence[0], ClaimType.HARDWARE, LARCH, H20, stage=Stage.EVALUATION)


def make_base(url: str, *claims: Claim) -> str:
    with Store(url) as store:
        number = store.begin_run(Versions(package="0", rules="r", registry="k", text="t"), NOON)
        store.record(number, make_finding(REPORT, *claims))
        place_decisions(store)
        store.derive_links()
    return url


@pytest.fixture
def base(tmp_path: Path) -> str:
    url = make_base(f"sqlite:///{tmp_path}/base.sqlite", USED, COUNT, WRONG)
    with Store(url) as store:
        log = DecisionLog(store)
        log.decide(USED.id, Action.ACCEPT, "ada", NOON)
        log.decide(COUNT.id, Action.CORRECT, "ada", NOON, changes={"value": 1024})
        log.decide(WRONG.id, Action.REJECT, "ada", NOON)
        log.add(ADDED, WORK, "ada", NOON)
    return url


def call(*words: str) -> Result:
    """The command in this process; a fault that it would tell is in `exception`."""
    return CliRunner().invoke(cli, words, standalone_mode=False)


def decisions(url: str) -> list[Decision]:
    with Store(url) as store:
        return DecisionLog(store).all()


def test_the_rules_are_scored_on_what_was_settled_and_on_what_was_missing(base: str) -> None:
    unseen = make_claim(ClaimType.PARAMETERS, None, 7e9, document=REPORT)
    reviewed = gather_reviewed(decisions(base), [USED, COUNT, WRONG, unseen])
    scored = evaluate(reviewed.golds, reviewed.claims)
    used, count, hours = (scored.strict[c.type] for c in (USED, COUNT, WRONG))
    assert (used.precision, used.recall) == (1, 0.5)
    assert (count.precision, count.recall) == (0, 0)
    assert (len(hours.false_alarms), unseen in reviewed.claims) == (1, False)


def test_rules_that_learn_from_the_review_score_better_without_being_reviewed_again(base: str) -> None:
    learnt = make_claim(ClaimType.CHIP_COUNT, value=1024, document=REPORT, quote="2,048 H800", unit="chips")
    reviewed = gather_reviewed(decisions(base), [USED, learnt, MISSED])
    scored = evaluate(reviewed.golds, reviewed.claims)
    assert all(tally.f1 == 1 for tally in scored.strict.values())


def test_an_accepted_claim_that_is_found_no_longer_is_a_miss(base: str) -> None:
    scored = evaluate((reviewed := gather_reviewed(decisions(base), [MISSED])).golds, reviewed.claims)
    assert len(scored.strict[ClaimType.HARDWARE].missed) == 1


def test_what_was_settled_is_gold_in_the_form_of_an_analyst_s(base: str, tmp_path: Path) -> None:
    out = tmp_path / "gold"
    assert call("review", "--gold", str(out), "--base", base).exception is None
    (gold,) = load_gold(out)
    assert (gold.document, gold.complete) == (REPORT.name, {"chip": False, "facts": False})
    assert sorted((fact.type, fact.chip, fact.value, fact.stage) for fact in gold.claims) == [
        ("chip_count", "nvidia-h800", 1024, "pre-training"),
        ("hardware", "nvidia-h20", None, "evaluation"),
        ("hardware", "nvidia-h800", None, "pre-training"),
    ]


def test_planted_and_disputed_claims_teach_nothing(base: str) -> None:
    with Store(base) as store:
        DecisionLog(store).decide(USED.id, Action.REJECT, "bob", NOON)
    said = decisions(base)
    planted = Decision(
        action=Action.ACCEPT, claim="c1-planted", work=WORK, reviewer="ada", time=NOON,
        seen=make_claim(chip=H20, document=REPORT, id="c1-planted"),
        planted={"field": "chip", "was": "nvidia-h800", "made": "nvidia-h20"},  # type: ignore[arg-type]
    )  # fmt: skip
    (record,) = make_gold([*said, planted])
    assert {(fact["type"], fact["chip"]) for fact in record["claims"]} == {
        ("chip_count", "nvidia-h800"),
        ("hardware", "nvidia-h20"),
    }


def test_people_who_worked_apart_merge_in_any_order(base: str, tmp_path: Path) -> None:
    other = make_base(f"sqlite:///{tmp_path}/other.sqlite", USED, COUNT, WRONG)
    with Store(other) as store:
        DecisionLog(store).decide(USED.id, Action.REJECT, "bob", NOON + timedelta(hours=1))
    mine, theirs = tmp_path / "ada.jsonl", tmp_path / "bob.jsonl"
    assert call("review", "--export", str(mine), "--base", base).exception is None
    assert call("review", "--export", str(theirs), "--base", other).exception is None
    added = call("review", "--import", str(theirs), "--base", base, "--json")
    again = call("review", "--import", str(theirs), "--import", str(theirs), "--base", base, "--json")
    call("review", "--import", str(mine), "--base", other)
    assert json.loads(added.stdout) == {"added": 1, "known": 0}
    assert json.loads(again.stdout) == {"added": 0, "known": 1}
    assert decisions(base) == decisions(other)
    assert {decision.reviewer for decision in decisions(other)} == {"ada", "bob"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda line: line.replace("ada", "eve"), "altered"),
        (lambda line: line[:40], "not JSON"),
        (lambda line: line.replace('"accept"', '"admire"'), "action"),
    ],
)
def test_a_file_of_decisions_that_cannot_be_trusted_changes_nothing(
    base: str, tmp_path: Path, spoil: Callable[[str], str], words: str
) -> None:
    path = tmp_path / "theirs.jsonl"
    call("review", "--export", str(path), "--base", base)
    lines = path.read_text().splitlines()
    accept = next(i for i, line in enumerate(lines) if '"accept"' in line)
    path.write_text("\n".join([*lines[:accept], spoil(lines[accept]), *lines[accept + 1 :]]))
    fresh = make_base(f"sqlite:///{tmp_path}/fresh.sqlite", USED)
    refused = call("review", "--import", str(path), "--base", fresh)
    assert (type(refused.exception), decisions(fresh)) == (DecisionFileError, [])
    assert f"theirs.jsonl, line {accept + 1}" in str(refused.exception)
    assert words in str(refused.exception)


def test_evaluate_takes_the_review_for_gold(base: str) -> None:
    scored = json.loads(call("evaluate", "--reviewed", "--base", base, "--json").stdout)["scores"]
    assert scored["hardware"] == {"precision": 1, "recall": 0.5, "f1": pytest.approx(2 / 3), "gold": 2}
    shown = call("evaluate", "--reviewed", "--base", base, "--calibration", "--json")
    assert sum(b["claims"] for b in json.loads(shown.stdout)["calibration"]["bins"]) == 3
    assert isinstance(call("evaluate", "--base", base).exception, UsageError)


def test_a_set_holds_what_stands_and_every_decision_with_what_the_machine_read(base: str, tmp_path: Path) -> None:
    out = tmp_path / "set"
    assert call("export", "--out", str(out), "--base", base).exception is None
    lines = [json.loads(line) for line in (out / "claims.jsonl").read_text().splitlines()]
    told = {(line["type"], line["chip"]["id"], line["value"]): line["review"] for line in lines}
    assert told == {
        ("chip_count", "nvidia-h800", 1024): {
            "state": "corrected",
            "reviewers": ["ada"],
            "machine": {"value": 2048},
        },
        ("hardware", "nvidia-h20", None): {"state": "accepted", "reviewers": ["ada"], "machine": {}},
        ("hardware", "nvidia-h800", None): {"state": "accepted", "reviewers": ["ada"], "machine": {}},
    }
    reviews = [json.loads(line) for line in (out / "reviews.jsonl").read_text().splitlines()]
    corrected = next(line for line in reviews if line["action"] == "correct")
    assert (corrected["machine"]["value"], corrected["stated"]["value"]) == (2048, 1024)
    assert next(line for line in reviews if line["action"] == "reject")["machine"]["id"] == WRONG.id
    links = [json.loads(line) for line in (out / "links.jsonl").read_text().splitlines()]
    assert {(link["chip"]["id"], link["role"]) for link in links} == {
        ("nvidia-h800", "trained_on"),
        ("nvidia-h20", "evaluated_on"),
    }
    assert list(verify_set(out)) == []


def test_the_difference_of_two_sets_says_what_was_reviewed(base: str, tmp_path: Path) -> None:
    call("export", "--out", str(tmp_path / "old"), "--base", base)
    with Store(base) as store:
        log = DecisionLog(store)
        log.decide(USED.id, Action.REJECT, "ada", NOON + timedelta(hours=1))
    call("export", "--out", str(tmp_path / "new"), "--base", base)
    changes = compare_sets(tmp_path / "old", tmp_path / "new")
    assert {(change.id, change.cause) for change in changes if change.kind == "claim"} == {(USED.id, Cause.REVIEWED)}
