"""The report is one file that asks for nothing, shows every link with its words, and works in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from calls import call
from specimens import H20, H800, make_claim, make_document, make_finding
from test_evidence_set import export

import registry
from evidence.finding import Finding
from evidence.standing import UNKNOWN, Register
from extractors.claim import Attribution, ClaimType, Modality, Stage, Subject
from extractors.text import Outcome
from outputs.charts import draw_amounts, draw_hours, draw_timeline
from outputs.loading import load_claims, load_documents, load_findings, load_links
from outputs.report import render_report

DEEPSEEK = Subject(kind="model", id="deepseek-v3", name="DeepSeek-V3")
LLAMA = Subject(kind="model", id="llama3-8b", name="Llama3-8B")


def findings() -> list[Finding]:
    report, silent = make_document(name="report.pdf"), make_document("nothing", "silent.md")
    said = [
        make_claim(
            ClaimType.CHIP_HOURS, H800, 2.788e6, document=report, subject=DEEPSEEK, quote="2.788M hours", page=5
        ),
        make_claim(document=report, subject=DEEPSEEK, quote="<script>alert('x')</script> & on H800", page=1),
        make_claim(document=report, subject=DEEPSEEK, quote="not on H800", modality=Modality.NEGATED),
        make_claim(chip=H20, document=report, subject=LLAMA, stage=Stage.INFERENCE, attribution=Attribution.OTHER),
        make_claim(ClaimType.TRAINING_TOKENS, None, 8e12, document=report, subject=DEEPSEEK, quote="8T tokens"),
        make_claim(ClaimType.TRAINING_TOKENS, None, 8.3e12, document=report, subject=DEEPSEEK, quote="8.3T", start=90),
    ]
    lost = Finding("https://x.org/a", "https://x.org/a", "lost.pdf", Outcome.FAILED, "the server answered 404")
    return [make_finding(report, *said), make_finding(silent), lost]


def render(folder: Path) -> str:
    return render_report(
        "A <b>title</b>",
        load_claims(folder),
        load_links(folder),
        load_findings(folder),
        load_documents(folder),
        registry.load(),
    )


@pytest.fixture
def page(tmp_path: Path) -> str:
    return render(export(tmp_path, *findings()))


def test_words_of_documents_stay_words(page: str) -> None:
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; on H800" in page
    assert "<title>A &lt;b&gt;title&lt;/b&gt;</title>" in page


def test_every_link_has_its_quotes_with_document_and_page(page: str) -> None:
    assert "<q>2.788M hours</q> <cite>report.pdf, p. 5</cite>" in page
    assert re.search(r"<strong>against:</strong> <q>not on H800</q>", page)
    assert page.count('<tr role="row" data-model') == 2


def test_the_control_status_is_that_of_the_models_release_in_the_developers_country(page: str) -> None:
    row = re.search(r'<tr role="row" data-model="deepseek-v3.*?</tr>', page, re.DOTALL)
    assert row is not None
    assert "licence required, presumption of denial" in row[0]
    assert "release of the model" in row[0]
    assert "no rule for US" in page


def test_what_does_not_add_up_and_what_is_not_covered_is_there(page: str) -> None:
    assert "DeepSeek-V3: one figure in one document" in page
    assert "<q>8.3T</q>" in page
    assert "lost.pdf: the server answered 404" in page
    assert "1 documents were read and disclose no hardware" in page


def test_nothing_is_asked_for_from_elsewhere(page: str) -> None:
    assert not re.search(r"<(?:link|img|iframe|object|embed)\b|<script[^>]+src|@import|url\(", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy[1]


def test_the_same_set_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = export(tmp_path, *findings())
    assert render(folder) == render(folder)


def test_an_empty_set_has_a_report_that_says_so(tmp_path: Path) -> None:
    page = render(export(tmp_path))
    assert "No document of this set links a model to a chip." in page
    assert "<svg" not in page


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    folder = export(tmp_path, *findings())
    done = call(["report", str(folder), "-o", str(tmp_path / "report.html")], {})
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("model", "developer"),
    [
        ("deepseek-v3", "DeepSeek"),
        ("llama3-70b", "Meta AI"),
        ("gpt4all-j", "Nomic AI"),
        ("gpt4ever", UNKNOWN),
        ("nobody-7b", UNKNOWN),
    ],
)
def test_a_developer_is_found_by_the_family_and_not_by_letters_alone(model: str, developer: str) -> None:
    assert Register(registry.load(), []).developer(model, [])[0] == developer


def test_dots_that_would_cover_each_other_stand_in_lanes() -> None:
    day = date(2024, 5, 1)
    chart = draw_timeline([(day, "H800", "licence", "a"), (day, "H800", "licence", "b"), (day, "H20", "free", "c")])
    assert len({(mark.x, mark.y) for mark in chart.marks}) == 3


def test_longer_bars_are_more_hours() -> None:
    chart = draw_hours([("a", "H800", 1e4), ("b", "H800", 1e6)])
    widths = {mark.title[0]: mark.width for mark in chart.marks}
    assert widths["b"] > widths["a"]


@pytest.fixture
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed here")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "scheme"), [(1300, "light"), (1300, "dark"), (380, "light")])
def test_it_has_no_serious_fault_of_accessibility(
    browser: Any, page: str, tmp_path: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(file.as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    found = axe.run(tab).response["violations"]
    context.close()
    serious = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []


def test_findings_stand_in_the_report_with_their_words(page: str) -> None:
    assert "Developers in a country under control, and the chips they report" in page
    assert re.search(r'<details class="finding"><summary><strong>DeepSeek-V3</strong>', page)
    assert "missing: the number of chips" in page


def test_amounts_stand_on_their_day_higher_for_more() -> None:
    chart = draw_amounts(
        "hours", "Hours", "chip-hours",
        [(date(2023, 1, 1), "a", 1e4, True, "a"), (date(2024, 1, 1), "b", 1e6, False, "b")],
    )  # fmt: skip
    dots = {mark.title: mark for mark in chart.marks}
    assert dots["a"].x < dots["b"].x
    assert dots["a"].y > dots["b"].y
    assert [name for _, name in chart.legend] == ["stated", "worked out: 6ND"]
    assert {word.text for word in chart.words} >= {"a", "b", "2023", "2024"}


@pytest.mark.parametrize("width", [1300, 380])
def test_in_a_browser_it_filters_by_keyboard_without_an_error_or_a_request(
    browser: Any, page: str, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    tab = browser.new_page(viewport={"width": width, "height": 800})
    faults: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    assert tab.inner_text("[role=status]") == "2 of 2 links"
    tab.focus("[name=model]")
    tab.keyboard.type("llama")
    assert tab.inner_text("[role=status]") == "1 of 2 links"
    assert tab.locator("tbody tr:visible").count() == 1
    tab.focus("button[type=reset]")
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelector('[role=status]').textContent === '2 of 2 links'")
    tab.select_option("[name=status]", "licence")
    assert tab.locator("tbody tr:visible").count() == 1
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert (faults, asked) == ([], [file.as_uri()])
