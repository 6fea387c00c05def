"""The nightly look: once a day, killed or not; sources, gates, proposals, scores by hand."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.watch.models import (
    Alert,
    AlertRule,
    GateLook,
    HealthSnapshot,
    Stocktaking,
)
from crm.watch.operations import proposals, stock
from crm.watch.queries.detectors import lags
from partners.models import Cooperation, Proposal
from partners.stages import Stage
from tests import make

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 4, tzinfo=UTC)
EARLIER = NIGHT - timedelta(days=20)


def used(cooperation: Cooperation, *, days: int, until: date, cost: int = 100) -> None:
    """Let the only account of the partner be used on so many days before a day."""
    account = make.cloud_account(cooperation.partner)
    for back in range(1, days + 1):
        make.usage(
            account,
            until - timedelta(days=back),
            cost,
            model="qwen-max",
            currency="CNY",
            delivered_at=NIGHT,
        )


class TestTakeStock:
    def test_twice_a_night_changes_nothing(self) -> None:
        make.cooperation(entered_at=NIGHT - timedelta(days=300))
        first = stock.take_stock(at=NIGHT)
        assert (first.cooperations, first.snapshots, first.opened) == (1, 1, 1)

        with pytest.raises(stock.StocktakingRefusedError):
            stock.take_stock(at=NIGHT)
        again = stock.take_stock(at=NIGHT, is_forced=True)

        assert (again.snapshots, again.opened) == (0, 0)
        assert (Alert.objects.count(), HealthSnapshot.objects.count()) == (1, 1)

    def test_takes_over_what_died(self) -> None:
        make.cooperation()
        Stocktaking.objects.create(
            day=NIGHT.date(),
            claimed_by="00000000-0000-4000-8000-000000000000",
            started_at=NIGHT,
            lease_until=NIGHT + stock.LEASE,
        )
        assert stock.is_done(at=NIGHT)

        later = NIGHT + stock.LEASE
        assert not stock.is_done(at=later)
        assert stock.take_stock(at=later).finished_at == later

    def test_keeps_health_that_did_not_change(self) -> None:
        cooperation = make.cooperation(stage=Stage.MOU, entered_at=EARLIER)
        stock.take_stock(at=NIGHT)
        stock.take_stock(at=NIGHT + timedelta(days=1))
        assert HealthSnapshot.objects.count() == 1

        stock.take_stock(at=NIGHT + timedelta(days=60))

        snapshots = HealthSnapshot.objects.filter(cooperation=cooperation)
        assert snapshots.count() == 1  # late in stage is told, the gate is unknown
        GateLook.objects.create(
            cooperation=cooperation,
            stay_id=cooperation.transitions.get().pk,
            passed=1,
            total=2,
            looked_at=NIGHT,
        )
        stock.take_stock(at=NIGHT + timedelta(days=61))
        assert snapshots.count() == 2
        assert (
            snapshots.get(is_latest=True).deployment == 30
        )  # 50 less 10 for each of 2 steps: (81 − 60) ÷ 15

    def test_resolves_what_is_closed_or_switched_off(self) -> None:
        make.cooperation(entered_at=NIGHT - timedelta(days=300))
        stock.take_stock(at=NIGHT)
        AlertRule.objects.filter(code="stalled").update(is_active=False)

        stock.take_stock(at=NIGHT + timedelta(days=1))

        assert not Alert.objects.standing().exists()

    def test_asks_the_same_for_any_number(self) -> None:
        asked = []
        for day, more in enumerate((2, 18)):
            for _ in range(more):
                make.cooperation(entered_at=NIGHT - timedelta(days=300))
            with CaptureQueriesContext(connection) as queries:
                stock.take_stock(at=NIGHT + timedelta(days=day))
            asked.append(len(queries))

        assert (
            asked[1] <= asked[0] + 4
        )  # the second night also changes older alerts, by way of a stage

    def test_stops_when_somebody_else_took_it_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(2):
            make.cooperation()
        look_at, looked = stock.look_at, []

        def slow(ids: Any, **rest: Any) -> int:
            looked.append(ids)
            Stocktaking.objects.update(claimed_by=uuid.uuid4())
            return look_at(ids, **rest)

        monkeypatch.setattr(stock, "CHUNK", 1)
        monkeypatch.setattr(stock, "look_at", slow)

        with pytest.raises(stock.StocktakingRefusedError, match="took the look over"):
            stock.take_stock(at=NIGHT)

        assert len(looked) == 1
        assert Stocktaking.objects.get().finished_at is None


class TestSources:
    def test_late_data_opens_and_closes(self) -> None:
        cooperation = make.cooperation()
        used(cooperation, days=1, until=NIGHT.date() - timedelta(days=9))

        stock.take_stock(at=NIGHT)

        alert = Alert.objects.standing().get(rule__code="late_data")
        assert alert.seen["latest"] == "2026-11-13"
        used(cooperation, days=1, until=NIGHT.date())
        stock.take_stock(at=NIGHT + timedelta(days=1))
        stock.take_stock(at=NIGHT + timedelta(days=2))
        assert alert in Alert.objects.filter(rule__code="late_data")

    def test_spend_of_nobody_is_told_by_account(self) -> None:
        account = make.cloud_account(name="orphan")
        make.usage(account, NIGHT.date() - timedelta(days=1), 500)

        stock.take_stock(at=NIGHT)

        alert = Alert.objects.get(rule__code="unassigned_spend")
        assert (alert.subject_name, alert.partner) == ("orphan", None)
        assert alert.words == "500.00 USD since last month belong to no partner."


class TestProposals:
    def test_shadow_production_is_proposed_not_made(self) -> None:
        cooperation = make.cooperation(
            stage=Stage.JOINT_POC,
            entered_at=EARLIER,
            expected_monthly_spend=Decimal(3000),
            currency="CNY",
        )
        used(cooperation, days=15, until=NIGHT.date())

        stock.take_stock(at=NIGHT)

        cooperation.refresh_from_db()
        assert cooperation.stage_id == Stage.JOINT_POC
        proposal = Proposal.objects.get(cooperation=cooperation)
        assert (proposal.kind, proposal.to_stage_id) == (
            Proposal.Kind.SHADOW_PRODUCTION,
            Stage.PRODUCTION,
        )

    def test_a_step_back_is_proposed_after_28_silent_days(self) -> None:
        cooperation = make.cooperation(
            stage=Stage.PRODUCTION, entered_at=NIGHT - timedelta(days=100)
        )
        used(cooperation, days=3, until=NIGHT.date() - timedelta(days=28))
        make.usage(  # another account of the same source shows that data is fresh
            make.cloud_account(), NIGHT.date() - timedelta(days=1), delivered_at=NIGHT
        )

        stock.take_stock(at=NIGHT)

        proposal = Proposal.objects.get(cooperation=cooperation)
        assert proposal.kind == Proposal.Kind.REGRESSION

    def test_a_gate_without_anybody_to_ask_is_remembered_as_unknown(self) -> None:
        cooperation = make.cooperation(make.partner())
        Cooperation.objects.update(owner=None)

        assert proposals.look_at_gates(at=NIGHT) == 1

        look = GateLook.objects.get(cooperation=cooperation)
        assert (look.passed, look.total) == (0, 0)

    def test_a_gate_is_looked_at_and_remembered(self) -> None:
        cooperation = make.cooperation(entered_at=EARLIER)

        assert proposals.look_at_gates(at=NIGHT) == 1
        assert proposals.look_at_gates(at=NIGHT + timedelta(hours=1)) == 0

        look = GateLook.objects.get(cooperation=cooperation)
        assert 0 < look.passed < look.total
        stock.take_stock(at=NIGHT)
        snapshot = HealthSnapshot.objects.get(cooperation=cooperation)
        assert snapshot.deployment == round(100 * look.passed / look.total)


class TestLags:
    def test_count_from_the_announcement_to_the_first_ai_day(self) -> None:
        reached = make.cooperation(announced_on=date(2026, 10, 1))
        waiting = make.cooperation(announced_on=date(2026, 6, 1))
        make.cooperation(announced_on=date(2026, 11, 1))
        used(reached, days=10, until=date(2026, 11, 11))

        found = lags(
            list(Cooperation.objects.values_list("pk", flat=True)), today=NIGHT.date()
        )

        assert [(lag.cooperation, lag.days) for lag in found.reached] == [(reached, 31)]
        assert [(lag.cooperation, lag.days) for lag in found.waiting] == [
            (waiting, 175)
        ]
        assert found.median_days == 31
