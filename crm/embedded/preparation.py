"""What stands before the web server may start: tables, static files, and somebody who can log in."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands

from crm.embedded import health, leash, programs


class PreparationRefusedError(Exception):
    """Something did not work that must stand before the start; the text says what."""


def prepare(*, migrate: bool, demo: bool, say: Callable[[str], None]) -> None:
    """Collect static files, migrate, and fill an empty database with the demo if wanted.

    :param migrate: no leaves the database as it is, empty or not.
    :raises PreparationRefusedError: when the static files cannot be collected.
    """
    with collecting_static_files(say):
        if not migrate:
            return
        if health.pending_migrations():
            say("Preparing the tables …")
            call_command("migrate", verbosity=0, interactive=False)
        if not get_user_model().objects.exists():
            _let_somebody_in(demo=demo, say=say)


@contextmanager
def collecting_static_files(say: Callable[[str], None]) -> Iterator[None]:
    """Collect and compress them beside the block, unless nothing has changed.

    :raises PreparationRefusedError: when that does not work.
    """
    mark = Path(settings.STATIC_ROOT) / ".collected"
    now = _fingerprint()
    if mark.exists() and mark.read_text() == now:
        yield
        return
    say("Collecting static files …")
    manage = str(settings.BASE_DIR / "manage.py")
    command = [sys.executable, manage, "collectstatic", "--noinput", "-v0"]
    with subprocess.Popen(  # noqa: S603 -- our own argument list
        programs.leashed(command),
        env=os.environ | {leash.PARENT: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as collecting:
        try:
            yield
        except BaseException:
            collecting.terminate()
            raise
        output, _ = collecting.communicate()
    if collecting.returncode:
        raise PreparationRefusedError(f"Static files cannot be collected:\n{output}")
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


def _let_somebody_in(*, demo: bool, say: Callable[[str], None]) -> None:
    if demo and "seed_demo" in get_commands():
        say("Filling the database with the demo …")
        call_command("seed_demo")
    else:
        _offer_administrator(say)


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
