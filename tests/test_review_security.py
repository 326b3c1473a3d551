"""The guard of the review server: who may ask, and what every answer says of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from reviewing import Caller
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outputs.review.security import COOKIE, LARGEST_BODY, POLICY, Guard, is_loopback, open_doors


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {len(await request.body())}")


def client_of(address: str = "127.0.0.1", **rest: object) -> tuple[Caller, str | None]:
    doors = open_doors(address, 8571, **rest)  # type: ignore[arg-type]
    application = Starlette(
        routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT"])],
        middleware=[Middleware(Guard, doors=doors)],
    )
    return Caller(application, f"http://{address}:8571"), doors.token


async def drip(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture
def local() -> Caller:
    client, token = client_of()
    assert token is None
    return client


@pytest.mark.parametrize("host", ["127.0.0.1:8571", "localhost:8571", "LOCALHOST:8571", "[::1]:8571"])
def test_our_own_names_are_let_in(local: Caller, host: str) -> None:
    assert local.get("/queue", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8571", "127.0.0.1", "127.0.0.1:80", "localhost:8571.evil.example", "", "a,b"],
)
def test_a_name_that_was_bent_to_this_machine_is_refused(local: Caller, host: str) -> None:
    assert local.get("/queue", headers={"Host": host}).status_code == 421


def test_two_hosts_are_refused(local: Caller) -> None:
    answer = local.get("/queue", headers=[("Host", "127.0.0.1:8571"), ("Host", "evil.example")])
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8571"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_another_site_changes_nothing(local: Caller, method: str, headers: dict[str, str]) -> None:
    assert local.ask(method, "/claim/c1-0/decide", headers=headers).status_code == 403


def test_our_own_page_may(local: Caller) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8571"}
    assert local.post("/undo", headers=own, content="a=1").text == "POST 3"


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(local: Caller) -> None:
    assert local.post("/undo", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert local.post("/undo", content=drip([b"x" * LARGEST_BODY, b"x"])).status_code == 413
    assert local.post("/undo", content=b"", headers={"Content-Length": "-1"}).status_code == 413
    assert local.post("/undo", content=b"x" * LARGEST_BODY).status_code == 200


def test_a_query_that_is_too_long_is_refused(local: Caller) -> None:
    assert local.get(f"/search?q={'x' * 3000}").status_code == 414


def test_every_answer_forbids_what_no_page_needs(local: Caller) -> None:
    for answer in (local.get("/queue"), local.get("/queue", headers={"Host": "evil.example"})):
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_where_others_can_come_a_token_is_asked_for() -> None:
    client, token = client_of("192.168.7.7", names=("review.example",))
    assert token is not None
    assert len(token) >= 43
    assert client.get("/queue").status_code == 401
    page = client.get("/queue", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (page.status_code, page.headers["Location"]) == (303, "/login")
    assert client.post("/undo").status_code == 401
    assert client.get("/login").status_code == 200
    assert client.get("/queue", headers={"Cookie": f"{COOKIE}={token[:-1]}"}).status_code == 401
    assert client.get("/queue", headers={"Cookie": f"{COOKIE}="}).status_code == 401
    assert client.get("/queue", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 200
    known = {"Cookie": f"{COOKIE}={token}", "Host": "review.example:8571"}
    assert client.get("/queue", headers=known).status_code == 200
    assert client.get(f"/queue?token={token}").status_code == 401


def test_each_start_has_a_token_of_its_own_and_this_machine_may_ask_for_one_too() -> None:
    assert open_doors("10.0.0.1", 80).token != open_doors("10.0.0.1", 80).token
    assert open_doors("127.0.0.1", 80).token is None
    assert open_doors("127.0.0.1", 80, ask=True).token
    assert open_doors("127.0.0.1", 80).mark != open_doors("127.0.0.1", 80).mark


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        *((own, True) for own in ("127.0.0.1", "127.8.8.8", "::1", "localhost")),
        *((open_to_all, False) for open_to_all in ("0.0.0.0", "::", "192.168.1.2", "localhost.example")),
    ],
)
def test_only_loopback_is_reached_from_here_alone(address: str, alone: bool) -> None:
    assert is_loopback(address) is alone
