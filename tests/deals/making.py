"""Typed makers of commitments and of what they are converted with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.rates.models import FxRate
from deals.commitments import MONEY_KINDS, Milestone
from deals.models import Commitment, Deal
from deals.operations import commitments
from deals.operations.commitments import Counts
from deals.pipeline import CATEGORY, PROBABILITY, ChangeKind, DealStage
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


@transaction.atomic
def deal(
    stage: str,
    amount: Decimal | int,
    *,
    partner: Partner | None = None,
    reached: str = DealStage.PROSPECT,
    opened_at: datetime = EARLY,
    **fields: Any,
) -> Deal:
    """Make a deal with the stays that led to it; `reached` is where it was lost from."""
    number = next(NUMBERS)
    owner = fields.pop("owner", None) or make.user(Role.ALLIANCE_MANAGER)
    whose = partner or make.partner()
    values: dict[str, Any] = {
        "title": f"Deal {number}",
        "code": f"MD-{number}",
        "amount": Decimal(amount),
        "probability": PROBABILITY[DealStage(stage)],
        "category": CATEGORY[DealStage(stage)],
    }
    if stage == DealStage.LAUNCHED:
        values |= {"won_reason": "price", "agreement": make.agreement(whose)}
    path = {
        DealStage.LAUNCHED: (DealStage.COMMITTED, ChangeKind.WIN),
        DealStage.CLOSED_LOST: (DealStage(reached), ChangeKind.LOSE),
    }.get(DealStage(stage))
    closed_at = opened_at + timedelta(hours=1)
    made = Deal.objects.create(
        partner=whose,
        stage=stage,
        stage_entered_at=closed_at if path else opened_at,
        owner=owner,
        **{**values, **fields},
    )
    _stays(made, path, opened_at=opened_at, closed_at=closed_at)
    return made


def _stays(
    made: Deal,
    path: tuple[DealStage, ChangeKind] | None,
    *,
    opened_at: datetime,
    closed_at: datetime,
) -> None:
    """Write the stay a deal began with, and the one that closed it."""
    by = made.owner or make.user()
    made.stage_changes.create(
        to_stage=path[0] if path else made.stage,
        kind=ChangeKind.START,
        entered_at=opened_at,
        exited_at=closed_at if path else None,
        by=by,
    )
    if path:
        made.stage_changes.create(
            from_stage=path[0],
            to_stage=made.stage,
            kind=path[1],
            entered_at=closed_at,
            by=by,
        )
