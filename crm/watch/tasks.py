"""Jobs of the watch: ticks that ask what is due, and the work they ask for."""

from celery import shared_task
from django.utils import timezone

from crm.core import queue
from crm.watch.operations import notices, proposals, stock

FIRST_HOUR = 3
"""The nightly look begins after three in the morning, UTC: daily exports are in by then."""


@shared_task(name="watch.tick", ignore_result=True)
def tick(**_: object) -> None:
    """Ask for today's look once it is due, and for mails that are owed."""
    at = timezone.now()
    if at.hour >= FIRST_HOUR and not stock.is_done(at=at):
        queue.enqueue("watch.take_stock")
    for person_id in notices.due_people(at=at):
        queue.enqueue("watch.send_alerts", person_id=person_id)


@shared_task(name="watch.take_stock", ignore_result=True, soft_time_limit=1_500)
def take_stock(**_: object) -> None:
    """Look at everything; somebody else at it is no mishap."""
    try:
        stock.take_stock(at=timezone.now())
    except stock.StocktakingRefusedError:
        return


@shared_task(name="watch.look_at_gates", ignore_result=True)
def look_at_gates(**_: object) -> None:
    """Look at the gates that were not looked at for the longest."""
    proposals.look_at_gates(at=timezone.now())


@shared_task(name="watch.send_alerts", ignore_result=True)
def send_alerts(*, person_id: int, **_: object) -> None:
    """Send one mail with the alerts that a person is owed."""
    notices.send_due(person_id=person_id, at=timezone.now())
