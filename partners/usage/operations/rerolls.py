"""Rolling deliveries up again from the store, after a rule named a new tag."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from crm.accounts.models import User
from crm.core import queue
from partners.usage import store
from partners.usage.models import (
    BillingSource,
    DeliveryStatus,
    UsageDelivery,
    UsageReroll,
)
from partners.usage.operations import rollups

LEASE = timedelta(minutes=10)
"""Longer than one delivery takes; renewed with each."""


def request_reroll(
    *, source: BillingSource, by: User | None, at: datetime
) -> UsageReroll:
    """Ask a worker to roll the source up anew; one that waits already serves as well."""
    reroll, is_new = UsageReroll.objects.get_or_create(
        source=source,
        finished_at=None,
        owner="",
        defaults={"requested_by": by, "requested_at": at},
    )
    if is_new:
        queue.enqueue("usage.reroll", reroll_id=reroll.pk)
    return reroll


def run_reroll(*, reroll: UsageReroll, owner: str, at: datetime) -> bool:
    """Roll the source up anew, with progress; False where another worker does.

    Killed, it is begun again from the start: rolling up twice gives the same.
    """
    free = Q(owner="") | Q(lease_until__lt=Now())
    current = UsageDelivery.objects.filter(
        source=reroll.source_id, status=DeliveryStatus.CURRENT
    )
    taken = UsageReroll.objects.filter(
        free, pk=reroll.pk, finished_at__isnull=True
    ).update(owner=owner, lease_until=Now() + LEASE, total=current.count(), done=0)
    if not taken:
        return False
    mine = UsageReroll.objects.filter(
        pk=reroll.pk, owner=owner, finished_at__isnull=True
    )
    for _delivery in reroll_source(source=reroll.source, at=at):
        if not mine.update(done=F("done") + 1, lease_until=Now() + LEASE):
            return False
    return bool(mine.update(finished_at=at, lease_until=None))


def reroll_source(*, source: BillingSource, at: datetime) -> Iterator[UsageDelivery]:
    """Roll every current delivery of a source up again; yield each when it is done.

    Each delivery is its own transaction, so readers see the old or the new buckets of a
    month. Totals are compared as in a load.
    """
    current = UsageDelivery.objects.filter(source=source, status=DeliveryStatus.CURRENT)
    for pk in list(
        current.order_by("billing_month", "pk").values_list("pk", flat=True)
    ):
        with tempfile.TemporaryDirectory(dir=store.root()) as work:
            file = Path(work) / "rollup.csv"
            rollups.prepare(UsageDelivery.objects.get(pk=pk), into=file, at=at)
            with transaction.atomic():
                BillingSource.objects.select_for_update().get(pk=source.pk)
                delivery = UsageDelivery.objects.select_for_update().get(pk=pk)
                if delivery.status != DeliveryStatus.CURRENT:
                    continue
                rollups.take_out([pk])
                rollups.swap_in(delivery, file)
                rollups.derive_months(
                    source_id=source.pk, billing_months=[delivery.billing_month]
                )
        yield delivery
