"""Doors of the watch: who may open them, what they show, what they refuse."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.watch.models import Alert, AlertRule, HealthOverride, HealthSnapshot
from partners.models import Cooperation
from tests import make
from tests.crm.watch.browsing import browser, sent

pytestmark = pytest.mark.django_db
NIGHT = datetime.now(tz=UTC) - timedelta(minutes=1)
LONG_AGO = NIGHT - timedelta(days=400)


class TestAtRisk:
    def test_shows_letter_owner_and_weeks(self, anna: User, stuck: Cooperation) -> None:
        page = browser(anna).get(reverse("admin:watch_at_risk")).text

        assert "Stuck one" in page
        assert "(c)" in page
        assert "400 days in stage, expected are 60." in page

    def test_hides_what_one_may_not_see(self, carla: User, stuck: Cooperation) -> None:
        page = browser(carla).get(reverse("admin:watch_at_risk")).text
        told = browser(carla).get("/api/v1/at-risk/").json()

        assert "Stuck one" not in page
        assert told == {"at_risk": []}

    def test_tells_programs_the_same(self, anna: User, stuck: Cooperation) -> None:
        (row,) = browser(anna).get("/api/v1/at-risk/").json()["at_risk"]

        assert (row["cooperation_id"], row["weeks"]) == (stuck.pk, 1)
        assert [reason["letter"] for reason in row["reasons"]] == ["c"]

    def test_is_closed_to_strangers(self, stuck: Cooperation) -> None:
        assert Client().get(reverse("admin:watch_at_risk")).status_code == 302
        assert Client().get("/api/v1/at-risk/").status_code == 401


class TestAlerts:
    def test_are_cared_for_by_rest(self, anna: User, stuck: Cooperation) -> None:
        alert = Alert.objects.get(cooperation=stuck)

        done = sent(anna, f"/api/v1/alerts/{alert.pk}/acknowledge/", {"comment": "Me"})

        assert done.status_code == 200
        alert.refresh_from_db()
        assert (alert.acknowledged_by, alert.comment) == (anna, "Me")

    def test_are_absent_for_others(self, carla: User, stuck: Cooperation) -> None:
        alert = Alert.objects.get(cooperation=stuck)

        listed = browser(carla).get("/api/v1/alerts/").json()
        done = sent(carla, f"/api/v1/alerts/{alert.pk}/resolve/", {"comment": "x"})

        assert listed["results"] == []
        assert done.status_code == 404
        alert.refresh_from_db()
        assert alert.resolved_at is None

    def test_open_in_the_admin(self, anna: User, stuck: Cooperation) -> None:
        alert = Alert.objects.get(cooperation=stuck)
        client = browser(anna)

        listed = client.get(reverse("admin:watch_alert_changelist"))
        shown = client.get(reverse("admin:watch_alert_change", args=[alert.pk]))

        assert "Stuck one" in listed.text
        assert "400 days in stage" in shown.text


class TestHealth:
    def test_shows_measures_with_their_reasons(
        self, anna: User, stuck: Cooperation
    ) -> None:
        snapshot = HealthSnapshot.objects.get(cooperation=stuck)
        address = reverse("admin:watch_healthsnapshot_change", args=[snapshot.pk])

        page = browser(anna).get(address).text

        assert "Nobody has looked at the next gate yet." in page
        assert "Governance: 1 of 4 points." in page

    def test_is_said_by_hand_by_rest(self, anna: User, stuck: Cooperation) -> None:
        address = f"/api/v1/cooperations/{stuck.pk}/health-overrides/"

        done = sent(anna, address, {"overall": 80, "reason": "The board said yes"})

        assert done.status_code == 201
        assert HealthOverride.objects.get(cooperation=stuck).overall == 80


class TestRules:
    def test_are_read_by_everyone_and_changed_by_few(self, anna: User) -> None:
        rule = AlertRule.objects.get(code="stalled")
        address = reverse("admin:watch_alertrule_change", args=[rule.pk])

        assert browser(anna).get(address).status_code == 200
        assert browser(anna).post(address, {"clean_days": 1}).status_code == 403
        rule.refresh_from_db()
        assert rule.clean_days == 14

    def test_are_changed_by_directors(self) -> None:
        director = make.user(Role.ALLIANCE_DIRECTOR)
        rule = AlertRule.objects.get(code="stalled")
        address = reverse("admin:watch_alertrule_change", args=[rule.pk])
        values = {
            "severity": "warning",
            "clean_days": 7,
            "is_active": "on",
            "threshold_expected_days_factor": "2",
            "expected_version": rule.version,
        }

        answer = browser(director).post(address, values)

        assert answer.status_code == 302
        rule.refresh_from_db()
        assert (rule.clean_days, rule.thresholds) == (7, {"expected_days_factor": "2"})


class TestChoices:
    def test_are_stored_for_oneself(self, anna: User) -> None:
        done = browser(anna).post(
            reverse("admin:watch_choices"), {"wish-stalled": "nothing"}
        )

        assert done.status_code == 302
        choice = anna.alert_choices.get()
        assert (choice.rule.code, choice.wish) == ("stalled", "nothing")
