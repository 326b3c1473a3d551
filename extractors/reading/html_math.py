"""Formulas in HTML: MathML, and what KaTeX, MathJax and LaTeXML leave of the TeX they set."""

from __future__ import annotations

from lxml.etree import _Element

from extractors.reading.html_markup import tag_of
from extractors.reading.tex import render_tex

_DEEPEST = 40
_SETTERS = ("katex", "MathJax", "mwe-math-element")
_DISPLAYS = frozenset({"MathJax_Preview", "MathJax", "MathJax_SVG", "MathJax_CHTML", "MathJax_Display"})


def read_formula(element: _Element) -> str | None:
    """The text of a formula, or None where the element is no formula.

    A formula is taken once: the TeX that came with it (`application/x-tex`, `alttext`, `script type=math/tex`) where
    there is one, else the MathML; never the glyphs beside them.
    """
    tag = tag_of(element)
    if tag == "math":
        return _read_math(element)
    if tag == "script":
        return render_tex(element.text or "") if (element.get("type") or "").startswith("math/tex") else None
    if tag in {"d-math", "mjx-container"} or (element.get("class") or "").startswith(_SETTERS):
        return _read_typeset(element)
    return None


def _read_typeset(element: _Element) -> str:
    source = element.get("data-tex") or element.get("data-latex")
    if source:
        return render_tex(source)
    math = next((found for found in element.iter() if tag_of(found) == "math"), None)
    if math is not None:
        return _read_math(math)
    after = element.getnext()
    while after is not None and not _DISPLAYS.isdisjoint((after.get("class") or "").split()):
        after = after.getnext()
    if after is not None and tag_of(after) == "script" and (after.get("type") or "").startswith("math/tex"):
        return ""
    return render_tex(_join(element))


def _read_math(element: _Element) -> str:
    for found in element.iter():
        if tag_of(found) == "annotation" and "tex" in (found.get("encoding") or "").lower():
            return render_tex(_join(found))
    if source := element.get("alttext"):
        return render_tex(source)
    return _linearise(element, 0)


def _join(element: _Element) -> str:
    return "".join(str(part) for part in element.itertext())


def _linearise(element: _Element, depth: int) -> str:
    tag = tag_of(element)
    if tag in {"annotation", "annotation-xml", "mphantom"} or depth > _DEEPEST:
        return ""
    if tag in {"mi", "mn", "mo", "mtext", "ms"} or not len(element):
        return _join(element).strip("\n ")
    parts = [_linearise(child, depth + 1) for child in element if isinstance(child.tag, str)]
    if tag in {"msup", "msubsup"} and len(parts) >= 2:
        return f"{''.join(parts[:-1])}^{parts[-1].replace('−', '-')}"
    if tag in {"mover", "munder", "munderover"} and parts:
        return parts[0]
    if tag == "mfrac" and len(parts) == 2:
        return f"{parts[0]}/{parts[1]}"
    if tag == "msqrt":
        return "√" + "".join(parts)
    return (" " if tag in {"mtable", "mtr"} else "").join(parts)
