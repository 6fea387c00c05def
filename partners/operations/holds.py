"""Putting a cooperation on hold and resuming it; the hold has its own clock."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners import stages
from partners.models import Cooperation, Hold, StageTransition
from partners.operations.locks import lock_cooperation
from partners.queries import ladder


class HoldRefusedError(DomainError):
    """It cannot be put on hold or resumed."""

    code = "hold.refused"


@transaction.atomic
def put_on_hold(
    *,
    cooperation: Cooperation,
    reason: str,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Cooperation:
    """Let a cooperation rest; its days in stage stop counting.

    :raises HoldRefusedError: when it is closed, on hold already, or `at` lies in an
        earlier stage or hold; or without a reason.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    fresh = lock_cooperation(cooperation, expected_version=expected_version)
    if fresh.closed_at is not None:
        raise HoldRefusedError(_("It is closed."), code="hold.closed")
    if fresh.on_hold_since is not None:
        raise HoldRefusedError(_("It is on hold already."), code="hold.on-hold")
    if not reason.strip():
        raise HoldRefusedError(_("A hold needs a reason."), code="hold.needs-reason")
    stay = ladder.open_stay(fresh)
    if at < stay.entered_at or fresh.holds.filter(ended_at__gt=at).exists():
        raise HoldRefusedError(
            _("A hold cannot begin in an earlier stage or hold."), code="hold.too-early"
        )
    Hold.objects.create(
        cooperation=fresh, stay=stay, began_at=at, reason=reason.strip(), by=by
    )
    versions.advance(fresh, expected=None, on_hold_since=at, hold_reason=reason.strip())
    journal.record(
        kind="cooperation.put-on-hold",
        subject=fresh,
        by=by,
        at=at,
        partner_id=fresh.partner_id,
        new={"reason": reason.strip(), "stage": fresh.stage_id},
    )
    return fresh


@transaction.atomic
def resume(
    *,
    cooperation: Cooperation,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Cooperation:
    """Let a cooperation go on; its days in stage count again.

    :raises HoldRefusedError: when it is not on hold, or `at` is before the hold began.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    fresh = lock_cooperation(cooperation, expected_version=expected_version)
    if fresh.on_hold_since is None:
        raise HoldRefusedError(_("It is not on hold."), code="hold.not-on-hold")
    held = end_open_hold(cooperation=fresh, by=by, at=at)
    versions.advance(fresh, expected=None, on_hold_since=None, hold_reason="")
    journal.record(
        kind="cooperation.resumed",
        subject=fresh,
        by=by,
        at=at,
        partner_id=fresh.partner_id,
        new={"held_seconds": int(held.total_seconds()), "stage": fresh.stage_id},
    )
    return fresh


def end_open_hold(*, cooperation: Cooperation, by: User, at: datetime) -> timedelta:
    """Close the open hold of a locked cooperation, if any; return how long it was.

    :raises HoldRefusedError: when `at` is before the hold began.
    """
    began_at = cooperation.on_hold_since
    if began_at is None:
        return timedelta()
    if at < began_at:
        raise HoldRefusedError(
            _("A hold cannot end before it began."), code="hold.too-early"
        )
    Hold.objects.filter(cooperation=cooperation, ended_at__isnull=True).update(
        ended_at=at, ended_by=by
    )
    return at - began_at


def held_seconds(*, stay: StageTransition, at: datetime) -> int:
    """Whole seconds of a stay that were on hold until `at`.

    :raises HoldRefusedError: when a hold of this stay lasted beyond `at`.
    """
    spans = list(stay.holds.values_list("began_at", "ended_at"))
    if any(ended_at is not None and ended_at > at for _began, ended_at in spans):
        raise HoldRefusedError(
            _("It was on hold at that time; choose a later one."), code="hold.too-early"
        )
    held = sum(
        (
            stages.overlap(
                began_at=began_at, ended_at=ended_at, start=stay.entered_at, end=at
            )
            for began_at, ended_at in spans
        ),
        timedelta(),
    )
    return int(held.total_seconds())
