"""Gives single `manage.py` commands their servers: those that run, or some for its duration."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm.embedded import keeper, locks, owner, places, postgres, servers, valkey

NEED_NO_SERVER = frozenset({
    "check", "clean_state", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help",
    "makemessages", "makemigrations", "spectacular", "startapp", "startproject",
    "testserver", "texts", "up", "version",
})  # fmt: skip
"""Commands that touch no database, and `up`, which starts its own servers."""

WITHIN = 90
"""Seconds a command waits for servers that somebody else is starting."""

BASE = Path(__file__).parents[2]


@contextmanager
def of_command(arguments: list[str]) -> Iterator[None]:
    """Have the servers answer for the block, when this command line needs any.

    :raises SystemExit: with the reason, when they cannot be started.
    """
    parts = servers.embedded_parts()
    if not parts or not needs_servers(arguments):
        yield
        return
    where = places.find(base=BASE)
    try:
        places.prepare(where)
        users = locks.take(keeper.users_lock(where), shared=True, patience=WITHIN)
    except (*servers.REFUSALS, locks.LockedError) as refusal:
        sys.exit(str(refusal))
    try:
        with locks.closing(users):
            _ensure(where, parts)
            yield
    except servers.REFUSALS as refusal:
        sys.exit(str(refusal))
    finally:
        _await_end(where)


def needs_servers(arguments: list[str]) -> bool:
    """Tell whether this command line, program first, may touch database or queue."""
    if len(arguments) < 2 or {"--help", "-h", "--version"} & set(arguments):
        return False
    return arguments[1] not in NEED_NO_SERVER


def _ensure(where: places.Places, parts: servers.Parts) -> None:
    until = time.monotonic() + WITHIN
    while not _answer(where, parts):
        if not owner.current(where) and _start_keeper():
            return
        if time.monotonic() > until:
            raise servers.ServerRefusedError(
                f"The servers that {_owner(where)} starts do not answer. "
                f"See {where.logs}."
            )
        time.sleep(0.1)


def _answer(where: places.Places, parts: servers.Parts) -> bool:
    database = "postgres" not in parts or postgres.answers(where)
    return database and ("valkey" not in parts or valkey.answers(where))


def _start_keeper() -> bool:
    process = subprocess.Popen(
        [sys.executable, "-m", "crm.embedded.keeper"],
        cwd=BASE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if process.stdout is None:
        raise servers.ServerRefusedError("The keeper of the servers has no output.")
    with process.stdout as output:
        answer = output.readline().strip()
        if answer == keeper.READY:
            process.returncode = 0  # it lives on; nobody waits for it here
            return True
        rest = output.read()
    process.wait()
    if answer == keeper.BUSY:
        return False
    raise servers.ServerRefusedError(f"{answer}\n{rest}".strip())


def _await_end(where: places.Places) -> None:
    """Wait until the keeper has stopped, unless other commands still use the servers."""
    until = time.monotonic() + servers.STOP_WITHIN
    while (found := owner.current(where)) and time.monotonic() < until:
        if found[0] == "up" or _others_use(where):
            return
        time.sleep(0.03)


def _others_use(where: places.Places) -> bool:
    users = keeper.users_lock(where)
    return not locks.is_free(users) and not locks.is_held(users)


def _owner(where: places.Places) -> str:
    found = owner.current(where)
    return f"{found[0]} (process {found[1]})" if found else "nobody"
