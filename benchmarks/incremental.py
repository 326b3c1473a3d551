"""What a second run costs: nothing new, a few documents new, other rules.

    python benchmarks/incremental.py [FOLDER]... [--documents 1000] [--jobs 2] [--base URL]

Reads copies of the documents of the folders (of the bundled samples, without any), each made another by a few bytes at
its end, and then again: with nothing new, with one new document in a hundred, and as after a change of rules. Each run
is a process of its own, `chiptrail run --plain`, so its start counts. Prints the seconds of each, and of a start alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
KINDS = (".pdf", ".md", ".html", ".txt")
COMMAND = "from flows.command import main; main()"
OTHER_RULES = (
    "from flows import stages; known = stages.current_versions;"
    " stages.current_versions = lambda: known().model_copy(update={'rules': 'other'}); "
)


def write_copies(models: list[Path], folder: Path, numbers: range) -> None:
    """Copies of documents in turn, each with other bytes: after the end of a PDF, in a comment of any other."""
    for number in numbers:
        model = models[number % len(models)]
        told = f"\n% copy {number}\n" if model.suffix == ".pdf" else f"\n<!-- copy {number} -->\n"
        (folder / f"{number:06}{model.suffix}").write_bytes(model.read_bytes() + told.encode())


class Took(NamedTuple):
    """Seconds by the clock, and of processors, which say more where others use the machine too."""

    clock: float
    processors: float

    def say(self, first: Took | None = None) -> str:
        """Both, and how many times as long the first run took."""
        words = f"{self.clock:8.1f} s {self.processors:8.1f} s of processors"
        if first is None:
            return words
        return f"{words}   {first.clock / self.clock:5.0f} and {first.processors / self.processors:.0f} times faster"


def time_run(*words: str, before: str = "") -> Took:
    """How long a call of `chiptrail` takes."""
    began, used = time.perf_counter(), _processors()
    done = subprocess.run(
        [sys.executable, "-c", before + COMMAND, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode > 1:  # 1: a part of the documents could not be read
        raise SystemExit(f"{words} failed with exit code {done.returncode}")
    return Took(time.perf_counter() - began, _processors() - used)


def _processors() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run, and run again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "corpus" / "samples"])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--base", help="database of the base; a new SQLite file otherwise")
    given = parser.parse_args()
    models = sorted(
        p for folder in given.folders for p in folder.iterdir() if p.suffix in KINDS and p.name != "README.md"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["CHIPTRAIL_HOME"] = str(folder / "home")
        reports = folder / "reports"
        reports.mkdir()
        write_copies(models, reports, range(given.documents))
        words = ["run", str(reports), "--plain", "--jobs", str(given.jobs), "--out", str(folder / "set")]
        words += ["--base", given.base or f"sqlite:///{folder / 'base.sqlite'}"]
        print(f"{given.documents:,} documents, {given.jobs} workers", flush=True)
        print(f"no run at all {time_run('chip', 'H800').say()}", flush=True)
        first = time_run(*words)
        print(f"first run     {first.say()}", flush=True)
        print(f"nothing new   {time_run(*words).say(first)}", flush=True)
        write_copies(models, reports, range(given.documents, given.documents * 101 // 100))
        print(f"1 % new       {time_run(*words).say(first)}", flush=True)
        print(f"other rules   {time_run(*words, before=OTHER_RULES).say(first)}", flush=True)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"all on disk   {size / 1e6:8,.0f} MB")


if __name__ == "__main__":
    main()
