"""Gives every request a number that stands in each log line, the journal and the answer."""

import re
import uuid
from typing import Any, cast

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
HEADER = "X-Request-ID"
META = "HTTP_X_REQUEST_ID"
CORRELATION = "HTTP_X_CORRELATION_ID"

LONG_PART = re.compile(r"[A-Za-z0-9_=:.~-]{24,}")
DIGIT = re.compile(r"[0-9]")


class RequestLog(RequestMiddleware):
    """Logs each request once, with its number; stands before all other middleware.

    The number is the X-Request-ID of the caller where that is well-formed (8 to 64
    letters, digits, dots, dashes), else a new one.
    """

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = request_number(request)
        request.META[META] = number
        # a thread may still hold what the request before it left behind
        structlog.contextvars.clear_contextvars()
        response = cast("HttpResponse", super().__call__(request))
        response.headers[HEADER] = number
        return response

    def prepare(self, request: HttpRequest) -> None:
        """Bind the numbers to every line; that a request begins is told at its end."""
        numbers = {"request_id": request.META[META]}
        if CORRELATION in request.META:
            numbers["correlation_id"] = request.META[CORRELATION]
        structlog.contextvars.bind_contextvars(**numbers)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {public_path(request.path)}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Name the person by number if somebody asked who it is; never asks itself."""
        person: Any = getattr(request, "_cached_user", None)
        if person is not None and person.pk is not None:
            structlog.contextvars.bind_contextvars(user_id=person.pk)


def request_number(request: HttpRequest) -> str:
    """Return the caller's number of the request, or a new one."""
    given = str(request.META.get(META, ""))
    if WELL_FORMED.fullmatch(given):
        return given
    return str(uuid.uuid4())


def public_path(path: str) -> str:
    """Return the path without what looks like a secret in it, as in links by mail."""
    return "/".join(
        "[hidden]" if LONG_PART.fullmatch(part) and DIGIT.search(part) else part
        for part in path.split("/")
    )
