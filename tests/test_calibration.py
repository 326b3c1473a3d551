"""Confidence: what moves it, what was learned of it, and whether it keeps its word."""

from __future__ import annotations

import json
import math
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from readings import make_document as make_reading
from specimens import make_claim, make_document
from statements import LARCH, claims_in

sys.path.insert(0, str(Path(__file__).parents[1]))

import extractors.lexicon as lexicon
import registry
from benchmarks.calibration import FEWEST, Examples, apply, fit, hold_out, make_examples, read_labels, write
from evidence.calibration import make_bins, measure_reliability
from evidence.evaluation import judge_claims
from evidence.gold import Gold
from evidence.statements import Statement
from extractors.claim import Attribution, Chip, Claim, ClaimType, Modality, Reason, Status
from extractors.claims.confidence import Calibration, chance, fitted
from extractors.claims.document import read_claims
from extractors.lexicon import LexiconError
from extractors.reading import read
from flows.command import cli
from outputs.lines import canonical_json, make_claim_line

REPORT = make_document(name="larch.md")
TWO_SIZES = LARCH + "Larch-7B was trained on 2T tokens.\n\n## Data\n\nLarch-7B was trained on 3T tokens.\n"
TRIAL = LARCH + "For the ablation, we train a 100M model on a single A100 GPU.\n"


def by_hand(body: str, calibration: Calibration | None = None) -> tuple[Claim, ...]:
    """The claims of a text, as sure as a calibration says; without one, as the weights set by hand say."""
    document = make_reading(body.encode(), "larch.md")
    text = read(body.encode(), document).text
    assert text is not None
    return read_claims(document, text, registry.load(), calibration or Calibration())


def gold(*facts: dict[str, object]) -> Gold:
    filled = [{"subject": "Larch-7B", "stage": "pre-training", **fact} for fact in facts]
    return Gold.model_validate({"document": "larch.md", "claims": filled})


def examples(*rows: tuple[dict[str, float], bool, str], times: int = 1) -> Examples:
    names = tuple(sorted({name for reasons, _, _ in rows for name in reasons}))
    weights = np.array([[reasons.get(name, 0.0) for name in names] for reasons, _, _ in rows * times])
    right = np.array([float(right) for _, right, _ in rows * times])
    return Examples(names, weights, right, np.array([label for _, _, label in rows * times]))


@pytest.mark.parametrize("body", [LARCH + "We trained Larch-7B on 64 H800 GPUs for 3 days.", TWO_SIZES, TRIAL])
def test_the_reasons_of_a_claim_sum_to_the_odds_of_its_confidence(body: str) -> None:
    claims = claims_in(body)
    assert claims
    for claim in claims:
        assert claim.confidence == chance(sum(reason.weight for reason in claim.reasons))
        assert all(reason.weight for reason in claim.reasons if ":" in reason.name)


def test_a_factor_scales_a_reason_and_a_shift_moves_the_claims_of_a_rule() -> None:
    body = LARCH + "We trained Larch-7B on 64 H800 GPUs."
    plain = next(c for c in by_hand(body) if c.type is ClaimType.CHIP_COUNT)
    learned = Calibration({"base": 0.5}, {f"rule:{plain.rule}": -0.25})
    moved = next(c for c in by_hand(body, learned) if c.type is ClaimType.CHIP_COUNT)
    assert moved.confidence == chance(sum(reason.weight for reason in plain.reasons) - 0.5 - 0.25)
    assert moved.reasons[-1] == Reason(name=f"rule:{plain.rule}", weight=-0.25)


def test_a_claim_that_falls_below_even_odds_is_contested() -> None:
    body = LARCH + "We trained Larch-7B on 64 H800 GPUs."
    (count,) = (c for c in by_hand(body) if c.type is ClaimType.CHIP_COUNT)
    (doubted,) = (
        c for c in by_hand(body, Calibration({}, {f"rule:{count.rule}": -6.0})) if c.type is ClaimType.CHIP_COUNT
    )
    assert (count.status, doubted.status) == (Status.ASSERTED, Status.CONTESTED)
    assert (count.id, count.evidence) == (doubted.id, doubted.evidence)


