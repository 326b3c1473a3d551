"""What is read from PDFs of our own, trap by trap: the exact text, its blocks, its tables and its place on the page."""

from __future__ import annotations

import numpy as np
import pytest
from fidelity import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from readings import make_document

from corpus.document import MediaType
from extractors.reading import read
from extractors.reading.glyphs import Frame
from extractors.text import Block, Kind, Outcome, Page, Reading, Table, Text


def reading(data: bytes) -> Reading:
    document = make_document(data, "own.pdf").model_copy(update={"media_type": MediaType.PDF})
    return read(data, document)


def text_of(data: bytes) -> Text:
    text = reading(data).text
    assert text is not None
    return text


def blocks_of(page: Page) -> list[tuple[Kind, str]]:
    return [(b.kind, page.text[b.start : b.end]) for b in page.blocks]


def table_of(page: Page) -> tuple[Block, Table]:
    block = next(b for b in page.blocks if b.table)
    assert block.table is not None
    return block, block.table


COLUMNS = (
    "The first column tells how the cluster was wired and which switches stood between the racks of the "
    "hall. It goes on "
    "for a few lines more so that a reader sees one column of text and not the two halves of one long "
    "line. Each rack held "
    "four nodes, and each node eight chips of one kind, joined by links that carried gradients quickly "
    "and were checked "
    "every night by a small program which wrote what it found into a file that nobody opened until the "
    "day when the run "
    "slowed down. Then the file showed that one link in nine had dropped to half of its speed. The run "
    "was stopped, the "
    "cable changed and the training begun again from the last checkpoint, which cost us two hours and "
    "taught us to read the "
    "file every morning with our coffee."
)
CAPTION = (
    "Table 1: What the training of the two models took, with the energy measured at the wall of the hall "
    "and the cooling "
    "left out."
)


def test_two_columns_are_read_one_after_the_other_and_a_wide_table_between_them_as_a_whole() -> None:
    page = text_of(documents.two_columns()).pages[0]
    assert blocks_of(page) == [
        (Kind.HEADING, "A Report on Racks and Links"),
        (Kind.PARAGRAPH, COLUMNS),
        (
            Kind.TABLE,
            "Model\tChips\tChip hours\tEnergy\nPine-7B\tA100-80GB\t82,400\t36 "
            "MWh\nPine-65B\tA100-80GB\t1,022,000\t449 MWh",
        ),
        (Kind.CAPTION, CAPTION),
        (Kind.PARAGRAPH, COLUMNS),
    ]
    _, table = table_of(page)
    assert table.caption == CAPTION
    cell = table.at(2, 2)
    assert cell is not None
    assert cell.text == "1,022,000" == page.text[cell.start : cell.end]
    assert [c.text for c in table.column_headers(cell)] == ["Chip hours"]
    assert [c.text for c in table.row_headers(cell)] == ["Pine-65B", "A100-80GB"]


def test_exponents_are_marked_and_note_marks_never_lengthen_a_number() -> None:
    assert text_of(documents.scripts()).pages[0].text == (
        "Training took 3.8 × 10^25 FLOP in all.\n\n"
        "The learning rate fell to 2.2 × 10^-5 at the end.\n\n"
        "We used 2,048¹ chips of one kind².\n\n"
        "The run emitted 173 t of CO2 in a year.\n\n"
        "³The Institute of Long Runs"
    )


def test_a_line_end_hyphen_stays_with_the_names_that_own_it() -> None:
    assert text_of(documents.hyphens()).pages[0].text == (
        "The hardware was new, and all pre-training was done on it before the summer of that year. The "
        "hardware stood in one "
        "hall. Our earlier model was weaker than DeepSeek-V2 and was trained on A100-80GB cards before it "
        "was compared to "
        "GPT-3 in a table. After the pre-training we went on with a short tuning of the last layers."
    )


