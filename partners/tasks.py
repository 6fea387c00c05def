"""Long steps of imports; what is owed lies in the rows of PostgreSQL."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from crm.core import queue
from partners.operations import import_jobs

GRACE = timedelta(seconds=15)
"""A step that waits for longer was forgotten by whoever asked for it."""
LONG, LONGER = 1800, 1860
"""Seconds a step may take, and after which its process is killed."""


@shared_task(name="partners.tick", ignore_result=True)
def tick(**_: object) -> None:
    """Take steps back from dead workers and call for workers."""
    for batch_id in import_jobs.give_back_jobs(at=timezone.now(), grace=GRACE):
        queue.enqueue("partners.run_import", batch_id=batch_id)


@shared_task(
    name="partners.run_import",
    ignore_result=True,
    soft_time_limit=LONG,
    time_limit=LONGER,
)
def run_import(*, batch_id: int, **_: object) -> None:
    """Take the step that waits, unless another worker has it."""
    import_jobs.run_job(batch_id=batch_id, owner=queue.this_worker(), at=timezone.now())
