"""What a list of deals adds up to: by currency, and in one currency with its rates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from crm.core.money import Money
from crm.core.periods import Days
from crm.rates import queries as rates
from crm.rates.queries import Rate, RateMissingError
from deals.models import Deal
from deals.pipeline import OPEN

ZERO = Decimal(0)
MONEY = DecimalField(max_digits=30, decimal_places=4)


WEIGHTED = Case(
    When(
        stage__in=OPEN,
        then=F("amount") * F("probability") / Value(Decimal(100)),
    ),
    default=Value(ZERO),
    output_field=MONEY,
)


@dataclass(frozen=True, kw_only=True)
class CurrencyTotal:
    """What the deals of one currency add up to; weighted counts open deals only."""

    currency: str
    count: int
    amount: Decimal
    weighted: Decimal


@dataclass(frozen=True, kw_only=True)
class Totals:
    """A list's sums.

    :ivar amount: everything in `currency`, or None when a rate is missing.
    :ivar rates_from: the oldest day of a rate that was used; None where none was needed.
    :ivar missing: why there is no total in one currency, in words.
    """

    by_currency: tuple[CurrencyTotal, ...]
    currency: str
    count: int = 0
    without_amount: int = 0
    amount: Money | None = None
    weighted: Money | None = None
    rates_from: date | None = None
    rates_until: date | None = None
    missing: str = ""

    @property
    def is_mixed(self) -> bool:
        return any(each.currency != self.currency for each in self.by_currency)


def totals_of(rows: QuerySet[Deal], *, currency: str, on: date) -> Totals:
    """Return the sums of all these deals; two queries whatever their number.

    Open deals count at the rate of the day `on`, closed ones at that of their closing day
    (never later than `on`). A missing rate refuses the total in one currency; the sums by
    currency stay.
    """
    groups: list[Any] = list(
        rows.order_by()
        .annotate(
            rate_on=Case(
                When(stage__in=OPEN, then=Value(on)),
                default=Coalesce(F("closed_on"), Value(on)),
            )
        )
        .values("currency", "rate_on")
        .annotate(
            count=Count("pk"),
            priced=Count("amount"),
            total=Sum("amount", default=ZERO),
            weighted=Sum(WEIGHTED, default=ZERO),
        )
        .order_by("currency", "rate_on")
    )
    known = {
        "by_currency": _by_currency(groups),
        "currency": currency,
        "count": sum(group["count"] for group in groups),
        "without_amount": sum(group["count"] - group["priced"] for group in groups),
    }
    try:
        return Totals(**known, **_converted(groups, currency=currency, on=on))
    except RateMissingError as refusal:
        return Totals(**known, missing=str(refusal))


def _by_currency(groups: Iterable[dict[str, Any]]) -> tuple[CurrencyTotal, ...]:
    found: dict[str, CurrencyTotal] = {}
    for group in groups:
        code = group["currency"]
        before = found.get(code) or CurrencyTotal(
            currency=code, count=0, amount=ZERO, weighted=ZERO
        )
        found[code] = CurrencyTotal(
            currency=code,
            count=before.count + group["count"],
            amount=before.amount + group["total"],
            weighted=before.weighted + group["weighted"],
        )
    return tuple(found.values())


def _converted(
    groups: list[dict[str, Any]], *, currency: str, on: date
) -> dict[str, Any]:
    """Return the sums in one currency.

    :raises RateMissingError: when a rate is missing.
    """
    days = [min(group["rate_on"], on) for group in groups]
    converter = rates.converter(
        currencies={currency, *(group["currency"] for group in groups)},
        days=Days(min(days, default=on), _next(max(days, default=on))),
    )
    amount = weighted = Money(ZERO, currency)
    used: list[Rate] = []
    for group, day in zip(groups, days, strict=True):
        part = Money(group["total"], group["currency"])
        converted = converter.convert(part, to=currency, on=day)
        amount += converted.money
        share = Money(group["weighted"], group["currency"])
        weighted += converter.convert(share, to=currency, on=day).money
        if group["currency"] != currency:
            used.append(converted.rate)
    return {
        "amount": amount.rounded(),
        "weighted": weighted.rounded(),
        "rates_from": min((rate.rate_on for rate in used), default=None),
        "rates_until": max((rate.rate_on for rate in used), default=None),
    }


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
