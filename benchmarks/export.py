"""What writing an evidence set costs a claim: the lines, their check, and the tables beside them.

Makes N claims of one text in a scratch base, and prints processor time. Needs no network and no corpus.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from corpus.archive import digest
from corpus.document import Document, MediaType
from evidence.finding import Finding
from evidence.store import Store
from evidence.versions import current_versions
from extractors.text import Outcome
from flows.reading import read_document
from outputs.evidence_set import write_set
from outputs.kinds import KINDS
from outputs.lines import canonical_json
from outputs.schemas import make_schema
from outputs.tabular import read_lines
from outputs.views import write_views

TEXT = (
    "# Larch-{0}B\n\nLarch-{0}B has {0} billion parameters. "
    "Larch-{0}B was trained on {1} NVIDIA H800 GPUs for 33 days.\n"
)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=500)
    number = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch), number)


def measure(scratch: Path, number: int) -> None:
    """Fill a base with the claims of some documents, and time each part of writing its set."""
    with Store(f"sqlite:///{scratch}/base.sqlite") as store:
        run = store.begin_run(current_versions(), datetime(2026, 1, 1, tzinfo=UTC))
        for i in range(number):
            store.record(run, _read(i))
        out = scratch / "set"
        whole = _timed(lambda: write_set(out, store.records(run), store.statements(run), current_versions()))
    lines = list(read_lines(out, "claims"))
    written = [canonical_json(line) for line in lines]
    kind, validator = KINDS["claims"].line, Draft202012Validator(make_schema("claims"))
    by_type = _timed(lambda: [kind.model_validate_json(line) for line in written])
    by_schema = _timed(lambda: [validator.is_valid(line) for line in lines])
    views = scratch / "views"
    views.mkdir()
    for name in KINDS:
        (views / f"{name}.jsonl").write_bytes((out / f"{name}.jsonl").read_bytes())
    tables = _timed(lambda: write_views(views))
    each = 1000 / len(lines)
    print(f"{len(lines)} claims of {number} documents; ms of processor time a claim")
    print(f"{whole * each:8.3f}  the set as a whole, from the base")
    print(f"{by_type * each:8.3f}  of that: each line read back as its type")
    print(f"{tables * each:8.3f}  of that: CSV, Parquet, SQLite with search, one JSON")
    print(f"{by_schema * each:8.3f}  beside it: the same lines against their JSON Schema, as verify does")


def _read(number: int) -> Finding:
    data = TEXT.format(number + 1, 8 * (number + 1)).encode()
    name = f"{number}.md"
    document = Document(
        sha256=digest(data), media_type=MediaType.MARKDOWN, name=name, address=f"file:made/{name}", size=len(data)
    )
    finding, _ = read_document(document.address, document, data)
    assert finding.outcome is Outcome.READ
    return finding


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