def test_two_values_of_one_figure_are_each_a_reason_to_doubt_the_other() -> None:
    def rivals(body: str) -> list[bool]:
        tokens = [c for c in by_hand(body) if c.type is ClaimType.TRAINING_TOKENS]
        return ["context:rival-values" in {r.name for r in c.reasons} for c in tokens]

    assert rivals(TWO_SIZES) == [True, True]
    assert rivals(TWO_SIZES.replace("3T", "2T")) == [False]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"scale": [{"reason": "base", "factor": -0.5}]}, r"\[\[scale\]\] base: a factor below 0"),
        ({"scale": [{"reason": "base", "factor": 1}] * 2}, r"\[\[scale\]\] 2: base stands twice"),
        ({"shift": [{"trait": "prose-count", "weight": 1}]}, r"\[\[shift\]\] prose-count: a trait begins with"),
        ({"shift": [{"trait": "rule:prose-count"}]}, r"\[\[shift\]\] 1: it needs 'trait', a name, and 'weight'"),
        ({"shift": [{"trait": "rule:x", "weigth": 1}]}, r"\[\[shift\]\] 1: unknown key\(s\) weigth"),
    ],
)
def test_a_calibration_that_makes_no_sense_is_refused(
    content: dict[str, object], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "_read", lambda _: content)
    fitted.cache_clear()
    with pytest.raises(LexiconError, match=fault):
        fitted()


def test_what_is_written_is_what_the_rules_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learned = Calibration({"base": 1.25, "table": 0.0}, {"context:many-models": -0.5, "rule:prose-count": 0.12})
    write(tmp_path / "confidence.toml", learned, "abc", "2026-01-02", 7)
    content = tomllib.loads((tmp_path / "confidence.toml").read_text())
    monkeypatch.setattr(lexicon, "_read", lambda _: content)
    fitted.cache_clear()
    assert fitted() == learned
    fitted.cache_clear()


def test_a_rule_that_is_mostly_wrong_is_shifted_down_and_a_reason_that_tells_is_scaled_up() -> None:
    base = {"base": 1.0}
    learned = fit(
        examples(
            ({**base, "rule:good": 1.0}, True, "a"),
            ({**base, "rule:good": 1.0}, True, "b"),
            ({**base, "rule:bad": 1.0}, False, "a"),
            ({**base, "rule:bad": 1.0, "telling": 1.0}, True, "b"),
            times=100,
        )
    )
    assert learned.shifts["rule:bad"] < -0.5 < 0.5 < learned.shifts["rule:good"]
    assert learned.scales["telling"] > 1.5


def test_what_was_seen_too_seldom_stays_as_it_was_set_by_hand() -> None:
    often = [({"base": 1.0}, True, "a")] * 20
    seldom = [({"base": 1.0, "rare": 1.0, "rule:rare": 1.0}, False, "a")]
    few = fit(examples(*often, *seldom * (FEWEST - 1)))
    assert "rare" not in few.scales
    assert "rule:rare" not in few.shifts
    assert fit(examples(*often, *seldom * FEWEST)).scales["rare"] < 1


def test_no_reason_is_turned_round() -> None:
    misleading = fit(examples(({"base": 1.0, "for": 2.0}, False, "a"), ({"base": 1.0}, True, "a"), times=400))
    assert misleading.scales["for"] == 0


def test_a_label_that_is_held_out_teaches_nothing_about_itself() -> None:
    base = (Reason(name="base", weight=1.0),)
    claims = [
        make_claim(document=make_document(name=f"{label}.md"), id=f"{label}{n}", reasons=base)
        for label in "ab"
        for n in range(40)
    ]
    labels = {"a.md": "a", "b.md": "b"}

    def said(right_in_a: bool) -> dict[str, float]:
        fact = {"type": "hardware", "subject": "Larch-7B", "chip": "nvidia-h800"}
        golds = [
            Gold.model_validate({"document": "a.md", "claims": [fact] if right_in_a else []}),
            Gold.model_validate({"document": "b.md", "claims": [fact]}),
        ]
        held = hold_out(make_examples(golds, claims, labels), claims, labels)
        return {c.evidence[0].document: c.confidence for c in held}

    assert said(True)["a.md"] == said(False)["a.md"] > chance(1.0)
    assert said(True)["b.md"] > said(False)["b.md"]


def test_a_fit_of_the_hand_set_weights_changes_nothing() -> None:
    (claim, *_) = by_hand(LARCH + "We trained Larch-7B on 64 H800 GPUs.")
    assert apply(Calibration(), claim).confidence == claim.confidence


