"""Model cards and READMEs: text without markup, tables of either notation, and nothing invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import blocks_of, check_offsets, grid_of, make_document, page_of, tables_of

from extractors.reading.markdown import read_markdown, split_front_matter
from extractors.text import Outcome, Page, Reading, Text


def read(source: str | bytes) -> Reading:
    data = source if isinstance(source, bytes) else source.encode()
    return read_markdown(data, make_document(data, "card.md"))


def page(source: str) -> Page:
    return page_of(read(source))


def text(source: str) -> str:
    return page(source).text


def said(source: str) -> Text:
    found = read(source).text
    assert found is not None
    return found


CARD = """---
language: en
license: apache-2.0
title: Larch-7B
---
<!-- keep this in step with 9,999 other cards -->
[![stars](https://img.shields.io/github/stars/alder/larch)](https://github.com/alder/larch)

# Larch-7B

**Larch-7B** was trained on `2,048` [H800](https://example.org/h800) GPUs
for *41* days[^1] ([paper](https://arxiv.org/abs/2412.00001)).

- Precision: **FP8**
  - weights in `BF16`
1. Network: ~~RoCE~~ InfiniBand

> Carbon: 420 t CO<sub>2</sub>eq

Setup
-----

```bash
# 48 nodes
srun -N 48 train.sh

wait
```

    indented = True

[^1]: Without the *failed* runs.

## Citation

Please cite us.

```
@misc{larch, title={Larch}}
```
"""


def test_a_card_is_read_without_its_markup() -> None:
    assert blocks_of(page(CARD)) == [
        ("heading", "Larch-7B"),
        ("paragraph", "Larch-7B was trained on 2,048 H800 GPUs for 41 days (paper)."),
        ("item", "Precision: FP8"),
        ("item", "weights in BF16"),
        ("item", "Network: RoCE InfiniBand"),
        ("paragraph", "Carbon: 420 t CO2eq"),
        ("heading", "Setup"),
        ("code", "# 48 nodes\nsrun -N 48 train.sh"),
        ("code", "wait"),
        ("code", "indented = True"),
        ("footnote", "Without the failed runs."),
        ("heading", "Citation"),
        ("reference", "Please cite us."),
        ("reference", "@misc{larch, title={Larch}}"),
    ]


def test_setext_headings_have_their_rank() -> None:
    found = page("Larch\n=====\n\nSetup\n-----\n\nOn H800.\n")
    assert [block.level for block in found.blocks] == [1, 2, 0]
    assert found.blocks[-1].section == ("Larch", "Setup")


PIPES = """| Stage | GPU hours<br>(H800) | Chips |
|:--|--:|---|
| Pre-training | 2664K | **2,048** |
| Post-training | 5K | 8×A100<br>16×H20 |
| Both \\| all | | `64` |
"""


def test_a_pipe_table() -> None:
    (table,) = tables_of(page(PIPES))
    assert (table.shape, table.header_rows, table.header_columns) == ((4, 3), 1, 1)
    assert grid_of(table) == [
        ["Stage", "GPU hours (H800)", "Chips"],
        ["Pre-training", "2664K", "2,048"],
        ["Post-training", "5K", "8×A100 / 16×H20"],
        ["Both | all", "", "64"],
    ]


def test_a_raw_table_between_paragraphs_of_markdown() -> None:
    source = """Table 1: Hours

<table>
  <tr><td></td><td><strong>Hours</strong></td></tr>

  <tr><td rowspan="2">Larch-7B</td>

<td>184,320</td></tr>
<tr><td>12k</td></tr>
</table>

After **all** of it.
"""
    found = page(source)
    (table,) = tables_of(found)
    assert grid_of(table) == [["", "Hours"], ["Larch-7B", "184,320"], ["Larch-7B", "12k"]]
    assert (table.header_rows, table.caption) == (1, "Table 1: Hours")
    assert blocks_of(found)[-1] == ("paragraph", "After all of it.")


def test_a_column_of_scores_names_no_rows() -> None:
    (scores,) = tables_of(page("| HellaSwag | BBH |\n|--|--|\n| 90.53 | 85.44 |\n"))
    assert (scores.header_rows, scores.header_columns) == (1, 0)
    (models,) = tables_of(page("| Model (B) | Hours |\n|--|--|\n| 0.13 | 158 |\n"))
    assert models.header_columns == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_line_ends_of_any_make_do_not_tear_a_table(end: str) -> None:
    assert len(tables_of(page(PIPES.replace("\n", end)))) == 1


def test_an_empty_head_of_a_pipe_table_gives_way_to_the_first_row() -> None:
    (table,) = tables_of(page("| | |\n|--|--|\n| Model | Hours |\n| Larch | 12k |\n"))
    assert grid_of(table) == [["Model", "Hours"], ["Larch", "12k"]]
    assert table.header_rows == 1


def test_a_head_that_already_is_a_row_of_values_is_none() -> None:
    (table,) = tables_of(page("| GPU hours | 1720 |\n|--|--|\n| Chips | 64 |\n"))
    assert (table.header_rows, table.header_columns) == (0, 1)
    (sizes,) = tables_of(page("| Model size | 7B |\n|--|--|\n| GPU hours | 1720 |\n"))
    assert sizes.header_rows == 1


def test_groups_in_the_first_column_make_the_second_name_rows_too() -> None:
    source = "| Model | Stage | Hours |\n|--|--|--|\n| 7B | pre-training | 5 |\n| | tuning | 6 |\n"
    (table,) = tables_of(page(source))
    assert table.header_columns == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"It took $3.8\times10^{25}$ FLOP.", "It took 3.8×10^25 FLOP."),
        (r"It took $\sim 15\,\text{T}$ and $N_{act}=37$B.", "It took ~15 T and N_act=37B."),
        (r"$$C \approx 6ND$$", "C ≈ 6ND"),
        (r"a batch of $2{,}048$ or \\(4^{2}\\)", "a batch of 2,048 or 4^2"),
        ("It cost $5.576M, at $2 per GPU hour.", "It cost $5.576M, at $2 per GPU hour."),
        ("between $450 and $500", "between $450 and $500"),
        (r"see \[1\] and \(this\)", "see [1] and (this)"),
        ("2**10 and a_b_c and snake_case", "2**10 and a_b_c and snake_case"),
        ("该系列**完全基于国产算力**训练", "该系列完全基于国产算力训练"),
        ("**「落叶松」**是模型", "「落叶松」是模型"),
        ("10<sup>25</sup> FLOP<sup>[2]</sup>", "10^25 FLOP"),
        ("4 &times; A800&nbsp;(80&#160;GB)", "4 × A800 (80 GB)"),
        ("one  \ntwo<br/>three", "one\ntwo\nthree"),
        ("<div>see [the paper](https://example.org/larch) on **64** H800</div>", "see the paper on 64 H800"),
        ("<https://example.org/larch>", "https://example.org/larch"),
        ("![A photograph of our new machine room](room.jpg)", "A photograph of our new machine room"),
        ("Text ![logo of the alder lab](x.png) goes on.", "Text goes on."),
        ("{{< figure src='x' >}}Text{% include y %}", "Text"),
        ("<NAME> and <think> stay out, x < 5 and 6 > 5 stay", "and stay out, x < 5 and 6 > 5 stay"),
    ],
)
def test_inline_markup_becomes_text(source: str, expected: str) -> None:
    assert text(source) == expected


def test_a_table_of_contents_is_left_out() -> None:
    assert (
        text("# Larch\n\n- [Training](#training)\n- [Costs](#costs)\n- [Fir](fir.md) on H800\n")
        == "Larch\n\nFir on H800"
    )


def test_lines_in_bold_are_headings_below_the_marked_ones() -> None:
    found = page("# Larch\n\n**Hardware**\n\n64 H800.\n\n**Trained on 64 H800.**\n\n# Fir\n\nNone.\n")
    assert [str(block.kind) for block in found.blocks] == [
        "heading",
        "heading",
        "paragraph",
        "paragraph",
        "heading",
        "paragraph",
    ]
    assert found.blocks[2].section == ("Larch", "Hardware")
    assert found.blocks[-1].section == ("Fir",)


@pytest.mark.parametrize(
    "front",
    [
        "---\nlicense: mit\ntags:\n- 9999 H100\n---\n",
        "---\r\nlicense: mit\r\n---\r\n",
        "\ufeff---\nlicense: mit\n---\n",
        "+++\nlicense = 'mit'\n+++\n",
        "---\nlicense: mit\n\tbroken: [\n: : x\n---\n",
        "---\nlicense: mit\nbase_model: fir\n\n",
    ],
)
def test_front_matter_stays_out_of_the_text_however_it_is_written(front: str) -> None:
    assert text(front + "# Larch\n\nOn H800.\n") == "Larch\n\nOn H800."


def test_a_rule_at_the_head_is_no_front_matter() -> None:
    assert text("---\n\nNote: on H800.\n\n---\n\nEnd.\n") == "Note: on H800.\n\nEnd."


def test_front_matter_says_what_the_card_is() -> None:
    found = said("---\ntitle: 'Larch-7B'\ndate: 2024-12-27\nauthors:\n  - name: Ada Alder\n  - Bo Birch\n---\nText.\n")
    assert (found.title, found.date, found.authors) == ("Larch-7B", "2024-12-27", ("Ada Alder", "Bo Birch"))
    assert split_front_matter("---\nlanguage: [en, zh]\n---\nx")[0] == {"language": ["en", "zh"]}


def test_a_title_is_the_first_heading_where_nothing_else_says_it() -> None:
    assert said("# Larch-7B\n\nText.\n").title == "Larch-7B"
    assert said("## 简介\n\n落叶松在昇腾910上训练。\n").language == "zh"


@pytest.mark.parametrize(
    "source", ["", "\n \n", "<!-- nothing -->", "---\nlicense: mit\n---\n", "[![badge](a.svg)](b)\n"]
)
def test_a_card_without_text_says_so(source: str) -> None:
    assert read(source).outcome is Outcome.NO_TEXT


def test_a_card_in_gbk_is_read() -> None:
    sentence = "我们在二千零四十八张加速卡上完成了预训练，历时两个月。"
    assert page_of(read(sentence.encode("gbk"))).text == sentence


PIECES = st.sampled_from(
    ["# ", "- ", "1. ", "> ", "|", "---", "```", "$", "**", "_", "`", "[^1]", "[^1]: ", "<td>", "<table>", "\\("]
)
NOISE = st.lists(PIECES | st.text("ab 1\n\t²汉<&[](){}", max_size=4), max_size=60).map("".join)


@given(NOISE)
def test_offsets_hold_on_any_noise(source: str) -> None:
    reading = read(source)
    if reading.text is not None:
        check_offsets(reading.text.pages[0])


@given(
    st.lists(
        st.sampled_from(["trained", "on", "2,048", "H800", "昇腾910", "3.8e25", "GPU-hours"]), min_size=1, max_size=12
    )
)
def test_plain_words_come_through_unchanged(words: list[str]) -> None:
    sentence = " ".join(words)
    assert text(f"{sentence}\n\n- {sentence}\n\n| a | b |\n|--|--|\n| {sentence} | x |\n").count(sentence) == 3


@pytest.mark.parametrize("lone", [3, 200])
def test_open_brackets_stay_and_links_among_them_are_read(lone: int) -> None:
    source = "[ " * lone + "see [the *report*](https://x.example/a), ![a picture](b.png) and \\[this\\]."
    assert text(source) == "[ " * lone + "see the report, and [this]."
