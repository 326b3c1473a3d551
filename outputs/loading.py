"""Reading an evidence set back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evidence.findings import SetFinding
from extractors.claim import Claim
from outputs.lines import ClaimLine, DocumentLine, LinkLine

Line = TypeVar("Line", bound=BaseModel)


class LoadError(ValueError):
    """A file of an evidence set cannot be read; the message names file, line and field."""


def load_claims(path: Path) -> list[Claim]:
    """The claims of a file `claims.jsonl`, or of the set that is a folder. Raises `LoadError`."""
    return list(load_lines(path / "claims.jsonl" if path.is_dir() else path, ClaimLine))


def load_links(folder: Path) -> list[LinkLine]:
    """The links of a set. Raises `LoadError`."""
    return list(load_lines(folder / "links.jsonl", LinkLine))


def load_findings(folder: Path) -> list[SetFinding]:
    """The findings of a set. Raises `LoadError`."""
    return list(load_lines(folder / "findings.jsonl", SetFinding))


def load_documents(folder: Path) -> list[DocumentLine]:
    """The inputs of a set and what became of them. Raises `LoadError`."""
    return list(load_lines(folder / "documents.jsonl", DocumentLine))


def load_lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """The lines of a file, one at a time. Raises `LoadError`."""
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                number += 1
                yield kind.model_validate_json(line)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "it is not JSON"
        raise LoadError(f"{path}, line {number}: {where}: {first['msg']}") from fault
    except (OSError, UnicodeError) as fault:
        raise LoadError(f"{path} cannot be read: {fault}") from fault
