"""Deals of a week: forecast, targets and outcomes, each number computed by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.reports.payloads import headline_of
from deals.models import AttributionCredit
from deals.operations import stages
from deals.operations.stages import Closing
from deals.pipeline import DealStage
from deals.queries import track_record
from deals.queries.forecast import Slice
from tests import make
from tests.crm.figures.deal_world import (
    AT,
    DELIVERED,
    MONDAY,
    T,
    World,
    kept,
    labelled,
    raw,
    rows,
    target,
    told,
)

D = Decimal

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]


@pytest.fixture
def world() -> World:
    return World()


class TestForecast:
    def test_has_change_and_target(self, world: World) -> None:
        deal = world.deal(DealStage.COMMITTED, 1000)
        kept(deal, MONDAY - timedelta(days=7), probability=60)
        target(900, owner=world.anna)

        found = headline_of(world.payload())["forecast"]

        assert found["value"]["value"] == "800.00"  # 1,000 × 80 %
        # the week before: 1,000 × 60 % = 600; 200 ÷ 600
        assert found["change"]["value"]["value"] == "0.333333"
        assert found["target"]["value"] == "900.00"

    def test_converts_a_target_and_names_the_day_of_the_rate(
        self, world: World
    ) -> None:
        world.deal(DealStage.COMMITTED, 1000)
        target(1000, team=world.team, currency="USD")

        found = headline_of(world.payload())["forecast"]

        assert found["target"]["value"] == "800.00"  # 1,000 ÷ 1.25
        assert found["target"]["rate_on"] == "2026-11-23"

    def test_takes_no_target_of_other_partners(self, world: World) -> None:
        world.deal(DealStage.COMMITTED, 1000)
        target(900, owner=world.anna)
        target(5000)

        both = headline_of(world.payload(world.big.pk, world.other.pk))["forecast"]
        one = headline_of(world.payload())["forecast"]

        assert both["target"]["value"] == "5000.00"
        assert one["target"]["value"] == "900.00"

    def test_coverage_by_hand(self, world: World) -> None:
        world.deal(DealStage.QUALIFIED, 300)
        world.deal(DealStage.PROSPECT, 9000)
        world.deal(DealStage.LAUNCHED, 400)
        target(1000, owner=world.anna)

        found = labelled(world.payload(), "forecast")["Pipeline coverage"]

        assert found["value"]["value"] == "0.50"  # 300 ÷ (1,000 − 400)

    def test_says_that_the_target_is_met(self, world: World) -> None:
        world.deal(DealStage.LAUNCHED, 1000)
        target(1000, owner=world.anna)

        found = labelled(world.payload(), "forecast")["Pipeline coverage"]

        assert found["value"]["value"] == "target met"

    def test_slipped_deals_say_how_often_they_were_pushed(self, world: World) -> None:
        deal = world.deal(
            DealStage.COMMITTED, 500, target_close_on=date(2027, 2, 1), title="Late"
        )
        kept(deal, MONDAY - timedelta(days=21), target_close_on=date(2026, 11, 1))
        kept(deal, MONDAY - timedelta(days=14), target_close_on=date(2026, 12, 1))
        kept(deal, MONDAY - timedelta(days=7), target_close_on=date(2026, 12, 20))

        payload = world.payload()

        slipped = labelled(payload, "forecast")["Slipped out of the quarter"]
        assert slipped["value"]["value"] == 1
        table = told(payload, "forecast")[-1]["rows"]
        assert raw(table[0]) == ["Late", "500.00", "2027-02-01", "2"]


class TestSpendTarget:
    def test_is_a_share_of_the_quarter(self, world: World) -> None:
        account = make.cloud_account(world.big)
        make.usage(account, MONDAY, 70, currency="EUR", delivered_at=DELIVERED)
        make.usage(
            account, MONDAY, 30, currency="EUR", model="qwen", delivered_at=DELIVERED
        )
        target(9200, metric="spend", owner=world.anna)
        target(4600, metric="ai_spend", owner=world.anna)

        found = headline_of(world.payload())

        # 92 days in the quarter: 9,200 × 7 ÷ 92
        assert found["spend"]["target"]["value"] == "700.00"
        assert found["ai-share"]["target"]["value"] == "0.500000"

    def test_has_no_holes(self, world: World) -> None:
        account = make.cloud_account(world.big)
        make.usage(account, MONDAY, 70, currency="EUR", delivered_at=DELIVERED)
        target(
            500,
            metric="spend",
            owner=world.anna,
            start_on=MONDAY + timedelta(days=1),
            end_on=T,
        )

        assert "target" not in headline_of(world.payload())["spend"]


class TestOutcomes:
    def test_accuracy_by_hand_and_as_the_deal_pages_have_it(self, world: World) -> None:
        day = date(2026, 9, 1)
        won = world.deal(DealStage.LAUNCHED, 1000, closed_on=day, currency="USD")
        fourth = date(2026, 7, 20)  # 1 July + 21 days is the 22nd, a Wednesday
        kept(won, fourth, target_close_on=day, probability=60)

        payload = world.payload()

        found = labelled(payload, "outcomes")["Forecast accuracy, 2026-Q3"]
        # forecast 600 USD = 480 €, actual 1,000 USD = 800 €: 1 − 320 ÷ 800
        assert found["value"]["value"] == "0.600000"
        there = track_record.accuracy(
            quarter=world.facts().pipeline.weeks.judged,
            currency="EUR",
            of=Slice(partner_ids=[world.big.pk]),
        )
        assert there.share == D("0.6")

    def test_accuracy_is_unknown_without_a_forecast(self, world: World) -> None:
        world.deal(DealStage.LAUNCHED, 1000, closed_on=date(2026, 9, 1))

        found = labelled(world.payload(), "outcomes")["Forecast accuracy, 2026-Q3"]

        assert found["value"]["kind"] == "unknown"

    def test_realisation_by_hand(self, world: World) -> None:
        launched = date(2026, 8, 1)
        world.deal(
            DealStage.LAUNCHED, 1000, closed_on=launched, monthly_spend=D("304.40")
        )
        account = make.cloud_account(world.big)
        for number in (60, 61, 88, 89):  # days 61 and 88 count
            on = launched + timedelta(days=number)
            make.usage(account, on, 70, currency="EUR", delivered_at=DELIVERED)

        payload = world.payload()

        # 140 ÷ (304.40 × 28 ÷ 30.44 = 280)
        found = labelled(payload, "outcomes")["Realisation ratio"]
        assert found["value"]["value"] == "0.500000"
        assert "n = 1" in found["note"]
        row = rows(payload, "outcomes", "won deals brought")[0]
        assert raw(row)[2:] == ["280.00", "140.00", "0.500000"]

    def credited(self, world: World) -> None:
        """Credit an open and a won deal; leave a won and a lost one without."""
        by = world.anna
        opened = world.deal(DealStage.QUALIFIED, 1000)
        won = world.deal(
            DealStage.COMMITTED,
            500,
            agreement=make.agreement(world.big),
            end_customer="Shop",
            use_case="Search",
            monthly_spend=10,
            contract_months=12,
            owner=by,
        )
        world.deal(DealStage.LAUNCHED, 900)
        world.deal(DealStage.CLOSED_LOST, 100)
        for deal, kind, percent in (
            (opened, "sourced", 60),
            (won, "influenced", 50),
        ):
            AttributionCredit.objects.create(
                deal=deal,
                partner=world.big,
                kind=kind,
                percent=percent,
                evidence="Introduced us",
                by=by,
                given_at=AT,
            )
        stages.win_deal(
            deal=won,
            closing=Closing(reason="price", closed_on=date(2026, 10, 21)),
            by=by,
            at=datetime(2026, 10, 21, 9, tzinfo=UTC),
        )

    def test_attribution_by_hand(self, world: World) -> None:
        self.credited(world)

        payload = world.payload()

        lines = rows(payload, "outcomes", "Sourced and influenced")
        assert raw(lines[0]) == ["sourced", "600.00", "1", "0.00", "0"]
        assert raw(lines[1]) == ["influenced", "0.00", "0", "250.00", "1"]
        found = labelled(payload, "outcomes")
        # with a partner 1 of 1 after 20 days; without 1 of 2 after 10 days
        assert found["Win rate with a partner"]["value"]["value"] == "1 of 1"
        assert found["Win rate with a partner"]["note"] == "20 days to close, n = 1"
        assert found["Win rate without a partner"]["value"]["value"] == "1 of 2"
        assert found["Win rate without a partner"]["note"] == "10 days to close, n = 1"
