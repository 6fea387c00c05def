"""Facts of how deals stood at the ends of weeks: last week's, and one that is judged by."""

from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, kw_only=True)
class Snapshots:
    """The snapshots of the weeks that matter to a frame.

    :ivar quarter: the one that the last day of the frame lies in.
    :ivar judged: the latest quarter that is over at T; `fourth` the Monday of its
        fourth week.
    :ivar latest: the Monday of the week before the one that ends at T.
    :ivar now: those of the week that ends at T, by deal; empty while it runs.
    """

    quarter: Quarter
    judged: Quarter
    fourth: date
    latest: date
    rows: Sequence[DealSnapshot]
    now: Mapping[int, DealSnapshot]

    def of(self, monday: date) -> list[DealSnapshot]:
        """Return those of one week."""
        return [row for row in self.rows if row.week_on == monday]


def snapshots_of(frame: Frame, quarter: Quarter) -> Snapshots:
    """Read the snapshots of three weeks; costs one query."""
    is_over = quarter.days.end <= frame.today
    judged = quarter if is_over else quarter.shifted(-1)
    fourth = _monday(judged.days.start + (FORECAST_WEEK - 1) * WEEK)
    ending = _monday(frame.after - DAY)
    found = DealSnapshot.objects.filter(
        week_on__in=(fourth, ending - WEEK, ending),
        deal__partner_id__in=frame.partner_ids,
    )
    rows = list(found.order_by("pk"))
    return Snapshots(
        quarter=quarter,
        judged=judged,
        fourth=fourth,
        latest=ending - WEEK,
        rows=rows,
        now={
            row.deal_id: row
            for row in rows
            if row.week_on == ending and frame.now is None
        },
    )


def weeks_of(frame: Frame, found: Snapshots, converter: Converter) -> Weeks:
    """Return what the snapshots of the week before and of the judged week say.

    :param converter: of all currencies of the deals, from the judged quarter on.
    """
    latest, fourth = found.of(found.latest), found.of(found.fourth)
    before = [
        row
        for row in latest
        if row.stage in OPEN and _lies_in(row.target_close_on, found.quarter.days)
    ]
    then = [row for row in fourth if _counts(row, found.judged.days)]
    return Weeks(
        weighted_before=_weighted(before, frame, converter, found.latest + WEEK)
        if latest
        else None,
        closing_before=frozenset(row.deal_id for row in before),
        judged=found.judged,
        said=_weighted(then, frame, converter, found.fourth + 6 * DAY)
        if fourth
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
