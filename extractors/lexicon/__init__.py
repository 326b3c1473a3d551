"""The rules' words as data: TOML files beside this module, read once and checked."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


class LexiconError(ValueError):
    """A lexicon file that cannot be used; the message names file, table and key."""


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text(encoding="utf-8"))


def load_lexicon(name: str, tables: dict[str, set[str]]) -> dict[str, list[dict[str, Any]]]:
    """The tables of a lexicon file. Refuses tables and keys that `tables` doesn't list, and says which."""
    raw = _read(name)
    if unknown := raw.keys() - tables.keys():
        raise LexiconError(f"{name}: unknown table(s) {', '.join(sorted(unknown))}")
    for table, keys in tables.items():
        for i, row in enumerate(raw.get(table, []), 1):
            if extra := row.keys() - keys:
                raise LexiconError(f"{name}: [[{table}]] {i}: unknown key(s) {', '.join(sorted(extra))}")
    return {table: raw.get(table, []) for table in tables}
