"""Keeps the embedded servers for as long as single commands use them, then stops them.

Started by `companions` as a process of its own: `python -m crm.embedded.keeper`. It says
on its output when the servers are ready, and ends as soon as nobody holds the users'
lock: the kernel frees that lock however a command ends.
"""

import math
import sys
from pathlib import Path

from crm.embedded import locks, owner, places, servers

READY = "ready"
BUSY = "busy"
"""Somebody else already runs the servers of this state folder."""


def main() -> int:
    """Run the servers of the state folder that CRM_STATE_DIR or the checkout names."""
    where = places.find(base=Path(__file__).parents[2])
    try:
        places.prepare(where)
        with owner.owning(where, role="keeper"):
            _keep(where)
    except locks.LockedError:
        _say(BUSY)
    except servers.REFUSALS as refusal:
        _say(str(refusal))
        return 1
    return 0


def users_lock(where: places.Places) -> Path:
    """Return the lock that each command shares while it uses the servers."""
    return where.run / "users.lock"


def _keep(where: places.Places) -> None:
    running = servers.Servers(where, parts=servers.embedded_parts())
    running.start()
    try:
        _say(READY)
        with locks.held(users_lock(where), patience=math.inf):
            running.stop()
    finally:
        running.stop()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
