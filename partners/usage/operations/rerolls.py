"""Rolling deliveries up again from the store, after a rule named a new tag."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from partners.usage import store
from partners.usage.models import BillingSource, DeliveryStatus, UsageDelivery
from partners.usage.operations import rollups


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
