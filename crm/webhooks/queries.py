"""Which entries an endpoint is told, and what waits to be sent."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from crm.journal import visibility
from crm.webhooks.models import State, WebhookDelivery, WebhookEndpoint
from partners.models import Partner

PATTERN = re.compile(r"(?:[a-z]+(?:-[a-z]+)*)(?:\.[a-z]+(?:-[a-z]+)*)*(?:\.\*)?")
MOST_MERGES = 20


def entries_for(endpoint: WebhookEndpoint) -> Q:
    """Return the condition of entries it asks for and its owner may see."""
    seen = visibility.entries_seen_by(endpoint.owner)
    return seen & _of_kinds(endpoint.kinds) & _about(endpoint.partner_ids)


def waits(*, at: datetime) -> bool:
    """Tell whether something is due to be sent."""
    return WebhookDelivery.objects.filter(
        state=State.WAITING, next_attempt_at__lte=at, endpoint__is_active=True
    ).exists()


def _of_kinds(kinds: Iterable[str]) -> Q:
    asked = Q()
    for kind in kinds:
        if kind.endswith(".*"):
            asked |= Q(kind__startswith=kind.removesuffix("*"))
        else:
            asked |= Q(kind=kind)
    return asked


def _about(partner_ids: Iterable[int]) -> Q:
    """Return the condition; a partner that was merged is followed to where it went."""
    known = set(partner_ids)
    if not known:
        return Q()
    latest = known
    for _step in range(MOST_MERGES):
        merged = Partner.objects.filter(pk__in=latest, merged_into__isnull=False)
        latest = set(merged.values_list("merged_into_id", flat=True)) - known
        if not latest:
            break
        known |= latest
    return Q(partner_id__in=known)
