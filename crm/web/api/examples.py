"""Examples for the published description, made from the schemas: always valid, the same each time."""

import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

FORMATS = {
    "date-time": "2026-11-02T09:00:00Z",
    "date": "2026-11-02",
    "time": "09:00:00",
    "email": "anna@example.com",
    "uuid": "0b6f1c52-3f5e-4f0a-9a51-7d3c0c4f1d2e",
    "uri": "https://crm.example.com/api/v1/partners/?cursor=…",
    "uri-reference": "/api/v1/partners/7/",
    "decimal": "12.50",
}
NAMES = {
    "display_name": "Acme",
    "legal_name": "Acme Ltd",
    "country": "DE",
    "currency": "EUR",
    "reporting_currency": "EUR",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "external_id": "ERP-1001",
    "url": "https://erp.example.com/hook",
}
TEXT = "text"
DEEPEST = 6
NOTHING = object()


def add_examples(schemas: dict[str, Any]) -> None:
    """Give every component that is an object an example, unless it has one."""
    for schema in schemas.values():
        if schema.get("type") != "object" or "examples" in schema:
            continue
        made = example_of(schema, schemas)
        if made is not NOTHING:
            schema["examples"] = [made]


def example_of(
    schema: Schema, schemas: Schema, *, name: str = "", depth: int = 0
) -> Any:
    """Return a value that the schema allows; NOTHING when none is known.

    :param schemas: all components. :param name: of the member, for a telling value.
    """
    if depth > DEEPEST:
        return NOTHING
    if "$ref" in schema:
        inner = schemas[str(schema["$ref"]).rpartition("/")[2]]
        return example_of(inner, schemas, name=name, depth=depth + 1)
    for fixed in ("examples", "enum"):
        if schema.get(fixed):
            return schema[fixed][0]
    if "const" in schema:
        return schema["const"]
    for group in ("allOf", "anyOf", "oneOf"):
        if schema.get(group):
            return example_of(schema[group][0], schemas, name=name, depth=depth + 1)
    return _of_type(schema, schemas, name, depth)


def _of_type(schema: Schema, schemas: Schema, name: str, depth: int) -> Any:
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return _object(schema, schemas, depth)
    if kind == "array":
        item = example_of(schema.get("items", {}), schemas, depth=depth + 1)
        return [] if item is NOTHING and not schema.get("minItems") else [item]
    if kind == "string":
        return _text(schema, name)
    plain = {"boolean": True, "integer": 7, "number": 7, "null": None}
    if kind not in plain:
        return {} if not schema else NOTHING
    return _bounded(plain[kind], schema)


def _bounded(value: Any, schema: Schema) -> Any:
    if value is True or value is None:
        return value
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    return max(low, min(value, high))


def _object(schema: Schema, schemas: Schema, depth: int) -> Any:
    members = schema.get("properties", {})
    shown = {}
    for name, member in members.items():
        made = example_of(member, schemas, name=name, depth=depth + 1)
        if made is not NOTHING:
            shown[name] = made
        elif name in schema.get("required", ()):
            return NOTHING
    return shown


def _text(schema: Schema, name: str) -> Any:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    tried = (NAMES.get(name, TEXT), "12.50", "7", "text-7", "TEXT")
    pattern, longest = schema.get("pattern", ""), schema.get("maxLength")
    fitting = (text[:longest] for text in tried if re.search(pattern, text[:longest]))
    return next(fitting, NOTHING)
