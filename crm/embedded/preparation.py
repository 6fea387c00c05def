"""What stands before the web server may start: tables, static files, and somebody who can log in."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands

from crm.embedded import health


def prepare(*, migrate: bool, demo: bool, say: Callable[[str], None]) -> None:
    """Migrate, collect static files, and fill an empty database with the demo if wanted.

    :param migrate: no leaves the database as it is, empty or not.
    """
    collect_static_files(say)
    if not migrate:
        return
    if health.pending_migrations():
        say("Preparing the tables …")
        call_command("migrate", verbosity=0, interactive=False)
    if get_user_model().objects.exists():
        return
    if demo and "seed_demo" in get_commands():
        say("Filling the database with the demo …")
        call_command("seed_demo")
    else:
        _offer_administrator(say)


def collect_static_files(say: Callable[[str], None]) -> None:
    """Collect and compress them unless nothing has changed since the last time."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    now = _fingerprint()
    if mark.exists() and mark.read_text() == now:
        return
    say("Collecting static files …")
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(now)


def show_demo_logins() -> None:
    """Print the logins of the demo, where it is installed; nothing where no demo lies."""
    if "demo_logins" in get_commands():
        call_command("demo_logins")


def _fingerprint() -> str:
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _offer_administrator(say: Callable[[str], None]) -> None:
    if sys.stdin.isatty() and "create_admin" in get_commands():
        email = input(
            "Nobody can log in yet. E-mail of the first administrator (empty: later): "
        )
        if email.strip():
            call_command("create_admin", email.strip())
            return
    say(
        "Nobody can log in yet. Make the first administrator with: "
        ".venv/bin/python manage.py create_admin EMAIL"
    )
