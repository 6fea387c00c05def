"""Make and change reports and subscriptions; unsubscribe."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import periods, versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.reports import queries, sections
from crm.reports.models import OptOut, ReportDefinition, ReportSubscription
from crm.reports.operations.planning import set_next_due

DEFINITION_FIELDS = (
    "code",
    "name",
    "name_zh",
    "audience",
    "sections",
    "rhythm",
    "weekday",
    "hour",
    "formats",
    "wait_minutes",
    "catch_up_hours",
    "owner",
    "is_active",
)
SUBSCRIPTION_FIELDS = (
    "definition",
    "person",
    "role",
    "team",
    "scope",
    "scope_team",
    "scope_partner",
    "time_zone",
    "language",
    "currency",
    "formats",
    "send_if_empty",
    "is_paused",
)
MANAGES = "reports.change_reportdefinition"


class SubscriptionRefusedError(DomainError):
    """The person may not have or change this subscription, or it makes no sense."""

    code = "reports.subscription"


@transaction.atomic
def register_definition(
    *, values: Mapping[str, Any], by: User, at: datetime
) -> ReportDefinition:
    """Make a report.

    :raises SectionNotFoundError: when a section does not exist.
    """
    definition = ReportDefinition(**_picked(values, DEFINITION_FIELDS))
    sections.rights_asked(definition.sections)
    definition.save()
    journal.record(
        kind="report.defined",
        subject=definition,
        by=by,
        at=at,
        new=_plain(definition, DEFINITION_FIELDS),
    )
    return definition


@transaction.atomic
def edit_definition(
    *,
    definition: ReportDefinition,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> ReportDefinition:
    """Change a report; subscriptions wait for their next date by the new schedule.

    :raises SectionNotFoundError: when a section does not exist.
    :raises StaleVersionError: when somebody else changed it since `expected_version`.
    """
    locked = ReportDefinition.objects.select_for_update().get(pk=definition.pk)
    versions.check(locked, expected=expected_version)
    old = _plain(locked, DEFINITION_FIELDS)
    for name, value in _picked(values, DEFINITION_FIELDS).items():
        setattr(locked, name, value)
    sections.rights_asked(locked.sections)
    locked.version += 1
    locked.save()
    new = _plain(locked, DEFINITION_FIELDS)
    if any(
        old[name] != new[name] for name in ("rhythm", "weekday", "hour", "is_active")
    ):
        _reschedule(locked, at)
    _journal_change("report.definition-changed", locked, by, at, old, new)
    return locked


@transaction.atomic
def subscribe(
    *, values: Mapping[str, Any], by: User, at: datetime
) -> ReportSubscription:
    """Make a subscription that begins with the next report due after `at`.

    :raises SubscriptionRefusedError: when somebody subscribes others without being
        allowed to manage reports.
    :raises PeriodRefusedError: when the time zone does not exist.
    """
    subscription = ReportSubscription(**_picked(values, SUBSCRIPTION_FIELDS))
    _refuse_unless_may(subscription, by)
    periods.read_zone(subscription.time_zone)
    set_next_due(subscription, at=at)
    subscription.save()
    journal.record(
        kind="report.subscribed",
        subject=subscription,
        by=by,
        at=at,
        new=_plain(subscription, SUBSCRIPTION_FIELDS),
    )
    return subscription


@transaction.atomic
def edit_subscription(
    *,
    subscription: ReportSubscription,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> ReportSubscription:
    """Change a subscription; another zone or a pause moves only the next date.

    :raises SubscriptionRefusedError: as `subscribe`.
    """
    locked = ReportSubscription.objects.select_for_update().get(pk=subscription.pk)
    versions.check(locked, expected=expected_version)
    _refuse_unless_may(locked, by)
    old = _plain(locked, SUBSCRIPTION_FIELDS)
    for name, value in _picked(values, SUBSCRIPTION_FIELDS).items():
        setattr(locked, name, value)
    _refuse_unless_may(locked, by)
    periods.read_zone(locked.time_zone)
    new = _plain(locked, SUBSCRIPTION_FIELDS)
    if any(old[name] != new[name] for name in ("time_zone", "is_paused", "definition")):
        set_next_due(locked, at=at)
    locked.version += 1
    locked.save()
    _journal_change("report.subscription-changed", locked, by, at, old, new)
    return locked


@transaction.atomic
def unsubscribe(
    *, subscription: ReportSubscription, person: User, at: datetime
) -> bool:
    """Send this person no mail of this subscription any more; False if so already.

    Nobody needs to be logged in: a signed link or the mail program's button is enough.
    """
    _opt_out, is_new = OptOut.objects.get_or_create(
        subscription=subscription, person=person, defaults={"at": at}
    )
    if is_new:
        journal.record(
            kind="report.unsubscribed", subject=subscription, by=person, at=at
        )
    return is_new


@transaction.atomic
def resubscribe(
    *, subscription: ReportSubscription, person: User, at: datetime
) -> bool:
    """Take an unsubscription back; False if there was none.

    :raises SubscriptionRefusedError: when the subscription is not for this person.
    """
    if not queries.is_reader(subscription=subscription, person=person):
        raise SubscriptionRefusedError(_("This report is no longer meant for you."))
    found = OptOut.objects.filter(subscription=subscription, person=person)
    if not found.delete()[0]:
        return False
    journal.record(kind="report.resubscribed", subject=subscription, by=person, at=at)
    return True


def _reschedule(definition: ReportDefinition, at: datetime) -> None:
    rows = ReportSubscription.objects.select_for_update().filter(definition=definition)
    changed = list(rows.order_by("pk"))
    for subscription in changed:
        subscription.definition = definition
        set_next_due(subscription, at=at)
    ReportSubscription.objects.bulk_update(changed, ["next_period", "next_due_at"])


def _refuse_unless_may(subscription: ReportSubscription, by: User) -> None:
    if subscription.person_id == by.pk or by.has_perm(MANAGES):
        return
    raise SubscriptionRefusedError(_("You may change your own subscriptions only."))


def _picked(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields as the journal keeps them: related rows by number."""
    return {
        name: getattr(row, f"{name}_id" if hasattr(row, f"{name}_id") else name)
        for name in names
    }


def _journal_change(
    kind: str,
    subject: Any,
    by: User,
    at: datetime,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    changed = [name for name in new if old[name] != new[name]]
    journal.record(
        kind=kind,
        subject=subject,
        by=by,
        at=at,
        old={name: old[name] for name in changed},
        new={name: new[name] for name in changed},
    )
