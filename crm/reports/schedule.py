"""Subject: when a report is due, and which period is owed at an instant."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.core import periods
from crm.reports import weeks
from crm.reports.weeks import Period


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly, monthly or quarterly, on a weekday at an hour of the zone's clocks.

    A period is due on the first such weekday after it has ended: with Monday 09:00 the
    week is due on the Monday that follows it, and a month on its first Monday after.

    :param weekday: ISO, 1 is Monday and 7 is Sunday.
    """

    rhythm: str
    weekday: int
    hour: int
    zone: ZoneInfo

    def due_at(self, period: Period) -> datetime:
        """Return when the report about this period is due, in UTC."""
        days = (self.weekday - period.after.isoweekday()) % 7
        day = period.after + timedelta(days=days)
        return periods.instant_of(day, time(self.hour), zone=self.zone)

    def newest_owed(self, at: datetime) -> Period:
        """Return the latest period whose report is due at this instant."""
        period = weeks.period_of(self.rhythm, at.astimezone(self.zone).date())
        while self.due_at(period) > at:
            period = weeks.before(period)
        return period

    def next_after(self, at: datetime) -> Period:
        """Return the first period whose report is due after this instant."""
        return weeks.following(self.newest_owed(at))
