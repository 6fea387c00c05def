"""Deals, commitments, agreements and governance of a week, each number computed by hand.

Amounts are in euro; one euro buys 1.25 USD at all times. T is Monday 23 November 2026.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.roles import Role
from crm.figures import sections as figures
from crm.figures.blocks import Block, Figure, Value
from crm.figures.facts import Facts
from crm.reports.operations import runs
from crm.reports.payloads import Payload, VisibleSet, headline_of
from crm.reports.wanted import Wanted
from deals.models import AttributionCredit, Deal, DealSnapshot, Target
from deals.operations import stages
from deals.operations.stages import Closing
from deals.pipeline import DealStage
from deals.queries import track_record
from deals.queries.forecast import Slice
from partners.models import ActionItem, Activity
from tests import make
from tests.deals import making

D = Decimal
MONDAY = date(2026, 11, 16)
T = date(2026, 11, 23)
AT = datetime(2026, 11, 22, 16, tzinfo=UTC)
DELIVERED = datetime(2026, 11, 24, tzinfo=UTC)
IN_Q4 = date(2026, 12, 1)
EVERYTHING = [each.name for each in figures.ALL]

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]


class World:
    """One team with one partner of Anna's, and a partner of nobody in it."""

    def __init__(self) -> None:
        self.team = make.team("North")
        self.anna = make.user(Role.ALLIANCE_MANAGER, name="Anna")
        self.big = make.partner("Big", owner=self.anna, team=self.team)
        self.other = make.partner("Other", owner=make.user(), team=make.team("South"))
        for on in weekly(date(2025, 9, 1), T):
            making.rate("EUR", "USD", on, "1.25")

    def wanted(self, *ids: int, period: str = "2026-W47") -> Wanted:
        return Wanted(
            definition=make.report(sections=EVERYTHING),
            period=period,
            time_zone="Asia/Shanghai",
            currency="EUR",
            language="en",
            visible=VisibleSet(ids or (self.big.pk,), tuple(sorted(figures.rights()))),
        )

    def payload(self, *ids: int) -> Payload:
        return runs.computed_payload(wanted=self.wanted(*ids))

    def facts(self) -> Facts:
        return self.wanted().question().facts

    def deal(self, stage: str, amount: int, **fields: Any) -> Deal:
        values: dict[str, Any] = {
            "partner": self.big,
            "currency": "EUR",
            "target_close_on": IN_Q4,
            "opened_at": datetime(2026, 10, 1, 9, tzinfo=UTC),
        }
        if stage == DealStage.LAUNCHED:
            values["closed_on"] = date(2026, 10, 11)
        if stage == DealStage.CLOSED_LOST:
            values |= {
                "closed_on": date(2026, 10, 11),
                "lost_reason": "price",
                "reached": DealStage.QUALIFIED,
            }
        return making.deal(stage, amount, **{**values, **fields})


def weekly(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 7)]


def kept(deal: Deal, week_on: date, **fields: Any) -> None:
    """Keep how a deal stood at the end of a week."""
    values: dict[str, Any] = {
        "stage": DealStage.COMMITTED,
        "category": "commit",
        "probability": 80,
        "amount": deal.amount,
        "currency": deal.currency,
        "target_close_on": deal.target_close_on,
    }
    DealSnapshot.objects.create(
        deal=deal, week_on=week_on, taken_at=AT, **{**values, **fields}
    )


def target(amount: int, **fields: Any) -> Target:
    values = {
        "metric": "won",
        "start_on": date(2026, 10, 1),
        "end_on": date(2027, 1, 1),
        "currency": "EUR",
    }
    return Target.objects.create(amount=amount, **{**values, **fields})


def told(payload: Payload, name: str) -> list[Block]:
    return next(p["blocks"] for p in payload["sections"] if p["name"] == name)


def labelled(payload: Payload, name: str) -> dict[str, Figure]:
    return {
        figure["label"]: figure
        for block in told(payload, name)
        for figure in block.get("figures", [])
    }


def rows(payload: Payload, name: str, title: str) -> list[list[Value]]:
    return next(
        block["rows"]
        for block in told(payload, name)
        if block["block"] == "table" and title in block.get("title", "")
    )


def raw(cells: list[Value]) -> list[str]:
    return [str(cell.get("value", "")) for cell in cells]


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

    def test_attribution_by_hand(self, world: World) -> None:
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


