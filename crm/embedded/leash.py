"""Runs a program that must not outlive its parent: `python leash.py [options] -- PROGRAM …`.

It replaces itself by the program, so the process id stays. Before that it
- asks the kernel (Linux) for a signal at the death of the parent,
- takes the lock file, whose lock the program and its children then hold until the last of them ends,
- removes what a killed predecessor left (only with the lock held is it surely stale),
- closes inherited files other than those named.

Started as a file, with `python -I -S`: it imports nothing of the product.
"""

import argparse
import ctypes
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

PARENT = "CRM_LEASH_PARENT"
"""Variable with the process id of the parent, so that one who died early is noticed."""

PR_SET_PDEATHSIG = 1
STILL_LOCKED = 75
MORE_THAN_ANY_FILE = 4096


def main() -> None:
    own, program = _arguments()
    _close_all_but(own.keep)
    _die_with_parent(signal.Signals[f"SIG{own.on_death}"])
    if own.lock:
        _take(own.lock, patience=own.patience)
    for stale in own.remove:
        stale.unlink(missing_ok=True)
    os.environ[PARENT] = str(os.getpid())
    os.execvp(program[0], program)  # noqa: S606 -- the whole point


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--on-death", default="TERM")
    parser.add_argument("--lock", type=Path)
    parser.add_argument("--patience", type=float, default=20)
    parser.add_argument("--remove", type=Path, action="append", default=[])
    parser.add_argument("--keep", type=int, action="append", default=[])
    parser.add_argument("program", nargs="+")
    own = parser.parse_args()
    return own, own.program


def _close_all_but(kept: list[int]) -> None:
    first = 3
    for number in [*sorted(kept), MORE_THAN_ANY_FILE]:
        os.closerange(first, number)
        first = number + 1


def _die_with_parent(wanted: signal.Signals) -> None:
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)
    expected = os.environ.get(PARENT)
    if expected and int(expected) != os.getppid():
        sys.exit("leash: the parent has already ended")


def _take(lock: Path, *, patience: float) -> None:
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(handle, True)  # noqa: FBT003 -- takes no keyword
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                sys.stderr.write(f"leash: {lock} is held by a process still running\n")
                sys.exit(STILL_LOCKED)
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    main()