def test_joined_letters_come_out_one_by_one() -> None:
    assert text_of(documents.ligatures()).pages[0].text == (
        "An efficient workflow: the first of five, different from before."
    )


def test_a_line_printed_four_times_to_look_bold_is_read_once() -> None:
    assert (
        text_of(documents.fake_bold()).pages[0].text == "Trained on 512 chips\n\nAll well, and still good; a balloon."
    )


def test_letters_that_a_damaged_file_puts_at_infinity_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = documents.Paper()
    paper.put(72, 100, "Trained on 512 chips")
    paper.put(72, 300, "lost")
    place = Frame.display

    def misplace(self: Frame, box: NDArray[np.float32]) -> NDArray[np.float32]:
        out = place(self, box)
        out[out[:, 1] > 200] = np.inf
        return out

    monkeypatch.setattr(Frame, "display", misplace)
    assert text_of(paper.bytes()).pages[0].text == "Trained on 512 chips"


def test_the_archives_stamp_names_work_and_date_and_stays_out_of_the_text() -> None:
    text = text_of(documents.stamped())
    assert (text.work, text.date, text.title) == ("arxiv:2401.12345", "2025-02-18", "On the Keeping of Racks")
    assert blocks_of(text.pages[0]) == [
        (Kind.HEADING, "On the Keeping of Racks"),
        (
            Kind.PARAGRAPH,
            "We kept the racks cool and the chips busy, and report here what that took in hours and in power "
            "over the whole of "
            "one year.",
        ),
        (Kind.FURNITURE, "arXiv:2401.12345v2 [cs.CL] 18 Feb 2025"),
    ]


@pytest.mark.parametrize("numbered", [False, True])
def test_running_heads_page_numbers_and_line_numbers_are_furniture_after_the_text(numbered: bool) -> None:
    text = text_of(documents.furniture(numbered_lines=numbered))
    for page in text.pages:
        lines = [
            f"Line {c} of page {page.number} says that the run went on without fault all night long and"
            for c in "abcdefghij"
        ]
        kinds = blocks_of(page)
        assert kinds[0] == (Kind.PARAGRAPH, " ".join(lines))
        assert (Kind.FURNITURE, "The Pine Team: A Report on Racks") in kinds
        assert (Kind.FURNITURE, str(page.number)) in kinds
        assert all(kind is Kind.FURNITURE for kind, _ in kinds[1:])
        assert len(kinds) == (13 if numbered else 3)


def test_a_heading_over_two_columns_and_a_label_beside_two_rows_reach_all_their_cells() -> None:
    page = text_of(documents.headers_of_two_rows()).pages[0]
    _, table = table_of(page)
    assert (table.header_rows, table.header_columns, table.caption) == (2, 2, "Table 2 | Sharding of the runs.")
    rows = [[c.text for c in table.row(r)] for r in range(table.shape[0])]
    assert rows == [
        ["Shards"],
        ["Model", "Type", "Chips", "Data", "Seq.", "Hours"],
        ["Pine-1B", "TPUv4", "512", "16", "2", "1,200"],
        ["TPUv5e", "2048", "16", "8", "3,400"],
        ["Pine-7B", "TPUv5p", "6144", "24", "32", "9,900"],
    ]
    data, hours = table.at(3, 3), table.at(3, 5)
    assert data is not None
    assert hours is not None
    assert [c.text for c in table.column_headers(data)] == ["Shards", "Data"]
    assert [c.text for c in table.column_headers(hours)] == ["Hours"]
    assert [c.text for c in table.row_headers(hours)] == ["Pine-1B", "TPUv5e"]


def test_a_table_without_rules_is_found_and_the_prose_around_it_is_not_torn() -> None:
    page = text_of(documents.unruled_table()).pages[0]
    assert [kind for kind, _ in blocks_of(page)] == [Kind.PARAGRAPH, Kind.CAPTION, Kind.TABLE, Kind.PARAGRAPH]
    _, table = table_of(page)
    assert [[c.text for c in table.row(r)] for r in range(3)] == [
        ["Stage", "H800 hours", "USD"],
        ["Pre-training", "2664K", "$5.328M"],
        ["Post-training", "5K", "$0.01M"],
    ]
    assert table.caption == "Table 3: Costs of the run."


