"""The documents that a feed (RSS, Atom), a sitemap or a list of models leads to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from lxml import etree

from corpus.unfolding import UnfoldError, unfold

_UNFOLDED = 50_000_000
"""Bytes that a sitemap may have (https://www.sitemaps.org/protocol.html)."""
_MODEL = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_NO_LIST = "it is neither a feed (RSS, Atom), nor a sitemap, nor a list of models"
_GZIP = b"\x1f\x8b"


class ListingError(ValueError):
    """Bytes that are no list; the message says so."""


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that a list names, with title and date as far as the list gives them.

    `is_list` marks a sitemap that a sitemap index leads to.
    """

    address: str
    title: str = ""
    dated: date | None = None
    is_list: bool = False


def list_leads(data: bytes, base: str) -> list[Lead]:
    """What a list leads to, the newest first, each address once; those without a date stay in their order
    behind. Raises `ListingError`.

    Entities are not resolved and nothing is loaded, so that a list cannot unfold or reach out.
    """
    if data.startswith(_GZIP):
        try:
            data = unfold(data, _UNFOLDED)
        except UnfoldError as fault:
            raise ListingError(f"it is no list that can be read: {fault}") from fault
    data = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    found: dict[str, Lead] = {}
    for lead in _read_models(data) if data.startswith(b"[") else _read_xml(data):
        try:
            address = urljoin(base, lead.address.strip())
        except ValueError:
            continue
        if lead.address.strip() and address.lower().startswith(("http:", "https:")):
            title = " ".join(lead.title.split())
            found.setdefault(address, Lead(address, title, lead.dated, lead.is_list))
    return sorted(found.values(), key=lambda lead: lead.dated or date.min, reverse=True)


def _read_xml(data: bytes) -> Iterator[Lead]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    kind = _name(root) if root is not None else ""
    if root is None or kind not in _READERS:
        raise ListingError(_NO_LIST)
    return _READERS[kind](root)


def _read_models(data: bytes) -> Iterator[Lead]:
    """The model cards of Hugging Face's list of models (https://huggingface.co/docs/hub/api)."""
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError):
        raise ListingError(_NO_LIST) from None
    for entry in entries:
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and _MODEL.fullmatch(name) and not (entry.get("private") or entry.get("gated")):
            dated = _read_date(str(entry.get("lastModified") or entry.get("createdAt") or ""))
            yield Lead(f"/{name}/raw/main/README.md", name, dated)


def _read_atom(root: etree._Element) -> Iterator[Lead]:
    for entry in _all(root, "entry"):
        links = {(link.get("type") or "", link.get("rel") or "alternate"): link.get("href") or "" for link in entry}
        pdf = next((href for (kind, _), href in links.items() if kind == "application/pdf" and href), "")
        page = next((href for (_, rel), href in links.items() if rel == "alternate" and href), "")
        dated = _read_date(_text(entry, "published") or _text(entry, "updated"))
        yield Lead(pdf or page, _text(entry, "title"), dated)


def _read_rss(root: etree._Element) -> Iterator[Lead]:
    for item in _all(root, "item"):
        dated = _read_date(_text(item, "pubDate") or _text(item, "date"))
        yield Lead(_text(item, "link") or _text(item, "guid"), _text(item, "title"), dated)


def _read_sitemap(root: etree._Element) -> Iterator[Lead]:
    for url in _all(root, "url"):
        yield Lead(_text(url, "loc"), "", _read_date(_text(url, "lastmod")))


def _read_index(root: etree._Element) -> Iterator[Lead]:
    for sitemap in _all(root, "sitemap"):
        yield Lead(_text(sitemap, "loc"), "", _read_date(_text(sitemap, "lastmod")), is_list=True)


_READERS = {
    "feed": _read_atom,
    "rss": _read_rss,
    "RDF": _read_rss,
    "urlset": _read_sitemap,
    "sitemapindex": _read_index,
}


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return root.iter(f"{{*}}{name}")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return "" if found is None else "".join(map(str, found.itertext())).strip()


def _read_date(words: str) -> date | None:
    """The day of an ISO 8601 (Atom, sitemaps) or RFC 5322 (RSS) date; None where there is none."""
    try:
        return date.fromisoformat(words[:10])
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(words).date()
    except ValueError:
        return None
