"""What a person decides about a delivery."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.reports.models import ReportDelivery, State, StoredMessage, Suppression
from crm.reports.models.reasons import Reason


class DeliveryRefusedError(DomainError):
    """Nothing of the kind can be done with a delivery in this state."""

    code = "reports.delivery"


AGAIN = {
    State.UNCERTAIN: State.READY,
    State.FAILED: State.READY,
    State.SKIPPED: State.DUE,
    State.SUPPRESSED: State.DUE,
}
"""From which state a person sends again, and where the delivery then stands."""


@transaction.atomic
def mark_as_sent(*, delivery: ReportDelivery, by: User, at: datetime) -> ReportDelivery:
    """Say that a doubtful mail did arrive.

    :raises DeliveryRefusedError: when it is not doubtful.
    """
    locked = _locked(delivery, State.UNCERTAIN)
    old = locked.state
    locked.state, locked.reason, locked.sent_at = State.SENT, "", at
    return _resolved(locked, old, by, at, kind="report.marked-as-sent")


@transaction.atomic
def mark_as_failed(
    *, delivery: ReportDelivery, by: User, at: datetime
) -> ReportDelivery:
    """Say that a doubtful mail did not arrive, and leave it at that.

    :raises DeliveryRefusedError: when it is not doubtful.
    """
    locked = _locked(delivery, State.UNCERTAIN)
    old = locked.state
    locked.state, locked.reason = State.FAILED, Reason.BY_PERSON
    return _resolved(locked, old, by, at, kind="report.marked-as-failed")


@transaction.atomic
def send_again(*, delivery: ReportDelivery, by: User, at: datetime) -> ReportDelivery:
    """Send a doubtful, failed, skipped or suppressed delivery after all.

    A frozen mail goes out with the same bytes, so a receiver that remembers its
    Message-ID drops the second copy.

    :raises DeliveryRefusedError: when it is sent or under way, or when the frozen mail
        is no longer kept.
    """
    locked = _locked(delivery, *AGAIN)
    old = State(locked.state)
    to = AGAIN[old]
    is_frozen = StoredMessage.objects.filter(pk=locked.pk).exists()
    if to is State.READY and not is_frozen:
        if locked.handed_over:
            raise DeliveryRefusedError(_("The mail itself is no longer kept."))
        to = State.DUE
    locked.state, locked.reason = to, ""
    locked.attempts, locked.next_attempt_at = 0, at
    locked.alarmed_at = None
    return _resolved(locked, old, by, at, kind="report.sent-again")


@transaction.atomic
def lift_suppression(
    *, suppression: Suppression, by: User, at: datetime
) -> Suppression:
    """Send to this address again.

    :raises DeliveryRefusedError: when it is lifted already.
    """
    locked = Suppression.objects.select_for_update().get(pk=suppression.pk)
    if locked.lifted_at is not None:
        raise DeliveryRefusedError(_("Mails to this address are not suppressed."))
    locked.lifted_at, locked.lifted_by = at, by
    locked.save(update_fields=["lifted_at", "lifted_by"])
    journal.record(kind="report.suppression-lifted", subject=locked, by=by, at=at)
    return locked


def _locked(delivery: ReportDelivery, *states: State) -> ReportDelivery:
    locked = ReportDelivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.state not in states:
        raise DeliveryRefusedError(
            _("There is nothing to decide here: %(state)s.")
            % {"state": State(locked.state).label}
        )
    return locked


def _resolved(
    delivery: ReportDelivery, old: str, by: User, at: datetime, *, kind: str
) -> ReportDelivery:
    delivery.owner, delivery.lease_until = "", None
    delivery.resolved_by, delivery.resolved_at = by, at
    delivery.save()
    journal.record(
        kind=kind,
        subject=delivery,
        by=by,
        at=at,
        old={"state": old},
        new={"state": delivery.state},
    )
    return delivery
