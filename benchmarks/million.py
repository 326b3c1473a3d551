"""How the base grows: claims by the hundred thousand, kept, assembled into links, and exported.

    python benchmarks/million.py [--claims 1000000] [--base postgresql+psycopg://…]

The claims are those of the bundled samples, each document of which comes back under another digest, as another work and
about other models, until there are enough. They are kept as a run keeps them. Printed are seconds of the clock and of
this process, and its largest memory so far, for each stage.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus.archive import digest
from corpus.document import Document
from corpus.media import sniff
from evidence.finding import Finding
from evidence.store import Store
from evidence.versions import current_versions
from extractors.claim import Claim
from flows.reading import read_document
from flows.stages import export

SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "samples"
SUFFIXES = {".pdf", ".html", ".md", ".txt"}
Given = TypeVar("Given")


def read_samples() -> list[Finding]:
    """The findings of the bundled samples that say something."""
    found = []
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix not in SUFFIXES:
            continue
        data = path.read_bytes()
        sha256, media_type = digest(data), sniff(data, path.name)
        address = f"file:samples/{path.name}"
        document = Document(sha256=sha256, media_type=media_type, name=path.name, address=address, size=len(data))
        found.append(read_document(str(path), document, data)[0])
    return [finding for finding in found if finding.claims]


def multiply(findings: list[Finding], claims: int) -> Iterator[Finding]:
    """Copies of findings until there are so many claims, each of a document, a work and models of its own."""
    made = 0
    for number, finding in enumerate(itertools.cycle(findings)):
        if made >= claims:
            return
        copy = _copy(finding, number)
        made += len(copy.claims)
        yield copy


def _copy(finding: Finding, number: int) -> Finding:
    assert finding.document is not None
    sha256 = digest(f"{finding.document.sha256} {number}".encode())
    name, address = f"{number}-{finding.name}", f"{finding.address}?{number}"
    fields = {"sha256": sha256, "name": name, "address": address, "work": f"sha256:{sha256}"}
    document = finding.document.model_copy(update=fields)
    claims = tuple(_restate(claim, document, number) for claim in finding.claims)
    return replace(finding, place=address, address=address, name=name, document=document, claims=claims)


def _restate(claim: Claim, document: Document, number: int) -> Claim:
    subject = claim.subject.model_copy(
        update={"id": f"{claim.subject.id}-{number}", "name": f"{claim.subject.name} {number}"}
    )
    evidence = tuple(
        one.model_copy(update={"document": document.name, "sha256": document.sha256}) for one in claim.evidence
    )
    same = digest(f"{claim.id} {number}".encode())[:24]
    named = f"{claim.id.partition('-')[0]}-{same}"
    return claim.model_copy(update={"id": named, "subject": subject, "evidence": evidence})


def measure(name: str, stage: Callable[[], Given]) -> Given:
    """What a stage gives; prints what it took."""
    clock, processor = time.perf_counter(), time.process_time()
    given = stage()
    took, spent = time.perf_counter() - clock, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {took:,.1f} s, {spent:,.1f} s of this process, memory up to {memory:,.0f} MB", flush=True)
    return given


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--base")
    given = parser.parse_args()
    findings = read_samples()
    versions = current_versions()
    with tempfile.TemporaryDirectory(prefix="chiptrail-million-") as folder:
        with Store(given.base or f"sqlite:///{folder}/base.sqlite") as store:
            run = store.begin_run(versions, datetime.now(UTC))

            def keep() -> int:
                number = 0
                for finding in multiply(findings, given.claims):
                    store.record(run, finding)
                    number += len(finding.claims)
                return number

            number = measure("keep", keep)
            derived = measure("assemble", store.derive_links)
            exported = measure("export", lambda: export(store, run, Path(folder) / "set", versions))
            store.end_run(run, datetime.now(UTC))
        size = sum(path.stat().st_size for path in Path(folder, "set").rglob("*") if path.is_file())
        lines = ", ".join(f"{count:,} {kind}" for kind, count in exported.counts.items())
        print(f"{number:,} claims, {len(derived.added):,} links; {lines}; {size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
