"""A control status as plain data, for JSON and for whoever prints it."""

from __future__ import annotations

from typing import Any

from evidence.control import ControlStatus
from evidence.control_lines import Inputs, RuleOutcome
from registry.controls import Instrument


def record_status(status: ControlStatus) -> dict[str, Any]:
    """The status with its arithmetic: figures (TPP, per mm², GB/s), rules limb by limb, citations, notes, variants."""
    return {
        "chip": {"id": status.chip.id, "name": status.chip.name},
        "on": status.on.isoformat(),
        "destination": status.destination,
        "result": str(status.result),
        "if_shipped": None if status.if_shipped is None else str(status.if_shipped),
        "confidence": status.confidence,
        "unverified": status.unverified,
        "inputs": None if status.inputs is None else _record_inputs(status.inputs),
        "rules": [_record_rule(rule) for rule in status.rules],
        "context": [_record_rule(rule) for rule in status.context],
        "imports": [_record_instrument(instrument) for instrument in status.imports],
        "notes": list(status.notes),
        "variants": [record_status(variant) for variant in status.variants],
    }


def _record_inputs(inputs: Inputs) -> dict[str, Any]:
    return {
        "tpp": inputs.tpp,
        "performance_density": None if inputs.pd is None else round(inputs.pd, 4),
        "io_gb_s": inputs.io_gb_s,
        "io_is_floor": inputs.io_is_floor,
        "memory_bandwidth_gb_s": inputs.dram_gb_s,
        "datacenter": inputs.datacenter,
        "us_commercial": inputs.us_commercial,
        "confidence": inputs.confidence,
    }


def _record_instrument(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.id,
        "name": instrument.name,
        "citation": instrument.citation,
        "effective": None if instrument.effective is None else instrument.effective.isoformat(),
        "ended": None if instrument.ended is None else instrument.ended.isoformat(),
        "confidence": instrument.confidence,
        "note": instrument.note,
    }


def _record_rule(rule: RuleOutcome) -> dict[str, Any]:
    return _record_instrument(rule.instrument) | {
        "effect": rule.instrument.effect,
        "policy": rule.instrument.policy,
        "named": rule.named,
        "caught": rule.caught,
        "limbs": [
            {
                "name": limb.name,
                "reported": limb.reported,
                "met": limb.met,
                "comparisons": [
                    {"line": c.line, "value": c.value, "met": c.met, "close": c.close} for c in limb.comparisons
                ],
            }
            for limb in rule.limbs
        ],
    }
