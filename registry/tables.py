"""Reading of data files into typed rows, with errors that name the file and the row."""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

STRICT = ConfigDict(extra="forbid")

Confidence = Literal["high", "medium", "low"]
"""How far a row can be relied on: primary or several agreeing sources; one good source; recalled or disputed."""

PartialDate = Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
"""A date as far as it is known: `2023`, `2023-11` or `2023-11-09`."""


def _parted(value: object) -> object:
    return tuple(part.strip() for part in value.split(";") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_parted)]
"""Several words: a TOML array, or one CSV cell with `;` between them."""

Row = TypeVar("Row")


class RegistryError(ValueError):
    """A data file that cannot be trusted. The message names the file, the row and what to mend."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way in which texts write a name.

    `exact`: matches in this case only («T4», and not «t4»). `weak`: also means other things («A10», «Falcon»), so it
    counts only beside a word of its field. A space in `text` stands for a space, a hyphen or nothing.
    """

    text: str
    exact: bool = False
    weak: bool = False


def fold(text: str) -> str:
    """The key under which spellings are one: width, case, spaces, hyphens and ®, ™ set aside («a100sxm480gb»)."""
    bare = re.sub(r"[\s\-_\u2010-\u2015®™]+", "", text)
    return re.sub(r"[\s\-_\u2010-\u2015]+", "", unicodedata.normalize("NFKC", bare).casefold())


def first_day(partial: str) -> date:
    """The first day that a partial date can mean: `2023-11` is 2023-11-01."""
    year, month, day = [*partial.split("-"), "1", "1"][:3]
    return date(int(year), int(month), int(day))


def _typed(adapter: TypeAdapter[Row], values: Mapping[str, Any], where: str) -> Row:
    try:
        return adapter.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "unexpected_keyword_argument"
        reason = "unknown key" if unknown else first["msg"][:1].lower() + first["msg"][1:]
        raise RegistryError(f"{where}: {place}: {reason}" if place else f"{where}: {reason}") from None


def read_csv(path: Path, row_type: type[Row]) -> Iterator[tuple[str, Row]]:
    """Each row of a table with where it stands («chips.csv, line 12 (nvidia-h20)»). A blank cell is a missing value.

    Raises `RegistryError` on an unknown or missing column, a short or long row and a value of the wrong type.
    """
    adapter = TypeAdapter(row_type)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, restkey="", strict=True)
        for values in reader:
            where = f"{path.name}, line {reader.line_num} ({values.get('id') or 'no id'})"
            if "" in values or None in values.values():
                raise RegistryError(f"{where}: has not as many cells as there are columns")
            yield where, _typed(adapter, {key: value for key, value in values.items() if value != ""}, where)


def read_toml(path: Path, table: str, row_type: type[Row], others: tuple[str, ...] = ()) -> Iterator[tuple[str, Row]]:
    """Each `[[table]]` entry of a file with where it stands («systems.toml, entry 3 (dgx-a100)»).

    Raises `RegistryError` on bad TOML, a table that is neither `table` nor one of `others`, an unknown key and a value
    of the wrong type.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{path.name}: is not valid TOML: {error}") from None
    unknown = sorted(set(content) - {table, *others})
    if unknown:
        raise RegistryError(f"{path.name}: unknown key {unknown[0]!r}; entries go under [[{table}]]")
    adapter = TypeAdapter(row_type)
    entries = content.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(values, dict) for values in entries):
        raise RegistryError(f"{path.name}: {table}: entries go under [[{table}]], in two brackets")
    for number, values in enumerate(entries, start=1):
        where = f"{path.name}, entry {number} ({values.get('id', 'no id')})"
        yield where, _typed(adapter, values, where)
