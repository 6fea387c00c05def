"""Half-open periods: days, ISO weeks, months and quarters, and when they are in a zone.

Every start belongs to its period, every end to the next one. Weeks begin on Monday.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from crm.core.errors import DomainError

DAY = timedelta(days=1)
WEEK_LABEL = re.compile(r"([0-9]{4})-W([0-9]{2})")
MONTH_LABEL = re.compile(r"([0-9]{4})-([0-9]{2})")
QUARTER_LABEL = re.compile(r"([0-9]{4})-Q([1-4])")


class PeriodRefusedError(DomainError):
    """A period, a label or a time zone cannot be read, or ends before it starts."""

    code = "period.refused"
    is_input = True


@dataclass(frozen=True, order=True, slots=True)
class Days:
    """The days from `start` up to, but without, `end`.

    :raises PeriodRefusedError: when it ends before it starts.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodRefusedError(
                _("A period cannot end on %(end)s before it starts on %(start)s.")
                % {"end": self.end, "start": self.start}
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + DAY * number for number in range(len(self)))

    def __len__(self) -> int:
        return (self.end - self.start).days

    @property
    def latest(self) -> date:
        """The last day that belongs to it."""
        return self.end - DAY

    def overlap(self, other: "Days") -> "Days | None":
        """Return the days that both have, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Days(start, end) if start < end else None

    def shifted(self, days: int) -> "Days":
        """Return as many days, that much later."""
        return Days(self.start + DAY * days, self.end + DAY * days)

    def before(self) -> "Days":
        """Return as many days that end where these start."""
        return self.shifted(-len(self))


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """The instants from `start` up to, but without, `end`; both aware.

    :raises PeriodRefusedError: when it ends before it starts.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodRefusedError(
                _("A period cannot end on %(end)s before it starts on %(start)s.")
                % {"end": self.end, "start": self.start}
            )

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """One ISO week; its year is that of its Thursday.

    :raises PeriodRefusedError: when the year has no such week.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        try:
            date.fromisocalendar(self.year, self.number, 1)
        except ValueError:
            raise PeriodRefusedError(
                _("%(year)s has no week %(number)s.")
                % {"year": self.year, "number": self.number}
            ) from None

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week of a day, by the calendar."""
        return cls(*day.isocalendar()[:2])

    @classmethod
    def at(cls, instant: datetime, *, zone: ZoneInfo) -> "Week":
        """Return the week that an instant lies in, by the clocks of the zone."""
        return cls.of(instant.astimezone(zone).date())

    @property
    def days(self) -> Days:
        monday = date.fromisocalendar(self.year, self.number, 1)
        return Days(monday, monday + DAY * 7)

    def shifted(self, weeks: int) -> "Week":
        return Week.of(self.days.start + DAY * 7 * weeks)


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One month of the calendar.

    :raises PeriodRefusedError: when the number is not 1 to 12.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1 <= self.year <= 9998):
            raise PeriodRefusedError(
                _("%(year)s has no month %(number)s.")
                % {"year": self.year, "number": self.number}
            )

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @property
    def days(self) -> Days:
        following = self.shifted(1)
        return Days(
            date(self.year, self.number, 1), date(following.year, following.number, 1)
        )

    def shifted(self, months: int) -> "Month":
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """One quarter of a calendar year.

    :raises PeriodRefusedError: when the number is not 1 to 4.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 4 and 1 <= self.year <= 9998):
            raise PeriodRefusedError(
                _("%(year)s has no quarter %(number)s.")
                % {"year": self.year, "number": self.number}
            )

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def days(self) -> Days:
        first = Month(self.year, self.number * 3 - 2)
        return Days(first.days.start, first.shifted(3).days.start)

    def shifted(self, quarters: int) -> "Quarter":
        year, index = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return Quarter(year, index + 1)


def read_week(label: str) -> Week:
    """Return the week that a label such as 2026-W47 names.

    :raises PeriodRefusedError: when it names none.
    """
    return Week(*_numbers(WEEK_LABEL, label))


def read_month(label: str) -> Month:
    """Return the month that a label such as 2026-11 names.

    :raises PeriodRefusedError: when it names none.
    """
    return Month(*_numbers(MONTH_LABEL, label))


def read_quarter(label: str) -> Quarter:
    """Return the quarter that a label such as 2026-Q4 names.

    :raises PeriodRefusedError: when it names none.
    """
    return Quarter(*_numbers(QUARTER_LABEL, label))


def read_zone(name: str) -> ZoneInfo:
    """Return the time zone of that name, for example Asia/Shanghai.

    :raises PeriodRefusedError: when there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PeriodRefusedError(
            _("There is no time zone %(name)s.") % {"name": repr(name)}
        ) from None


def instant_of(day: date, wall: time, *, zone: ZoneInfo) -> datetime:
    """Return when clocks in the zone show that time, in UTC.

    The first time when they show it twice; as much later as the clocks jump when they
    never show it.
    """
    return datetime.combine(day, wall, zone).replace(fold=0).astimezone(UTC)


def period_of(days: Days, *, zone: ZoneInfo) -> Period:
    """Return from when to when these days last in the zone, in UTC."""
    return Period(
        instant_of(days.start, time.min, zone=zone),
        instant_of(days.end, time.min, zone=zone),
    )


def days_of(period: Period, *, zone: ZoneInfo) -> Days:
    """Return the days that a period touches in the zone."""
    start = period.start.astimezone(zone).date()
    if period.start == period.end:
        return Days(start, start)
    latest = period.end - timedelta.resolution
    return Days(start, latest.astimezone(zone).date() + DAY)


def _numbers(form: re.Pattern[str], label: str) -> tuple[int, int]:
    found = form.fullmatch(label)
    if found is None:
        raise PeriodRefusedError(
            _("%(label)s names no period.") % {"label": repr(label)}
        )
    year, number = found.groups()
    return int(year), int(number)
