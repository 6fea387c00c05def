"""Reading what callers send: JSON bodies within bounds, query strings without surprises."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework import parsers
from rest_framework.request import Request

from crm.web.api.problems import ProblemError, invalid

DEEPEST = 20
LONGEST_LIST = 1_000
LONGEST_QUERY = 7_168
LONGEST_VALUE = 4_096
NUL = "\x00"


class JSONParser(parsers.BaseParser):
    """Reads a JSON body of bounded size, depth and list length, without NUL characters."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body.

        :raises ProblemError: 413 when it is too large, 400 when it is not acceptable JSON.
        """
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise too_large()
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ProblemError(400, "malformed", f"Not JSON: {error}.") from None
        check_bounds(parsed)
        return parsed


def too_large() -> ProblemError:
    """Return the answer to a body above the limit."""
    return ProblemError(
        413, detail=f"At most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes."
    )


def check_bounds(parsed: Any) -> None:
    """Refuse depth, list length and characters that nothing behind this can store.

    :raises ProblemError: 400 with the code of what was exceeded.
    """
    level: list[Any] = [parsed]
    for _depth in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise ProblemError(400, "too-deep", f"At most {DEEPEST} levels of nesting.")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        _check_texts(value)
        return value.values()
    if isinstance(value, list):
        if len(value) > LONGEST_LIST:
            raise ProblemError(
                400, "too-many-items", f"At most {LONGEST_LIST} items in a list."
            )
        return value
    if isinstance(value, str):
        _check_texts((value,))
    return ()


def _check_texts(texts: Iterable[str]) -> None:
    if any(NUL in text for text in texts):
        raise ProblemError(400, "nul-character", "NUL characters cannot be stored.")


def read_query(request: Request, known: frozenset[str]) -> dict[str, str]:
    """Return the query parameters, each given once and known.

    :raises ProblemError: 400 naming every parameter that is unknown, repeated, empty,
        too long or holds a NUL character; 414 when all together are too long.
    """
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
        raise ProblemError(414, detail=f"At most {LONGEST_QUERY} characters.")
    given = request.query_params
    errors = [
        {"parameter": name, "code": code, "detail": detail}
        for name, values in given.lists()
        for code, detail in _query_faults(name, values, known)
    ]
    if errors:
        raise invalid(errors)
    return {name: str(given[name]) for name in given}


def _query_faults(
    name: str, values: list[Any], known: frozenset[str]
) -> Iterable[tuple[str, str]]:
    if name not in known:
        yield "unknown-parameter", "This address does not know the parameter."
    elif len(values) > 1:
        yield "repeated", "Give the parameter once; lists are separated by commas."
    elif not values[0]:
        yield "empty", "Leave the parameter out instead of sending it empty."
    elif len(values[0]) > LONGEST_VALUE:
        yield "too-long", f"At most {LONGEST_VALUE} characters."
    elif NUL in values[0]:
        yield "nul-character", "NUL characters cannot be stored."


def bad_parameter(name: str, detail: str, code: str = "invalid") -> ProblemError:
    """Return the answer to one unusable query parameter."""
    return invalid([{"parameter": name, "code": code, "detail": detail}])


def one_of(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    """Return the parameter's value when it is one of the choices, None when not given.

    :raises ProblemError: 400 for anything else.
    """
    value = query.get(name)
    if value is not None and value not in choices:
        raise bad_parameter(name, f"One of: {', '.join(choices)}.")
    return value


def flag(query: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return a true/false parameter.

    :raises ProblemError: 400 for anything but `true` and `false`.
    """
    value = one_of(query, name, ("true", "false"))
    return default if value is None else value == "true"
