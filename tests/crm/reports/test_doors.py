"""Admin pages and API of reports: wiring, permission, visibility."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.accounts.models import User
from tests import make
from tests.crm.reports.test_delivering import deliver, due

pytestmark = pytest.mark.django_db
PAGES = [
    "reportdefinition",
    "reportsubscription",
    "reportrun",
    "reportdelivery",
    "suppression",
    "sendingplace",
]


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


class TestAdmin:
    @pytest.mark.parametrize("model", PAGES)
    def test_lists_open_for_those_who_manage_reports(self, model: str) -> None:
        deliver(due())
        client = logged_in(make.reports_manager())

        answer = client.get(reverse(f"admin:reports_{model}_changelist"))

        assert answer.status_code == 200

    def test_a_report_is_made_by_its_form(self) -> None:
        by = make.reports_manager()
        answer = logged_in(by).post(
            reverse("admin:reports_reportdefinition_add"),
            {
                "code": "mine",
                "name": "Mine",
                "audience": "manager",
                "sections": ["portfolio"],
                "rhythm": "weekly",
                "weekday": 1,
                "hour": 9,
                "formats": ["pdf"],
                "wait_minutes": 240,
                "catch_up_hours": 120,
                "owner": by.pk,
                "is_active": "on",
            },
        )

        assert answer.status_code == 302, answer.content.decode()[:4000]
        assert by.report_definitions.get().sections == ["portfolio"]

    def test_a_reader_sees_own_deliveries_only(self) -> None:
        definition = make.report(name="Of mine")
        mine = deliver(due(definition=definition))
        deliver(due(definition=make.report(name="Of others")))
        client = logged_in(mine.recipient)

        page = client.get(reverse("admin:reports_reportdelivery_changelist"))

        rows = page.context["cl"].result_list
        assert [row.pk for row in rows] == [mine.pk]

    def test_a_delivery_shows_its_buttons_and_answer(self) -> None:
        delivery = deliver(due())
        client = logged_in(make.reports_manager())

        page = client.get(
            reverse("admin:reports_reportdelivery_change", args=[delivery.pk])
        )

        assert b"stored as" in page.content


class TestApi:
    def test_gives_definitions_runs_and_deliveries(self) -> None:
        delivery = deliver(due())
        client = logged_in(delivery.recipient)

        for name in (
            "report-definitions",
            "report-subscriptions",
            "report-runs",
            "report-deliveries",
        ):
            answer = client.get(f"/api/v1/{name}/", secure=True)
            assert answer.status_code == 200, name
            assert len(answer.json()["results"]) == 1, name

    def test_hides_what_belongs_to_others(self) -> None:
        deliver(due())
        client = logged_in(make.user("finance"))

        for name in ("report-subscriptions", "report-runs", "report-deliveries"):
            answer = client.get(f"/api/v1/{name}/", secure=True)
            assert answer.json()["results"] == [], name

    def test_gives_the_payload_of_a_run(self) -> None:
        delivery = deliver(due())
        client = logged_in(delivery.recipient)

        answer = client.get(f"/api/v1/report-runs/{delivery.run_id}/", secure=True)

        assert answer.json()["payload"]["period"] == "2026-W47"
