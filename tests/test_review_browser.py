"""A day of review in a real browser: the whole work by keyboard, and what is left of it when the rules have changed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.decision_log import DecisionLog
from evidence.decisions import Action, State
from evidence.review_queue import Filters, ReviewQueue
from evidence.store import Store

ROOT = Path(__file__).parents[1]
ROOMS = ("corpus", "registry", "extractors", "evidence", "outputs", "flows")
READ = ("llama-3-405b-note.pdf", "deepseek-v3-note.pdf", "bloom-compared.html")
MAIN = "from flows.command import main; main()"
CUES = Path("extractors/lexicon/cues.toml")
SERVED = r"\bserv(?:e|es|ed|ing)\b|"
"""The words of a cue that the changed rules no longer have: «served on 16 GPUs» then speaks of no inference."""


def start(rooms: Path, home: Path, *words: str) -> subprocess.Popen[str]:
    """Start `chiptrail` with the rooms of some folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHIPTRAIL_", "PREFECT_"))}
    command = [sys.executable, "-c", MAIN, *words]
    return subprocess.Popen(
        command, cwd=rooms, env={**kept, "CHIPTRAIL_HOME": str(home)}, text=True, stderr=subprocess.PIPE
    )


def read_samples(rooms: Path, home: Path) -> None:
    """Run the pipeline over some bundled samples."""
    paths = [str(ROOT / "corpus" / "samples" / name) for name in READ]
    run = start(rooms, home, "run", *paths, "--plain", "--jobs", "0", "--out", str(home / "set"))
    _, told = run.communicate(timeout=180)
    assert run.returncode == 0, told


def change_a_rule(folder: Path) -> Path:
    """The rooms as they are, but for one cue."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("sets", "__pycache__"))
    before = (folder / CUES).read_text(encoding="utf-8")
    assert before.count(SERVED) == 1
    (folder / CUES).write_text(before.replace(SERVED, ""), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    read_samples(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = start(ROOT, home, "review", "--port", str(port), "--reviewer", "ada")
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, server.communicate()[1]
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture
def tab(address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A tab in which nothing may fail or be asked for elsewhere; with a parameter, one that axe can be put into."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed here")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1300, "height": 850}, bypass_csp=hasattr(request, "param"))
        page.set_default_timeout(60_000)
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("request", lambda asked: asked.url.startswith(address) or faults.append(asked.url))
        yield page
        browser.close()
        assert faults == []


def shown(tab: Any) -> str:
    """The id of the claim that is shown."""
    found = re.search(r"/claim/([\w-]+)", tab.url)
    assert found is not None, tab.url
    return found[1]


def press(tab: Any, key: str, told: str) -> str:
    """Press a key on a claim, wait until the next one is there and the decision is told; the claim's id."""
    here = shown(tab)
    tab.keyboard.press(key)
    tab.wait_for_function("here => !location.pathname.includes(here)", arg=here)
    tab.wait_for_selector(f"#told .told:has-text('{told}')")
    return here


def test_the_whole_work_in_a_browser(home: Path, address: str, tab: Any, tmp_path: Path) -> None:
    tab.goto(f"{address}/")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/claim/**")
    decided: dict[str, State] = {}
    for number in range(20):
        key, told, state = [("a", "Accepted", State.ACCEPTED), ("x", "Rejected", State.REJECTED)][number % 4 == 3]
        claim = press(tab, key, told)
        assert claim not in decided
        decided[claim] = state
    with Store(f"sqlite:///{home}/base.sqlite") as store:
        log, queue = DecisionLog(store), ReviewQueue(store)
        assert [d.claim for d in reversed(log.all())] == [*reversed(decided)]

        last = list(decided)[-1]
        tab.keyboard.press("x")
        tab.wait_for_selector("#told .reasons")
        tab.keyboard.press("2")
        tab.wait_for_selector("#told .told:has-text('Rejected: said of another model.')")
        doubted = log.last("ada")[0]
        assert doubted.reason == "other-model"
        decided[doubted.claim] = State.REJECTED

        tab.keyboard.press("u")
        tab.wait_for_url(f"**/claim/{doubted.claim}*")
        assert queue.states([doubted.claim])[doubted.claim] is State.OPEN
        del decided[doubted.claim]

        numeric = next(
            item.claim
            for item in queue.page("ada", Filters(type="parameters")).items
            if queue.view(item.claim).claim.evidence[0].page
        )
        tab.goto(f"{address}/claim/{numeric}")
        tab.keyboard.press("e")
        tab.wait_for_selector("#correction[open]")
        tab.fill("#correction [name=value]", "1.7T")
        tab.press("#correction [name=value]", "Enter")
        tab.wait_for_selector("#told .told:has-text('Corrected')")
        decided[numeric] = State.CORRECTED
        (correction,) = log.history(action=Action.CORRECT)
        assert correction.decision.stated is not None
        assert correction.decision.stated.value == 1.7e12

        tab.goto(f"{address}/claim/{numeric}")
        tab.keyboard.press("m")
        tab.wait_for_selector("form.missing")
        words = tab.locator(".reader p.block.paragraph").last
        words.click(click_count=3)
        tab.wait_for_selector("form.missing.chosen")
        chosen = tab.input_value("form.missing [name=quote]")
        tab.select_option("form.missing [name=type]", "hardware")
        tab.fill("form.missing [name=subject]", "Larch-7B")
        tab.fill("form.missing [name=chip]", "H20")
        tab.click("form.missing button")
        tab.wait_for_selector("#told .told:has-text('Added: Larch-7B was trained on H20.')")
        (added,) = log.history(action=Action.ADD)
        assert added.decision.stated is not None
        assert added.decision.stated.evidence[0].quote == chosen.strip()
        assert added.decision.stated.evidence[0].boxes

        tab.reload()
        tab.goto(f"{address}/history")
        assert tab.locator("table.queue tbody tr").count() == len(log.all())
        tab.goto(f"{address}/claim/{last}")
        assert "The machine was" in tab.inner_text(".verdict")
        before = {statement.claim.id for statement in store.statements()}

    read_samples(change_a_rule(tmp_path), home)

    with Store(f"sqlite:///{home}/base.sqlite") as store:
        queue = ReviewQueue(store)
        after = {statement.claim.id for statement in store.statements()}
        planted = set(decided) - before
        gone = before - after
        changed = gone & set(decided)
        assert gone
        assert changed
        waiting = {item.claim for item in queue.page("ada").items}
        for claim, state in decided.items():
            if claim in changed:
                continue
            assert claim not in waiting
            tab.goto(f"{address}/claim/{claim}")
            label = tab.inner_text(".labels .state >> nth=0")
            assert label == state or (claim in planted and label in {*State}), (claim, label, state)
        returned = {item.claim for item in queue.page("ada", Filters(state=State.CHANGED)).items}
        assert returned & (after - before)
        assert returned <= after
        for claim in returned:
            tab.goto(f"{address}/claim/{claim}")
            assert "ada said" in tab.inner_text(".earlier")
            assert claim in waiting
        tab.goto(f"{address}/history")
        assert tab.locator("table.queue tbody tr").count() == len(DecisionLog(store).all())
        tab.goto(f"{address}/history?action=add")
        assert "Larch-7B was trained on H20." in tab.inner_text("table.queue")


