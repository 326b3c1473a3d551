r"""Formulas in TeX as the text a reader would type: `3.8\times10^{25}` is `3.8×10^25`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

_SPACING = re.compile(r"\\[ ,;:>!]|\\\\|~|&|\\(?:newline|par|allowbreak|thinspace|enspace)(?![A-Za-z])")
_TIGHT = re.compile(
    r"\\!|\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|scriptstyle|limits|nolimits|nonumber|notag)(?![A-Za-z])"
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^{}]*\}(?:\{[lcr|]*\})?|\\(?:label|tag|ref|cite)\*?\{[^{}]*\}")
_THOUSANDS = re.compile(r"(?<=\d)\{,\}(?=\d)")
_FRACTION = re.compile(r"\\[dtc]?frac\{([^{}]*)\}\{([^{}]*)\}")
_RAISED = re.compile(r"\^\s*(?:\{([^{}]*)\}|(\\circ|\\prime|\\dagger|\\ast|\*)|([A-Za-z0-9]))")
_LOWERED = re.compile(r"_\s*(?:\{([^{}]*)\}|([A-Za-z0-9]))")
_WRAPPED = re.compile(r"\\([a-zA-Z]+)\*?\s*\{([^{}]*)\}")
_FONT = re.compile(
    r"(?:text|math)[a-z]*|operatorname|[mh]box|boldsymbol|bm|underline|overline|(?:wide)?(?:hat|tilde)|bar|vec|dot|ensuremath|boxed|color"
)
_BRACED = re.compile(r"\{([^{}]*)\}")
_COMMAND = re.compile(r"(\s?)\\([A-Za-z]+)(\s*)")
_ESCAPED = re.compile(r"\\([%$#&_{}|-])")
_MAX = 4_000


def render_tex(source: str) -> str:
    r"""A formula as readable text; a formula too long to be a quantity comes back with its commands stripped only.

    `\approx 3.8 \times 10^{25}\,\text{FLOPs}` is `≈ 3.8 × 10^25 FLOPs`; `10^{-4}` keeps its sign; `2{,}048` is `2,048`;
    an index is written inline (`N_{\mathrm{tok}}` is `N_tok`); `\frac{a}{b}` is `a/b`.
    """
    text = _THOUSANDS.sub(",", _ENVIRONMENT.sub(" ", source[:_MAX]))
    text = text.replace(r"\%", "%").replace(r"\ ", " ")
    text = _SPACING.sub(" ", _TIGHT.sub("", text))
    text = _ESCAPED.sub(lambda found: found[1] if found[1] not in "{}|" else f"\ue000{found[1]}", text)
    for _ in range(12):
        before = text
        text = _RAISED.sub(_raise, text)
        text = _LOWERED.sub(_lower, text)
        text = _FRACTION.sub(lambda found: f"{_part(found[1])}/{_part(found[2])}", text)
        text = _WRAPPED.sub(_unwrap, text)
        text = _BRACED.sub(r"\1", text) if text == before else text
        if text == before:
            break
    text = _COMMAND.sub(_name, text)
    text = text.replace("\ue000", "").replace("{", "").replace("}", "").replace("\\", "")
    return re.sub(r"\s+", " ", text).strip()


_DOLLARS = (
    r"\$\$(?P<shown>.{1,4000}?)\$\$|\$`(?P<quoted>[^`\n]{1,1000})`\$"
    r"|\$(?![\s$])(?P<inline>(?:\\.|[^$\\\n]|\n(?!\s*\n)){1,1000}?)(?<![\s\\])\$(?![\d$])"
)
_IN_PAGE = re.compile(_DOLLARS + r"|\\\((?P<round>.{1,1000}?)\\\)|\\\[(?P<square>.{1,4000}?)\\\]", re.S)
_IN_MARKDOWN = re.compile(_DOLLARS + r"|\\\\\((?P<round>.{1,1000}?)\\\\\)|\\\\\[(?P<square>.{1,4000}?)\\\\\]", re.S)
_FORMULA = re.compile(r".*[\\^_=<>{}].*|\s*\w{1,3}\s*|[\d.,]+\s?[%KMBT]?", re.S)


@cache
def _signs() -> dict[str, str]:
    signs = tomllib.loads(files("extractors.reading").joinpath("tex.toml").read_text("utf-8"))
    if odd := [name for name, sign in signs.items() if not isinstance(sign, str)]:
        raise ValueError(f"tex.toml: {odd[0]} is no sign")
    return signs


def render_embedded(text: str) -> str:
    r"""Text of a page with its formulas between `$…$`, `$$…$$`, `\(…\)` and `\[…\]` rendered.

    «costs $5 and $6» and «$2 per GPU hour» hold no formula: one has a TeX sign inside, or is a bare symbol or number.
    """
    if "$" not in text and "\\" not in text:
        return text
    return _IN_PAGE.sub(lambda found: _render_found(found) or found[0], text)


def match_embedded(text: str, start: int) -> tuple[str, int] | None:
    r"""The formula that begins at `start` of Markdown, rendered, and where it ends; None where none begins.

    In Markdown `\[1\]` is a bracket that is no link; formulas take two backslashes there, or dollar signs.
    """
    found = _IN_MARKDOWN.match(text, start)
    rendered = None if found is None else _render_found(found)
    return None if found is None or rendered is None else (rendered, found.end())


def _render_found(found: re.Match[str]) -> str | None:
    source = next(group for group in found.groups() if group is not None)
    return None if found["inline"] is not None and not _FORMULA.fullmatch(source) else render_tex(source)


def _raise(found: re.Match[str]) -> str:
    inner = next(group for group in found.groups() if group is not None).strip()
    if inner in {r"\circ", r"\prime", r"\dagger", r"\ast", "*"}:
        return _signs().get(inner[1:], "*")
    return "^" + inner.replace("−", "-").replace(" ", "") if inner else ""


def _lower(found: re.Match[str]) -> str:
    inner = (found[1] if found[1] is not None else found[2]).strip()
    return inner if inner.isdigit() else f"_{inner}"


def _part(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"[\w.^]*", text) else f"({text})"


def _unwrap(found: re.Match[str]) -> str:
    return found[2] if _FONT.fullmatch(found[1]) else rf"\{found[1]} {found[2]}"


def _name(found: re.Match[str]) -> str:
    """A command as its sign. TeX minds no space after a command, so that a sign is set off on both sides or on none."""
    before, name, after = found.groups()
    sign = _signs().get(name)
    if sign is None:
        return f"{before}{name} "
    return f"{before}{sign}{after if sign.isalpha() else before}"
