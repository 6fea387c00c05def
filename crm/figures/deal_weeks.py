"""Facts of how deals stood at the ends of weeks: last week's, and one that is judged by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crm.core.money import Money
from crm.core.periods import Days, Quarter
from crm.figures.frame import DAY, Frame
from crm.rates.queries import Converter, RateMissingError
from deals.models import DealSnapshot
from deals.pipeline import OPEN, DealStage
from deals.queries.track_record import FORECAST_WEEK

ZERO = Decimal(0)
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """What snapshots of deals said.

    :ivar weighted_before: the weighted forecast of the same quarter at the end of the
        week before, at that day's rates; None without a snapshot or a rate.
    :ivar closing_before: open deals that were to close in the quarter then.
    :ivar judged: the latest quarter that is over at T.
    :ivar said: its forecast in its fourth week, won included; None without a snapshot.
    """

    weighted_before: Decimal | None
    closing_before: frozenset[int]
    judged: Quarter
    said: Decimal | None


def weeks_of(frame: Frame, quarter: Quarter, converter: Converter) -> Weeks:
    """Read the snapshots of both weeks; costs one query.

    :param converter: of all currencies of the deals, from the judged quarter on.
    """
    is_over = quarter.days.end <= frame.today
    judged = quarter if is_over else quarter.shifted(-1)
    fourth = _monday(judged.days.start + (FORECAST_WEEK - 1) * WEEK)
    latest = _monday(frame.after - DAY) - WEEK
    found = DealSnapshot.objects.filter(
        week_on__in=(fourth, latest), deal__partner_id__in=frame.partner_ids
    )
    rows = list(found.order_by("pk"))
    before = [
        row
        for row in rows
        if row.week_on == latest
        and row.stage in OPEN
        and _lies_in(row.target_close_on, quarter.days)
    ]
    then = [row for row in rows if row.week_on == fourth and _counts(row, judged.days)]
    return Weeks(
        weighted_before=_weighted(before, frame, converter, latest + WEEK)
        if any(row.week_on == latest for row in rows)
        else None,
        closing_before=frozenset(row.deal_id for row in before),
        judged=judged,
        said=_weighted(then, frame, converter, fourth + 6 * DAY)
        if any(row.week_on == fourth for row in rows)
        else None,
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _lies_in(day: date | None, days: Days) -> bool:
    return day is not None and day in days


def _counts(row: DealSnapshot, days: Days) -> bool:
    """Tell whether a deal was in the forecast of these days: open, or won by then."""
    if row.stage == DealStage.LAUNCHED:
        return _lies_in(row.closed_on, days)
    return row.stage in OPEN and _lies_in(row.target_close_on, days)


def _weighted(
    rows: Iterable[DealSnapshot], frame: Frame, converter: Converter, on: date
) -> Decimal | None:
    """Return Σ amount × probability, won ones at the rate of their day; None without it."""
    total = ZERO
    for row in rows:
        part = Money((row.amount or ZERO) * row.probability / 100, row.currency)
        if not part.amount:
            continue
        day = min(row.closed_on or on, frame.today)
        try:
            total += converter.convert(part, to=frame.currency, on=day).money.amount
        except RateMissingError:
            return None
    return total
