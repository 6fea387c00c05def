"""What a person asks for now: a test to oneself, a report sent now, a missed period."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.core.queue import enqueue
from crm.journal import operations as journal
from crm.reports import queries, weeks
from crm.reports.models import ReportDelivery, ReportSubscription, State
from crm.reports.models.reasons import Reason
from crm.reports.operations.bundles import bundle_up
from crm.reports.operations.planning import schedule_of


class RequestRefusedError(DomainError):
    """What was asked for cannot be sent."""

    code = "reports.request"


BROUGHT_BACK = (Reason.SUPERSEDED, Reason.TOO_LATE, Reason.RESTORED)
"""Reasons for which a skipped row is sent when somebody asks for its period."""


@transaction.atomic
def send_test(
    *,
    subscription: ReportSubscription,
    by: User,
    at: datetime,
    period: str = "",
) -> ReportDelivery:
    """Send the report to the person who asks, marked as a test.

    It shows what that person may see, and never collides with the real one.

    :param period: label; empty for the newest that is due.
    """
    label = period or newest_owed(subscription, at=at)
    weeks.from_label(label)
    delivery = ReportDelivery.objects.create(
        definition=subscription.definition,
        subscription=subscription,
        recipient=by,
        period=label,
        is_test=True,
        due_at=at,
        next_attempt_at=at,
        planned_at=at,
    )
    journal.record(
        kind="report.test-sent", subject=delivery, by=by, at=at, new={"period": label}
    )
    enqueue("reports.deliver_waiting")
    return delivery


@transaction.atomic
def send_period(
    *,
    subscription: ReportSubscription,
    by: User | None,
    at: datetime,
    period: str = "",
    to: User | None = None,
) -> list[ReportDelivery]:
    """Send a period now, to those readers who did not get it; for missed periods too.

    Who has it, or has it on its way or in doubt, gets no second copy.

    :param period: label; empty for the newest that is due.
    :param to: this reader only.
    :return: the deliveries that are due now.
    :raises RequestRefusedError: when the period has not ended yet.
    """
    label = period or newest_owed(subscription, at=at)
    refuse_unless_over(subscription, label, at)
    readers = [to] if to is not None else queries.readers(subscription)
    asked = [
        made
        for reader in readers
        if (made := _asked(subscription, reader, label, by, at)) is not None
    ]
    bundle_up(delivery.pk for delivery in asked)
    journal.record(
        kind="report.asked-for",
        subject=subscription,
        by=by,
        at=at,
        new={"period": label, "count": len(asked)},
    )
    enqueue("reports.deliver_waiting")
    return asked


def newest_owed(subscription: ReportSubscription, *, at: datetime) -> str:
    """Return the label of the latest period that is due for this subscription."""
    schedule = schedule_of(subscription.definition, subscription.time_zone)
    return schedule.newest_owed(at).label


def refuse_unless_over(
    subscription: ReportSubscription, label: str, at: datetime
) -> None:
    """Refuse a period that has not ended, or that is of another rhythm.

    :raises RequestRefusedError: then.
    """
    schedule = schedule_of(subscription.definition, subscription.time_zone)
    period = weeks.from_label(label)
    if weeks.rhythm_of(period) != subscription.definition.rhythm:
        raise RequestRefusedError(_("The report has another rhythm than this period."))
    if period.ends_at(schedule.zone) > at:
        raise RequestRefusedError(_("This period is not over yet."))


def _asked(
    subscription: ReportSubscription,
    reader: User,
    label: str,
    by: User | None,
    at: datetime,
) -> ReportDelivery | None:
    """Return the row of this reader if it is due now; None when there is nothing to do."""
    delivery, is_new = ReportDelivery.objects.select_for_update().get_or_create(
        subscription=subscription,
        recipient=reader,
        period=label,
        is_test=False,
        defaults={
            "definition": subscription.definition,
            "due_at": at,
            "next_attempt_at": at,
            "planned_at": at,
            "resolved_by": by,
            "resolved_at": at,
        },
    )
    if is_new:
        return delivery
    if delivery.state != State.SKIPPED or delivery.reason not in BROUGHT_BACK:
        return None
    delivery.state, delivery.reason = State.DUE, ""
    delivery.due_at = delivery.next_attempt_at = at
    delivery.resolved_by, delivery.resolved_at = by, at
    delivery.save()
    return delivery
