"""Texts in traditional Chinese characters as the rules write them, letter for letter: «訓練» is «训练», «晶片» «芯片».

Places stay where they are, so that what is found in the one text is quoted from the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from extractors.claim import Claim
from extractors.lexicon import LexiconError, load_lexicon
from extractors.text import Block, Page, Table, Text

_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_CHINESE = re.compile(r"[一-鿿]")
_SHARE = 0.1
"""The share of traditional characters among the Chinese ones from which on a text counts as traditional."""


def simplify(text: Text) -> Text | None:
    """The same text in simplified characters; None for one that is not in traditional Chinese (as Japanese is not)."""
    characters, _ = _lexicon()
    sample = "".join(page.text for page in text.pages)[:50000]
    chinese = _CHINESE.findall(sample)
    written = sum(ord(letter) in characters for letter in chinese)
    if written < max(3, _SHARE * len(chinese)) or len(_KANA.findall(sample)) > 0.02 * len(sample):
        return None
    return replace(text, title=_write(text.title), pages=tuple(_page(page) for page in text.pages))


def quote_from(text: Text, claims: Iterable[Claim]) -> Iterator[Claim]:
    """Claims found in the simplified text with the words of the text itself."""
    pages = {page.number: page.text for page in text.pages}
    for claim in claims:
        evidence = []
        for one in claim.evidence:
            page = pages[one.page]
            before, after = page[one.start - len(one.prefix) : one.start], page[one.end : one.end + len(one.suffix)]
            words = {"quote": page[one.start : one.end], "prefix": before, "suffix": after}
            evidence.append(one.model_copy(update=words))
        first, quote = claim.evidence[0], evidence[0].quote
        at = first.quote.find(claim.printed) if claim.printed else -1
        printed = quote[at : at + len(claim.printed or "")] if at >= 0 else claim.printed
        yield claim.model_copy(update={"evidence": tuple(evidence), "printed": printed})


def _page(page: Page) -> Page:
    return replace(page, text=_write(page.text), blocks=tuple(_block(block) for block in page.blocks))


def _block(block: Block) -> Block:
    return replace(block, section=tuple(map(_write, block.section)), table=_table(block.table) if block.table else None)


def _table(table: Table) -> Table:
    cells = tuple(replace(cell, text=_write(cell.text)) for cell in table.cells)
    return replace(table, cells=cells, caption=_write(table.caption))


def _write(text: str) -> str:
    characters, words = _lexicon()
    text = text.translate(characters)
    for traditional, simplified in words:
        text = text.replace(traditional, simplified)
    return text


@cache
def _lexicon() -> tuple[dict[int, str], tuple[tuple[str, str], ...]]:
    """The characters as a table for `str.translate`, and the words. Raises `LexiconError` for a pair of two lengths."""
    both = {"traditional", "simplified"}
    rows = load_lexicon("traditional.toml", {"characters": both, "word": both})
    characters: dict[int, str] = {}
    for row in rows["characters"]:
        traditional, simplified = "".join(row["traditional"]), "".join(row["simplified"])
        if len(traditional) != len(simplified):
            raise LexiconError("traditional.toml: [[characters]]: the two rows are not of one length")
        characters |= {ord(a): b for a, b in zip(traditional, simplified, strict=True)}
    words = tuple((str(row["traditional"]), str(row["simplified"])) for row in rows["word"])
    if odd := next((pair for pair in words if len(pair[0]) != len(pair[1])), None):
        raise LexiconError(f"traditional.toml: [[word]] {odd[0]}: the two words are not of one length")
    return characters, words
