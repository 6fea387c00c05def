"""The first look at the demo: health, alerts, what is at risk, and somebody who cares."""

from datetime import datetime

from crm.watch.models import Alert
from crm.watch.operations import alerts, proposals, stock

EVERY_GATE = 1_000


def look(*, at: datetime) -> None:
    """Look at every gate and every cooperation; let owners care for what is oldest."""
    proposals.look_at_gates(at=at, limit=EVERY_GATE)
    stock.take_stock(at=at)
    owned = Alert.objects.at_risk().filter(owner__isnull=False).select_related("owner")
    for alert in owned.order_by("subject_id", "pk")[:2]:
        if alert.owner is not None:
            alerts.acknowledge_alert(
                alert=alert,
                comment="Talking to them on Thursday.",
                by=alert.owner,
                at=at,
            )
