"""Timelines: a page below a partner and below a cooperation, the latest first."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from crm.web.admin import OperationAdmin
from partners.queries.timeline import Happening, Place

M = TypeVar("M", bound=models.Model)

PER_PAGE = 50
Tell = Callable[..., list[Happening]]


class TimelineAdmin(OperationAdmin[M]):
    """Adds a timeline to the page of a row; `tell` is the query that gives it."""

    def tell(self, row: M, *, limit: int, before: Place | None) -> list[Happening]:
        """Return the happenings, the latest first."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.timeline_view)
        return [
            path("<int:pk>/timeline/", view, name=self._timeline_name()),
            *super().get_urls(),
        ]

    def _timeline_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_happened"

    @action(description=_("Timeline"), permissions=["view"], icon="timeline")  # type: ignore[untyped-decorator]  # the theme has no types
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead from the row to its timeline."""
        name = f"{self.admin_site.name}:{self._timeline_name()}"
        return HttpResponseRedirect(reverse(name, args=(object_id,)))

    def timeline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what happened, one page of it."""
        row = self.get_object(request, str(pk))
        if row is None or not self.has_view_or_change_permission(request, row):
            raise Http404
        found = self.tell(row, limit=PER_PAGE + 1, before=_before(request))
        context = {
            **self.admin_site.each_context(request),
            "title": now("Timeline of %(what)s") % {"what": row},
            "happenings": found[:PER_PAGE],
            "older": _text(found[PER_PAGE - 1].place) if len(found) > PER_PAGE else "",
            "original": row,
            "opts": self.opts,
        }
        return TemplateResponse(request, "partners/timeline.html", context)


def _text(place: Place) -> str:
    return f"{place.at.isoformat()}_{place.rank}_{place.number}"


def _before(request: HttpRequest) -> Place | None:
    """Return where the page begins; nonsense is the first page."""
    parts: Any = request.GET.get("before", "").split("_")
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    try:
        at = parse_datetime(parts[0].replace(" ", "+"))
    except ValueError:
        return None
    is_usable = at is not None and at.tzinfo is not None and len(parts[2]) < 19
    return Place(at, int(parts[1]), int(parts[2])) if is_usable and at else None
