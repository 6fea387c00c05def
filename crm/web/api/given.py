"""Input of writes: what is declared and nothing else, in the JSON types that are described.

Serializer fields are lenient by nature (`"5"` is taken for a number, `1` for true, 7 for a text);
an API that is lenient today cannot be strict tomorrow, so nothing of that is taken.
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

TEXTS = (
    serializers.CharField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.UUIDField,
)
NOT_OF_TYPE = "not-of-type"


class Given(serializers.Serializer[Any]):
    """Input of a write: shape only, and nothing that is not declared."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values.

        :raises ValidationError: also for every name that is not declared and every value of
            another JSON type.
        """
        if isinstance(data, Mapping):
            faults = {name: _unknown() for name in data if name not in self.fields}
            for name, field in self.fields.items():
                fault = wrong_type(field, data[name]) if name in data else None
                if fault is not None:
                    faults[name] = fault
            if faults:
                raise serializers.ValidationError(faults)
        return super().to_internal_value(data)


def _unknown() -> Any:
    return [serializers.ErrorDetail("This member is not known here.", "unknown")]


def wrong_type(field: serializers.Field[Any, Any, Any, Any], value: Any) -> Any:
    """Return the fault of a value whose JSON type the field is not described with; else None."""
    if value is None or isinstance(field, serializers.BaseSerializer):
        return None
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        inner = {
            place: wrong_type(field.child, each) for place, each in enumerate(value)
        }
        return {place: fault for place, fault in inner.items() if fault} or None
    wanted = _wanted(field)
    if wanted is None or _is(value, wanted):
        return None
    words = " or ".join(wanted)
    return [serializers.ErrorDetail(f"Must be of type {words}.", NOT_OF_TYPE)]


def _wanted(field: Any) -> tuple[str, ...] | None:
    """Return the JSON types of a field; None where its own reading decides."""
    if isinstance(field, serializers.BooleanField):
        return ("boolean",)
    if isinstance(field, serializers.DecimalField):
        return ("string", "integer")
    if isinstance(field, serializers.IntegerField):
        return ("integer",)
    if isinstance(field, serializers.FloatField):
        return ("number",)
    if isinstance(field, serializers.ChoiceField):
        kinds = {type(value) for value in field.choices}
        return ("string",) if kinds == {str} else None
    return ("string",) if isinstance(field, TEXTS) else None


def _is(value: Any, wanted: tuple[str, ...]) -> bool:
    if isinstance(value, bool):
        return "boolean" in wanted
    if isinstance(value, int):
        return "integer" in wanted or "number" in wanted
    if isinstance(value, float):  # 1.0 is a whole number in JSON Schema
        return "number" in wanted or (wanted == ("integer",) and value.is_integer())
    return isinstance(value, str) and "string" in wanted
