"""Signals are raised once, written down once, and cleared when they no longer hold."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import Partner
from partners.usage import operations
from partners.usage.models import CloudAccount, SignalKind, UsageSignal
from tests import make
from tests.crm.web.api.conftest import caller
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 6, tzinfo=UTC)
TODAY = AT.date()
WEEKS = 9


def raised(kind: SignalKind, *, at: datetime = AT) -> list[UsageSignal]:
    operations.raise_signals(at=at)
    return list(UsageSignal.objects.standing().filter(kind=kind).order_by("day"))


def steady(account: CloudAccount, *, drop_on: date, cost: int) -> None:
    """Use an account by 100 a day for nine weeks, give or take 2, but on one day."""
    for back in range(1, 7 * WEEKS + 1):
        day = TODAY - timedelta(days=back)
        usual = 100 + (back // 7 % 3 - 1) * 2
        make.usage(account, day, cost if day == drop_on else usual, delivered_at=AT)


@pytest.fixture
def partner() -> Partner:
    return make.partner()


class TestAnomalies:
    def test_show_their_arithmetic(self, partner: Partner) -> None:
        day = TODAY - timedelta(days=2)
        steady(make.cloud_account(partner), drop_on=day, cost=50)

        (signal,) = raised(SignalKind.ANOMALY)

        assert (signal.partner, signal.day, signal.currency) == (partner, day, "USD")
        facts = {
            name: float(signal.facts[name])
            for name in ("value", "median", "deviation", "low", "high")
        }
        assert facts["value"] == 50
        assert 98 <= facts["median"] <= 102
        assert facts["low"] == facts["median"] - 4 * facts["deviation"]
        assert facts["high"] == facts["median"] + 4 * facts["deviation"]
        assert (signal.facts["weeks"], signal.facts["is_drop"]) == (8, True)

    def test_are_written_down_once(self, partner: Partner) -> None:
        steady(make.cloud_account(partner), drop_on=TODAY - timedelta(days=1), cost=900)

        raised(SignalKind.ANOMALY)
        raised(SignalKind.ANOMALY, at=AT + timedelta(hours=1))

        event = Event.objects.get(kind="usage.anomaly-noticed")
        assert event.partner_id == partner.pk
        assert event.new["day"] == "2026-02-28"
        assert UsageSignal.objects.filter(kind=SignalKind.ANOMALY).count() == 1

    def test_within_the_pattern_there_is_none(self, partner: Partner) -> None:
        steady(make.cloud_account(partner), drop_on=TODAY, cost=0)

        assert raised(SignalKind.ANOMALY) == []


class TestLateData:
    def test_is_noticed_and_cleared_when_it_comes(self, partner: Partner) -> None:
        account = make.cloud_account(partner)
        make.usage(account, TODAY - timedelta(days=5), delivered_at=AT)

        (signal,) = raised(SignalKind.LATE)
        make.usage(account, TODAY - timedelta(days=1), delivered_at=AT)

        assert signal.source == account.source
        assert signal.facts["latest_day"] == "2026-02-24"
        assert raised(SignalKind.LATE) == []
        signal.refresh_from_db()
        assert signal.cleared_at == AT
        assert Event.objects.filter(kind="usage.late-noticed").count() == 1

    def test_within_its_lateness_is_no_signal(self, partner: Partner) -> None:
        account = make.cloud_account(partner)
        make.usage(account, TODAY - timedelta(days=3), delivered_at=AT)

        assert raised(SignalKind.LATE) == []


class TestUnassignedSpend:
    def test_is_noticed_until_somebody_has_it(self, partner: Partner) -> None:
        account = make.cloud_account()
        make.usage(account, TODAY - timedelta(days=1), 7, delivered_at=AT)

        (signal,) = raised(SignalKind.UNASSIGNED)
        operations.assign_account(
            account=account, partner=partner, since=None, by=make.user(), at=AT
        )

        assert signal.account == account
        assert signal.facts["effective"] == "7.000000000000000000"
        assert raised(SignalKind.UNASSIGNED) == []


class TestHeldDeliveries:
    def test_are_signals_without_a_second_entry(
        self, load: Loader, tmp_path: Path
    ) -> None:
        days = [exports.day(number) for number in range(1, 11)]
        load(exports.write(tmp_path / "all.csv", days))
        load(exports.write(tmp_path / "some.csv", days[:5]))

        (signal,) = raised(SignalKind.HELD)

        assert signal.delivery is not None
        assert signal.facts["reasons"][0]["code"] == "shorter"
        assert not Event.objects.filter(kind="usage.held-noticed").exists()
        assert Event.objects.filter(kind="usage.delivery-held").count() == 1


class TestSeeing:
    def test_only_what_stands_and_may_be_seen(self, partner: Partner) -> None:
        hidden = make.partner(confidentiality="restricted")
        for one in (partner, hidden):
            UsageSignal.objects.create(
                kind="anomaly", partner=one, day=TODAY, raised_at=AT
            )
        anna = caller(make.user(Role.ALLIANCE_MANAGER))

        found = anna.get("/api/v1/usage-signals/?cleared_at__isnull=true").json()

        assert [row["partner_id"] for row in found["results"]] == [partner.pk]
