"""Doors of the watch where people and programs act: buttons, rules, scores, choices."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from crm.watch.models import Alert, AlertRule, HealthOverride, HealthSnapshot
from crm.watch.operations import healths
from partners.models import Cooperation
from tests import make
from tests.crm.watch.browsing import browser, sent

pytestmark = pytest.mark.django_db
NIGHT = datetime.now(tz=UTC) - timedelta(minutes=1)
CONFIRMED = {"_form_submitted": "True"}


class TestAlertButtons:
    @pytest.mark.parametrize(
        ("button", "typed", "kind"),
        [
            ("acknowledge", {"comment": "Mine"}, "alert.acknowledged"),
            ("snooze", {"comment": "", "until": "{soon}"}, "alert.snoozed"),
            ("resolve", {"comment": "It moved"}, "alert.resolved"),
        ],
    )
    def test_do_what_they_say(
        self,
        anna: User,
        stuck: Cooperation,
        button: str,
        typed: dict[str, str],
        kind: str,
    ) -> None:
        alert = Alert.objects.get(cooperation=stuck)
        soon = (NIGHT + timedelta(days=5)).date().isoformat()
        values = {name: text.format(soon=soon) for name, text in typed.items()}
        address = f"/admin/watch/alert/{alert.pk}/{button}/"
        client = browser(anna)

        asked = client.get(address)
        done = client.post(address, {**values, **CONFIRMED}, follow=True)

        assert (asked.status_code, done.status_code) == (200, 200)
        assert Event.objects.get(kind=kind).by == anna

    def test_are_pressed_for_many_at_once(self, anna: User, stuck: Cooperation) -> None:
        alert = Alert.objects.get(cooperation=stuck)

        listed = browser(anna).post(
            reverse("admin:watch_alert_changelist"),
            {"action": "acknowledge_selected", "_selected_action": alert.pk},
            follow=True,
        )

        alert.refresh_from_db()
        assert alert.acknowledged_by == anna
        assert str(anna) in listed.text

    def test_are_closed_to_whoever_may_not_see_alerts(self, db: None) -> None:
        nobody = browser(make.user())

        for name in ("watch_at_risk", "watch_lags"):
            assert nobody.get(reverse(f"admin:{name}")).status_code == 403


class TestActsByRest:
    def test_snooze_and_resolve(self, anna: User, stuck: Cooperation) -> None:
        alert = Alert.objects.get(cooperation=stuck)
        address = f"/api/v1/alerts/{alert.pk}"
        soon = (NIGHT + timedelta(days=5)).date()

        snoozed = sent(anna, f"{address}/snooze/", {"until": str(soon)})
        resolved = sent(anna, f"{address}/resolve/", {"comment": "It moved"})
        again = sent(anna, f"{address}/resolve/", {"comment": "It moved"})

        assert [each.status_code for each in (snoozed, resolved, again)] == [
            200,
            200,
            409,
        ]
        alert.refresh_from_db()
        assert (alert.snoozed_until, alert.resolved_by) == (soon, anna)
        assert again.json()["code"] == "alert.resolved"


class TestHealthByHand:
    def test_is_scored_and_withdrawn_by_buttons(
        self, anna: User, stuck: Cooperation
    ) -> None:
        snapshot = HealthSnapshot.objects.get(cooperation=stuck)
        page = f"/admin/watch/healthsnapshot/{snapshot.pk}"
        client = browser(anna)

        client.post(
            f"{page}/override/", {"overall": 80, "reason": "The board", **CONFIRMED}
        )
        made = HealthOverride.objects.get(cooperation=stuck)
        shown = client.get(f"{page}/change/").text
        client.post(f"{page}/withdraw/", CONFIRMED)

        assert (made.overall, made.by) == (80, anna)
        assert "The board" in shown
        made.refresh_from_db()
        assert made.withdrawn_at is not None


class TestScheme:
    @pytest.fixture
    def given(self) -> dict[str, Any]:
        latest = healths.scheme_in_force()
        return {
            "weights": latest.weights,
            "numbers": latest.numbers,
            "reason": "As before",
        }

    def test_is_set_by_rest(self, given: dict[str, Any]) -> None:
        director = make.user(Role.ALLIANCE_DIRECTOR)

        made = sent(director, "/api/v1/health-schemes/", given)

        assert made.status_code == 201
        assert healths.scheme_in_force().version == made.json()["version"]
        refused = sent(make.user(Role.LEGAL), "/api/v1/health-schemes/", given)
        assert refused.status_code == 403

    def test_is_set_on_its_page(self, given: dict[str, Any]) -> None:
        before = healths.scheme_in_force().version
        typed = {
            name: value if name == "reason" else json.dumps(value)
            for name, value in given.items()
        }

        browser(make.user(Role.ALLIANCE_DIRECTOR)).post(
            reverse("admin:watch_healthscheme_add"), typed
        )

        assert healths.scheme_in_force().version == before + 1


class TestRulesByRest:
    def test_are_changed_at_the_version_that_was_read(self, db: None) -> None:
        rule = AlertRule.objects.get(code="stalled")
        client = browser(make.user(Role.ALLIANCE_DIRECTOR))
        address = f"/api/v1/alert-rules/{rule.pk}/"
        tag = client.get(address).headers["ETag"]

        answers = [
            client.patch(
                address,
                {"clean_days": days},
                content_type="application/json",
                headers={"If-Match": tag},
            )
            for days in (3, 4)
        ]

        assert [each.status_code for each in answers] == [200, 412]
        rule.refresh_from_db()
        assert rule.clean_days == 3


class TestChoicesPage:
    def test_shows_what_one_gets_and_names_what_it_cannot_store(
        self, anna: User
    ) -> None:
        client = browser(anna)
        address = reverse("admin:watch_choices")

        assert "My alerts by mail" in client.get(address).text
        answer = client.post(address, {"wish-stalled": "sometimes"}, follow=True)

        assert "sometimes" in answer.text
        assert not anna.alert_choices.exists()
