"""Tell owners that their webhook fails or was switched off, and forget old deliveries."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from crm.core import mail
from crm.core.errors import DomainError
from crm.webhooks.models import State, WebhookDelivery, WebhookEndpoint, WebhookSecret

KEPT_FOR = timedelta(days=30)
BATCH = 5_000

log = logging.getLogger(__name__)


def tell_owners() -> int:
    """Send the notices that are due; one that cannot be sent stays due. Return how many went."""
    due = WebhookEndpoint.objects.exclude(notice="").select_related("owner")
    return sum(_tell(endpoint) for endpoint in due.order_by("pk")[:100])


def _tell(endpoint: WebhookEndpoint) -> bool:
    owner = endpoint.owner
    if owner.is_active:
        content = mail.render(
            "webhooks/notice",
            {"endpoint": endpoint, "person": owner, "address": _address(endpoint)},
            language=owner.language,
            zone=ZoneInfo(owner.time_zone),
        )
        try:
            mail.send(mail.build(content, to=owner.email, name=owner.name))
        except DomainError as refusal:
            log.warning("the owner of webhook %s not told: %s", endpoint.pk, refusal)
            return False
    same = WebhookEndpoint.objects.filter(pk=endpoint.pk, notice=endpoint.notice)
    return bool(same.update(notice=""))


def _address(endpoint: WebhookEndpoint) -> str:
    return f"{settings.PUBLIC_URL}/admin/webhooks/webhookendpoint/{endpoint.pk}/change/"


def forget_old(*, at: datetime) -> int:
    """Delete deliveries that ended more than 30 days ago, and secrets that ended; return how many."""
    WebhookSecret.objects.filter(expires_at__lt=at - KEPT_FOR).delete()
    old = WebhookDelivery.objects.filter(
        ~Q(state__in=[State.WAITING, State.SENDING]), ended_at__lt=at - KEPT_FOR
    )
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    return WebhookDelivery.objects.filter(pk__in=ids).delete()[0]
