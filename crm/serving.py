"""How gunicorn serves: `gunicorn --config python:crm.serving crm.wsgi`."""

import logging.config
import os
from typing import Any

from django.conf import settings
from django.db import connections
from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

PROBLEM = (
    "HTTP/1.1 {status} {title}\r\nConnection: close\r\n"
    "Content-Type: application/problem+json\r\nContent-Length: {length}\r\n\r\n{body}"
)
BODY = '{{"type":"urn:problem:{code}","title":"{title}","status":{status},"code":"{code}"}}'


class ProductLogger(Logger):  # type: ignore[misc]  # untyped library
    """Logs gunicorn's own events in the product's form; requests log themselves."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.propagate = True
        logging.config.dictConfig(settings.LOGGING)


class ProblemWorker(ThreadWorker):  # type: ignore[misc]  # untyped library
    """Says as a problem (RFC 9457) what is refused before the product sees it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request line or headers that are too long; leave the rest to gunicorn."""
        if isinstance(exc, LimitRequestLine):
            text = problem(414, "address-too-long", "Address too long")
        elif isinstance(exc, LimitRequestHeaders):
            text = problem(431, "headers-too-large", "Headers too large")
        else:
            super().handle_error(req, client, addr, exc)
            return
        util.write_nonblock(client, text)


def problem(status: int, code: str, title: str) -> bytes:
    """Return a whole answer, ready to be sent."""
    body = BODY.format(status=status, code=code, title=title)
    answer = PROBLEM.format(status=status, title=title, length=len(body), body=body)
    return answer.encode("ascii")


def limit_statements(seconds: int) -> None:
    """Let PostgreSQL end every statement of this process that takes longer; 0 for no limit.

    The API answers 503 then, and may be asked again. Jobs run in other processes, without limit.
    """
    if seconds:
        options = connections.settings["default"].setdefault("OPTIONS", {})
        limit = f"-c statement_timeout={seconds * 1000}"
        options["options"] = f"{options.get('options', '')} {limit}".strip()


def post_fork(_server: Any, _worker: Any) -> None:
    """Prepare a new worker process, before its first connection."""
    limit_statements(settings.REQUEST_SECONDS)


logger_class = ProductLogger
worker_class = "crm.serving.ProblemWorker"
limit_request_line = (
    8_190  # gunicorn's most; the doors refuse longer queries themselves
)
