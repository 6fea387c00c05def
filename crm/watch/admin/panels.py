"""Health and alerts on the page of a cooperation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.accounts.models import User
from crm.watch.models import Alert
from crm.watch.queries import health
from crm.web import panels
from partners.models import Cooperation


def of_cooperation(
    cooperation: Cooperation, by: User, at: datetime
) -> Mapping[str, Any] | None:
    """Return how it fares and what needs somebody; None before the first look. Three queries."""
    reading = health.readings([cooperation.pk], today=at.date())[cooperation.pk]
    if reading.snapshot is None:
        return None
    alerts = (
        Alert.objects.visible_to(by)
        .standing()
        .filter(cooperation_id=cooperation.pk)
        .select_related("rule", "acknowledged_by")
        .order_by("rule__letter", "-opened_at")
    )
    return {
        "reading": reading,
        "measures": health.measures_of(reading.snapshot),
        "alerts": list(alerts[:10]) if by.has_perm("watch.view_alert") else [],
    }


panels.add(
    panels.Panel(
        model="partners.cooperation",
        template="watch/panel.html",
        permission="watch.view_healthsnapshot",
        content=of_cooperation,
        order=10,
    )
)
