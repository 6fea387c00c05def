"""Values as the journal stores them: exact, readable, and plain JSON."""

import math
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from crm.core.money import Money

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

NUL = "\x00"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def to_json(value: Any) -> Json:
    """Return the value as plain JSON.

    Decimals become text with every digit and without exponent, Money "12.50 EUR",
    datetimes ISO 8601 in UTC, dates and times ISO 8601, enums their value, sets sorted
    lists. NUL, which PostgreSQL cannot store, becomes the replacement character.

    :raises TypeError: for anything else, for example a model or a naive datetime.
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Set):
        return sorted((to_json(item) for item in value), key=str)
    return _scalar_to_json(value)


def _scalar_to_json(value: Any) -> Json:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Promise):
        return str(value).replace(NUL, REPLACEMENT)
    return _rich_to_json(value)


def _rich_to_json(value: Any) -> Json:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | Money):
        return str(value)
    raise TypeError(f"The journal cannot store {value!r} ({type(value).__name__}).")


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError(f"The journal cannot store {value!r}: it has no time zone.")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
