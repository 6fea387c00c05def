"""Alerts open once, close after clean days, and are cared for by people."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from crm.watch.models import Alert, AlertRule
from crm.watch.operations import alerts as operations
from crm.watch.queries.findings import Finding
from crm.watch.risk import CLEAR, UNKNOWN, Judgement, tripped
from crm.watch.rules import Subject
from tests import make

pytestmark = pytest.mark.django_db
DAY_ONE = datetime(2026, 11, 2, 4, tzinfo=UTC)
TRIPPED = tripped("nothing_used", days=7)


@pytest.fixture
def rule() -> AlertRule:
    return AlertRule.objects.get(code="usage_falling")


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER)


def night(day: int) -> datetime:
    return DAY_ONE + timedelta(days=day - 1)


def settle(
    rule: AlertRule, judgement: Judgement, *, day: int, owner: User | None = None
) -> operations.Settled:
    finding = Finding(
        rule=rule,
        subject_type=Subject.SOURCE,
        subject_id=7,
        name="Munich",
        judgement=judgement,
        owner_id=owner.pk if owner else None,
    )
    standing = list(Alert.objects.standing().select_related("rule"))
    return operations.settle(findings=[finding], standing=standing, at=night(day))


class TestSettle:
    def test_opens_once_and_tells_the_journal(self, rule: AlertRule) -> None:
        settle(rule, TRIPPED, day=1)
        settle(rule, TRIPPED, day=1)
        settle(rule, TRIPPED, day=2)

        alert = Alert.objects.get()
        assert (alert.opened_at, alert.seen_on) == (night(1), night(2).date())
        assert alert.words == "Nothing was used for 7 days."
        assert Event.objects.filter(kind="alert.opened").count() == 1

    def test_opens_nothing_when_clear_or_unknown(self, rule: AlertRule) -> None:
        settle(rule, CLEAR, day=1)
        settle(rule, UNKNOWN, day=2)

        assert not Alert.objects.exists()

    def test_closes_after_the_clean_days(self, rule: AlertRule) -> None:
        settle(rule, TRIPPED, day=1)
        for day in range(2, 16):
            settle(rule, CLEAR, day=day)
        assert Alert.objects.standing().count() == 1

        settle(rule, CLEAR, day=16)

        alert = Alert.objects.get()
        assert (alert.resolved_at, alert.resolved_by) == (night(16), None)
        assert Event.objects.filter(kind="alert.resolved").count() == 1

    def test_begins_to_count_anew_when_tripped_again(self, rule: AlertRule) -> None:
        settle(rule, TRIPPED, day=1)
        for day in range(2, 15):
            settle(rule, CLEAR, day=day)
        settle(rule, TRIPPED, day=15)
        for day in range(16, 30):
            settle(rule, CLEAR, day=day)

        assert Alert.objects.standing().count() == 1
        assert Alert.objects.count() == 1

    def test_takes_an_unknown_day_for_no_clean_one(self, rule: AlertRule) -> None:
        settle(rule, TRIPPED, day=1)
        settle(rule, CLEAR, day=2)
        settle(rule, UNKNOWN, day=3)
        settle(rule, CLEAR, day=4)

        assert Alert.objects.get().clean_since == night(4).date()

    def test_follows_the_owner(self, rule: AlertRule, anna: User) -> None:
        settle(rule, TRIPPED, day=1)
        settle(rule, TRIPPED, day=2, owner=anna)

        assert Alert.objects.get().owner == anna

    def test_opens_anew_after_it_was_closed(self, rule: AlertRule) -> None:
        settle(rule, TRIPPED, day=1)
        settle(rule, CLEAR, day=2)
        settle(rule, CLEAR, day=16)
        settle(rule, TRIPPED, day=17)

        assert Alert.objects.count() == 2
        assert Alert.objects.standing().get().opened_at == night(17)


class TestPeople:
    @pytest.fixture
    def alert(self, rule: AlertRule) -> Alert:
        settle(rule, TRIPPED, day=1)
        return Alert.objects.get()

    def test_acknowledge_once(self, alert: Alert, anna: User) -> None:
        done = operations.acknowledge_alert(alert=alert, by=anna, at=night(2))

        assert (done.acknowledged_by, done.resolved_at) == (anna, None)
        with pytest.raises(operations.AlertRefusedError, match="already"):
            operations.acknowledge_alert(alert=alert, by=anna, at=night(3))

    def test_snooze_for_a_while(self, alert: Alert, anna: User) -> None:
        until = night(30).date()

        done = operations.snooze_alert(alert=alert, until=until, by=anna, at=night(2))

        assert done.snoozed_until == until

    @pytest.mark.parametrize("days", [0, -1, 91])
    def test_do_not_snooze_for_ever_or_into_the_past(
        self, alert: Alert, anna: User, days: int
    ) -> None:
        until = night(2).date() + timedelta(days=days)

        with pytest.raises(operations.AlertRefusedError, match="90 days"):
            operations.snooze_alert(alert=alert, until=until, by=anna, at=night(2))

        alert.refresh_from_db()
        assert alert.snoozed_until is None

    def test_resolve_with_a_word(self, alert: Alert, anna: User) -> None:
        done = operations.resolve_alert(
            alert=alert, comment="They moved house", by=anna, at=night(2)
        )

        assert (done.resolved_by, done.comment) == (anna, "They moved house")
        with pytest.raises(operations.AlertRefusedError, match="already"):
            operations.resolve_alert(alert=alert, comment="x", by=anna, at=night(3))

    def test_do_not_resolve_without_one(self, alert: Alert, anna: User) -> None:
        with pytest.raises(operations.AlertRefusedError, match="why"):
            operations.resolve_alert(alert=alert, comment=" ", by=anna, at=night(2))

        alert.refresh_from_db()
        assert alert.resolved_at is None


class TestDatabase:
    def test_holds_one_standing_alert_per_rule_and_subject(
        self, rule: AlertRule
    ) -> None:
        settle(rule, TRIPPED, day=1)
        alert = Alert.objects.get()

        alert.pk = None
        with (
            pytest.raises(IntegrityError, match="alert_one_standing"),
            transaction.atomic(),
        ):
            alert.save(force_insert=True)
        alert.resolved_at = alert.opened_at
        alert.save(force_insert=True)

        assert Alert.objects.count() == 2

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"acknowledged_at": night(2)}, "acknowledged_by_somebody"),
            ({"resolved_at": night(0)}, "resolved_after_it_opened"),
            ({"subject_type": "x"}, "subject_is_known"),
        ],
    )
    def test_refuses_half_truths(
        self, rule: AlertRule, changes: dict[str, object], constraint: str
    ) -> None:
        settle(rule, TRIPPED, day=1)

        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Alert.objects.update(**changes)

    def test_refuses_a_person_without_a_comment(
        self, rule: AlertRule, anna: User
    ) -> None:
        settle(rule, TRIPPED, day=1)

        with (
            pytest.raises(IntegrityError, match="with_a_comment"),
            transaction.atomic(),
        ):
            Alert.objects.update(resolved_at=night(2), resolved_by=anna)
