"""Which work a document is a version of, as far as its name and address tell."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

_ARXIV_ID = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})")
_ARXIV_ADDRESS = re.compile(rf"(?:abs|pdf|html)/({_ARXIV_ID.pattern})(?:v\d+)?(?:\.pdf)?/?$")
_ARXIV_NAME = re.compile(r"(?:arxiv[-_:]?)?(\d{4}\.\d{4,5})(?:v\d+)?(?:\.\w{2,4})?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_VERSIONED_FILES = (
    ("raw.githubusercontent.com", re.compile(r"/([^/]+/[^/]+)/[^/]+/(.+)"), "github.com"),
    ("github.com", re.compile(r"/([^/]+/[^/]+)/(?:blob|raw)/[^/]+/(.+)"), "github.com"),
    ("huggingface.co", re.compile(r"/(.+?)/(?:blob|raw|resolve)/[^/]+/(.+)"), "huggingface.co"),
)
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|spm|ref_src")


def identify_work(address: str, name: str = "") -> str | None:
    """The work that an address or a file's name stands for, the same for all its versions; None where neither tells.

    `arxiv:2412.19437` for an arXiv page, PDF or a file named by its id; `doi:10.…`; else the address as normalised by
    `normalise_address`, without the commit or branch for files of GitHub and Hugging Face.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        match = _ARXIV_NAME.fullmatch(name)
        return f"arxiv:{match[1]}" if match else None
    host = (parts.hostname or "").removeprefix("www.")
    if host.endswith("arxiv.org") and (match := _ARXIV_ADDRESS.search(parts.path)):
        return f"arxiv:{match[1]}"
    if host in ("doi.org", "dx.doi.org") and (match := _DOI.search(parts.path)):
        return f"doi:{match[0].casefold()}"
    for keeper, pattern, at in _VERSIONED_FILES:
        if host == keeper and (match := pattern.fullmatch(parts.path)):
            return f"https://{at}/{match[1]}/{match[2]}"
    return normalise_address(address)


def normalise_address(address: str) -> str:
    """One spelling for one page: https, lower-case host, no port of its own, fragment, trailing slash or tracking
    words.
    """
    parts = urlsplit(address.strip())
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    kept = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(k))
    return urlunsplit(SplitResult("https", host + port, parts.path.rstrip("/"), urlencode(kept), ""))
