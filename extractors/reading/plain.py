"""The reader of plain text: prose, scripts and logs."""

from __future__ import annotations

import re
from pathlib import PurePath

from corpus.document import Document
from extractors.reading.blocks import PSEUDO_LEVEL, PageDraft
from extractors.reading.characters import detect_language, flow, normalise
from extractors.reading.charset import decode
from extractors.text import Kind, Outcome, Reading, Text

_ITEM = re.compile(r"[ \t]*(?:[-*•·–]|\(?\d{1,2}[.)])[ \t]+(?=\S)")
_STAMP = re.compile(
    r"\W{0,3}\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d|\W{0,3}(?:INFO|WARN(?:ING)?|ERROR|DEBUG)\b"
    r"|.{0,40}\biter(?:ation)?\b\s*\d|\s*[a-z]\w+ \.{3,} \S+$"
)
_CODE_LINE = re.compile(
    r"[ \t]*(?:#(?:!|SBATCH|PBS|BSUB|include|define)|\$ |>>> |--?[a-zA-Z][\w-]*[ =\\]|<[a-z/]|[})\]]+[,;]?$"
    r"|(?:export|import|def|class|for|while|if|cd|echo|srun|python3?) |from \w+ import|(?:fi|done|else)$"
    r"|[A-Z_][A-Z0-9_]*=|[\w.]+ ?= ?[\"'\[{(\d$\w]|\"[^\"]+\" ?:)|.*(?:\\|[;{])$"
)
_SETTINGS = frozenset({".sh", ".slurm", ".sbatch", ".pbs", ".yaml", ".yml", ".json", ".toml", ".cfg"})
_SHORTEST_WRAP = 50
_RULE = re.compile(r"[=\-~*#_]{3,}")
_NUMBERED = re.compile(r"(?:\d{1,2}\.)*\d{1,2}\.?\s+[A-Z一-鿿]|[一二三四五六七八九十]{1,3}、")


def read_plain(data: bytes, document: Document) -> Reading:
    """A text file as one page without number.

    A script, a file of settings or a log is CODE, line by line («#SBATCH --nodes=52», «num_nodes: 16»); prose is
    paragraphs with their wrapped lines joined, items, and headings where a line is underlined, numbered or in capitals.
    NO_TEXT for an empty file; UNSUPPORTED where no encoding fits.
    """
    source = decode(data)
    if source is None:
        return Reading(Outcome.UNSUPPORTED, reason=f"{document.name} is in no character encoding that could be told.")
    text = normalise(source.replace("\f", "\n\n"))
    draft = PageDraft()
    runs = [run.strip("\n") for run in re.split(r"\n(?:[ \t]*\n)+", text) if run.strip()]
    coded = [_reads_as_code(run.split("\n")) for run in runs]
    letters = sum(map(len, runs))
    all_code = (
        text.lstrip().startswith("#!")
        or PurePath(document.name).suffix.lower() in _SETTINGS
        or sum(len(r) for r, c in zip(runs, coded, strict=True) if c) > 0.5 * letters
    )
    for run, code in zip(runs, coded, strict=True):
        if all_code or code:
            draft.add_code(run)
        else:
            _add_prose(draft, run.split("\n"))
    page = draft.build()
    if not page.text:
        return Reading(Outcome.NO_TEXT, reason=f"{document.name} holds no text.")
    title = next((page.text[b.start : b.end] for b in page.blocks[:1] if b.kind is Kind.HEADING), "")
    return Reading(Outcome.READ, Text((page,), detect_language(page.text), title))


def _reads_as_code(lines: list[str]) -> bool:
    signs = sum(bool(_STAMP.match(line) or _CODE_LINE.match(line)) for line in lines)
    return signs >= 0.5 * len(lines) and not _ITEM.match(lines[0])


def _add_prose(draft: PageDraft, lines: list[str]) -> None:
    if len(lines) == 2 and _RULE.fullmatch(lines[1].strip()):
        draft.add_heading(flow(lines[0]), 1 if lines[1].strip()[0] == "=" else 2)
        return
    lines = [line for line in lines if not _RULE.fullmatch(line.strip())]
    if len(lines) == 1 and _reads_as_heading(lines[0].strip()):
        draft.add_heading(flow(lines[0]), PSEUDO_LEVEL)
        return
    gathered: list[str] = []
    kind = Kind.PARAGRAPH
    for line in lines:
        if mark := _ITEM.match(line):
            draft.add(kind, _join(gathered, kind))
            gathered, kind = [line[mark.end() :]], Kind.ITEM
        else:
            gathered.append(line)
    draft.add(kind, _join(gathered, kind))


def _join(lines: list[str], kind: Kind) -> str:
    """The lines of a block: joined where they were wrapped, kept where each is a statement of its own."""
    if not lines:
        return ""
    longest = max(map(len, lines))
    if kind is Kind.PARAGRAPH and longest < _SHORTEST_WRAP:
        return "\n".join(flow(line) for line in lines)
    return flow("\n".join(lines))


def _reads_as_heading(line: str) -> bool:
    if len(line) > 80 or line[-1:] in ".。,，;；":
        return False
    return bool(_NUMBERED.match(line)) or (line.isupper() and len(line.split()) <= 10)
