"""Admin pages of usage: who sees what, what stands there, and what a button does."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.rates.models import FxRate
from partners.usage.models import (
    AccountAssignment,
    CloudAccount,
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


class TestPartnerPage:
    def test_shows_series_tiles_and_a_table(self, world: World) -> None:
        text = text_of(
            page(world.ben, "usage_monthlyusage_partner", world.northwind.pk)
        )

        assert "<svg" in text
        assert "Model Studio" in text
        assert "Week over week" in text
        assert "2025-01-02" in text
        assert "AI share" in text

    @pytest.mark.parametrize("by", ["model", "account", "region", "ai", "nonsense"])
    @pytest.mark.parametrize("cost", ["billed", "effective"])
    def test_divides_by_every_dimension(self, world: World, by: str, cost: str) -> None:
        name, pk = "usage_monthlyusage_partner", world.northwind.pk

        text = text_of(page(world.ben, name, pk, by=by, cost=cost, days="28"))

        assert "usage-color-0" in text

    def test_an_account_is_named(self, world: World) -> None:
        text = text_of(
            page(
                world.ben,
                "usage_monthlyusage_partner",
                world.northwind.pk,
                by="account",
            )
        )

        assert "Northwind" in text

    def test_is_hidden_like_the_partner(self, world: World) -> None:
        for person, partner, status in (
            (world.carla, world.northwind, 404),
            (world.ben, world.secret, 404),
            (world.fiona, world.secret, 404),
            (world.audrey, world.secret, 200),
        ):
            for name in ("partner", "items", "export"):
                answer = page(
                    person, f"usage_monthlyusage_{name}", partner.pk, day="2025-01-02"
                )
                assert answer.status_code == status, (person, name)
        path = reverse("admin:usage_monthlyusage_partner", args=(1,))
        assert Client().get(path).status_code == 302

    def test_without_usage_says_what_to_do(self, world: World) -> None:
        other = make.partner("Idle")
        type(other).objects.filter(pk=other.pk).update(owner=world.anna)

        text = text_of(page(world.anna, "usage_monthlyusage_partner", other.pk))

        assert "No usage yet" in text

    def test_costs_the_same_however_many_days(
        self, world: World, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = browser(world.ben)
        path = reverse("admin:usage_monthlyusage_partner", args=(world.northwind.pk,))
        client.get(path)

        for days in ("28", "364"):
            with django_assert_num_queries(9):
                client.get(path, {"days": days})

    def test_exports_what_it_shows(self, world: World) -> None:
        for kind, start in (("csv", b"\xef\xbb\xbfday,"), ("parquet", b"PAR1")):
            answer = page(
                world.ben,
                "usage_monthlyusage_export",
                world.northwind.pk,
                by="service",
                format=kind,
            )
            assert b"".join(answer.streaming_content).startswith(start)


class TestLineItems:
    def test_lists_what_is_behind_a_day(self, world: World) -> None:
        name, pk = "usage_monthlyusage_items", world.northwind.pk

        text = text_of(page(world.ben, name, pk, day="2025-01-02"))

        assert "2 line items" in text
        assert "Model Studio" in text
        answer = page(world.ben, name, pk, day="2025-01-02", format="xlsx")
        assert b"".join(answer.streaming_content).startswith(b"PK")
        assert page(world.ben, name, pk, day="soon").status_code == 404


class TestPortfolio:
    def test_lists_visible_partners_in_the_readers_currency(self, world: World) -> None:
        FxRate.objects.create(
            date=date(2025, 1, 24), base="EUR", quote="USD", rate=Decimal(2), source="t"
        )
        User.objects.filter(pk=world.ben.pk).update(currency="EUR")
        name = "usage_monthlyusage_changelist"

        text = text_of(page(world.ben, name, month="2025-01"))

        assert "Northwind" in text
        assert "Secret Bank" not in text
        assert "15 EUR" in text

    def test_a_missing_rate_refuses_the_total_by_name(self, world: World) -> None:
        User.objects.filter(pk=world.ben.pk).update(currency="EUR")

        text = text_of(
            page(world.ben, "usage_monthlyusage_changelist", month="2025-01")
        )

        assert "No exchange rate from USD to EUR" in text
        assert "30.00" in text

    def test_signals_what_to_look_at(
        self, world: World, load: Loader, tmp_path: Path
    ) -> None:
        load(exports.write(tmp_path / "short.csv", [exports.day(1)]))

        text = text_of(page(world.fiona, "usage_monthlyusage_changelist"))

        assert "“acme” is late" in text
        assert "1 deliveries wait" in text
        assert "belong to no partner" in text
        anna = text_of(page(world.anna, "usage_monthlyusage_changelist"))
        assert "belong to no partner" not in anna


class TestUnassigned:
    def test_lists_by_money_and_assigns_in_one_click(self, world: World) -> None:
        client = browser(world.fiona)
        path = reverse("admin:usage_cloudaccount_unassigned")
        account = CloudAccount.objects.get(billing_account_id="003")

        text = text_of(client.get(path))
        answer = client.post(
            path, {"account": account.pk, "partner": world.northwind.pk}
        )

        assert "Contoso" in text
        assert answer.status_code == 302
        assert AccountAssignment.objects.get(account=account).partner == world.northwind
        assert "All spend belongs to somebody" in text_of(client.get(path))

    def test_is_for_those_who_see_what_belongs_to_nobody(self, world: World) -> None:
        name = "usage_cloudaccount_unassigned"
        account = CloudAccount.objects.get(billing_account_id="003")
        given = {"account": account.pk, "partner": world.northwind.pk}

        assert page(world.anna, name).status_code == 403
        assert page(world.audrey, name).status_code == 200
        answer = browser(world.audrey).post(reverse(f"admin:{name}"), given)
        assert answer.status_code == 403

    def test_what_is_out_of_sight_is_not_there(self, world: World) -> None:
        hidden = CloudAccount.objects.get(billing_account_id="002")
        path = reverse("admin:usage_cloudaccount_unassigned")

        answer = browser(world.fiona).post(
            path, {"account": hidden.pk, "partner": world.northwind.pk}
        )

        assert answer.status_code == 404

    def test_comes_as_a_table(self, world: World) -> None:
        answer = page(world.fiona, "usage_cloudaccount_unassigned", format="csv")

        assert b"Contoso" in b"".join(answer.streaming_content)
