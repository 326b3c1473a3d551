"""The reader of Markdown. It becomes HTML first, so that the raw HTML in model cards and READMEs reads the same."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from corpus.document import Document
from extractors.reading.blocks import PageDraft
from extractors.reading.characters import EAST_ASIAN, detect_language, flow, normalise
from extractors.reading.charset import decode
from extractors.reading.html import parse, prose_of
from extractors.reading.html_metadata import find_date, find_work
from extractors.reading.html_walk import Walk
from extractors.reading.tex import match_embedded
from extractors.text import Kind, Outcome, Reading, Text

_FRONT = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\n(?!\s*\n)(.*?)^\1[ \t]*(?:\n|\Z)", re.S | re.M)
_FIELD = re.compile(r"""^([A-Za-z_][\w-]*)[ \t]*[:=][ \t]*(.*?)[ \t]*$""")
_LISTED = re.compile(r"^[ \t]*-[ \t]+(.*?)[ \t]*$")
_TEMPLATES = re.compile(
    r"\{\{[<%].{0,400}?[%>]\}\}|\{%.{0,400}?%\}|^[ \t]*(?:\[TOC\]|\[\[_TOC_\]\]|:::.*)$", re.M | re.I
)
_STRAY_STARS = re.compile(rf"\*\*(?={EAST_ASIAN})|(?<={EAST_ASIAN})\*\*")
_RAW_LINK = re.compile(r"(?<![!\]])\[([^\[\]<>\n]{1,300})\]\(https?://[^\s()<>]{1,500}\)")
_RAW_STARS = re.compile(r"\*\*([^*<>\n]{1,300})\*\*")
_NOTE = re.compile(r"\[\^[^\]\s]+\](?!:)")
_BRACKET = re.compile(r"\\.|[\[\]]", re.S)
_MOST_LONE = 100
_DEEPEST = 32
_NOTE_TEXT = re.compile(r"^\[\^([^\]\s]+)\]:[ \t]*(.*)$")


def read_markdown(data: bytes, document: Document) -> Reading:
    """A Markdown text as one page without number, without its markup, front matter, badges and comments.

    NO_TEXT for an empty one; UNSUPPORTED where no encoding fits.
    """
    source = decode(data)
    if source is None:
        return Reading(Outcome.UNSUPPORTED, reason=f"{document.name} is in no character encoding that could be told.")
    fields, body = split_front_matter(re.sub(r"\r+\n|\r", "\n", source))
    draft = PageDraft()
    rendered = _parser().render(_TEMPLATES.sub("", body)) if body.strip() else ""
    root = parse(f"<body>{rendered}</body>") if rendered.strip() else None
    if root is not None:
        Walk(draft).read(root)
    page = draft.build()
    if not page.text:
        return Reading(Outcome.NO_TEXT, reason=f"{document.name} holds no text.")
    headings = (page.text[b.start : b.end] for b in page.blocks if b.kind is Kind.HEADING and b.level == 1)
    said = {name: flow(normalise(values[0])) for name, values in fields.items() if values and values[0]}
    text = Text(
        pages=(page,),
        language=detect_language(prose_of(page), said.get("lang", "")),
        title=said.get("title") or next(headings, ""),
        authors=tuple(flow(normalise(name)) for name in fields.get("authors", fields.get("author", [])) if name),
        date=find_date(said.get("date", "")),
        address=next((said[name] for name in ("canonical_url", "url") if said.get(name, "").startswith("http")), ""),
        work=find_work(said.get("doi", ""), f"arxiv:{said['arxiv']}" if "arxiv" in said else ""),
    )
    return Reading(Outcome.READ, text)


def split_front_matter(source: str) -> tuple[dict[str, list[str]], str]:
    """The fields of a YAML or TOML front matter, each with its values as written, and the text after it.

    Model cards carry malformed ones (tabs, stray colons, no end), so that no YAML parser is asked: `key: value`, `key:
    [a, b]` and a list below a key are read, deeper structure is passed over.
    """
    found = _FRONT.match(source)
    if found:
        front, body = found[2], source[found.end() :]
    elif re.match(r"\A\s*---[ \t]*\n[A-Za-z_][\w-]*:", source):
        front, _, body = source.lstrip()[3:].lstrip("\n").partition("\n\n")
    else:
        return {}, source
    fields: dict[str, list[str]] = {}
    key = ""
    for line in front.split("\n"):
        if field := _FIELD.match(line):
            key = field[1].lower()
            value = field[2].strip()
            listed = value[1:-1].split(",") if value.startswith("[") and value.endswith("]") else [value]
            fields[key] = [item.strip().strip("\"'") for item in listed if item.strip() not in {"", ">-", ">", "|"}]
        elif (item := _LISTED.match(line)) and key:
            fields[key].append(re.sub(r"^name:\s*", "", item[1]).strip("\"'"))
    return fields, body


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 100}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "math", _read_math)
    parser.inline.ruler.before("link", "note", _pass_note)
    parser.inline.ruler.before("note", "lone_bracket", _pass_lone_bracket)
    parser.core.ruler.after("inline", "leftovers", _drop_leftovers)
    parser.block.ruler.before("reference", "note_text", _read_note_text, {"alt": ["paragraph"]})
    return parser


def _read_math(state: StateInline, silent: bool) -> bool:
    found = match_embedded(state.src, state.pos) if state.src[state.pos] in "$\\" else None
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found[1]
    return True


def _drop_leftovers(state: StateCore) -> None:
    """Take out marks that CommonMark leaves standing.

    `**` beside Chinese words and signs («**「落叶松」**是»), and links and stars in the captions and cells of raw HTML.
    """
    for token in state.tokens:
        if token.type == "html_block" and "<pre" not in token.content:
            token.content = _RAW_STARS.sub(r"\1", _RAW_LINK.sub(r"\1", token.content))
        for child in token.children or ():
            if child.type == "text" and "**" in child.content:
                child.content = _STRAY_STARS.sub("", child.content)


def _pass_lone_bracket(state: StateInline, silent: bool) -> bool:
    """Take a bracket that can begin no link for a letter.

    The parser looks for the end of each link to the end of the paragraph, so that damaged pages with thousands of open
    brackets would take minutes.
    """
    at = state.pos + state.src.startswith("![", state.pos)
    if at not in _lone_brackets(state.src):
        return False
    if not silent:
        state.pending += state.src[state.pos]
    state.pos += 1
    return True


@lru_cache(maxsize=2)
def _lone_brackets(source: str) -> frozenset[int]:
    """Where brackets open that never close, or that lie deeper than any link; none where these are few, since some may
    close for the parser's finer eye («[a `[` b](c)»).
    """
    if source.count("[") <= _MOST_LONE:
        return frozenset()
    lone: set[int] = set()
    opened: list[int] = []
    for found in _BRACKET.finditer(source):
        if found[0] == "[":
            if len(opened) >= _DEEPEST:
                lone.add(opened[-_DEEPEST])
            opened.append(found.start())
        elif found[0] == "]" and opened:
            opened.pop()
    lone.update(opened)
    return frozenset(lone) if len(lone) > _MOST_LONE else frozenset()


def _pass_note(state: StateInline, silent: bool) -> bool:
    found = _NOTE.match(state.src, state.pos) if state.src[state.pos] == "[" else None
    if found is None:
        return False
    state.pos = found.end()
    return True


def _read_note_text(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A footnote's text: `[^1]: …` and the indented lines after it."""
    found = _NOTE_TEXT.match(state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]])
    if found is None:
        return False
    if silent:
        return True
    lines = [found[2]]
    line = start + 1
    while line < end and not state.isEmpty(line):
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        if _NOTE_TEXT.match(text.lstrip()):
            break
        lines.append(text)
        line += 1
    token = state.push("html_block", "", 0)
    token.content = '<div class="footnote">'
    inner = state.push("inline", "", 0)
    inner.content, inner.children, inner.map = "\n".join(lines).strip(), [], [start, line]
    state.push("html_block", "", 0).content = "</div>\n"
    state.line = line
    return True
