"""What every answer under /api/ has in common, also those Django gives by itself."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from crm.web.api import problems
from crm.web.api.parsing import too_large

PREFIX = "/api/"
VARIES_BY = ("Accept", "Accept-Language", "Authorization", "Cookie")
RAW = "application/octet-stream"


class ApiAnswers:
    """Refuses oversized bodies, turns foreign error pages into problems, adds the headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = self._answer(request)
        _add_headers(response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return problems.answer(problems.ProblemError(400), instance=request.path)
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not _is_raw(request):
            return problems.answer(too_large(), instance=request.path)
        response = self.get_response(request)
        if response.status_code < 400 or isinstance(response, problems.ProblemAnswer):
            return response
        return _as_problem(request, response)


def _is_raw(request: HttpRequest) -> bool:
    """Tell whether the body is raw bytes: the doors that take them stream them to disk.

    All others answer 415 without reading any of it.
    """
    return request.content_type == RAW


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    known = status if status in problems.TITLES else (500 if status >= 500 else 400)
    problem = problems.ProblemError(known)
    problem.status = status
    kept = ("Allow", "Retry-After", "WWW-Authenticate")
    problem.headers |= {
        name: response.headers[name] for name in kept if name in response.headers
    }
    return problems.answer(problem, instance=request.path)


def _add_headers(response: HttpResponseBase) -> None:
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, VARIES_BY)
