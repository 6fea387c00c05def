"""Locks between processes of one checkout: held by an open file, freed by the kernel at death."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(Exception):
    """Somebody else holds the lock."""


def take(path: Path, *, shared: bool = False, patience: float = 0) -> int:
    """Take the lock and return its open file; closing that file frees the lock.

    :param shared: several may hold it at once, but none exclusively meanwhile.
    :param patience: seconds to wait for it.
    :raises LockedError: when it is not free in time.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    wanted = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, wanted | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                raise LockedError(str(path)) from None
            time.sleep(0.05)
        else:
            return handle


@contextmanager
def held(path: Path, *, shared: bool = False, patience: float = 0) -> Iterator[int]:
    """Hold the lock for the block and yield its open file.

    :raises LockedError: when it is not free in time.
    """
    with closing(take(path, shared=shared, patience=patience)) as handle:
        yield handle


@contextmanager
def closing(handle: int) -> Iterator[int]:
    """Free the taken lock after the block."""
    try:
        yield handle
    finally:
        os.close(handle)


def is_held(path: Path) -> bool:
    """Tell whether somebody holds the lock exclusively at this moment."""
    return path.exists() and not _may_take(path, shared=True)


def is_free(path: Path) -> bool:
    """Tell whether nobody holds the lock, neither exclusively nor shared."""
    return not path.exists() or _may_take(path, shared=False)


def _may_take(path: Path, *, shared: bool) -> bool:
    try:
        os.close(take(path, shared=shared))
    except LockedError:
        return False
    return True
