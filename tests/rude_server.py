"""A web server of our own whose pages have bad manners, and what it was asked."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Page = Callable[["Asked"], None]
CARD = b"# Larch-7B\n\nLarch-7B was trained on 64 NVIDIA H800 GPUs.\n"
LONGEST = 20.0


class Asked(BaseHTTPRequestHandler):
    """One request. Pages answer it by the methods of the handler, or by writing what they like."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        """Answer with the page of the path."""
        self.site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.close_connection = True
        with suppress(OSError):
            self.site.pages.get(self.path, answer(404, b"no such page"))(self)

    def do_POST(self) -> None:
        """Keep what was sent, and answer with the page of the path."""
        self.site.sent.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
        self.do_GET()

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """A whole answer, its length stated unless the headers state another."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@dataclass
class Site:
    """A server with its pages; `asked` is every request that came, with its headers, `sent` what came with POST."""

    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def __getitem__(self, path: str) -> str:
        """The whole address of a page."""
        return self.address + path

    def visits(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a page."""
        return [headers for asked, headers in self.asked if asked == path]


@contextmanager
def serve(host: str = "127.0.0.1", port: int = 0) -> Iterator[Site]:
    """A server that runs for the length of a `with`."""
    site = Site("")
    handler = type("Handler", (Asked,), {"site": site})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    server.block_on_close = False
    site.address = f"http://{host}:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def answer(status: int, body: bytes = CARD, **headers: str) -> Page:
    """The same answer every time; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: asked.reply(status, body, named)


def in_turn(*pages: Page) -> Page:
    """One page after the other, and the last one from then on."""
    left = list(pages)

    def page(asked: Asked) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(asked)

    return page


def moved(to: str, status: int = 302) -> Page:
    """A redirect."""
    return answer(status, b"", Location=to)


def versioned(body: bytes, etag: str = "", last_modified: str = "") -> Page:
    """A page that answers conditional requests as it should."""

    def page(asked: Asked) -> None:
        told = {name: value for name, value in (("ETag", etag), ("Last-Modified", last_modified)) if value}
        same_tag = etag and asked.headers.get("If-None-Match") == etag
        same_day = last_modified and asked.headers.get("If-Modified-Since") == last_modified
        asked.reply(304 if same_tag or same_day else 200, b"" if same_tag or same_day else body, told)

    return page


def silent(asked: Asked) -> None:
    """Takes the request and says nothing."""
    time.sleep(LONGEST)


def dripping_headers(asked: Asked) -> None:
    """Sends a header now and then, and never comes to an end."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(asked, b"X: y\r\n")


def dripping_body(asked: Asked) -> None:
    """Sends a byte now and then, and never comes to an end."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    _drip(asked, b"x")


def hesitating(asked: Asked) -> None:
    """Says for ever that the client may go on."""
    _drip(asked, b"HTTP/1.1 100 Continue\r\n\r\n")


def endless(asked: Asked) -> None:
    """Sends as fast as it can, for ever."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        asked.wfile.write(b"x" * 65536)


def broken_off(asked: Asked) -> None:
    """States more bytes than it sends."""
    asked.reply(200, CARD, {"Content-Length": str(len(CARD) + 100)})


def bad_chunks(asked: Asked) -> None:
    """States the length of a chunk in words."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\nbytes\r\n")


def chunked(asked: Asked) -> None:
    """Sends the card in two chunks, as it should."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece in (CARD[:10], CARD[10:], b""):
        asked.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def no_http(asked: Asked) -> None:
    """Answers in another protocol."""
    asked.wfile.write(b"220 mail.example ESMTP\r\n")


def bomb(megabytes: int, layers: int = 1) -> Page:
    """Zeros, compressed once or more."""
    packed = gzip.compress(bytes(megabytes * 1_000_000))
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return answer(200, packed, Content_Encoding=", ".join(["gzip"] * layers))


def deflated(bare: bool) -> Page:
    """The card, compressed with or without the frame of zlib."""
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
    return answer(200, machine.compress(CARD) + machine.flush(), Content_Encoding="deflate")


def _drip(asked: Asked, piece: bytes) -> None:
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        asked.wfile.write(piece)
        time.sleep(0.02)
