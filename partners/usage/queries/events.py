"""Provisional usage: what programs reported for days that no bill covers yet."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, Sum
from django.db.models.functions import Cast

from crm.accounts.models import User
from partners.usage.models import MeteredEvent

MOST_ROWS = 10_000
EXACT: DecimalField[Decimal, Decimal] = DecimalField(max_digits=38, decimal_places=6)


@dataclass(frozen=True, slots=True)
class ProvisionalUsage:
    """What one account reported of one model on one day that is not billed yet."""

    day: date
    account_id: int
    model: str
    tokens_in: Decimal
    tokens_out: Decimal
    requests: Decimal
    gpu_seconds: Decimal
    events: int


def provisional_usage(
    *, user: User, since: date, until: date, account_id: int | None = None
) -> list[ProvisionalUsage]:
    """Return reported usage per day, account and model that no delivery covers, as visible.

    :param until: day after the last one. Costs one query beside that of the person's reach.
    """
    events = (
        MeteredEvent.objects.visible_to(user)
        .provisional()
        .filter(charge_day__gte=since, charge_day__lt=until)
    )
    if account_id is not None:
        events = events.filter(account=account_id)
    measures = ("tokens_in", "tokens_out", "requests", "gpu_seconds")
    rows = (
        events.values("charge_day", "account_id", "model")
        .annotate(
            events=Count("pk"),
            **{f"sum_of_{name}": Sum(Cast(name, EXACT)) for name in measures},
        )
        .order_by("charge_day", "account_id", "model")
        .values_list(
            "charge_day",
            "account_id",
            "model",
            *(f"sum_of_{name}" for name in measures),
            "events",
        )
    )
    return [ProvisionalUsage(*row) for row in rows[:MOST_ROWS]]
