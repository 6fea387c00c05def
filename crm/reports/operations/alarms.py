"""Tell the owner of a report, not its readers, that something went wrong."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.accounts.models import User
from crm.journal import operations as journal
from crm.reports.models import ReportDelivery, State, Suppression
from crm.reports.rendering import alarm_mail
from crm.reports.replies import HARD_FAILURES, Reply
from crm.reports.smtp import ServerRefusedError, conversation

MOST_IN_ONE_ALARM = 200
ANSWER_SECONDS = 60.0


@transaction.atomic
def suppress_if_dead(*, delivery: ReportDelivery, reply: Reply, at: datetime) -> bool:
    """Stop mails to an address that was refused several times in a row.

    :return: whether the address is suppressed now.
    """
    latest = ReportDelivery.objects.filter(
        address__iexact=delivery.address, state__in=[State.SENT, State.FAILED]
    ).order_by("-due_at", "-pk")[:HARD_FAILURES]
    states = [each.state for each in latest]
    if states != [State.FAILED] * HARD_FAILURES:
        return False
    suppression, is_new = Suppression.objects.get_or_create(
        address=delivery.address.lower(),
        lifted_at=None,
        defaults={"reason": str(reply)[:300], "suppressed_at": at},
    )
    if is_new:
        journal.record(
            kind="report.address-suppressed",
            subject=suppression,
            by=None,
            at=at,
            new={"reply": str(reply)},
        )
    return True


@transaction.atomic
def send_alarms(*, at: datetime) -> int:
    """Tell each owner once about deliveries that failed or are doubtful.

    An alarm that cannot be sent is tried again with the next tick; it may come twice
    when the process dies between its sending and the note of it.

    :return: how many deliveries were told of.
    """
    rows = list(
        ReportDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("definition__owner", "recipient")
        .filter(
            state__in=[State.FAILED, State.UNCERTAIN],
            alarmed_at__isnull=True,
            is_test=False,
        )
        .order_by("pk")[:MOST_IN_ONE_ALARM]
    )
    by_owner: dict[User, list[ReportDelivery]] = defaultdict(list)
    for row in rows:
        by_owner[row.definition.owner].append(row)
    told = [
        row
        for owner, troubles in by_owner.items()
        for row in _tell(owner, troubles, at)
    ]
    ReportDelivery.objects.filter(pk__in=[row.pk for row in told]).update(alarmed_at=at)
    for row in told:
        journal.record(
            kind=f"report.delivery-{row.state}",
            subject=row,
            by=None,
            at=at,
            new={"reason": row.reason, "answer": row.smtp_text},
        )
    return len(told)


def _tell(
    owner: User, troubles: Sequence[ReportDelivery], at: datetime
) -> Sequence[ReportDelivery]:
    content = alarm_mail.compose(owner=owner, troubles=troubles, at=at)
    talk = conversation(settings.MAIL_SERVER)
    try:
        talk.prepare(sender=settings.MAIL_FROM, to=owner.email, content=content)
    except ServerRefusedError:
        return ()
    reply = talk.finish(wait_seconds=ANSWER_SECONDS)
    return troubles if reply is not None and reply.code < 300 else ()