def test_words_that_wrap_inside_a_cell_stay_in_it() -> None:
    _, table = table_of(text_of(documents.wrapped_cells()).pages[0])
    assert [[c.text for c in table.row(r)] for r in range(3)] == [
        ["Model", "GPU", "GPU power draw", "Total power used"],
        ["Pine-7B", "A100", "400 W", "36 MWh"],
        ["Pine-65B", "A100", "400 W", "449 MWh"],
    ]


def test_labels_of_a_figure_stay_out_of_the_paragraph_that_it_breaks() -> None:
    assert blocks_of(text_of(documents.figure_beside_prose()).pages[0]) == [
        (
            Kind.PARAGRAPH,
            "Before the figure stands a paragraph that is long enough to fill its line up to the very margin of "
            "it, and it "
            "breaks off in the midst of what was to be said. As shown in the chart, the first stage took most of "
            "the hours; "
            "see the numbers in Figure 1.",
        ),
        (Kind.FIGURE, "H800 hours by stage\n300\n200\n100\n0"),
        (Kind.CAPTION, "Figure 1: Hours by stage."),
    ]


def test_items_whose_marks_are_drawn_are_told_apart_and_a_quotation_is_not_torn() -> None:
    blocks = blocks_of(text_of(documents.drawn_marks()).pages[0])
    items = [text for kind, text in blocks if kind is Kind.ITEM]
    assert items == [
        "Hardware: 128 A100 80GB GPUs, eight of them in a node, and InfiniBand between the nodes of it",
        "Hours used: 350",
        "Provider: none",
        "one NVIDIA H100",
        "two NVIDIA H20",
    ]
    assert [text for _, text in blocks if text.startswith("A quotation") and text.endswith("the last is short.")]


def test_blocks_stand_under_their_headings_and_references_end_with_their_section() -> None:
    text = text_of(documents.structure())
    found = [(b.kind, b.section, page.text[b.start : b.end][:12]) for page, b in text.blocks()]
    hardware = ("2 Training", "2.1 Hardware")
    assert found == [
        (Kind.HEADING, (), "A Report on "),
        (Kind.HEADING, (), "1 Introducti"),
        (Kind.PARAGRAPH, ("1 Introduction",), "We open with"),
        (Kind.HEADING, (), "2 Training"),
        (Kind.HEADING, ("2 Training",), "2.1 Hardware"),
        (Kind.PARAGRAPH, hardware, "Cluster. The"),
        (Kind.ITEM, hardware, "• Nodes with"),
        (Kind.ITEM, hardware, "• Switches."),
        (Kind.FOOTNOTE, hardware, "¹The hall st"),
        (Kind.HEADING, (), "References"),
        (Kind.REFERENCE, ("References",), "A. Writer. O"),
        (Kind.REFERENCE, ("References",), "B. Reader. O"),
        (Kind.HEADING, (), "A Appendix"),
        (Kind.PARAGRAPH, ("A Appendix",), "What did not"),
    ]


def test_chinese_lines_join_without_a_space_and_full_width_figures_become_plain() -> None:
    text = text_of(documents.chinese())
    assert text.language == "zh"
    assert text.pages[0].text == "我们在2048张H800显卡上训练了这个模型，总共用了两个月的时间，并使用 NVLink 互联。"


def test_a_table_printed_up_the_page_is_read_upright_and_keeps_its_place() -> None:
    page = text_of(documents.sideways_table()).pages[0]
    block, table = table_of(page)
    assert page.text[block.start : block.end].splitlines()[2] == "Pine-65B\t2048\t1,022,000"
    cell = table.at(2, 2)
    assert cell is not None
    (box,) = page.boxes(cell.start, cell.start + 1)
    assert 255 < box.right < 270
    assert 390 < box.bottom < 402


