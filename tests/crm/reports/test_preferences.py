"""Unsubscribing by a signed link, and who may open a frozen report."""

from datetime import timedelta

import pytest
from django.test import Client

from crm.accounts.models import User
from crm.reports import links
from crm.reports.links import Reading
from crm.reports.models import OptOut, ReportSubscription
from tests import make
from tests.crm.reports.conftest import DUE
from tests.crm.reports.test_delivering import deliver, due

pytestmark = pytest.mark.django_db


def address(subscription: ReportSubscription) -> str:
    assert subscription.person_id is not None
    token = links.token_of(Reading(subscription.pk, subscription.person_id))
    return f"/reports/preferences/{token}/"


class TestPreferences:
    def test_opening_the_link_changes_nothing(self, client: Client) -> None:
        answer = client.get(address(make.subscription()))

        assert answer.status_code == 200
        assert not OptOut.objects.exists()

    def test_the_mail_programs_button_unsubscribes_without_login(self) -> None:
        client = Client(enforce_csrf_checks=True)
        where = address(make.subscription())

        answers = [
            client.post(where, {"List-Unsubscribe": "One-Click"}) for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert OptOut.objects.count() == 1

    def test_it_can_be_taken_back(self, client: Client) -> None:
        where = address(make.subscription())
        client.post(where)

        answer = client.post(where, {"act": "resubscribe"})

        assert not OptOut.objects.exists()
        assert b"Unsubscribe" in answer.content

    def test_speaks_the_readers_language(self, client: Client) -> None:
        reader = make.user("executive", language="zh-hans")
        subscription = make.subscription(person=reader)

        answer = client.get(address(subscription), headers={"Accept-Language": "en"})

        assert "退订" in answer.content.decode()

    @pytest.mark.parametrize("token", ["1.1", "1.1:forged", "x"])
    def test_a_link_that_was_not_made_here_leads_nowhere(
        self, client: Client, token: str
    ) -> None:
        assert client.post(f"/reports/preferences/{token}/").status_code == 404

    def test_a_link_of_somebody_who_left_leads_nowhere(self, client: Client) -> None:
        subscription = make.subscription()
        assert subscription.person is not None
        User.objects.filter(pk=subscription.person.pk).update(is_active=False)

        assert client.get(address(subscription)).status_code == 404


class TestRunPage:
    def test_shows_the_frozen_report_and_its_files_to_its_reader(
        self, client: Client
    ) -> None:
        make.partner("BMW")
        delivery = deliver(due())
        client.force_login(delivery.recipient)

        page = client.get(f"/reports/runs/{delivery.run_id}/")
        pdf = client.get(f"/reports/runs/{delivery.run_id}/report.pdf")
        again = client.get(f"/reports/runs/{delivery.run_id}/report.pdf")

        assert page.status_code == 200
        assert pdf.content.startswith(b"%PDF")
        assert pdf.content == again.content

    def test_hides_it_from_who_may_not_see_a_partner_in_it(
        self, client: Client
    ) -> None:
        make.partner("Secret", confidentiality="restricted")
        delivery = deliver(due(person=make.user("executive")))
        client.force_login(make.user("model_team"))

        assert client.get(f"/reports/runs/{delivery.run_id}/").status_code == 404

    def test_asks_strangers_to_log_in(self, client: Client) -> None:
        delivery = deliver(due())

        assert client.get(f"/reports/runs/{delivery.run_id}/").status_code == 302

    def test_loses_a_reader_who_loses_sight(self, client: Client) -> None:
        partner = make.partner("Open")
        delivery = deliver(due(person=make.user("model_team")))
        client.force_login(delivery.recipient)
        partner.confidentiality = "restricted"
        partner.save()

        assert client.get(f"/reports/runs/{delivery.run_id}/").status_code == 404


class TestSubscription:
    def test_begins_after_now(self) -> None:
        subscription = make.subscription(at=DUE - timedelta(days=1))

        assert subscription.next_period == "2026-W47"
        assert subscription.next_due_at == DUE
