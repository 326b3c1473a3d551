"""The settings of job scripts, training configurations and logs: each key with its value and the line it stands on.

`#SBATCH --nodes=48`, `export NNODES=16`, `--nproc_per_node 8`, `trainer.num_nodes=16`, `devices: 8`, `"fp16": true`,
`world_size ........ 384`. What a key means is data (`lexicon/settings.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from extractors.claims.draft import Span
from extractors.lexicon import LexiconError, load_lexicon
from extractors.text import Block, Page

TABLES = {"setting": {"role", "names", "short"}, "sign": {"id", "pattern"}, "unnamed": {"names"}}
"""The tables of `lexicon/settings.toml`."""

_DIRECTIVE = re.compile(r"\s*#(?:SBATCH|PBS|BSUB|PJM|COBALT|OAR)\s")
_COMMENT = re.compile(r"(?:^|\s)(?:#+|//)(?!\{)\s?(?P<note>.*)$")
_VALUE = r"(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'\\;,)}\]]+)"
_FLAG = re.compile(rf"(?<![\w-])--?(?P<key>[A-Za-z][\w.-]*)(?:\s?=\s?|\s+(?!--?[A-Za-z])){_VALUE}")
_ASSIGNMENT = re.compile(
    rf"(?<![\w./$-])\+{{0,2}}[\"']?(?P<key>[A-Za-z_][\w.]*)[\"']?\s?(?:=(?!=)|:(?=\s|\d))\s?{_VALUE}"
)
_DUMPED = re.compile(rf"(?<![\w.])(?P<key>[a-z][a-z_]+)\s\.{{3,}}\s{_VALUE}")
_TAKEN_OUT = re.compile(r"(?:SBATCH|PBS|BSUB|PJM)\b|--?[A-Za-z]|(?:export\s)?\w+=")
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
_PRODUCT = re.compile(r"\$\(\(\s*([\d*\s]+?)\s*\)\)")
_MOST_LINES, _LONGEST_LINE = 4000, 2000
"""A script or the head of a log is within these; a vocabulary on one line and the steps of a log are not."""

_SLOTS = re.compile(r"[\w.-]+\s+slots\s?=\s?(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value as written, the comment behind it, and where its line stands.

    `role` is what the lexicon says that the key means, else empty; `directive` marks the scheduler's own lines and
    `dumped` the settings that a log prints.
    """

    key: str
    value: str
    role: str
    span: Span
    note: str = ""
    directive: bool = False
    dumped: bool = False

    @property
    def number(self) -> float | None:
        """The value as a number: `220_000_000`, `300e9`; None for what is none."""
        plain = self.value.replace("_", "")
        return float(plain) if re.fullmatch(r"\d+(?:\.\d+)?(?:[eE]\+?\d+)?", plain) else None


def read_settings(blocks: Iterable[tuple[Page, Block]]) -> list[Setting]:
    """The settings of blocks of code in order, with variables put in for their names; a comment sets nothing."""
    variables: dict[str, str] = {}
    found: list[Setting] = []
    for span in _lines(blocks):
        for setting in _read_line(span.quote, span):
            value = _resolve(setting.value, variables)
            if not setting.key.startswith("-"):
                variables.setdefault(setting.key, value)
            found.append(replace(setting, key=setting.key.lstrip("-"), value=value))
    return found


def read_comments(blocks: Iterable[tuple[Page, Block]]) -> Iterator[Span]:
    """The comments of blocks of code without the mark; a setting that was taken out is none (`##SBATCH --nodes=4`)."""
    for line in _lines(blocks):
        words = line.quote
        at = _DIRECTIVE.match(words)
        comment = _COMMENT.search(words, at.end() if at else 0)
        if comment and not words.startswith("#!") and not _TAKEN_OUT.match(comment["note"]):
            yield Span(line.page, line.start + comment.start("note"), line.end)


def _lines(blocks: Iterable[tuple[Page, Block]]) -> Iterator[Span]:
    found = (
        Span(page, block.start + match.start(), block.start + match.end())
        for page, block in blocks
        for match in re.finditer(r"[^\n]+", page.text[block.start : block.end])
    )
    return (line for line in islice(found, _MOST_LINES) if line.end - line.start <= _LONGEST_LINE)


def _read_line(line: str, span: Span) -> Iterator[Setting]:
    directive = _DIRECTIVE.match(line)
    body = line[directive.end() :] if directive else line
    comment = _COMMENT.search(body)
    note = comment["note"] if comment else ""
    body = body[: comment.start()] if comment else body
    if slots := _SLOTS.fullmatch(body):
        yield Setting("slots", slots[1], "slots", span, note)
        return
    taken: list[tuple[int, int]] = []
    for pattern in (_DUMPED, _FLAG, _ASSIGNMENT):
        for match in pattern.finditer(body):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            taken.append(match.span())
            flag = pattern is _FLAG
            short = flag and len(match["key"]) == 1
            role = _role(match["key"], short=short, directive=directive is not None)
            yield Setting(
                f"-{match['key']}" if flag else match["key"],
                match["value"].strip("\"' "),
                role,
                span,
                note,
                directive is not None,
                pattern is _DUMPED,
            )


def _resolve(value: str, variables: dict[str, str]) -> str:
    """A value with known variables put in: `$NNODES` is 16 after `NNODES=16`, `$((2 * 8))` is 16."""
    value = _REFERENCE.sub(lambda m: variables.get(m[1], m[0]), value)
    if product := _PRODUCT.fullmatch(value):
        total = 1
        for factor in product[1].split("*"):
            if not factor.strip().isdigit():
                return value
            total *= int(factor)
        return str(total)
    return value


@cache
def _roles() -> tuple[dict[str, str], dict[str, str]]:
    """The roles of long names and of a scheduler's one-letter options; raises LexiconError for a name that has two."""
    long: dict[str, str] = {}
    short: dict[str, str] = {}
    for row in load_lexicon("settings.toml", TABLES)["setting"]:
        for name, roles in [*((n, long) for n in row["names"]), *((n, short) for n in row.get("short", []))]:
            if name in roles:
                raise LexiconError(f"settings.toml: the name {name!r} stands twice")
            roles[name] = row["role"]
    return long, short


def _role(key: str, *, short: bool, directive: bool) -> str:
    long, shorts = _roles()
    if short:
        return shorts.get(key, "") if directive else ""
    return long.get(key.rpartition(".")[2].lower().replace("-", "_"), "")


@cache
def sign(name: str) -> re.Pattern[str]:
    """A sign of the lexicon: words that say what a script is. Raises LexiconError for one that it does not have."""
    for row in load_lexicon("settings.toml", TABLES)["sign"]:
        if row["id"] == name:
            return re.compile(row["pattern"], re.I)
    raise LexiconError(f"settings.toml: no sign {name!r}")


@cache
def unnamed() -> frozenset[str]:
    """What runs are called that say nothing of a model: «train», «job1»."""
    return frozenset(n for row in load_lexicon("settings.toml", TABLES)["unnamed"] for n in row["names"])
