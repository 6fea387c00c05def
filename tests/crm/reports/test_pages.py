"""Previews, stored mails, the calendar and the changes since the report before."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.figures import blocks
from crm.reports.comparison import Difference, differences
from crm.reports.models import ReportRun
from crm.reports.operations import runs
from tests import make
from tests.crm.reports.conftest import DUE
from tests.crm.reports.samples import payload
from tests.crm.reports.test_delivering import LATER, deliver, due

pytestmark = pytest.mark.django_db


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: User, name: str, *args: Any) -> Any:
    return logged_in(person).get(reverse(name, args=args))


class TestPreview:
    def test_shows_what_the_person_who_asks_may_see(self) -> None:
        make.partner("Shown", confidentiality="public")
        make.partner("Hidden", confidentiality="restricted")
        finance = make.user(Role.FINANCE)
        subscription = make.subscription(person=finance, at=DUE - timedelta(days=7))

        answer = page(finance, "report_preview", subscription.pk)

        assert answer.status_code == 200
        assert "1" in answer.content.decode()
        assert not ReportRun.objects.exists()

    def test_is_nobody_elses(self) -> None:
        subscription = make.subscription()

        other = page(make.user(Role.FINANCE), "report_preview", subscription.pk)
        nobody = Client().get(reverse("report_preview", args=[subscription.pk]))

        assert (other.status_code, nobody.status_code) == (404, 302)

    def test_refuses_a_period_of_another_rhythm(self) -> None:
        subscription = make.subscription()
        client = logged_in(subscription.person or make.user())

        address = reverse("report_preview", args=[subscription.pk])
        answer = client.get(address, {"period": "2026-Q3"})

        assert answer.status_code == 400


class TestStoredMail:
    def test_opens_for_its_reader_as_page_and_as_sent(self) -> None:
        delivery = deliver(due())

        shown = page(delivery.recipient, "report_mail", delivery.pk, "html")
        sent = page(delivery.recipient, "report_mail", delivery.pk, "eml")

        assert shown.status_code == sent.status_code == 200
        assert b"cid:" not in shown.content
        assert sent.content == bytes(delivery.message.content)

    def test_stays_closed_for_those_who_may_not_see_all_of_it(self) -> None:
        make.partner("Secret", confidentiality="restricted")
        delivery = deliver(due())

        answer = page(make.administrator(), "report_mail", delivery.pk, "html")

        assert answer.status_code == 404

    def test_the_owner_of_a_report_sees_its_deliveries(self) -> None:
        owner = make.user(Role.ALLIANCE_DIRECTOR)
        delivery = deliver(due(definition=make.report(owner=owner)))

        answer = page(owner, "admin:reports_reportdelivery_changelist")

        found = [row.pk for row in answer.context["cl"].result_list]
        assert found == [delivery.pk]


class TestFolder:
    def test_lists_mails_where_no_server_is_set_up(
        self, settings: Settings, mails: Path
    ) -> None:
        settings.MAIL_FOLDER = mails
        delivery = deliver(due())
        (file,) = mails.glob("*.eml")
        admin = make.administrator()

        listed = page(admin, "report_mails")
        shown = page(admin, "report_stored_mail", file.stem, "html")

        assert delivery.address.encode() in listed.content
        assert shown.status_code == 200

    def test_is_for_administrators_and_leaves_its_folder_never(
        self, settings: Settings, mails: Path
    ) -> None:
        settings.MAIL_FOLDER = mails / "inner"
        settings.MAIL_FOLDER.mkdir()
        (mails / "outside.eml").write_bytes(b"Subject: no\n\n")

        closed = page(make.user(Role.EXECUTIVE), "report_mails")
        away = page(make.administrator(), "report_stored_mail", "..outside", "eml")

        assert (closed.status_code, away.status_code) == (403, 404)


class TestCalendar:
    def test_counts_states_by_period(self) -> None:
        delivery = deliver(due())

        answer = page(delivery.recipient, "report_calendar")

        assert b"2026-W47" in answer.content
        assert b"Sent: 1" in answer.content

    def test_is_empty_without_reports(self) -> None:
        assert page(make.administrator(), "report_calendar").status_code == 200


class TestChanges:
    def test_are_numbers_with_old_and_new(self) -> None:
        before, after = payload(), payload()
        after["sections"][0]["blocks"][0]["figures"][0]["value"] = blocks.count(15)

        assert differences(before, after) == [
            Difference(
                "Headline", "Active AI partners", blocks.count(14), blocks.count(15)
            )
        ]

    def test_of_tables_name_line_and_column_and_what_is_gone(self) -> None:
        before, after = payload(), payload()
        rows = after["sections"][3]["blocks"][0]["rows"]
        rows[:] = [row for row in rows if row[0]["value"] != "BMW"]

        gone = differences(before, after)

        assert [each for each in gone if each.new is not None] == []
        assert {each.label for each in gone} == {
            f"BMW · {column}" for column in ("Commitment", "Drawn", "Pace", "Ends")
        }

    def test_open_from_the_run(self) -> None:
        delivery = deliver(due())
        assert delivery.run is not None

        answer = page(delivery.recipient, "report_difference", delivery.run.pk)

        assert answer.status_code == 200


class TestComputeAgain:
    def test_makes_the_next_revision_and_leaves_the_first(self) -> None:
        delivery = deliver(due())
        first = delivery.run
        assert first is not None
        make.partner("Late")

        revised = runs.revise_run(run=first, by=delivery.recipient, at=LATER)

        assert (revised.revision, revised.visible) == (2, first.visible)
        first.refresh_from_db()
        assert first.revision == 1
