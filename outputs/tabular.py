"""Lines as rows of a table: the same columns in CSV, Parquet and SQLite, made from the type of a line.

Parts of a line get columns of their own (`subject_id`), lists stay one cell of JSON, and what may be a number or a word
has a column for each (`value`, `value_text`). Evidence is a table of its own, `quotes`, with one row a quote; a claim
keeps the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from outputs.kinds import KINDS
from outputs.lines import ClaimLine, canonical_json
from outputs.selectors import EvidenceLine

Kind = Literal["text", "number", "integer", "boolean", "json"]
Cell = str | float | int | bool | None
QUOTES = "quotes"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what its cells are, and where their values stand in a line."""

    name: str
    kind: Kind
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, and the files of lines that its rows are made of."""

    name: str
    columns: tuple[Column, ...]
    kinds: tuple[str, ...]

    def rows(self, folder: Path) -> Iterator[tuple[Cell, ...]]:
        """The rows, in the order of the lines."""
        for kind in self.kinds:
            for line in read_lines(folder, kind):
                if self.name != QUOTES:
                    yield cells_of(line, self.columns)
                    continue
                for number, evidence in enumerate(line["evidence"]):
                    told = {**evidence, "claim": line["id"], "of": kind, "number": number}
                    yield cells_of(told, self.columns)


def tables() -> tuple[Table, ...]:
    """The tables of a set: one a kind of line, and the quotes of all claims."""
    found = [Table(name, columns_of(kind.line), (name,)) for name, kind in KINDS.items()]
    of_claims = tuple(name for name, kind in KINDS.items() if issubclass(kind.line, ClaimLine))
    place = (
        Column("claim", "text", ("claim",)),
        Column("of", "text", ("of",)),
        Column("number", "integer", ("number",)),
    )
    words = tuple(Column(name, "text", ("selector", 1, name)) for name in ("prefix", "suffix"))
    quotes = Table(QUOTES, (*place, *columns_of(EvidenceLine)[:-1], *words), of_claims)
    return (*found, quotes)


def read_lines(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    """The lines of a kind as they stand in their file."""
    with (folder / f"{kind}.jsonl").open(encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def columns_of(line: type[BaseModel], path: tuple[str | int, ...] = ()) -> tuple[Column, ...]:
    """The columns of a type of line, in the order of its fields."""
    found: list[Column] = []
    for name, field in line.model_fields.items():
        if field.exclude:
            continue
        place = (*path, name)
        words = "_".join(map(str, place))
        types = _types(field.annotation)
        nested = [kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if any(EvidenceLine in get_args(kind) for kind in types):
            first: tuple[tuple[str, Kind], ...] = (("document", "text"), ("page", "integer"), ("quote", "text"))
            found += [Column(part, kind, (*place, 0, part)) for part, kind in first]
        elif nested:
            found += columns_of(nested[0], place)
        elif {float, str} <= set(types):
            found += (Column(words, "number", place), Column(f"{words}_text", "text", place))
        else:
            found.append(Column(words, _kind(types), place))
    return tuple(found)


def cells_of(line: Mapping[str, Any], columns: tuple[Column, ...]) -> tuple[Cell, ...]:
    """The cells of a line, read from its JSON."""
    return tuple(_cell(line, column) for column in columns)


def _cell(line: Mapping[str, Any], column: Column) -> Cell:
    value: Any = line
    for step in column.path:
        if value is None:
            break
        value = value[step] if isinstance(step, int) else value.get(step)
    if value is None:
        return None
    if column.kind == "json":
        return canonical_json(value)
    if column.kind == "number":
        return None if isinstance(value, str) else float(value)
    if column.kind == "text":
        return value if isinstance(value, str) else None
    return value  # type: ignore[no-any-return]


def _types(annotation: Any) -> tuple[Any, ...]:
    """The types that an annotation allows, None left out."""
    if get_origin(annotation) in (Union, UnionType):
        return tuple(kind for part in get_args(annotation) for kind in _types(part))
    return () if annotation is NoneType else (annotation,)


def _kind(types: tuple[Any, ...]) -> Kind:
    simple: dict[Any, Kind] = {bool: "boolean", int: "integer", float: "number"}
    for kind in types:
        if get_origin(kind) in (tuple, list, dict):
            return "json"
        if kind in simple:
            return simple[kind]
    return "text"
