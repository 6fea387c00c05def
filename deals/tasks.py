"""Ticks of agreements and deals, and the mail of one reminder."""

from celery import shared_task
from django.utils import timezone

from deals.operations import deadlines, following, reminding, snapshots


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
