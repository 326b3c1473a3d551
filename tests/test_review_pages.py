"""The review pages as a reviewer uses them, without a browser: what they show, what they ask, and what they record."""

from __future__ import annotations

import io
import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from reviewing import Review, open_review

from corpus.archive import digest
from evidence.decision_log import DecisionLog
from evidence.decisions import Action
from extractors.text import Block, Box, Cell, Kind, Page, Table
from outputs.review.forms import FormError, read_number
from outputs.review.passages import cut, lay_out, window
from outputs.review.rendering import outline

CARD = (
    b"# Larch-7B\n\nWe present Larch-7B, an open language model of 7B parameters.\n\n"
    b"Larch-7B was trained on 512 NVIDIA H800 GPUs. Training took 30 days.\n\n"
    b"It was trained on 2T tokens. A sentence that nobody reads says four hundred H20 cards.\n"
)
OTHER = CARD.replace(b"Training took 30 days. ", b"").replace(b"nobody reads", b"few read")
KEYS = {"a", "x", "e", "s space", "u", "j", "n", "z", "m", "d", "q", "?"}


def draw_pdf() -> bytes:
    """A PDF that says one thing of a model."""
    out = io.BytesIO()
    leaf = Canvas(out, pagesize=(400, 300), invariant=1)
    leaf.drawString(40, 250, "We present Pine-7B, a language model.")
    leaf.drawString(40, 200, "Pine-7B was trained on 128 NVIDIA H800 GPUs.")
    leaf.save()
    return out.getvalue()


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return open_review(tmp_path, {"larch.md": CARD, "pine.pdf": draw_pdf()})


def find(review: Review, words: str, query: str = "") -> str:
    """The claim of the queue whose page says some words."""
    for claim in review.queue(query):
        if words in heading(review.page(f"/claim/{claim}")):
            return claim
    raise AssertionError(f"no claim says {words!r}")


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def log(review: Review) -> DecisionLog:
    return DecisionLog(review.store)


def decide(review: Review, claim: str, action: str, **fields: str) -> str:
    answer = review.send(f"/claim/{claim}/decide", action=action, digest=review.digest(claim), **fields)
    assert answer.status_code == 200, answer.text
    return answer.text


def fields_of(page: str) -> dict[str, str]:
    """What the form of a correction holds before anybody touches it."""
    form = re.search(r"<form[^>]*/correct\".*?</form>", page, re.DOTALL)
    assert form is not None
    fields = {n: unescape(v) for n, v in re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form[0])}
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in fields.items() if name != "csrf"}


def test_every_key_is_on_a_button_or_a_link_of_the_claim_page(review: Review) -> None:
    page = review.page(f"/claim/{review.queue()[0]}")
    assert set(re.findall(r'data-key="([^"]+)"', page)) >= KEYS
    for key in "axesunz":
        assert f"<kbd>{key}</kbd>" in page


def test_a_claim_says_what_it_reads_where_it_stands_and_what_hangs_on_it(review: Review) -> None:
    page = review.page(f"/claim/{find(review, 'Larch-7B was trained on 512 H800')}")
    assert "said as a fact, of the document&#39;s own work." in page
    assert re.search(r'<mark class="first">[^<]*512 NVIDIA H800 GPUs\.</mark>', page)
    assert re.search(r"<blockquote>[^<]*<mark>512 NVIDIA H800 GPUs</mark>", page)
    assert "Words that decided" in page
    assert 'href="/chip/nvidia-h800"' in page


def test_how_sure_the_machine_is_shows_only_to_whom_decided(review: Review) -> None:
    claim = find(review, "512 H800")
    assert "The machine was" not in review.page(f"/claim/{claim}")
    assert re.search(r"The machine was \d+ % sure", decide(review, claim, "accept"))
    assert re.search(r"The machine was <strong>\d+ %</strong> sure", review.page(f"/claim/{claim}"))
    review.send("/reviewer", name="bob")
    assert "The machine was" not in review.page(f"/claim/{claim}")


