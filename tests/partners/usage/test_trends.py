"""Growth and anomalies by hand-computed values."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from partners.usage import trends
from partners.usage.trends import Span

END = date(2025, 3, 3)


def D(*values: int | str) -> tuple[Decimal, ...]:  # noqa: N802  reads as a literal
    return tuple(Decimal(value) for value in values)


def days(count: int, *, end: date = END) -> list[date]:
    return [end - timedelta(days=at) for at in range(1, count + 1)]


class TestGrowth:
    def test_compares_the_week_with_the_week_before(self) -> None:
        series = {day: Decimal(3) if day >= END - timedelta(7) else Decimal(2)
                  for day in days(14)}  # fmt: skip

        grown = trends.growth(series, end=END, span=Span.WEEK, complete=days(14))

        assert (grown.now, grown.before, grown.ratio) == D(21, 14, "0.5")
        assert grown.is_whole

    def test_late_days_are_left_out_of_both(self) -> None:
        series = dict.fromkeys(days(14), Decimal(2))
        late = END - timedelta(days=1)
        del series[late]

        grown = trends.growth(
            series, end=END, span=Span.WEEK, complete=set(days(14)) - {late}
        )

        assert grown.days == 6
        assert (grown.now, grown.before) == D(12, 12)
        assert not grown.is_whole

    def test_a_complete_day_without_usage_is_zero(self) -> None:
        grown = trends.growth({}, end=END, span=Span.WEEK, complete=days(14))

        assert (grown.days, grown.ratio) == (7, None)

    @pytest.mark.parametrize("before", [Decimal(0), Decimal(-1)])
    def test_has_no_ratio_on_a_base_that_is_not_positive(self, before: Decimal) -> None:
        series = {END - timedelta(days=8): before, END - timedelta(days=1): Decimal(5)}

        grown = trends.growth(series, end=END, span=Span.WEEK, complete=days(14))

        assert grown.ratio is None
        assert grown.change == 5 - before

    def test_a_year_back_aligns_the_weekdays(self) -> None:
        day = END - timedelta(days=1)

        assert (day - timedelta(days=Span.YEAR.back)).weekday() == day.weekday()


class TestAnomaly:
    DAY = date(2025, 3, 2)

    def series(self, *weeks: int, today: int) -> dict[date, Decimal]:
        values = {
            self.DAY - timedelta(weeks=at): Decimal(value)
            for at, value in enumerate(weeks, start=1)
        }
        return values | {self.DAY: Decimal(today)}

    def test_shows_its_arithmetic(self) -> None:
        series = self.series(10, 12, 8, 11, 9, 10, 10, 10, today=30)

        found = trends.anomaly(series, day=self.DAY, complete=set(series))

        assert found is not None
        assert (found.median, found.deviation) == D(10, "0.5")
        assert (found.low, found.high) == D(8, 12)
        assert not found.is_drop

    def test_the_edge_of_the_band_is_within(self) -> None:
        series = self.series(10, 12, 8, 11, 9, 10, 10, 10, today=12)

        assert trends.anomaly(series, day=self.DAY, complete=set(series)) is None

    def test_alike_weeks_leave_one_percent(self) -> None:
        steady = self.series(*[100] * 8, today=101)
        drop = self.series(*[100] * 8, today=98)

        assert trends.anomaly(steady, day=self.DAY, complete=set(steady)) is None
        found = trends.anomaly(drop, day=self.DAY, complete=set(drop))
        assert found is not None
        assert found.is_drop

    def test_three_weeks_are_too_few(self) -> None:
        series = self.series(10, 10, 10, today=99)

        assert trends.anomaly(series, day=self.DAY, complete=set(series)) is None

    def test_a_day_that_is_not_complete_is_none(self) -> None:
        series = self.series(*[10] * 8, today=0)

        complete = set(series) - {self.DAY}
        assert trends.anomaly(series, day=self.DAY, complete=complete) is None


class TestLongestRun:
    @pytest.mark.parametrize(
        ("numbers", "run"), [([], 0), ([1], 1), ([1, 2, 4, 5, 6, 9], 3)]
    )
    def test_counts_days_in_a_row(self, numbers: list[int], run: int) -> None:
        assert trends.longest_run([date(2025, 1, n) for n in numbers]) == run