def test_captions_beside_each_other_do_not_mix() -> None:
    captions = [
        words for kind, words in blocks_of(text_of(documents.captions_side_by_side()).pages[0]) if kind is Kind.CAPTION
    ]
    assert captions == [
        "Figure 1: The hours of the first run, by the stage in which they were spent.",
        "Figure 2: The power of the second run, as measured at the wall.",
    ]


def test_an_empty_password_opens_a_file_and_any_other_is_the_outcome() -> None:
    assert text_of(documents.encrypted("")).pages[0].text == "Kept under lock and key."
    closed = reading(documents.encrypted("a secret"))
    assert closed.outcome is Outcome.ENCRYPTED
    assert closed.reason == "own.pdf is encrypted and the empty password does not open it."


def test_a_scan_without_text_says_so() -> None:
    scan = reading(documents.scan())
    assert scan.outcome is Outcome.NO_TEXT
    assert "scan" in scan.reason


def test_a_damaged_file_is_an_outcome_and_no_crash() -> None:
    assert reading(b"%PDF-1.7\nnothing of a file").outcome is Outcome.FAILED
    assert reading(b"").outcome is Outcome.FAILED


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_file_cut_off_or_scribbled_on_never_raises(data: st.DataObject) -> None:
    whole = documents.structure()
    cut = data.draw(st.integers(0, len(whole)))
    spoiled = bytearray(whole[:cut] if data.draw(st.booleans()) else whole)
    for place in data.draw(st.lists(st.integers(0, max(0, len(spoiled) - 1)), max_size=20)):
        if spoiled:
            spoiled[place] ^= 0x55
    assert reading(bytes(spoiled)).outcome in Outcome


@pytest.mark.parametrize(
    ("turn", "box"),
    [
        (0, (100.0, 482.0, 212.0, 505.0)),
        (90, (337.0, 100.0, 360.0, 212.0)),
        (180, (383.0, 337.0, 495.0, 360.0)),
        (270, (235.0, 630.0, 258.0, 742.0)),
    ],
)
def test_boxes_are_those_of_the_page_as_displayed(turn: int, box: tuple[float, float, float, float]) -> None:
    page = text_of(documents.turned_page(turn)).pages[0]
    assert page.text == "Turned words"
    assert (page.width, page.height) == (595.0, 842.0)
    assert page.geometry is not None
    rows = page.geometry[~np.isnan(page.geometry[:, 0])]
    around = (*rows[:, :2].min(axis=0), *rows[:, 2:].max(axis=0))
    assert around == pytest.approx(box, abs=3)


def test_boxes_count_from_the_crop_box() -> None:
    page = text_of(documents.turned_page(0, crop=(40.0, 100.0))).pages[0]
    assert (page.width, page.height) == (555.0, 742.0)
    (box,) = page.boxes(0, len(page.text))
    assert (box.left, box.right) == pytest.approx((60.0, 172.0), abs=3)


@pytest.mark.parametrize("name", sorted(documents.ALL))
def test_every_cell_and_block_is_a_span_of_its_page_and_every_box_lies_on_it(name: str) -> None:
    for page in text_of(documents.ALL[name]()).pages:
        assert page.geometry is not None
        assert len(page.geometry) == len(page.text)
        ends = [0]
        for block in page.blocks:
            assert ends[-1] <= block.start < block.end <= len(page.text)
            ends.append(block.end)
            for cell in block.table.cells if block.table else ():
                assert cell.text == page.text[cell.start : cell.end]
                assert page.boxes(cell.start, cell.end)
        real = page.geometry[~np.isnan(page.geometry[:, 0])]
        assert (real[:, :2] > -2).all()
        assert (real[:, 2] < page.width + 2).all()
        assert (real[:, 3] < page.height + 2).all()
        assert page.quality.score > 0.95
