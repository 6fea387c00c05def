"""One way to log: a line per event with request, task and person by number.

Lines are JSON, or readable in development. Whatever comes from outside is cleaned before
it is written: nothing in it can begin a new line, and e-mail addresses, secrets and rows
that the database quotes are masked.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
LONGEST = 20_000

SECRET_NAME = re.compile(
    r"(^|[_.-])(password|passwd|secret|token|authorization|cookie|csrf\w*|api_?key|"
    r"access_?key|sessionid|dsn)$",
    re.IGNORECASE,
)
# Each in linear time: whoever sends us a long text must not keep us busy.
MASKS = (
    # user and password in an address
    (re.compile(r"(?<=://)[^/\s@]+@"), f"{HIDDEN}@"),
    (re.compile(r"(?<![\w.%+-])[\w.%+-]++@[\w-]++(\.[\w-]++)+"), "[e-mail]"),
    (re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # our own API tokens; their public part finds them
    (re.compile(r"\b(crm_[A-Za-z0-9]{8})_[A-Za-z0-9]+"), rf"\1_{HIDDEN}"),
    # the values of the row that a constraint refused
    (re.compile(r"(DETAIL:\s*).*"), rf"\1{HIDDEN}"),
    (re.compile(r"(Key \(.{0,300}?\))=\(.*"), rf"\1=({HIDDEN})"),
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
CONTROL_BUT_LINES = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
MULTILINE = frozenset({"exception", "stack"})


def clean(_logger: WrappedLogger, _method: str, event: EventDict) -> Mapping[str, Any]:
    """Mask secrets and personal data, and write control characters as text."""
    return {name: _clean_field(name, value) for name, value in event.items()}


def configure_structlog() -> None:
    """Send what structlog's loggers say through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_every_line(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def configuration(*, is_json: bool, level: str) -> dict[str, Any]:
    """Return the configuration for Django, Celery and gunicorn alike.

    :param is_json: one JSON object per line; otherwise readable, with colours on a
        terminal.
    :param level: DEBUG, INFO, WARNING or ERROR.
    """
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _every_line(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    clean,
                    _renderer(is_json=is_json),
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": quiet,
            "django.server": quiet,
            # the request's own line tells these, once and with the traceback
            "django.request": {**quiet, "level": "CRITICAL"},
            "celery.app.trace": {**quiet, "level": "CRITICAL"},
            "gunicorn.error": quiet,
            "gunicorn.access": quiet,
        },
    }


def _every_line() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
    ]


def _renderer(*, is_json: bool) -> Processor:
    if is_json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        timestamp_key="at",
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,
    )


def _clean_field(name: str, value: Any) -> Any:
    if SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            _clean_text(str(key)): _clean_field(str(key), item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean_field("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean_text(str(value), has_lines=name in MULTILINE)


def _clean_text(text: str, *, has_lines: bool = False) -> str:
    control = CONTROL_BUT_LINES if has_lines else CONTROL
    cut = f"… ({len(text)} characters)" if len(text) > LONGEST else ""
    text = text[:LONGEST]
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return control.sub(_escaped, text) + cut


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
