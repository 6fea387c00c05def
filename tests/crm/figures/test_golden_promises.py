"""Commitments, agreements and governance of a week, each number computed by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.reports.payloads import headline_of
from partners.models import ActionItem, Activity
from tests import make
from tests.crm.figures.deal_world import (
    AT,
    DELIVERED,
    MONDAY,
    T,
    World,
    labelled,
    raw,
    rows,
    told,
)
from tests.deals import making

D = Decimal

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]


@pytest.fixture
def world() -> World:
    return World()


class TestRenewals:
    def test_window_by_hand(self, world: World) -> None:
        papers: tuple[tuple[str, int, dict[str, Any]], ...] = (
            ("A", 29, {}),
            ("B", 59, {"notice_days": 40}),
            ("C", 179, {"auto_renews": True, "renewal_months": 12}),
            ("D", 180, {}),
            ("E", 200, {"notice_days": 175}),
        )
        for title, days, fields in papers:
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
