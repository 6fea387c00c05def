"""The one door to Celery: ask for work by name, after the transaction has committed.

A message is only a hint. The truth about work that must happen lies in PostgreSQL, and a
scheduled tick finds what is still due when a message was lost.
"""

import logging
import os
import socket
import time
from dataclasses import dataclass
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

Argument = int | str | bool | None

PAUSE_AFTER_FAILURE = 10.0
"""Seconds in which this process does not try again to reach a broker that failed."""

log = logging.getLogger(__name__)


@dataclass
class Broker:
    """What this process knows about the broker: until when it is taken for down."""

    down_until: float = 0.0

    def send(self, name: str, arguments: dict[str, Argument]) -> bool:
        """Send one message; tell whether the broker took it.

        After a failure further messages are dropped for a moment, so that a request
        that asks for fifty tasks waits once for a dead broker, not fifty times.
        """
        if time.monotonic() < self.down_until:
            log.warning("task %s not sent: the broker is down", name)
            return False
        try:
            current_app.send_task(name, kwargs=arguments)
        except (OperationalError, OSError) as error:
            self.down_until = time.monotonic() + PAUSE_AFTER_FAILURE
            log.warning("task %s not sent: %s", name, type(error).__name__)
            return False
        return True


broker = Broker()


def enqueue(name: str, **arguments: Argument) -> None:
    """Send the named task when the running transaction commits; at once without one.

    Never fails the caller because of the broker, and waits for it a few seconds at most.

    :param name: dotted task name, for example `reports.deliver_one`.
    :param arguments: ids and plain values.
    :raises TypeError: when an argument is not a whole number, text, yes or no, or None.
    """
    for key, value in arguments.items():
        if type(value) not in {int, str, bool, type(None)}:
            raise TypeError(
                f"enqueue({name!r}): {key} must be an id or a plain value, "
                f"not {type(value).__name__}."
            )
    transaction.on_commit(partial(broker.send, name, arguments), robust=True)


def this_worker() -> str:
    """Return the name under which this process holds what it works on."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"
