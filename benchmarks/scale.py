"""How runs grow: many documents through the flow, with Prefect and without, on one Dask worker and on two.

    python benchmarks/scale.py documents [--of FOLDER] [--count 10000] [--jobs 2] [--base URL]
    python benchmarks/scale.py orchestration [--of FOLDER] [--count 400] [--times 2]
    python benchmarks/scale.py dask [--of FOLDER] [--count 400] [--times 2] [--base URL] [--halves]

The documents are copies of the bundled samples, or of what a folder holds, with other digests, made in a temporary
folder that goes with the run.

A Prefect server is started before anything is timed. `documents` runs the flow over them twice, and prints documents a
second, the memory of the run and of its workers over time, the size of the set, and how much faster the second run
was, which finds nothing new. `orchestration` reads the same documents with Prefect and without, in turns. `dask` starts
a scheduler and workers, and reads the same documents on one worker and on two, in turns; with `--halves` each worker
has half of a core's time, in turns with the other: two then need no more of this machine than one core, as if they had
machines of their own. Beside seconds of the clock, seconds of the processor are printed: those hardly depend on what
else the machine does.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psutil
import requests
from distributed import Client

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "corpus" / "samples"
COMMAND = (sys.executable, "-c", "from flows.command import main; main()")
SUFFIXES = {".pdf": b"\n%% copy %d\n", ".html": b"\n<!-- copy %d -->\n", ".md": b"\n<!-- copy %d -->\n"}
PATIENCE = 120
QUIET = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "2s",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
}
"""What has Dask look at its workers less often, as docs/operations.md advises."""


@dataclass(slots=True)
class Measured:
    """A run of the command: seconds of the clock and of all its processors, and the megabytes of memory that it and its
    workers had at each look.
    """

    seconds: float = 0.0
    processor: float = 0.0
    own: list[float] = field(default_factory=list)
    workers: list[float] = field(default_factory=list)


def make_copies(folder: Path, count: int, of: Path) -> Path:
    """A folder of so many documents, no two of the same bytes."""
    originals = [path for path in sorted(of.iterdir()) if path.suffix in SUFFIXES]
    for number, path in zip(range(count), itertools.cycle(originals)):
        target = folder / f"{number // 1000:04}" / f"{number:07}-{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes() + SUFFIXES[path.suffix] % number)
    return folder


def run(words: list[str], environment: dict[str, str], *, every: float = 1.0) -> Measured:
    """Run `chiptrail` and watch it; one that ends with a fault ends this too, with its words."""
    found = Measured()
    before = time.monotonic(), os.times()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*COMMAND, *words], env=environment, cwd=ROOT, stdout=said, stderr=said)
        while process.poll() is None:
            _look(psutil.Process(process.pid), found)
            time.sleep(every)
        after = time.monotonic(), os.times()
        if process.returncode > 1:  # 1 says that some documents cannot be read, which is so with real ones
            said.seek(0)
            sys.exit(f"chiptrail {' '.join(words)} ended with {process.returncode}:\n{said.read().decode()[-3000:]}")
    found.seconds = after[0] - before[0]
    found.processor = (after[1].children_user + after[1].children_system) - (
        before[1].children_user + before[1].children_system
    )
    return found


def _look(process: psutil.Process, found: Measured) -> None:
    try:
        own = process.memory_info().rss / 1e6
        workers = sum(child.memory_info().rss for child in process.children(recursive=True)) / 1e6
    except psutil.Error:
        return
    found.own.append(own)
    found.workers.append(workers)


def measure_documents(given: argparse.Namespace, folder: Path) -> None:
    """Print what a run over many documents takes, and what it takes again."""
    copies = make_copies(folder / "copies", given.count, given.of)
    out = folder / "set"
    words = ["run", str(copies), "--out", str(out), "--base", given.base or f"sqlite:///{folder}/base.sqlite"]
    words += ["--jobs", str(given.jobs)]
    with _server(folder) as environment:
        first = run(words, environment)
        again = run(words, environment, every=0.2)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    claims = sum(1 for _ in (out / "claims.jsonl").open(encoding="utf-8"))
    print(f"{given.count:,} documents, {given.jobs} processes: {first.seconds:,.0f} s, {first.processor:,.0f} s of")
    print(f"processor, {given.count / first.seconds:.1f} documents a second; {claims:,} claims in {size / 1e6:,.0f} MB")
    print("memory in MB, at each tenth of the time: the run itself, with its workers")
    for own, workers in zip(_tenths(first.own), _tenths(first.workers), strict=True):
        print(f"  {own:7,.0f} {own + workers:7,.0f}")
    print(f"again, with nothing new: {again.seconds:.1f} s, {first.seconds / again.seconds:,.0f} times faster")
    print(f"({again.processor:.1f} s of processor, {first.processor / again.processor:,.0f} times less)")


def measure_orchestration(given: argparse.Namespace, folder: Path) -> None:
    """Print what Prefect adds to a run."""
    copies = make_copies(folder / "copies", given.count, given.of)
    took: dict[str, list[Measured]] = {"plain": [], "flow": []}
    with _server(folder) as environment:
        for number in range(given.times):
            for name, options in (("plain", ["--plain"]), ("flow", [])):
                home = folder / f"{name}-{number}"
                words = ["run", str(copies), "--out", str(home / "set"), "--archive", str(home / "archive")]
                words += ["--base", f"sqlite:///{home}/base.sqlite", "--jobs", str(given.jobs), *options]
                took[name].append(run(words, environment))
                shutil.rmtree(home)
    for name, runs in took.items():
        seconds = ", ".join(f"{r.seconds:.1f} s ({r.processor:.1f} s of processor)" for r in runs)
        print(f"{given.count} documents, {given.jobs} processes, {name}: {seconds}")
    for what in ("seconds", "processor"):
        best = {name: min(getattr(r, what) for r in runs) for name, runs in took.items()}
        print(f"of the {what}, orchestration takes {100 * (1 - best['plain'] / best['flow']):.1f} %")


def measure_dask(given: argparse.Namespace, folder: Path) -> None:
    """Print how much faster two Dask workers are than one."""
    copies = make_copies(folder / "copies", given.count, given.of)
    took: dict[int, list[float]] = {1: [], 2: []}
    with _server(folder) as environment:
        for number, workers in itertools.product(range(given.times), took):
            home = folder / f"{workers}-{number}"
            base = given.base or f"sqlite:///{home}/base.sqlite"
            words = ["run", str(copies), "--out", str(home / "set"), "--archive", str(home / "archive"), "--base", base]
            with _cluster(environment | QUIET, home, workers, halves=given.halves) as scheduler:
                # Some documents warm every worker up: what is measured is reading, not loading.
                run([*words, "--only", "*/000000[0-7]-*", "--scheduler", scheduler], environment)
                took[workers].append(run([*words, "--scheduler", scheduler], environment).seconds)
            shutil.rmtree(home)
    for workers, seconds in took.items():
        print(f"{given.count} documents, {workers} Dask workers: {', '.join(f'{s:.1f} s' for s in seconds)}")
    print(f"two are {min(took[1]) / min(took[2]):.2f} times as fast as one{', each with half a core' * given.halves}")


@contextmanager
def _server(folder: Path) -> Iterator[dict[str, str]]:
    """A Prefect server that was started apart, as where runs are scheduled; the environment of those who use it."""
    port = _find_port()
    environment = _environment(folder) | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    server = (sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    with _started(server, environment, folder / "prefect.log"):
        _wait_for(f"http://127.0.0.1:{port}/api/health")
        yield environment


@contextmanager
def _cluster(environment: dict[str, str], folder: Path, workers: int, *, halves: bool) -> Iterator[str]:
    folder.mkdir(parents=True)
    port = _find_port()
    scheduler = f"tcp://127.0.0.1:{port}"
    dask = (sys.executable, "-m", "dask")
    with ExitStack() as stack:
        words = (*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        stack.enter_context(_started(words, environment, folder / "scheduler.log"))
        started = []
        for number in range(workers):
            words = (*dask, "worker", scheduler, "--no-nanny", "--nthreads", "1", "--no-dashboard")
            started.append(stack.enter_context(_started(words, environment, folder / f"worker-{number}.log")))
        with Client(scheduler) as client:  # else the first to join would be warmed up alone
            client.wait_for_workers(workers)
        if halves:
            stack.enter_context(_halved(started))
        yield scheduler


@contextmanager
def _halved(workers: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Let each of up to two workers, with the processes it started, run in every other twentieth of a second alone."""
    over = Event()

    def alternate() -> None:
        for turn in itertools.count():
            family = _family(workers[turn % 2]) if turn % 2 < len(workers) else []
            _signal(family, signal.SIGCONT)
            done = over.wait(0.05)
            _signal(family, signal.SIGCONT if done else signal.SIGSTOP)
            if done:
                break
        for worker in workers:
            _signal(_family(worker), signal.SIGCONT)

    thread = Thread(target=alternate)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _family(worker: subprocess.Popen[bytes]) -> list[int]:
    try:
        return [worker.pid, *(child.pid for child in psutil.Process(worker.pid).children())]
    except psutil.Error:
        return []


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def _started(words: tuple[str, ...], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def _wait_for(address: str) -> None:
    for _ in range(PATIENCE * 2):
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    sys.exit(f"{address} does not answer")


def _find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHIPTRAIL_", "PREFECT_"))}
    own = {"CHIPTRAIL_HOME": str(home), "PREFECT_HOME": str(home / "prefect"), "PYTHONPATH": str(ROOT)}
    return kept | own | {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "NO_PROXY": "127.0.0.1"}


def _tenths(looks: list[float]) -> list[float]:
    """The highest look in each tenth of the time."""
    size = max(1, -(-len(looks) // 10))
    return [max(looks[start : start + size]) for start in range(0, len(looks), size)]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["documents", "orchestration", "dask"])
    parser.add_argument("--of", type=Path, default=SAMPLES, metavar="FOLDER")
    parser.add_argument("--count", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--base")
    parser.add_argument("--halves", action="store_true")
    given = parser.parse_args()
    given.count = given.count or (10_000 if given.what == "documents" else 400)
    measures = {"documents": measure_documents, "orchestration": measure_orchestration, "dask": measure_dask}
    with tempfile.TemporaryDirectory(prefix="chiptrail-scale-") as folder:
        measures[given.what](given, Path(folder))


if __name__ == "__main__":
    main()
