"""What a second run costs: nothing new, a few documents new, other rules.

    python benchmarks/incremental.py [FOLDER]... [--documents 1000] [--jobs 2] [--base URL]

Reads copies of the documents of the folders (of the bundled samples, without any), each made another by a few bytes at
its end, and then again: with nothing new, with one new document in a hundred, and as after a change of rules. Each run
is a process of its own, `chiptrail run --plain`, so its start counts. Prints the seconds of each, and of the start.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def time_run(*words: str, before: str = "") -> float:
    """Seconds that a call of `chiptrail` takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", before + COMMAND, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


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
        start = time_run("chip", "H800")
        first = time_run(*words)
        again = time_run(*words)
        write_copies(models, reports, range(given.documents, given.documents * 101 // 100))
        few = time_run(*words)
        rules = time_run(*words, before=OTHER_RULES)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(reports)
    print(f"{given.documents:,} documents, {given.jobs} workers; a start without a run {start:.1f} s")
    print(f"first run        {first:8.1f} s")
    print(f"nothing new      {again:8.1f} s   {first / again:6.0f} times faster")
    print(f"1 % new          {few:8.1f} s   {first / few:6.0f} times faster")
    print(f"other rules      {rules:8.1f} s   {first / rules:6.1f} times faster")
    print(f"all on disk      {size / 1e6:8.0f} MB")


if __name__ == "__main__":
    main()
