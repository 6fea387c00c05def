"""Ticks and hints; the truth about what is owed lies in the rows of PostgreSQL."""

import logging

from celery import shared_task, signals
from django.db import Error
from django.utils import timezone

from crm.core.queue import enqueue
from crm.reports import queries
from crm.reports.operations import alarms, claims, cleaning, delivering, place, planning

log = logging.getLogger(__name__)

WORK_SECONDS = 240.0
"""After so long a worker lets other work pass; the next tick calls it again."""

WORKERS = 2


@shared_task(name="reports.tick", ignore_result=True)
def tick(**_: object) -> None:
    """Plan what is due, take rows from dead workers, and call for workers."""
    now = timezone.now()
    planning.plan_due(at=now)
    claims.sweep()
    alarms.send_alarms(at=now)
    if queries.standing().waiting:
        for _number in range(WORKERS):
            enqueue("reports.deliver_waiting")


@shared_task(name="reports.deliver_waiting", ignore_result=True)
def deliver_waiting(**_: object) -> None:
    """Deliver row after row until nothing waits or the time is over."""
    if place.check_place(at=timezone.now()):
        delivering.deliver_waiting(clock=timezone.now, seconds=WORK_SECONDS)


@shared_task(name="reports.forget_messages", ignore_result=True)
def forget_messages(**_: object) -> None:
    """Delete stored mails that are older than 90 days."""
    cleaning.forget_messages(at=timezone.now())


@signals.worker_process_shutdown.connect
def give_back(**_: object) -> None:
    """Give back what this process has claimed, so that nobody waits for its lease."""
    try:
        claims.release(owner=claims.this_worker())
    except Error:
        log.warning("claims were not given back; they end with their lease")
