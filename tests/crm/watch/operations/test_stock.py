"""The nightly look: once a day, killed or not; sources, gates, proposals, scores by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.watch.models import (
    Alert,
    AlertRule,
    GateLook,
    HealthOverride,
    HealthScheme,
    HealthSnapshot,
    Stocktaking,
)
from crm.watch.operations import healths, proposals, rules, stock
from crm.watch.queries import health as health_queries
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


@pytest.fixture
def director() -> User:
    return make.user(Role.ALLIANCE_DIRECTOR)


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

    def test_a_gate_is_looked_at_and_remembered(self) -> None:
        cooperation = make.cooperation(entered_at=EARLIER)

        assert proposals.look_at_gates(at=NIGHT) == 1
        assert proposals.look_at_gates(at=NIGHT + timedelta(hours=1)) == 0

        look = GateLook.objects.get(cooperation=cooperation)
        assert 0 < look.passed < look.total
        stock.take_stock(at=NIGHT)
        snapshot = HealthSnapshot.objects.get(cooperation=cooperation)
        assert snapshot.deployment == round(100 * look.passed / look.total)


class TestByHand:
    def test_a_word_counts_for_thirty_days(self, director: User) -> None:
        cooperation = make.cooperation()
        stock.take_stock(at=NIGHT)

        rules.override_health(
            cooperation=cooperation, overall=90, reason="Board", by=director, at=NIGHT
        )

        today = NIGHT.date()
        now = health_queries.readings([cooperation.pk], today=today)
        later = health_queries.readings(
            [cooperation.pk], today=today + timedelta(days=30)
        )
        assert now[cooperation.pk].overall == 90
        assert later[cooperation.pk].override is None

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"overall": 101, "reason": "x"}, "0 to 100"),
            ({"overall": 50, "reason": " "}, "why"),
            ({"overall": 50, "reason": "x", "ends_on": date(2026, 12, 24)}, "30 days"),
            ({"overall": 50, "reason": "x", "ends_on": date(2026, 11, 23)}, "30 days"),
        ],
    )
    def test_is_refused_without_measure(
        self, director: User, given: dict[str, Any], words: str
    ) -> None:
        cooperation = make.cooperation()

        with pytest.raises(rules.WatchRefusedError, match=words):
            rules.override_health(
                cooperation=cooperation, by=director, at=NIGHT, **given
            )

        assert not HealthOverride.objects.exists()

    def test_is_withdrawn(self, director: User) -> None:
        cooperation = make.cooperation()
        rules.override_health(
            cooperation=cooperation, overall=9, reason="x", by=director, at=NIGHT
        )

        rules.withdraw_override(cooperation=cooperation, by=director, at=NIGHT)

        assert HealthOverride.objects.get().withdrawn_at == NIGHT
        with pytest.raises(rules.WatchRefusedError, match="No score"):
            rules.withdraw_override(cooperation=cooperation, by=director, at=NIGHT)

    def test_database_holds_one_at_a_time(self, director: User) -> None:
        cooperation = make.cooperation()
        for overall in (10, 20):
            rules.override_health(
                cooperation=cooperation,
                overall=overall,
                reason="x",
                by=director,
                at=NIGHT,
            )
        assert HealthOverride.objects.filter(withdrawn_at=None).count() == 1

        with pytest.raises(IntegrityError, match="one_in_force"), transaction.atomic():
            HealthOverride.objects.update(withdrawn_at=None)


class TestScheme:
    def test_is_a_new_version(self, director: User) -> None:
        latest = healths.scheme_in_force()
        weights = {**latest.weights, "mou": dict.fromkeys(latest.weights["mou"], 25)}
        before = HealthScheme.objects.count()

        made = rules.set_scheme(
            weights=weights,
            numbers=latest.numbers,
            reason="Try",
            by=director,
            at=NIGHT,
        )

        assert HealthScheme.objects.count() == before + 1
        assert healths.scheme_in_force().version == made.version

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"weights": {"mou": {"deployment": 100}}}, "mou"),
            ({"numbers": {"green_from": 70}}, "amber_from"),
            ({"reason": ""}, "why"),
        ],
    )
    def test_is_refused_when_it_does_not_add_up(
        self, director: User, changes: dict[str, Any], words: str
    ) -> None:
        latest, before = healths.scheme_in_force(), HealthScheme.objects.count()
        given = {
            "weights": latest.weights,
            "numbers": latest.numbers,
            "reason": "Try",
            **changes,
        }

        with pytest.raises(rules.WatchRefusedError, match=words):
            rules.set_scheme(by=director, at=NIGHT, **given)

        assert HealthScheme.objects.count() == before


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
