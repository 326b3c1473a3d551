"""What elements are: their tag, seen through the class names that LaTeXML sets tables of spans with."""

from __future__ import annotations

from lxml.etree import _Element

_LATEXML = {
    "ltx_tabular": "table",
    "ltx_thead": "thead",
    "ltx_tbody": "tbody",
    "ltx_tr": "tr",
    "ltx_td": "td",
    "ltx_th": "th",
}

BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption"]
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}


def classes(element: _Element) -> list[str]:
    """The class names of an element."""
    return (element.get("class") or "").split()


def tag_of(element: _Element) -> str:
    """The tag name in lower case; `table`, `tr`, `td` for the spans of LaTeXML's tables; empty for a comment."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    tag = tag.rpartition("}")[2].lower()
    if tag == "span" and "ltx_" in (element.get("class") or ""):
        for name in classes(element):
            if name in _LATEXML:
                return _LATEXML[name]
    return tag
