"""JSON Schema 2020-12 of the lines of an evidence set, generated from their types."""

from __future__ import annotations

from typing import Any

from outputs.kinds import KINDS
from outputs.lines import SCHEMA_VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_schema(kind: str) -> dict[str, Any]:
    """The schema of the lines of one of `KINDS`; its `$id` carries the major version."""
    schema = KINDS[kind].line.model_json_schema(mode="serialization")
    major = SCHEMA_VERSION.partition(".")[0]
    return {"$schema": DIALECT, "$id": f"urn:chiptrail:schema:{kind}:{major}", **schema, "title": kind}
