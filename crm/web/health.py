"""Tells whether the process is alive, and whether all is there that it needs.

Answered before all other middleware: probes call by address, over plain http and
without a login. No text of an error leaves this module.
"""

import functools
import logging
from collections.abc import Callable

import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]
PATIENCE_SECONDS = 2
UP = "up"
DOWN = "down"


class HealthChecks:
    """Answers /healthz and /readyz; everything else goes on."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.answers = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = answer()
        response.headers["Cache-Control"] = "no-store"
        return response


def alive() -> HttpResponse:
    """Say that the process answers; touches nothing else."""
    return JsonResponse({"status": "alive"})


def ready() -> HttpResponse:
    """Say whether requests can be served: 200 ready or degraded, 503 unavailable.

    Without the broker pages still work and background work waits: degraded.
    """
    database, migrations = database_state()
    broker = broker_state()
    is_serving = database == UP and migrations == UP
    status = "unavailable"
    if is_serving:
        status = "ready" if broker == UP else "degraded"
    return JsonResponse(
        {
            "status": status,
            "database": database,
            "migrations": migrations,
            "broker": broker,
        },
        status=200 if is_serving else 503,
    )


def database_state() -> tuple[str, str]:
    """Return whether the database answers and whether all migrations are applied."""
    parameters = {
        **connection.get_connection_params(),
        "connect_timeout": PATIENCE_SECONDS,
        "options": f"-c statement_timeout={PATIENCE_SECONDS * 1000}",
    }
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    try:
        with psycopg.connect(**parameters) as probe:
            rows = probe.execute("SELECT app, name FROM django_migrations").fetchall()
    except psycopg.errors.UndefinedTable:
        return UP, DOWN
    except psycopg.Error as error:
        logger.warning("database is not ready: %s", type(error).__name__)
        return DOWN, DOWN
    return UP, UP if latest_migrations() <= set(rows) else DOWN


def broker_state() -> str:
    """Return whether the broker answers."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
    )
    try:
        client.ping()
    except (redis.RedisError, OSError) as error:
        logger.warning("broker is not ready: %s", type(error).__name__)
        return DOWN
    finally:
        client.close()
    return UP


@functools.cache
def latest_migrations() -> frozenset[tuple[str, str]]:
    """Return the newest migration of every app as shipped with this code."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
