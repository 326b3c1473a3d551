"""Whose document it is: the models it presents as its own, with their variants.

A document may have no model of its own (a survey, a rule, a filing): then nothing in it is an own fact.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, cached_property

from extractors.claim import Attribution
from extractors.lexicon import load_lexicon
from extractors.mentions.models import ModelMention, fold, split_name
from extractors.text import Block, Page

SUBJECTS = {"present": {"pattern", "weight"}, "never": {"names"}, "software": {"names"}, "architecture": {"names"}}
"""The tables of `lexicon/subjects.toml`."""


@cache
def architectures() -> frozenset[str]:
    """Folded names of architectures.

    Cards use them for their own variants («ViT-S (21M params)»), papers for other people's models.
    """
    return frozenset(fold(n) for row in load_lexicon("subjects.toml", SUBJECTS)["architecture"] for n in row["names"])


@cache
def software() -> frozenset[str]:
    """Folded names of training and serving software, which run models and are none: «trained with Megatron-LM»."""
    return frozenset(fold(n) for row in load_lexicon("subjects.toml", SUBJECTS)["software"] for n in row["names"])


@dataclass(frozen=True, slots=True)
class Own:
    """A model of the document's own: the name as it stands most often, and its folded base."""

    name: str
    base: str
    score: float


@dataclass(frozen=True)
class Profile:
    """What a document is about. `main` is the model that «we», «it» and silence mean; None when it has none of its own.

    `cites` tells a paper from a card: it cites other work; `system` says that the own name is of software, which runs
    models of others. `names` counts every model name of the text; `places` tells page, block, offset and the block's
    number where each stands first, and `mentions` holds those of each block by its page's identity and its start.
    """

    main: Own | None
    own: tuple[Own, ...]
    cites: bool = False
    system: bool = False
    names: Counter[str] = field(default_factory=Counter)
    places: dict[str, tuple[Page, Block, int, int]] = field(default_factory=dict, repr=False)
    mentions: dict[tuple[int, int], list[ModelMention]] = field(default_factory=dict, repr=False)

    @property
    def described(self) -> bool:
        """Whether the main model has no name and goes by the document's title or address."""
        return self.main is not None and not self.own

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Folded bases of the own models, longest first."""
        return tuple(sorted({o.base for o in self.own}, key=len, reverse=True))

    @cached_property
    def stem(self) -> str:
        """The telling word of a name made of it and a common one: `switch` of «Switch Transformers», else empty."""
        match = (
            re.fullmatch(r"([A-Z][a-z]{3,}) (?:Transformers?|Models?|LLMs?|Networks?|Language Models?)", self.main.name)
            if self.main and not self.described
            else None
        )
        return match[1].lower() if match else ""

    def is_own(self, mention: ModelMention) -> bool:
        """Whether a name is one of the own models or a variant of one: «Qwen3-8B» of Qwen3, never «Qwen2.5-72B»."""
        if self.stem and mention.base.startswith(self.stem):
            return True
        return any(
            belongs(mention.base, base)
            or _versions(mention.base, base)
            or (base.startswith(mention.base) and belongs(mention.key, base))
            or (not mention.size and _shortens(mention.base, base))
            for base in self.bases
        )

    def whose(self, mention: ModelMention) -> Attribution:
        """Whose run a named model stands for: in a report on a system the models named are its own workloads."""
        return Attribution.OWN if self.system or self.is_own(mention) else Attribution.OTHER

    def sizes(self) -> set[str]:
        """The sizes in the names of own variants: `7b`, `70b`."""
        mentions = [split_name(name) for name in self.names]
        return {m.size for m in mentions if size_value(m.size) and self.is_own(m)}

    def variant_near(self, value: float) -> str | None:
        """The own variant whose nominal size lies within 8 % of a number of parameters; None where there is none."""
        near = [s for s in self.sizes() if (v := size_value(s)) and abs(v - value) <= 0.08 * value]
        if not near:
            return None
        return self.variant(min(near, key=lambda s: (abs((size_value(s) or 0) - value), s)))

    def variant(self, size: str, certain: bool = True) -> str | None:
        """The own variant of a size («405B») as the document names it, or composed from the main name.

        With `certain` off, only a size that the document's own names have is a variant: «a 72B model» may be anybody's.
        """
        if self.main is None or self.described:
            return None
        folded = size.lower().replace(" ", "")
        known = self.sizes()
        if folded not in known and (wanted := size_value(folded)):
            near = [s for s in known if (v := size_value(s)) and abs(v - wanted) <= 0.08 * wanted]
            folded = min(near, key=lambda s: abs((size_value(s) or 0) - wanted), default=folded)
        if not certain and folded not in known:
            return None
        best: tuple[int, str] | None = None
        for name, count in self.names.items():
            mention = split_name(name)
            if (
                mention.size == folded
                and self.is_own(mention)
                and not mention.variant
                and (best is None or count > best[0])
            ):
                best = (count, name)
        if best:
            return best[1]
        stem = split_name(self.main.name)
        bare = self.main.name
        if stem.size:
            cut = re.search(rf"[-\s_]*{re.escape(stem.size)}", self.main.name, re.I)
            bare = self.main.name[: cut.start()] if cut else bare
        return f"{bare} {size}" if stem.size != folded else self.main.name


def size_value(size: str) -> float | None:
    """Parameters that a size in a name stands for: 7e9 for «7B», 235e9 for «235B-A22B»; None for what is no size."""
    match = re.match(r"(\d+(?:\.\d+)?)\s?([bm])(\d)?", size.lower())
    if match and match[3]:
        return float(f"{match[1]}.{match[3]}") * (1e9 if match[2] == "b" else 1e6)
    return float(match[1]) * (1e9 if match[2] == "b" else 1e6) if match else None


def belongs(name: str, base: str) -> bool:
    """Whether a folded name is a base or its variant, no other version: `qwen3coder` of `qwen3`, never `qwen2.5`."""
    if not name.startswith(base):
        return False
    rest = name[len(base) :]
    return not rest or not (
        rest[0] == "."
        or (rest[0].isdigit() and base[-1].isdigit())
        or re.match(r"v?\d+(?:\.\d+)?(?![\d.]*[bmt])", rest)
    )


def _versions(name: str, base: str) -> bool:
    """Whether a name is a version of a brand that has none in its own: «Larch v0.2 large» of Larch, not of Larch 2."""
    rest = name[len(base) :] if name.startswith(base) and not re.search(r"\d", base) else ""
    return re.fullmatch(r"v\d+(?:\.\d+)?(?:tiny|mini|small|base|medium|large|huge|xl)?", rest) is not None


def _shortens(name: str, base: str) -> bool:
    """Whether a name is the own one without its version: «Open-Sora» of Open-Sora 1.1, but not «Phi-3» of Phi-3.5."""
    return (
        len(name) > 2
        and name[-1].isalpha()
        and base.startswith(name)
        and re.fullmatch(r"v?\d[\d.]*.*", base[len(name) :]) is not None
    )
