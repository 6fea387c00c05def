"""The one door to Celery: ask for work by name, after the transaction has committed."""

from functools import partial

from celery import current_app
from django.db import transaction

Argument = int | str | bool | None


def enqueue(name: str, **arguments: Argument) -> None:
    """Send the named task when the running transaction commits; at once without one.

    :param name: dotted task name, for example `reports.deliver_one`.
    :param arguments: ids and plain values; anything else does not travel as JSON.
    """
    transaction.on_commit(
        partial(current_app.send_task, name, kwargs=arguments), robust=True
    )
