"""What elements are: their tag, and what their class names say of them (`html_markup.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lxml.etree import _Element

HEADINGS = {f"h{level}": level for level in range(1, 7)}

_SHAPE = {
    "blocks": {"tags"},
    "main": {"ids", "classes"},
    "furniture": {"tags", "roles", "named_tags", "endings", "names", "headings"},
    "marks": {"classes", "silent", "disclosures"},
    "footnotes": {"classes", "roles"},
    "references": {"classes"},
    "code": {"classes"},
}


@dataclass(frozen=True, slots=True)
class Markup:
    """The names of `html_markup.toml`, ready to be asked."""

    blocks: frozenset[str]
    main_ids: frozenset[str]
    main_classes: frozenset[str]
    furniture_tags: frozenset[str]
    furniture_roles: frozenset[str]
    furniture_named_tags: frozenset[str]
    furniture_class: re.Pattern[str]
    furniture_id: re.Pattern[str]
    furniture_heading: re.Pattern[str]
    mark_classes: frozenset[str]
    silent: frozenset[str]
    disclosure: re.Pattern[str]
    footnote_classes: frozenset[str]
    footnote_roles: frozenset[str]
    reference_classes: frozenset[str]
    code_classes: frozenset[str]
    tables: dict[str, str]


@cache
def markup() -> Markup:
    """The names that are known. ValueError names the first section or key that is missing or unknown."""
    text = files("extractors.reading").joinpath("html_markup.toml").read_text("utf-8")
    return parse_markup(tomllib.loads(text))


def parse_markup(loaded: dict[str, Any]) -> Markup:
    """The names of a loaded file; ValueError for a section or key that is missing or unknown."""
    for section, keys in _SHAPE.items():
        if odd := keys ^ set(loaded.get(section, {})):
            raise ValueError(f"html_markup.toml: [{section}] lacks or does not know {', '.join(sorted(odd))}")
    if odd := set(loaded) - set(_SHAPE) - {"tables"}:
        raise ValueError(f"html_markup.toml: no such section: {', '.join(sorted(odd))}")
    furniture, marks = loaded["furniture"], loaded["marks"]
    names = "|".join(furniture["names"])
    return Markup(
        blocks=frozenset(loaded["blocks"]["tags"]),
        main_ids=frozenset(loaded["main"]["ids"]),
        main_classes=frozenset(loaded["main"]["classes"]),
        furniture_tags=frozenset(furniture["tags"]),
        furniture_roles=frozenset(furniture["roles"]),
        furniture_named_tags=frozenset(furniture["named_tags"]),
        furniture_class=re.compile(rf"(?:^|[-_])(?:{names})(?:$|[-_])", re.I),
        furniture_id=re.compile(rf"(?:{names})(?:[-_](?:{'|'.join(furniture['endings'])}))?", re.I),
        furniture_heading=re.compile(f"(?:{'|'.join(furniture['headings'])})\\W*", re.I),
        mark_classes=frozenset(marks["classes"]),
        silent=frozenset(marks["silent"]),
        disclosure=re.compile(f"\\W*(?:{'|'.join(marks['disclosures'])})\\W*", re.I),
        footnote_classes=frozenset(loaded["footnotes"]["classes"]),
        footnote_roles=frozenset(loaded["footnotes"]["roles"]),
        reference_classes=frozenset(loaded["references"]["classes"]),
        code_classes=frozenset(loaded["code"]["classes"]),
        tables=dict(loaded["tables"]),
    )


def classes(element: _Element) -> list[str]:
    """The class names of an element."""
    found = element.get("class")
    return found.split() if found else []


def tag_of(element: _Element) -> str:
    """The tag name in lower case; `table`, `tr`, `td` for the spans of LaTeXML's tables; empty for a comment."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    if ":" in tag or "}" in tag:
        tag = tag.rpartition("}")[2].rpartition(":")[2]
    if tag == "span" and "ltx_t" in (element.get("class") or ""):
        tables = markup().tables
        return next((tables[name] for name in classes(element) if name in tables), tag)
    return tag.lower()


def is_mark(element: _Element) -> bool:
    """Whether an element is a sign beside the text: a note mark, a permalink, a line number."""
    found = element.get("class")
    if found and not markup().mark_classes.isdisjoint(found.split()):
        return True
    return element.get("aria-hidden") == "true" and tag_of(element) in {"a", "i", "span"}
