"""A chip's export-control status in a terminal, with the arithmetic and the rules that decide."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from evidence.control import DISCLAIMER, ControlStatus
from evidence.control_lines import Inputs, RuleOutcome
from evidence.figures import say_number

_SAID = {True: "met", False: "not met", None: "unknown"}
_CAUGHT = {True: "catches it", False: "does not catch it", None: "not established whether it catches it"}


def lay_out_status(status: ControlStatus) -> Iterator[Text]:
    """The status line by line: the answer, the figures, each rule with its limbs, notes, variants, the disclaimer."""
    yield Text(f"{status.chip.name} to {status.destination} on {status.on}: {status.result}", style="bold")
    if status.if_shipped:
        yield Text(f"  had it been on sale: {status.if_shipped}")
    yield Text(f"  confidence: {status.confidence}" + ("; after the last day that the data covers" * status.unverified))
    if status.inputs:
        yield Text(f"  {_say_inputs(status.inputs)}; confidence of the figures: {status.inputs.confidence}")
    for rule in status.rules:
        yield from _lay_out_rule(rule)
    for rule in status.context:
        yield Text(f"  context: {rule.instrument.name} ({rule.instrument.citation})", style="dim")
    for instrument in status.imports:
        yield Text(f"  on the other side: {instrument.name} ({instrument.citation})", style="dim")
    for note in status.notes:
        yield Text(f"  note: {note}")
    for variant in status.variants:
        figures = f" ({_say_inputs(variant.inputs)})" if variant.inputs else ""
        yield Text(f"  {variant.chip.id}: {variant.result}{figures}")
    yield Text(DISCLAIMER, style="dim")


def _lay_out_rule(rule: RuleOutcome) -> Iterator[Text]:
    instrument = rule.instrument
    caught = _CAUGHT[rule.caught] + (" by name" if rule.named else "")
    since = f", in force from {instrument.effective}" if instrument.effective else ""
    yield Text(f"  {instrument.name} ({instrument.citation}{since}): {caught}")
    for limb in rule.limbs:
        reported = " (from the press)" if limb.reported else ""
        yield Text(f"    {limb.name}{reported}: {_SAID[limb.met]}")
        for comparison in limb.comparisons:
            close = ", close to the line" if comparison.close else ""
            yield Text(f"      {comparison.line}: {_say_value(comparison.value)}, {_SAID[comparison.met]}{close}")


def _say_inputs(inputs: Inputs) -> str:
    figures = {
        "TPP": inputs.tpp,
        "TPP / mm²": inputs.pd,
        "I/O GB/s": inputs.io_gb_s,
        "memory GB/s": inputs.dram_gb_s,
    }
    known = [f"{name} {_say_value(value)}" for name, value in figures.items() if value is not None]
    return ", ".join(known) or "no figure is established"


def _say_value(value: float | bool | None) -> str:
    if value is None:
        return "not established"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return say_number(value)
