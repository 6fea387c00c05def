"""Forecasts against values computed by hand; source: the KPI dictionary, 4.2."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.periods import Quarter
from deals.models import Deal, DealSnapshot, Target
from deals.pipeline import DealStage
from deals.queries import track_record
from deals.queries.forecast import Slice, forecast, needed_coverage
from deals.queries.realisation import (
    launch_of,
    realisation_of,
    realised,
    realised_by,
)
from tests import make
from tests.deals import making

pytestmark = pytest.mark.django_db

D = Decimal
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
Q4 = Quarter(2026, 4)
IN_Q4 = date(2026, 12, 1)


def dealt(stage: str, amount: int, **fields: Any) -> Deal:
    """Make a deal of this stage that closes, or closed, in the quarter unless told."""
    values: dict[str, Any] = {"target_close_on": IN_Q4, "currency": "USD"}
    if stage == DealStage.LAUNCHED:
        values["closed_on"] = date(2026, 10, 20)
    if stage == DealStage.CLOSED_LOST:
        values |= {"closed_on": date(2026, 10, 20), "lost_reason": "price"}
    return making.deal(stage, amount, **{**values, **fields})


class TestForecast:
    def test_rolls_up_cumulatively_and_weighs_open_deals(self) -> None:
        dealt(DealStage.LAUNCHED, 100)
        dealt(DealStage.COMMITTED, 50)
        dealt(DealStage.TECHNICAL_VALIDATION, 30)
        dealt(DealStage.QUALIFIED, 20)
        dealt(DealStage.QUALIFIED, 1000, target_close_on=date(2027, 2, 1))

        one = forecast(period=Q4.days, at=AT, currency="USD").total

        assert one.won.amount == D(100)
        assert one.commit.amount == D(150)
        assert one.best_case.amount == D(180)
        assert one.in_period.amount == D(200)
        assert one.weighted.amount == D(40) + D(12) + D(4)
        assert one.pipeline.amount == D(1100)
        assert (one.open_count, one.open_in_period, one.won_count) == (4, 3, 1)

    def test_divides_by_region_and_adds_up_to_the_whole(self) -> None:
        china = make.partner(country="CN")
        dealt(DealStage.COMMITTED, 50, partner=china)
        dealt(DealStage.COMMITTED, 70, partner=make.partner(country="DE"))

        found = forecast(period=Q4.days, at=AT, currency="USD", by="region")

        assert [(one.key, one.commit.amount) for one in found.lines] == [
            ("DE", D(70)),
            ("CN", D(50)),
        ]
        assert found.total.commit.amount == D(120)

    def test_states_the_day_of_the_rate(self) -> None:
        dealt(DealStage.COMMITTED, 100, currency="EUR")
        making.rate("EUR", "USD", date(2026, 11, 13), "1.1")

        one = forecast(period=Q4.days, at=AT, currency="USD").total

        assert (one.commit.amount, one.pipeline.rate_on) == (D(110), date(2026, 11, 13))

    def test_refuses_a_sum_by_the_name_of_the_missing_rate(self) -> None:
        dealt(DealStage.COMMITTED, 100, currency="JPY")
        dealt(DealStage.COMMITTED, 100)

        one = forecast(period=Q4.days, at=AT, currency="USD").total

        assert one.commit.amount is None
        assert "JPY" in one.commit.refusal
        assert one.commit.by_currency == {"JPY": D(100), "USD": D(100)}

    def test_holds_qualified_pipeline_against_what_the_target_lacks(self) -> None:
        dealt(DealStage.LAUNCHED, 100)
        dealt(DealStage.QUALIFIED, 300)
        dealt(DealStage.PROSPECT, 999)
        days = Q4.days
        Target.objects.create(
            start_on=days.start, end_on=days.end, amount=D(200), currency="USD"
        )

        one = forecast(period=days, at=AT, currency="USD").total

        assert one.coverage == D(3)
        assert one.target is not None
        assert one.target.amount == D(200)

    def test_says_that_a_target_is_met(self) -> None:
        dealt(DealStage.LAUNCHED, 300)
        days = Q4.days
        Target.objects.create(
            start_on=days.start, end_on=days.end, amount=D(200), currency="USD"
        )

        one = forecast(period=days, at=AT, currency="USD").total

        assert (one.coverage, one.is_target_met) == (None, True)

    def test_shows_only_what_the_person_may_see(self) -> None:
        hidden = make.partner(confidentiality="nda", owner=make.user())
        dealt(DealStage.COMMITTED, 50, partner=hidden)
        carla = make.user(Role.ALLIANCE_MANAGER, team=make.team())

        one = forecast(
            period=Q4.days, at=AT, currency="USD", of=Slice(user=carla)
        ).total

        assert one.pipeline.amount == D(0)

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_three_queries(
        self, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        partner = make.partner()
        for _ in range(rows):
            dealt(DealStage.COMMITTED, 50, partner=partner)

        with django_assert_num_queries(3):
            forecast(period=Q4.days, at=AT, currency="USD", by="team")


class TestWinRate:
    def test_leaves_out_what_was_never_qualified_or_never_a_deal(self) -> None:
        dealt(DealStage.LAUNCHED, 300)
        dealt(DealStage.CLOSED_LOST, 100, reached=DealStage.QUALIFIED)
        dealt(DealStage.CLOSED_LOST, 900)
        dealt(
            DealStage.CLOSED_LOST,
            900,
            lost_reason="duplicate",
            reached=DealStage.QUALIFIED,
        )
        dealt(DealStage.LAUNCHED, 900, closed_on=date(2025, 11, 1))

        found = track_record.win_rate(at=AT, currency="USD")

        assert (found.won, found.lost) == (1, 1)
        assert (found.by_count, found.by_value) == (D("0.5"), D("0.75"))
        assert needed_coverage(found.by_count) == D(2)

    def test_of_nothing_decided_is_unknown(self) -> None:
        found = track_record.win_rate(at=AT, currency="USD")

        assert (found.by_count, found.by_value) == (None, None)
        assert needed_coverage(found.by_count) is None


class TestVelocity:
    def test_multiplies_and_divides(self) -> None:
        for amount in (100, 300, 500):
            dealt(
                DealStage.LAUNCHED,
                amount,
                opened_at=datetime(2026, 9, 20, tzinfo=UTC),
            )
        dealt(DealStage.CLOSED_LOST, 100, reached=DealStage.QUALIFIED)
        dealt(DealStage.QUALIFIED, 50)
        dealt(DealStage.QUALIFIED, 50)
        rate = track_record.win_rate(at=AT, currency="USD")

        found = track_record.velocity(at=AT, currency="USD", rate=rate)

        assert (found.open_deals, found.median_amount) == (2, D(300))
        assert found.median_cycle_days == D(30)
        assert found.per_day == 2 * D("0.75") * 300 / 30


def snapshot(deal: Deal, week_on: date, target: date | None, **fields: Any) -> None:
    DealSnapshot.objects.create(
        deal=deal,
        week_on=week_on,
        target_close_on=target,
        taken_at=AT,
        **{
            "stage": deal.stage,
            "category": deal.category,
            "probability": deal.probability,
            "amount": deal.amount,
            "currency": deal.currency,
            **fields,
        },
    )


class TestSlippage:
    def test_finds_what_moved_out_since_last_week(self) -> None:
        moved = dealt(DealStage.QUALIFIED, 70, target_close_on=date(2027, 1, 15))
        stayed = dealt(DealStage.QUALIFIED, 30)
        last_week = date(2026, 11, 9)
        snapshot(moved, last_week, IN_Q4)
        snapshot(stayed, last_week, IN_Q4)

        found = track_record.slippage(period=Q4.days, at=AT, currency="USD")

        assert (found.count, found.amount.amount) == (1, D(70))
        assert found.deal_ids == (moved.pk,)

    def test_counts_how_often_a_deal_was_pushed(self) -> None:
        deal = dealt(DealStage.QUALIFIED, 70)
        for week, target in enumerate((1, 5, 5, 3, 9)):
            snapshot(
                deal,
                date(2026, 9, 7) + timedelta(weeks=week),
                date(2026, 12, target),
            )

        assert track_record.push_counts([deal.pk]) == {deal.pk: 2}


class TestAccuracy:
    def test_holds_the_fourth_week_against_the_end(self) -> None:
        quarter = Quarter(2026, 3)
        won = dealt(DealStage.LAUNCHED, 100, closed_on=date(2026, 9, 1))
        snapshot(
            won,
            date(2026, 7, 20),
            date(2026, 9, 1),
            stage=DealStage.COMMITTED,
            category="commit",
            probability=90,
        )

        found = track_record.accuracy(quarter=quarter, currency="USD")

        assert (found.forecast.amount, found.actual.amount) == (D(90), D(100))
        assert (found.week_on, found.share) == (date(2026, 7, 20), D("0.9"))

    def test_without_a_snapshot_is_unknown(self) -> None:
        found = track_record.accuracy(quarter=Quarter(2026, 3), currency="USD")

        assert (found.week_on, found.share) == (None, None)


class TestRealised:
    @pytest.fixture
    def owner(self) -> User:
        return make.user(Role.ALLIANCE_MANAGER, name="Anna")

    def test_meters_days_61_to_88_after_launch(self, owner: User) -> None:
        launched = date(2026, 6, 1)
        deal = dealt(
            DealStage.LAUNCHED,
            1000,
            closed_on=launched,
            monthly_spend=D("30.44"),
            owner=owner,
        )
        account = make.cloud_account(deal.partner)
        for number in (60, 61, 88, 89):
            make.usage(account, launched + timedelta(days=number), 7, delivered_at=AT)

        (found,) = realised(at=AT)

        assert (found.spend, found.expected) == (D(14), D(28))
        assert found.ratio == D("0.5")
        (share,) = realised_by([found], lambda d: str(d.owner), currency="USD", at=AT)
        assert (share.name, share.ratio) == ("Anna", D("0.5"))
        launch = launch_of(deal, at=AT)
        assert launch is not None
        assert launch.realised is not None
        assert (launch.realised.ratio, launch.told_from) == (
            D("0.5"),
            launched + timedelta(days=89),
        )

    def test_tells_the_least_ratio_of_a_cooperation(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        launched = date(2026, 6, 1)
        cooperation = make.cooperation()
        for monthly in ("30.44", "60.88"):
            dealt(
                DealStage.LAUNCHED,
                1000,
                partner=cooperation.partner,
                cooperation=cooperation,
                closed_on=launched,
                monthly_spend=D(monthly),
            )
        account = make.cloud_account(cooperation.partner)
        for number in (61, 88, 89):
            make.usage(account, launched + timedelta(days=number), 7, delivered_at=AT)

        with django_assert_num_queries(3):
            found = realisation_of([cooperation.pk], at=AT)

        assert found == {cooperation.pk: D("0.25")}

    def test_waits_until_the_days_are_metered(self) -> None:
        deal = dealt(
            DealStage.LAUNCHED,
            1000,
            closed_on=AT.date() - timedelta(days=40),
            monthly_spend=D(30),
        )

        assert realised(at=AT) == []
        launch = launch_of(deal, at=AT)
        assert launch is not None
        assert (launch.realised, launch.told_from) == (
            None,
            AT.date() + timedelta(days=49),
        )

    def test_is_of_launched_deals_that_expect_something(self) -> None:
        launched = dealt(DealStage.LAUNCHED, 1000, closed_on=date(2026, 6, 1))

        assert launch_of(launched, at=AT) is None
        assert launch_of(dealt(DealStage.PROSPECT, 1), at=AT) is None
