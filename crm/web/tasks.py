"""Upkeep of what the API doors remember."""

from celery import shared_task
from django.utils import timezone

from crm.web.api import writes


@shared_task(name="web.forget_old_answers", ignore_result=True)
def forget_old_answers(**_: object) -> None:
    """Delete answers kept for Idempotency-Keys older than 24 h; may run any number of times."""
    writes.forget_old_answers(at=timezone.now())
