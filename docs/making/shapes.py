"""What the schemas are made of: words for a shape, and the shape of a struct of ours."""

from collections.abc import Mapping
from typing import Any

import msgspec

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
    "description": "RFC 3339 in UTC, six digits",
}


def null_or(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def of(properties: Mapping[str, Schema], *optional: str, closed: bool = True) -> Schema:
    """An object with these properties, required unless they are named as optional."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": not closed,
    }


def many(schema: Schema) -> Schema:
    """A list of it."""
    return {"type": "array", "items": schema}


def by_name(schema: Schema) -> Schema:
    """An object of many under names that are not fixed."""
    return {"type": "object", "additionalProperties": schema}


def like(kind: type[Any], *optional: str, **instead: Schema) -> Schema:
    """What a struct or named tuple looks like, with other schemas for fields shown otherwise."""
    found = msgspec.json.schema(kind, ref_template="#/$defs/{name}")
    (name,) = [each for each in found["$defs"] if each == kind.__name__]
    properties: dict[str, Schema] = found["$defs"][name].get("properties", {})
    for schema in properties.values():
        schema.pop("default", None)
    return of({**properties, **instead}, *optional)
