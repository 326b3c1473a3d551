"""Whether CSV, Parquet, SQLite and the one file of JSON of a set say what its lines say."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from outputs.kinds import KINDS
from outputs.tabular import Table, tables
from outputs.views import DATABASE, SEARCHED, WHOLE, read_whole, say_cell

Row = tuple[Any, ...]
csv.field_size_limit(2**31 - 1)


def check_views(folder: Path) -> Iterator[tuple[str, int | None, str]]:
    """File, row where there is one, and what is wrong with it, for every view that is there."""
    readers: dict[str, Callable[[Path, Table], Iterator[Row]]] = {
        "csv/{}.csv": _read_csv,
        "parquet/{}.parquet": _read_parquet,
        DATABASE: _read_database,
    }
    there = {path.stem for path in folder.glob("*.jsonl")}
    for table in tables():
        if not there.issuperset(table.kinds):
            continue
        found = {
            name: _Reader(table, read(folder / name, table), words=read is _read_csv)
            for pattern, read in readers.items()
            if (folder / (name := pattern.format(table.name))).is_file()
        }
        for number, line in enumerate(chain(table.rows(folder), [None]), 1):
            for name in list(found):
                if what := found[name].compare(line):
                    told = f" of {table.name}" if name == DATABASE else ""
                    yield name, number, what.format(told)
                    del found[name]
    if (folder / DATABASE).is_file():
        yield from _check_search(folder / DATABASE)
    whole = folder / WHOLE
    if there.issuperset(KINDS) and whole.is_file() and whole.read_text(encoding="utf-8") != "".join(read_whole(folder)):
        yield WHOLE, None, "says something else than the lines of the set"


class _Reader:
    """The rows of one view of a table, taken one by one beside its lines."""

    def __init__(self, table: Table, rows: Iterator[Row], *, words: bool) -> None:
        self._columns = table.columns
        self._rows = rows
        self._words = words

    def compare(self, line: Row | None) -> str:
        """What is wrong with the next row, which should be that of a line, or no more; empty where nothing is."""
        try:
            row = next(self._rows, None)
        except (csv.Error, sqlite3.Error, pa.ArrowException, OSError, UnicodeError) as fault:
            return "cannot be read: " + str(fault).partition("\n")[0].replace("{", "{{").replace("}", "}}")
        if row is None or line is None:
            return "" if row is line else f"a row{{}} is {'missing' if row is None else 'too many'}"
        wanted = tuple(map(say_cell, line)) if self._words else line
        differing = [c.name for c, a, b in zip(self._columns, row, wanted, strict=False) if a != b]
        return f"row{{}} says something else than its line: {', '.join(differing)}" if differing else ""


def _read_csv(path: Path, table: Table) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        if next(rows, []) != [column.name for column in table.columns]:
            raise csv.Error("its columns are others")
        yield from map(tuple, rows)


def _read_parquet(path: Path, table: Table) -> Iterator[Row]:
    file = pq.ParquetFile(path)
    names = [column.name for column in table.columns]
    if file.schema_arrow.names != names:
        raise pa.ArrowInvalid("its columns are others")
    for batch in file.iter_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _read_database(path: Path, table: Table) -> Iterator[Row]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        named = ", ".join(f'"{column.name}"' for column in table.columns)
        yield from database.execute(f'SELECT {named} FROM "{table.name}" ORDER BY rowid')


def _check_search(path: Path) -> Iterator[tuple[str, int | None, str]]:
    """The index of words, held against the rows it is made of; SQLite does that on a copy that it may write to."""
    with closing(sqlite3.connect(":memory:")) as copy:
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
                database.backup(copy)
            for table in SEARCHED:
                copy.execute(f"""INSERT INTO "{table}_search" ("{table}_search", rank) VALUES ('integrity-check', 1)""")
        except sqlite3.Error as fault:
            yield DATABASE, None, f"its full-text search is damaged: {fault}"
