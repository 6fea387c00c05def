"""The history of a row: what the journal knows, instead of Django's own log."""

from typing import Any, TypeVar

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.web import history
from crm.web.scoping import ScopedAdmin

M = TypeVar("M", bound=models.Model)

HISTORY_PER_PAGE = 50


class HistoryAdmin(ScopedAdmin[M]):
    """Keeps Django's log empty and shows the journal's entries of a visible row."""

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002  # Django's signature
    ) -> list[dict[str, Any]]:
        return []

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> None:  # type: ignore[override]  # the journal has it
        return None

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> None:  # type: ignore[override]  # the journal has it
        return None

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[M]) -> None:  # type: ignore[override]  # the journal has it
        return None

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what the journal knows about this row, latest on top."""
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_or_change_permission(request, obj):
            return HttpResponseRedirect(reverse(f"{self.admin_site.name}:index"))
        number = page_number(request)
        entries = history.entries_of(
            request,
            obj,
            skip=(number - 1) * HISTORY_PER_PAGE,
            limit=HISTORY_PER_PAGE + 1,
        )
        return TemplateResponse(
            request,
            "admin/object_history.html",
            {
                **self.admin_site.each_context(request),
                "title": _("History of %(what)s") % {"what": obj},
                "entries": entries[:HISTORY_PER_PAGE],
                "page": number,
                "has_older": len(entries) > HISTORY_PER_PAGE,
                "object": obj,
                "original": obj,
                "opts": self.opts,
                "preserved_filters": self.get_preserved_filters(request),
                **(extra_context or {}),
            },
        )


def page_number(request: HttpRequest) -> int:
    """Return the page asked for, at least 1; nonsense is page 1."""
    text = request.GET.get("p", "")
    return (
        max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    )