class TestRenewals:
    def test_window_by_hand(self, world: World) -> None:
        for title, days, fields in (
            ("A", 29, {}),
            ("B", 59, {"notice_days": 40}),
            ("C", 179, {"auto_renews": True, "renewal_months": 12}),
            ("D", 180, {}),
            ("E", 200, {"notice_days": 175}),
        ):
            ends = T + timedelta(days=days)
            make.agreement(world.big, title=title, expires_on=ends, **fields)

        payload = world.payload()

        found = labelled(payload, "renewals")
        counts = [
            found[f"Expiring within {days} days"]["value"]["value"]
            for days in (30, 60, 90, 180)
        ]
        assert counts == [1, 2, 2, 3]
        # B: 59 − 40 = 19 days; E: 200 − 175 = 25 days
        assert found["Notice deadline within 30 days"]["value"]["value"] == 2
        listed = {
            row[1]["value"]: row[4]["value"] for row in rows(payload, "renewals", "")
        }
        assert listed["C"] == "renews by itself for 12 months"
        assert set(listed) == {"A", "B", "C", "E"}
        wanted = [m["title"] for m in told(payload, "decisions")[0]["moves"]]
        assert wanted == ["Big: B", "Big: E"]

    def test_a_renewal_deal_or_a_notice_ends_the_decision(self, world: World) -> None:
        ends = T + timedelta(days=20)
        renewed = make.agreement(world.big, expires_on=ends, notice_days=10)
        make.agreement(
            world.big, expires_on=ends, notice_days=10, notice_given_on=MONDAY
        )
        make.deal(world.big, renews=renewed)

        payload = world.payload()

        assert told(payload, "decisions")[0]["moves"] == []
        follows = [row[4]["value"] for row in rows(payload, "renewals", "")]
        assert follows == ["renewal deal is open", "notice was given"]


class TestGovernance:
    def test_score_by_hand(self, world: World) -> None:
        cooperation = make.cooperation(world.big, title="Search", by=world.anna)
        make.contact(world.big, "Wei", roles=["executive_sponsor"])
        self.sponsor(world)
        self.met(world, AT - timedelta(days=80), is_executive=True)
        self.met(world, AT - timedelta(days=120), is_business_review=True)
        for number, due in enumerate((MONDAY, T + timedelta(days=9))):
            ActionItem.objects.create(
                partner=world.big,
                cooperation=cooperation,
                side="theirs",
                title=f"Promise {number}",
                due_on=due,
            )

        payload = world.payload()

        # sponsors and executives; no review for 120 days; 1 of 2 of their promises late
        row = rows(payload, "governance", "Governance to mend")[0]
        assert raw(row)[2] == "2 / 4"
        assert raw(row)[4:] == ["0 / 0", "1 / 2"]
        found = labelled(payload, "governance")
        mean = found["Governance score, mean of four points"]["value"]
        assert (mean["value"], mean["n"]) == ("2.00", 1)

    def sponsor(self, world: World) -> None:
        world.big.our_sponsor = world.anna
        world.big.save(update_fields=["our_sponsor"])

    def met(self, world: World, at: datetime, **fields: Any) -> None:
        Activity.objects.create(
            partner=world.big,
            kind="meeting",
            summary="Meeting",
            happened_at=at,
            logged_by=world.anna,
            **fields,
        )


class TestCommitments:
    def test_projection_by_hand(self, world: World) -> None:
        making.commitment(
            world.big,
            amount=1000,
            start_on=date(2026, 11, 1),
            end_on=date(2026, 12, 1),
            currency="EUR",
            at=datetime(2026, 10, 30, tzinfo=UTC),
        )
        account = make.cloud_account(world.big)
        for number in range(22):  # 1 to 22 November, 10 a day
            on = date(2026, 11, 1) + timedelta(days=number)
            make.usage(account, on, 10, currency="EUR", delivered_at=DELIVERED)

        payload = world.payload()

        found = labelled(payload, "commitments")
        assert found["Due within twelve months"]["value"]["value"] == "780.00"
        row = rows(payload, "commitments", "Projection")[0]
        # 220 in 22 days; 220 + 10 × 8 days; the rest of 780 lasts 78 days
        assert raw(row)[1:3] == ["10.00", "300.00"]
        assert raw(row)[3] == "2027-02-09"
        drawn = headline_of(payload)["commitments"]
        assert drawn["value"]["value"] == "0.220000"
        assert drawn["target"]["value"] == "0.733333"  # 22 of 30 days
        assert "73.3% of their time is over" in drawn["note"]

    def test_gpu_utilisation_by_hand(self, world: World) -> None:
        making.commitment(
            world.big,
            kind="gpu_reservation",
            amount=3000,
            start_on=date(2026, 11, 1),
            end_on=date(2026, 12, 1),
            at=datetime(2026, 10, 30, tzinfo=UTC),
        )

        row = rows(world.payload(), "commitments", "GPU hours used")[0]

        # 3,000 hours in 30 days; nothing used
        assert raw(row)[1:] == ["100.0", "0.0", "0.000000"]
