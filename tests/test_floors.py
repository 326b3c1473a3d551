"""The gate on accuracy: it fails below a floor, on other documents, and lets nothing be lowered without a reason."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "floors.py"


@pytest.fixture(scope="module")
def floors() -> ModuleType:
    spec = importlib.util.spec_from_file_location("floors", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["floors"] = module
    spec.loader.exec_module(module)
    return module


class Fixed:
    """A suite that always reaches the same."""

    name, present, documents = "fixed", True, Path("documents")

    def __init__(self, **reached: float) -> None:
        self.reached = reached

    def digest(self) -> str:
        return "d1"

    def measure(self) -> dict[str, float]:
        return self.reached


def known(digest: str = "d1", **f1: float) -> dict[str, Any]:
    return {"fixed": {"digest": digest, "f1": f1}}


def test_it_passes_at_the_floor_and_fails_below_it(floors: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert floors.check(Fixed(hardware=0.7), known(hardware=0.7), higher=False, reason="")
    assert not floors.check(Fixed(hardware=0.69), known(hardware=0.7), higher=False, reason="")
    assert "hardware: 0.69 is below the floor of 0.70" in capsys.readouterr().err


def test_a_type_that_is_no_longer_found_at_all_is_below_its_floor(floors: ModuleType) -> None:
    assert not floors.check(Fixed(), known(cost=0.5), higher=False, reason="")


def test_floors_of_other_documents_do_not_hold(floors: ModuleType) -> None:
    assert not floors.check(Fixed(hardware=0.9), known("d0", hardware=0.7), higher=False, reason="")


def test_raising_never_lowers(floors: ModuleType) -> None:
    suites = known(hardware=0.7, cost=0.5)
    floors.check(Fixed(hardware=0.8, cost=0.4), suites, higher=True, reason="")
    assert suites["fixed"]["f1"] == {"hardware": 0.8, "cost": 0.5}


def test_lowering_keeps_its_reason(floors: ModuleType, tmp_path: Path) -> None:
    suites = known("d0", hardware=0.7)
    assert floors.check(Fixed(hardware=0.6), suites, higher=False, reason='gold «mended» by "us"')
    floors.write_floors(tmp_path / "floors.toml", suites)
    assert floors.read_floors(tmp_path / "floors.toml") == {
        "fixed": {"digest": "d1", "reason": 'gold «mended» by "us"', "f1": {"hardware": 0.6}}
    }


def test_documents_that_are_not_here_are_skipped_with_a_word(
    floors: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = floors.Suite("reports", Path("/nowhere"), Path("/nowhere"))
    assert floors.check(suite, known(), higher=False, reason="")
    assert "skipped" in capsys.readouterr().out
