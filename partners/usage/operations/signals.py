"""Keeping signals: raised once with a journal entry, cleared when they no longer hold."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from crm.journal import operations as journal
from partners.usage.models import SignalKind, UsageSignal
from partners.usage.queries.signals import Sign, signs

ABOUT = ("source", "account", "delivery", "partner")
"""What a signal can be about; the first that is there is the journal's subject."""


@transaction.atomic
def raise_signals(*, at: datetime) -> list[UsageSignal]:
    """Look at all usage, raise what is new, clear what is over; return what is new.

    Two workers at once do it one after the other, so nothing is raised twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('usage.signals'))")
    today = at.astimezone(UTC).date()
    now = {sign.key: sign for sign in signs(today=today)}
    standing = {_key(one): one for one in UsageSignal.objects.standing()}
    _clear([one for key, one in standing.items() if key not in now], at=at)
    _keep_facts([(one, now[key]) for key, one in standing.items() if key in now])
    return [_raise(sign, at=at) for key, sign in now.items() if key not in standing]


def _key(one: UsageSignal) -> tuple[object, ...]:
    about = (getattr(one, f"{name}_id") for name in ABOUT)
    return (one.kind, *about, one.day, one.currency)


def _clear(over: list[UsageSignal], *, at: datetime) -> None:
    UsageSignal.objects.filter(pk__in=[one.pk for one in over]).update(cleared_at=at)


def _keep_facts(pairs: list[tuple[UsageSignal, Sign]]) -> None:
    """Bring the figures of standing signals up to date; no entry is made of it."""
    changed = []
    for one, sign in pairs:
        if one.facts != sign.facts:
            one.facts = sign.facts
            changed.append(one)
    UsageSignal.objects.bulk_update(changed, ["facts"], batch_size=500)


def _raise(sign: Sign, *, at: datetime) -> UsageSignal:
    made = UsageSignal.objects.create(
        kind=sign.kind,
        source_id=sign.source_id,
        account_id=sign.account_id,
        delivery_id=sign.delivery_id,
        partner_id=sign.partner_id,
        day=sign.day,
        currency=sign.currency,
        facts=sign.facts,
        raised_at=at,
    )
    if sign.kind != SignalKind.HELD:  # holding a delivery has written it down already
        _record(made, at=at)
    return made


def _record(made: UsageSignal, *, at: datetime) -> None:
    subject: Any = next(
        found for name in ABOUT if (found := getattr(made, name)) is not None
    )
    new: dict[str, object] = {**made.facts, "signal": made.pk}
    if made.day is not None:
        new["day"] = made.day.isoformat()
    if made.currency:
        new["currency"] = made.currency
    journal.record(
        kind=f"usage.{made.kind}-noticed",
        subject=subject,
        by=None,
        at=at,
        partner_id=made.partner_id,
        new=new,
    )
