"""Accuracy floors: the strict F1 by claim type that no change may fall below, on fixed documents with gold facts.

python benchmarks/floors.py                  compare; exit 1 below a floor python benchmarks/floors.py --raise
set floors to what is reached now, where that is higher python benchmarks/floors.py --lower REASON   set all floors to
what is reached now; the reason is kept

Two suites: the bundled samples, and the folders of real reports beside the checkout, where they are there.
`floors.toml` holds the floors with a digest of the documents and gold they were measured on: other documents need
other floors.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.evaluation import evaluate
from evidence.finding import Finding
from evidence.gold import load_gold
from flows import stages
from flows.conductor import PlainConductor
from flows.plan import Plan
from outputs.loading import load_claims

ROOT = Path(__file__).parents[1]
FLOORS = Path(__file__).with_name("floors.toml")
_HEAD = "# Strict F1 that no change may fall below; `python benchmarks/floors.py --help` says how to change it.\n"


@dataclass(frozen=True, slots=True)
class Suite:
    """Documents and the folder of their gold."""

    name: str
    documents: Path
    gold: Path

    @property
    def present(self) -> bool:
        """Whether the folders are on this machine."""
        return self.documents.is_dir() and self.gold.is_dir()

    def named(self) -> list[Path]:
        """The documents that have gold."""
        return [self.documents / gold.document for gold in load_gold(self.gold)]

    def digest(self) -> str:
        """A digest of documents and gold, by name and content."""
        whole = hashlib.sha256()
        for path in [*self.named(), *sorted(self.gold.glob("*.json"))]:
            whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()[:16]

    def measure(self) -> dict[str, float]:
        """The strict F1 of every type that has gold, rounded down to two places."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            plan = Plan(
                names=tuple(map(str, self.named())),
                out=folder / "set",
                base=f"sqlite:///{folder / 'base.sqlite'}",
                archive=folder / "archive",
                jobs=os.cpu_count() or 1,
            )
            summary = stages.run(plan, PlainConductor(), _Silence(), lambda: datetime.now(UTC))
            for address, outcome, reason in summary.failures:
                print(f"{self.name}: {address}: {outcome}: {reason}", file=sys.stderr)
            result = evaluate(load_gold(self.gold), load_claims(plan.out))
        figures = result.figures().items()
        return {name: math.floor(t.f1 * 100) / 100 for name, t in figures if t.matched + len(t.missed)}


SUITES = (
    Suite("samples", ROOT / "corpus" / "samples", ROOT / "corpus" / "samples" / "expected"),
    Suite("reports", ROOT.parent / "shared" / "corpus", ROOT.parent / "shared" / "eval" / "gold"),
)


class _Silence:
    def enter(self, stage: str, total: int = 0) -> None:
        pass

    def note(self, finding: Finding) -> None:
        pass


def compare(reached: dict[str, float], floors: dict[str, float]) -> list[str]:
    """The types that fell below their floor, a line each."""
    return [
        f"{name}: {reached.get(name, 0.0):.2f} is below the floor of {floor:.2f}"
        for name, floor in floors.items()
        if reached.get(name, 0.0) < floor
    ]


def read_floors(path: Path) -> dict[str, dict[str, Any]]:
    """The floors of every suite, empty where there are none yet."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_floors(path: Path, suites: dict[str, dict[str, Any]]) -> None:
    """Write the floors, one table a suite."""
    lines = [_HEAD]
    for name, suite in suites.items():
        lines.append(f'[{name}]\ndigest = "{suite["digest"]}"\n')
        if reason := suite.get("reason"):
            lines.append(f"reason = {_quote(reason)}\n")
        lines.append(f"\n[{name}.f1]\n")
        lines.extend(f"{_quote(kind)} = {floor:.2f}\n" for kind, floor in suite["f1"].items())
        lines.append("\n")
    path.write_text("".join(lines).rstrip("\n") + "\n", encoding="utf-8")


def check(suite: Suite, known: dict[str, dict[str, Any]], *, higher: bool, reason: str) -> bool:
    """Measure a suite and compare it with its floors, or set them. Whether it passes."""
    if not suite.present:
        print(f"{suite.name}: skipped, {suite.documents} and its gold are not on this machine")
        return True
    digest, floors = suite.digest(), known.get(suite.name)
    if floors and floors["digest"] != digest and not reason:
        print(f"{suite.name}: documents or gold are others than the floors were set on; set them with --lower REASON")
        return False
    reached = suite.measure()
    print(f"{suite.name}: " + ", ".join(f"{name} {value:.2f}" for name, value in reached.items()))
    if reason or floors is None:
        known[suite.name] = {"digest": digest, "f1": reached} | ({"reason": reason} if reason else {})
        return True
    fallen = compare(reached, floors["f1"])
    for line in fallen:
        print(f"{suite.name}: {line}", file=sys.stderr)
    if higher:
        floors["f1"] = {**floors["f1"], **{k: max(v, floors["f1"].get(k, 0.0)) for k, v in reached.items()}}
    return not fallen


def main() -> int:
    """Check all suites; 0 when none is below a floor."""
    parser = argparse.ArgumentParser(description="Hold accuracy against its floors.")
    parser.add_argument("--raise", dest="higher", action="store_true", help="set floors higher where more is reached")
    parser.add_argument(
        "--lower", metavar="REASON", default="", help="set all floors to what is reached, with a reason"
    )
    parser.add_argument("--only", choices=[suite.name for suite in SUITES], help="this suite alone")
    given = parser.parse_args()
    known = read_floors(FLOORS)
    wanted = [suite for suite in SUITES if given.only in (None, suite.name)]
    passed = [check(suite, known, higher=given.higher, reason=given.lower) for suite in wanted]
    if given.higher or given.lower:
        write_floors(FLOORS, {suite.name: known[suite.name] for suite in SUITES if suite.name in known})
    return 0 if all(passed) else 1


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.exit(main())
