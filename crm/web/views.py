"""Pages for when something is wrong: errors of all kinds, and a paused login."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

API_PREFIX = "/api/"


class Fault(NamedTuple):
    """What a page says about an error, and what the reader can do."""

    title: str | Promise
    advice: str | Promise


FAULTS = {
    400: Fault(
        _("This request was not understood"),
        _("Go back, reload the page and try again."),
    ),
    403: Fault(
        _("You may not open this page"),
        _("If you need it for your work, ask an administrator for the role."),
    ),
    404: Fault(
        _("There is nothing here"),
        _("The address is wrong, it was removed, or you may not see it."),
    ),
    500: Fault(
        _("Something went wrong on our side"),
        _("The fault was recorded. Try again in a minute."),
    ),
}
NO_TOKEN = Fault(
    _("This form is too old"),
    _("Go back, reload the page and send the form again. Cookies must be allowed."),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return fault_page(request, 400, FAULTS[400])


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return fault_page(request, 403, FAULTS[403])


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, the same for what is absent and what is hidden."""
    return fault_page(request, 404, FAULTS[404])


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching session or database."""
    return fault_page(request, 500, FAULTS[500])


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was sent without its token."""
    return fault_page(request, 403, NO_TOKEN)


def fault_page(request: HttpRequest, status: int, fault: Fault) -> HttpResponse:
    """Return the error as a page, or as problem+json below /api/."""
    if request.path_info.startswith(API_PREFIX):
        return JsonResponse(
            {"type": "about:blank", "title": str(fault.title), "status": status},
            status=status,
            content_type="application/problem+json",
        )
    return render(
        request,
        "errors/page.html",
        {"status": status, "fault": fault, "product_name": settings.PRODUCT_NAME},
        status=status,
    )


def login_paused(
    request: HttpRequest,
    response: HttpResponse | None = None,
    credentials: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Answer somebody who failed to log in too often: 429, and when to come back."""
    pause = settings.AXES_COOLOFF_TIME
    minutes = int(pause.total_seconds() // 60)
    fault = Fault(
        _("Too many failed logins"),
        ngettext(
            "Wait %(minutes)d minute, then try again, or reset your password.",
            "Wait %(minutes)d minutes, then try again, or reset your password.",
            minutes,
        )
        % {"minutes": minutes},
    )
    paused = fault_page(request, 429, fault)
    paused.headers["Retry-After"] = str(int(pause.total_seconds()))
    return paused
