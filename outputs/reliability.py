"""The reliability diagram as SVG: what confidence said against what came true, with nothing to install to see it."""

from __future__ import annotations

import math
from html import escape

from evidence.calibration import SURE, Bin, Reliability

_SIDE = 480
_LEFT, _TOP = 64, 74
_WIDTH, _HEIGHT = _LEFT + _SIDE + 28, _TOP + _SIDE + 56
_STYLE = """
svg { font: 13px system-ui, sans-serif; background: #fff }
text { fill: #222 } .title { font-size: 16px; font-weight: 600 } .axis { fill: #555 }
.grid { stroke: #e4e4e4 } .even { stroke: #777; stroke-dasharray: 5 4 } .sure { fill: #2563a814 }
.span { stroke: #2563a8; stroke-width: 1.5; opacity: .55 } .dot { fill: #2563a8 }
@media (prefers-color-scheme: dark) {
svg { background: #16191d } text { fill: #eee } .axis { fill: #aaa } .grid { stroke: #333 } .even { stroke: #999 }
.sure { fill: #7ab3ee1c } .span { stroke: #7ab3ee } .dot { fill: #7ab3ee } }
"""


def draw_reliability(reliability: Reliability) -> str:
    """An SVG document: a dot for each bin with its 95 % interval, and the line on which confidence keeps its word."""
    summary = say_reliability(reliability)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' role="img" aria-label="{escape(summary)}">',
        f"<style>{_STYLE}</style>",
        _word(20, 28, "Confidence and what came true", "title"),
        _word(20, 50, summary, "axis"),
        f'<rect class="sure" x="{_x(SURE):.1f}" y="{_TOP}" width="{_x(1) - _x(SURE):.1f}" height="{_SIDE}"/>',
    ]
    for tick in range(0, 11, 2):
        at = tick / 10
        parts.append(_line("grid", _x(at), _y(0), _x(at), _y(1)))
        parts.append(_line("grid", _x(0), _y(at), _x(1), _y(at)))
        parts.append(_word(_x(at), _y(0) + 20, f"{at:.1f}", "axis", "middle"))
        parts.append(_word(_x(0) - 10, _y(at) + 4, f"{at:.1f}", "axis", "end"))
    parts.append(_line("even", _x(0), _y(0), _x(1), _y(1)))
    parts.extend(_draw_bin(b) for b in reliability.bins)
    parts.append(_word(_x(0.5), _y(0) + 44, "confidence, mean of the bin", "axis", "middle"))
    turned = f'transform="translate(18 {_y(0.5):.1f}) rotate(-90)"'
    parts.append(f'<text class="axis" text-anchor="middle" {turned}>share right</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def say_reliability(reliability: Reliability) -> str:
    """The figures in a line: «1,478 claims, calibration error 0.020; at 0.9 or more 867, of which 94.9 % are right»."""
    sure = f"{reliability.sure:,}, of which {reliability.sure_right:.1%} are right" if reliability.sure else "none"
    return f"{reliability.claims:,} claims, calibration error {reliability.error:.3f}; at {SURE} or more {sure}"


def _draw_bin(b: Bin) -> str:
    low, high = _interval(b.right, b.claims)
    title = f"{b.claims} claims from {b.low:.2f} to {b.high:.2f}: said {b.said:.3f}, right {b.right:.3f}"
    return (
        _line("span", _x(b.said), _y(low), _x(b.said), _y(high))
        + f'<circle class="dot" cx="{_x(b.said):.1f}" cy="{_y(b.right):.1f}" r="4.5"><title>{title}</title></circle>'
    )


def _interval(share: float, claims: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    z = 1.96
    middle = share + z * z / (2 * claims)
    reach = z * math.sqrt(share * (1 - share) / claims + z * z / (4 * claims * claims))
    return max(0.0, (middle - reach) / (1 + z * z / claims)), min(1.0, (middle + reach) / (1 + z * z / claims))


def _x(share: float) -> float:
    return _LEFT + share * _SIDE


def _y(share: float) -> float:
    return _TOP + (1 - share) * _SIDE


def _line(style: str, x: float, y: float, x2: float, y2: float) -> str:
    return f'<line class="{style}" x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _word(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
