"""Take consumption that programs report, each event once, and forget it after 90 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.usage.models import AccountOwnership, CloudAccount, MeteredEvent

KEPT_FOR = timedelta(days=90)
AHEAD = timedelta(minutes=10)
"""So far clocks of other systems may be ahead of ours."""


class MeteredEventRefusedError(DomainError):
    """An event is about an account, or a time, that cannot be reported."""

    code = "usage.event-refused"
    is_input = True


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One event as reported; `origin` and `event_id` together are its name for 90 days."""

    origin: str
    event_id: str
    happened_at: datetime
    account_id: int
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    requests: int = 0
    gpu_seconds: Decimal = Decimal(0)


def fault_of(
    reported: Reported, *, accounts: set[int], at: datetime
) -> MeteredEventRefusedError | None:
    """Return why one event cannot be taken, or None.

    :param accounts: those that `reportable_accounts` named.
    """
    if reported.account_id not in accounts:
        return MeteredEventRefusedError(_("There is no such account of a partner."))
    if not at - KEPT_FOR < reported.happened_at <= at + AHEAD:
        return MeteredEventRefusedError(
            _("The time must be within the last %(days)d days.")
            % {"days": KEPT_FOR.days}
        )
    return None


def reportable_accounts(ids: Sequence[int], *, by: User) -> set[int]:
    """Return those of the accounts that are of partners this person may see."""
    owned = AccountOwnership.objects.visible_to(by).filter(account__in=set(ids))
    return set(owned.values_list("account_id", flat=True))


@transaction.atomic
def take_events(
    *, reported: Sequence[Reported], by: User, at: datetime
) -> tuple[list[MeteredEvent], set[tuple[str, str]]]:
    """Store events, each name once; return the rows in order, and the names that are new.

    :raises MeteredEventRefusedError: when one cannot be taken; then none is.
    """
    accounts = reportable_accounts([each.account_id for each in reported], by=by)
    for each in reported:
        fault = fault_of(each, accounts=accounts, at=at)
        if fault is not None:
            raise fault
    names = {(each.origin, each.event_id) for each in reported}
    known = {(row.origin, row.event_id) for row in _stored(names)}
    MeteredEvent.objects.bulk_create(
        [
            _row(each, at)
            for each in reported
            if (each.origin, each.event_id) not in known
        ],
        ignore_conflicts=True,
    )
    rows = {(row.origin, row.event_id): row for row in _stored(names)}
    if any(rows[e.origin, e.event_id].account_id != e.account_id for e in reported):
        raise MeteredEventRefusedError(
            _("An event of this source and id was reported for another account."),
            code="usage.event-reused",
        )
    new = names - known
    if new:
        _note(accounts, len(new), by=by, at=at)
    return [rows[each.origin, each.event_id] for each in reported], new


def forget_events(*, at: datetime) -> int:
    """Delete events older than 90 days; return how many."""
    old = MeteredEvent.objects.filter(happened_at__lte=at - KEPT_FOR)
    return int(old.delete()[0])


def _stored(names: set[tuple[str, str]]) -> QuerySet[MeteredEvent]:
    origins = {origin for origin, _event in names}
    events = {event for _origin, event in names}
    return MeteredEvent.objects.filter(origin__in=origins, event_id__in=events)


def _row(each: Reported, at: datetime) -> MeteredEvent:
    return MeteredEvent(
        account_id=each.account_id,
        origin=each.origin,
        event_id=each.event_id,
        happened_at=each.happened_at,
        charge_day=each.happened_at.astimezone(UTC).date(),
        model=each.model,
        tokens_in=each.tokens_in,
        tokens_out=each.tokens_out,
        requests=each.requests,
        gpu_seconds=each.gpu_seconds,
        received_at=at,
    )


def _note(accounts: set[int], count: int, *, by: User, at: datetime) -> None:
    """Write one entry for each account: a batch is one act, not a thousand."""
    for account in CloudAccount.objects.filter(pk__in=accounts).order_by("pk"):
        journal.record(
            kind="usage.events-reported",
            subject=account,
            by=by,
            at=at,
            new={"events_in_request": count},
        )
