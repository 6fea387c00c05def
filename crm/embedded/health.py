"""Is the running product well? Asks the web server, the worker, beat and the database."""

import http.client
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crm.core import queue
from crm.core.models import Heartbeat

LOOK_EVERY = 0.1
REDIRECTS = 4


def wait_until(is_true: Callable[[], bool], *, within: float) -> bool:
    """Tell whether it became true in so many seconds."""
    until = time.monotonic() + within
    while not is_true():
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_EVERY)
    return True


def status_of(page: str, *, host: str, port: int) -> int:
    """Return the HTTP status of the page, 0 when the web server does not answer.

    Redirects within the site are followed.
    """
    status = 0
    for _ in range(REDIRECTS):
        status, target = _answer(page, host=host, port=port)
        if not target.startswith("/"):
            break
        page = target
    return status


def _answer(page: str, *, host: str, port: int) -> tuple[int, str]:
    line = http.client.HTTPConnection(host, port, timeout=10)
    try:
        line.request("GET", page, headers={"Host": f"localhost:{port}"})
        answer = line.getresponse()
        return answer.status, answer.headers.get("Location", "")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        line.close()


def pending_migrations() -> int:
    """Return how many migrations the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def ask_worker() -> Callable[[], bool]:
    """Send the worker a task; the returned question tells whether it ran that very task."""
    nonce = uuid.uuid4().hex
    queue.enqueue("core.ping", nonce=nonce)
    return Heartbeat.objects.filter(name=f"ping:{nonce}").exists


def beat_ticked_since(start: datetime) -> Callable[[], bool]:
    """Return the question whether a tick of beat was worked off after that time."""
    return Heartbeat.objects.filter(name="beat", at__gte=start).exists
