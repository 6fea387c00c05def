"""Subject: the question behind all figures: about whom, about when, in what currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.core import periods
from crm.core.periods import Days

DAY = timedelta(days=1)
FOUR_WEEKS = 28
YEAR = 364
"""Days to the same weekday a year earlier."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Whole days of one zone, the partners that may be seen, and how money is shown.

    :ivar first: first day of the period; `after` is the first that no longer belongs.
    :ivar rights: permissions of the reader, as far as somebody asked for them.
    :ivar now: for a period that is still running: nothing later than this is known.
    :ivar is_past: another period has ended since. What is not told by its day, such as
        who is at risk, is then told as it stood at T, otherwise as it stands.
    """

    partner_ids: tuple[int, ...]
    first: date
    after: date
    zone: ZoneInfo
    currency: str
    language: str
    rights: frozenset[str] = frozenset()
    now: datetime | None = None
    is_past: bool = False

    @property
    def starts_at(self) -> datetime:
        """The first instant of the period."""
        return self._bounds(self.days).start

    @property
    def cut_off(self) -> datetime:
        """The instant after the last one that counts."""
        end = self._bounds(self.days).end
        return end if self.now is None else min(end, self.now)

    @property
    def today(self) -> date:
        """The day on which the figures are looked at: the one after the period."""
        if self.now is None:
            return self.after
        return min(self.after, self.now.astimezone(self.zone).date())

    @property
    def days(self) -> Days:
        """The days of the period."""
        return Days(self.first, self.after)

    @property
    def length(self) -> int:
        """How many days the period has."""
        return (self.after - self.first).days

    def may(self, right: str) -> bool:
        """Tell whether the reader has this permission."""
        return right in self.rights

    def before(self) -> "Frame":
        """Return the same question about as many days right before."""
        return Frame(
            partner_ids=self.partner_ids,
            first=self.first - self.length * DAY,
            after=self.first,
            zone=self.zone,
            currency=self.currency,
            language=self.language,
            rights=self.rights,
        )

    def _bounds(self, days: Days) -> periods.Period:
        return periods.period_of(days, zone=self.zone)


def days_before(after: date, count: int) -> list[date]:
    """Return so many days that end before `after`, in order."""
    return [after - number * DAY for number in range(count, 0, -1)]


def pairs(
    days: Iterable[date], *, back: int, complete: frozenset[date]
) -> dict[date, date]:
    """Return each day whose data is all there, now and so many days back, with its base."""
    return {
        day: day - back * DAY
        for day in days
        if day in complete and day - back * DAY in complete
    }
