"""Which kind of document some bytes are, read off the bytes; a name decides only between kinds of text."""

from __future__ import annotations

import re
from pathlib import PurePath

from corpus.document import MediaType

_HEAD = 65_536
_TEXT_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Signatures of formats that hold no NUL early enough for the test of control bytes to catch them, or that are text to
# the eye and yet no document of ours.
_FOREIGN = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"RIFF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"{\\rtf",
    b"%!PS",
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NAMES = {
    ".html": MediaType.HTML,
    ".htm": MediaType.HTML,
    ".xhtml": MediaType.HTML,
    ".md": MediaType.MARKDOWN,
    ".markdown": MediaType.MARKDOWN,
    ".mdx": MediaType.MARKDOWN,
    ".rmd": MediaType.MARKDOWN,
    ".qmd": MediaType.MARKDOWN,
    # Scripts and settings, whose comments look like headings of Markdown.
    **dict.fromkeys((".sh", ".slurm", ".sbatch", ".pbs", ".yaml", ".yml", ".json", ".toml", ".cfg"), MediaType.TEXT),
}
_HTML_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.I)
_HTML_TAG = re.compile(
    rb"</(?:p|div|span|a|li|ul|ol|td|tr|table|h[1-6]|section|article|strong|em|b|i|code|pre|title|blockquote)\s*>", re.I
)
_MARKDOWN_SIGNS = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        rb"^ {0,3}#{1,6} +[^\s#!/]",
        rb"^ {0,3}\|? *:?-{3,}:? *\|",
        rb"\[[^\[\]\n]{1,500}\]\([^)\s]{1,500}\)",
        rb"^ {0,3}(?:```|~~~)",
        rb"\*\*[^*\n]{1,500}\*\*",
        rb"\A---[ \t]*\r?\n(?:[^\n]*\n){1,200}?---[ \t]*\r?$",
    )
)


def sniff(data: bytes, name: str) -> MediaType:
    """The media type of some bytes.

    `%PDF-` within the first 1,024 bytes makes a PDF, as readers of PDF accept it there. A photograph that was renamed
    to `report.pdf` is UNKNOWN, and so is everything else that is no text. Between HTML, Markdown and plain text the
    content speaks first («<!doctype html>» in a file called `card.md` is HTML); where it leaves a choice, the name
    decides. An empty file is what its name says, or plain text.
    """
    named = _NAMES.get(PurePath(name).suffix.lower())
    if b"%PDF-" in data[:1024]:
        return MediaType.PDF
    if not data.strip():
        return named or MediaType.TEXT
    head = data[:_HEAD]
    if not _reads_as_text(head):
        return MediaType.UNKNOWN
    return _tell_text_apart(head, named)


def _reads_as_text(head: bytes) -> bool:
    if head.startswith(_FOREIGN):
        return False
    if head.startswith(_TEXT_BOMS) or _is_wide(head):
        return True
    return len(_CONTROL.findall(head)) <= len(head) // 1000


def _is_wide(head: bytes) -> bool:
    """Whether this is UTF-16 without a mark: nearly every other byte of Western text is then NUL."""
    even, odd = head[0:2000:2], head[1:2000:2]
    return len(head) > 3 and min(even.count(0), odd.count(0)) == 0 and max(even.count(0), odd.count(0)) > 0.4 * len(odd)


def _tell_text_apart(head: bytes, named: MediaType | None) -> MediaType:
    # A page in UTF-16 shows its tags once the NULs between the letters are gone.
    text = head.replace(b"\x00", b"")
    start = re.sub(
        rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s|<\?xml[^>]*\?>|<!--.*?-->)*", b"", text, count=1, flags=re.S
    )
    if _HTML_PAGE.match(start):
        return MediaType.HTML
    if re.match(rb"<svg[\s>]", start, re.I):
        return MediaType.UNKNOWN
    signs = sum(bool(sign.search(text)) for sign in _MARKDOWN_SIGNS)
    script = start.startswith(b"#!")
    tags = len(_HTML_TAG.findall(text))
    if named is MediaType.HTML and tags:
        return MediaType.HTML
    if named is MediaType.MARKDOWN and not script:
        return MediaType.MARKDOWN
    if _HTML_PAGE.search(text[:4096]) and signs < 2:
        return MediaType.HTML
    if tags >= 3 and signs < 2 and start.startswith(b"<"):
        return MediaType.HTML
    if signs >= 2 and not script and named is not MediaType.TEXT:
        return MediaType.MARKDOWN
    return MediaType.TEXT
