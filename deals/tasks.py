"""Ticks of agreements and deals, the mail of one reminder, and long imports."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from crm.core import queue
from crm.imports import working
from deals.operations import deadlines, following, reminding, snapshots
from deals.operations.import_jobs import JOBS

GRACE = timedelta(seconds=15)
"""A step that waits for longer was forgotten by whoever asked for it."""
LONG, LONGER = 1800, 1860
"""Seconds a step of an import may take, and after which its process is killed."""


@shared_task(name="deals.keep_calendar", ignore_result=True)
def keep_calendar(**_: object) -> None:
    """Begin, renew and end agreements, note reminders and ask for their mails."""
    deadlines.run(at=timezone.now())


@shared_task(name="deals.send_reminder", ignore_result=True)
def send_reminder(*, reminder_id: int, **_: object) -> None:
    """Send one reminder, unless it has gone out or somebody is at it."""
    reminding.send_reminder(reminder_id=reminder_id, at=timezone.now())


@shared_task(name="deals.send_commitment_reminder", ignore_result=True)
def send_commitment_reminder(*, reminder_id: int, **_: object) -> None:
    """Send one reminder of a commitment, unless it has gone out or somebody is at it."""
    reminding.send_commitment_reminder(reminder_id=reminder_id, at=timezone.now())


@shared_task(name="deals.take_snapshots", ignore_result=True)
def take_snapshots(**_: object) -> None:
    """Keep how all deals stood at the end of the latest week, once."""
    snapshots.take_snapshots(at=timezone.now())


@shared_task(name="deals.follow_usage", ignore_result=True)
def follow_usage(**_: object) -> None:
    """Begin commitments whose day has come, post what is not posted, read what applies."""
    following.follow(at=timezone.now())


@shared_task(name="deals.tick_imports", ignore_result=True)
def tick_imports(**_: object) -> None:
    """Take steps of imports back from dead workers and call for workers."""
    for batch_id in working.give_back(JOBS, at=timezone.now(), grace=GRACE):
        queue.enqueue("deals.run_import", batch_id=batch_id)


@shared_task(
    name="deals.run_import",
    ignore_result=True,
    soft_time_limit=LONG,
    time_limit=LONGER,
)
def run_import(*, batch_id: int, **_: object) -> None:
    """Take the step that waits, unless another worker has it."""
    working.run(JOBS, batch_id=batch_id, owner=queue.this_worker(), at=timezone.now())
