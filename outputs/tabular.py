"""Lines as rows of a table: the same columns in CSV, Parquet and SQLite, made from the type of a line.

Parts of a line get columns of their own (`subject_id`), lists stay one cell of JSON, and what may be a number or a word
has a column for each (`value`, `value_text`). Evidence is a table of its own, `quotes`, with one row a quote; a claim
keeps the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from outputs.kinds import KINDS
from outputs.lines import ENCODER, ClaimLine
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
        cells = [_reader(column) for column in self.columns]
        for kind in self.kinds:
            for line in read_lines(folder, kind):
                for told in _quotes(line, kind) if self.name == QUOTES else (line,):
                    yield tuple([cell(told) for cell in cells])


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


def _quotes(line: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for number, evidence in enumerate(line["evidence"]):
        yield {**evidence, "claim": line["id"], "of": kind, "number": number}


def _reader(column: Column) -> Callable[[dict[str, Any]], Cell]:
    """What reads the cells of a column from the JSON of lines."""
    first, rest = str(column.path[0]), column.path[1:]
    # The lines were written in canonical JSON, so what was read from them is spelled that way again.
    spell = _SPELLINGS.get(column.kind)

    def read(line: dict[str, Any]) -> Cell:
        value: Any = line.get(first)
        for step in rest:
            if value is None:
                return None
            value = value[step] if isinstance(step, int) else value.get(step)
        return value if value is None or spell is None else spell(value)

    return read


def _spell_number(value: Any) -> float | None:
    return None if isinstance(value, str) else float(value)


def _spell_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


_SPELLINGS: dict[Kind, Callable[[Any], Cell]] = {"json": ENCODER.encode, "number": _spell_number, "text": _spell_text}


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
