"""What people fill in, read with care: numbers as they write them, names of chips and models, and nothing too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from evidence.decisions import name_subject
from evidence.figures import say_number
from extractors.claim import UNITS, Chip, Claim, ClaimType, Subject
from extractors.mentions.numbers import read_numbers
from outputs.wording import plain
from registry import Registry
from registry.lookup import UnknownNameError, find_chip

MOST_FIELDS = 250
_PLAIN = ("type", "unit", "per", "qualifier", "stage", "attribution", "modality")


class FormError(ValueError):
    """A form cannot be read; the message says which field and why."""


class Form:
    """The fields of a form by name; a field may be given several times."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def get(self, name: str) -> str:
        """The last value of a field without spaces around it, empty where it is not there."""
        return next((value.strip() for key, value in reversed(self._pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value.strip() for key, value in self._pairs if key == name]


def read_form(body: bytes) -> Form:
    """The fields of a body as browsers send them. Raises `FormError`."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as fault:
        raise FormError("The form cannot be read.") from fault
    if any("\x00" in value for _, value in pairs):
        raise FormError("The form holds a character that no text has.")
    return Form(pairs)


def read_number(text: str) -> float:
    """A number as people write it: «2,048», «2.788M», «3.8e24», «1.5万», «55 %». Raises `FormError`."""
    shares = text.endswith(("%", "％"))
    words = text.rstrip("%％ ")
    found = read_numbers(words)
    if len(found) != 1 or found[0].printed.strip() != words.lstrip("+"):
        raise FormError(f"«{plain(text)[:40]}» is no number; write it as 2,048, 2.788M or 3.8e24")
    return found[0].value / 100 if shares else found[0].value


def read_count(text: str) -> int | None:
    """A whole number of at most nine digits, or None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def show_number(value: float | None) -> str:
    """A number as a field shows it, exactly: 2048, 2788000, 3.8e+25."""
    return "" if value is None else f"{value:.12g}"


def show_value(claim: Claim) -> str:
    """The value of a claim as a field shows it."""
    return claim.value if isinstance(claim.value, str) else show_number(claim.value)


def read_changes(form: Form, claim: Claim, registry: Registry) -> dict[str, Any]:
    """The fields of a claim that a form gives another value, as a correction wants them. Raises `FormError` and
    `DecisionError`.
    """
    shown = {
        "type": claim.type,
        "unit": claim.unit or "",
        "per": claim.per or "",
        "qualifier": claim.qualifier or "",
        "stage": claim.stage,
        "attribution": claim.attribution,
        "modality": claim.modality,
    }
    changes: dict[str, Any] = {name: form.get(name) or None for name in _PLAIN if form.get(name) != str(shown[name])}
    if (form.get("subject"), form.get("kind")) != (claim.subject.name.strip(), claim.subject.kind):
        changes["subject"] = _read_subject(form, registry).model_dump()
    if form.get("chip") != (claim.chip.name.strip() if claim.chip else ""):
        chip = _read_chip(form, registry)
        changes["chip"] = chip.model_dump() if chip else None
    kind = ClaimType(changes["type"]) if changes.get("type") in set(ClaimType) else claim.type
    if form.get("value") != show_value(claim).strip():
        changes["value"] = _read_value(form.get("value"), kind)
    for name, bound in (("lower", claim.lower), ("upper", claim.upper)):
        if form.get(name) != show_number(bound):
            changes[name] = read_number(form.get(name)) if form.get(name) else None
    return changes


def read_statement(form: Form, registry: Registry) -> dict[str, Any]:
    """A claim that is missing, as `state_claim` takes it, without its evidence. Raises `FormError` and
    `DecisionError`.
    """
    if form.get("type") not in set(ClaimType):
        raise FormError("Say what kind of claim it is.")
    kind = ClaimType(form.get("type"))
    rest = {name: form.get(name) for name in _PLAIN if name != "type" and form.get(name)}
    bounds = {name: read_number(form.get(name)) for name in ("lower", "upper") if form.get(name)}
    return {
        "kind": kind,
        "subject": _read_subject(form, registry),
        "chip": _read_chip(form, registry),
        "value": _read_value(form.get("value"), kind),
        "printed": form.get("value"),
        **rest,
        **bounds,
    }


def _read_subject(form: Form, registry: Registry) -> Subject:
    match form.get("kind"):
        case "model" | "organisation" | "cluster" as kind:
            return name_subject(form.get("subject"), kind, registry)
    raise FormError("The subject is a model, an organisation or a cluster.")


def _read_chip(form: Form, registry: Registry) -> Chip | None:
    if not form.get("chip"):
        return None
    try:
        found = find_chip(registry, form.get("chip"))
    except UnknownNameError as fault:
        raise FormError(str(fault)) from fault
    return Chip(id=found.id, name=found.name)


def _read_value(text: str, kind: ClaimType) -> float | str | None:
    if not text:
        return None
    return read_number(text) if UNITS[kind] else text


def say_change(value: Any) -> str:
    """One side of a correction in words: a name, a number, or «none»."""
    if isinstance(value, Mapping):
        return plain(str(value.get("name", "")))
    if isinstance(value, float | int):
        return say_number(float(value))
    return plain(str(value)) if value not in (None, "") else "none"
