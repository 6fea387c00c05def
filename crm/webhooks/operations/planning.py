"""From the journal to deliveries: read on where each endpoint stopped, in one transaction.

The journal is the outbox: an entry is written with the change or not at all, and the feed never
skips one that commits late. The place read up to and the deliveries are stored together.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from crm.journal import queries as feed
from crm.journal.models import Event
from crm.webhooks import queries
from crm.webhooks.models import WebhookDelivery, WebhookEndpoint

BATCH = 500
MOST_BATCHES = 20
WORTH_NOTING = 1_000
"""So many transactions without an entry for it before the place read up to is stored."""


def plan_deliveries(*, at: datetime) -> int:
    """Note for every active endpoint what it is owed; return how many are new."""
    active = WebhookEndpoint.objects.filter(is_active=True).order_by("pk")
    return sum(_plan_all(pk, at) for pk in active.values_list("pk", flat=True))


def _plan_all(endpoint_id: int, at: datetime) -> int:
    planned = 0
    for _batch in range(MOST_BATCHES):
        new, has_more = _plan_batch(endpoint_id, at)
        planned += new
        if not has_more:
            break
    return planned


@transaction.atomic
def _plan_batch(endpoint_id: int, at: datetime) -> tuple[int, bool]:
    rows = WebhookEndpoint.objects.select_for_update(of=("self",), skip_locked=True)
    endpoint = (
        rows.select_related("owner").filter(pk=endpoint_id, is_active=True).first()
    )
    if endpoint is None:  # switched off, or planned by somebody else right now
        return 0, False
    after = feed.Position(endpoint.read_transaction, endpoint.read_event)
    page = feed.feed(after=after, limit=BATCH, where=queries.entries_for(endpoint))
    made = owe(endpoint, page.events, at=at)
    moved = page.position.transaction - after.transaction
    if page.events or moved >= WORTH_NOTING:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
            read_transaction=page.position.transaction,
            read_event=page.position.event_id,
        )
    return made, page.has_more


def owe(
    endpoint: WebhookEndpoint,
    events: Iterable[Event],
    *,
    at: datetime,
    is_test: bool = False,
) -> int:
    """Note that the endpoint is owed these entries, each once; return how many are new."""
    drafts = [
        WebhookDelivery(
            endpoint=endpoint,
            event=event,
            kind=event.kind,
            is_test=is_test,
            next_attempt_at=at,
            planned_at=at,
        )
        for event in events
    ]
    before = WebhookDelivery.objects.filter(
        endpoint=endpoint, event__in=[draft.event_id for draft in drafts]
    ).count()
    WebhookDelivery.objects.bulk_create(drafts, ignore_conflicts=True)
    return len(drafts) - before