def test_the_houses_of_one_firm_are_one_label(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(
        "file,organisation\na,Google DeepMind\nb,Google\nc,Meta AI\nd,DeepSeek-AI\ne,Alibaba Qwen Team\n"
    )
    assert read_labels(manifest) == {"a": "google", "b": "google", "c": "meta", "d": "deepseek", "e": "alibaba"}


def test_duplicates_are_right_and_what_gold_does_not_hold_is_not_judged() -> None:
    fact = {"type": "hardware", "chip": "nvidia-h800"}
    coarse = Chip(id="nvidia-h800-80gb", name="H800 80GB")
    claims = [
        make_claim(id="right"),
        make_claim(id="again", chip=coarse),
        make_claim(id="wrong", chip=Chip(id="nvidia-a100", name="A100")),
        make_claim(id="negated", modality=Modality.NEGATED),
        make_claim(ClaimType.PARAMETERS, None, 7e9, id="of-others", attribution=Attribution.OTHER),
        make_claim(id="elsewhere", document=make_document(name="fir.md")),
    ]
    verdicts = {claim.id: right for claim, right in judge_claims([gold(fact)], claims)}
    assert verdicts == {"right": True, "again": True, "wrong": False}


def test_sure_claims_are_measured_by_how_many_are_right_and_how_many_facts_they_hold() -> None:
    facts = [{"type": "chip_count", "chip": "nvidia-h800", "value": value} for value in (64, 128)]
    claims = [
        make_claim(ClaimType.CHIP_COUNT, value=value, id=str(value), confidence=sure)
        for value, sure in ((64, 0.95), (128, 0.6), (256, 0.92))
    ]
    measured = measure_reliability([gold(*facts)], claims)
    assert (measured.claims, measured.sure, measured.sure_right, measured.sure_recall) == (3, 2, 0.5, 0.5)


def test_confidence_that_keeps_its_word_has_no_error() -> None:
    verdicts = [(0.8, i % 5 > 0) for i in range(50)]
    (one,) = make_bins(verdicts, 1)
    assert one.said == pytest.approx(one.right)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.integers(1, 12))
def test_bins_hold_every_claim_once_in_order_and_are_of_one_size(
    verdicts: list[tuple[float, bool]], count: int
) -> None:
    bins = make_bins(verdicts, count)
    assert sum(b.claims for b in bins) == len(verdicts)
    assert math.isclose(sum(b.right * b.claims for b in bins), sum(right for _, right in verdicts), abs_tol=1e-9)
    assert all(a.high <= b.low for a, b in pairwise(bins))
    assert not bins or max(b.claims for b in bins) - min(b.claims for b in bins) <= 1


@pytest.fixture
def scored(tmp_path: Path) -> list[str]:
    facts = [{"type": "chip_count", "subject": "Larch-7B", "chip": "nvidia-h800", "value": 64}]
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "larch.json").write_text(json.dumps({"document": "larch.md", "claims": facts}))
    made = tmp_path / "set"
    made.mkdir()
    for name, value, sure, status in (("claims", 64, 0.95, "asserted"), ("contested", 7, 0.2, "contested")):
        claim = make_claim(ClaimType.CHIP_COUNT, value=value, confidence=sure, status=Status(status))
        (made / f"{name}.jsonl").write_text(canonical_json(make_claim_line(Statement(claim, None, None))) + "\n")
    return ["evaluate", "--gold", str(tmp_path / "gold"), "--claims", str(made), "--calibration"]


def test_evaluate_shows_the_calibration_of_contested_claims_too(scored: list[str]) -> None:
    told = json.loads(CliRunner().invoke(cli, [*scored, "--json"]).stdout)["calibration"]
    assert [(b["said"], b["right"]) for b in told["bins"]] == [(0.2, 0), (0.95, 1)]
    assert told["error"] == pytest.approx((0.2 + 0.05) / 2)
    assert "2 claims, calibration error 0.125" in CliRunner().invoke(cli, scored).stdout


def test_evaluate_draws_a_dot_for_each_bin_within_the_frame(scored: list[str], tmp_path: Path) -> None:
    target = tmp_path / "reliability.svg"
    assert CliRunner().invoke(cli, [*scored, "-o", str(target)]).exit_code == 0
    drawing = ElementTree.parse(target).getroot()
    dots = [mark for mark in drawing.iter() if mark.get("class") == "dot"]
    width, height = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    places = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in dots]
    assert len(places) == 2
    assert all(0 < x < width and 0 < y < height for x, y in places)
    (x, y), (x2, y2) = places
    assert x < x2
    assert y > y2
    assert CliRunner().invoke(cli, [*scored, "-o", "-"]).stdout == target.read_text(encoding="utf-8")


def test_a_diagram_of_nothing_is_refused(scored: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, [*scored[:-1], "-o", str(tmp_path / "x.svg")])
    assert done.exit_code == 2
    assert "--calibration" in done.output


def test_claims_without_gold_have_no_calibration_and_the_diagram_says_so(scored: list[str], tmp_path: Path) -> None:
    (tmp_path / "gold" / "larch.json").write_text(json.dumps({"document": "fir.md", "claims": []}))
    assert "0 claims" in CliRunner().invoke(cli, scored).stdout
    assert CliRunner().invoke(cli, [*scored, "-o", "-"]).stdout.startswith("<svg")
