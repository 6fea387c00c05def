"""The short way of programs: from the token to the door, past what only browsers need.

A request with a bearer token has no session, no CSRF token, no messages and no login form; it gets
the headers, the language and the compression that the long way would have given it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, get_resolver
from django.utils import translation

from crm.web.api.doors import Door

PREFIX = "/api/v1/"
CREDENTIALS = "HTTP_AUTHORIZATION"
LANGUAGES = "HTTP_ACCEPT_LANGUAGE"
BEARER = "bearer "
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}
"""What a browser may do with data: nothing."""

Answer = Callable[[HttpRequest], HttpResponse]


class Programs:
    """Leads requests with a bearer token straight to their door; all others go on.

    So do those whose address has no door: what to say then is Django's business.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._door = convert_exception_to_response(_through_the_door)
        self._security = SecurityMiddleware(get_response)
        self._compression = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _door_of(request) if is_program(request) else None
        if found is None:
            return self.get_response(request)
        request.resolver_match = found
        request.get_host()  # refuses hosts that are not ours
        language = _speak(request)
        response = cast("HttpResponse", self._door(request))
        _complete(response, language)
        packed = self._compression.process_response(request, response)
        return self._security.process_response(request, cast("HttpResponse", packed))


def is_program(request: HttpRequest) -> bool:
    """Tell whether the request comes with a bearer token, right or wrong."""
    given = str(request.META.get(CREDENTIALS, ""))
    return request.path_info.startswith(PREFIX) and given[:7].lower() == BEARER


def _door_of(request: HttpRequest) -> ResolverMatch | None:
    try:
        return _resolved(request.path_info, settings.ROOT_URLCONF)
    except Resolver404:
        return None


@lru_cache(maxsize=2_048)
def _resolved(path: str, urls: str) -> ResolverMatch | None:
    found = get_resolver(urls).resolve(path)
    return found if issubclass(getattr(found.func, "cls", object), Door) else None


def _through_the_door(request: HttpRequest) -> HttpResponse:
    found = cast("ResolverMatch", request.resolver_match)
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer


def _speak(request: HttpRequest) -> str:
    """Answer in the language that is asked for, otherwise in ours."""
    language = settings.LANGUAGE_CODE
    if LANGUAGES in request.META:
        language = translation.get_language_from_request(request)
    translation.activate(language)
    return language


def _complete(response: HttpResponse, language: str) -> None:
    headers = response.headers
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Content-Language", language)
    if not response.streaming and not response.has_header("Content-Length"):
        headers["Content-Length"] = str(len(response.content))
