"""Servers with bad manners: each is met with patience or with one plain sentence, and never with a hanging run."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rude_server import (
    CARD,
    Page,
    Site,
    answer,
    bad_chunks,
    bomb,
    broken_off,
    chunked,
    deflated,
    dripping_body,
    dripping_headers,
    endless,
    hesitating,
    in_turn,
    moved,
    no_http,
    serve,
    silent,
    versioned,
)

from corpus import fetching
from corpus.addresses import Guard, read_networks
from corpus.exchange import Validators
from corpus.fetching import Fetcher, FetchError, Limits, Manners
from corpus.politeness import Robots, read_retry_after
from corpus.unfolding import UnfoldError, unfold

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
HERE = (ip_network("127.0.0.1/32"),)


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def open_fetcher(passing: Time | None = None, limits: Limits | None = None, **given: Any) -> Fetcher:
    passing = passing or Time()
    manners = Manners(allowed=HERE, pause=0, sleep=passing.sleep, monotonic=lambda: passing.now)
    return Fetcher(limits or Limits(size=100_000, seconds=10), replace(manners, **given), lambda: NOW)


def reason(address: str, fetcher: Fetcher | None = None) -> str:
    with pytest.raises(FetchError) as refused:
        (fetcher or open_fetcher()).get(address)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_fault_that_passes_is_met_again_later_each_time(site: Site, status: int) -> None:
    site.pages["/card.md"] = in_turn(answer(status, b"busy"), answer(status, b"busy"), answer(200))
    passing = Time()
    assert open_fetcher(passing).get(site["/card.md"]).data == CARD
    first, second = passing.slept
    assert 1 <= first <= 1.5 < 2 <= second <= 3


def test_a_fault_that_stays_is_met_four_times_and_told(site: Site) -> None:
    site.pages["/card.md"] = answer(503, b"busy")
    assert reason(site["/card.md"]) == "the server answered 503 Service Unavailable"
    assert len(site.visits("/card.md")) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 451, 204, 206, 304])
def test_an_answer_that_will_not_change_is_asked_for_once(site: Site, status: int) -> None:
    site.pages["/card.md"] = answer(status, b"")
    assert reason(site["/card.md"]).startswith(f"the server answered {status}")
    assert len(site.visits("/card.md")) == 1


@pytest.mark.parametrize("value", ["7", format_datetime(NOW.replace(second=7), usegmt=True)])
def test_a_server_is_asked_again_when_it_says(site: Site, value: str) -> None:
    site.pages["/card.md"] = in_turn(answer(429, b"", Retry_After=value), answer(200))
    passing = Time()
    assert open_fetcher(passing).get(site["/card.md"]).data == CARD
    assert passing.slept == [7]


def test_a_server_that_wants_an_hour_is_left_alone_for_the_run(site: Site) -> None:
    site.pages["/card.md"] = answer(503, b"", Retry_After="3600")
    site.pages["/other.md"] = answer(200)
    passing = Time()
    fetcher = open_fetcher(passing)
    assert "come back in 3,600 seconds" in reason(site["/card.md"], fetcher)
    assert "asked to be left alone" in reason(site["/other.md"], fetcher)
    assert not passing.slept
    assert not site.visits("/other.md")
    passing.sleep(3601)
    assert fetcher.get(site["/other.md"]).data == CARD


def test_a_server_that_says_too_many_requests_to_the_end_is_left_alone(site: Site) -> None:
    site.pages["/card.md"] = answer(429, b"")
    fetcher = open_fetcher()
    reason(site["/card.md"], fetcher)
    assert "asked to be left alone" in reason(site["/other.md"], fetcher)


@given(st.text(max_size=40))
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    seconds = read_retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("page", [silent, dripping_headers, dripping_body, hesitating])
def test_a_server_that_is_slow_for_ever_is_cut_off(site: Site, page: Page) -> None:
    site.pages["/card.md"] = page
    began = time.monotonic()
    assert reason(site["/card.md"], open_fetcher(limits=Limits(seconds=0.4))) == "it was not complete after 0.4 seconds"
    assert time.monotonic() - began < 3


def test_the_time_is_for_all_tries_and_redirects_together(site: Site) -> None:
    def late(asked: Any) -> None:
        time.sleep(0.2)
        asked.reply(503, b"")

    site.pages["/card.md"] = late
    began = time.monotonic()
    assert "0.3 seconds" in reason(site["/card.md"], open_fetcher(limits=Limits(seconds=0.3), tries=50))
    assert time.monotonic() - began < 3


def test_a_read_that_takes_too_long_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "READ_SECONDS", 0.2)
    site.pages["/card.md"] = in_turn(silent, answer(200))
    assert open_fetcher().get(site["/card.md"]).data == CARD
    site.pages["/card.md"] = silent
    assert reason(site["/card.md"], open_fetcher(tries=2)) == "the server did not answer in time"


@pytest.mark.parametrize(
    "page", [endless, answer(200, b"x" * 100_001), answer(200, b"x", Content_Length="100001"), bomb(10)]
)
def test_what_is_too_large_is_given_up(site: Site, page: Page) -> None:
    site.pages["/card.md"] = page
    assert "limit of 0 MB (see --max-size)" in reason(site["/card.md"])


def test_a_bomb_in_a_bomb_is_not_unpacked(site: Site) -> None:
    site.pages["/card.md"] = bomb(10, layers=2)
    assert reason(site["/card.md"]) == "the server sent it encoded as gzip, gzip, which was not asked for"


@given(data=st.binary(max_size=3000), size=st.integers(0, 4000))
def test_unfolding_gives_back_what_was_folded_or_stops_at_the_limit(data: bytes, size: int) -> None:
    twice = gzip.compress(data) + gzip.compress(data[:7])
    if len(data) + len(data[:7]) <= size:
        assert unfold(twice, size) == data + data[:7]
    else:
        with pytest.raises(UnfoldError, match="more than the limit"):
            unfold(twice, size)


@given(st.binary(max_size=200))
def test_unfolding_damaged_bytes_is_a_fault_of_theirs(data: bytes) -> None:
    for bad in (data, gzip.compress(b"larch" * 100)[: len(data)], b"\x1f\x8b" + data):
        try:
            assert len(unfold(bad, 10_000)) <= 10_000
        except UnfoldError:
            continue


@pytest.mark.parametrize(
    "page", [deflated(True), deflated(False), answer(200, gzip.compress(CARD), Content_Encoding="gzip")]
)
def test_compressed_answers_are_unpacked(site: Site, page: Page) -> None:
    site.pages["/card.md"] = page
    assert open_fetcher().get(site["/card.md"]).data == CARD


def test_compression_that_is_damaged_or_cut_is_told(site: Site) -> None:
    packed = gzip.compress(CARD * 50)
    site.pages["/cut"] = answer(200, packed[:-20], Content_Encoding="gzip")
    site.pages["/bad"] = answer(200, packed[:-8] + bytes(8), Content_Encoding="gzip")
    assert reason(site["/cut"]) == "its compressed bytes break off"
    assert reason(site["/bad"]) == "its compression is damaged"


@pytest.mark.parametrize("page", [broken_off, bad_chunks])
def test_an_answer_of_the_wrong_length_is_tried_again_and_told(site: Site, page: Page) -> None:
    site.pages["/card.md"] = in_turn(page, chunked)
    assert open_fetcher().get(site["/card.md"]).data == CARD
    site.pages["/card.md"] = page
    assert reason(site["/card.md"]) == "the answer broke off"


def test_what_is_no_web_server_is_told(site: Site) -> None:
    site.pages["/card.md"] = no_http
    assert reason(site["/card.md"]) == "the server cannot be reached"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}/") == "the server cannot be reached"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(site: Site, status: int) -> None:
    site.pages |= {"/old": moved("/card.md", status), "/card.md": answer(200)}
    fetched = open_fetcher().get(site["/old"])
    assert (fetched.data, fetched.address) == (CARD, site["/card.md"])


@pytest.mark.parametrize("body", [endless, dripping_body])
def test_the_body_of_a_redirect_is_not_waited_for(site: Site, body: Page) -> None:
    def page(asked: Any) -> None:
        asked.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /card.md\r\n")
        asked.wfile.write(b"Content-Encoding: gzip\r\n\r\n")
        body(asked)

    site.pages |= {"/old": page, "/card.md": answer(200)}
    began = time.monotonic()
    assert open_fetcher().get(site["/old"]).data == CARD
    assert time.monotonic() - began < 3


def test_redirects_in_a_circle_or_without_end_are_given_up(site: Site) -> None:
    site.pages |= {"/a": moved("/b"), "/b": moved("/a")}
    site.pages |= {f"/{n}": moved(f"/{n + 1}") for n in range(10)}
    for start in ("/a", "/0"):
        assert reason(site[start]) == "it redirects more than 5 times"
    assert not site.visits("/6")


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://example.org/x", "javascript:alert(1)", "data:,x", "http://[::1", "http://:1/"]
)
def test_a_redirect_leads_to_the_web_only(site: Site, to: str) -> None:
    site.pages["/a"] = moved(to)
    assert "no http or https address" in reason(site["/a"])


def test_a_redirect_with_a_user_name_is_not_followed(site: Site) -> None:
    site.pages["/a"] = moved(site["/b"].replace("//", "//me:secret@"))
    assert "carries a user name" in reason(site["/a"])
    assert not site.visits("/b")


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "2130706434", "0x7f.2", "[::1]", "[::ffff:127.0.0.2]", "0"])
def test_addresses_that_are_not_public_are_refused_in_every_spelling(site: Site, host: str) -> None:
    assert "no public address" in reason(f"http://{host}:{site.address.rpartition(':')[2]}/", open_fetcher(allowed=()))
    assert not site.asked


def test_a_redirect_to_a_private_address_is_refused(site: Site) -> None:
    with serve("127.0.0.2") as private:
        private.pages["/secret"] = answer(200)
        site.pages["/a"] = moved(private["/secret"])
        assert "127.0.0.2 is no public address" in reason(site["/a"])
        assert not private.asked


def test_a_name_that_turns_to_a_private_address_is_not_followed_there(site: Site) -> None:
    port = int(site.address.rpartition(":")[2])
    with serve("127.0.0.2", port) as private:
        answers = iter(["127.0.0.1", "127.0.0.1", "127.0.0.2"])

        def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        site.pages["/card.md"] = private.pages["/card.md"] = in_turn(answer(503, b""), answer(200))
        turning = open_fetcher(resolve=resolve)
        assert "turncoat.example is at 127.0.0.2" in reason(f"http://turncoat.example:{port}/card.md", turning)
        assert not private.asked
        assert site.visits("/card.md")[0]["host"] == f"turncoat.example:{port}"


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    def resolve(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]

    assert "is at 10.0.0.1" in reason("http://both.example/", open_fetcher(resolve=resolve))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.1.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:db8::1",
    ],
)
def test_no_kind_of_address_that_is_not_public_is_let_through(address: str) -> None:
    assert not Guard().permits(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_let_through(address: str) -> None:
    assert Guard().permits(address)


def test_networks_that_the_user_names_are_let_through() -> None:
    guard = Guard(read_networks("127.0.0.0/8, 10.1.2.3 fd00::/8"))
    assert all(map(guard.permits, ("127.0.0.9", "10.1.2.3", "fd00::5", "::ffff:127.0.0.1")))
    assert not guard.permits("10.1.2.4")


def test_proxies_of_the_environment_do_not_lead_around_the_check(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", site.address)
    assert "no public address" in reason("http://127.0.0.2:9/")
    assert not site.asked


def test_a_name_that_nobody_knows_is_told() -> None:
    def resolve(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert reason("http://nowhere.example/", open_fetcher(resolve=resolve)) == "its host name is not known"


def test_a_server_is_told_who_asks(site: Site) -> None:
    site.pages["/card.md"] = answer(200)
    open_fetcher(contact="ops@example.org").get(site["/card.md"])
    for headers in (site.visits("/card.md")[0], site.visits("/robots.txt")[0]):
        assert headers["user-agent"].startswith("chiptrail/")
        assert "ops@example.org" in headers["user-agent"]
        assert "cookie" not in headers


def test_a_robots_txt_is_obeyed_and_asked_for_once(site: Site) -> None:
    rules = b"User-agent: *\nDisallow: /private/\n\nUser-agent: chiptrail\nDisallow: /ours\nCrawl-delay: 5\n"
    site.pages |= {"/robots.txt": answer(200, rules), "/card.md": answer(200), "/private/card.md": answer(200)}
    passing = Time()
    fetcher = open_fetcher(passing)
    assert "asks programs not to read it" in reason(site["/ours"], fetcher)
    assert fetcher.get(site["/card.md"]).data == CARD
    assert fetcher.get(site["/private/card.md"]).data == CARD
    assert len(site.visits("/robots.txt")) == 1
    assert passing.slept == [5]


def test_a_redirect_to_what_robots_txt_forbids_is_not_followed(site: Site) -> None:
    site.pages |= {"/robots.txt": answer(200, b"User-agent: *\nDisallow: /b"), "/a": moved("/b"), "/b": answer(200)}
    assert "asks programs not to read it" in reason(site["/a"])
    assert not site.visits("/b")


@pytest.mark.parametrize(("status", "read"), [(404, True), (403, True), (500, False), (503, False), (429, False)])
def test_a_missing_robots_txt_permits_all_and_a_broken_one_nothing(site: Site, status: int, read: bool) -> None:
    site.pages |= {"/robots.txt": answer(status, b"User-agent: *\nDisallow: /"), "/card.md": answer(200)}
    fetcher = open_fetcher()
    if read:
        assert fetcher.get(site["/card.md"]).data == CARD
    else:
        assert f"what its robots.txt permits cannot be told: the server answered {status}" in reason(
            site["/card.md"], fetcher
        )


@given(st.binary(max_size=300))
def test_any_robots_txt_can_be_asked(text: bytes) -> None:
    robots = Robots(text)
    assert robots.permit("https://example.org/a") in (True, False)
    assert robots.pause >= 0


def test_a_host_has_a_pause_between_two_requests(site: Site) -> None:
    site.pages["/card.md"] = answer(200)
    passing = Time()
    fetcher = open_fetcher(passing, pause=1.0)
    for _ in range(3):
        fetcher.get(site["/card.md"])
    assert passing.slept == [1, 1, 1]


def test_arxiv_has_one_request_in_three_seconds_over_all_its_hosts(site: Site) -> None:
    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    site.pages |= {"/pdf/2412.19437": answer(200), "/api/query": answer(200)}
    port = site.address.rpartition(":")[2]
    passing = Time()
    fetcher = open_fetcher(passing, pause=0.5, resolve=resolve)
    fetcher.get(f"http://arxiv.org:{port}/pdf/2412.19437")
    passing.sleep(1)
    fetcher.get(f"http://export.arxiv.org:{port}/pdf/2412.19437")
    assert passing.slept == [3, 1, 2, 3]


def test_a_version_that_is_known_is_not_sent_again(site: Site) -> None:
    day = "Tue, 03 Feb 2026 10:00:00 GMT"
    site.pages |= {"/tag": versioned(CARD, etag='W/"a1"'), "/day": versioned(CARD, last_modified=day)}
    fetcher = open_fetcher()
    for path in ("/tag", "/day"):
        first = fetcher.get(site[path])
        assert first.data == CARD
        again = fetcher.get(site[path], first.validators)
        assert (again.data, again.validators) == (None, first.validators)
    assert fetcher.get(site["/tag"], Validators(etag='"other"')).data == CARD
