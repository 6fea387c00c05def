"""Log what was done for a partnership."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners.models import Activity, ActivityKind, Contact, Cooperation, Partner
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock

EDITABLE = (
    "kind",
    "happened_at",
    "summary",
    "details",
    "minutes",
    "is_executive",
    "is_business_review",
)


class ActivityRefusedError(DomainError):
    """The activity cannot be logged like this."""

    code = "activity.refused"
    is_input = True


@transaction.atomic
def log_activity(
    *,
    partner: Partner,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    cooperation: Cooperation | None = None,
    people: Iterable[User] = (),
    contacts: Iterable[Contact] = (),
) -> Activity:
    """Log one meeting, call, mail, note or document.

    :param values: fields of `EDITABLE`; kind and summary are needed, `happened_at` is
        `at` unless given and never later.
    :raises ActivityRefusedError: naming what does not fit.
    """
    check_fields(values, EDITABLE)
    fields = {"happened_at": at, **values}
    _check(fields, at)
    if cooperation is not None and cooperation.partner_id != partner.pk:
        raise ActivityRefusedError(
            _("The cooperation belongs to another partner."), code="activity.elsewhere"
        )
    theirs = list(contacts)
    if any(contact.partner_id != partner.pk for contact in theirs):
        raise ActivityRefusedError(
            _("A contact belongs to another partner."), code="activity.elsewhere"
        )
    activity = Activity.objects.create(
        partner=partner, cooperation=cooperation, logged_by=by, **fields
    )
    activity.people.set(list(people))
    activity.contacts.set(theirs)
    _act(activity, by, at).record(
        "activity.logged",
        activity,
        new={"kind": activity.kind, "happened_at": activity.happened_at},
    )
    return activity


@transaction.atomic
def edit_activity(
    *,
    activity: Activity,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Activity:
    """Correct what was logged; the journal keeps what it said before.

    :raises ActivityRefusedError: naming what does not fit.
    """
    check_fields(values, EDITABLE)
    fresh = lock(activity, expected_version=expected_version)
    _check({**{name: getattr(fresh, name) for name in EDITABLE}, **values}, at)
    change(fresh, values, kind="activity.edited", act=_act(fresh, by, at))
    return fresh


def _act(activity: Activity, by: User, at: datetime) -> Act:
    return Act(by, at, activity.partner_id, activity.cooperation_id)


def _check(fields: Mapping[str, Any], at: datetime) -> None:
    if fields.get("kind") not in ActivityKind.values:
        raise ActivityRefusedError(_("Choose what it was."), code="activity.kind")
    if not str(fields.get("summary", "")).strip():
        raise ActivityRefusedError(
            _("Say in a line what it was about."), code="activity.summary"
        )
    if fields["happened_at"] > at:
        raise ActivityRefusedError(
            _("What is logged has happened already."), code="activity.future"
        )
