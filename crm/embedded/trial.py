"""`manage.py up --check`: start everything beside what runs, verify each part, stop it.

The state lies in a temporary folder. A database of the person's own is used as it is:
nothing is migrated there. No demo is written.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

from django.conf import settings

from crm.embedded import health, product, servers

INSIDE = "CRM_TRIAL"
BASE = Path(__file__).parents[2]
WITHIN = 20
"""Seconds that one answer may take."""

Check = tuple[str, str, bool]
"""What was looked at, what was seen, whether it is well."""


def run(*, say: Callable[[str], None]) -> int:
    """Return the exit status: 0 when all is well.

    The settings name the state folder once, so a process of its own gets another one.
    """
    if os.environ.get(INSIDE):
        return _try_everything(say=say)
    own = {INSIDE: "yes", "CRM_TICK_SECONDS": "2"}
    with (
        tempfile.TemporaryDirectory(prefix="crm-check-") as folder,
        product.ending_on_signals(),
    ):
        command = [sys.executable, str(BASE / "manage.py"), "up", "--check"]
        environment = os.environ | own | {"CRM_STATE_DIR": folder}
        inside = subprocess.Popen(command, env=environment)  # noqa: S603 -- our own argument list
        try:
            return inside.wait()
        except KeyboardInterrupt:
            inside.terminate()
            return inside.wait()


def _try_everything(*, say: Callable[[str], None]) -> int:
    is_well = True
    try:
        with product.ending_on_signals():
            for what, seen, is_fine in _checks():
                say(f"{'ok  ' if is_fine else 'FAIL'}  {what:<9} {seen}")
                is_well = is_well and is_fine
    except (*product.REFUSALS, product.UpRefusedError) as refusal:
        say(f"FAIL  start     {refusal}")
        is_well = False
    except KeyboardInterrupt:
        is_well = False
    return 0 if is_well else 1


def _checks() -> Iterator[Check]:
    is_own_database = "postgres" in servers.embedded_parts()
    wish = product.Wish(
        host="127.0.0.1", port=0, demo=False, migrate=is_own_database, durable=False
    )
    with product.running(settings.EMBEDDED, wish, _silent) as found:
        yield _database()
        yield _web(found)
        yield _page(found)
        ran, ticked = health.ask_worker(), health.beat_ticked_since(found.started_at)
        yield _answered("worker", "ran a task", ran)
        yield _answered("beat", "ticked", ticked)
    yield "stop", "all processes have ended", not found.supervision.is_running


def _database() -> Check:
    missing = health.pending_migrations()
    seen = "has all migrations"
    if missing:
        seen = f"lacks {missing} migrations: run manage.py migrate"
    return "database", seen, not missing


def _web(found: product.Running) -> Check:
    def is_ready() -> bool:
        return found.status_of("/readyz") == HTTPStatus.OK

    is_fine = health.wait_until(is_ready, within=WITHIN)
    return "web", f"is ready at {found.address}" if is_fine else "is not ready", is_fine


def _page(found: product.Running) -> Check:
    def is_there() -> bool:
        return HTTPStatus.OK <= found.status_of("/") < HTTPStatus.BAD_REQUEST

    is_fine = health.wait_until(is_there, within=WITHIN)
    return "page", "the first page is there" if is_fine else "has no page", is_fine


def _answered(what: str, seen: str, question: Callable[[], bool]) -> Check:
    is_fine = health.wait_until(question, within=WITHIN)
    return what, seen if is_fine else f"has not {seen} in {WITHIN} s", is_fine


def _silent(text: str) -> None:
    """Say nothing: the checks speak."""
