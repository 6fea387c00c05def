"""Business reviews: written down with who took part, what came out, and when the next is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners.models import (
    Activity,
    ActivityKind,
    Attachment,
    BusinessReview,
    Contact,
    Cooperation,
    Partner,
)
from partners.operations.activities import log_activity
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock

FIELDS = ("held_on", "outcomes", "next_due_on", "pack")
EDITABLE = ("outcomes", "next_due_on", "pack")
QUARTER = timedelta(days=91)
"""After which the next review is due when nobody says otherwise."""


class ReviewRefusedError(DomainError):
    """The business review cannot be recorded like this."""

    code = "review.refused"
    is_input = True


@dataclass(frozen=True, kw_only=True)
class Participants:
    """Who took part.

    :ivar are_executives: executives of both sides met.
    """

    people: Sequence[User] = ()
    contacts: Sequence[Contact] = ()
    are_executives: bool = True


@transaction.atomic
def record_review(
    *,
    partner: Partner,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    cooperation: Cooperation | None = None,
    participants: Participants | None = None,
) -> BusinessReview:
    """Record a review that took place; its meeting is logged with it.

    :param values: fields of `FIELDS`; the day and the outcomes are needed.
    :raises ReviewRefusedError: naming what does not fit.
    :raises ActivityRefusedError: for participants who belong elsewhere.
    """
    check_fields(values, FIELDS)
    fields = _complete(values, partner_id=partner.pk, at=at)
    meeting = _log(
        partner, cooperation, participants or Participants(), fields, by=by, at=at
    )
    review = BusinessReview.objects.create(
        partner=partner,
        cooperation=cooperation,
        meeting=meeting,
        recorded_by=by,
        **fields,
    )
    _act(review, by, at).record("review.recorded", review, new=fields)
    return review


@transaction.atomic
def edit_review(
    *,
    review: BusinessReview,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> BusinessReview:
    """Correct the outcomes, the next date or the pack of a review.

    :raises ReviewRefusedError: naming what does not fit.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    check_fields(values, EDITABLE)
    fresh = lock(review, expected_version=expected_version)
    merged = {**{name: getattr(fresh, name) for name in EDITABLE}, **values}
    _check(merged, held_on=fresh.held_on, partner_id=fresh.partner_id)
    change(fresh, values, kind="review.edited", act=_act(fresh, by, at))
    return fresh


def _complete(
    values: Mapping[str, Any], *, partner_id: int, at: datetime
) -> dict[str, Any]:
    fields = {"next_due_on": None, "pack": None, **values}
    held_on: date | None = fields.get("held_on")
    if held_on is None or held_on > at.date():
        raise ReviewRefusedError(
            _("Say on which day it was held; not one to come."), code="review.day"
        )
    fields["next_due_on"] = fields["next_due_on"] or held_on + QUARTER
    _check(fields, held_on=held_on, partner_id=partner_id)
    return fields


def _log(
    partner: Partner,
    cooperation: Cooperation | None,
    present: Participants,
    fields: Mapping[str, Any],
    *,
    by: User,
    at: datetime,
) -> Activity:
    noon = datetime.combine(fields["held_on"], time(12), tzinfo=UTC)
    return log_activity(
        partner=partner,
        cooperation=cooperation,
        values={
            "kind": ActivityKind.MEETING,
            "happened_at": min(at, noon),
            "summary": _("Business review"),
            "is_business_review": True,
            "is_executive": present.are_executives,
        },
        people=present.people,
        contacts=present.contacts,
        by=by,
        at=at,
    )


def _check(fields: Mapping[str, Any], *, held_on: date, partner_id: int) -> None:
    if not str(fields.get("outcomes") or "").strip():
        raise ReviewRefusedError(
            _("Say what came of the review."), code="review.no-outcomes"
        )
    due: date | None = fields["next_due_on"]
    if due is None or due <= held_on:
        raise ReviewRefusedError(
            _("The next review comes after this one."), code="review.next"
        )
    pack: Attachment | None = fields["pack"]
    if pack is not None and (pack.partner_id != partner_id or pack.removed_at):
        raise ReviewRefusedError(
            _("The pack must be a document of this partner."), code="review.pack"
        )


def _act(review: BusinessReview, by: User, at: datetime) -> Act:
    return Act(by, at, review.partner_id, review.cooperation_id)
