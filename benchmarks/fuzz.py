"""Damaged documents: none may crash a run, hang it, or stay without an outcome.

    python benchmarks/fuzz.py [FOLDER]... [--seconds 120] [--rounds N] [--seed 0] [--jobs 1] [--largest KB]
                              [--ledger FILE]
    python benchmarks/fuzz.py --write FILE SEED OUT

Documents are taken in turn from the bundled samples and from the folders, harmed as `benchmarks/damage.py` knows, and
read and extracted in workers like those of a run. Prints how many came to which outcome, and each kind of fault once,
with the file and seed that show it; `--write` writes that damaged document. With a ledger, each round of all files is
kept there when it is done, a later call goes on with the next seed, and what is printed is of all rounds in it
(`--seconds 0` prints that alone). Exit code 1 where there was a fault.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.damage import DAMAGES, damage
from corpus.archive import digest
from corpus.document import Document
from corpus.media import sniff
from extractors.text import Outcome
from flows.reading import load_registry, read_document
from flows.worker import Bounds, Crew, Fallen

SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "samples"


SLOWEST = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A file and the seed of its damage."""

    path: Path
    seed: int


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a case: its outcome, or where our code raised."""

    outcome: str
    seconds: float
    fault: str = ""
    trace: str = ""


@dataclass(slots=True)
class Round:
    """What became of all files, each harmed with one seed: documents by outcome, seconds of reading, the slowest, and
    faults with where each was seen.
    """

    seed: int
    outcomes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: list[tuple[float, str, int]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    whole: bool = False

    def add(self, case: Case, answer: Read | Fallen) -> None:
        """Count one damaged document."""
        shown = f"{case.path.name}, seed {case.seed}"
        read = Read("fallen", 0.0, answer.reason) if isinstance(answer, Fallen) else answer
        self.outcomes[read.outcome] = self.outcomes.get(read.outcome, 0) + 1
        self.seconds += read.seconds
        if read.fault:
            self.faults.setdefault(read.fault, f"{shown}\n{read.trace}")
        self.slowest = sorted([*self.slowest, (read.seconds, case.path.name, case.seed)], reverse=True)[:SLOWEST]


def read_case(case: Case) -> Read:
    """Harm a document, read it and extract its claims. Raises `MemoryError` alone."""
    data = damage(case.path.read_bytes(), case.path.suffix, case.seed)
    document = Document(
        sha256=digest(data),
        media_type=sniff(data, case.path.name),
        name=case.path.name,
        address=f"file:{case.path.name}",
        size=len(data),
    )
    began = time.perf_counter()
    try:
        finding, _ = read_document(document.address, document, data)
    except MemoryError:
        raise
    except Exception as fault:
        last = traceback.extract_tb(fault.__traceback__)[-1]
        words = f"{type(fault).__name__} in {Path(last.filename).name}, {last.name}"
        return Read("raised", time.perf_counter() - began, words, traceback.format_exc(limit=-6))
    seconds = time.perf_counter() - began
    if finding.outcome is Outcome.FAILED and "quotes words" in finding.reason:
        return Read("raised", seconds, finding.reason)
    return Read(finding.outcome, seconds)


def list_files(folders: list[Path], largest: int) -> list[Path]:
    """The bundled samples and what can be harmed in some folders, up to a size in bytes."""
    paths = (path for folder in (SAMPLES, *folders) for path in folder.iterdir())
    return sorted(path for path in paths if path.suffix in DAMAGES and path.stat().st_size <= largest)


def fuzz(paths: list[Path], seeds: Iterator[int], until: float, jobs: int, bounds: Bounds) -> Iterator[Round]:
    """Harm all files with one seed after the other, until the time is over; what became of each round.

    The last round may be cut short, and says so.
    """
    with Crew(read_case, jobs, bounds, prepare=load_registry) as crew:
        for seed in seeds:
            if time.monotonic() > until:
                return
            found = Round(seed)
            for case, answer in crew.run(Case(path, seed) for path in paths if time.monotonic() <= until):
                found.add(case, answer)
            found.whole = sum(found.outcomes.values()) == len(paths)
            yield found


def load_round(line: str) -> Round:
    """A round from its line in a ledger."""
    found = Round(**json.loads(line))
    found.slowest = [(took, name, seed) for took, name, seed in found.slowest]
    return found


def sum_up(rounds: Iterable[Round]) -> Round:
    """All rounds as one: the documents by outcome, the slowest, each kind of fault once."""
    total = Round(0)
    for one in rounds:
        for name, number in one.outcomes.items():
            total.outcomes[name] = total.outcomes.get(name, 0) + number
        total.seconds += one.seconds
        total.slowest = sorted([*total.slowest, *one.slowest], reverse=True)[:SLOWEST]
        total.faults = {**one.faults, **total.faults}
    return total


def tell(total: Round) -> None:
    """Print what became of the documents of some rounds."""
    number = sum(total.outcomes.values())
    outcomes = ", ".join(f"{number} {name}" for name, number in sorted(total.outcomes.items()))
    print(f"{number:,} damaged documents in {total.seconds:,.0f} s of reading: {outcomes}")
    for took, name, seed in total.slowest:
        print(f"  slow: {took:.1f} s, {name}, seed {seed}")
    for words, shown in total.faults.items():
        print(f"\nFAULT {words}\n  {shown}")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--largest", type=int, default=100, metavar="KB")
    parser.add_argument("--limit", type=float, default=60, help="seconds that one document may take")
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--write", nargs=3, metavar=("FILE", "SEED", "OUT"))
    given = parser.parse_args()
    if given.write:
        path, seed, out = given.write
        Path(out).write_bytes(damage(Path(path).read_bytes(), Path(path).suffix, int(seed)))
        return 0
    kept = given.ledger.read_text(encoding="utf-8").splitlines() if given.ledger and given.ledger.exists() else []
    earlier = [load_round(line) for line in kept]
    following = max((one.seed + 1 for one in earlier), default=given.seed)
    paths = list_files(given.folders, given.largest * 1000)
    until, bounds = time.monotonic() + given.seconds, Bounds(seconds=given.limit, megabytes=3000)
    found: list[Round] = []
    for one in fuzz(paths, islice(count(following), given.rounds), until, given.jobs, bounds):
        found.append(one)
        if given.ledger and one.whole:
            with given.ledger.open("a", encoding="utf-8") as ledger:
                ledger.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
    total = sum_up([*earlier, *found])
    tell(total)
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main())
