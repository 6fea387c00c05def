"""How an agreement moves: review, both signatures, active, ended, superseded."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from deals import agreements
from deals.agreements import AgreementStatus, AgreementType, Side
from deals.models import Agreement, AgreementStatusChange
from deals.operations.agreements import (
    AgreementInputError,
    AgreementRefusedError,
    advance,
)
from deals.operations.amendments import apply_amendment
from partners.models import Contact
from partners.operations.changes import Act
from partners.operations.locks import lock


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signed on which day; the name is a colleague's or a contact's of the partner."""

    side: str
    signed_on: date
    colleague: User | None = None
    contact: Contact | None = None


@transaction.atomic
def send_to_review(
    *, agreement: Agreement, by: User, at: datetime, expected_version: int | None = None
) -> Agreement:
    """Let legal and the partner read it.

    :raises AgreementRefusedError: unless it is a draft.
    """
    locked = lock(agreement, expected_version=expected_version)
    return move(locked, to=AgreementStatus.IN_REVIEW, by=by, at=at)


@transaction.atomic
def return_to_draft(
    *,
    agreement: Agreement,
    reason: str,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Agreement:
    """Take it back for changes; signatures given so far fall away.

    :raises AgreementRefusedError: unless it is in review.
    """
    locked = lock(agreement, expected_version=expected_version)
    unsigned: dict[str, Any] = {
        "signed_by_us_on": None,
        "our_signatory": None,
        "signed_by_them_on": None,
        "their_signatory": None,
    }
    return move(
        locked, to=AgreementStatus.DRAFT, by=by, at=at, reason=reason, also=unsigned
    )


@transaction.atomic
def sign_agreement(
    *,
    agreement: Agreement,
    signature: Signature,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Agreement:
    """Record one side's signature; with both it is signed, and active once effective.

    Without an effective date it is effective from the later signature on.

    :raises AgreementRefusedError: unless it is in review, or when that side has signed.
    :raises AgreementInputError: for a day in the future, or a contact of another partner.
    """
    locked = lock(agreement, expected_version=expected_version)
    if locked.status != AgreementStatus.IN_REVIEW:
        raise AgreementRefusedError(
            _("“%(title)s” is %(status)s; it is signed from review.")
            % {"title": locked, "status": locked.get_status_display()},
            code="agreement.not-in-review",
        )
    changes = _signed(locked, signature, at=at)
    advance(locked, changes)
    Act(by, at, locked.partner_id).record("agreement.signed", locked, new=changes)
    if locked.signed_by_us_on is None or locked.signed_by_them_on is None:
        return locked
    latest = max(locked.signed_by_us_on, locked.signed_by_them_on)
    effective: dict[str, Any] = {}
    if locked.effective_on is None:
        effective = {"effective_on": latest}
    move(locked, to=AgreementStatus.SIGNED, by=by, at=at, also=effective)
    if locked.effective_on is not None and locked.effective_on <= at.date():
        activate(locked, by=by, at=at)
    return locked


@transaction.atomic
def activate_agreement(*, agreement: Agreement, by: User, at: datetime) -> Agreement:
    """Let a signed agreement be active from its effective date on.

    The product does this by itself on the day; this is for whoever does not wait.

    :raises AgreementRefusedError: unless it is signed and effective.
    """
    locked = lock(agreement)
    if locked.effective_on is not None and locked.effective_on > at.date():
        raise AgreementRefusedError(
            _("“%(title)s” is effective on %(day)s only.")
            % {"title": locked, "day": locked.effective_on},
            code="agreement.not-effective",
        )
    return activate(locked, by=by, at=at)


def activate(locked: Agreement, *, by: User | None, at: datetime) -> Agreement:
    """Move a locked agreement to active; an amendment changes what it amends."""
    move(locked, to=AgreementStatus.ACTIVE, by=by, at=at)
    if locked.agreement_type == AgreementType.AMENDMENT:
        apply_amendment(amendment=locked, by=by, at=at)
    return locked


@transaction.atomic
def terminate_agreement(
    *,
    agreement: Agreement,
    reason: str,
    by: User,
    at: datetime,
    ended_on: date | None = None,
    expected_version: int | None = None,
) -> Agreement:
    """End it before its time, or drop what was never signed.

    :raises AgreementRefusedError: when it has ended already.
    :raises AgreementInputError: without a reason.
    """
    locked = lock(agreement, expected_version=expected_version)
    if not reason.strip():
        raise AgreementInputError(_("Say why."), code="agreement.needs-reason")
    ended = {"ended_on": ended_on or at.date(), "ended_reason": reason.strip()}
    return move(
        locked,
        to=AgreementStatus.TERMINATED,
        by=by,
        at=at,
        reason=reason,
        also=ended,
    )


@transaction.atomic
def supersede_agreement(
    *, agreement: Agreement, successor: Agreement, by: User, at: datetime
) -> Agreement:
    """Let another agreement in force take its place.

    :raises AgreementRefusedError: unless both are in force, for the same partner.
    """
    locked = lock(agreement)
    other = lock(successor)
    is_fitting = (
        other.pk != locked.pk
        and other.partner_id == locked.partner_id
        and other.status in agreements.IN_FORCE
    )
    if not is_fitting:
        raise AgreementRefusedError(
            _("What takes its place is signed by both and of the same partner."),
            code="agreement.successor",
        )
    return move(
        locked,
        to=AgreementStatus.SUPERSEDED,
        by=by,
        at=at,
        also={"superseded_by": other, "ended_on": at.date()},
    )


@transaction.atomic
def give_notice(
    *, agreement: Agreement, on: date, by: User, at: datetime, reason: str = ""
) -> Agreement:
    """Write down that notice was given: it will not renew, and nobody is reminded of it.

    :raises AgreementRefusedError: unless it is active and has an end, or after the deadline.
    """
    locked = lock(agreement)
    if locked.status != AgreementStatus.ACTIVE or locked.expires_on is None:
        raise AgreementRefusedError(
            _("Notice is given on an active agreement that has an end."),
            code="agreement.no-notice",
        )
    deadline = locked.notice_deadline_on
    if deadline is not None and on > deadline:
        raise AgreementRefusedError(
            _("Notice had to be given by %(day)s.") % {"day": deadline},
            code="agreement.notice-too-late",
        )
    advance(locked, {"notice_given_on": on})
    Act(by, at, locked.partner_id).record(
        "agreement.notice-given", locked, new={"on": on, "reason": reason.strip()}
    )
    return locked


def move(
    locked: Agreement,
    *,
    to: AgreementStatus,
    by: User | None,
    at: datetime,
    reason: str = "",
    also: dict[str, Any] | None = None,
) -> Agreement:
    """Close the stay in the status, open the next; `also` is what changes with it.

    :raises AgreementRefusedError: when the status may not follow.
    """
    current = AgreementStatus(locked.status)
    if not agreements.may_become(current=current, to=to):
        raise AgreementRefusedError(
            _("“%(title)s” is %(status)s; it cannot become %(to)s.")
            % {"title": locked, "status": current.label, "to": to.label},
            code="agreement.status-not-allowed",
        )
    if at < locked.status_since:
        raise AgreementInputError(
            _("It came into its status later than that."), code="agreement.too-early"
        )
    locked.status_changes.filter(exited_at__isnull=True).update(exited_at=at)
    AgreementStatusChange.objects.create(
        agreement=locked,
        from_status=current,
        to_status=to,
        entered_at=at,
        by=by,
        reason=reason.strip(),
    )
    advance(locked, {"status": str(to), "status_since": at, **(also or {})})
    new = {"status": locked.status, "reason": reason.strip()}
    Act(by, at, locked.partner_id).record(
        "agreement.status-moved", locked, old={"status": str(current)}, new=new
    )
    return locked


def _signed(locked: Agreement, signature: Signature, *, at: datetime) -> dict[str, Any]:
    """Return what one signature changes."""
    is_ours = signature.side == Side.OURS
    known = locked.signed_by_us_on if is_ours else locked.signed_by_them_on
    if known is not None:
        raise AgreementRefusedError(
            _("That side has signed on %(day)s.") % {"day": known},
            code="agreement.signed-already",
        )
    if signature.signed_on > at.date():
        raise AgreementInputError(_("Nobody has signed in the future."))
    effective = locked.effective_on
    if effective is not None and signature.signed_on > effective:
        raise AgreementInputError(
            _("It is effective on %(day)s, before that signature; change the date.")
            % {"day": effective},
            code="agreement.signed-late",
        )
    if is_ours:
        return {
            "signed_by_us_on": signature.signed_on,
            "our_signatory": signature.colleague,
        }
    contact = signature.contact
    if contact is not None and contact.partner_id != locked.partner_id:
        raise AgreementInputError(
            _("That person belongs to another partner."), code="agreement.elsewhere"
        )
    return {"signed_by_them_on": signature.signed_on, "their_signatory": contact}
