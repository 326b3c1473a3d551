"""Documents and requests that mean harm: what documents say stays text, and no request reaches what it should not."""

from __future__ import annotations

import io
import re
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from reportlab.pdfgen.canvas import Canvas
from reviewing import Review, open_review

from corpus.archive import digest

SCRIPT = "<script>alert(1)</script>"
NAME = '"><img src=x onerror=alert(2)>.txt'
TITLE = "</title><script>alert(3)</script>"
HOSTILE = (
    f"# {escape(TITLE)} Larch-7B\n\n"
    f"We present Larch-7B {SCRIPT} {escape(SCRIPT)}, an open language model of 7B parameters.\n\n"
    "Larch-7B was trained on 512 NVIDIA H800 GPUs <img src=x onerror=alert(4)> {{ 7*7 }} {% raw %} "
    "[here](javascript:alert(5)).\n\n"
    '| Model | GPU hours "onmouseover=alert(6) |\n|---|---|\n'
    "| Larch-7B &lt;svg onload=alert(7)&gt; | 2.5M H800 GPU hours |\n"
).encode()
PAGE = (
    b"<html><head><title>&lt;script&gt;alert(8)&lt;/script&gt;</title></head><body><h1>Birch-7B</h1>"
    b"<p>We present Birch-7B, a language model. Birch-7B was trained on 256 NVIDIA H800 GPUs"
    b" &lt;script&gt;alert(9)&lt;/script&gt; for 30 days.</p></body></html>"
)


@cache
def draw_pdf() -> bytes:
    """A PDF whose title and words are markup."""
    out = io.BytesIO()
    leaf = Canvas(out, invariant=1)
    leaf.setTitle(TITLE)
    leaf.drawString(60, 780, "Pine-7B <svg onload=alert(10)>")
    leaf.drawString(60, 740, "We present Pine-7B, a language model. Pine-7B was trained on 128 NVIDIA H800 GPUs.")
    leaf.save()
    return out.getvalue()


