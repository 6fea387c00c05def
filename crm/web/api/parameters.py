"""Query parameters and headers of an operation, as the schema describes them."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django_filters.filters import BaseCSVFilter
from drf_spectacular.utils import OpenApiParameter

from crm.web.api import filters, parsing
from crm.web.api.shapes import columns_of

Schema = dict[str, Any]
TYPES: tuple[tuple[type[django_filters.Filter], Schema], ...] = (
    (filters.BooleanFilter, {"type": "boolean"}),
    (filters.IntegerFilter, {"type": "integer", "format": "int64"}),
    (filters.DecimalFilter, {"type": "number"}),
    (filters.MomentFilter, {"type": "string", "format": "date-time"}),
    (django_filters.DateFilter, {"type": "string", "format": "date"}),
    (
        filters.TextFilter,
        {"type": "string", "minLength": 1, "maxLength": filters.LONGEST_TEXT},
    ),
    (django_filters.UUIDFilter, {"type": "string", "format": "uuid"}),
)
IF_MATCH = r'^(\*|(W/)?"[0-9]{1,18}(\.[0-9a-f]{16})?")$'
KEY = r'^("[!#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$'
TEXTS = {
    "cursor": "Where the page begins: from `next` of the page before.",
    "limit": "Rows of one page; with CSV and XLSX the most rows, else all come.",
    "count": "Also count: `exact` costs a query over all rows, `estimated` is the planner's guess.",
    "format": "Instead of the header Accept.",
    "fields": "Only these members; `id` always comes.",
    "omit": "All members but these.",
    "expand": "Relations to show in full.",
    "ordering": "Order by these; `-` in front for descending. The id breaks ties.",
    "dry_run": "Check and compute everything, then write nothing.",
    "atomic": "All items or none (default); `false` writes those that are not refused.",
}


def of(door: Any, method: str) -> list[OpenApiParameter]:
    """Return what an operation of the door takes beside path and body."""
    known = door.known_parameters()
    return [*_query(door, known), *_headers(door, method)]


def _query(door: Any, known: Iterable[str]) -> Iterable[OpenApiParameter]:
    declared = getattr(door, "filters", None)
    own = filters.filters_of(declared) if declared else {}
    for name in sorted(known):
        if name in own:
            yield _of_filter(name, own[name])
            continue
        schema = _of_kit(door, name)
        if schema is not None:
            yield _parameter(name, schema, TEXTS.get(name, ""))


def _of_filter(name: str, each: django_filters.Filter) -> OpenApiParameter:
    choices = each.extra.get("choices")
    schema: Schema = {"type": "string"}
    if choices is not None:
        schema = {"type": "string", "enum": [value for value, _label in choices]}
    for kind, described in TYPES:
        if isinstance(each, kind):
            schema = dict(described)
    if isinstance(each, BaseCSVFilter):
        schema = _list_of(schema, at_most=filters.LONGEST_LIST)
    return _parameter(name, schema, str(each.extra.get("help_text") or ""))


def _of_kit(door: Any, name: str) -> Schema | None:
    """Return the schema of a parameter of the kit; None when it can have no value here."""
    simple: dict[str, Schema] = {
        "cursor": {"type": "string", "minLength": 1, "maxLength": 2_048},
        "limit": {"type": "integer", "minimum": 1, "maximum": parsing.LONGEST_LIST},
        "count": {"type": "string", "enum": ["exact", "estimated"]},
        "dry_run": {"type": "boolean", "default": False},
        "atomic": {"type": "boolean", "default": True},
    }
    own = {**door.parameters, **getattr(door, "told", {})}
    if name in own:
        return dict(own[name])
    if name in simple:
        return simple[name]
    words = _words(door, name)
    if not words:
        return None
    if name == "format":
        return {"type": "string", "enum": words}
    return _list_of({"type": "string", "enum": words}, at_most=len(words))


def _words(door: Any, name: str) -> list[str]:
    if name == "format":
        return [renderer.format for renderer in door.renderer_classes]
    if name == "ordering":
        return [sign + word for word in door.orderings for sign in ("", "-")]
    columns = columns_of(door.shape)
    known = columns.nested if name == "expand" else columns.plain
    return sorted(known)


def _list_of(schema: Schema, *, at_most: int) -> Schema:
    return {
        "type": "array",
        "items": schema,
        "minItems": 1,
        "maxItems": at_most,
        "uniqueItems": True,
    }


def _parameter(name: str, schema: Schema, text: str) -> OpenApiParameter:
    is_list = schema.get("type") == "array"
    return OpenApiParameter(
        name,
        schema,
        description=text,
        explode=False if is_list else None,
        style="form" if is_list else None,
    )


def _headers(door: Any, method: str) -> Iterable[OpenApiParameter]:
    if not hasattr(door, "given"):
        return
    action = getattr(door, "action", "")
    if method == "GET" and action == "retrieve":
        yield _header("If-None-Match", "The ETag you have; 304 when it is still right.")
    if action in {"partial_update", "destroy"}:
        text = "The ETag you last saw, or `*` to write whatever has happened since."
        yield _header("If-Match", text, required=True, pattern=IF_MATCH)
    if method != "GET":
        text = "A key of your choice; the same request with it is done once (24 h)."
        yield _header("Idempotency-Key", text, pattern=KEY)


def _header(
    name: str, text: str, *, required: bool = False, pattern: str | None = None
) -> OpenApiParameter:
    schema: Schema = {"type": "string", "minLength": 1, "maxLength": 257}
    if pattern is not None:
        schema["pattern"] = pattern
    return OpenApiParameter(
        name, schema, OpenApiParameter.HEADER, required=required, description=text
    )
