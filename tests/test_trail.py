"""The trace of one model says what its documents support, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from calls import call
from statements import claims_in

import registry
from evidence.links import Role
from evidence.trail import Trail, follow_trail
from extractors.claim import Claim, Stage
from flows.commands.single import read_single

KNOWN = registry.load()
CARD = """# Hunyuan-Large

We present Hunyuan-Large, a mixture-of-experts model with 389B total parameters, of which 52B are active.

## Inference

We use grouped-query attention and cross-layer attention to keep the KV cache small.
With FP8 quantization we halve the memory that inference takes.

| Framework | Model | Number of GPUs (H20) | batch=1 (tokens/s) |
|---|---|---|---|
| vLLM | Hunyuan-Large | 16 | 20 |

## Fine-tuning

Full fine-tuning of Hunyuan-Large requires at least 32 H20 GPUs.
"""


def trail(body: str = CARD) -> Trail:
    claims = [claim for claim in claims_in(body, "card.md") if claim.subject.id == "hunyuan-large"]
    return follow_trail(claims, [], KNOWN)


def test_serving_on_a_chip_says_nothing_of_training() -> None:
    found = trail()
    assert {(t.use.role, t.use.chip.id, t.supported) for t in found.uses} == {
        (Role.SERVED_ON, "nvidia-h20", True),
        (Role.FINE_TUNED_ON, "nvidia-h20", False),
    }
    assert found.unsupported == (Role.TRAINED_ON,)
    assert found.missing[0] == "the chip"


def test_the_status_is_that_of_the_day_on_which_the_model_came_out() -> None:
    (served,) = (t.use for t in trail().uses if t.supported)
    assert (served.when, served.status) == ("2024-11-05", "no licence requirement found")
    assert [figure.value for figure in served.counts] == [16]


def test_the_techniques_that_make_it_easier_to_serve_come_first_with_their_words() -> None:
    found = trail()
    eased = [t.name for t in found.techniques if t.serving]
    assert eased[:3] == ["Mixture of experts", "Grouped-query attention", "Cross-layer attention"]
    assert [t.serving for t in found.techniques] == sorted((t.serving for t in found.techniques), reverse=True)
    assert all(technique.words for technique in found.techniques)
    assert [(f.name, f.stage) for f in found.formats] == [("fp8", Stage.INFERENCE)]


def test_a_model_that_says_what_it_was_trained_on_has_no_gap_there() -> None:
    found = trail(CARD + "\nHunyuan-Large was pre-trained on 2,048 H800 GPUs.\n")
    assert Role.TRAINED_ON not in found.unsupported
    assert "the number of chips" not in found.missing


def test_the_command_tells_it_from_the_base(tmp_path: Path) -> None:
    base = f"sqlite:///{tmp_path}/base.sqlite"
    card = tmp_path / "card.md"
    card.write_text(CARD, encoding="utf-8")
    assert call(["run", str(card), "--plain", "--out", str(tmp_path / "set"), "--base", base], {}).returncode == 0
    done = call(["trail", "hunyuan large", "--base", base], {"CHIPTRAIL_HOME": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Hunyuan-Large (Tencent, CN)"
    assert "training: no document names a chip; nothing follows about it" in lines
    assert "  NVIDIA H20: in use; 16 chips" in lines or "  H20: in use; 16 chips" in lines
    assert "    at the model's release (2024-11-05): no licence requirement found" in lines
    assert lines[-1].count("no violation") == done.stdout.count("violation") == 1


def test_a_model_that_nothing_is_known_of_is_refused(tmp_path: Path) -> None:
    done = call(["trail", "larch", "--base", f"sqlite:///{tmp_path}/base.sqlite"], {"CHIPTRAIL_HOME": str(tmp_path)})
    assert (done.returncode, done.stdout) == (4, "")
    assert "no model in the base is called 'larch'" in done.stderr


CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder with real reports is not beside the checkout")
def test_the_public_trace_of_hunyuan_large() -> None:
    claims: list[Claim] = []
    for name in ("tencent_hunyuan-large_readme-en.md", "tencent_hunyuan-large_readme-zh.md"):
        finding, _ = read_single(str(CORPUS / name), 64)
        claims += (claim for claim in finding.claims if claim.subject.id == "hunyuan-large")
    found = follow_trail(claims, [], KNOWN)
    assert {(t.use.role, t.use.chip.id) for t in found.uses} == {
        (Role.SERVED_ON, "nvidia-h20"),
        (Role.FINE_TUNED_ON, "nvidia-h20"),
    }
    assert found.unsupported == (Role.TRAINED_ON,)
    assert {t.use.status for t in found.uses} == {"no licence requirement found"}
    assert {t.use.when for t in found.uses} == {"2024-11-05"}
    named: set[Any] = {t.name for t in found.techniques if t.serving}
    assert named >= {"Mixture of experts", "Grouped-query attention", "Cross-layer attention"}
    assert ("fp8", Stage.INFERENCE) in {(f.name, f.stage) for f in found.formats}
