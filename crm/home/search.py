"""What the command palette finds; only rows the person may see."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

SHORTEST_TERM = 2
MOST_PER_MODEL = 10


def results(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return rows that match the term, from every page this person may open."""
    if len(term) < SHORTEST_TERM:
        return []
    return [
        as_result(admin.site, row)
        for door in admin.site._registry.values()  # noqa: SLF001  # no public list of doors
        if door.search_fields and door.has_view_permission(request)
        for row in door.get_search_results(request, door.get_queryset(request), term)[
            0
        ][:MOST_PER_MODEL]
    ]


def as_result(site: admin.AdminSite, row: models.Model) -> SearchResult:
    """Return one row as a line of the palette."""
    meta = row._meta
    return SearchResult(
        title=str(row),
        description=str(meta.verbose_name),
        link=reverse(
            f"{site.name}:{meta.app_label}_{meta.model_name}_change", args=(row.pk,)
        ),
        icon="search",
    )
