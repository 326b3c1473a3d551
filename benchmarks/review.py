"""How fast the queue of review answers on a large base, and whether reviewers who write at once lose anything.

    python benchmarks/review.py [--claims 100000] [--base URL]

Builds a base of made-up reports (or takes the one that `--base` names and that this script built), and times the calls
behind a page of the queue, a claim and a decision. Then ten reviewers, each a process of its own, decide at once.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import registry
from corpus.document import Document, MediaType
from evidence.decision_log import DecisionLog
from evidence.decisions import Action
from evidence.finding import Finding
from evidence.queueing import refresh_queue
from evidence.review_queue import Filters, ReviewQueue
from evidence.store import Store
from evidence.versions import Versions
from extractors.claim import (
    Attribution,
    Chip,
    Claim,
    ClaimType,
    Evidence,
    Modality,
    Stage,
    Status,
    Subject,
    claim_id,
)
from extractors.text import Outcome

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
PER_DOCUMENT = 50
_CHIPS = ("nvidia-h800", "nvidia-a100-80gb", "nvidia-h100", "nvidia-h20", "google-tpu-v4", "huawei-ascend-910b")
_TYPES = (
    (ClaimType.HARDWARE, None),
    (ClaimType.CHIP_COUNT, "chips"),
    (ClaimType.CHIP_HOURS, "chip-hours"),
    (ClaimType.TRAINING_TOKENS, "tokens"),
    (ClaimType.PARAMETERS, "parameters"),
)


def make_findings(claims: int) -> Iterator[Finding]:
    """Made-up reports of fifty claims each, one model to two reports, seldom contested or about another's model."""
    chance = random.Random(7)
    for number in range(claims // PER_DOCUMENT):
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        name = f"report-{number:05}.pdf"
        document = Document(
            sha256=sha256,
            media_type=MediaType.PDF,
            name=name,
            address=f"https://example.org/{name}",
            size=1000,
            work=f"sha256:{sha256}",
            developer=f"developer {number % 40}",
            retrieved=NOON,
        )
        said = {c.id: c for c in (_make_claim(document, number, i, chance) for i in range(PER_DOCUMENT))}
        place = document.address
        yield Finding(place, place, name, Outcome.READ, document=document, claims=tuple(said.values()), pages=40)


def _make_claim(document: Document, number: int, i: int, chance: random.Random) -> Claim:
    kind, unit = chance.choice(_TYPES)
    model = f"larch-{number // 2 if i % 5 else chance.randrange(50)}-{7 + i % 3}b"
    chip = chance.choice(_CHIPS) if unit in (None, "chips", "chip-hours") else None
    value = None if unit is None else float(chance.randrange(1, 5000) * 8 + i)
    quote = f"{model} was trained with {value or ''} {unit or ''} on {chip or 'chips'} as part {i} of the run says"
    rest = {"stage": "train", "attribution": "own" if i % 5 else "other", "fact": "True"}
    return Claim(
        id=claim_id(document.work or "", kind, model, chip, value, unit=unit, **rest),
        type=kind,
        subject=Subject(kind="model", id=model, name=model),
        chip=Chip(id=chip, name=chip) if chip else None,
        value=value,
        unit=unit,
        printed=str(value or ""),
        stage=chance.choice((Stage.PRE_TRAINING, Stage.TRAINING, Stage.POST_TRAINING)),
        attribution=Attribution.OWN if i % 5 else Attribution.OTHER,
        modality=Modality.ASSERTED,
        status=Status.CONTESTED if i % 9 == 0 else Status.ASSERTED,
        evidence=(
            Evidence(
                document=document.name,
                sha256=document.sha256,
                page=i,
                quote=quote,
                start=i * 200,
                end=i * 200 + len(quote),
                boxes=((72.0, 72.0, 300.0, 84.0),),
            ),
        ),
        rule="made-up",
        confidence=round(chance.uniform(0.05, 0.5) if i % 9 == 0 else chance.uniform(0.5, 0.99), 3),
    )


def build(url: str, claims: int) -> None:
    """Fill a base, link it and rank its queue; prints how long each took."""
    with Store(url) as store:
        run = store.begin_run(Versions(package="0", rules="r", registry="k", text="t"), NOON)
        with _timed("record"):
            for finding in make_findings(claims):
                store.record(run, finding)
        with _timed("link"):
            store.derive_links()
        with _timed("rank"):
            ranked = refresh_queue(store, registry.load(), run)
        print(f"{ranked:,} claims ranked")
        store.end_run(run, NOON)


class _timed:  # noqa: N801
    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        print(f"{self.what}: {time.perf_counter() - self.start:.1f} s")


def measure(store: Store, times: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each call, by the clock and of the processor, on claims and filters that differ each time."""
    queue, log = ReviewQueue(store), DecisionLog(store)
    chance = random.Random(11)
    claims = [item.claim for item in queue.page("nobody").items]
    models = [f"larch-{chance.randrange(900)}-7b" for _ in range(times)]
    decided = iter(range(10**6))

    def decide() -> None:
        at = next(decided)
        log.decide(queue.next("ada", count=1)[0], list(Action)[at % 2], "ada", NOON + timedelta(seconds=at))

    calls: dict[str, Callable[[int], object]] = {
        "queue, all": lambda _: queue.page("ada"),
        "queue, one model": lambda i: queue.page("ada", Filters(model=models[i])),
        "queue, chip, type and status": lambda i: queue.page(
            "ada", Filters(chip=_CHIPS[i % 6], type="chip_count", status="contested")
        ),
        "queue, page five": lambda _: queue.page("ada", limit=50, offset=200),
        "next two": lambda _: queue.next("ada"),
        "claim": lambda i: queue.view(claims[i % len(claims)]),
        "equal claims": lambda i: queue.alike(claims[i % len(claims)]),
        "standing": lambda i: log.standing(claims[i % len(claims)]),
        "progress": lambda _: queue.progress("ada"),
        "facet of chips": lambda _: queue.facets("chip"),
        "facet of models": lambda _: queue.facets("model"),
        "search": lambda i: queue.search(f"part {i % 50} of the run"),
        "search, nothing there": lambda _: queue.search("spruce"),
        "decide": lambda _: decide(),
        "history": lambda _: log.history(limit=50),
    }
    found: dict[str, list[tuple[float, float]]] = {}
    for name, call in calls.items():
        call(0)
        found[name] = []
        for i in range(times):
            start, busy = time.perf_counter(), time.process_time()
            call(i)
            found[name].append(((time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000))
    return found


def write_at_once(url: str, reviewers: int, each: int) -> tuple[int, float]:
    """How many decisions are missing after some reviewers took some each at once, and the slowest in milliseconds."""
    with Store(url) as store:
        claims = [item.claim for item in ReviewQueue(store).page("nobody").items][:each]
        before = len(DecisionLog(store).all())
    with multiprocessing.get_context("spawn").Pool(reviewers) as pool:
        slowest = pool.starmap(_write, [(url, f"reviewer {n}", claims) for n in range(reviewers)])
    with Store(url) as store:
        written = len(DecisionLog(store).all()) - before
    return reviewers * len(claims) - written, max(slowest)


def _write(url: str, reviewer: str, claims: list[str]) -> float:
    slowest = 0.0
    with Store(url) as store:
        log = DecisionLog(store)
        for number, claim in enumerate(claims):
            start = time.perf_counter()
            log.decide(claim, list(Action)[number % 2], reviewer, datetime.now(UTC))
            slowest = max(slowest, (time.perf_counter() - start) * 1000)
    return slowest


def read_options(description: str | None, times: int, limit: str) -> argparse.Namespace:
    """The options of a timing over this base: how large, where, how often, and what no median may exceed."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=100_000, help="claims of the base that is built")
    parser.add_argument("--base", default="", help="database URL to build in, or to use where it was built before")
    parser.add_argument("--times", type=int, default=times, help="how often each is timed")
    parser.add_argument("--limit", type=float, default=100, help=limit)
    return parser.parse_args()


def ensure(base: str, folder: Path, claims: int) -> str:
    """The URL of the base, built where there is none yet: in a folder, unless a base is named."""
    url = base or f"sqlite:///{folder}/base.sqlite"
    with Store(url) as store:
        built = bool(store.subjects())
    if not built:
        build(url, claims)
    return url


def main() -> int:
    """Build, measure, print; 1 where a median is above the limit or a decision is lost."""
    given = read_options(__doc__, 30, "milliseconds that no median may exceed")
    with tempfile.TemporaryDirectory() as folder:
        url = ensure(given.base, Path(folder), given.claims)
        with Store(url) as store:
            found = measure(store, given.times)
        print(f"{'':32} {'median':>8} {'p95':>8} {'processor':>10}  ms")
        medians = []
        for name, took in found.items():
            clock, busy = ([pair[side] for pair in took] for side in (0, 1))
            medians.append(statistics.median(clock))
            p95 = statistics.quantiles(clock, n=20)[-1]
            print(f"{name:32} {medians[-1]:8.1f} {p95:8.1f} {statistics.median(busy):10.1f}", flush=True)
        lost, slowest = write_at_once(url, 10, 20)
        print(f"10 reviewers at once, 20 decisions each: {lost} lost, the slowest took {slowest:.0f} ms")
    return 1 if lost or max(medians) > given.limit else 0


if __name__ == "__main__":
    sys.exit(main())
