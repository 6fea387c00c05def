"""Weeks, months and quarters by the calendar, and when they are in a zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core import periods
from crm.core.periods import Days, Month, Period, PeriodRefusedError, Quarter, Week

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DATES = st.dates(date(1970, 1, 1), date(2100, 1, 1))
MICROSECOND = timedelta(microseconds=1)


class TestDays:
    def test_have_their_start_but_not_their_end(self) -> None:
        days = Days(date(2026, 2, 27), date(2026, 3, 2))

        assert list(days) == [
            date(2026, 2, 27),
            date(2026, 2, 28),
            date(2026, 3, 1),
        ]
        assert (len(days), days.latest) == (3, date(2026, 3, 1))
        assert date(2026, 2, 27) in days
        assert date(2026, 3, 2) not in days

    def test_overlap(self) -> None:
        days = Days(date(2026, 1, 1), date(2026, 1, 10))

        assert days.overlap(Days(date(2026, 1, 10), date(2026, 2, 1))) is None
        assert days.overlap(Days(date(2026, 1, 9), date(2026, 2, 1))) == Days(
            date(2026, 1, 9), date(2026, 1, 10)
        )

    def test_before_ends_where_they_start(self) -> None:
        week = Week(2026, 1).days

        assert week.before() == Week(2025, 52).days

    def test_may_be_none_but_never_fewer(self) -> None:
        assert list(Days(date(2026, 1, 1), date(2026, 1, 1))) == []
        with pytest.raises(PeriodRefusedError, match="cannot end on 2026-01-01"):
            Days(date(2026, 1, 2), date(2026, 1, 1))


class TestWeek:
    @pytest.mark.parametrize(
        ("day", "label"),
        [
            (date(2026, 11, 16), "2026-W47"),
            (date(2026, 11, 22), "2026-W47"),
            (date(2026, 12, 28), "2026-W53"),
            (date(2027, 1, 3), "2026-W53"),
            (date(2027, 1, 4), "2027-W01"),
            (date(2024, 12, 30), "2025-W01"),
            (date(2021, 1, 1), "2020-W53"),
        ],
    )
    def test_of_a_day_crosses_years_by_the_thursday(
        self, day: date, label: str
    ) -> None:
        week = Week.of(day)

        assert str(week) == label
        assert periods.read_week(label) == week
        assert day in week.days
        assert week.days.start.isoweekday() == 1

    @given(DATES, st.integers(-400, 400))
    def test_weeks_follow_one_another_without_gap(self, day: date, weeks: int) -> None:
        week = Week.of(day)

        assert week.days.end == week.shifted(1).days.start
        assert week.shifted(weeks).shifted(-weeks) == week
        assert (week.shifted(weeks) > week) == (weeks > 0)

    @pytest.mark.parametrize(
        "label",
        ["", "2026-W54", "2025-W53", "2026-W00", "2026W47", "2026-w47", "2026-W47\n"],
    )
    def test_a_label_that_names_none_is_refused(self, label: str) -> None:
        with pytest.raises(PeriodRefusedError):
            periods.read_week(label)

    def test_at_an_instant_goes_by_the_clocks_of_the_zone(self) -> None:
        sunday_evening = datetime(2026, 11, 22, 17, tzinfo=UTC)

        assert str(Week.at(sunday_evening, zone=SHANGHAI)) == "2026-W48"
        assert str(Week.at(sunday_evening, zone=BERLIN)) == "2026-W47"


class TestWeekInZone:
    @pytest.mark.parametrize(
        ("label", "zone", "hours"),
        [
            ("2026-W13", "Europe/Berlin", 167),
            ("2026-W43", "Europe/Berlin", 169),
            ("2026-W13", "Asia/Shanghai", 168),
            ("2026-W14", "Australia/Lord_Howe", 168.5),
            ("2026-W40", "Australia/Lord_Howe", 167.5),
        ],
    )
    def test_is_as_long_as_its_clocks_make_it(
        self, label: str, zone: str, hours: float
    ) -> None:
        week = periods.read_week(label)

        period = periods.period_of(week.days, zone=ZoneInfo(zone))

        assert period.duration == timedelta(hours=hours)

    @pytest.mark.parametrize(
        ("zone", "start"),
        [
            ("Asia/Kolkata", "2026-11-15T18:30"),
            ("Asia/Kathmandu", "2026-11-15T18:15"),
            ("Pacific/Chatham", "2026-11-15T10:15"),
            ("America/St_Johns", "2026-11-16T03:30"),
        ],
    )
    def test_starts_on_the_half_or_quarter_hour_where_clocks_do(
        self, zone: str, start: str
    ) -> None:
        period = periods.period_of(Week(2026, 47).days, zone=ZoneInfo(zone))

        assert period.start == datetime.fromisoformat(start).replace(tzinfo=UTC)

    @pytest.mark.timeout(60)
    def test_has_every_instant_once_in_every_zone(self) -> None:
        weeks = [Week(2025, 1).shifted(number) for number in range(110)]
        for name in sorted(available_timezones()):
            zone = ZoneInfo(name)
            for week in weeks:
                period = periods.period_of(week.days, zone=zone)
                assert Week.at(period.start, zone=zone) == week, name
                assert Week.at(period.end - MICROSECOND, zone=zone) == week, name
                assert periods.days_of(period, zone=zone) == week.days, name


class TestInstant:
    def test_in_a_gap_is_as_much_later_as_clocks_jump(self) -> None:
        gap = periods.instant_of(date(2026, 3, 29), time(2, 30), zone=BERLIN)

        assert gap.astimezone(BERLIN).time() == time(3, 30)

    def test_shown_twice_is_the_first(self) -> None:
        first = periods.instant_of(date(2026, 10, 25), time(2, 30), zone=BERLIN)

        assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_of_a_day_that_never_was_is_the_next_day(self) -> None:
        apia = ZoneInfo("Pacific/Apia")
        skipped = Days(date(2011, 12, 30), date(2011, 12, 31))

        period = periods.period_of(skipped, zone=apia)

        assert period.duration == timedelta(0)
        assert periods.days_of(period, zone=apia) == Days(
            date(2011, 12, 31), date(2011, 12, 31)
        )


class TestPeriod:
    def test_has_its_start_but_not_its_end(self) -> None:
        period = periods.period_of(Week(2026, 47).days, zone=SHANGHAI)

        assert period.start in period
        assert period.end not in period

    def test_cannot_end_before_it_starts(self) -> None:
        at = datetime(2026, 1, 1, tzinfo=UTC)

        with pytest.raises(PeriodRefusedError):
            Period(at, at - MICROSECOND)


class TestMonthAndQuarter:
    def test_of_a_day(self) -> None:
        assert str(Month.of(date(2026, 2, 28))) == "2026-02"
        assert Month(2024, 2).days == Days(date(2024, 2, 1), date(2024, 3, 1))
        assert str(Quarter.of(date(2026, 12, 31))) == "2026-Q4"
        assert Quarter(2026, 4).days == Days(date(2026, 10, 1), date(2027, 1, 1))

    @given(DATES, st.integers(-200, 200))
    def test_follow_one_another_without_gap(self, day: date, number: int) -> None:
        month, quarter = Month.of(day), Quarter.of(day)

        assert day in month.days
        assert day in quarter.days
        assert month.days.end == month.shifted(1).days.start
        assert quarter.days.end == quarter.shifted(1).days.start
        assert month.shifted(number).shifted(-number) == month
        assert quarter.shifted(number).shifted(-number) == quarter
        assert periods.read_month(str(month)) == month
        assert periods.read_quarter(str(quarter)) == quarter

    @pytest.mark.parametrize("label", ["2026-13", "2026-00", "2026-1", "0000-01", "x"])
    def test_a_label_that_names_no_month_is_refused(self, label: str) -> None:
        with pytest.raises(PeriodRefusedError):
            periods.read_month(label)

    @pytest.mark.parametrize("label", ["2026-Q5", "2026-Q0", "2026-q1", "0000-Q1"])
    def test_a_label_that_names_no_quarter_is_refused(self, label: str) -> None:
        with pytest.raises(PeriodRefusedError):
            periods.read_quarter(label)


class TestZone:
    def test_is_found_by_name(self) -> None:
        assert periods.read_zone("Asia/Shanghai") == SHANGHAI

    @pytest.mark.parametrize("name", ["", "Nowhere/City", "../../etc/passwd", "\x00"])
    def test_an_unknown_one_is_refused(self, name: str) -> None:
        with pytest.raises(PeriodRefusedError):
            periods.read_zone(name)
