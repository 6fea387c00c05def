"""A nursery of processes that plan, sweep and send reports until they are killed.

It has loaded everything, so that a new worker is there in milliseconds: each line on its
input is a role and settings of the environment; its answer is the number of the process.
"""

import os
import signal
import sys
import time

import django

django.setup()

from django.db import Error, connection  # noqa: E402  # after the settings
from django.utils import timezone  # noqa: E402

from crm.reports.operations import claims, delivering, planning  # noqa: E402


def work(role: str) -> bool:
    """Do one round; tell whether there was something to do."""
    if role == "planner":
        claims.sweep()
        return planning.plan_due(at=timezone.now()) > 0
    return delivering.deliver_waiting(clock=timezone.now) > 0


def run(role: str) -> None:
    """Work until killed, or until the nursery is gone."""
    nursery = os.getppid()
    while os.getppid() == nursery:
        try:
            is_busy = work(role)
        except Error:  # the database was cut off; go on with a new connection
            connection.close()
            is_busy = False
        if not is_busy:
            time.sleep(0.03)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin:
        role, *extra = line.split()
        child = os.fork()
        if child == 0:
            os.environ.update(dict(pair.split("=", 1) for pair in extra))
            run(role)
            return
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
