"""Growth and anomalies of daily figures; definitions of the weekly report. No database.

Growth compares only days that are complete in both periods and says how many, so that
late data never reads as a drop. An anomaly lies outside the same-weekday median of the
last eight weeks by more than four times the median absolute deviation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from statistics import median

ZERO = Decimal(0)
WEEKS_BACK = 8
FEWEST_WEEKS = 4
DEVIATIONS = 4
LEAST_BAND = Decimal("0.01")
"""Where all weeks were alike the band is this share of the median, not nothing."""


class Span(Enum):
    """How long a period is and how far back its base lies, in days."""

    WEEK = (7, 7)
    FOUR_WEEKS = (28, 28)
    YEAR = (28, 364)
    """Trailing 28 days against the same 28 days 364 days earlier: weekdays align."""

    @property
    def length(self) -> int:
        return self.value[0]

    @property
    def back(self) -> int:
        return self.value[1]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A sum beside an earlier one over the same days.

    :ivar ratio: change as a share of the base; None where the base is not positive.
    :ivar days: how many days of the period are complete in both.
    """

    now: Decimal
    before: Decimal
    days: int
    length: int

    @property
    def change(self) -> Decimal:
        return self.now - self.before

    @property
    def ratio(self) -> Decimal | None:
        if self.before <= 0 or self.days == 0:
            return None
        return self.change / self.before

    @property
    def is_whole(self) -> bool:
        return self.days == self.length


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """One day outside its own pattern, with the arithmetic that says so."""

    day: date
    value: Decimal
    median: Decimal
    deviation: Decimal
    """Median absolute deviation of the weeks looked at."""
    low: Decimal
    high: Decimal
    weeks: int

    @property
    def is_drop(self) -> bool:
        return self.value < self.low


def growth(
    series: Mapping[date, Decimal],
    *,
    end: date,
    span: Span,
    complete: Collection[date],
) -> Growth:
    """Compare the days before `end` with those of the base.

    :param series: amount per day; a complete day without an entry is zero.
    :param end: day after the last one of the period.
    :param complete: days whose data is all there.
    """
    now = before = ZERO
    days = 0
    for at in range(1, span.length + 1):
        day = end - timedelta(days=at)
        base = day - timedelta(days=span.back)
        if day in complete and base in complete:
            days += 1
            now += series.get(day, ZERO)
            before += series.get(base, ZERO)
    return Growth(now=now, before=before, days=days, length=span.length)


def anomaly(
    series: Mapping[date, Decimal], *, day: date, complete: Collection[date]
) -> Anomaly | None:
    """Return the anomaly of a complete day, or None where it is within its pattern."""
    if day not in complete:
        return None
    earlier = [day - timedelta(weeks=at) for at in range(1, WEEKS_BACK + 1)]
    values = [series.get(one, ZERO) for one in earlier if one in complete]
    if len(values) < FEWEST_WEEKS:
        return None
    middle = median(values)
    deviation = median(abs(value - middle) for value in values)
    band = max(DEVIATIONS * deviation, abs(middle) * LEAST_BAND)
    value = series.get(day, ZERO)
    if abs(value - middle) <= band:
        return None
    return Anomaly(
        day=day,
        value=value,
        median=middle,
        deviation=deviation,
        low=middle - band,
        high=middle + band,
        weeks=len(values),
    )


def longest_run(days: Collection[date]) -> int:
    """Return the length of the longest run of consecutive days."""
    present, longest = set(days), 0
    for day in present:
        if day - timedelta(days=1) in present:
            continue
        length = 1
        while day + timedelta(days=length) in present:
            length += 1
        longest = max(longest, length)
    return longest
