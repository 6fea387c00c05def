"""Weeks, months and quarters, in all zones, over ten years."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from crm.core.periods import PeriodRefusedError
from crm.reports import weeks
from crm.reports.schedule import Schedule
from crm.reports.weeks import Rhythm

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def monday_nine(zone: ZoneInfo, rhythm: str = Rhythm.WEEKLY) -> Schedule:
    return Schedule(rhythm=rhythm, weekday=1, hour=9, zone=zone)


class TestLabels:
    @pytest.mark.parametrize(
        ("day", "label"),
        [
            (date(2026, 11, 23), "2026-W48"),
            (date(2026, 11, 22), "2026-W47"),
            (date(2026, 12, 31), "2026-W53"),
            (date(2027, 1, 3), "2026-W53"),
            (date(2027, 1, 4), "2027-W01"),
            (date(2024, 12, 30), "2025-W01"),
            (date(2023, 1, 1), "2022-W52"),
        ],
    )
    def test_weeks_are_iso_weeks_across_the_year(self, day: date, label: str) -> None:
        assert weeks.period_of(Rhythm.WEEKLY, day).label == label

    @pytest.mark.parametrize("label", ["2026-W47", "2026-W53", "2026-02", "2026-Q4"])
    def test_a_label_leads_back_to_its_period(self, label: str) -> None:
        assert weeks.from_label(label).label == label

    @pytest.mark.parametrize(
        "label", ["2025-W53", "2026-W00", "2026-13", "2026-Q5", "2026-Q0", "", "W47"]
    )
    def test_a_label_of_nothing_is_refused(self, label: str) -> None:
        with pytest.raises(PeriodRefusedError):
            weeks.from_label(label)

    @pytest.mark.parametrize("rhythm", Rhythm.values)
    def test_periods_follow_each_other_without_gap(self, rhythm: str) -> None:
        period = weeks.period_of(rhythm, date(2019, 12, 25))

        for _ in range(120):
            after = weeks.following(period)
            assert after.first == period.after
            assert weeks.before(after) == period
            period = after


class TestInstants:
    def test_a_week_with_a_clock_change_is_an_hour_shorter(self) -> None:
        week = weeks.from_label("2026-W13")

        length = week.ends_at(BERLIN) - week.starts_at(BERLIN)

        assert length == timedelta(days=7, hours=-1)

    def test_a_zone_with_half_hours(self) -> None:
        week = weeks.from_label("2026-W47")

        assert week.starts_at(ZoneInfo("Asia/Kolkata")) == datetime(
            2026, 11, 15, 18, 30, tzinfo=UTC
        )

    def test_an_hour_left_out_moves_forward(self) -> None:
        schedule = Schedule(rhythm=Rhythm.WEEKLY, weekday=7, hour=2, zone=BERLIN)

        due = schedule.due_at(weeks.from_label("2026-W12"))

        assert due.astimezone(BERLIN).isoformat() == "2026-03-29T03:00:00+02:00"

    def test_an_hour_that_comes_twice_counts_the_first_time(self) -> None:
        schedule = Schedule(rhythm=Rhythm.WEEKLY, weekday=7, hour=2, zone=BERLIN)

        due = schedule.due_at(weeks.from_label("2026-W42"))

        assert due == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)


class TestDue:
    def test_the_week_is_due_on_the_monday_that_follows(self) -> None:
        due = monday_nine(SHANGHAI).due_at(weeks.from_label("2026-W47"))

        assert due == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def test_it_is_owed_from_that_second_on(self) -> None:
        schedule = monday_nine(SHANGHAI)
        due = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

        assert schedule.newest_owed(due).label == "2026-W47"
        assert schedule.newest_owed(due - timedelta(seconds=1)).label == "2026-W46"

    def test_after_three_days_without_scheduler_the_same_week_is_owed(self) -> None:
        late = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)

        assert monday_nine(SHANGHAI).newest_owed(late).label == "2026-W47"
        assert monday_nine(SHANGHAI).next_after(late).label == "2026-W48"

    def test_a_month_is_due_on_its_first_monday_after(self) -> None:
        schedule = monday_nine(SHANGHAI, Rhythm.MONTHLY)

        assert schedule.due_at(weeks.from_label("2026-11")) == datetime(
            2026, 12, 7, 1, 0, tzinfo=UTC
        )

    def test_a_quarter_is_due_on_its_first_monday_after(self) -> None:
        schedule = monday_nine(SHANGHAI, Rhythm.QUARTERLY)

        assert schedule.newest_owed(datetime(2027, 1, 4, 1, tzinfo=UTC)).label == (
            "2026-Q4"
        )
        assert schedule.newest_owed(datetime(2027, 1, 4, 0, tzinfo=UTC)).label == (
            "2026-Q3"
        )


class TestAllZones:
    @pytest.mark.timeout(120)
    def test_ten_years_have_exactly_one_monday_mail_per_week(self) -> None:
        first, last = weeks.from_label("2026-W01"), weeks.from_label("2035-W52")
        wrong = []

        for name in sorted(available_timezones()):
            zone = ZoneInfo(name)
            schedule = monday_nine(zone)
            week, dues = first, []
            while week.first <= last.first:
                dues.append((week, schedule.due_at(week)))
                week = weeks.following(week)
            wrong += [(name, week) for week, due in dues if not is_monday(due, zone)]
            wrong += [
                (name, week)
                for (week, due), (_, after) in pairwise(dues)
                if not timedelta(hours=166) <= after - due <= timedelta(hours=170)
            ]

        assert wrong == []

    @pytest.mark.timeout(120)
    def test_every_hour_owes_the_week_that_its_monday_closed(self) -> None:
        for name in ("Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe"):
            zone = ZoneInfo(name)
            schedule = Schedule(rhythm=Rhythm.WEEKLY, weekday=1, hour=0, zone=zone)
            at = datetime(2026, 1, 5, 12, tzinfo=UTC)
            while at.year < 2029:
                owed = schedule.newest_owed(at)
                assert schedule.due_at(owed) <= at
                assert schedule.due_at(weeks.following(owed)) > at
                at += timedelta(hours=7)


def is_monday(due: datetime, zone: ZoneInfo) -> bool:
    local = due.astimezone(zone)
    return (local.isoweekday(), local.hour) == (1, 9)
