"""How fast the review pages answer over HTTP on a large base, from a real server on this machine.

    python benchmarks/review_http.py [--claims 100000] [--base URL] [--times 40]

The base is that of `benchmarks/review.py`, with the bundled samples read into it too, so that claims of real PDFs and
pages are among those shown. The server runs in a process of its own, as `chiptrail review` starts it.
"""

from __future__ import annotations

import multiprocessing
import re
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import registry
from benchmarks.review import NOON, ensure, read_options
from corpus.archive import Archive
from corpus.document import Document
from corpus.media import sniff
from evidence.queueing import refresh_queue
from evidence.review_queue import ReviewQueue
from evidence.store import Store
from evidence.versions import current_versions
from flows.reading import read_document
from flows.reviewing import serve_review

SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "samples"
_PAGES = 20


def read_samples(url: str, archive: Path) -> dict[str, str]:
    """Read the bundled PDFs into a base; the digest of each by its name."""
    found: dict[str, str] = {}
    with Store(url) as store:
        run = store.begin_run(current_versions(), NOON)
        for path in sorted(SAMPLES.glob("*.pdf")):
            data = path.read_bytes()
            sha256 = found[path.name] = Archive(archive).keep(data)
            document = Document(
                sha256=sha256, media_type=sniff(data, path.name), name=path.name, address=path.as_uri(), size=len(data)
            )
            store.record(run, read_document(path.as_uri(), document, data)[0])
        store.derive_links()
        refresh_queue(store, registry.load(), run)
        store.end_run(run, NOON)
    return found


@contextmanager
def serve(url: str, archive: Path) -> Iterator[int]:
    """A server over a base, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    given = {"reviewer": "ada", "host": "127.0.0.1", "port": port}
    process = multiprocessing.get_context("spawn").Process(target=serve_review, args=(url, archive), kwargs=given)
    process.start()
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.join(10)


def ask(connection: HTTPConnection, path: str) -> tuple[float, bytes]:
    """Milliseconds until a page was there whole, and the page. Raises `RuntimeError` for any answer but 200."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    return (time.perf_counter() - start) * 1000, body


def measure(port: int, url: str, samples: dict[str, str], times: int) -> dict[str, list[float]]:
    """Milliseconds of each kind of page; claims and pages differ from one time to the next."""
    with Store(url) as store:
        queue = ReviewQueue(store)
        claims = [item.claim for item in queue.page("nobody").items]
        documents = [item.document for item in queue.page("nobody").items]
        models = [name for name in store.subjects() if name.startswith("larch-")]
        real = [claim.id for sha256 in samples.values() for claim in queue.document(sha256)]
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    pages = {
        "queue": lambda i: "/queue",
        "queue of a chip and a type": lambda i: f"/queue?chip=nvidia-h{('800', '20', '100')[i % 3]}&type=chip_count",
        "queue of a model": lambda i: f"/queue?model={models[i % len(models)]}",
        "claim": lambda i: f"/claim/{claims[i % len(claims)]}",
        "claim of a PDF": lambda i: f"/claim/{real[i % len(real)]}",
        "claim, in a filtered queue": lambda i: f"/claim/{claims[i % len(claims)]}?chip=nvidia-h800",
        "document": lambda i: f"/document/{documents[i % len(documents)]}",
        "model": lambda i: f"/model/{models[-1 - i % len(models)]}",
        "chip": lambda i: f"/chip/nvidia-h{('800', '20', '100')[i % 3]}",
        "search": lambda i: f"/search?q=part+{i}+of",
        "history": lambda i: "/history",
        "agreement": lambda i: "/agreement",
    }
    found: dict[str, list[float]] = {}
    for name, page in pages.items():
        ask(connection, page(0))
        found[name] = [ask(connection, page(i))[0] for i in range(times)]
    for name in ("picture of a page, first", "picture of a page, again"):
        found[name] = []
        for claim in real[:_PAGES]:
            _, body = ask(connection, f"/claim/{claim}")
            if picture := re.search(rb'<img src="([^"]+)"', body):
                found[name].append(ask(connection, picture[1].decode())[0])
    return found


def main() -> int:
    """Build, serve, measure, print; 1 where the median of the queue or of a claim is above the limit."""
    given = read_options(__doc__, 40, "milliseconds for the median of queue and claim")
    with tempfile.TemporaryDirectory() as folder:
        url = ensure(given.base, Path(folder), given.claims)
        samples = read_samples(url, Path(folder) / "archive")
        with serve(url, Path(folder) / "archive") as port:
            found = measure(port, url, samples, given.times)
    print(f"{'':32} {'median':>8} {'p95':>8}  ms")
    for name, took in found.items():
        print(f"{name:32} {statistics.median(took):8.1f} {statistics.quantiles(took, n=20)[-1]:8.1f}")
    slow = [
        n for n, took in found.items() if n.startswith(("queue", "claim")) and statistics.median(took) > given.limit
    ]
    if slow:
        print(f"above {given.limit:g} ms at the median: {', '.join(slow)}")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
