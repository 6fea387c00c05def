"""What serializers say of themselves in the published description: shapes (out) and input (in).

Strict both ways: an answer never holds what its description excludes, and input that fits its
description is refused only for what it means, never for how it looks.
"""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, GeneratedField, Model
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

Schema = dict[str, Any]
LARGEST_INTEGER = 2**63 - 1
SOMETHING = r"[^\s]"
"""A text that is not blank."""


def many(one: Schema) -> Schema:
    """Return the description of a list of up to a thousand."""
    return {"type": "array", "items": one, "maxItems": 1_000}


def object_of(members: Schema) -> Schema:
    """Return the description of an object with these members and no others."""
    return {
        "type": "object",
        "required": [*members],
        "properties": members,
        "additionalProperties": False,
    }


def page_of(shown: Schema) -> Schema:
    """Return the description of one page of a list."""
    return {
        "type": "object",
        "required": ["next", "results"],
        "properties": {
            "next": {
                "type": ["string", "null"],
                "format": "uri",
                "description": "Address of the next page; null on the last one.",
            },
            "count": {"type": "integer", "description": "Only with `count`."},
            "count_is_exact": {"type": "boolean"},
            "results": {"type": "array", "items": shown},
        },
    }


class ShapeExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # registers by metaclass
    """Says of shapes what is true: only `id` is always there (see `fields` and `omit`)."""

    target_class = "crm.web.api.shapes.Shape"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Schema:
        """Return the schema of a shape."""
        schema: Schema = auto_schema._map_serializer(  # noqa: SLF001 - what its own extensions call
            self.target, direction, bypass_extensions=True
        )
        properties: Schema = schema["properties"]
        for name, member in properties.items():
            member.pop("readOnly", None)
            if "$ref" in str(member) and "enum" not in str(member):
                properties[name] = _only_expanded(member)
            else:
                self._loosen(member, self.target.fields[name])
        schema.pop("required", None)
        if "id" in properties:
            schema["required"] = ["id"]
        return schema

    def _loosen(self, member: Schema, field: Any) -> None:
        """Let the member be null or empty where the column behind it can be."""
        columns = _columns(self.target.Meta.model, str(field.source))
        if any(each is None or _may_be_null(each) for each in columns):
            _allow_null(member)
        column = columns[-1]
        if column is not None and column.blank and column.empty_strings_allowed:
            _allow_empty(member)


def _columns(model: type[Model], source: str) -> list[Field[Any, Any] | None]:
    """Return the columns on the way to a value; None stands for an annotation."""
    found: list[Field[Any, Any] | None] = []
    inner: Any = model
    for step in source.split("."):
        try:
            field: Any = inner._meta.get_field(step)
        except (FieldDoesNotExist, AttributeError):
            return [*found, None]
        found.append(field)
        inner = field.related_model
    return found


def _may_be_null(column: Any) -> bool:
    return bool(getattr(column, "null", True)) or isinstance(column, GeneratedField)


def _allow_null(member: Schema) -> None:
    kind = member.get("type")
    if isinstance(kind, str):
        member["type"] = [kind, "null"]
    if "enum" in member and None not in member["enum"]:
        member["enum"] = [*member["enum"], None]
    if {} in member.get("oneOf", ()):  # anything at all
        del member["oneOf"]
    for combined in ("oneOf", "anyOf"):
        if combined in member and {"type": "null"} not in member[combined]:
            member[combined] = [*member[combined], {"type": "null"}]


def _allow_empty(member: Schema) -> None:
    if "enum" in member and "" not in member["enum"]:
        member["enum"] = [*member["enum"], ""]
    if member.get("format") in {"uri", "email"}:
        del member["format"]


def _only_expanded(member: Schema) -> Schema:
    references = [part for part in member.get("allOf", [member]) if "$ref" in part]
    return {
        "anyOf": [*references, {"type": "null"}],
        "description": "Only with `expand`; null when there is none you may see.",
    }


class GivenExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # registers by metaclass
    """Says of input what is taken, to the letter: nothing undeclared, bounds of every number."""

    target_class = "crm.web.api.given.Given"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Schema:
        """Return the schema of an input."""
        schema: Schema = auto_schema._map_serializer(  # noqa: SLF001 - what its own extensions call
            self.target, direction, bypass_extensions=True
        )
        schema["additionalProperties"] = False
        for name, member in schema.get("properties", {}).items():
            tighten(member, self.target.fields[name])
        return schema


def tighten(member: Schema, field: Any) -> None:
    """Make the member's description as strict as the field's reading."""
    if isinstance(field, serializers.ListField):
        tighten(member.get("items", {}), field.child)
    elif isinstance(field, serializers.DecimalField):
        _describe_decimal(member, field)
    elif isinstance(field, serializers.IntegerField):
        member.setdefault("minimum", -LARGEST_INTEGER)
        member.setdefault("maximum", LARGEST_INTEGER)
    elif isinstance(field, serializers.CharField):
        is_free = "pattern" not in member and "oneOf" not in member
        if is_free and not field.allow_blank and "format" not in member:
            member["pattern"] = SOMETHING


def _describe_decimal(member: Schema, field: serializers.DecimalField) -> None:
    after = field.decimal_places or 0
    before = (field.max_digits or 18) - after
    low, high = field.min_value, field.max_value
    sign = "" if low is not None and low >= 0 else "-?"
    largest = min(10**before - 1, LARGEST_INTEGER)
    is_nullable = "null" in member.get("type", ())
    member.clear()
    member["type"] = ["string", "integer", *(["null"] if is_nullable else [])]
    member["pattern"] = rf"^{sign}[0-9]{{1,{before}}}(\.[0-9]{{1,{after}}})?$"
    member["minimum"] = -largest if low is None else int(low)
    member["maximum"] = largest if high is None else int(high)
