"""Pages by position, not by number: an opaque, signed cursor over any allowed ordering.

The order always ends in the key, so it is total; a page costs the same however far down
it lies, and rows that come or go in between make no other row appear twice or be skipped.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q
from django.db.models.expressions import OrderBy
from django.utils.crypto import constant_time_compare, salted_hmac

from crm.web.api.parsing import bad_parameter

SALT = "crm.web.api.keyset"
SIGNATURE_BYTES = 16
LONGEST_CURSOR = 2_048
READERS: dict[str, Callable[[Any], Any]] = {
    "n": lambda _value: None,
    "v": lambda value: value,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "D": Decimal,
    "U": UUID,
}


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an ordering."""

    path: str
    descending: bool
    nullable: bool

    def expression(self) -> OrderBy:
        """Return the ORDER BY term; nulls stand where PostgreSQL's indexes have them."""
        column = F(self.path)
        if self.descending:
            return column.desc(nulls_first=True if self.nullable else None)
        return column.asc(nulls_last=True if self.nullable else None)

    def beyond(self, value: Any) -> Q | None:
        """Return the condition for later values; None when there can be none."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.descending else None
        if self.descending:
            return Q(**{f"{self.path}__lt": value})
        later = Q(**{f"{self.path}__gt": value})
        return later | self._is_null() if self.nullable else later

    def at(self, value: Any) -> Q:
        """Return the condition for the same value."""
        return self._is_null() if value is None else Q(**{self.path: value})

    def at_or_beyond(self, value: Any) -> Q:
        """Return a condition an index can begin at."""
        if value is None:
            return Q() if self.descending else self._is_null()
        if self.descending:
            return Q(**{f"{self.path}__lte": value})
        reached = Q(**{f"{self.path}__gte": value})
        return reached | self._is_null() if self.nullable else reached

    def _is_null(self) -> Q:
        return Q(**{f"{self.path}__isnull": True})


def read_ordering(
    given: str | None,
    *,
    allowed: Sequence[str],
    default: str,
    columns: dict[str, str],
    model: type[Model],
) -> tuple[Key, ...]:
    """Return the columns to order by, ending in the key.

    :param given: comma-separated names, `-` for descending; None means `default`.
    :param allowed: names a caller may order by. :param columns: ORM path of each name.
    :raises ProblemError: 400 when a name is not allowed or repeated.
    """
    keys: list[Key] = []
    seen: set[str] = set()
    for word in (given or default).split(","):
        name = word.removeprefix("-")
        if name not in allowed or name in seen:
            raise bad_parameter("ordering", f"Each once, of: {', '.join(allowed)}.")
        seen.add(name)
        path = columns.get(name, name)
        keys.append(Key(path, word.startswith("-"), _may_be_null(model, path)))
        if name == "id":
            return tuple(keys)
    return (*keys, Key("id", keys[-1].descending, nullable=False))


def _may_be_null(model: type[Model], path: str) -> bool:
    inner: Any = model
    for step in path.split("__"):
        try:
            field = inner._meta.get_field(step)
        except FieldDoesNotExist:
            return True
        if getattr(field, "null", True):
            return True
        inner = getattr(field, "related_model", None)
    return False


def after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """Return the condition for the rows behind the one with these values."""
    key, value = keys[0], values[0]
    beyond = key.beyond(value)
    if len(keys) == 1:
        return beyond if beyond is not None else Q(pk__in=())
    same = key.at(value) & after(keys[1:], values[1:])
    either = same if beyond is None else beyond | same
    return key.at_or_beyond(value) & either


def write_cursor(values: Sequence[Any], *, scope: str) -> str:
    """Return the position behind a row as opaque text.

    :param values: the row's values of the ordering. :param scope: the list, its ordering
        and its filters; the cursor is refused everywhere else.
    """
    payload = orjson.dumps([_tagged(value) for value in values])
    return base64.urlsafe_b64encode(_signature(payload, scope) + payload).decode()


def read_cursor(cursor: str, *, scope: str, count: int) -> list[Any]:
    """Return the values in a cursor this list has given out.

    :raises ProblemError: 400 when it was changed or belongs to another list.
    """
    if len(cursor) > LONGEST_CURSOR:
        raise _bad_cursor()
    try:
        blob = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _bad_cursor() from None
    signature, payload = blob[:SIGNATURE_BYTES], blob[SIGNATURE_BYTES:]
    if not constant_time_compare(signature, _signature(payload, scope)):
        raise _bad_cursor()
    values = [READERS[tag](value) for tag, value in orjson.loads(payload)]
    if len(values) != count:
        raise _bad_cursor()
    return values


def _bad_cursor() -> Exception:
    return bad_parameter(
        "cursor",
        "Not a cursor of this list with this ordering and these filters. Start over without it.",
        code="cursor-refused",
    )


def _signature(payload: bytes, scope: str) -> bytes:
    mac = salted_hmac(f"{SALT}:{scope}", payload, algorithm="sha256")
    return mac.digest()[:SIGNATURE_BYTES]


def _tagged(value: Any) -> tuple[str, Any]:
    if value is None:
        return "n", None
    if isinstance(value, datetime):
        return "t", value.isoformat()
    if isinstance(value, date):
        return "d", value.isoformat()
    if isinstance(value, Decimal):
        return "D", str(value)
    if isinstance(value, UUID):
        return "U", str(value)
    return "v", value
