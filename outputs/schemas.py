"""JSON Schema 2020-12 of the lines of an evidence set, generated from their types."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from outputs.lines import KINDS, SCHEMA_VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_schema(kind: str) -> dict[str, Any]:
    """The schema of `claims`, `contested`, `links` or `documents`; its `$id` carries the major version."""
    line: type[BaseModel] = KINDS[kind]
    schema = line.model_json_schema(mode="serialization")
    major = SCHEMA_VERSION.partition(".")[0]
    return {"$schema": DIALECT, "$id": f"urn:chiptrail:schema:{kind}:{major}", **schema, "title": kind}
