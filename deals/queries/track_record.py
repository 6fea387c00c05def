"""What came of forecasts: win rate, velocity, slippage, accuracy."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from crm.core.periods import Days, Quarter
from crm.rates.queries import RateMissingError
from deals import pipeline
from deals.drawdowns import months_later
from deals.models import Deal, DealSnapshot, DealStageChange
from deals.pipeline import (
    CLOSED,
    NOT_DECIDED,
    OPEN,
    QUALIFIED_OR_LATER,
    ChangeKind,
    DealStage,
)
from deals.queries.forecast import EVERYTHING, Slice
from deals.queries.sums import Adder, Total

ZERO = Decimal(0)
WON = ("amount", "currency", "closed_on", "stage_changes__entered_at")
FORECAST_WEEK = 4
"""In which week of a quarter the forecast is taken that accuracy is measured by."""


def trailing_year(at: datetime) -> Days:
    """Return the four quarters up to a day: twelve months, that day not included."""
    return Days(months_later(at.date(), -12), at.date())


@dataclass(frozen=True, kw_only=True)
class WinRate:
    """How many of the deals decided in the trailing four quarters were won.

    Decided are won deals, and lost ones that had reached Qualified; duplicates and
    administrative closures are none.
    """

    won: int
    lost: int
    won_amount: Total
    lost_amount: Total
    by_count: Decimal | None
    by_value: Decimal | None

    @property
    def decided(self) -> int:
        return self.won + self.lost


def win_rate(*, at: datetime, currency: str, of: Slice = EVERYTHING) -> WinRate:
    """Return the win rate by count and by value. Two queries."""
    days = trailing_year(at)
    reached = DealStageChange.objects.filter(
        deal=OuterRef("pk"), to_stage__in=QUALIFIED_OR_LATER
    )
    rows: Any = (
        of.deals()
        .filter(stage__in=CLOSED, closed_on__gte=days.start, closed_on__lt=days.end)
        .exclude(lost_reason__in=NOT_DECIDED)
        .filter(Q(stage=DealStage.LAUNCHED) | Exists(reached))
        .values("stage", "currency", "closed_on")
        .annotate(count=Count("pk"), total=Coalesce(Sum("amount"), ZERO))
        .order_by()
    )
    found: list[dict[str, Any]] = list(rows)
    adder = Adder(
        currency,
        currencies=[row["currency"] for row in found],
        days=[row["closed_on"] for row in found],
    )
    won = [row for row in found if row["stage"] == DealStage.LAUNCHED]
    lost = [row for row in found if row["stage"] != DealStage.LAUNCHED]
    won_amount, lost_amount = _total(adder, won), _total(adder, lost)
    counts = (sum(row["count"] for row in won), sum(row["count"] for row in lost))
    by_value = None
    if won_amount.amount is not None and lost_amount.amount is not None:
        whole = won_amount.amount + lost_amount.amount
        by_value = won_amount.amount / whole if whole else None
    return WinRate(
        won=counts[0],
        lost=counts[1],
        won_amount=won_amount,
        lost_amount=lost_amount,
        by_count=pipeline.win_rate(won=counts[0], lost=counts[1]),
        by_value=by_value,
    )


def _total(adder: Adder, rows: list[dict[str, Any]]) -> Total:
    return adder.total(
        (row["currency"], row["closed_on"], row["total"]) for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class Velocity:
    """How much is sold a day, and what it is made of."""

    open_deals: int
    win_rate: Decimal | None
    won_deals: int
    median_amount: Decimal | None
    median_cycle_days: Decimal | None
    per_day: Decimal | None
    currency: str
    refusal: str = ""


def velocity(
    *, at: datetime, currency: str, rate: WinRate, of: Slice = EVERYTHING
) -> Velocity:
    """Return open qualified deals × win rate × median won amount ÷ median cycle days.

    A cycle lasts from the first stage to the day of winning, at least a day.
    """
    days = trailing_year(at)
    open_deals = of.deals().filter(stage__in=QUALIFIED_OR_LATER).count()
    won = won_within(of, days).filter(stage_changes__kind=ChangeKind.START)
    rows: list[Any] = list(won.values_list(*WON))
    adder = Adder(
        currency, currencies=[row[1] for row in rows], days=[row[2] for row in rows]
    )
    middle, refusal = _median_amount(adder, rows)
    cycles = [max((on - start.date()).days, 1) for _a, _c, on, start in rows]
    cycle = Decimal(median(cycles)) if cycles else None
    per_day = None
    if middle is not None and cycle is not None and rate.by_count is not None:
        per_day = pipeline.velocity(
            open_deals=open_deals,
            win_rate=rate.by_count,
            median_amount=middle,
            median_cycle_days=cycle,
        )
    return Velocity(
        open_deals=open_deals,
        win_rate=rate.by_count,
        won_deals=len(rows),
        median_amount=middle,
        median_cycle_days=cycle,
        per_day=per_day,
        currency=currency,
        refusal=refusal,
    )


def _median_amount(adder: Adder, rows: list[Any]) -> tuple[Decimal | None, str]:
    """Return the median won amount, or the words that name the missing rate."""
    try:
        amounts = [adder.converted(code, on, amount)[0] for amount, code, on, _ in rows]
    except RateMissingError as error:
        return None, str(error)
    return (median(amounts) if amounts else None), ""


@dataclass(frozen=True, kw_only=True)
class Slippage:
    """Deals that were to close in the period a week ago and are to close after it now.

    :ivar week_on: the Monday of the snapshot; None without one.
    """

    week_on: date | None
    count: int
    amount: Total
    deal_ids: tuple[int, ...] = ()


def slippage(
    *, period: Days, at: datetime, currency: str, of: Slice = EVERYTHING
) -> Slippage:
    """Return what slipped out of a period since last week's snapshot. Three queries."""
    monday = at.date() - timedelta(days=at.date().weekday())
    week_on = (
        DealSnapshot.objects.filter(week_on__lt=monday)
        .order_by("-week_on")
        .values_list("week_on", flat=True)
        .first()
    )
    if week_on is None:
        nothing = Adder(currency, currencies=(), days=()).total(())
        return Slippage(week_on=None, count=0, amount=nothing)
    rows = list(
        DealSnapshot.objects.filter(
            week_on=week_on,
            stage__in=OPEN,
            target_close_on__gte=period.start,
            target_close_on__lt=period.end,
            deal__in=of.deals().filter(stage__in=OPEN, target_close_on__gte=period.end),
        )
        .order_by("deal_id")
        .values_list("deal_id", "currency", "amount")
    )
    today = at.date()
    adder = Adder(currency, currencies=[row[1] for row in rows], days=[today])
    return Slippage(
        week_on=week_on,
        count=len(rows),
        amount=adder.total((code, today, amount or ZERO) for _pk, code, amount in rows),
        deal_ids=tuple(row[0] for row in rows),
    )


