"""Pages: their main text in order, tables as grids, numbers as printed, and nothing of what stands around."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import blocks_of, check_offsets, grid_of, make_document, page_of, tables_of

from extractors.reading.characters import detect_language
from extractors.reading.html import read_html
from extractors.reading.html_markup import parse_markup
from extractors.reading.tex import render_tex
from extractors.text import Outcome, Page, Reading, Text


def read(source: str | bytes, name: str = "page.html", address: str = "") -> Reading:
    data = source if isinstance(source, bytes) else source.encode()
    return read_html(data, make_document(data, name, address))


def page(source: str | bytes) -> Page:
    return page_of(read(source))


def text(source: str | bytes) -> str:
    return page(source).text


def said(source: str, address: str = "") -> Text:
    found = read(source, address=address).text
    assert found is not None
    return found


BLOG = """<!doctype html><html lang=en><head><title>Larch-7B in the open | Alder Lab</title>
<script type="application/ld+json">{"@type":"BlogPosting","headline":"Larch-7B in the open","articleBody":"We trained on
4,096 chips, says the twin."}</script></head><body>
<div class="cookie-banner">We use cookies on 9,999 servers.</div>
<header class="site-header"><nav><a href="/">Home</a> <a href="/jobs">Jobs with 500 H100</a></nav></header>
<main><article><header><h1>Larch-7B in the open</h1><span class="post-meta">March 28, 2024 · 4 min</span></header>
<aside class="toc"><a href="#a">Training</a><a href="#b">Costs</a></aside>
<h2 id=a>Training<a class="anchor" href="#a">#</a></h2>
<p>Larch-7B was trained on 2,048&nbsp;H800 GPUs
for 41&#8201;days.</p><ul><li>Precision: FP8<ul><li>weights in BF16</li></ul></li><li>Network: InfiniBand</li></ul>
<h3>Cost</h3><p>It took 2.788M GPU hours.</p>
<div class="share-buttons"><a href="x">Tweet this</a></div>
</article><section class="comments"><p>reader: I think they used 16 H20</p></section></main>
<footer>© Alder Lab, 8 A100 in the cellar</footer></body></html>"""


def test_the_main_text_without_what_stands_around() -> None:
    assert blocks_of(page(BLOG)) == [
        ("heading", "Larch-7B in the open"),
        ("heading", "Training"),
        ("paragraph", "Larch-7B was trained on 2,048 H800 GPUs for 41 days."),
        ("item", "Precision: FP8"),
        ("item", "weights in BF16"),
        ("item", "Network: InfiniBand"),
        ("heading", "Cost"),
        ("paragraph", "It took 2.788M GPU hours."),
    ]


def test_each_block_knows_the_headings_it_stands_under() -> None:
    last = page(BLOG).blocks[-1]
    assert last.section == ("Larch-7B in the open", "Training", "Cost")
    assert [block.level for block in page(BLOG).blocks if block.level] == [1, 2, 3]


def test_a_section_of_related_posts_is_left_out_until_the_next_of_its_rank() -> None:
    body = "<h2>A</h2><p>one</p><h2>Related posts</h2><h3>Fir on 512 H100</h3><p>two</p><h2>B</h2><p>three</p>"
    assert text(body) == "A\n\none\n\nB\n\nthree"


def test_a_layout_class_that_holds_the_whole_page_is_no_furniture() -> None:
    assert (
        text("<body><div class='page-with-sidebar has-search'><p>Trained on 64 H800.</p></div>")
        == "Trained on 64 H800."
    )


def test_a_section_named_after_its_heading_is_no_furniture() -> None:
    body = "<h1 id=shared-search>Search</h1><section id=related-work><h2>Related work</h2><p>Fir.</p></section>"
    assert text(f"<article>{body}<div id=comments><p>Nice!</p></div></article>") == "Search\n\nRelated work\n\nFir."


def test_tables_outside_the_marked_container_are_kept() -> None:
    prose = "<p>" + "Larch was trained with care. " * 30 + "</p>"
    body = f"<div><article>{prose}</article><table><tr><th>Chip<th>Count<tr><td>H800<td>64</table></div>"
    assert grid_of(tables_of(page(body))[0]) == [["Chip", "Count"], ["H800", "64"]]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("3.8×10<sup>25</sup> FLOP", "3.8×10^25 FLOP"),
        ("10<sup>−4</sup> and 2<sup>10</sup>", "10^-4 and 2^10"),
        ("10²⁵ FLOP", "10^25 FLOP"),
        ("384<sup>2</sup> pixels", "384^2 pixels"),
        ("an area of 814 mm<sup>2</sup>", "an area of 814 mm^2"),
        ("420 t CO<sub>2</sub>eq, or CO₂", "420 t CO2eq, or CO2"),
        ("2,048<sup>7</sup> GPUs", "2,048 GPUs"),
        ("2,048⁷ GPUs", "2,048 GPUs"),
        ("GPUs<sup>3</sup> ran", "GPUs ran"),
        ("2,048 GPUs<sup><a href='#n1'>1</a></sup>", "2,048 GPUs"),
        ("2,048<a href='#n1'><sup>[1]</sup></a> GPUs", "2,048 GPUs"),
        ("On loan.&nbsp;<a href='#fnref:1'>↩&nbsp;<sup>1</sup></a>", "On loan."),
        ("the 2<sup>nd</sup> run", "the 2nd run"),
        ("１，０２４枚のＨ１００", "1,024枚のH100"),
        ("train\u00ading on H\u200b800", "training on H800"),
        ("ﬁne‑tuned 🚀", "fine-tuned 🚀"),
        ("a\n  b<br>c", "a b\nc"),
        ("训练使用了\n昇腾910", "训练使用了昇腾910"),
    ],
)
def test_numbers_and_letters_stand_as_a_reader_would_type_them(markup: str, expected: str) -> None:
    assert text(f"<p>{markup}</p>") == expected


@pytest.mark.parametrize(
    "formula",
    [
        r"<math alttext='3.8\times 10^{25}'><mn>3.8</mn></math>",
        "<math><mn>3.8</mn><mo>×</mo><msup><mn>10</mn><mn>25</mn></msup></math>",
        "<span class=katex><span class=katex-mathml><math><semantics><mrow><mn>3.8</mn></mrow>"
        r"<annotation encoding='application/x-tex'>3.8\times10^{25}</annotation></semantics></math></span>"
        "<span class=katex-html aria-hidden=true>3.8×1025</span></span>",
        "<span class=MathJax_Preview>3.8</span><span class=MathJax>3.8×1025</span>"
        r"<script type='math/tex'>3.8\times10^{25}</script>",
        r"<mjx-container data-latex='3.8\times10^{25}'><svg></svg></mjx-container>",
    ],
)
def test_a_formula_is_read_once_whoever_set_it(formula: str) -> None:
    assert text(f"<p>It took {formula} FLOP.</p>") == "It took 3.8×10^25 FLOP."


def test_dollars_are_formulas_only_where_a_script_sets_them() -> None:
    body = "<p>It took $3\\times10^{24}$ FLOP at $2 per hour, $450 in all.</p>"
    script = "<script src='https://example.org/mathjax/tex-mml.js'></script>"
    assert text(script + body) == "It took 3×10^24 FLOP at $2 per hour, $450 in all."
    assert text(body) == "It took $3\\times10^{24}$ FLOP at $2 per hour, $450 in all."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\approx 2.1\%", "≈2.1%"),
        (r"2{,}048", "2,048"),
        (r"\sim\!15\,\mathrm{T}", "~15 T"),
        (r"N_{\text{tok}}^{2}", "N_tok^2"),
        (r"\frac{6ND}{t}", "6ND/t"),
        (r"10^{-4} \leq \eta", "10^-4 ≤ η"),
        (r"\mathbf{H800}~\text{GPUs}", "H800 GPUs"),
        (r"\left(8 \times 16\right)", "(8 × 16)"),
    ],
)
def test_tex_becomes_text(source: str, expected: str) -> None:
    assert render_tex(source) == expected


SPANS = """<table><caption>Table 2: hours by stage</caption>
<thead><tr><th rowspan=2>Model</th><th colspan=2>GPU<br>hours</th><th rowspan=2>Chip</th></tr>
<tr><th>pre</th><th>post</th></tr></thead>
<tbody><tr><td rowspan=2>Larch</td><td>184,320</td><td>12k</td><td>8×A100<br>16×H20</td></tr>
<tr><td>200k</td><td>—</td><td>H800</td></tr></tbody></table>"""


def test_spans_are_resolved_and_headers_found() -> None:
    (table,) = tables_of(page(SPANS))
    assert (table.shape, table.header_rows, table.header_columns) == ((4, 4), 2, 1)
    assert table.caption == "Table 2: hours by stage"
    assert grid_of(table) == [
        ["Model", "GPU hours", "GPU hours", "Chip"],
        ["Model", "pre", "post", "Chip"],
        ["Larch", "184,320", "12k", "8×A100 / 16×H20"],
        ["Larch", "200k", "—", "H800"],
    ]
    cell = table.at(3, 1)
    assert cell is not None
    assert [header.text for header in table.column_headers(cell)] == ["GPU hours", "pre"]
    assert [header.text for header in table.row_headers(cell)] == ["Larch"]


def test_a_table_row_is_a_line_of_the_text_with_tabs() -> None:
    assert text(SPANS).splitlines()[-2:] == ["Larch\t184,320\t12k\t8×A100 / 16×H20", "200k\t—\tH800"]


def test_a_title_row_across_the_table_is_part_of_its_head() -> None:
    (table,) = tables_of(
        page("<table><tr><td colspan=3>Runs on Leonardo<tr><td>Model<td>Chips<td>Hours<tr><td>1B<td>64<td>158</table>")
    )
    assert table.header_rows == 2


def test_a_table_of_names_and_values_has_no_head() -> None:
    (table,) = tables_of(page("<table><tr><td>GPU hours<td>1720<tr><td>Chip<td>H800</table>"))
    assert (table.header_rows, table.header_columns) == (0, 1)


@pytest.mark.parametrize("line", ["Table 3: training cost", "Table 3. Training cost", "表3 训练成本", "表 3：训练成本"])
def test_a_short_line_beside_a_table_is_its_caption(line: str) -> None:
    table = "<table><tr><th>Chip<th>Hours<tr><td>H800<td>158</table>"
    for body in (f"<p>{line}</p>{table}", f"{table}<p>{line}</p>"):
        found = page(body)
        assert tables_of(found)[0].caption == line
        assert ("caption", line) in blocks_of(found)


def test_a_sentence_about_a_table_is_no_caption() -> None:
    found = page("<p>Table 3 shows the training cost.</p><table><tr><th>Chip<th>Hours<tr><td>H800<td>158</table>")
    assert tables_of(found)[0].caption == ""


def test_a_layout_table_is_read_through() -> None:
    body = "<table><tr><td><h2>Training</h2><p>On 64 H800.</p></td><td><p>Beside.</p></td></tr></table>"
    assert blocks_of(page(body)) == [("heading", "Training"), ("paragraph", "On 64 H800."), ("paragraph", "Beside.")]


def test_code_keeps_its_lines_and_loses_its_line_numbers() -> None:
    numbered = "<table><tr><td class=gutter><pre>1\n2\n3\n</pre><td><pre>srun \\\n  -N 48\n\nwait</pre></table>"
    assert blocks_of(page(numbered)) == [("code", "srun \\\n  -N 48"), ("code", "wait")]
    rows = "<tr><td class=blob-num>1<td>nodes = 48<tr><td class=blob-num>2<td>  gpus = 8"
    listed = f"<table class=js-file-line-container>{rows}</table>"
    assert blocks_of(page(listed)) == [("code", "nodes = 48\n  gpus = 8")]


def test_terms_join_what_is_said_of_them() -> None:
    body = "<dl><dt>Hardware</dt><dd>16 A100</dd><dt>Time:</dt><dd>3 days</dd></dl>"
    assert blocks_of(page(body)) == [("item", "Hardware: 16 A100"), ("item", "Time: 3 days")]


def test_a_line_in_bold_leads_what_follows() -> None:
    found = page(
        "<h2>Setup</h2><p><b>Hardware:</b></p><p>64 H800.</p><p><b>We used 64 H800 for it all.</b></p>"
        "<h2>End</h2><p>x</p>"
    )
    assert blocks_of(found)[1] == ("heading", "Hardware:")
    assert found.blocks[2].section == ("Setup", "Hardware:")
    assert blocks_of(found)[3] == ("paragraph", "We used 64 H800 for it all.")
    assert found.blocks[-1].section == ("End",)


def test_references_are_known_as_such() -> None:
    body = "<h2>Costs</h2><p>ours</p><h2>5. References</h2><ol><li>Fir, on 992 A100.</ol><h2>Appendix</h2><p>ours</p>"
    kinds = [kind for kind, _ in blocks_of(page(body))]
    assert kinds == ["heading", "paragraph", "heading", "reference", "heading", "paragraph"]
    bibtex = "<pre>@misc{larch,\n  title={Larch}\n}</pre>"
    assert blocks_of(page(bibtex))[0][0] == "reference"


PAPER = """<html><head><title>Larch</title></head><body><nav class="ltx_page_navbar">
<nav class="ltx_TOC">1 A</nav></nav>
<div class="ltx_page_main"><div class="ltx_page_content"><article class="ltx_document">
<h1 class="ltx_title ltx_title_document">The Larch Report</h1>
<div class="ltx_authors"><span class="ltx_creator"><span class="ltx_personname">Ada Alder</span></span></div>
<section class="ltx_section"><h2 class="ltx_title"><span class="ltx_tag">2 </span>Training</h2>
<div class="ltx_para"><p class="ltx_p">We used <math alttext="2{,}048"><mn>2048</mn></math> H800 GPUs<span
class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">1</sup><span class="ltx_note_outer"><span
class="ltx_note_content"><sup class="ltx_note_mark">1</sup><span class="ltx_tag ltx_tag_note">1</span>On
loan.</span></span></span> for <cite class="ltx_cite">[<a href="#bib.1">7</a>]</cite> weeks.</p></div>
<figure class="ltx_table"><figcaption class="ltx_caption">Table 1: Cost</figcaption><span class="ltx_tabular"><span
class="ltx_tr"><span class="ltx_td ltx_th">Stage</span><span class="ltx_td ltx_th">Hours</span></span><span
class="ltx_tr"><span class="ltx_td">Pre</span><span class="ltx_td">2664K<span class="ltx_note"><span
class="ltx_note_outer">x</span></span></span></span></span></figure></section>
<section class="ltx_bibliography"><h2>References</h2><ul><li class="ltx_bibitem">Fir, 992 A100.</li></ul></section>
</article></div><footer class="ltx_page_footer">Generated</footer></div></body></html>"""


def test_a_paper_in_html_as_latexml_sets_it() -> None:
    found = page(PAPER)
    assert blocks_of(found) == [
        ("heading", "The Larch Report"),
        ("paragraph", "Ada Alder"),
        ("heading", "2 Training"),
        ("paragraph", "We used 2,048 H800 GPUs for [7] weeks."),
        ("footnote", "On loan."),
        ("caption", "Table 1: Cost"),
        ("table", "Stage\tHours\nPre\t2664K"),
        ("heading", "References"),
        ("reference", "Fir, 992 A100."),
    ]
    assert tables_of(found)[0].caption == "Table 1: Cost"
    assert said(PAPER).authors == ("Ada Alder",)


WECHAT = """<html><head><meta property="og:title" content="落叶松模型训练回顾">
<meta name=author content="桤木实验室"></head><body>
<h1 id="activity-name">落叶松模型训练回顾</h1><div id="meta_content"><span>桤木实验室</span></div>
<div class="rich_media_content" id="js_content" style="visibility: hidden;"><section><section>
<p>落叶松在１，０２４张昇腾910B上训练，
历时两个月。</p></section></section></div><div class="qr_code_pc"><p>扫码关注</p></div>
<script>var ct = "1711584000";</script></body></html>"""


def test_a_wechat_page() -> None:
    assert blocks_of(page(WECHAT)) == [
        ("heading", "落叶松模型训练回顾"),
        ("paragraph", "落叶松在1,024张昇腾910B上训练，历时两个月。"),
    ]
    found = said(WECHAT)
    assert (found.language, found.title, found.authors, found.date) == (
        "zh",
        "落叶松模型训练回顾",
        ("桤木实验室",),
        "2024-03-28",
    )


DOCS = """<body><div class="navbar">Docs Blog</div><div class="main-wrapper"><aside class="theme-doc-sidebar-container">
<ul class="menu__list"><li>Cluster with 900 V100</li></ul></aside>
<main><div class="theme-doc-markdown markdown"><header>
<h1>Training Larch</h1></header><div class="theme-admonition"><p>Needs 8 H800.</p></div>
<details><summary>Full settings</summary><p>Batch 4M.</p></details><p>After.</p>
<details><summary>Click to expand</summary><p>More.</p></details></div>
<nav class="pagination-nav"><a>Next: Fir</a></nav></main></div></body>"""


def test_a_documentation_page() -> None:
    found = page(DOCS.replace("<body>", "<title>Training Larch | Docs</title><body>"))
    assert blocks_of(found) == [
        ("heading", "Training Larch"),
        ("paragraph", "Needs 8 H800."),
        ("heading", "Full settings"),
        ("paragraph", "Batch 4M."),
        ("paragraph", "After."),
        ("paragraph", "More."),
    ]
    assert found.blocks[4].section == ("Training Larch",)


def test_what_a_page_says_of_itself() -> None:
    found = said(
        """<html><head><title>Larch-7B | Alder Lab</title><link rel=canonical href="/blog/larch">
        <meta name=citation_author content="Alder, Ada"><meta name=citation_author content="Birch, Bo">
        <meta name=citation_arxiv_id content="2412.00001">
        <meta property="article:published_time" content="2024-12-27T08:00:00Z">
        </head><body><p>See also arXiv:2302.13971.</p></body></html>""",
        address="https://alder.example/blog/larch?ref=1",
    )
    assert found.title == "Larch-7B"
    assert found.authors == ("Alder, Ada", "Birch, Bo")
    assert (found.date, found.address, found.work) == (
        "2024-12-27",
        "https://alder.example/blog/larch",
        "arxiv:2412.00001",
    )


def test_a_cited_paper_is_not_the_page_s_work() -> None:
    assert said("<p>We follow arXiv:2302.13971 and doi:10.1000/xyz.</p>").work == ""


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("by Ada Alder, 02 Feb, 2023", "2023-02-02"),
        ("Posted on September 3rd, 2024", "2024-09-03"),
        ("发布于 2024年3月28日", "2024-03-28"),
        ("2024/03/28", "2024-03-28"),
        ("version 2024.99", ""),
    ],
)
def test_a_byline_dates_a_page(line: str, date: str) -> None:
    assert said(f"<h1>Larch</h1><p>{line}</p><p>Text.</p>").date == date


@pytest.mark.parametrize(
    ("sentence", "encoding"),
    [
        ("我们在二千零四十八张加速卡上完成了预训练，历时两个月。", "gb18030"),
        ("我們在兩千零四十八張加速卡上完成了預訓練，歷時兩個月。", "big5"),
        ("私たちは2048基の加速器を用いて事前学習を行いました。", "shift_jis"),
        ("私たちは2048基の加速器を用いて事前学習を行いました。", "euc_jp"),
        ("L’entraînement a duré deux mois près d’Orsay, en été.", "cp1252"),
        ("我们在二千零四十八张加速卡上完成了预训练，历时两个月。", "utf-16"),
    ],
)
@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", None])
def test_the_bytes_outweigh_a_wrong_charset(sentence: str, encoding: str, declared: str | None) -> None:
    meta = f'<meta charset="{declared}">' if declared else ""
    source = f"<html><head>{meta}</head><body><p>{sentence}</p></body></html>"
    assert text(source.encode(encoding)) == sentence


@pytest.mark.parametrize(
    ("sample", "declared", "language"),
    [
        ("We trained Larch on H800.", "", "en"),
        ("落叶松 Larch-7B 在 H800 上训练，使用 PyTorch 与 FlashAttention。", "en", "zh"),
        ("落葉松模型在加速卡上訓練。", "", "zh"),
        ("H100を用いて学習しました。", "", "ja"),
        ("Wir haben Larch trainiert.", "de-DE", "de"),
    ],
)
def test_the_language_is_that_of_most_of_the_text(sample: str, declared: str, language: str) -> None:
    assert detect_language(sample, declared) == language


@pytest.mark.parametrize(
    "source", ["", "   \n", "<!doctype html>", "<html><body><script>load()</script></body></html>"]
)
def test_a_page_without_text_says_so(source: str) -> None:
    reading = read(source)
    assert reading.outcome is Outcome.NO_TEXT
    assert "page.html" in reading.reason


def test_bytes_in_no_encoding_are_refused_in_plain_words() -> None:
    reading = read(bytes(range(128, 256)) * 4)
    assert reading.outcome is Outcome.UNSUPPORTED
    assert "encoding" in reading.reason


@pytest.mark.parametrize(
    "tag", ["div", "span", "ul><li", "blockquote", "table><tr><td", "div class=katex", "sup", "header"]
)
def test_tags_that_are_never_closed_cost_neither_text_nor_time(tag: str) -> None:
    found = page(f"<body><p>Trained on 64 H800.</p>{f'<{tag}>x' * 5000}")
    assert found.text.startswith("Trained on 64 H800.")


def test_an_unknown_name_in_the_markup_file_is_refused() -> None:
    with pytest.raises(ValueError, match=r"html_markup\.toml: \[main\] .*colours"):
        parse_markup({"main": {"ids": [], "classes": [], "colours": []}, "blocks": {"tags": []}})


NAMES = [
    "p",
    "div",
    "table",
    "tr",
    "td",
    "th",
    "ul",
    "li",
    "h1",
    "h2",
    "pre",
    "b",
    "a",
    "sup",
    "sub",
    "br",
    "math",
    "dl",
]
NAMES += [
    "dt",
    "dd",
    "figure",
    "figcaption",
    "summary",
    "details",
    "span",
    "article",
    "nav",
    "caption",
    "thead",
    "script",
]
WORDS = st.sampled_from(
    ["10", "25", "H800", " ", "\n", "\t", "GPU hours", "昇腾910", "$", "²", "\u00a0", "Table 1: x", "&amp;", "<", "]"]
)
TAGS = st.builds(
    lambda slash, name, rest: f"<{slash}{name}{rest}>",
    st.sampled_from(["", "", "/"]),
    st.sampled_from(NAMES),
    st.sampled_from(
        [
            "",
            "",
            ' class="ltx_tabular"',
            ' colspan="3"',
            ' rowspan="2"',
            ' href="#x"',
            ' class="katex"',
            ' class="footnotes"',
        ]
    ),
)


@given(st.lists(TAGS | WORDS, max_size=60).map("".join))
def test_offsets_hold_on_any_tag_soup(source: str) -> None:
    reading = read(source)
    if reading.text is not None:
        check_offsets(reading.text.pages[0])


@given(st.binary(max_size=300))
def test_any_bytes_have_an_outcome(data: bytes) -> None:
    reading = read(data)
    assert (reading.text is None) == bool(reading.reason)
    assert (reading.text is not None) == (reading.outcome is Outcome.READ)


CELLS = st.lists(st.lists(st.text("abc 19é汉|", max_size=8), min_size=2, max_size=4), min_size=1, max_size=4)


@given(CELLS)
def test_every_cell_of_a_table_is_kept_in_its_place(rows: list[list[str]]) -> None:
    lines = [["head", "er"], *rows]
    source = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    (table,) = tables_of(page(f"<table>{source}</table>"))
    for at, line in enumerate(lines):
        assert [cell.text for cell in table.row(at)] == [" ".join(cell.split()) for cell in line]


def test_a_paragraph_within_a_heading_is_the_heading() -> None:
    found = page('<h2><p align="center">Larch Training with Acme</p></h2><p>It is a model.</p>')
    assert blocks_of(found) == [("heading", "Larch Training with Acme"), ("paragraph", "It is a model.")]
