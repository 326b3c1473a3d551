"""Evidence sets: a folder of JSON Lines with schemas, a manifest and digests, whole or not there at all.

The same documents and rules give the same bytes. So a set holds no clock of the run: its dates are those at which
documents were got, and they are null for files that came without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ValidationError

from evidence.history import Tombstone
from evidence.identity import UNDECIDED, Identities
from evidence.settled import Told
from evidence.statements import Record, Statement
from evidence.versions import Versions
from extractors.claim import Claim, Status
from outputs.kinds import KINDS, ClaimFile, Contents
from outputs.lines import canonical_json, make_claim_line, make_document_line, make_review_line, make_withdrawn_line
from outputs.manifest import MANIFEST, write_manifest
from outputs.placing import aside, put_in_place, sweep
from outputs.schemas import make_schema


class SetError(RuntimeError):
    """An evidence set cannot be written, or would be wrong; the message says where."""


@dataclass(slots=True)
class Exported:
    """What a set holds: lines by kind, inputs by outcome; `sums` is the digest of its list of digests."""

    folder: Path
    counts: dict[str, int]
    outcomes: dict[str, int]
    sums: str = ""


def check_folder(out: Path) -> None:
    """Raise `SetError` where a set must not be written: on a file, or over a folder that holds something else."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise SetError(f"{out} is not a folder; name another with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise SetError(f"{out} holds something else than an evidence set; name another folder with --out")


def write_set(
    out: Path,
    records: Iterable[Record],
    statements: Iterable[Statement],
    versions: Versions,
    *,
    withdrawn: Iterable[Tombstone] = (),
    reviews: Callable[[Iterable[str]], Iterable[Told]] = lambda _: (),
    identities: Identities = UNDECIDED,
) -> Exported:
    """Write a set aside, check it, and put it in the place of an older one.

    Every line is held against its type, and every claim's documents must be in the set; `withdrawn` claims may rest on
    documents that are gone. `reviews` gives the decisions on documents of some digests. Raises `SetError`, and leaves
    an older set as it was.
    """
    check_folder(out)
    try:
        sweep(out)
        with aside(out) as folder:
            contents = Contents(folder, ClaimFile(folder / "claims.jsonl"), identities=identities)
            exported = _fill(contents, records, statements, withdrawn, reviews, versions)
            folder.chmod(0o755)
            put_in_place(folder, out)
    except OSError as fault:
        raise SetError(f"{out} cannot be written: {fault.strerror or fault}") from fault
    exported.folder = out
    return exported


def _fill(
    contents: Contents,
    records: Iterable[Record],
    statements: Iterable[Statement],
    withdrawn: Iterable[Tombstone],
    reviews: Callable[[Iterable[str]], Iterable[Told]],
    versions: Versions,
) -> Exported:
    folder = contents.folder
    (folder / "schema").mkdir()
    with _Writers(folder) as writers:
        outcomes = _write_documents(writers, records, contents)
        _write_claims(writers, statements, contents)
        for tombstone in withdrawn:
            writers.write("withdrawn", make_withdrawn_line(tombstone))
        for told in reviews(contents.documents):
            writers.write("reviews", make_review_line(told))
        _derive(writers, contents)
    lines = writers.lines
    exported = Exported(folder, {name: lines[name] for name in KINDS}, dict(sorted(outcomes.items())))
    from outputs.views import write_views  # Arrow takes longer to load than a small set to write

    write_views(folder)
    exported.sums = write_manifest(folder, exported.counts, exported.outcomes, versions)
    return exported


def _write_documents(writers: _Writers, records: Iterable[Record], contents: Contents) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for record in records:
        outcomes[record.outcome] += 1
        if record.document:
            contents.documents[record.document.sha256] = record.document
        writers.write("documents", make_document_line(record))
    return outcomes


def _write_claims(writers: _Writers, statements: Iterable[Statement], contents: Contents) -> None:
    for statement in statements:
        _check_evidence(statement.claim, contents)
        if statement.claim.status is Status.CONTESTED:
            writers.write("contested", make_claim_line(statement))
        else:
            contents.claims.note(statement.claim, writers.write("claims", make_claim_line(statement)))


def _derive(writers: _Writers, contents: Contents) -> None:
    """Write the kinds that are derived, looking at each claim once for all of them."""
    writers.flush()
    derivations = {name: kind.derive(contents) for name, kind in KINDS.items() if kind.derive}
    for subject in contents.claims:
        said = contents.claims[subject]
        for name, derivation in derivations.items():
            for line in derivation.hear(subject, said):
                writers.write(name, line)
    for name, derivation in derivations.items():
        for line in derivation.tell():
            writers.write(name, line)


class _Writers:
    """Files of lines, one a kind; each line is read back as what its type says before it counts as written.

    The JSON Schema beside a file is generated from the same type, so a line that reads back holds against it; a test
    and `chiptrail verify` hold lines against the schemas themselves, which takes eight times as long.
    """

    def __init__(self, folder: Path) -> None:
        self.lines = dict.fromkeys(KINDS, 0)
        for name in KINDS:
            schema = canonical_json(make_schema(name), indent=True)
            (folder / "schema" / f"{name}.json").write_text(schema + "\n", encoding="utf-8")
        self._files = {name: (folder / f"{name}.jsonl").open("wb") for name in KINDS}

    def write(self, name: str, line: BaseModel) -> int:
        """Write a line; its size in bytes."""
        written = canonical_json(line)
        try:
            KINDS[name].line.model_validate_json(written)
        except ValidationError as fault:
            first = fault.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise SetError(f"{name}: {where}: {first['msg']}: {written[:200]}") from fault
        self.lines[name] += 1
        return self._files[name].write(written.encode() + b"\n")

    def flush(self) -> None:
        """Have what was written so far stand in the files."""
        for file in self._files.values():
            file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()


def _check_evidence(claim: Claim, contents: Contents) -> None:
    if not claim.evidence:
        raise SetError(f"claim {claim.id} has no evidence")
    for evidence in claim.evidence:
        if evidence.sha256 not in contents.documents:
            raise SetError(f"claim {claim.id} rests on a document that is not in the set: {evidence.document}")
        if len(evidence.quote) != evidence.end - evidence.start:
            raise SetError(f"claim {claim.id} quotes other words than those at its offsets in {evidence.document}")
