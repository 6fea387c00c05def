"""What deliveries say about contract commitments, read from their line items."""

from collections.abc import Sequence

from partners.usage import store
from partners.usage.focus import applied
from partners.usage.focus.applied import Applied
from partners.usage.models import DeliveryStatus, UsageDelivery


def applied_contracts(delivery: UsageDelivery) -> list[Applied]:
    """Return what the line items of one delivery apply to contracts, by charge month."""
    return applied.applied(store.files_of(delivery.folder))


def deliveries_that_count(
    *, known: Sequence[int] = (), limit: int = 50
) -> list[UsageDelivery]:
    """Return current deliveries that are not among the known ones, the oldest first."""
    rows = UsageDelivery.objects.filter(status=DeliveryStatus.CURRENT)
    return list(rows.exclude(pk__in=known).order_by("pk")[:limit])