def test_a_reject_is_one_key_and_its_reason_may_follow(review: Review) -> None:
    claim = find(review, "512 H800")
    told = decide(review, claim, "reject")
    assert "Why? (optional)" in told
    assert log(review).standing(claim).holds is not None
    reason = re.search(r'action="/decision/([\w-]+)/reason"', told)
    assert reason is not None
    answer = review.send(f"/decision/{reason[1]}/reason", reason="wrong-value")
    assert "Rejected: another figure or unit." in answer.text
    (held,) = log(review).last("ada")
    assert (held.action, held.reason) == (Action.REJECT, "wrong-value")
    review.send("/undo")
    assert log(review).last("ada") == []
    assert claim in review.queue()


def test_what_is_decided_leaves_the_queue_and_an_undo_brings_it_back(review: Review) -> None:
    claim = review.queue()[0]
    decide(review, claim, "accept", note="as in the card")
    assert claim not in review.queue()
    assert "as in the card" in review.page("/history")
    told = review.send("/undo").text
    assert f'data-back="/claim/{claim}"' in told
    assert claim in review.queue()
    assert review.page("/history").count("<tr") > 2


def test_a_correction_keeps_what_was_read_and_what_is_right(review: Review) -> None:
    claim = find(review, "512 H800")
    page = review.page(f"/claim/{claim}")
    fields = fields_of(page)
    assert (fields["value"], fields["chip"], fields["subject"]) == ("512", "H800", "Larch-7B")
    unchanged = review.send(f"/claim/{claim}/correct", **fields)
    assert (unchanged.status_code, unchanged.text) == (400, "Nothing was changed; accept the claim instead.")
    answer = review.send(f"/claim/{claim}/correct", **{**fields, "value": "1.5万", "chip": "昇腾910B"})
    assert answer.status_code == 200, answer.text
    (made,) = log(review).last("ada")
    assert made.seen is not None
    assert made.stated is not None
    assert (made.seen.value, made.stated.value) == (512, 15000)
    assert made.stated.chip is not None
    assert made.stated.chip.id == "huawei-ascend-910b"
    assert "512 → 15,000" in review.page("/history")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "many"}, "«many» is no number; write it as 2,048, 2.788M or 3.8e24."),
        ({"chip": "H8000"}, "No chip is called 'H8000'; did you mean"),
        ({"subject": ""}, "The subject needs a name"),
        ({"kind": "person"}, "The subject is a model, an organisation or a cluster."),
        ({"stage": "lunch"}, "Stage: Input should be"),
        ({"chip": ""}, "A claim of type chip_count needs a chip."),
    ],
)
def test_a_correction_that_cannot_be_is_told_in_words(review: Review, change: dict[str, str], words: str) -> None:
    claim = find(review, "512 H800")
    answer = review.send(f"/claim/{claim}/correct", **{**fields_of(review.page(f"/claim/{claim}")), **change})
    assert answer.status_code == 400
    assert answer.text.startswith(words)
    assert log(review).all() == []


def test_a_claim_that_changed_while_it_was_looked_at_is_not_decided(review: Review) -> None:
    answer = review.send(f"/claim/{review.queue()[0]}/decide", action="accept", digest="s1-000000000000000000000000")
    assert answer.status_code == 409
    assert "It says now:" in answer.text
    assert log(review).all() == []


