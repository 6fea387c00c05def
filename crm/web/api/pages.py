"""The description of the API as a file and as two pages to read and try it; and nothing else."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from rest_framework.request import Request

from crm.web.api import problems
from crm.web.api.access import Access
from crm.web.api.doors import Door

REDOC = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
MAKERS_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
PUBLISHED = Path(__file__).resolve().parent / "openapi.json"


@lru_cache(maxsize=1)
def published() -> bytes:
    """Return the committed description; `manage.py api_schema` writes it."""
    return PUBLISHED.read_bytes()


class Schema(Door):
    """The OpenAPI document, for everybody who is known."""

    access = Access("schema")
    schema = None  # type: ignore[assignment]  # not part of its own description

    def check_permissions(self, request: Request) -> None:
        """Every token and every session may read it, whatever the scopes."""
        if not request.user.is_authenticated:
            self.permission_denied(request)

    def get(self, request: Request) -> HttpResponse:
        """Return the document."""
        return HttpResponse(published(), content_type="application/json")


class NothingHere(Door):
    """Every address under /api/ that leads nowhere."""

    access = Access("none")
    schema = None  # type: ignore[assignment]  # not part of its own description

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 404 to every method, asking nobody who they are."""
        return problems.answer(problems.ProblemError(404), instance=request.path)


@login_required
def swagger(request: HttpRequest) -> HttpResponse:
    """Show the page to try the API in; requests go out as the person logged in."""
    return render(request, "web/api/swagger.html")


@login_required
@csp_update({"worker-src": ["blob:"]})
def redoc(request: HttpRequest) -> HttpResponse:
    """Show the page to read; its search runs in a worker made from a blob."""
    return render(request, "web/api/redoc.html")


@login_required
def redoc_script(_request: HttpRequest) -> HttpResponse:
    """Return Redoc with our icon where it would load a logo from its maker's host."""
    return HttpResponse(_redoc(), content_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=1)
def _redoc() -> str:
    path = finders.find(REDOC)
    if path is None:
        raise FileNotFoundError(REDOC)
    script = Path(path).read_text(encoding="utf-8")
    return script.replace(MAKERS_LOGO, static("web/favicon.svg"))
