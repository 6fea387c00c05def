"""What a row looks like outside: declared as a serializer, read as columns.

A `Shape` is a DRF ModelSerializer used as a description only: its names, types and help
texts make the schema, its sources make the SELECT. Rows never become model instances.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import orjson
from django.db.models import ForeignKey, Model, QuerySet
from django.utils.functional import Promise
from rest_framework import serializers

from crm.web.api.parsing import bad_parameter

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]
Shown = dict[str, Any]
ANY_USER_SEES = None
CHUNK = 2_000


class Shape(serializers.ModelSerializer[M]):
    """Describes the outside of one model: `Meta.model`, `Meta.fields`, and nested shapes.

    A field's `source` may follow relations (`owner.name`) or name an annotation of the
    door's rows. A nested Shape is left out unless asked for with `expand`; it is to-one.
    Foreign keys are shown as `owner_id`, so that no field ever changes its type.
    """

    visible: Callable[..., QuerySet[Any]] | None = ANY_USER_SEES
    """`staticmethod(lambda user: rows)` when not everybody who sees the outer row may see this one."""

    def get_extra_kwargs(self) -> dict[str, Any]:
        """Make every model field read-only: a shape only shows."""
        kwargs = dict(super().get_extra_kwargs())
        for name in self.Meta.fields:
            kwargs[name] = {**kwargs.get(name, {}), "read_only": True}
        return kwargs

    def build_property_field(
        self, field_name: str, model_class: type[M]
    ) -> tuple[Any, dict[str, Any]]:
        """Describe `owner_id` by the column it refers to: a number, or a code."""
        columns = model_class._meta.concrete_fields
        column = next((each for each in columns if each.attname == field_name), None)
        if column is None or not isinstance(column, ForeignKey):
            return super().build_property_field(field_name, model_class)
        kind, _kwargs = self.build_standard_field(field_name, column.target_field)
        shown = {"label": column.verbose_name, "help_text": column.help_text or None}
        return kind, {"read_only": True, "allow_null": column.null, **shown}


@dataclass(frozen=True, slots=True)
class Nested:
    """A to-one relation in the row: its names and where its columns lie."""

    name: str
    names: tuple[str, ...]
    start: int
    key: int
    visible: Callable[..., QuerySet[Any]] | None

    def show(self, rows: list[Row], hidden: frozenset[Any]) -> Iterator[Shown | None]:
        """Yield what each row tells of the relation: None where there is none to be seen."""
        names, start, key = self.names, self.start, self.key
        unseen = hidden | {None}
        for row in rows:
            is_seen = row[key] not in unseen
            yield dict(zip(names, row[start:key], strict=True)) if is_seen else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns answer a request, and how a row of them is shown."""

    names: tuple[str, ...]
    paths: tuple[str, ...]
    nested: tuple[Nested, ...]

    def show(self, rows: Iterable[Row], *, user: Any = None) -> list[Shown]:
        """Return the rows as JSON objects; what `user` may not see of relations is null."""
        names = self.names
        rows = rows if isinstance(rows, list) else list(rows)
        shown = [dict(zip(names, row, strict=False)) for row in rows]
        for part in self.nested:
            hidden = _hidden_keys(part, rows, user)
            for each, inner in zip(shown, part.show(rows, hidden), strict=True):
                each[part.name] = inner
        return shown

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the names of a flat table of the same columns: `name`, `owner.email`."""
        inner = [f"{part.name}.{name}" for part in self.nested for name in part.names]
        return (*self.names, *inner)

    def table(self, rows: Iterable[Row], *, user: Any = None) -> Iterator[list[Any]]:
        """Yield the rows as lists in the order of the headings, a chunk at a time."""
        rows = iter(rows)
        while chunk := list(islice(rows, CHUNK)):
            hidden = [_hidden_keys(part, chunk, user) for part in self.nested]
            for row in chunk:
                yield self._flat(row, hidden)

    def _flat(self, row: Row, hidden: Sequence[frozenset[Any]]) -> list[Any]:
        cells = list(row[: len(self.names)])
        for part, unseen in zip(self.nested, hidden, strict=True):
            inner = row[part.start : part.start + len(part.names)]
            is_hidden = row[part.key] in unseen
            cells += [None] * len(inner) if is_hidden else inner
        return cells


def _hidden_keys(part: Nested, rows: Sequence[Row], user: Any) -> frozenset[Any]:
    if part.visible is None:
        return frozenset()
    keys = {row[part.key] for row in rows} - {None}
    seen = part.visible(user).filter(pk__in=keys).values_list("pk", flat=True)
    return frozenset(keys) - frozenset(seen)


@dataclass(frozen=True, slots=True)
class Columns:
    """All a shape can show: plain fields by name, and nested shapes by name."""

    plain: Mapping[str, str]
    nested: Mapping[str, tuple[str, type[Shape[Any]]]]


@lru_cache(maxsize=256)
def columns_of(shape: type[Shape[Any]]) -> Columns:
    """Return the ORM path of every field of the shape.

    :raises TypeError: for a field that is computed in Python: annotate the rows instead.
    """
    plain: dict[str, str] = {}
    nested: dict[str, tuple[str, type[Shape[Any]]]] = {}
    for name, field in shape().fields.items():
        path = str(field.source).replace(".", "__")
        if isinstance(field, Shape):
            nested[name] = (path, type(field))
        elif isinstance(field, serializers.BaseSerializer) or field.source == "*":
            raise TypeError(f"{shape.__name__}.{name}: to-one shapes and columns only.")
        else:
            plain[name] = path
    return Columns(plain, nested)


@lru_cache(maxsize=1_024)
def plan_for(
    shape: type[Shape[Any]],
    *,
    fields: str | None = None,
    omit: str | None = None,
    expand: str | None = None,
) -> Plan:
    """Return the columns to read; `id` is always among them.

    :param fields: comma-separated names to show; None shows all plain fields.
    :param omit: names to leave out. :param expand: relations to show in full.
    :raises ProblemError: 400 naming the parameter that holds an unknown name.
    """
    columns = columns_of(shape)
    known = frozenset(columns.plain)
    asked = _names("fields", fields, known) if fields else tuple(columns.plain)
    left_out = frozenset(_names("omit", omit, known) if omit else ()) - {"id"}
    names = tuple(name for name in columns.plain if name == "id" or name in asked)
    names = tuple(name for name in names if name not in left_out)
    paths = [columns.plain[name] for name in names]
    asked = _names("expand", expand, frozenset(columns.nested)) if expand else ()
    nested = [_nest(name, *columns.nested[name], paths=paths) for name in asked]
    return Plan(names, tuple(paths), tuple(nested))


def _nest(name: str, path: str, shape: type[Shape[Any]], *, paths: list[str]) -> Nested:
    inner = columns_of(shape).plain
    start = len(paths)
    paths += [f"{path}__{each}" for each in inner.values()]
    paths.append(f"{path}__pk")
    return Nested(name, tuple(inner), start, len(paths) - 1, shape.visible)


def _names(parameter: str, given: str, known: frozenset[str]) -> tuple[str, ...]:
    names = tuple(given.split(","))
    unknown = [name for name in names if name not in known]
    if unknown:
        choices = ", ".join(sorted(known)) or "none here"
        raise bad_parameter(parameter, f"Unknown name. Known: {choices}.")
    if len(set(names)) < len(names):
        raise bad_parameter(parameter, "Name each only once.")
    return names


def to_json(shown: Any) -> bytes:
    """Return JSON: decimals as text (no digit is lost), times in UTC with `Z`."""
    return orjson.dumps(shown, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")
