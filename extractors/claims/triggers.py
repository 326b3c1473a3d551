"""The words that let a figure count as a claim of a type, or keep it from it (`lexicon/triggers.toml`)."""

from __future__ import annotations

import re
from functools import cache

from extractors.lexicon import LexiconError, load_lexicon


@cache
def _triggers() -> dict[str, re.Pattern[str]]:
    found: dict[str, re.Pattern[str]] = {}
    for row in load_lexicon("triggers.toml", {"trigger": {"id", "patterns", "case"}})["trigger"]:
        if row["id"] in found:
            raise LexiconError(f"triggers.toml: two triggers are called {row['id']!r}")
        found[row["id"]] = re.compile("|".join(row["patterns"]), re.ASCII if row.get("case") else re.ASCII | re.I)
    return found


def trigger(name: str, text: str) -> bool:
    """Whether a text holds words of a trigger; raises LexiconError for a trigger that the lexicon does not have.

    Vetoes (`not_…`) see the figure between two bars: «…a context of ¦128K tokens¦ …», so that `tokens¦` is the
    figure's own end.
    """
    try:
        return _triggers()[name].search(text) is not None
    except KeyError:
        raise LexiconError(f"triggers.toml: no trigger {name!r}") from None
