"""Ticks and hints; what is owed stands in rows of PostgreSQL."""

import time

from celery import shared_task
from django.utils import timezone

from crm.core.queue import enqueue
from crm.webhooks import queries
from crm.webhooks.operations import planning, sending, telling

WORK_SECONDS = 240.0
"""After so long a worker lets other work pass; the next tick calls it again."""
WORKERS = 2


@shared_task(name="webhooks.tick", ignore_result=True)
def tick(**_: object) -> None:
    """Note what is owed, take rows from dead workers, and call for workers."""
    now = timezone.now()
    sending.sweep(at=now)
    planning.plan_deliveries(at=now)
    telling.tell_owners()
    if queries.waits(at=now):
        for _number in range(WORKERS):
            enqueue("webhooks.deliver_waiting")


@shared_task(name="webhooks.deliver_waiting", ignore_result=True)
def deliver_waiting(**_: object) -> None:
    """Send one after another until nothing is due or the time is over."""
    until = time.monotonic() + WORK_SECONDS
    while time.monotonic() < until and sending.send_next(at=timezone.now()):
        pass


@shared_task(name="webhooks.forget_old", ignore_result=True)
def forget_old(**_: object) -> None:
    """Delete what ended more than 30 days ago."""
    telling.forget_old(at=timezone.now())
