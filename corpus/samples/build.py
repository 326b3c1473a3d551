"""Write the bundled samples from `writing/`: the same text gives the same bytes on every machine.

Each file of `writing/` is one document of our own. Its `form` says what is made of its `body`:

    two-column, one-column   a PDF with the standard fonts, uncompressed, so that a change shows in a diff
    page                     an HTML page with navigation, JSON-LD and, where `page` asks, a cookie bar and headlines
    card                     Markdown with a YAML header, as model cards have
    text                     the text as it stands
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

HERE = Path(__file__).parent
AUTHOR = "chiptrail project"
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
WIDTH, HEIGHT = A4
MARGIN, GUTTER, HEAD = 56.0, 20.0, 96.0
PAGE = """\
<!DOCTYPE html>
<html lang="{{ writing.language }}">
<head>
<meta charset="utf-8">
<title>{{ writing.title }} | {{ page.site }}</title>
<meta property="og:title" content="{{ writing.title }}">
<script type="application/ld+json">
{{ metadata }}
</script>
<style>.consent { position: fixed; bottom: 0 }</style>
</head>
<body>
{% if page.cookies %}
<div class="consent" id="cookie-banner" role="dialog">
<p>{{ page.cookies }}</p>
<button type="button">{{ page.accept }}</button>
</div>
{% endif %}
<header>
<p class="site">{{ page.site }}</p>
<nav>
<ul>
{% for label in page.navigation %}
<li><a href="#{{ loop.index }}">{{ label }}</a></li>
{% endfor %}
</ul>
</nav>
</header>
<main>
<article>
<h1>{{ writing.title }}</h1>
<p class="byline">{{ author }}, <time datetime="{{ writing.date }}">{{ writing.date }}</time></p>
{{ body }}
</article>
</main>
{% if page.related %}
<aside class="related">
<h2>{{ page.related_title }}</h2>
<ul>
{% for headline in page.related %}
<li><a href="#related-{{ loop.index }}">{{ headline }}</a></li>
{% endfor %}
</ul>
</aside>
{% endif %}
<footer><p>{{ page.footer }}</p></footer>
</body>
</html>
"""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(_Part):
    """What a site puts around a text."""

    site: str = ""
    navigation: tuple[str, ...] = ()
    cookies: str = ""
    accept: str = ""
    related_title: str = ""
    related: tuple[str, ...] = ()
    footer: str = ""


class Writing(_Part):
    """One file of `writing/`. `body` is Markdown (plain text for the form `text`); `stamp` runs up the first margin."""

    file: str
    form: Literal["two-column", "one-column", "page", "card", "text"]
    body: str
    title: str = ""
    date: str = ""
    language: Literal["en", "zh"] = "en"
    tables: Literal["ruled", "booktabs"] = "ruled"
    stamp: str = ""
    tags: tuple[str, ...] = ()
    page: Page = Page()


def read_writing(path: Path) -> Writing:
    """One file of `writing/`. Raises ValueError, with the file and the key, where it holds what no form knows."""
    try:
        return Writing.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as fault:
        raise ValueError(f"{path.name}: {fault}") from fault


def build(writing: Writing) -> bytes:
    """The bytes of the document."""
    makers = {"page": make_page, "card": make_card, "text": make_text}
    return makers.get(writing.form, make_pdf)(writing)


def make_text(writing: Writing) -> bytes:
    """The body as it stands."""
    return writing.body.encode()


def make_card(writing: Writing) -> bytes:
    """Markdown under a YAML header of language, licence and tags."""
    tags = "".join(f"- {tag}\n" for tag in writing.tags)
    front = f"---\nlanguage: {writing.language}\nlicense: apache-2.0\ntags:\n{tags}---\n\n"
    return (front + writing.body).encode()


def make_page(writing: Writing) -> bytes:
    """An HTML page: the text in an article, and around it what a site adds."""
    metadata = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": writing.title,
        "datePublished": writing.date,
        "inLanguage": writing.language,
        "author": {"@type": "Organization", "name": AUTHOR},
    }
    template = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True).from_string(PAGE)
    return template.render(
        writing=writing,
        page=writing.page,
        author=AUTHOR,
        metadata=Markup(json.dumps(metadata, ensure_ascii=False, indent=1)),
        body=Markup(MARKDOWN.render(writing.body)),
    ).encode()


def make_pdf(writing: Writing) -> bytes:
    """A PDF in one or two columns, with page numbers and the stamp, if any, up the margin of the first page."""
    styles = Styles(writing.language)
    target = io.BytesIO()
    template = BaseDocTemplate(
        target, pagesize=A4, title=writing.title, author=AUTHOR, lang=writing.language, invariant=1, pageCompression=0
    )

    def decorate(canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.setFont(styles.body.fontName, 8)
        canvas.drawCentredString(WIDTH / 2, MARGIN / 2, str(canvas.getPageNumber()))
        if writing.stamp and canvas.getPageNumber() == 1:
            canvas.saveState()
            canvas.translate(MARGIN / 2, HEIGHT / 3)
            canvas.rotate(90)
            canvas.drawString(0, 0, writing.stamp)
            canvas.restoreState()

    columns = 2 if writing.form == "two-column" else 1
    width = (WIDTH - 2 * MARGIN - GUTTER * (columns - 1)) / columns
    lefts = [MARGIN + n * (width + GUTTER) for n in range(columns)]
    tall = HEIGHT - 2 * MARGIN
    plain: dict[str, Any] = dict.fromkeys(("leftPadding", "rightPadding", "topPadding", "bottomPadding"), 0)
    title = Frame(MARGIN, HEIGHT - MARGIN - HEAD, WIDTH - 2 * MARGIN, HEAD, **plain)
    first = [Frame(left, MARGIN, width, tall - HEAD, **plain) for left in lefts]
    later = [Frame(left, MARGIN, width, tall, **plain) for left in lefts]
    template.addPageTemplates(
        [PageTemplate("first", [title, *first], onPage=decorate), PageTemplate("later", later, onPage=decorate)]
    )
    template.build(
        [
            NextPageTemplate("later"),
            Paragraph(writing.title, styles.title),
            Paragraph(f"{AUTHOR}<br/>{writing.date}", styles.byline),
            FrameBreak(),
            *flow(writing.body, styles, width, booktabs=writing.tables == "booktabs"),
        ]
    )
    return target.getvalue()


class Styles:
    """Paragraph styles in the standard fonts, which no PDF embeds: Times, or Song for Chinese."""

    def __init__(self, language: str) -> None:
        plain, bold = "Times-Roman", "Times-Bold"
        if language == "zh":
            pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
            plain = bold = "STSong-Light"
        wrap = {"wordWrap": "CJK"} if language == "zh" else {"embeddedHyphenation": 1}
        justify = 0 if language == "zh" else 4
        self.body = ParagraphStyle(
            "body", fontName=plain, fontSize=10, leading=12.5, spaceAfter=6, alignment=justify, **wrap
        )
        self.title = ParagraphStyle("title", parent=self.body, fontName=bold, fontSize=16, leading=20, alignment=1)
        self.byline = ParagraphStyle("byline", parent=self.body, alignment=1)
        self.heading = ParagraphStyle(
            "heading",
            parent=self.body,
            fontName=bold,
            fontSize=12,
            leading=15,
            spaceBefore=6,
            alignment=0,
            keepWithNext=1,
        )
        self.cell = ParagraphStyle("cell", parent=self.body, fontSize=7, leading=8.5, spaceAfter=0, alignment=0)
        self.caption = ParagraphStyle("caption", parent=self.body, fontSize=9, leading=11, alignment=0)


def flow(body: str, styles: Styles, width: float, *, booktabs: bool) -> Iterator[Flowable]:
    """What a body in Markdown puts on the pages; a paragraph that begins «Table 1:» is a caption, kept by its table."""
    pending: list[Flowable] = []
    tokens = iter(MARKDOWN.parse(body))
    for token in tokens:
        if token.type == "heading_open":
            yield Paragraph(marked(next(tokens)), styles.heading)
        elif token.type == "table_open":
            pending.append(draw_table(tokens, styles, width, booktabs=booktabs))
        elif token.type == "paragraph_open":
            text = marked(next(tokens))
            caption = text.startswith(("Table ", "表 "))
            if caption:
                pending.append(Paragraph(text, styles.caption))
            if len(pending) == 2 or (pending and not caption):
                yield KeepTogether(pending)
                pending = []
            if not caption:
                yield Paragraph(text, styles.body)


def draw_table(tokens: Iterator[Token], styles: Styles, width: float, *, booktabs: bool) -> Table:
    """The table whose opening token was just read: all lines drawn, or three horizontal ones as booktabs draws them."""
    rows: list[list[Paragraph]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(Paragraph(marked(token), styles.cell))
    lines: list[tuple[Any, ...]] = [(f"{side}PADDING", (0, 0), (-1, -1), 3) for side in ("LEFT", "RIGHT")]
    if booktabs:
        lines.append(("LINEABOVE", (0, 0), (-1, 0), 1, colors.black))
        lines.append(("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black))
        lines.append(("LINEBELOW", (0, -1), (-1, -1), 1, colors.black))
    else:
        lines.append(("GRID", (0, 0), (-1, -1), 0.5, colors.black))
    wanted = [max(measure(cell, width) for cell in column) for column in zip(*rows, strict=True)]
    spare = (width - sum(wanted)) / len(wanted)
    return Table(rows, [w + spare for w in wanted], style=TableStyle(lines), spaceBefore=6, spaceAfter=6)


def measure(cell: Paragraph, width: float) -> float:
    """The width in points that a cell takes on one line, up to `width`."""
    cell.wrap(width, HEIGHT)
    return max(cell.getActualLineWidths0(), default=0.0)


def marked(token: Token) -> str:
    """The words of an inline token in reportlab's markup, with its line ends as spaces, or as nothing after Chinese."""
    tags = {"strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>"}
    parts: list[str] = []
    for child in token.children or []:
        if child.type == "text":
            parts.append(child.content.replace("&", "&amp;").replace("<", "&lt;"))
        elif child.type == "softbreak":
            parts.append(" " if parts[-1][-1].isascii() else "")
        elif child.type == "html_inline":
            parts.append(child.content.replace("sup>", "super>"))
        else:
            parts.append(tags[child.type])
    return "".join(parts)


def stamp_expected(path: Path, digest: str) -> None:
    """Put the digest of a rebuilt sample into its expected facts, where there are any."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'("sha256": )"[0-9a-f]*"', rf'\1"{digest}"', text, count=1), encoding="utf-8")


def main() -> int:
    """Write every sample anew, and say which ones changed."""
    for path in sorted((HERE / "writing").glob("*.toml")):
        writing = read_writing(path)
        data, target = build(writing), HERE / writing.file
        if not target.exists() or target.read_bytes() != data:
            target.write_bytes(data)
            print(f"wrote {target.name}, {len(data):,} bytes")
        stamp_expected(HERE / "expected" / f"{writing.file}.json", hashlib.sha256(data).hexdigest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
