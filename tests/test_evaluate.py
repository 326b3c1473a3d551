"""Scoring claims against gold facts."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from specimens import H20, make_claim, make_document

from evidence.evaluation import CHIP_TOTAL, FACT_TOTAL, evaluate
from evidence.gold import Gold, GoldError, load_gold
from extractors.claim import Attribution, Chip, Claim, ClaimType, Modality, Stage, Subject

REPORT = make_document(name="larch.md")
EVAL = Path(__file__).parents[2] / "shared" / "eval"


def gold(*claims: dict[str, Any]) -> Gold:
    filled = [{"subject": "Larch-7B", "stage": "pre-training", **claim} for claim in claims]
    return Gold.model_validate(
        {"document": "larch.md", "models": {"Larch-7B": ["Larch", "larch 7b"]}, "claims": filled}
    )


def test_a_claim_under_another_of_the_subject_s_names_is_right() -> None:
    claim = make_claim(document=REPORT, subject=Subject(kind="model", id="larch", name="LARCH_7B"))
    result = evaluate([gold({"type": "hardware", "chip": "nvidia-h800"})], [claim])
    assert result.strict[ClaimType.HARDWARE].f1 == 1


def test_a_finer_chip_than_the_gold_s_is_right_and_a_sibling_is_not() -> None:
    facts = gold({"type": "hardware", "chip": "nvidia-a100"})
    for chip, matched in (("nvidia-a100-80gb", 1), ("nvidia-a800", 0), ("gpu", 0)):
        result = evaluate([facts], [make_claim(chip=Chip(id=chip, name=chip), document=REPORT)])
        assert result.strict[ClaimType.HARDWARE].matched == matched, chip


def test_an_unnamed_gpu_meets_a_named_one_only_when_relaxed() -> None:
    result = evaluate(
        [gold({"type": "hardware", "chip": "nvidia-h800"})], [make_claim(chip=Chip(id="gpu", name="GPU"))]
    )
    assert (result.relaxed[ClaimType.HARDWARE].matched, result.strict[ClaimType.HARDWARE].matched) == (1, 0)


@pytest.mark.parametrize(("value", "matched"), [(2048, 1), (2080, 1), (2100, 0)])
def test_numbers_agree_within_two_in_a_hundred(value: float, matched: int) -> None:
    claim = make_claim(ClaimType.CHIP_COUNT, value=value, document=REPORT)
    result = evaluate([gold({"type": "chip_count", "chip": "nvidia-h800", "value": 2048})], [claim])
    assert result.strict[ClaimType.CHIP_COUNT].matched == matched


def test_another_model_s_figure_told_as_its_own_is_a_miss_and_a_false_alarm() -> None:
    other = make_claim(document=REPORT, attribution=Attribution.OTHER)
    tally = evaluate([gold({"type": "hardware", "chip": "nvidia-h800"})], [other]).strict[ClaimType.HARDWARE]
    assert (tally.matched, len(tally.missed), len(tally.false_alarms)) == (0, 1, 1)


def test_optional_gold_is_right_when_found_and_no_miss_when_not() -> None:
    facts = gold({"type": "hardware", "chip": "nvidia-h20", "optional": True})
    assert not evaluate([facts], []).strict[ClaimType.HARDWARE].missed
    assert not evaluate([facts], [make_claim(chip=H20)]).strict[ClaimType.HARDWARE].false_alarms


def test_what_is_negated_is_not_scored() -> None:
    result = evaluate([gold()], [make_claim(document=REPORT, modality=Modality.NEGATED)])
    assert not result.total([ClaimType.HARDWARE]).false_alarms


def test_a_broken_gold_file_is_named_with_its_field(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"document": "x", "claims": [{"type": "hardwear"}]}')
    with pytest.raises(GoldError, match=r"x\.json: claims\.0\.type"):
        load_gold(tmp_path)


@pytest.mark.skipif(not EVAL.is_dir(), reason="the folder with the gold is not beside the checkout")
def test_the_figures_are_those_of_the_reference_scorer(tmp_path: Path) -> None:
    golds = load_gold(EVAL / "gold")
    claims = _disturbed(golds, random.Random(7))
    exported = tmp_path / "claims.jsonl"
    exported.write_text("".join(claim.model_dump_json() + "\n" for claim in claims), encoding="utf-8")
    command = [sys.executable, str(EVAL / "score.py"), str(exported), "--json"]
    expected = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    result = evaluate(golds, claims)
    for name, total in (("chip", CHIP_TOTAL), ("facts", FACT_TOTAL), ("hardware", "hardware")):
        tally = result.figures()[total]
        assert (tally.precision, tally.recall, tally.f1) == pytest.approx(tuple(expected[name].values())), name
    assert 0.2 < expected["chip"]["f1"] < 0.95


def _disturbed(golds: list[Gold], chance: random.Random) -> list[Claim]:
    """The gold as claims, a part left out, doubled or changed in one field, so that every way of being wrong occurs."""

    def vary(right: Any, *wrong: Any) -> Any:
        return chance.choice(wrong) if wrong and chance.random() < 0.1 else right

    claims: list[Claim] = []
    for facts in golds:
        for fact in facts.facts * 2:
            if chance.random() < 0.4:
                continue
            chip = vary(fact.chip, "gpu", "nvidia-a100", "nvidia-a100-80gb", None)
            claims.append(
                make_claim(
                    fact.type,
                    Chip(id=chip, name=chip) if chip else None,
                    vary(fact.value, None, "bf16", 7.0, *fact.also),
                    document=make_document(name=facts.document),
                    subject=Subject(kind="model", id="any", name=vary(fact.subject or "", *facts.models, "Nobody-1B")),
                    stage=vary(fact.stage, *Stage),
                    attribution=vary(fact.attribution, *Attribution),
                    modality=vary(fact.modality, *Modality),
                    id=f"c{len(claims)}",
                )
            )
    return claims
