"""Every address of the API, found from the routes, and the numbers to ask it with."""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.urls import URLPattern, URLResolver, get_resolver

from crm.web.api.doors import Door, Resource

NUMBER = re.compile(r"<int:(\w+)>")
OUTER = {("model-parents", "model"): "child_id"}
"""(plural of the door, number in its address) → the column, where it is called otherwise."""
NEEDED: dict[str, dict[str, str]] = {"/api/v1/partner-search/": {"q": "a"}}
"""Parameters without which an address answers nothing."""


def addresses() -> dict[str, Any]:
    """Return every address with a door below `/api/v1/`, and its view."""
    return {
        f"/{path}": view
        for path, view in _below(get_resolver())
        if issubclass(getattr(view, "cls", object), Door)
    }


def lists() -> dict[str, type[Resource[Any]]]:
    """Return every address that answers GET with a page, and its door."""
    return {
        path: view.cls
        for path, view in addresses().items()
        if getattr(view, "actions", {}).get("get") == "list"
    }


def details() -> dict[str, type[Resource[Any]]]:
    """Return every address that answers GET with one row, and its door."""
    return {
        path: view.cls
        for path, view in addresses().items()
        if getattr(view, "actions", {}).get("get") == "retrieve"
    }


def filled(path: str, door: Any) -> str:
    """Return the address with the numbers of a row; of a list, those of the most rows."""
    names = NUMBER.findall(path)
    columns = [
        OUTER.get((door.plural, name), name if name == "pk" else f"{name}_id")
        for name in names
    ]
    rows = door.shape.Meta.model._default_manager.order_by().values_list(*columns)
    if "pk" not in columns:
        rows = rows.annotate(rows=Count("pk")).order_by("-rows")
    found = rows.first() or [_outer(door, column) for column in columns]
    for name, number in zip(names, found, strict=False):
        path = path.replace(f"<int:{name}>", str(number), 1)
    return path


def _outer(door: Any, column: str) -> int:
    """Return the number of some row that this column may refer to."""
    if column == "pk":
        return 1
    field = door.shape.Meta.model._meta.get_field(column.removesuffix("_id"))
    number = field.related_model._default_manager.order_by("pk").values_list("pk")
    return int((number.first() or [1])[0])


def _below(resolver: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback
