"""Stored mails are kept for 90 days; what they showed stays for good as payloads."""

from datetime import datetime, timedelta

from django.db import transaction

from crm.reports.models import State, StoredMessage

KEPT_FOR = timedelta(days=90)
AT_ONCE = 500
DONE = (State.SENT, State.FAILED, State.SKIPPED, State.SUPPRESSED)


@transaction.atomic
def forget_messages(*, at: datetime) -> int:
    """Delete mails older than 90 days, a limited number at once; return how many.

    A doubtful one stays until somebody has decided.
    """
    old = (
        StoredMessage.objects.filter(
            stored_at__lt=at - KEPT_FOR, delivery__state__in=DONE
        )
        .order_by("stored_at")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    return StoredMessage.objects.filter(pk__in=list(old)).delete()[0]