class Tags(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check_tame(page: str) -> None:
    """Nothing in a page runs but our script, nothing comes from elsewhere, and no template was filled in twice."""
    for tag, attributes in Tags(page).found:
        assert tag not in {"iframe", "object", "embed", "base", "style", "math", "video"}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        if tag == "script":
            assert attributes["src"] == "/static/review.js"
        if tag == "img":
            assert re.fullmatch(r"/document/[0-9a-f]{64}/\d+\.png", attributes["src"] or "")
        for name in ("href", "action", "formaction"):
            assert re.match(r"/|https?://|\?|#", attributes.get(name) or "/"), attributes
    assert "49" not in re.findall(r"alert\(4\)&gt; (\S+)", page)
    assert not re.search(r"<script(?! src=\"/static/review.js\" defer)", page)


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Review:
    files = {NAME: HOSTILE, "birch.html": PAGE, "<b>larch</b>.md": HOSTILE + b"\n", "'><i>.pdf": draw_pdf()}
    evil = 'javascript:alert("developer")'
    return open_review(tmp_path_factory.mktemp("base"), files, developer=evil, licence=SCRIPT)


def test_what_documents_say_stays_text_on_every_page(review: Review) -> None:
    claims = review.queue()
    assert len(claims) >= 4
    documents = [digest(HOSTILE), digest(PAGE), digest(HOSTILE + b"\n")]
    paths = ["/queue", "/history", "/agreement", f"/search?q={quote(SCRIPT)}", f"/search?q={quote('<img')}"]
    paths += [f"/claim/{claim}" for claim in claims]
    paths += [f"/document/{sha256}" for sha256 in documents] + [f"/document/{sha256}/0" for sha256 in documents]
    paths += ["/model/larch-7b", "/chip/nvidia-h800"]
    paths += [f"/document/{digest(draw_pdf())}", f"/document/{digest(draw_pdf())}/1"]
    for path in paths:
        check_tame(review.page(path))


def test_the_words_are_there_all_the_same(review: Review) -> None:
    page = review.page(f"/document/{digest(HOSTILE)}/0")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert "onload=alert(7)" in page
    assert "&lt;svg onload=alert(10)&gt;" in review.page(f"/document/{digest(draw_pdf())}/1")
    assert "&lt;script&gt;alert(9)" in review.page(f"/document/{digest(PAGE)}/0")


def test_what_reviewers_write_stays_text(review: Review) -> None:
    claim = review.queue()[0]
    answer = review.send(f"/claim/{claim}/decide", action="reject", digest=review.digest(claim), note=SCRIPT)
    check_tame(answer.text)
    for path in ("/history", f"/claim/{claim}"):
        page = review.page(path)
        check_tame(page)
        assert "&lt;script&gt;alert(1)" in page
    review.send("/undo")


def test_a_name_of_a_reviewer_stays_text(review: Review) -> None:
    answer = review.send("/reviewer", aside=False, name=f"{SCRIPT}\r\nSet-Cookie: a=b")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert re.search(r"[\r\n<;]\s*(?:Set-Cookie|script)", cookie) is None
    page = review.page("/queue")
    check_tame(page)
    assert "&lt;script&gt;alert(1)" in page
    review.caller.cookies.clear()


@pytest.mark.parametrize(
    "path",
    [
        "/document/..%2f..%2fetc%2fpasswd",
        "/document/../../../../etc/passwd",
        "/document/" + "a" * 63,
        "/document/" + "A" * 64,
        "/document/" + "a" * 64,
        "/document/" + "a" * 64 + "/1.png",
        "/document/" + "a" * 64 + "/1",
        "/static/../application.py",
        "/static/..%2fapplication.py",
        "/static/%2e%2e/desk.py",
        "/claim/..%2f..%2fbase.sqlite",
        "/claim/c1-000000000000000000000000",
        "/claim/' OR 1=1 --",
        "/model/..%2f..%2fx",
        "/chip/%00",
        "/document/" + digest(HOSTILE) + "/1.png",
        "/document/" + digest(HOSTILE) + "/7",
        "/document/" + digest(HOSTILE) + "/9999999",
    ],
)
def test_a_path_names_only_what_the_base_holds(review: Review, path: str) -> None:
    page = review.caller.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "root:" not in page.text
    check_tame(page.text)


@pytest.mark.parametrize(
    "query",
    ["q='%20OR%201=1", "q=%25", "q=_", "q=%00", "q=%22%20NEAR", "q=%F0%9F%98%80", "q=\\", "q=%ff"],
)
def test_a_search_is_for_words_and_no_language(review: Review, query: str) -> None:
    check_tame(review.page(f"/search?{query}"))
    assert "OR 1" not in "".join(review.queue("?model=%27%20OR%201=1"))


def test_percent_is_a_letter_and_finds_not_everything(review: Review) -> None:
    assert "0 documents" in review.page("/search?q=%25%25")


def test_a_form_without_the_mark_does_nothing(review: Review) -> None:
    claim, before = review.queue()[0], review.page("/history")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in ("action=accept", "action=accept&csrf=", f"action=accept&csrf={'0' * 32}", "csrf=%ff", "csrf=é"):
        answer = review.caller.post(f"/claim/{claim}/decide", content=body.encode(), headers=kind)
        assert answer.status_code in (400, 403)
    as_text = {"Content-Type": "text/plain"}
    marked = f"csrf={review.doors.mark}&action=accept"
    assert review.caller.post(f"/claim/{claim}/decide", content=marked, headers=as_text).status_code == 415
    assert review.page("/history") == before


def test_nothing_is_changed_by_looking(review: Review) -> None:
    claim = review.queue()[0]
    for path in (f"/claim/{claim}/decide?action=accept", "/undo", "/reviewer?name=eve"):
        assert review.caller.get(path).status_code == 405


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "add"},
        {"action": "undo"},
        {"action": "accept", "digest": "s1-0"},
        {"action": "reject", "reason": "no such reason"},
        {"action": "accept", "note": "x" * 2001},
        {"action": "accept\x00"},
    ],
)
def test_a_decision_that_makes_no_sense_is_told_in_words(review: Review, fields: dict[str, str]) -> None:
    claim = review.queue()[0]
    answer = review.send(f"/claim/{claim}/decide", **{"digest": review.digest(claim), **fields})
    assert answer.status_code in (400, 409)
    assert len(answer.text) > 15
    assert "Traceback" not in answer.text


def test_many_fields_and_many_letters_are_refused(review: Review) -> None:
    claim = review.queue()[0]
    assert review.send(f"/claim/{claim}/alike", action="accept", claim=["x"] * 400).status_code == 400
    assert review.send("/reviewer", name="x" * 70_000).status_code == 413
    assert review.caller.get(f"/queue?model={'x' * 300}").status_code == 400


def test_where_to_go_next_is_never_taken_from_the_form(review: Review) -> None:
    claim = review.queue()[0]
    fields = {"action": "skip", "digest": review.digest(claim), "query": "?x=//evil.example/&next=//evil.example"}
    answer = review.send(f"/claim/{claim}/decide", aside=False, **fields)
    assert answer.status_code == 303
    assert re.fullmatch(r"/(claim/[\w-]+|queue)", answer.headers["Location"])
    review.send("/undo")


def test_no_template_marks_words_as_safe() -> None:
    folder = Path(__file__).parents[1] / "outputs"
    for template in [*folder.glob("review/templates/*.html"), folder / "templates" / "charts.html"]:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup", text), template.name
        assert not re.search(r"<script(?! src=)|\son\w+=|\sstyle=", text), template.name
