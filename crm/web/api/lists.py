"""One page of rows, or all of them as a table: from columns to JSON without model objects."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlencode

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from crm.core.statements import Kept
from crm.web.api import formats, keyset
from crm.web.api.parsing import bad_parameter, one_of
from crm.web.api.shapes import Plan, Row, Shape, columns_of, to_json

PAGE = 50
LARGEST_PAGE = 1_000
LARGEST_TABLE = 1_000_000
NOT_A_FILTER = frozenset({"cursor", "limit", "fields", "omit", "expand", "count"})
PLAIN = frozenset({"limit", "ordering", "fields", "omit", "expand"})
STATEMENTS = Kept(at_most=512)
EXACT, ESTIMATED = "exact", "estimated"


class Ordered(Protocol):
    """What a list says of its orderings."""

    shape: type[Shape[Any]]
    orderings: Sequence[str]
    default_ordering: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything needed to answer a list."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    plan: Plan
    keys: tuple[keyset.Key, ...]
    query: Mapping[str, str]
    user: Any
    kept_by: Hashable | None = None
    """All that the rows depend on beside the page; None when that is not known."""


def keys_for(door: Any, model: type[Model]) -> tuple[keyset.Key, ...]:
    """Return the columns a list is ordered by.

    :raises ProblemError: 400 for an ordering that is not offered.
    """
    return keyset.read_ordering(
        door.query.get("ordering"),
        allowed=tuple(door.orderings),
        default=door.default_ordering,
        columns=dict(columns_of(door.shape).plain),
        model=model,
    )


@lru_cache(maxsize=256)
def has_version(model: type[Model]) -> bool:
    """Tell whether rows of this model carry a version against lost updates."""
    try:
        model._meta.get_field("version")
    except FieldDoesNotExist:
        return False
    return True


def answer(listing: Listing, request: Request) -> HttpResponseBase:
    """Return a page as JSON; CSV and XLSX hold the whole list unless `limit` is given."""
    kind = request.accepted_renderer.format
    if kind == formats.CSVRenderer.format:
        return formats.csv_answer(listing.name, listing.plan.headings, _table(listing))
    if kind == formats.XLSXRenderer.format:
        return formats.xlsx_answer(listing.name, listing.plan.headings, _table(listing))
    return _page(listing, request)


def _page(listing: Listing, request: Request) -> HttpResponse:
    limit = limit_of(listing.query)
    scope = _scope(listing, request)
    paths = _paths(listing)
    rows = _rows(listing, scope, paths, limit + 1)
    body: dict[str, Any] = {"next": None}
    headers = {}
    if len(rows) > limit:
        rows.pop()
        values = [rows[-1][paths.index(key.path)] for key in listing.keys]
        cursor = keyset.write_cursor(values, scope=scope)
        body["next"] = _next_page(listing, request, cursor)
        headers["Link"] = f'<{body["next"]}>; rel="next"'
    body |= _count(listing)
    body["results"] = listing.plan.show(rows, user=listing.user)
    return HttpResponse(to_json(body), content_type="application/json", headers=headers)


def _rows(
    listing: Listing, scope: str, paths: tuple[str, ...], at_most: int
) -> list[Row]:
    """Return the rows of the page; the first page of a plain list is a kept statement."""
    is_plain = listing.kept_by is not None and listing.query.keys() <= PLAIN
    if not is_plain:
        return list(_ordered(listing, scope).values_list(*paths)[:at_most])
    key = (listing.kept_by, paths, listing.keys, at_most)
    kept = STATEMENTS.statement(
        key, lambda: _ordered(listing, scope).values_list(*paths)[:at_most]
    )
    return kept.run()


def limit_of(query: Mapping[str, str]) -> int:
    """Return how many rows a page has.

    :raises ProblemError: 400 when `limit` is no whole number from 1 to 1,000.
    """
    return _limit(query) or PAGE


def _limit(query: Mapping[str, str]) -> int | None:
    given = query.get("limit")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= LARGEST_PAGE):
        raise bad_parameter("limit", f"A whole number from 1 to {LARGEST_PAGE}.")
    return int(given)


def _scope(listing: Listing, request: Request) -> str:
    query = listing.query
    words = [f"{name}={query[name]}" for name in sorted(query.keys() - NOT_A_FILTER)]
    return "\n".join((request.path, *words))


def _paths(listing: Listing) -> tuple[str, ...]:
    shown = listing.plan.paths
    return (*shown, *(key.path for key in listing.keys if key.path not in shown))


def _ordered(listing: Listing, scope: str) -> QuerySet[Any]:
    keys = listing.keys
    rows = listing.rows().order_by(*(key.expression() for key in keys))
    cursor = listing.query.get("cursor")
    if cursor is None:
        return rows
    values = keyset.read_cursor(cursor, scope=scope, count=len(keys))
    return rows.filter(keyset.after(keys, values))


def _next_page(listing: Listing, request: Request, cursor: str) -> str:
    query = {**listing.query, "cursor": cursor}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")


def _count(listing: Listing) -> dict[str, Any]:
    asked = one_of(listing.query, "count", (EXACT, ESTIMATED))
    if asked is None:
        return {}
    if asked == EXACT:
        return {"count": listing.rows().count(), "count_is_exact": True}
    plan = orjson.loads(listing.rows().order_by().explain(format="json"))
    return {"count": int(plan[0]["Plan"]["Plan Rows"]), "count_is_exact": False}


def _table(listing: Listing) -> Iterator[list[Any]]:
    for name in ("cursor", "count"):
        if name in listing.query:
            raise bad_parameter(name, "Tables come whole; leave this out.")
    limit = _limit(listing.query) or LARGEST_TABLE
    rows = _ordered(listing, scope="").values_list(*listing.plan.paths)[:limit]
    found: Iterator[Row] = rows.iterator(chunk_size=2_000)
    return listing.plan.table(found, user=listing.user)
