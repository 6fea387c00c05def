"""The command lines of all processes, each on a leash so that none outlives its parent."""

import sys
from pathlib import Path

from crm.embedded import postgres, valkey
from crm.embedded.places import Places

LEASH = Path(__file__).with_name("leash.py")
PYTHON = (sys.executable, "-m")
THREADS = 4
"""Requests that each of the two web processes serves at once."""


def leashed(
    program: list[str],
    *,
    on_death: str = "TERM",
    options: tuple[str, ...] = (),
    prefix: tuple[str, ...] = (),
) -> list[str]:
    """Return the command line that runs the program until its parent ends.

    :param on_death: the signal it then gets, without "SIG".
    :param prefix: what runs the leash itself, such as `unshare`.
    """
    leash = [sys.executable, "-I", "-S", str(LEASH), "--on-death", on_death, *options]
    return [*prefix, *leash, "--", *program]


def database(
    places: Places, binaries: postgres.Binaries, *, durable: bool
) -> list[str]:
    """Return PostgreSQL's; INT is its fast shutdown."""
    options = ["--lock", str(postgres.lock(places))]
    for stale in postgres.leftovers(places):
        options += ["--remove", str(stale)]
    return leashed(
        postgres.command(places, binaries, durable=durable),
        on_death="INT",
        options=tuple(options),
        prefix=binaries.prefix,
    )


def broker(places: Places, program: str) -> list[str]:
    """Return Valkey's."""
    options = ("--lock", str(places.run / "valkey.lock"))
    return leashed(valkey.command(places, program), options=options)


def web(*, listening: int) -> list[str]:
    """Return the web server's, which serves on the socket inherited under that number."""
    gunicorn = [
        *PYTHON, "gunicorn", "--config", "python:crm.serving", "crm.wsgi", "--bind", f"fd://{listening}",
        "--workers", "2", "--threads", str(THREADS), "--preload",
        "--graceful-timeout", "3", "--timeout", "60", "--log-level", "warning",
        "--no-control-socket",
    ]  # fmt: skip
    return leashed(gunicorn, options=("--keep", str(listening)))


def worker() -> list[str]:
    """Return the Celery worker's; QUIT gives unfinished work back to the queue."""
    celery = [
        *PYTHON, "celery", "-A", "crm", "worker",
        "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    ]  # fmt: skip
    return leashed(celery, on_death="QUIT")


def beat() -> list[str]:
    """Return Celery beat's; it keeps no state on disk."""
    celery = [
        *PYTHON,
        "celery",
        "-A",
        "crm",
        "beat",
        "--loglevel",
        "INFO",
        "--pidfile",
        "",
    ]
    return leashed(celery)
