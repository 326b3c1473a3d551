"""Reading on Dask: a scheduler, workers, a Prefect server and the command are processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy
from calls import call
from services import find_port, make_environment, prefect_server, started, wait_for

distributed = pytest.importorskip("distributed")
pytest.importorskip("prefect_dask")

POSTGRESQL = os.environ.get("CHIPTRAIL_TEST_POSTGRESQL", "")
REPORT = (
    "# Falcon-{n}B\n\nFalcon-{n}B was trained on {count} NVIDIA A100 40GB GPUs.\n\n" + "It reads and writes. " * 300
)
COMMAND = (sys.executable, "-c", "from flows.command import main; main()")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler, the processes of its workers, and the environment of a command that uses them."""

    scheduler: str
    workers: dict[str, subprocess.Popen[bytes]]
    environment: dict[str, str]


@contextmanager
def cluster(folder: Path, workers: int, *options: str) -> Iterator[Cluster]:
    folder.mkdir()
    environment, port = make_environment(folder, find_port()), find_port()
    scheduler = f"tcp://127.0.0.1:{port}"
    dask = (sys.executable, "-m", "dask")
    quiet = {"environment": environment | {"PYTHONPATH": str(Path(__file__).parents[1])}}
    with ExitStack() as stack:
        words = (*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        stack.enter_context(started(*words, log=folder / "scheduler.log", **quiet))
        processes: dict[str, subprocess.Popen[bytes]] = {}
        for number in range(workers):
            words = (*dask, "worker", scheduler, "--nthreads", "1", "--no-dashboard", "--name", f"w{number}", *options)
            log = folder / f"worker-{number}.log"
            processes[f"w{number}"] = stack.enter_context(started(*words, log=log, **quiet))
        yield Cluster(scheduler, processes, environment)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster") / "c"
    with cluster(folder, 2, "--no-nanny") as found:
        port = int(found.environment["PREFECT_API_URL"].split(":")[2].split("/")[0])
        with prefect_server(port, found.environment, folder / "prefect.log"):
            yield found


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """A database on PostgreSQL where the tests have one, else SQLite."""
    if not POSTGRESQL:
        yield f"sqlite:///{tmp_path}/dask.sqlite"
        return
    name = f"chiptrail_dask_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = sqlalchemy.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    yield sqlalchemy.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


def write_reports(folder: Path, number: int) -> Path:
    folder.mkdir()
    for n in range(number):
        (folder / f"falcon-{n}.md").write_text(REPORT.format(n=n + 1, count=8 * (n + 1)))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_cluster_gives_the_same_bytes_as_one_process(tmp_path: Path, pair: Cluster, base: str) -> None:
    reports = write_reports(tmp_path / "reports", 12)
    plain = ("run", str(reports), "--plain", "--jobs", "0", "--out", str(tmp_path / "plain"))
    assert call(plain, {"CHIPTRAIL_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}).returncode == 1
    words = ("run", str(reports), "--scheduler", pair.scheduler, "--base", base, "--out", str(tmp_path / "dask"))
    done = call(words, pair.environment)
    assert done.returncode == 1, done.stderr
    assert content(tmp_path / "dask") == content(tmp_path / "plain")
    assert "broken.pdf" in done.stderr


def test_what_a_worker_was_reading_when_it_died_is_read_by_another(tmp_path: Path, pair: Cluster, base: str) -> None:
    reports = write_reports(tmp_path / "reports", 80)
    words = (*COMMAND, "run", str(reports), "--scheduler", pair.scheduler, "--base", base, "--out", str(tmp_path / "s"))
    with (
        distributed.Client(pair.scheduler) as client,
        started(*words, environment=pair.environment, log=tmp_path / "run.log") as running,
    ):

        def find_busy() -> str | None:
            names = {address: worker["name"] for address, worker in client.scheduler_info()["workers"].items()}
            return next((names[address] for address, keys in client.processing().items() if keys), None)

        victim = wait_for(find_busy, running)
        os.killpg(pair.workers[victim].pid, signal.SIGKILL)
        assert running.wait(120) == 1, (tmp_path / "run.log").read_text()
    documents = (tmp_path / "s" / "documents.jsonl").read_text().splitlines()
    assert sum('"outcome":"read"' in line for line in documents) == 80


def test_a_worker_that_may_start_no_process_is_told_of(tmp_path: Path, pair: Cluster) -> None:
    reports = write_reports(tmp_path / "reports", 1)
    with cluster(tmp_path / "nannies", 1, "--nanny") as nannies:
        words = ("run", str(reports), "--scheduler", nannies.scheduler, "--out", str(tmp_path / "set"))
        done = call(words, pair.environment)
    assert done.returncode == 4
    assert "start it with --no-nanny" in done.stderr
    assert not (tmp_path / "set").exists()


def test_a_scheduler_that_is_not_there_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import cluster as reading

    monkeypatch.setattr(reading, "CONNECT_SECONDS", 1)
    nobody = f"tcp://127.0.0.1:{find_port()}"
    with pytest.raises(reading.ClusterError, match=f"there is no Dask scheduler at {nobody}"):
        list(reading.read_on_cluster(nobody, []))


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("--plain",), {"PREFECT_API_URL": "http://127.0.0.1:1/api"}, "leave out --plain and --jobs"),
        (("--jobs", "2"), {"PREFECT_API_URL": "http://127.0.0.1:1/api"}, "leave out --plain and --jobs"),
        ((), {}, "set PREFECT_API_URL"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_refused(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    given = ("run", str(tmp_path), "--out", str(tmp_path / "set"), "--scheduler", "tcp://127.0.0.1:1", *words)
    done = call(given, {"CHIPTRAIL_HOME": str(tmp_path), **environment})
    assert done.returncode == 2
    assert said in done.stderr
