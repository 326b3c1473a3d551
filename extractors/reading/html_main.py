"""Where the main text of a page stands, and what around and inside it is furniture."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.etree import _Element, iterwalk

from extractors.reading.html_markup import classes, markup, tag_of

_ENOUGH = 0.7
_BULK = 0.4
_LINKS = 0.5


@dataclass(slots=True)
class _Measure:
    """What an element holds: characters of text, those of them in links, tables and code blocks."""

    text: int = 0
    links: int = 0
    grids: int = 0

    @property
    def prose(self) -> int:
        return self.text - self.links

    def add(self, other: _Measure) -> None:
        self.text += other.text
        self.links += other.links
        self.grids += other.grids


@dataclass(slots=True)
class Layout:
    """The main element of a page, and what each element of the page holds."""

    main: _Element
    _measures: dict[_Element, _Measure]

    @classmethod
    def of(cls, root: _Element) -> Layout:
        """Measure a tree and find its main text: the innermost marked container with most of the words outside links.

        A container is passed by when tables or code would be left outside it.
        """
        layout = cls(root, _measure(root))
        layout._narrow(root)
        return layout

    def is_furniture(self, element: _Element) -> bool:
        """Whether an element inside the main text is none of it: navigation, sharing, comments, related posts.

        What holds a good part of the page is never furniture, whatever its name («layout-with-sidebar»).
        """
        if element is self.main:
            return False
        known = markup()
        tag = tag_of(element)
        if tag == "nav" or tag == "menu":
            return True
        odd = tag in known.furniture_tags or element.get("role") in known.furniture_roles
        if not odd and tag in known.furniture_named_tags:
            odd = any(known.furniture_class.search(name) for name in classes(element))
            odd = odd or known.furniture_id.fullmatch(element.get("id") or "") is not None
        if not odd and tag == "aside":
            measure = self._measures[element]
            odd = measure.links > _LINKS * measure.text
        return odd and self._measures[element].prose <= _BULK * max(self._measures[self.main].prose, 1)

    def _narrow(self, root: _Element) -> None:
        whole = _Measure()
        whole.add(self._measures[root])
        walker = iterwalk(root, events=("start",))
        for _, element in walker:
            if tag_of(element) in markup().furniture_tags - {"form"} or tag_of(element) == "aside":
                aside = self._measures[element]
                if aside.prose <= _BULK * whole.prose:
                    whole.add(_Measure(-aside.text, -aside.links, -aside.grids))
                walker.skip_subtree()
        walker = iterwalk(root, events=("start",))
        for _, element in walker:
            own = self._measures.get(element, _Measure())
            if own.prose < _ENOUGH * whole.prose or own.grids < whole.grids:
                walker.skip_subtree()
            elif own.prose and _is_container(element):
                self.main, whole = element, own


def _measure(root: _Element) -> dict[_Element, _Measure]:
    measures: dict[_Element, _Measure] = {}
    unread = markup().silent
    for _, element in iterwalk(root, events=("end",)):
        tag = tag_of(element)
        measure = measures[element] = _Measure()
        if tag in unread or not tag:
            continue
        measure.text = len((element.text or "").strip())
        for child in element:
            measure.add(measures[child])
            measure.text += len((child.tail or "").strip())
        if tag == "a":
            measure.links = measure.text
        elif tag in {"table", "pre"}:
            measure.grids += 1
    return measures


def _is_container(element: _Element) -> bool:
    known = markup()
    if tag_of(element) in {"main", "article"} or element.get("role") in {"main", "article"}:
        return True
    if element.get("itemprop") == "articleBody" or (element.get("id") or "") in known.main_ids:
        return True
    return not known.main_classes.isdisjoint(classes(element))
