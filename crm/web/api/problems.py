"""Problem answers (RFC 9457): one body for every refusal under /api/.

Texts are English: they are read by engineers; refusals of the business come translated.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import Error as DatabaseError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpResponse
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions

from crm.core.errors import DomainError, StaleVersionError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
TITLES = {
    400: ("bad-request", "The request is malformed or invalid"),
    401: ("not-authenticated", "Authentication needed"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    406: ("not-acceptable", "No acceptable format"),
    409: ("conflict", "The state of things does not allow this"),
    412: ("version.stale", "The object has changed"),
    413: ("too-large", "Request too large"),
    414: ("address-too-long", "Address too long"),
    415: ("unsupported-media-type", "Media type not supported"),
    422: ("unprocessable", "The request contradicts an earlier one"),
    428: ("version-required", "If-Match needed"),
    429: ("quota-exceeded", "Too many requests"),
    500: ("server-error", "Something broke on our side"),
    503: ("try-again", "Try again in a moment"),
}
TRY_AGAIN_STATES = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "53300"})
"""SQLSTATE of serialization failure, deadlock, lock or statement timeout, shutdown, no connection left."""
Item = dict[str, Any]


class ProblemError(Exception):
    """An answer other than success, ready to be sent.

    :param status: HTTP status. :param code: stable code for machines.
    :param detail: what went wrong, for people.
    :param errors: single faults: `pointer` (into the body), `parameter` or `header`, `code`, `detail`.
    :param extra: further members of the body. :param headers: further headers.
    """

    def __init__(
        self,
        status: int,
        code: str | None = None,
        detail: str | None = None,
        *,
        errors: Sequence[Item] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code or TITLES.get(status, TITLES[400])[0]
        self.detail = detail
        self.errors = list(errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def body(self, instance: str | None = None) -> Item:
        """Return the members in the order of the RFC; `instance` is the path asked for."""
        title = TITLES.get(self.status, TITLES[400])[1]
        body: Item = {"type": f"urn:problem:{self.code}", "title": title}
        body |= {"status": self.status, "code": self.code}
        if self.detail:
            body["detail"] = self.detail
        if instance:
            body["instance"] = escape_uri_path(instance)
        if self.errors:
            body["errors"] = self.errors
        return body | self.extra


class ProblemAnswer(HttpResponse):
    """An answer of ours; what Django answers by itself is replaced by one."""


def answer(problem: ProblemError, *, instance: str | None = None) -> HttpResponse:
    """Return the problem as an HTTP answer."""
    return ProblemAnswer(
        orjson.dumps(problem.body(instance), default=str),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def handle(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer what a door raised; None lets the unexpected go on to the error log (and 500)."""
    problem = problem_of(exc)
    if problem is None:
        return None
    request = context.get("request")
    return answer(problem, instance=getattr(request, "path", None))


def answer_to(refusal: DomainError, request: Any) -> HttpResponse:
    """Answer a refusal without rolling back what it wrote down, as the caller wants it."""
    return answer(problem_of(refusal) or ProblemError(409), instance=request.path)


def problem_of(exc: Exception) -> ProblemError | None:
    """Translate an exception; None for what nobody foresaw."""
    for kind, translate in TRANSLATIONS:
        if isinstance(exc, kind):
            problem: ProblemError | None = translate(exc)
            return problem
    return None


def invalid(errors: Sequence[Item]) -> ProblemError:
    """Return the answer to input that has these faults."""
    return ProblemError(400, "invalid", "Some values are not valid.", errors=errors)


def of_validation(exc: Any, *, pointer: str = "#") -> list[Item]:
    """Return a validation error's faults, each with a JSON pointer into the body."""
    return list(_faults(exc.detail, pointer))


def _faults(detail: Any, pointer: str) -> Iterator[Item]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{_escaped(str(name))}"
            yield from _faults(inner, pointer + step)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from _faults(inner, pointer if is_leaf else f"{pointer}/{index}")
    else:
        code = str(getattr(detail, "code", "invalid"))
        yield {"pointer": pointer, "code": code, "detail": str(detail)}


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _of_stale(exc: Any) -> ProblemError:
    headers = {"ETag": f'"{exc.current}"'}
    extra = {"current_version": exc.current}
    return ProblemError(412, exc.code, str(exc), headers=headers, extra=extra)


def _of_domain(exc: Any) -> ProblemError:
    extra = {"missing": [str(each) for each in exc.missing]} if exc.missing else {}
    return ProblemError(400 if exc.is_input else 409, exc.code, str(exc), extra=extra)


def _of_throttled(exc: Any) -> ProblemError:
    wait = max(1, int(exc.wait or 1))
    return ProblemError(
        429,
        detail=f"Wait {wait} s.",
        headers={"Retry-After": str(wait)},
        extra={"type": QUOTA_EXCEEDED, "violated-policies": ["default"]},
    )


def _of_drf(exc: Any) -> ProblemError:
    status = exc.status_code
    headers = {"WWW-Authenticate": exc.auth_header} if _challenges(exc) else {}
    code = "malformed" if isinstance(exc, exceptions.ParseError) else None
    if isinstance(exc, exceptions.AuthenticationFailed):
        code = "credentials-refused"
    detail = None if status == 404 else str(exc.detail)
    return ProblemError(status, code, detail, headers=headers)


def _challenges(exc: Any) -> bool:
    return exc.status_code == 401 and bool(getattr(exc, "auth_header", ""))


def _of_database(exc: Any) -> ProblemError | None:
    state = getattr(exc.__cause__, "sqlstate", None) or ""
    if state in TRY_AGAIN_STATES:
        log.warning("database asks to try again: %s", state)
        return ProblemError(503, headers={"Retry-After": "1"})
    if state.startswith("22"):
        log.warning("a value does not fit its column", exc_info=exc)
        return ProblemError(400, "out-of-range", "A value is too large or too long.")
    if state.startswith("23"):
        log.warning("constraint refused a write", exc_info=exc)
        return ProblemError(
            409, detail="The database refused this: it contradicts what is stored."
        )
    return None


def _plain(status: int) -> Any:
    return lambda _exc: ProblemError(status)


TRANSLATIONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Any], ...] = (
    (ProblemError, lambda exc: exc),
    (StaleVersionError, _of_stale),
    (DomainError, _of_domain),
    (exceptions.ValidationError, lambda exc: invalid(of_validation(exc))),
    (exceptions.Throttled, _of_throttled),
    (exceptions.APIException, _of_drf),
    (Http404, _plain(404)),
    (PermissionDenied, _plain(403)),
    (
        DjangoValidationError,
        lambda exc: invalid(
            [{"pointer": "#", "code": "invalid", "detail": m} for m in exc.messages]
        ),
    ),
    (
        (ProtectedError, RestrictedError),
        lambda _exc: ProblemError(409, "in-use", "Other records refer to this one."),
    ),
    (DatabaseError, _of_database),
)
