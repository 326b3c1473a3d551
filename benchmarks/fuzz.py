"""Damaged documents: none may crash a run, hang it, or stay without an outcome.

    python benchmarks/fuzz.py [FOLDER]... [--seconds 120] [--count N] [--seed 0] [--jobs 1] [--largest KB]
    python benchmarks/fuzz.py --write FILE SEED OUT

Documents are taken in turn from the bundled samples and from the folders, harmed as `benchmarks/damage.py` knows, and
read and extracted in workers like those of a run. Prints how many came to which outcome, and each kind of fault once,
with the file and seed that show it; `--write` writes that damaged document. Exit code 1 where there was a fault.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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


def list_cases(folders: list[Path], largest: int, seed: int) -> Iterator[Case]:
    """Cases without end, each file in turn."""
    paths = sorted(
        path
        for folder in (SAMPLES, *folders)
        for path in folder.iterdir()
        if path.suffix in DAMAGES and path.stat().st_size <= largest
    )
    return (Case(path, number) for number in count(seed) for path in paths)


def fuzz(cases: Iterator[Case], seconds: float, jobs: int, bounds: Bounds) -> int:
    """Read cases until the time is over and print what became of them; how many kinds of fault there were."""
    until = time.monotonic() + seconds
    outcomes: Counter[str] = Counter()
    faults: dict[str, tuple[Case, str]] = {}
    slowest: list[tuple[float, Case]] = []

    def in_time() -> Iterator[Case]:
        for case in cases:
            if time.monotonic() > until:
                return
            yield case

    with Crew(read_case, jobs, bounds, prepare=load_registry) as crew:
        for case, answer in crew.run(in_time()):
            if isinstance(answer, Fallen):
                outcomes["fallen"] += 1
                faults.setdefault(f"{answer.reason} ({case.path.suffix})", (case, ""))
                continue
            outcomes[answer.outcome] += 1
            if answer.fault:
                faults.setdefault(answer.fault, (case, answer.trace))
            slowest = sorted([*slowest, (answer.seconds, case)], key=lambda entry: -entry[0])[:5]
    print(f"{outcomes.total()} damaged documents: {', '.join(f'{n} {name}' for name, n in sorted(outcomes.items()))}")
    for took, case in slowest:
        print(f"  slow: {took:.1f} s, {case.path.name}, seed {case.seed}")
    for words, (case, trace) in faults.items():
        print(f"\nFAULT {words}\n  {case.path.name}, seed {case.seed}\n{trace}")
    return len(faults)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--largest", type=int, default=100, metavar="KB")
    parser.add_argument("--limit", type=float, default=60, help="seconds that one document may take")
    parser.add_argument("--write", nargs=3, metavar=("FILE", "SEED", "OUT"))
    given = parser.parse_args()
    if given.write:
        path, seed, out = given.write
        Path(out).write_bytes(damage(Path(path).read_bytes(), Path(path).suffix, int(seed)))
        return 0
    cases = list_cases(given.folders, given.largest * 1000, given.seed)
    faults = fuzz(islice(cases, given.count), given.seconds, given.jobs, Bounds(seconds=given.limit, megabytes=3000))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
