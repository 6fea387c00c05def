"""Who runs the servers of one state folder: at most one process at a time, `up` or a keeper."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm.embedded import locks
from crm.embedded.places import Places

PATIENCE = 3600
"""Seconds that `up` waits for a single command to end."""


def lock(where: Places) -> Path:
    """Return the lock that the owner holds; it contains the owner's role and process id."""
    return where.run / "servers.lock"


@contextmanager
def owning(where: Places, *, role: str, patience: float = 0.2) -> Iterator[int]:
    """Own the servers for the block and yield the lock's open file.

    :raises LockedError: when somebody else owns them for longer than the patience.
    """
    with locks.held(lock(where), patience=patience) as handle:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{role} {os.getpid()}".encode(), 0)
        yield handle


def current(where: Places) -> tuple[str, int] | None:
    """Return role and process id of the living owner; None when there is none.

    A dead owner whose servers are still ending counts as role "ending".
    """
    if not locks.is_held(lock(where)):
        return None
    role, _, number = lock(where).read_text().partition(" ")
    if not number.isdigit() or not _lives(int(number)):
        return "ending", 0
    return role, int(number)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
