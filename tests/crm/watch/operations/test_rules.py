"""What people set by hand: a score in the place of a computed one, rules, the scheme of health."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from crm.watch.models import AlertRule, HealthOverride, HealthScheme
from crm.watch.operations import healths, rules, stock
from crm.watch.queries import health as health_queries
from tests import make

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture
def director() -> User:
    return make.user(Role.ALLIANCE_DIRECTOR)


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

    def test_says_what_it_says_until_when(self, director: User) -> None:
        made = rules.override_health(
            cooperation=make.cooperation(),
            overall=9,
            reason="x",
            ends_on=date(2026, 12, 1),
            by=director,
            at=NIGHT,
        )

        assert str(made) == "9 → 2026-12-01"


class TestEditRule:
    @pytest.fixture
    def rule(self) -> AlertRule:
        return AlertRule.objects.get(code="stalled")

    def test_is_journalled_and_counts_a_version(
        self, rule: AlertRule, director: User
    ) -> None:
        edited = rules.edit_rule(rule=rule, by=director, at=NIGHT, is_active=False)

        assert (edited.is_active, edited.version) == (False, rule.version + 1)
        event = Event.objects.get(kind="alert-rule.edited")
        assert (event.old, event.new) == ({"is_active": True}, {"is_active": False})

    def test_to_what_it_is_writes_nothing(
        self, rule: AlertRule, director: User
    ) -> None:
        for _time in range(2):
            rules.edit_rule(rule=rule, by=director, at=NIGHT, thresholds={})

        assert Event.objects.filter(kind="alert-rule.edited").count() == 1

    def test_changes_only_what_is_for_people(
        self, rule: AlertRule, director: User
    ) -> None:
        with pytest.raises(rules.WatchRefusedError, match=r"changed: code, letter\."):
            rules.edit_rule(rule=rule, by=director, at=NIGHT, letter="z", code="x")


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
