"""Ticks and hints for loading; what is owed lies in the rows of PostgreSQL."""

import logging
from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from crm.core.queue import enqueue, this_worker
from partners.usage import dropbox, operations, queries
from partners.usage.models import UsageArrival, UsageLoad, UsageReroll

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=30)
"""A load that waits for longer was forgotten by whoever asked for it."""

LONG, LONGER = 6 * 3600, 6 * 3600 + 300
"""Seconds a load may take, and after which its process is killed."""


@shared_task(name="usage.tick", ignore_result=True)
def tick(**_: object) -> None:
    """Take loads back from dead workers, call for workers, look where files are dropped."""
    now = timezone.now()
    operations.clean_up_loads(at=now)
    for load_id in queries.waiting_loads(before=now - GRACE):
        enqueue("usage.run_load", load_id=load_id)
    for reroll_id in queries.waiting_rerolls(before=now - GRACE):
        enqueue("usage.reroll", reroll_id=reroll_id)
    operations.forget_uploads(at=now)
    if dropbox.is_watched():
        enqueue("usage.look_for_arrivals")


@shared_task(
    name="usage.run_load",
    ignore_result=True,
    soft_time_limit=LONG,
    time_limit=LONGER,
)
def run_load(*, load_id: int, **_: object) -> None:
    """Load, unless another worker has it or it is over."""
    load = UsageLoad.objects.filter(pk=load_id).first()
    if load is None:
        return
    with suppress(operations.LoadRefusedError):
        operations.run_load(load=load, owner=this_worker(), at=timezone.now())


@shared_task(
    name="usage.reroll",
    ignore_result=True,
    soft_time_limit=LONG,
    time_limit=LONGER,
)
def reroll(*, reroll_id: int, **_: object) -> None:
    """Roll a source up anew, unless another worker does."""
    asked = UsageReroll.objects.filter(pk=reroll_id).select_related("source").first()
    if asked is not None:
        operations.run_reroll(reroll=asked, owner=this_worker(), at=timezone.now())


@shared_task(name="usage.look_for_arrivals", ignore_result=True)
def look_for_arrivals(**_: object) -> None:
    """Look where files are dropped; a place that does not answer is asked again."""
    now = timezone.now()
    try:
        drop = dropbox.configured()
        if drop is None:
            return
        operations.conclude_arrivals(drop=drop, at=now)
        ready = operations.look_for_arrivals(drop=drop, at=now)
    except dropbox.DropUnreachableError as error:
        log.warning("the drop of billing exports does not answer: %s", error)
        return
    for arrival in ready:
        enqueue("usage.take_arrival", arrival_id=arrival.pk)


@shared_task(
    name="usage.take_arrival",
    ignore_result=True,
    soft_time_limit=LONG,
    time_limit=LONGER,
)
def take_arrival(*, arrival_id: int, **_: object) -> None:
    """Fetch what was found and hand it in, unless another worker does."""
    arrival = UsageArrival.objects.filter(pk=arrival_id).first()
    try:
        drop = dropbox.configured()
        if arrival is None or drop is None:
            return
        operations.take_arrival(
            arrival=arrival, drop=drop, owner=this_worker(), at=timezone.now()
        )
    except dropbox.DropUnreachableError as error:
        log.warning("arrival %s is tried again: %s", arrival_id, error)


@shared_task(name="usage.raise_signals", ignore_result=True)
def raise_signals(**_: object) -> None:
    """Notice late data, spend of nobody, held deliveries and anomalies, each once."""
    operations.raise_signals(at=timezone.now())


@shared_task(name="usage.forget_events", ignore_result=True)
def forget_events(**_: object) -> None:
    """Delete reported events that are older than 90 days."""
    operations.forget_events(at=timezone.now())
