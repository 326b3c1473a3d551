"""One id for one model or organisation, however a text writes its name.

«盘古α 13B» and «PanGu-α-13B», «Llama3-8B» and «LLaMA 3 8B», «微软» and «Microsoft» are one each. A name that no list
knows gets an id by the same rules, so it is one across documents too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from registry.catalogue import Registry
from registry.names import Family
from registry.tables import fold

_GENERIC = re.compile(r"(?:大语言模型|大模型|模型)+")
_HAN = re.compile(r"[\u3400-\u9fff·]+")
_VERSION = r"(?=\d+(?:\.\d+)*[a-z]?(?:-|$))"
"""A version at once behind a family's name: `llama3.1-8b`, `gpt4o`, and not `gpt4all`."""

_BEHIND_FAMILY = re.compile(r"$|-|\d+(?:\.\d+)*(?![a-z\d])")


def identify_model(name: str, registry: Registry) -> str:
    """The id of a model: lower case, words parted by hyphens, `pangu-alpha-13b`.

    A family's name in Chinese is taken for the one in Latin letters, a Greek letter is spelled out, and a version
    stands apart from the name of a family whose versions follow at once («Qwen2.5-7B» is `qwen-2.5-7b`, as is
    «Qwen 2.5 7B»).
    """
    slug = make_slug(name)
    for written, means in _translations(registry):
        if slug.startswith(written):
            rest = _GENERIC.sub("", slug[len(written) :]).strip("-")
            slug = f"{means}-{rest}" if rest else means
            break
    slug = make_slug("".join(map(_spell_out, slug)))
    return _numbered(registry).sub(r"\1-", slug, count=1)


def find_family(model: str, registry: Registry) -> Family | None:
    """The family whose name begins the id of a model: `llama-7b` is a LLaMA, `gpt4all` is no GPT."""
    stems = _stems(registry)
    for end in range(len(model), 0, -1):
        if (family := stems.get(model[:end])) and _BEHIND_FAMILY.match(model, end):
            return family
    return None


def identify_organisation(name: str, registry: Registry) -> str:
    """The id of a developer that the registry knows by this name («腾讯混元团队»), else one made of the name."""
    return _developers(registry).get(fold(name)) or make_slug(name)


def make_slug(name: str) -> str:
    """A name in lower case with hyphens between its words: letters of any script, digits and points are kept."""
    kept = "".join(c if c.isalnum() or c == "." else "-" for c in unicodedata.normalize("NFKC", name).casefold())
    return "-".join(part for part in kept.split("-") if part)


def _spell_out(letter: str) -> str:
    """A Greek letter by its name, between hyphens: «pangu-α» is `pangu-alpha`."""
    words = unicodedata.name(letter, "").split()
    return f"-{words[-1].lower()}-" if words[:3] == ["GREEK", "SMALL", "LETTER"] else letter


@cache
def _stems(registry: Registry) -> dict[str, Family]:
    return {
        stem: family
        for family in reversed(registry.models)
        for text in (*(spelling.text for spelling in family.spellings()), family.name)
        for stem in (make_slug(text), identify_model(text, registry))
    }


@cache
def _translations(registry: Registry) -> tuple[tuple[str, str], ...]:
    found = {
        make_slug(spelling.text): make_slug(family.name)
        for family in registry.models
        for spelling in family.spellings()
        if _HAN.fullmatch(spelling.text)
    }
    found |= {make_slug(known.written): make_slug(known.means) for known in registry.translations}
    return tuple(sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0])))


@cache
def _numbered(registry: Registry) -> re.Pattern[str]:
    names = {
        slug
        for family in registry.models
        if family.numbered
        for text in (family.name, *(spelling.text for spelling in family.spellings()))
        if re.fullmatch(r"[a-z]+(?:-[a-z]+)*", slug := make_slug(text))
    }
    return re.compile(f"^({'|'.join(sorted(names, key=lambda n: (-len(n), n)))}){_VERSION}")


@cache
def _developers(registry: Registry) -> dict[str, str]:
    return {fold(spelling.text): known.id for known in registry.developers for spelling in known.spellings()}
