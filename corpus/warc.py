"""What was fetched, as it came over the wire, in the format of web archives (WARC 1.1, ISO 28500)."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from corpus.exchange import Exchange


class _Writer(WARCWriter):  # type: ignore[misc]
    """Writes SHA-256, where warcio by itself writes SHA-1."""

    @staticmethod
    def _create_digester() -> Digester:
        return Digester("sha256")


def write_warc(exchanges: Iterable[Exchange], agent: str) -> bytes:
    """A WARC file of some exchanges, each record compressed by itself.

    Records carry the SHA-256 of block and payload (in base32, as is the custom there). What was not read, such as the
    body of a redirect, is marked as truncated.
    """
    out = BytesIO()
    writer = _Writer(out, gzip=True, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record(None, {"software": agent, "format": "WARC File Format 1.1"}))
    for exchange in exchanges:
        when = exchange.when.strftime("%Y-%m-%dT%H:%M:%SZ")
        common = {"WARC-Date": when} | ({"WARC-IP-Address": exchange.reached} if exchange.reached else {})
        cut = {} if exchange.whole else {"WARC-Truncated": "unspecified"}
        answer = writer.create_warc_record(
            exchange.address,
            "response",
            payload=BytesIO(exchange.body),
            http_headers=StatusAndHeaders(
                f"{exchange.status} {exchange.phrase}".rstrip(), _unchunked(exchange), protocol=exchange.protocol
            ),
            warc_headers_dict=common | cut,
        )
        parts = urlsplit(exchange.address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = writer.create_warc_record(
            exchange.address,
            "request",
            payload=BytesIO(b""),
            http_headers=StatusAndHeaders(
                f"GET {target} HTTP/1.1", [("Host", parts.netloc), *exchange.asked], is_http_request=True
            ),
            warc_headers_dict=dict(common),
        )
        writer.write_request_response_pair(request, answer)
    return out.getvalue()


def _unchunked(exchange: Exchange) -> list[tuple[str, str]]:
    """The headers of an answer. Its body is kept without the lengths of its chunks, so that word gets another name."""
    return [
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, value)
        for name, value in exchange.headers
    ]
