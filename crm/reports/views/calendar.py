"""The calendar of reports: what became of each period, report by report."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.reports import queries
from crm.web.acting import acting_user

PERIODS_SHOWN = 10


@login_required
@permission_required("reports.view_reportdelivery", raise_exception=True)
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the deliveries of the latest periods by state, each with a link to its list."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Calendar of reports"),
        "rows": queries.calendar(person=acting_user(request), count=PERIODS_SHOWN),
    }
    return TemplateResponse(request, "reports/calendar.html", context)
