"""Commitments: recorded, amended, begun, settled, cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.journal import operations as journal
from crm.journal.operations import Draft
from deals.commitments import (
    CommitmentStatus,
    Milestone,
)
from deals.models import (
    Agreement,
    Commitment,
    CommitmentAmendment,
    CommitmentEligibility,
    CommitmentMilestone,
)
from deals.operations import drawdowns as posting
from deals.operations import terms
from deals.operations.terms import CommitmentRefusedError, CommitmentTermsError
from partners.models import Partner
from partners.operations.changes import Act, change, check_fields, plain
from partners.operations.locks import lock

PLAIN = ("title", "owner", "note", "agreement")
"""What is edited without an amendment."""

AMENDABLE = (
    "amount",
    "interval_amount",
    "end_on",
    "priority",
    "shortfall_policy",
    "is_prepaid",
    "cost_column",
    "counts_credits",
    "counts_refunds",
    "counts_purchases",
)
"""Terms: what changes only by an amendment, with its reason."""

FIRST_TERMS = (
    "code", "kind", "settlement", "interval", "currency", "start_on",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Counts:
    """One value of a dimension that counts, or does not."""

    dimension: str
    value: str
    is_excluded: bool = False


@transaction.atomic
def record_commitment(
    *,
    partner: Partner,
    values: Mapping[str, Any],
    milestones: Sequence[Milestone] = (),
    counts: Sequence[Counts] = (),
    by: User,
    at: datetime,
) -> Commitment:
    """Record what a partner promised, and post what it has drawn already.

    :param values: fields of `PLAIN`, `FIRST_TERMS` and `AMENDABLE`; title, code, kind,
        start and end are needed, and the amount or, where it is settled per interval, the
        amount per interval.
    :param milestones: cumulative targets; the last is the amount.
    :param counts: what counts; nothing means all usage.
    :raises CommitmentTermsError: when the terms do not fit together.
    """
    check_fields(values, (*PLAIN, *FIRST_TERMS, *AMENDABLE))
    posting.lock_ledgers([partner.pk])
    row = Commitment(partner=partner, **values)
    terms.complete(row)
    terms.check(row, milestones)
    row.status = _status_on(row, at.date())
    row.save(force_insert=True)
    _put(row, milestones, counts)
    _act(row, by, at).record(
        "commitment.recorded",
        row,
        new={**plain(values), **_lists(milestones, counts)},
    )
    posting.post_partners(partner_ids=[partner.pk], at=at)
    return row


@transaction.atomic
def edit_commitment(
    *,
    commitment: Commitment,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Commitment:
    """Change title, owner, note or paper; terms change by `amend_commitment`.

    :raises CommitmentTermsError: when the paper is another partner's, or there is no title.
    """
    check_fields(values, PLAIN)
    fresh = lock(commitment, expected_version=expected_version)
    if not str(values.get("title", fresh.title)).strip():
        raise CommitmentTermsError(_("A commitment needs a title."))
    terms.check_paper(values.get("agreement"), fresh)
    change(fresh, values, kind="commitment.edited", act=_act(fresh, by, at))
    return fresh


@transaction.atomic
def amend_commitment(
    *,
    commitment: Commitment,
    values: Mapping[str, Any],
    reason: str,
    by: User,
    at: datetime,
    milestones: Sequence[Milestone] | None = None,
    counts: Sequence[Counts] | None = None,
    expected_version: int | None = None,
) -> Commitment:
    """Change the terms; the ledger follows at once, and the old terms are kept.

    :param values: fields of `AMENDABLE`, and `agreement` for the paper that amends it.
    :param milestones: all of them anew; None leaves them as they are.
    :param counts: all of it anew; None leaves it as it is.
    :raises CommitmentRefusedError: when it has ended, or nothing would change.
    :raises CommitmentTermsError: without a reason, or when the terms do not fit together.
    """
    values = dict(values)
    agreement: Agreement | None = values.pop("agreement", None)
    check_fields(values, AMENDABLE)
    if not reason.strip():
        raise CommitmentTermsError(_("Say why."), code="commitment.needs-reason")
    posting.lock_ledgers([commitment.partner_id])
    fresh = _running(commitment, expected_version)
    terms.check_paper(agreement, fresh)
    before = _terms(fresh)
    for name, value in values.items():
        setattr(fresh, name, value)
    terms.complete(fresh, is_amended="interval_amount" in values or "end_on" in values)
    steps = milestones_of(fresh) if milestones is None else milestones
    terms.check(fresh, steps)
    changed = {name: getattr(fresh, name) for name in AMENDABLE}
    versions.advance(fresh, expected=None, **changed)
    _put(fresh, milestones, counts)
    _keep_amendment(fresh, before, agreement, reason=reason, by=by, at=at)
    posting.post_partners(partner_ids=[fresh.partner_id], at=at)
    return fresh


def begin_due(*, at: datetime) -> int:
    """Let scheduled commitments begin whose first day has come; return how many."""
    with transaction.atomic():
        due = list(
            Commitment.objects.select_for_update(skip_locked=True)
            .filter(status=CommitmentStatus.SCHEDULED, start_on__lte=at.date())
            .order_by("pk")
        )
        Commitment.objects.filter(pk__in=[row.pk for row in due]).update(
            status=CommitmentStatus.ACTIVE
        )
        journal.record_many(
            drafts=[
                Draft(
                    kind="commitment.begun",
                    subject=row,
                    partner_id=row.partner_id,
                    new={"status": CommitmentStatus.ACTIVE},
                )
                for row in due
            ],
            by=None,
            at=at,
        )
        return len(due)


@transaction.atomic
def cancel_commitment(
    *, commitment: Commitment, reason: str, by: User, at: datetime
) -> Commitment:
    """Give a commitment up before its end; its ledger stays as it is.

    :raises CommitmentRefusedError: when it has ended, or without a reason.
    """
    if not reason.strip():
        raise CommitmentTermsError(_("Say why."), code="commitment.needs-reason")
    posting.lock_ledgers([commitment.partner_id])
    fresh = _running(commitment, None)
    values = {"status": CommitmentStatus.CANCELLED, "ended_reason": reason.strip()}
    change(fresh, values, kind="commitment.cancelled", act=_act(fresh, by, at))
    posting.post_partners(partner_ids=[fresh.partner_id], at=at)
    return fresh


def _status_on(row: Commitment, day: date) -> CommitmentStatus:
    is_begun = row.start_on <= day
    return CommitmentStatus.ACTIVE if is_begun else CommitmentStatus.SCHEDULED


def _put(
    row: Commitment,
    milestones: Sequence[Milestone] | None,
    counts: Sequence[Counts] | None,
) -> None:
    if milestones is not None:
        row.milestones.all().delete()
        CommitmentMilestone.objects.bulk_create(
            CommitmentMilestone(commitment=row, due_on=one.due_on, target=one.target)
            for one in milestones
        )
    if counts is not None:
        row.eligibility.all().delete()
        unique = {(one.dimension, one.value.strip()): one for one in counts}
        CommitmentEligibility.objects.bulk_create(
            CommitmentEligibility(
                commitment=row,
                dimension=one.dimension,
                value=one.value.strip(),
                is_excluded=one.is_excluded,
            )
            for one in unique.values()
            if one.value.strip()
        )


def milestones_of(row: Commitment) -> list[Milestone]:
    return [
        Milestone(due_on=one.due_on, target=one.target)
        for one in row.milestones.order_by("due_on")
    ]


def _terms(row: Commitment) -> dict[str, Any]:
    """Return the terms as they stand, as the amendment and the journal keep them."""
    counts = [
        Counts(dimension=one.dimension, value=one.value, is_excluded=one.is_excluded)
        for one in row.eligibility.order_by("dimension", "value")
    ]
    plain_terms = {name: _text(getattr(row, name)) for name in AMENDABLE}
    return {**plain_terms, **_lists(milestones_of(row), counts)}


def _lists(milestones: Sequence[Milestone], counts: Sequence[Counts]) -> dict[str, Any]:
    return {
        "milestones": [
            [f"{m.due_on}", f"{m.target.normalize():f}"] for m in milestones
        ],
        "counts": [[c.dimension, c.value, c.is_excluded] for c in counts],
    }


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def _keep_amendment(
    row: Commitment,
    before: dict[str, Any],
    agreement: Agreement | None,
    *,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    after = _terms(row)
    names = [name for name in after if after[name] != before[name]]
    if not names:
        raise CommitmentRefusedError(
            _("Nothing would change."), code="commitment.nothing-changes"
        )
    old = {name: before[name] for name in names}
    new = {name: after[name] for name in names}
    CommitmentAmendment.objects.create(
        commitment=row,
        number=row.amendments.count() + 1,
        agreement=agreement,
        old=old,
        new=new,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    _act(row, by, at).record(
        "commitment.amended", row, old=old, new={**new, "reason": reason.strip()}
    )


def _running(commitment: Commitment, expected_version: int | None) -> Commitment:
    fresh = lock(commitment, expected_version=expected_version)
    if fresh.status not in (CommitmentStatus.SCHEDULED, CommitmentStatus.ACTIVE):
        raise CommitmentRefusedError(
            _("It is: %(status)s.") % {"status": fresh.get_status_display()},
            code="commitment.ended",
        )
    return fresh


def _act(row: Commitment, by: User, at: datetime) -> Act:
    return Act(by, at, row.partner_id)
