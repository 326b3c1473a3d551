"""The register of templates that are read wrong, by what goes wrong; a template that comes right must leave it."""

from __future__ import annotations

_REASONS: dict[str, tuple[str, ...]] = {
    "«on which» after the chips does not reach back to them": (
        "All experiments were run on {n} {chips}, on which {model} was trained.",
    ),
    "the contrast does not carry the figure to the other model": (
        "{model} was trained on {n2} {chips2}, far fewer than the {n} {chips} of {other}.",
        "In contrast to the {n} {chips} used for {other}, {model} was trained on {n2} {chips2}.",
        "不同于使用 {n} 张 {chip} 的 {other}，{model} 在 {n2} 张 {chip2} 上训练。",
    ),
    "an earlier model, a baseline or a base model is taken for the document's own": (
        "The previous version of {model} was trained on {n} {chips}.",
        "{model} is based on {other} (trained on {n} {chips}).",
    ),
    "a sentence about chips in general, in a section on training, is taken for a statement of use": (
        "{chips} cost about $30,000 each.",
        "{chips} are faster than {chips2}.",
        "How many {chips} does a run of this size need?",
    ),
    "work on data, in a section on training, is taken for training": (
        "The documents were filtered by a classifier that ran on {n} {chips}.",
    ),
}

KNOWN_WRONG = {template: reason for reason, templates in _REASONS.items() for template in templates}
