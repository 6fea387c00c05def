"""The addresses of a resource, from what it can do."""

from typing import Any

from django.urls import URLPattern, path

from crm.web.api.doors import Resource
from crm.web.api.edits import Act, Adds, Edits, Removes, Upserts
from crm.web.api.uploads import Uploads

Table = tuple[tuple[type[Any], str, str], ...]
COLLECTION: Table = (
    (Adds, "post", "create"),
    (Uploads, "post", "create"),
    (Edits, "patch", "edit_many"),
    (Removes, "delete", "remove_many"),
)
ONE: Table = ((Edits, "patch", "partial_update"), (Removes, "delete", "destroy"))


def routes(prefix: str, door: type[Resource[Any]]) -> list[URLPattern]:
    """Return the addresses of list, detail and, if it can, by external id.

    :param prefix: `partners`, or `cooperations/<int:cooperation>/stage-moves`; the
        values in it are in the door's `kwargs`.
    """
    collection: dict[str, Any] = {"get": "list"} | _can(door, COLLECTION)
    one: dict[str, Any] = {"get": "retrieve"} | _can(door, ONE)
    patterns = [
        path(f"{prefix}/", door.as_view(collection), name=f"{door.plural}-list"),
        path(f"{prefix}/<int:pk>/", door.as_view(one), name=f"{door.plural}-detail"),
    ]
    if issubclass(door, Upserts):
        by_id = f"{prefix}/by-external-id/<slug:system>/"
        name = f"{door.plural}-by-external-id"
        patterns += [
            path(by_id, door.as_view({"put": "upsert_list"}), name=f"{name}-list"),
            path(
                f"{by_id}<str:external_id>/",
                door.as_view({"put": "upsert_one"}),
                name=name,
            ),
        ]
    return patterns


def act(address: str, door: type[Act[Any]]) -> URLPattern:
    """Return the address of an act: `act("deliveries/<int:pk>/withdraw", Withdraw)`."""
    return path(f"{address}/", door.as_view({"post": "perform"}), name=door.plural)


def _can(door: type[Resource[Any]], table: Table) -> dict[str, Any]:
    return {method: action for kind, method, action in table if issubclass(door, kind)}
