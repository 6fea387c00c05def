"""Formulas of the figures, each by hand; no database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.core.periods import Days
from crm.figures import frame as frames
from crm.figures.frame import Frame
from crm.figures.freshness import coverage_of
from crm.figures.retention import Kept, concentration, retention
from crm.figures.tempo import Rate, between, tempo
from crm.figures.usage import UsageFacts, facts_of, windows_of
from crm.rates.queries import Converter
from partners.usage.queries import Point
from partners.usage.queries.portfolio import Reach

D = Decimal
MONDAY = date(2026, 11, 16)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def frame(**fields: Any) -> Frame:
    """Return week 47 of 2026 in Shanghai, in euro."""
    values: dict[str, Any] = {
        "partner_ids": (1, 2),
        "first": MONDAY,
        "after": MONDAY + timedelta(days=7),
        "zone": SHANGHAI,
        "currency": "EUR",
        "language": "en",
    }
    return Frame(**{**values, **fields})


class TestFrame:
    def test_is_cut_where_the_week_ends_in_its_zone(self) -> None:
        week = frame()

        assert week.starts_at == datetime(2026, 11, 15, 16, tzinfo=UTC)
        assert week.cut_off == datetime(2026, 11, 22, 16, tzinfo=UTC)
        assert week.today == date(2026, 11, 23)
        assert week.before().first == date(2026, 11, 9)

    def test_of_a_running_week_ends_now(self) -> None:
        now = datetime(2026, 11, 18, 20, tzinfo=UTC)

        assert frame(now=now).cut_off == now
        assert frame(now=now).today == date(2026, 11, 19)

    def test_pairs_only_days_that_are_complete_in_both_periods(self) -> None:
        days = frames.days_before(date(2026, 11, 23), 3)
        complete = frozenset({days[0], days[1]} | {d - timedelta(7) for d in days})

        assert frames.pairs(days, back=7, complete=complete) == {
            date(2026, 11, 20): date(2026, 11, 13),
            date(2026, 11, 21): date(2026, 11, 14),
        }


class TestRetention:
    def test_by_hand(self) -> None:
        rows = [
            Kept(earlier=D(100), later=D(150), latest=D(9)),  # grows by 50
            Kept(earlier=D(200), later=D(120), latest=D(5)),  # shrinks by 80
            Kept(earlier=D(100), later=D(30), latest=D(0)),  # has left: −70
            Kept(earlier=D(0), later=D(500), latest=D(500)),  # new: not in the cohort
        ]

        found = retention(rows)

        assert found.cohort == 3
        assert found.nrr == D("0.75")  # (150 + 120 + 30) ÷ 400
        assert found.grr == D("0.625")  # (100 + 120 + 30) ÷ 400
        assert (found.expansion, found.contraction, found.churn) == (
            D(50),
            D(-80),
            D(-70),
        )
        assert (found.growers, found.shrinkers, found.lost) == (1, 1, 1)

    def test_grr_is_never_above_one(self) -> None:
        assert retention([Kept(D(10), D(90), D(9))]).grr == 1

    def test_without_a_cohort_there_is_none(self) -> None:
        found = retention([Kept(D(0), D(5), D(5))])

        assert (found.nrr, found.grr, found.cohort) == (None, None, 0)


class TestConcentration:
    @pytest.mark.parametrize(
        ("amounts", "top", "herfindahl"),
        [
            ([10], D(1), D(1)),
            ([25, 25, 25, 25], D(1), D("0.25")),
            ([50, 10, 10, 10, 10, 10], D("0.9"), D("0.30")),
            ([60, 40, 0, -5], D(1), D("0.52")),
            ([], None, None),
        ],
    )
    def test_by_hand(
        self, amounts: list[int], top: Decimal | None, herfindahl: Decimal | None
    ) -> None:
        found = concentration([D(amount) for amount in amounts])

        assert (found.top_share, found.herfindahl) == (top, herfindahl)


class TestTempo:
    def test_is_the_median_with_its_n(self) -> None:
        assert (tempo([3, 9, 4, 100]).days, tempo([3, 9, 4, 100]).n) == (6.5, 4)
        assert tempo([]).days is None

    def test_counts_those_that_arrived_since_a_day(self) -> None:
        climbs = [
            {"first_contact": date(2026, 1, 1), "production": date(2026, 5, 1)},
            {"first_contact": date(2025, 1, 1), "production": date(2025, 9, 1)},
            {"first_contact": date(2026, 1, 1)},
        ]

        found = between(
            climbs, start="first_contact", end="production", since=date(2025, 11, 23)
        )

        assert (found.days, found.n) == (120, 1)

    def test_share_of_nothing_is_none(self) -> None:
        assert Rate(1, 4).share == 0.25
        assert Rate(0, 0).share is None


def reach(
    name: str, accounts: int, latest: date | None, first: date | None = None
) -> Reach:
    return Reach(len(name), name, accounts, first or date(2025, 1, 1), latest)


class TestCoverage:
    def found(self, *sources: Reach) -> Any:
        return coverage_of(sources, wanted=date(2026, 11, 21))

    def test_is_the_share_of_accounts_with_data_through_the_day(self) -> None:
        found = self.found(
            reach("a", 95, date(2026, 11, 21)), reach("b", 5, date(2026, 11, 20))
        )

        assert found.share == D("0.95")
        assert found.is_enough

    def test_below_95_percent_is_provisional(self) -> None:
        found = self.found(reach("a", 94, date(2026, 11, 22)), reach("b", 6, None))

        assert found.share == D("0.94")
        assert not found.is_enough

    def test_does_not_wait_for_a_source_that_has_ended(self) -> None:
        found = self.found(
            reach("old", 50, date(2026, 1, 31)), reach("a", 1, date(2026, 11, 22))
        )

        assert found.share == 1


def point(day: date, cost: int, currency: str = "EUR", **fields: int) -> Point:
    return Point(
        day=day,
        key=str(fields.get("source", 1)),
        currency=currency,
        billed=D(cost),
        effective=D(cost),
        listed=D(cost),
        contracted=D(cost),
        ai=D(fields.get("ai", 0)),
        tokens_in=D(fields.get("into", 0)),
        tokens_out=D(fields.get("out", 0)),
        gpu_hours=D(fields.get("gpu", 0)),
        rows=1,
    )


def facts(
    points: list[Point], *, complete: int = 800, sources: list[Reach] | None = None
) -> UsageFacts:
    """Return facts of a source with so many complete days before the end of the week."""
    week = frame()
    rates = [
        ("EUR", "USD", MONDAY - timedelta(days=400), D(2)),
        ("EUR", "USD", MONDAY - timedelta(days=2), D("1.25")),
    ]
    latest = week.after - timedelta(days=1)
    known = reach("a", 1, latest, week.after - timedelta(days=complete))
    window = Days(week.after - timedelta(days=500), week.after)
    return facts_of(week, points, sources or [known], Converter(rates, window))


class TestUsage:
    def test_converts_each_day_at_its_rate_and_says_of_which_day_it_is(self) -> None:
        found = facts([point(MONDAY, 100, "USD", ai=50), point(MONDAY, 20)])

        total = found.total("spend", found.period)
        assert total.value == 100  # 100 USD ÷ 1.25 + 20
        assert total.rate_on == MONDAY - timedelta(days=2)
        assert found.ai_share(found.period) == D("0.4")

    def test_refuses_a_total_by_name_when_a_rate_is_missing(self) -> None:
        found = facts([point(MONDAY, 100, "CNY", into=5), point(MONDAY, 20)])

        total = found.total("spend", found.period)
        assert total.value is None
        assert "CNY/EUR" in total.refusal
        assert found.period_growth("spend") is None
        assert found.total("tokens", found.period).value == 5

    def test_compares_only_days_that_are_complete_in_both_weeks(self) -> None:
        before = [point(MONDAY - timedelta(days=n), 10) for n in range(1, 8)]
        this = [point(MONDAY + timedelta(days=n), 15) for n in range(6)]
        reaching = reach("a", 1, MONDAY + timedelta(days=4))

        growth = facts([*before, *this], sources=[reaching]).period_growth("spend")

        assert growth is not None
        assert (growth.now, growth.before, growth.days) == (D(75), D(50), 5)
        assert growth.ratio == D("0.5")
        assert not growth.is_whole

    def test_a_late_source_neither_hides_the_others_nor_reads_as_a_drop(self) -> None:
        week = [MONDAY + timedelta(days=n) for n in range(-7, 7)]
        good = [point(day, 10) for day in week]
        late = [point(day, 90, source=2) for day in week[:8]]
        sources = [
            reach("a", 9, week[-1]),
            reach("bb", 1, week[7]),  # Monday only
        ]

        growth = facts([*good, *late], sources=sources).period_growth("spend")

        assert growth is not None
        # seven days of one source, one day of the other
        assert (growth.now, growth.before) == (D(160), D(160))
        assert (growth.days, growth.behind) == (7, (("bb", 1),))

    def test_over_a_year_aligns_weekdays(self) -> None:
        later = [point(MONDAY + timedelta(days=n), 30) for n in range(7)]
        earlier = [point(MONDAY - timedelta(days=364 - n), 20) for n in range(7)]

        growth = facts([*later, *earlier]).year_growth("spend")

        assert growth is not None
        assert (growth.now, growth.before, growth.days) == (D(210), D(140), 28)

    def test_windows_hold_the_same_number_of_days_on_both_sides(self) -> None:
        windows = windows_of(facts([point(MONDAY, 1)], complete=40))

        assert len(windows["period"][1]) == 7
        assert len(windows["now"][1]) == len(windows["before"][1]) == 7
        assert len(windows["four"][1]) == len(windows["four_before"][1]) == 12
        assert windows["year"][1] == []
        assert len(windows["latest"][1]) == 28
