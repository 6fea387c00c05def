"""The terms of a commitment: what follows from them, and whether they fit together."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from deals import drawdowns
from deals.commitments import (
    MONEY_KINDS,
    UNITS,
    CommitmentKind,
    Milestone,
    Settlement,
)
from deals.models import Agreement, Commitment


class CommitmentRefusedError(DomainError):
    """The commitment cannot be recorded, changed or ended like this."""

    code = "commitment.refused"


class CommitmentTermsError(CommitmentRefusedError):
    """The terms do not fit together."""

    code = "commitment.terms"
    is_input = True


def complete(row: Commitment, *, is_amended: bool = True) -> None:
    """Fill in what follows from the terms: the unit, and the amount of all intervals."""
    if row.kind in MONEY_KINDS:
        row.unit = ""
    else:
        row.unit = next((unit for kind, unit in UNITS.items() if kind == row.kind), "")
        row.currency = ""
    if row.settlement != Settlement.CONTINUOUS:
        row.interval, row.interval_amount = drawdowns.Interval.FULL_PERIOD, None
        return
    if row.interval_amount and is_amended and _has_term(row):
        count = len(
            drawdowns.starts_of(row.interval, start_on=row.start_on, end_on=row.end_on)
        )
        row.amount = row.interval_amount * count


def _has_term(row: Commitment) -> bool:
    days: list[Any] = [row.start_on, row.end_on]
    return None not in days and days[0] < days[1]


def check(row: Commitment, milestones: Sequence[Milestone]) -> None:
    """Refuse terms that the database would refuse, in words."""
    faults = [words for is_wrong, words in _faults(row) if is_wrong]
    if faults:
        raise CommitmentTermsError(" ".join(faults))
    check_paper(row.agreement, row)
    _check_milestones(row, milestones)


def _faults(row: Commitment) -> list[tuple[bool, str]]:
    is_continuous = row.settlement == Settlement.CONTINUOUS
    has_term = _has_term(row)
    return [
        (not (row.title.strip() and row.code.strip()),
         _("A commitment needs a title and a code.")),
        (row.kind not in CommitmentKind.values, _("Say what was promised.")),
        (row.kind in MONEY_KINDS and not row.currency, _("Money needs a currency.")),
        (not has_term, _("It needs a start, and an end after it.")),
        (is_continuous and not (row.interval_amount or 0) > 0,
         _("Say how much is promised per interval.")),
        (not is_continuous and not (row.amount or 0) > 0,
         _("Say how much is promised; more than nothing.")),
        (is_continuous and has_term and not drawdowns.fits(
            row.interval, start_on=row.start_on, end_on=row.end_on),
         _("The term is no whole number of intervals.")),
    ]  # fmt: skip


def check_paper(agreement: Agreement | None, row: Commitment) -> None:
    if agreement is not None and agreement.partner_id != row.partner_id:
        raise CommitmentTermsError(
            _("The agreement is with another partner."), code="commitment.other-paper"
        )


def _check_milestones(row: Commitment, milestones: Sequence[Milestone]) -> None:
    if not milestones:
        return
    ordered = sorted(milestones, key=lambda one: one.due_on)
    targets = [one.target for one in ordered]
    if len({one.due_on for one in ordered}) < len(ordered):
        raise CommitmentTermsError(_("Each milestone needs a day of its own."))
    if targets != sorted(targets) or targets[0] <= 0:
        raise CommitmentTermsError(
            _("Targets are cumulative: above zero and never falling.")
        )
    if targets[-1] != row.amount:
        raise CommitmentTermsError(
            _("The last milestone must be the amount, %(amount)s.")
            % {"amount": f"{row.amount:f}"}
        )
    if ordered[0].due_on <= row.start_on or ordered[-1].due_on > row.end_on:
        raise CommitmentTermsError(_("Milestones lie within the term."))
