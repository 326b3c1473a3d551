"""Runs that are killed at random points: nothing may be lost, doubled or half there.

    python benchmarks/crash.py [--kills 200] [--documents 300] [--each 20] [--seed 0]
                               [--workers N] [--flow N] [--keep FOLDER]

Writes documents of our own, lets a run read a first state of them, changes, adds and deletes some, and then kills run
after run of the second state with its whole process group, `--each` times, before one may finish. When and where each
is killed is drawn: while it lists and archives, at some document, while it derives links, while it writes the set or
notes that it has. After each kill the set in the folder must be one of the two whole ones. In the end set, base and
archive must equal those of runs that nobody disturbed. This is done again with a fresh copy of the first state until
`--kills` are reached. `--workers` of them read in worker processes, `--flow` run as a Prefect
flow. Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evidence.finding import Finding
from flows import stages
from flows.conductor import PlainConductor
from flows.plan import Plan
from flows.quiet import quiet_prefect
from flows.reading import load_registry
from outputs.verification import verify_set

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
STAGES = ("ingest", "read", "assemble", "export")
TREES = ("Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine", "Rowan", "Willow")
CHIPS = ("NVIDIA A100 40GB", "NVIDIA A100 80GB", "NVIDIA H800", "NVIDIA H20", "Ascend 910B", "TPU v4", "AMD MI250X")
LATEST = 0.03


def write_document(folder: Path, number: int, version: int) -> None:
    """One document of our own, as Markdown, HTML, plain text or something that cannot be read."""
    draw = random.Random(f"{number}.{version}")
    name = f"{draw.choice(TREES)}-{draw.choice((1, 7, 13, 34, 70))}B"
    chip, count = draw.choice(CHIPS), draw.choice((8, 64, 384, 512, 1024, 2048))
    days, tokens = draw.randint(2, 90), draw.choice((0.3, 1.4, 2.0, 8.1))
    words = [
        f"{name} is a language model, note {number}.{version} on it.",
        f"{name} was pre-trained on {count} {chip} GPUs for {days} days with {tokens}T tokens.",
        f"Fine-tuning {name} took {draw.randint(10, 900)} GPU hours on {draw.choice(CHIPS)}.",
        f"It needs {draw.choice((2, 8, 16))} {draw.choice(CHIPS)} to be served.",
    ]
    match number % 10:
        case 7:
            path, body = f"{number:04}.html", f"<html><body><h1>{name}</h1><p>{'</p><p>'.join(words)}</p></body></html>"
        case 8:
            path, body = f"{number:04}.txt", "\n\n".join(words)
        case 9 if number % 50 == 9:
            path, body = f"{number:04}.pdf", f"%PDF-1.7 broken off, {number}.{version}"
        case 9 if number % 30 == 9:
            path, body = f"{number:04}.md", write_copy(number)
        case _:
            path, body = f"{number:04}.md", f"# {name}\n\n" + "\n\n".join(words) + "\n"
    (folder / path).write_text(body, encoding="utf-8")


def write_copy(number: int) -> str:
    """Bytes that stand in two places."""
    return f"# Cedar-7B\n\nCedar-7B, copy {number // 60}, was trained on 384 NVIDIA A100 40GB GPUs.\n"


def write_first(folder: Path, documents: int) -> None:
    """The first state of the folder: two thirds of the documents."""
    folder.mkdir(parents=True)
    for number in range(documents * 2 // 3):
        write_document(folder, number, 1)


def write_second(folder: Path, documents: int) -> None:
    """The second state: every fourth document is another, every eleventh gone, and the last third is new."""
    for path in sorted(folder.iterdir()):
        if int(path.stem) % 11 == 5:
            path.unlink()
    for number in range(documents):
        if number % 11 != 5 and (number % 4 == 0 or number >= documents * 2 // 3):
            write_document(folder, number, 2)


@dataclass(frozen=True)
class Scene:
    """Where runs take place: the documents, and below one folder base, archive and set."""

    reports: Path
    root: Path

    def plan(self, jobs: int = 0) -> Plan:
        """The run of all documents."""
        base = f"sqlite:///{self.root / 'base.sqlite'}"
        return Plan(names=(str(self.reports),), out=self.set, base=base, archive=self.root / "archive", jobs=jobs)

    @property
    def set(self) -> Path:
        """The folder of the evidence set."""
        return self.root / "set"


class Reporter:
    """Tells the parent process each stage and document that a run comes to."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def enter(self, stage: str, total: int = 0) -> None:
        """A stage begins."""
        os.write(self._pipe, stage[:1].encode().upper())

    def note(self, finding: Finding) -> None:
        """A document is done."""
        os.write(self._pipe, b".")


