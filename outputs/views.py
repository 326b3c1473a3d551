"""The same lines for other tools: CSV, Parquet, SQLite with full-text search, and one file of JSON for small sets.

All are made from the lines as they stand in their files, and say nothing else. The same lines give the same bytes with
the same versions of Arrow and SQLite, which stand in the manifest: neither writes a clock into its files.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from outputs.kinds import KINDS
from outputs.tabular import QUOTES, Cell, Column, Table, tables

DATABASE = "evidence.sqlite"
WHOLE = "evidence.json"
DATASETTE = "metadata.json"
WHOLE_LIMIT = 10_000_000
"""Bytes of lines up to which a set has them in one file too."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_BATCH = 10_000
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}
_SQL = {"text": "TEXT", "json": "TEXT", "number": "REAL", "integer": "INTEGER", "boolean": "INTEGER"}
_INDEXED = ("subject_id", "model_id", "chip_id", "claim", "sha256", "work")
SEARCHED = {QUOTES: ("quote", "document"), "documents": ("name", "title", "address", "developer")}
"""The columns with full-text search, by table. Trigrams find parts of words: «H800» in «NVIDIA-H800-SXM»."""


class ViewError(RuntimeError):
    """A view of a set cannot be written; the message says what is missing."""


def write_views(folder: Path) -> None:
    """Write every view of the lines in a folder. Raises `ViewError` and `OSError`."""
    (folder / "csv").mkdir()
    (folder / "parquet").mkdir()
    building = folder / f".{DATABASE}"
    with ExitStack() as closed:
        database = closed.enter_context(closing(sqlite3.connect(building, isolation_level=None)))
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN")
        for table in tables():
            _write_table(folder, table, database)
        _index(database)
        database.execute("COMMIT")
        database.execute("VACUUM INTO ?", (str(folder / DATABASE),))
    building.unlink()
    _write_datasette(folder)
    if sum((folder / f"{name}.jsonl").stat().st_size for name in KINDS) <= WHOLE_LIMIT:
        with (folder / WHOLE).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(read_whole(folder))


def read_whole(folder: Path) -> Iterator[str]:
    """The one file of a small set, a part a line: all lines in one object of JSON, an array a kind."""
    for number, name in enumerate(sorted(KINDS)):
        yield f'{"," if number else "{"}"{name}":[\n'
        with (folder / f"{name}.jsonl").open(encoding="utf-8", newline="\n") as file:
            for count, line in enumerate(file):
                yield f"{',' if count else ''}{line}"
        yield "]\n"
    yield "}\n"


def say_cell(cell: Cell) -> str:
    """A cell of CSV: numbers as in JSON, nothing for null, and no words that a spreadsheet would take for a formula."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULAS) else cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        cell = int(cell)
    return json.dumps(cell)


def _write_table(folder: Path, table: Table, database: sqlite3.Connection) -> None:
    columns = table.columns
    schema = pa.schema([(column.name, _ARROW[column.kind]) for column in columns])
    named = ", ".join(f'"{column.name}" {_SQL[column.kind]}' for column in columns)
    database.execute(f'CREATE TABLE "{table.name}" ({named})')
    places = ", ".join("?" * len(columns))
    with ExitStack() as closed:
        text = closed.enter_context((folder / "csv" / f"{table.name}.csv").open("w", encoding="utf-8", newline=""))
        written = csv.writer(text, lineterminator="\n")
        written.writerow(column.name for column in columns)
        parquet = closed.enter_context(
            pq.ParquetWriter(folder / "parquet" / f"{table.name}.parquet", schema, compression="zstd", version="2.6")
        )
        for batch in _batches(table.rows(folder)):
            written.writerows([say_cell(cell) for cell in row] for row in batch)
            parquet.write_table(_arrow(batch, columns, schema))
            database.executemany(f'INSERT INTO "{table.name}" VALUES ({places})', batch)
    for column in columns:
        if column.name in _INDEXED:
            database.execute(f'CREATE INDEX "{table.name}_{column.name}" ON "{table.name}" ("{column.name}")')
    # A model and an organisation can have one id: «DeepSeek» is both.
    unique = [column.name for column in columns if column.name in ("id", "kind")]
    if "id" in unique:
        named = ", ".join(f'"{name}"' for name in sorted(unique))
        database.execute(f'CREATE UNIQUE INDEX "{table.name}_id" ON "{table.name}" ({named})')


def _arrow(batch: Sequence[tuple[Cell, ...]], columns: Sequence[Column], schema: pa.Schema) -> pa.Table:
    cells = zip(*batch, strict=True) if batch else ([] for _ in columns)
    return pa.Table.from_arrays([pa.array(list(c), f.type) for c, f in zip(cells, schema, strict=True)], schema=schema)


def _index(database: sqlite3.Connection) -> None:
    for table, columns in SEARCHED.items():
        named = ", ".join(f'"{column}"' for column in columns)
        try:
            database.execute(
                f'CREATE VIRTUAL TABLE "{table}_search" USING fts5({named}, content="{table}", tokenize="trigram")'
            )
        except sqlite3.OperationalError as fault:
            raise ViewError(
                f"this Python's SQLite has no full-text search by trigrams (FTS5, 3.34): {fault}"
            ) from fault
        database.execute(f"""INSERT INTO "{table}_search" ("{table}_search") VALUES ('rebuild')""")
        database.execute(f"""INSERT INTO "{table}_search" ("{table}_search") VALUES ('optimize')""")


def _write_datasette(folder: Path) -> None:
    about = {name: " ".join((kind.line.__doc__ or "").split()) for name, kind in KINDS.items()}
    described = {name: {"description": words.replace("`", "")} for name, words in sorted(about.items())}
    described[QUOTES] = {"description": "Every quote of every claim, with the words before and after it."}
    metadata = {"title": "chiptrail evidence set", "databases": {"evidence": {"tables": described}}}
    written = json.dumps(metadata, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / DATASETTE).write_text(written + "\n", encoding="utf-8")


def _batches(rows: Iterable[tuple[Cell, ...]]) -> Iterator[list[tuple[Cell, ...]]]:
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        yield batch
