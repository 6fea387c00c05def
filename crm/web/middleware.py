"""What happens to every request before and after its view."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation

Answer = Callable[[HttpRequest], HttpResponse]

STARTED_AT = "started_at"
SEEN_AT = "seen_at"
SEEN_EVERY = timedelta(minutes=1)
API_PREFIX = "/api/"


class RefusePlainApi:
    """The API fails on plain http instead of redirecting (OWASP ASVS 4.1.2).

    A redirect would hide that a token has already crossed the network unprotected.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_plain = settings.USE_HTTPS and not request.is_secure()
        if not (is_plain and request.path_info.startswith(API_PREFIX)):
            return self.get_response(request)
        return JsonResponse(
            {
                "type": "about:blank",
                "title": "HTTPS required",
                "status": 403,
                "code": "https_required",
                "detail": "Send the request over https, and replace the token you sent.",
            },
            status=403,
            content_type="application/problem+json",
        )


class SessionLimits:
    """Ends a session that was idle for too long or is too old (OWASP ASVS 7.3)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_session_cookie(request) and request.user.is_authenticated:
            limit_session(request, at=timezone.now())
        return self.get_response(request)


class PersonalSettings:
    """Speaks the language of the person logged in and shows times in that zone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (has_session_cookie(request) and request.user.is_authenticated):
            return self.get_response(request)
        language = language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(zone_of(request)):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response


class NoStore:
    """Nothing that a view answers is kept by browsers or proxies, unless it says so."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "no-store, private"
        return response


def has_session_cookie(request: HttpRequest) -> bool:
    """Tell whether somebody may be logged in, without a query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def limit_session(request: HttpRequest, *, at: datetime) -> None:
    """Log the person out when the session is over; else note that it was used."""
    started = _moment(request, STARTED_AT)
    seen = _moment(request, SEEN_AT)
    is_too_old = started is not None and at - started > settings.SESSION_LONGEST
    was_idle = seen is not None and at - seen > settings.SESSION_IDLE
    if is_too_old or was_idle:
        logout(request)
        return
    if started is None:
        request.session[STARTED_AT] = at.isoformat()
    if seen is None or at - seen > SEEN_EVERY:
        request.session[SEEN_AT] = at.isoformat()


def language_of(request: HttpRequest) -> str:
    """Return the language the person chose, or the one of the request."""
    chosen = str(getattr(request.user, "language", ""))
    return chosen if chosen in dict(settings.LANGUAGES) else translation.get_language()


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """Return the zone the person chose; None, which means UTC, when there is none."""
    name = str(getattr(request.user, "time_zone", ""))
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError):
        return None


def _moment(request: HttpRequest, key: str) -> datetime | None:
    text = request.session.get(key)
    return datetime.fromisoformat(text) if text else None
