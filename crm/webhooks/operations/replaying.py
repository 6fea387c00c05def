"""Send again what was sent, or what was missed; and send a test."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.queue import enqueue
from crm.journal import operations as journal
from crm.journal.models import Event
from crm.webhooks import queries
from crm.webhooks.models import State, WebhookDelivery, WebhookEndpoint
from crm.webhooks.operations import endpoints, planning
from crm.webhooks.operations.endpoints import WebhookInputError, WebhookRefusedError

MOST = 10_000
DELIVER = "webhooks.deliver_waiting"


@transaction.atomic
def replay_period(
    *,
    endpoint: WebhookEndpoint,
    since: datetime,
    until: datetime,
    by: User,
    at: datetime,
) -> int:
    """Owe the endpoint again all entries of a period that it asks for; return how many.

    What it has seen comes with the same message id; what it missed while it was off comes too.

    :param since: from this time on; until: before this one.
    :raises WebhookInputError: when the period is empty or holds more than 10,000 entries.
    :raises WebhookRefusedError: when it is somebody else's or switched off.
    """
    if not since < until:
        raise WebhookInputError(_("The period must end after it begins."))
    rows = Event.objects.filter(at__gte=since, at__lt=until)
    return _replay(endpoint, rows, by=by, at=at)


@transaction.atomic
def replay_entries(
    *, endpoint: WebhookEndpoint, entries: Iterable[int], by: User, at: datetime
) -> int:
    """Owe the endpoint again these journal entries; return how many it may have.

    :raises WebhookRefusedError: when it is somebody else's or switched off.
    """
    rows = Event.objects.filter(pk__in=list(entries))
    return _replay(endpoint, rows, by=by, at=at)


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> WebhookDelivery:
    """Owe the endpoint a test message, sent at once and logged like every other.

    :raises WebhookRefusedError: when it is somebody else's or switched off.
    """
    locked = _usable_or_refuse(endpoint, by=by)
    event = journal.record(
        kind="webhook.tested",
        subject=locked,
        by=by,
        at=at,
        new={"description": locked.description},
    )
    planning.owe(locked, [event], at=at, is_test=True)
    enqueue(DELIVER)
    return WebhookDelivery.objects.get(endpoint=locked, event=event)


def _replay(
    endpoint: WebhookEndpoint, rows: QuerySet[Event], *, by: User, at: datetime
) -> int:
    locked = _usable_or_refuse(endpoint, by=by)
    events = list(rows.filter(queries.entries_for(locked)).order_by("id")[: MOST + 1])
    if len(events) > MOST:
        raise WebhookInputError(
            _("More than %(most)d entries: choose a shorter period.") % {"most": MOST}
        )
    new = planning.owe(locked, events, at=at)
    WebhookDelivery.objects.filter(
        endpoint=locked,
        event__in=[event.pk for event in events],
        state__in=[State.DELIVERED, State.FAILED, State.WITHHELD],
    ).update(state=State.WAITING, attempts=0, next_attempt_at=at, ended_at=None)
    journal.record(
        kind="webhook.replayed",
        subject=locked,
        by=by,
        at=at,
        new={"entries": len(events), "never_sent_before": new},
    )
    enqueue(DELIVER)
    return len(events)


def _usable_or_refuse(endpoint: WebhookEndpoint, *, by: User) -> WebhookEndpoint:
    locked = endpoints.lock(endpoint)
    endpoints.of_owner_or_refuse(locked, by=by)
    if not locked.is_active:
        raise WebhookRefusedError(_("The webhook is switched off."))
    return locked
