"""What waits for a worker: loads and rollings up whose hint may have been lost."""

from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from partners.usage.models import LoadState, UsageLoad, UsageReroll


def waiting_loads(*, before: datetime) -> list[int]:
    """Return the loads asked for before a moment, or given back by a dead worker."""
    old = Q(requested_at__lt=before) | Q(attempts__gt=0)
    waiting = UsageLoad.objects.filter(old, state=LoadState.WAITING)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def waiting_rerolls(*, before: datetime) -> list[int]:
    """Return the rollings up that nobody works on."""
    free = Q(owner="", requested_at__lt=before) | Q(lease_until__lt=Now())
    waiting = UsageReroll.objects.filter(free, finished_at__isnull=True)
    return list(waiting.order_by("pk").values_list("pk", flat=True))
