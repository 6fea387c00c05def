"""Typed makers of commitments and of what they are converted with."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.rates.models import FxRate
from deals.commitments import MONEY_KINDS, Milestone
from deals.models import Commitment
from deals.operations import commitments
from deals.operations.commitments import Counts
from partners.models import Partner
from tests import make
from tests.make import EARLY, NUMBERS


def commitment(
    partner_: Partner | None = None,
    *,
    amount: Decimal | int | str = 1000,
    start_on: date = date(2025, 1, 1),
    end_on: date = date(2026, 1, 1),
    by: User | None = None,
    at: datetime = EARLY,
    milestones: Sequence[Milestone] = (),
    counts: Sequence[Counts] = (),
    **fields: Any,
) -> Commitment:
    """Record a commitment; spend in dollars, all effective cost, unless fields say else."""
    number = next(NUMBERS)
    kind = fields.get("kind", "spend")
    values: dict[str, Any] = {
        "code": f"CM-{number}",
        "title": f"Commitment {number}",
        "kind": kind,
        "currency": "USD" if kind in MONEY_KINDS else "",
        "start_on": start_on,
        "end_on": end_on,
        "amount": Decimal(amount),
    }
    return commitments.record_commitment(
        partner=partner_ or make.partner(),
        values={**values, **fields},
        milestones=milestones,
        counts=counts,
        by=by or make.user(Role.FINANCE),
        at=at,
    )


def rate(base: str, quote: str, on: date, number: Decimal | str) -> FxRate:
    """Make an exchange rate of one day."""
    return FxRate.objects.create(
        base=base, quote=quote, date=on, rate=Decimal(number), source="made"
    )