def do_run(plan: Plan, reporter: Reporter, *, flow: bool) -> None:
    """A run, plainly or as a flow."""
    if flow:
        quiet_prefect()
        from flows.pipeline import run_flow

        run_flow(plan, reporter)
    else:
        stages.run(plan, PlainConductor(), reporter, lambda: NOON)


def fork_run(plan: Plan, *, flow: bool = False) -> tuple[int, int]:
    """A run in a process group of its own, begun from this process so that nothing has to be loaded; its id, and where
    it reports.
    """
    ours, theirs = os.pipe()
    if child := os.fork():
        os.close(theirs)
        return child, ours
    code = 70
    try:
        os.setsid()
        os.close(ours)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        do_run(plan, Reporter(theirs), flow=flow)
        code = 0
    finally:
        os._exit(code)


def follow(pipe: int) -> Iterator[tuple[str, int]]:
    """The stages that a run comes to, each anew with every document that is done in it, and how many are done."""
    stage, done = "", 0
    while letter := os.read(pipe, 1):
        done += letter == b"."
        stage = next((name for name in STAGES if name[0].upper() == letter.decode()), stage)
        yield stage, done


@dataclass(frozen=True)
class Moment:
    """When a run is killed: in a stage, after so many documents, and `late` seconds after that."""

    stage: str
    documents: int
    late: float


def draw_moment(
    chance: random.Random, part: float, done: int, documents: int, each: int, took: dict[str, float]
) -> Moment:
    """A moment. In the first parts of a round most are at some document further on than any run came before; in the
    last part all documents are read, and runs are killed as they derive links and write the set.
    """
    if part < 0.7:
        stage = chance.choices(("ingest", "read"), (1, 4))[0]
        further = done + chance.randint(0, 2 * documents // each)
        if stage == "read" and further < documents:
            return Moment(stage, further, chance.random() * LATEST)
    else:
        stage = chance.choices(("ingest", "assemble", "export"), (1, 2, 5))[0]
    stage = "assemble" if stage == "read" else stage
    return Moment(stage, 0, chance.random() * took[stage])


def kill_run(plan: Plan, moment: Moment, *, flow: bool) -> tuple[bool, int]:
    """Begin a run and kill it, with all its processes, unless it ends before; whether it was killed, and how many
    documents it did.
    """
    child, pipe = fork_run(plan, flow=flow)
    done = 0
    for stage, done in follow(pipe):
        if stage == moment.stage and done >= moment.documents:
            time.sleep(moment.late)
            break
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(pipe)
    return os.WIFSIGNALED(status), done


def finish_run(plan: Plan) -> dict[str, float]:
    """A run that nobody disturbs, and how long its stages took. Raises `RuntimeError` where it fails."""
    child, pipe = fork_run(plan)
    began: dict[str, float] = {}
    for stage, _ in follow(pipe):
        began.setdefault(stage, time.monotonic())
    ended = time.monotonic()
    os.close(pipe)
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"a run that nobody disturbed failed (status {status})")
    following = [*[began[stage] for stage in STAGES[1:]], ended]
    return {stage: after - began[stage] for stage, after in zip(STAGES, following, strict=True)}


