"""Where the main text of a page stands, and what around and inside it is furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.etree import _Element, iterwalk

from extractors.reading.html_tags import classes, tag_of

_MAIN_IDS = frozenset(
    {"js_content", "main-content", "content", "main", "article", "post-content", "bodyContent", "mw-content-text"}
)
_MAIN_CLASSES = frozenset(
    ["ltx_document", "markdown-body", "RichText", "RichContent-inner", "Post-RichText", "rich_media_content", "post-content", "entry-content", "article-content", "article-body", "post-body", "md-content", "md-typeset", "theme-doc-markdown", "model-card-content", "rst-content", "post-single", "prose", "blog-content", "content", "document"]
)
_ENOUGH = 0.6
_FURNITURE_TAGS = frozenset({"nav", "aside", "footer", "header", "form", "menu"})
_FURNITURE_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "toolbar", "menu"}
)
_FURNITURE_NAME = re.compile(
    r"(?:^|[-_])(?:nav(?:bar|igation)?|menu|side-?bar|bread-?crumbs?|toc|tocwrapper|table-of-contents|footer|cookies?|consent|gdpr"
    r"|share(?:-buttons|-links|d)?|social(?:-links)?|sharing|related(?:-posts)?|recommend(?:ed|ations?)?|comments?|disqus|giscus|utterances"
    r"|newsletter|subscri(?:be|ption)|paginat(?:ion|or)|paginav|pager|advert(?:isement)?|modal|popup|skip-?(?:link|to-content)|search"
    r"|edit-?(?:page|this-page)|prev-next|page-nav|post-nav|author-bio|tag-?list|post-tags|qr_code|reward|rewards|meta_content)(?:$|[-_])",
    re.I,
)
_HEADING_OF_OTHERS = re.compile(
    r"(?:related|more|recent|latest|similar|recommended) (?:posts?|articles?|stories|reading|from .{1,30}|blogs?|news)|read (?:next|more)"
    r"|you (?:may|might) also (?:like|enjoy)|(?:leave a |\d+ )?(?:comments?|repl(?:y|ies))|share this.{0,20}|table of contents|on this page"
    r"|相关(?:文章|阅读|推荐)|推荐阅读|评论|更多文章|関連記事|おすすめ記事|目次|目录",
    re.I,
)


@dataclass(slots=True)
class Layout:
    """How much text, and how much of it in links, each element of a page holds."""

    text: dict[_Element, int] = field(default_factory=dict)
    links: dict[_Element, int] = field(default_factory=dict)
    main: _Element | None = None

    @classmethod
    def of(cls, root: _Element) -> Layout:
        """Measure a tree and find its main text: the smallest marked container that holds most of the words outside links."""
        layout = cls()
        text, links = layout.text, layout.links
        for _, element in iterwalk(root, events=("end",)):
            tag = tag_of(element)
            if tag in {"script", "style", "noscript", "template", "svg", "head", ""}:
                text[element] = links[element] = 0
                continue
            own = len((element.text or "").strip())
            linked = 0
            for child in element:
                own += text.get(child, 0) + len((child.tail or "").strip())
                linked += links.get(child, 0)
            text[element] = own
            links[element] = own if tag == "a" else linked
        layout.main = layout._find_main(root)
        return layout

    def _weight(self, element: _Element) -> int:
        return self.text.get(element, 0) - self.links.get(element, 0)

    def _find_main(self, root: _Element) -> _Element:
        best = root
        weight = self._weight(root)
        furniture = sum(
            self._weight(e)
            for e in root.iter("nav", "aside", "footer", "header")
            if not any(True for _ in e.iterancestors("nav", "aside", "footer", "header"))
        )
        whole = max(weight - furniture, 1)
        walker = iterwalk(root, events=("start",))
        for _, element in walker:
            own = self._weight(element)
            if own < _ENOUGH * whole:
                walker.skip_subtree()
            elif _is_container(element):
                best, whole = element, max(own, 1)
        return best

    def is_furniture(self, element: _Element) -> bool:
        """Whether an element inside the main text is none of it: navigation, sharing, comments, related posts."""
        tag = tag_of(element)
        if element is self.main:
            return False
        if tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES:
            if tag in {"nav", "menu"}:
                return True
            return not self._is_bulk(element)
        names = [*classes(element), element.get("id") or ""]
        if any(name and _FURNITURE_NAME.search(name) for name in names):
            return not self._is_bulk(element)
        return False

    def _is_bulk(self, element: _Element) -> bool:
        main = self.main if self.main is not None else element
        return self._weight(element) > 0.4 * max(self._weight(main), 1)


def _is_container(element: _Element) -> bool:
    tag = tag_of(element)
    if (
        tag in {"main", "article"}
        or element.get("role") in {"main", "article"}
        or element.get("itemprop") == "articleBody"
    ):
        return True
    return (element.get("id") or "") in _MAIN_IDS or not _MAIN_CLASSES.isdisjoint(classes(element))
