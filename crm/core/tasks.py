"""Signs of life from the worker and from beat."""

from celery import shared_task
from django.utils import timezone

from crm.core import operations


@shared_task(name="core.ping")
def ping(*, nonce: str, **_: object) -> None:
    """Answer a ping: the row `ping:<nonce>` proves that a worker ran this task."""
    operations.show_life(name=f"{operations.PING}{nonce}", at=timezone.now())


@shared_task(name="core.tick")
def tick(**_: object) -> None:
    """Answer beat: the row `beat` proves that beat publishes and a worker works."""
    now = timezone.now()
    operations.show_life(name="beat", at=now)
    operations.forget_pings(at=now)