PUSHES = """
SELECT deal_id, count(*) FROM (
    SELECT deal_id, target_close_on,
        lag(target_close_on) OVER (PARTITION BY deal_id ORDER BY week_on) AS before
    FROM deals_dealsnapshot WHERE deal_id = ANY(%s)
) AS weeks WHERE target_close_on > before GROUP BY 1
"""


def push_counts(deal_ids: list[int]) -> dict[int, int]:
    """Return how often the target close of each deal moved later, by its snapshots."""
    with connection.cursor() as cursor:
        cursor.execute(PUSHES, [deal_ids])
        return dict(cursor.fetchall())


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """The forecast of the fourth week of a quarter against what it brought.

    :ivar week_on: the Monday of the snapshot; None without one.
    :ivar share: 1 − |forecast − actual| ÷ actual; None where it cannot be told.
    """

    quarter: Quarter
    week_on: date | None
    forecast: Total
    actual: Total
    share: Decimal | None


def accuracy(*, quarter: Quarter, currency: str, of: Slice = EVERYTHING) -> Accuracy:
    """Return how right the forecast of a quarter that is over was. Four queries."""
    days = quarter.days
    wanted = days.start + timedelta(days=7 * (FORECAST_WEEK - 1))
    monday = wanted - timedelta(days=wanted.weekday())
    said, won = _said(of, days, monday), _won(of, days)
    end = monday + timedelta(days=6)
    adder = Adder(
        currency,
        currencies=[row["currency"] for row in [*said, *won]],
        days=[end, *(row["closed_on"] for row in won),
              *(row["closed_on"] for row in said if row["closed_on"])],
    )  # fmt: skip
    forecast = adder.total(
        (row["currency"], row["closed_on"] or end, row["weighted"] / 100)
        for row in said
    )
    actual = _total(adder, won)
    has_snapshot = bool(said) or DealSnapshot.objects.filter(week_on=monday).exists()
    share = None
    if has_snapshot and forecast.amount is not None and actual.amount is not None:
        share = pipeline.accuracy(forecast=forecast.amount, actual=actual.amount)
    return Accuracy(
        quarter=quarter,
        week_on=monday if has_snapshot else None,
        forecast=forecast,
        actual=actual,
        share=share,
    )


def _said(of: Slice, days: Days, monday: date) -> list[Any]:
    """Return what the snapshot of a week had for a quarter, weighted."""
    rows = DealSnapshot.objects.filter(week_on=monday, deal__in=of.deals()).filter(
        Q(
            stage__in=OPEN,
            target_close_on__gte=days.start,
            target_close_on__lt=days.end,
        )
        | Q(
            stage=DealStage.LAUNCHED,
            closed_on__gte=days.start,
            closed_on__lt=days.end,
        )
    )
    return list(
        rows.values("stage", "currency", "closed_on")
        .annotate(weighted=Coalesce(Sum(F("amount") * F("probability")), ZERO))
        .order_by()
    )


def won_within(of: Slice, days: Days) -> QuerySet[Deal]:
    """Return the deals that were won in a period."""
    return of.deals().filter(
        stage=DealStage.LAUNCHED, closed_on__gte=days.start, closed_on__lt=days.end
    )


def _won(of: Slice, days: Days) -> list[Any]:
    return list(
        won_within(of, days)
        .values("currency", "closed_on")
        .annotate(total=Coalesce(Sum("amount"), ZERO))
        .order_by()
    )