def test_without_our_script_the_next_claim_is_a_page_away(review: Review) -> None:
    first, second = review.queue()[:2]
    fields = {"action": "accept", "digest": review.digest(first), "query": "?type=chip_count"}
    answer = review.send(f"/claim/{first}/decide", aside=False, **{**fields, "query": ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/claim/{second}")


def test_the_page_ahead_leads_on_even_when_it_is_made_before_the_decision(review: Review) -> None:
    queue = review.queue()
    for here, following in pairwise(queue):
        assert f'rel="next" href="/claim/{following}"' in review.page(f"/claim/{here}")
    assert 'rel="next"' not in review.page(f"/claim/{queue[-1]}")


def test_filters_narrow_the_queue_and_go_along(review: Review) -> None:
    pines = review.queue("?model=pine-7b")
    assert pines
    assert len(pines) < len(review.queue())
    assert f"/claim/{pines[0]}?model=pine-7b" in review.page("/queue?model=pine-7b")
    assert 'value="?model=pine-7b"' in review.page(f"/claim/{pines[0]}?model=pine-7b")
    assert "Nothing is left to decide with these filters." in review.page("/queue?model=oak")


def test_a_claim_that_the_machine_missed_is_added_on_its_words(review: Review) -> None:
    sha256 = digest(CARD)
    fields = {"page": "0", "start": "", "end": "", "quote": "four hundred   H20 cards", "type": "chip_count"}
    fields |= {"subject": "Larch-7B", "kind": "model", "chip": "H20", "value": "400", "stage": "inference"}
    answer = review.send(f"/document/{sha256}/missing", **fields)
    assert answer.status_code == 200, answer.text
    assert "Added: Larch-7B was served on 400 H20." in unescape(answer.text)
    (made,) = log(review).all()
    assert made.stated is not None
    assert made.stated.evidence[0].quote == "four hundred H20 cards"
    assert made.stated.subject.id == "larch-7b"
    nowhere = review.send(f"/document/{sha256}/missing", **{**fields, "quote": "five hundred H20 cards"})
    assert (nowhere.status_code, "do not stand on the page" in nowhere.text) == (400, True)
    assert review.send(f"/document/{sha256}/missing", **{**fields, "page": "3"}).status_code == 400


def test_selected_offsets_are_held_to_the_page(review: Review) -> None:
    sha256 = digest(CARD)
    fields = {"page": "0", "quote": "x", "type": "hardware", "subject": "Larch-7B", "kind": "model", "chip": "H20"}
    for start, end in (("0", "999999"), ("5", "5"), ("-1", "4"), ("9" * 40, "3"), ("²", "9")):
        answer = review.send(f"/document/{sha256}/missing", start=start, end=end, **fields)
        assert answer.status_code == 400, (start, end)


def test_equal_claims_are_decided_together_and_others_are_not(tmp_path: Path) -> None:
    review = open_review(tmp_path, {"larch.md": CARD, "larch-again.md": OTHER})
    claim = find(review, "512 H800")
    group = re.findall(r'name="claim" value="([\w-]+)" checked', review.page(f"/claim/{claim}"))
    assert len(group) == 2
    stranger = next(c for c in review.queue() if c not in group)
    assert review.send(f"/claim/{claim}/alike", action="accept", claim=[*group, stranger]).status_code == 400
    answer = review.send(f"/claim/{claim}/alike", action="accept", claim=group)
    assert "Accepted 2 equal claims." in answer.text
    assert not set(group) & set(review.queue())


def test_the_page_of_a_pdf_is_a_picture_with_a_frame_about_the_quote(review: Review) -> None:
    page = review.page(f"/claim/{find(review, '128 H800')}")
    picture = re.search(r'<img src="([^"]+)" width="400" height="300"', page)
    assert picture is not None
    answer = review.caller.get(picture[1])
    assert "immutable" in answer.headers["Cache-Control"]
    canvas = Image.open(io.BytesIO(answer.content)).convert("L")
    assert canvas.size == (800, 600)
    frame = re.search(r'<rect class="quote-frame" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', page)
    assert frame is not None
    x, y, width, height = (2 * float(v) for v in frame.groups())
    dark = [(i, j) for i in range(800) for j in range(160, 260) if canvas.getpixel((i, j)) < 128]  # type: ignore[operator]
    assert dark
    assert all(x <= i <= x + width and y <= j <= y + height for i, j in dark)


def test_a_document_shows_all_its_claims_and_a_page_its_text(review: Review) -> None:
    page = review.page(f"/document/{digest(draw_pdf())}")
    assert page.count('class="row"') >= 2
    assert 'loading="lazy"' in page
    leaf = review.page(f"/document/{digest(draw_pdf())}/1")
    assert re.search(r'data-start="\d+">', leaf)
    assert "A claim is missing here" in leaf


def test_models_and_chips_show_links_and_status(review: Review) -> None:
    model = review.page("/model/larch-7b")
    assert 'href="/chip/nvidia-h800"' in model
    assert "512" in model
    chip = review.page("/chip/nvidia-h800")
    assert 'href="/model/larch-7b"' in chip
    assert 'href="/model/pine-7b"' in chip
    assert "it is no legal advice" in chip


def test_search_finds_quotes_and_documents(review: Review) -> None:
    page = review.page("/search?q=pine")
    assert "pine.pdf" in page
    assert review.page("/search?q=H800").count('class="row"') >= 2
    assert "0 claims" in review.page("/search?q=unheard")


def test_who_has_no_name_is_asked_for_one(tmp_path: Path) -> None:
    review = open_review(tmp_path, {"larch.md": CARD}, reviewer="")
    claim = review.queue()[0]
    answer = review.send(f"/claim/{claim}/decide", action="accept", digest=review.digest(claim))
    assert (answer.status_code, answer.text) == (400, "Say who you are first: decisions record it.")
    review.send("/reviewer", name="  grace \n hopper ")
    decide(review, claim, "accept")
    assert [d.reviewer for d in log(review).all()] == ["grace hopper"]


def test_two_reviewers_who_differ_are_shown_and_the_second_was_blind(review: Review) -> None:
    claim = find(review, "512 H800")
    decide(review, claim, "accept", note="plainly so")
    review.send("/reviewer", name="bob")
    assert "plainly so" not in review.page(f"/claim/{claim}")
    decide(review, claim, "reject")
    page = review.page("/agreement")
    assert "ada, bob" in page
    assert f"/claim/{claim}?settle=yes" in page
    both = review.page(f"/claim/{claim}?settle=yes")
    assert "plainly so" in both
    review.send("/reviewer", name="eve")
    decide(review, claim, "accept", final="yes")
    assert "None." in review.page("/agreement")


def test_a_document_that_cannot_be_shown_says_why(tmp_path: Path) -> None:
    review = open_review(tmp_path, {"pine.pdf": draw_pdf()})
    claim = review.queue()[0]
    for file in (tmp_path / "archive").rglob(digest(draw_pdf())):
        file.unlink()
    assert "has no document" in review.page(f"/claim/{claim}")
    assert review.caller.get(f"/document/{digest(draw_pdf())}/1.png").status_code == 404


@pytest.mark.parametrize(
    ("text", "value"),
    [("2048", 2048), ("2,048", 2048), ("2.788M", 2.788e6), ("3.8e24", 3.8e24), ("1.5万", 15000), ("55 %", 0.55)],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "many", "12 or 13 of them", "1; 2", "H800", "--", "9" * 5000 + "x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(FormError, match="no number"):
        read_number(text)


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda p: (min(p), max(p))), max_size=4)


@given(st.text(max_size=40), SPANS)
def test_cutting_loses_and_adds_no_letter(text: str, marks: list[tuple[int, int]]) -> None:
    pieces = cut(text, 0, len(text), marks)
    assert "".join(piece.text for piece in pieces) == text
    for number, (start, end) in enumerate(marks):
        assert "".join(p.text for p in pieces if number in p.marks) == text[start:end]


def test_a_window_shows_whole_blocks_and_cells_are_marked_in_their_place() -> None:
    text = "before\n\na\tb\nc\td\n\nafter"
    cells = tuple(
        Cell(row, column, 8 + 4 * row + 2 * column, 9 + 4 * row + 2 * column, "") for row in (0, 1) for column in (0, 1)
    )
    blocks = (Block(Kind.PARAGRAPH, 0, 6), Block(Kind.TABLE, 8, 15, table=Table(cells)), Block(Kind.PARAGRAPH, 17, 22))
    page = Page(None, text, blocks)
    assert window(page, (12, 13)) == (0, 22)
    before, table, after = lay_out(page, [(12, 13)])
    assert [piece.text for piece in (*before.pieces, *after.pieces)] == ["before", "after"]
    marked = [piece.text for row in table.rows for slot in row for piece in slot.pieces if piece.marks]
    assert marked == ["c"]


def test_frames_are_wider_than_the_letters_and_stay_on_the_page() -> None:
    (frame,) = outline([(0.5, 10, 99.9, 20)], (100, 200))
    assert frame == Box(0, 8.5, 100, 21.5)
