"""The end of a commitment: what was not drawn is charged, rolled over or waived."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from deals.commitments import CommitmentStatus, Milestone, ShortfallPolicy
from deals.models import Commitment, DrawdownEntry, EntryKind
from deals.operations import commitments, drawdowns
from deals.operations.terms import CommitmentRefusedError
from partners.operations.changes import Act
from partners.operations.locks import lock
from partners.usage.queries import counting as usage


@transaction.atomic
def settle_commitment(
    *,
    commitment: Commitment,
    by: User,
    at: datetime,
    into: Commitment | None = None,
    expected_version: int | None = None,
) -> Commitment:
    """Close a commitment whose term is over and whose months are all final.

    The rest of the balance becomes the shortfall, and is charged, waived, or rolled over
    into another commitment, as the policy says. Its ledger does not follow usage any more.

    :param into: the commitment that takes a shortfall that is rolled over.
    :raises CommitmentRefusedError: before the end, before its months are closed, when it
        has ended, when usage could not be posted, or when `into` is missing or does not fit.
    """
    drawdowns.lock_ledgers([commitment.partner_id])
    fresh = lock(commitment, expected_version=expected_version)
    if fresh.status != CommitmentStatus.ACTIVE:
        raise CommitmentRefusedError(
            _("It is: %(status)s.") % {"status": fresh.get_status_display()},
            code="commitment.ended",
        )
    if usage.closed_until(at=at) < fresh.end_on:
        raise CommitmentRefusedError(
            _("The last month is not closed yet; its usage may still change."),
            code="commitment.not-final",
        )
    done = drawdowns.post_partners(partner_ids=[fresh.partner_id], at=at)
    if fresh.partner_id in done.problems:
        raise CommitmentRefusedError(
            done.problems[fresh.partner_id], code="commitment.not-posted"
        )
    latest = fresh.entries.order_by("-number").first()
    shortfall = latest.balance_after if latest else fresh.amount
    if shortfall > 0 and fresh.shortfall_policy == ShortfallPolicy.ROLL_OVER:
        _check_successor(fresh, into)
    return _close(fresh, latest, into=into, by=by, at=at)


def _check_successor(fresh: Commitment, into: Commitment | None) -> None:
    is_fit = (
        into is not None
        and into.pk != fresh.pk
        and into.partner_id == fresh.partner_id
        and into.measure == fresh.measure
        and into.interval_amount is None
    )
    if not is_fit:
        raise CommitmentRefusedError(
            _(
                "Say into which commitment of the same partner, in the same unit and"
                " settled at its end, the rest is rolled over."
            ),
            code="commitment.needs-successor",
        )


def _close(
    fresh: Commitment,
    latest: DrawdownEntry | None,
    *,
    into: Commitment | None,
    by: User,
    at: datetime,
) -> Commitment:
    shortfall = latest.balance_after if latest else fresh.amount
    is_rolled = fresh.shortfall_policy == ShortfallPolicy.ROLL_OVER and shortfall > 0
    if shortfall and latest is not None:
        DrawdownEntry.objects.create(
            commitment=fresh,
            number=latest.number + 1,
            kind=EntryKind.SETTLEMENT,
            source_line="settlement",
            amount=shortfall,
            balance_after=0,
            posted_at=at,
            note=str(ShortfallPolicy(fresh.shortfall_policy).label),
        )
    status = CommitmentStatus.EXPIRED if shortfall else CommitmentStatus.COMPLETED
    versions.advance(
        fresh,
        expected=None,
        status=status,
        settled_at=at,
        rolled_into=into if is_rolled else None,
    )
    facts: dict[str, Any] = {
        "status": status,
        "shortfall": shortfall,
        "policy": fresh.shortfall_policy,
        "at_milestones": fresh.entries.aggregate(total=Sum("shortfall"))["total"],
        "rolled_into": into.pk if into and is_rolled else None,
    }
    Act(by, at, fresh.partner_id).record("commitment.settled", fresh, new=facts)
    if is_rolled and into is not None:
        _roll_over(fresh, into, by=by, at=at)
    return fresh


def _roll_over(fresh: Commitment, into: Commitment, *, by: User, at: datetime) -> None:
    """Add the shortfall to the successor, as an amendment of it."""
    shortfall = fresh.entries.get(kind=EntryKind.SETTLEMENT).amount
    milestones = commitments.milestones_of(into)
    if milestones:
        latest = milestones.pop()
        milestones.append(
            Milestone(due_on=latest.due_on, target=latest.target + shortfall)
        )
    commitments.amend_commitment(
        commitment=into,
        values={"amount": into.amount + shortfall},
        milestones=milestones or None,
        reason=_("Rolled over from %(code)s.") % {"code": fresh.code},
        by=by,
        at=at,
    )
