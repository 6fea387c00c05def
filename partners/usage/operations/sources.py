"""Billing sources."""

from datetime import datetime

from django.db import transaction

from crm.accounts.models import User
from crm.journal import operations as journal
from partners.usage.models import BillingSource


@transaction.atomic
def find_or_create_source(
    *, name: str, by: User | None, at: datetime
) -> tuple[BillingSource, bool]:
    """Return the source of this name; an unknown one is created as an overwrite source.

    The second value tells whether it was created, so that the door can say so.
    """
    source, is_new = BillingSource.objects.get_or_create(name=name)
    if is_new:
        journal.record(
            kind="usage.source-created",
            subject=source,
            by=by,
            at=at,
            new={"name": name, "delivery_mode": source.delivery_mode},
        )
    return source, is_new