def test_keys_are_shown_and_are_letters_in_a_field(address: str, tab: Any) -> None:
    tab.goto(f"{address}/queue")
    tab.keyboard.press("j")
    assert tab.evaluate("document.activeElement.className") == "row"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/claim/**")
    here = tab.url
    tab.keyboard.press("?")
    assert "accept: the claim is right as it stands" in tab.inner_text("#keys")
    tab.keyboard.press("a")
    tab.keyboard.press("Escape")
    tab.keyboard.press("n")
    tab.keyboard.type("axs u")
    assert tab.input_value(".note input") == "axs u"
    tab.keyboard.press("Control+a")
    assert tab.url == here


def test_a_key_pressed_before_the_first_picture_of_a_page_keeps_its_focus(address: str, tab: Any) -> None:
    tab.add_init_script("addEventListener('DOMContentLoaded', () => document.querySelector('a.row').focus())")
    tab.goto(f"{address}/queue")
    tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert tab.evaluate("document.activeElement.className") == "row"
    tab.keyboard.press("?")
    assert tab.evaluate("document.activeElement.dataset.does") == "close"


def test_the_frame_lies_on_the_words_and_zooms_with_them(address: str, tab: Any) -> None:
    tab.goto(f"{address}/queue?type=parameters")
    for link in tab.locator("tr:has-text('.pdf') a.row").all()[:1]:
        link.click()
    tab.wait_for_selector("rect.quote-frame")

    def shares() -> list[float]:
        picture, frame = (tab.locator(at).first.bounding_box() for at in (".leaf img", "rect.quote-frame"))
        across, down = picture["width"], picture["height"]
        places = ((frame["x"] - picture["x"]) / across, (frame["y"] - picture["y"]) / down)
        return [*places, frame["width"] / across, frame["height"] / down]

    before, width = shares(), tab.evaluate("document.querySelector('.leaf img').clientWidth")
    tab.keyboard.press("z")
    assert tab.evaluate("document.querySelector('.leaf img').clientWidth") > 1.9 * width
    assert shares() == pytest.approx(before, abs=0.002)
    sheet, frame = (tab.locator(at).first.bounding_box() for at in (".sheet", "rect.quote-frame"))
    assert sheet["y"] <= frame["y"]
    assert frame["y"] + frame["height"] <= sheet["y"] + sheet["height"]


def every_page(address: str, tab: Any) -> list[str]:
    """The addresses of a page of each kind."""
    tab.goto(f"{address}/queue?model=deepseek-v3")
    claim = tab.get_attribute("a.row", "href")
    tab.goto(f"{address}{claim}")
    document = tab.get_attribute("a[data-key=d]", "href")
    others = ["/queue", "/search?q=H800", "/history", "/agreement", "/model/deepseek-v3", "/chip/nvidia-h800", "/login"]
    return [f"{address}{path}" for path in (claim, document, f"{document}/1", *others)]


@pytest.mark.parametrize(("width", "scheme"), [(1300, "light"), (390, "dark")])
def test_no_page_is_wider_than_the_screen(address: str, tab: Any, width: int, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 800})
    for page in every_page(address, tab):
        tab.goto(page)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, page


@pytest.mark.parametrize("tab", ["with axe"], indirect=True)
@pytest.mark.parametrize(("width", "scheme"), [(1300, "light"), (1300, "dark"), (390, "light"), (390, "dark")])
def test_no_page_has_a_serious_fault_of_accessibility(address: str, tab: Any, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 800})
    for page in every_page(address, tab):
        tab.goto(page)
        tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        found = axe.run(tab).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], page