def content(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def archived(root: Path) -> dict[str, bytes]:
    """What an archive holds, what a killed run left aside left out."""
    return {name: data for name, data in content(root / "archive").items() if "/.aside-" not in f"/{name}"}


def dump(base: Path) -> dict[str, list[str]]:
    """Every table of a base as sorted lines, without what tells one run from another: numbers of runs and moments.

    Of the outcomes the last one of each place counts.
    """
    with closing(sqlite3.connect(base)) as connection:
        connection.row_factory = sqlite3.Row
        known = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [row[0] for row in connection.execute(known)]
        found = {}
        for name in sorted(set(names) - {"runs", "exports", "stamps"}):
            last = " WHERE run = (SELECT max(run) FROM outcomes o WHERE o.place = outcomes.place)"
            rows = connection.execute(f"SELECT * FROM {name}{last if name == 'outcomes' else ''}")
            found[name] = sorted(json.dumps(_plain(row), default=str) for row in rows)
        faults = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        faults += [str(tuple(row)) for row in connection.execute("PRAGMA foreign_key_check")]
    return found | {"": faults}


def _plain(row: sqlite3.Row) -> dict[str, object]:
    values = {key: row[key] for key in row.keys()}  # noqa: SIM118 - a row is no mapping
    return {key: value is not None if key.endswith("run") else value for key, value in values.items()}


@dataclass(frozen=True)
class Expected:
    """What runs that nobody disturbed give: the set before and after, and what is kept in the end."""

    before: dict[str, bytes]
    after: dict[str, bytes]
    base: dict[str, list[str]]
    archive: dict[str, bytes]
    took: dict[str, float]


def prepare(folder: Path, documents: int) -> tuple[Scene, Expected]:
    """A scene in its first state with the second state's documents, and what undisturbed runs make of it."""
    scene, kept = Scene(folder / "reports", folder / "undisturbed"), folder / "first"
    write_first(scene.reports, documents)
    finish_run(scene.plan())
    before = content(scene.set)
    shutil.copytree(scene.root, kept)
    write_second(scene.reports, documents)
    took = finish_run(scene.plan())
    expected = Expected(before, content(scene.set), dump(scene.root / "base.sqlite"), archived(scene.root), took)
    return Scene(scene.reports, kept), expected


def check_visible(scene: Scene, expected: Expected) -> Iterator[str]:
    """What is wrong with the set that readers see after a kill."""
    seen = content(scene.set)
    if seen not in (expected.before, expected.after):
        faults = "; ".join(f"{fault.file}: {fault.what}" for fault in verify_set(scene.set))
        yield f"the set is neither the old one nor the new one ({faults or 'it is whole'})"


def check_end(scene: Scene, expected: Expected) -> Iterator[str]:
    """What differs in the end from runs that nobody disturbed."""
    if content(scene.set) != expected.after:
        yield "the set is another"
    if archived(scene.root) != expected.archive:
        yield "the archive is another"
    base = dump(scene.root / "base.sqlite")
    for table in sorted(base.keys() | expected.base.keys()):
        ours, theirs = Counter(base.get(table, [])), Counter(expected.base.get(table, []))
        for line in [*(ours - theirs), *(theirs - ours)][:3]:
            what = "too much" if ours[line] > theirs[line] else "missing"
            yield f"table {table or '(integrity)'}: {what}: {line[:300]}"


@dataclass
class Tally:
    """Kills by the stage they met, and what was wrong."""

    met: Counter[str]
    faults: list[str]


def torment(
    folder: Path,
    kills: int,
    documents: int,
    each: int,
    chance: random.Random,
    *,
    workers: int = 0,
    flow: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Tally:
    """Kill runs as often as asked, and compare."""
    load_registry()
    first, expected = prepare(folder, documents)
    tally = Tally(Counter(), [])
    kinds = ["flow"] * flow + ["workers"] * workers + ["plain"] * max(0, kills - flow - workers)
    chance.shuffle(kinds)
    round_ = 0
    while kinds:
        round_ += 1
        scene = Scene(first.reports, folder / "killed")
        shutil.rmtree(scene.root, ignore_errors=True)
        shutil.copytree(first.root, scene.root)
        _move_base(first, scene)
        done = 0
        for number in range(each):
            if not kinds:
                break
            moment = draw_moment(chance, number / each, done, documents, each, expected.took)
            killed, came = kill_run(
                scene.plan(jobs=2 if kinds[-1] == "workers" else 0), moment, flow=kinds[-1] == "flow"
            )
            where = f"round {round_}, {kinds[-1]}, {moment}"
            tally.faults += [f"{where}: {fault}" for fault in check_visible(scene, expected)]
            if not killed:
                break
            kinds.pop()
            done = max(done, came)
            tally.met[moment.stage] += 1
        finish_run(scene.plan())
        tally.faults += [f"round {round_}, at the end: {fault}" for fault in check_end(scene, expected)]
        say(f"{sum(tally.met.values())} kills in {round_} rounds, {len(tally.faults)} faults")
    return tally


def _move_base(first: Scene, scene: Scene) -> None:
    """Have what a copied base knows of its set be of the copy."""
    with closing(sqlite3.connect(scene.root / "base.sqlite")) as connection:
        connection.execute("UPDATE exports SET folder = ?", (str(scene.set.resolve()),))
        connection.commit()


def main() -> int:
    """Kill, compare and tell; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=20)
    parser.add_argument("--flow", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="work here and leave everything")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        os.environ.setdefault("CHIPTRAIL_HOME", str(folder / "home"))
        tally = torment(
            folder,
            given.kills,
            given.documents,
            given.each,
            random.Random(given.seed),
            workers=given.workers,
            flow=given.flow,
            say=lambda words: print(f"{time.monotonic() - began:6.0f} s: {words}", flush=True),
        )
    print(f"{sum(tally.met.values())} runs over {given.documents} documents killed in {time.monotonic() - began:.0f} s")
    print("killed in: " + ", ".join(f"{stage} {number}" for stage, number in sorted(tally.met.items())))
    print("\n".join(tally.faults) or "set, base and archive equal those of runs that nobody disturbed")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
