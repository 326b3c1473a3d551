"""What a page says of itself: title, authors, date, canonical address, and the work it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TypedDict
from urllib.parse import urljoin

from lxml.etree import _Element

from corpus.document import Document
from extractors.reading.characters import flow, normalise


class Metadata(TypedDict):
    """The fields of `Text` that a page says of itself."""

    title: str
    authors: tuple[str, ...]
    date: str
    address: str
    work: str


_TITLES = ("citation_title", "og:title", "dc.title", "twitter:title")
_DATES = (
    *("citation_publication_date", "citation_date", "article:published_time", "dc.date", "datepublished", "date"),
    "publish_date",
)
_IDENTIFIERS = ("citation_doi", "dc.identifier", "citation_pdf_url", "prism.doi")
_LONGEST = 50
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ISO = re.compile(r"\b((?:19|20)\d\d)[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)")
_EAST = re.compile(r"((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*日)?")
_DAY_LAST = re.compile(r"\b([A-Z][a-z]{2})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+([A-Z][a-z]{2})[a-z]*\.?,?\s+((?:19|20)\d\d)\b")
_DATED = re.compile(r"(?:^|[-_ ])(?:date|time|published?|publish[-_]?time|post-meta|byline)(?:$|[-_ ])", re.I)
_CREATED = re.compile(r"\b(?:createTime|create_time|publish_time)\s*[=:]\s*[\"'](\d{4}-\d\d-\d\d)\b")
_SECONDS = re.compile(r"\bvar ct\s*=\s*[\"'](\d{10})[\"']")
_CHINA = timezone(timedelta(hours=8))
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|arxiv:\s*|10\.48550/arxiv\.)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.I
)
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"'<>]+)")


def find_date(text: str) -> str:
    """The first date in a text as ISO, as far as it is printed: `2024-03-28`, `2024-03`; empty without one.

    «2024年3月28日», «March 28, 2024», «28 Mar 2024» and «2024/3/28» are read.
    """
    for pattern, order in ((_ISO, "ymd"), (_EAST, "ymd"), (_DAY_LAST, "mdy"), (_DAY_FIRST, "dmy")):
        found = pattern.search(text)
        if found is None:
            continue
        part = dict(zip(order, found.groups(), strict=True))
        month = (
            part["m"]
            if part["m"].isdigit()
            else str(_MONTHS.index(part["m"].lower()) + 1 if part["m"].lower() in _MONTHS else 0)
        )
        if not 1 <= int(month) <= 12 or (part["d"] and not 1 <= int(part["d"]) <= 31):
            continue
        return f"{part['y']}-{int(month):02}" + (f"-{int(part['d']):02}" if part["d"] else "")
    return ""


def find_work(*texts: str) -> str:
    """`arxiv:…` or `doi:…` named in what a page says of itself, else empty."""
    for text in texts:
        if found := _ARXIV.search(text):
            return f"arxiv:{found[1]}"
    for text in texts:
        if found := _DOI.search(text):
            return f"doi:{found[1].rstrip('.,;)').lower()}"
    return ""


def read_metadata(root: _Element, document: Document) -> Metadata:
    """What a page says of itself, in meta elements, JSON-LD and headings; a field is empty where it says nothing."""
    meta = _read_meta(root)
    linked = list(_read_linked_data(root))
    canonical = (link.get("href") or "" for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical")
    address = _absolute(next(canonical, "") or meta.get("og:url", [""])[0], document)
    heading = next((text for found in root.iter("h1") if (text := _text(found))), "")
    title = (
        _first(meta, _TITLES) or _linked_text(linked, "headline") or _text(next(root.iter("title"), None)) or heading
    )
    signed = [_text(found) for found in root.iter("span") if found.get("class") == "ltx_personname"]
    authors = meta.get("citation_author") or _linked_authors(linked) or _all(meta, "author", "dc.creator") or signed
    date = find_date(_first(meta, _DATES)) or find_date(_linked_text(linked, "datePublished")) or _visible_date(root)
    return Metadata(
        title=_without_site(title, heading, meta.get("og:site_name", [""])[0]),
        authors=tuple(dict.fromkeys(name for name in authors if name and not name.startswith("http"))),
        date=date,
        address=address,
        work=_page_work(root, meta, address),
    )


def _read_meta(root: _Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        content = flow(normalise(meta.get("content") or ""))
        if name and content:
            found.setdefault(name, []).append(content)
    return found


def _read_linked_data(root: _Element) -> Iterator[dict[str, object]]:
    for script in root.iter("script"):
        if script.get("type") != "application/ld+json":
            continue
        try:
            loaded = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        things = loaded if isinstance(loaded, list) else [loaded]
        for thing in things:
            graph = thing.get("@graph") if isinstance(thing, dict) else None
            for item in graph if isinstance(graph, list) else [thing]:
                if isinstance(item, dict) and ("headline" in item or "Article" in str(item.get("@type"))):
                    yield item


def _linked_text(linked: list[dict[str, object]], key: str) -> str:
    values = (value for item in linked if isinstance(value := item.get(key), str) and value.strip())
    return flow(normalise(next(values, "")))


def _linked_authors(linked: list[dict[str, object]]) -> list[str]:
    for item in linked:
        authors = item.get("author")
        listed = authors if isinstance(authors, list) else [authors]
        names = [author.get("name") if isinstance(author, dict) else author for author in listed]
        if found := [flow(normalise(name)) for name in names if isinstance(name, str) and name.strip()]:
            return found
    return []


def _first(meta: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _all(meta: dict[str, list[str]], *names: str) -> list[str]:
    return next((meta[name] for name in names if name in meta), [])


def _text(element: _Element | None) -> str:
    if element is None:
        return ""
    return flow(normalise("".join(map(str, islice(element.itertext(), _LONGEST))))).strip("#¶ ")


def _without_site(title: str, heading: str, site: str) -> str:
    """A title without the name of its site: «Open weights | LAION» beside the heading «Open weights»."""
    if heading and len(heading) > 3 and heading in title:
        return heading
    for part in (" | ", " - ", " – ", " — ", " · "):
        head, _, tail = title.rpartition(part)
        if head and tail and (tail.strip().lower() == site.lower() or (part == " | " and len(tail) < 30)):
            return head.strip()
    return title


def _visible_date(root: _Element) -> str:
    for time in root.iter("time"):
        if date := find_date(time.get("datetime") or "") or find_date(_text(time)):
            return date
    for element in root.iter("span", "div", "p", "em"):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(element) < 8 and _DATED.search(name):
            text = _text(element)
            if len(text) < 200 and (date := find_date(element.get("title") or "") or find_date(text)):
                return date
    return _scripted_date(root)


def _scripted_date(root: _Element) -> str:
    """The day of publication that WeChat's pages keep in a script alone, as text or as seconds since 1970."""
    for script in root.iter("script"):
        text = script.text or ""
        if found := _CREATED.search(text):
            return found[1]
        if found := _SECONDS.search(text):
            return datetime.fromtimestamp(int(found[1]), _CHINA).date().isoformat()
    return ""


def _page_work(root: _Element, meta: dict[str, list[str]], address: str) -> str:
    arxiv = _first(meta, ("citation_arxiv_id",))
    if re.fullmatch(r"\d{4}\.\d{4,5}(?:v\d+)?", arxiv):
        return f"arxiv:{arxiv.split('v')[0]}"
    mark = next((_text(e) for e in root.iter("a", "div") if (e.get("id") or "") == "watermark-tr"), "")
    return find_work(address, mark, _first(meta, _IDENTIFIERS))


def _absolute(address: str, document: Document) -> str:
    if address and document.address.startswith(("http://", "https://")):
        address = urljoin(document.address, address)
    return address if address.startswith(("http://", "https://")) else ""
