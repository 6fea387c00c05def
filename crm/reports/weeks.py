"""Subject: which week, month or quarter a report is about, and from when to when.

A period is known by its label (2026-W47, 2026-11, 2026-Q4), never by a timestamp, so a
change of clocks cannot make two of one. Zones enter only when days become instants.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crm.core import periods
from crm.core.periods import Month, Quarter, Week


class Rhythm(TextChoices):
    """How often a report comes."""

    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days: `first` is the first one, `after` the first that no longer belongs."""

    label: str
    first: date
    after: date

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the instant of the first midnight in the zone, in UTC."""
        return periods.instant_of(self.first, datetime.min.time(), zone=zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """Return the instant after the last one, in UTC: the cut-off."""
        return periods.instant_of(self.after, datetime.min.time(), zone=zone)


CONTAINING: dict[Rhythm, Callable[[date], Week | Month | Quarter]] = {
    Rhythm.WEEKLY: Week.of,
    Rhythm.MONTHLY: Month.of,
    Rhythm.QUARTERLY: Quarter.of,
}


def period_of(rhythm: str, day: date) -> Period:
    """Return the ISO week, month or quarter with this day."""
    return _period(CONTAINING[Rhythm(rhythm)](day))


def before(period: Period) -> Period:
    """Return the period of the same length that ends where this one begins."""
    return period_of(rhythm_of(period), period.first - timedelta(days=1))


def following(period: Period) -> Period:
    """Return the period of the same length that begins where this one ends."""
    return period_of(rhythm_of(period), period.after)


def rhythm_of(period: Period) -> Rhythm:
    """Tell a week from a month from a quarter by the label."""
    if "W" in period.label:
        return Rhythm.WEEKLY
    return Rhythm.QUARTERLY if "Q" in period.label else Rhythm.MONTHLY


def from_label(label: str) -> Period:
    """Return the period with this label.

    :raises PeriodRefusedError: when there is none, for example week 53 of a short year.
    """
    if "W" in label:
        return _period(periods.read_week(label))
    if "Q" in label:
        return _period(periods.read_quarter(label))
    return _period(periods.read_month(label))


def _period(named: Week | Month | Quarter) -> Period:
    return Period(str(named), named.days.start, named.days.end)
