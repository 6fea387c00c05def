"""Admin pages of what comes in and whose it is: sources, loads, deliveries, accounts."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.usage import operations
from partners.usage.models import (
    AccountAssignment,
    BillingSource,
    CloudAccount,
    LoadState,
    UsageDelivery,
    UsageLoad,
)
from tests import make
from tests.partners.usage import doors, exports
from tests.partners.usage.conftest import AT, Loader
from tests.partners.usage.doors import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("usage_store")]


@pytest.fixture
def world(load: Loader, tmp_path: Path) -> World:
    return doors.begin(load, tmp_path)


@pytest.fixture(autouse=True)
def january() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: User, name: str, *arguments: Any, **query: str) -> Any:
    return browser(person).get(reverse(f"admin:{name}", args=arguments), query)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


class TestAccounts:
    def test_shows_whose_it_is_and_moves_it(self, world: World) -> None:
        account = CloudAccount.objects.get(billing_account_id="001")
        other = make.partner("Fabrikam")
        client = browser(world.fiona)

        text = text_of(client.get(admin_of(account)))
        press(
            world.fiona,
            "usage_cloudaccount_assign",
            account.pk,
            partner=other.pk,
            since="2025-01-02",
        )

        assert "Northwind" in text
        owners = AccountAssignment.objects.filter(account=account)
        assert {one.partner.display_name for one in owners} == {"Northwind", "Fabrikam"}

    def test_an_assignment_is_ended(self, world: World) -> None:
        assignment = AccountAssignment.objects.get(partner=world.northwind)
        name = "usage_accountassignment_end"

        press(world.fiona, name, assignment.pk, on="2025-01-10")

        assignment.refresh_from_db()
        assert assignment.during.upper == date(2025, 1, 10)
        assert press(world.ben, name, assignment.pk).status_code == 403

    def test_lists_what_may_be_seen(self, world: World) -> None:
        for person, seen in ((world.ben, 1), (world.carla, 0), (world.audrey, 3)):
            answer = page(person, "usage_cloudaccount_changelist")
            assert answer.context["cl"].result_count == seen, person


def press(person: User, name: str, pk: int, **values: Any) -> Any:
    """Send the dialog of a button."""
    path = reverse(f"admin:{name}", args=(pk,))
    return browser(person).post(path, {"_form_submitted": "on", **values})


def admin_of(row: Any) -> str:
    meta = row._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_change"
    return reverse(name, args=(row.pk,))


class TestSources:
    def test_is_registered_and_changed(self, world: World) -> None:
        client = browser(world.fiona)
        given = {
            "name": "new",
            "provider": "",
            "delivery_mode": "append",
            "scope": "",
            "time_zone": "Mars/Base",
            "lateness_days": "2",
            "close_after_days": "20",
            "is_active": "on",
        }
        path = reverse("admin:usage_billingsource_add")

        refused = client.post(path, given)
        client.post(path, {**given, "time_zone": "Asia/Shanghai"})

        assert "Mars/Base" in refused.content.decode()
        assert BillingSource.objects.get(name="new").delivery_mode == "append"
        assert "Freshness" in text_of(
            page(world.fiona, "usage_billingsource_changelist")
        )
        assert page(world.anna, "usage_billingsource_changelist").status_code == 403


class TestLoads:
    def test_a_form_without_scripts_hands_a_file_in(
        self, tmp_path: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        fiona = make.user(Role.FINANCE)
        content = exports.write(tmp_path / "a.csv", [exports.row()]).read_bytes()
        file = SimpleUploadedFile("a.csv", content)

        answer = browser(fiona).post(
            reverse("admin:usage_usageload_add"),
            {"new_source": "acme", "export": file},
        )

        load = UsageLoad.objects.get()
        assert answer.status_code == 302
        assert (load.state, load.source.name) == (LoadState.WAITING, "acme")
        operations.run_load(load=load, owner="test", at=AT)
        text = text_of(page(fiona, "usage_usageload_change", load.pk))
        assert "1 rows read, 1 loaded" in text
        assert "Totals of the files" in text

    def test_needs_a_source(self) -> None:
        fiona = make.user(Role.FINANCE)

        answer = browser(fiona).post(
            reverse("admin:usage_usageload_add"),
            {"export": SimpleUploadedFile("a.csv", b"x")},
        )

        assert "Choose a source" in text_of(answer)
        assert not UsageLoad.objects.exists()

    def test_shows_how_far_it_is_and_stops(self, tmp_path: Path) -> None:
        fiona = make.user(Role.FINANCE)
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        source = BillingSource.objects.create(name="acme")
        load = operations.request_load(source=source, paths=[path], by=fiona, at=AT)

        progress = text_of(page(fiona, "usage_usageload_progress", load.pk))
        press(fiona, "usage_usageload_cancel", load.pk)

        load.refresh_from_db()
        assert "data-open" in progress
        assert load.state == LoadState.CANCELLED
        assert "data-open" not in text_of(
            page(fiona, "usage_usageload_progress", load.pk)
        )

    def test_rejects_are_shown_and_downloaded(
        self, load: Loader, tmp_path: Path
    ) -> None:
        fiona = make.user(Role.FINANCE)
        bad = load(exports.write(tmp_path / "a.csv", [exports.row(BilledCost="x")]))

        text = text_of(page(fiona, "usage_usageload_change", bad.pk))
        answer = page(fiona, "usage_usageload_rejects", bad.pk)

        assert "Not a number." in text
        assert b"Not a number." in b"".join(answer.streaming_content)

    def test_is_for_those_who_may(self, world: World) -> None:
        for name, arguments in (
            ("changelist", ()),
            ("change", (world.load.pk,)),
            ("progress", (world.load.pk,)),
            ("rejects", (world.load.pk,)),
        ):
            answer = page(world.anna, f"usage_usageload_{name}", *arguments)
            assert answer.status_code in {302, 403}, name


class TestDeliveries:
    def test_a_held_one_shows_the_difference_and_is_approved(
        self, world: World, load: Loader, tmp_path: Path
    ) -> None:
        load(exports.write(tmp_path / "short.csv", [exports.day(1)]))
        held = UsageDelivery.objects.get(status="held")

        text = text_of(browser(world.fiona).get(admin_of(held)))
        press(world.fiona, "usage_usagedelivery_approve", held.pk)

        assert "Days that are loaded are missing: 2025-01-02" in text
        assert "-209" in text
        held.refresh_from_db()
        assert held.status == "current"

    def test_a_decision_needs_a_reason_and_the_right(
        self, world: World, load: Loader, tmp_path: Path
    ) -> None:
        load(exports.write(tmp_path / "short.csv", [exports.day(1)]))
        held = UsageDelivery.objects.get(status="held")
        name = "usage_usagedelivery_refuse"

        press(world.fiona, name, held.pk, reason="")
        denied = press(world.audrey, name, held.pk, reason="x")
        held.refresh_from_db()
        assert (held.status, denied.status_code) == ("held", 403)
        press(world.fiona, name, held.pk, reason="cut off")

        held.refresh_from_db()
        assert held.status == "withdrawn"

    def test_withdrawn_and_restored(self, world: World) -> None:
        delivery = UsageDelivery.objects.get(status="current")

        for act, status in (("withdraw", "withdrawn"), ("restore", "current")):
            name = f"usage_usagedelivery_{act}"
            press(world.fiona, name, delivery.pk, reason="a test")
            delivery.refresh_from_db()
            assert delivery.status == status


class TestExport:
    @pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
    def test_answers_the_list_as_a_table(self, world: World, kind: str) -> None:
        answer = page(world.fiona, "usage_usagedelivery_export", format=kind)

        body = b"".join(answer.streaming_content)
        assert answer.status_code == 200
        assert f"deliveries.{kind}" in answer["Content-Disposition"]
        assert body

    def test_holds_exact_costs_of_what_is_shown(self, world: World) -> None:
        one = UsageDelivery.objects.order_by("pk")[0]

        answer = page(
            world.fiona, "usage_usagedelivery_export", status__exact="current"
        )
        none = page(world.fiona, "usage_usagedelivery_export", status__exact="held")

        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert len(lines) > 1
        assert any(one.totals["USD"]["billed"] in line.split(",") for line in lines)
        assert len(b"".join(none.streaming_content).decode().splitlines()) == 1

    def test_is_offered_as_the_list_is_narrowed(self, world: World) -> None:
        shown = text_of(
            page(world.fiona, "usage_usagedelivery_changelist", status__exact="held")
        )

        assert "export/?status__exact=held&amp;format=parquet" in shown

    def test_is_refused_to_who_sees_no_deliveries(self, world: World) -> None:
        assert page(world.anna, "usage_usagedelivery_export").status_code == 403
        assert (
            page(world.fiona, "usage_usagedelivery_export", format="pdf").status_code
            == 404
        )
