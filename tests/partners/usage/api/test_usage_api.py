"""The API of usage: who may, what comes, in which format, at which cost."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from partners.usage import operations
from partners.usage.models import (
    AccountAssignment,
    BillingSource,
    CloudAccount,
)
from tests.crm.web.api.conftest import caller
from tests.partners.usage import doors, exports
from tests.partners.usage.conftest import AT, Loader
from tests.partners.usage.doors import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("usage_store")]

Capture = Callable[..., Any]


@pytest.fixture
def world(load: Loader, tmp_path: Path) -> World:
    return doors.begin(load, tmp_path)


def told(answer: Any) -> Any:
    return orjson.loads(answer.content)


def of(partner: Any) -> str:
    return f"partner_id={partner.pk}&since=2025-01-01&until=2025-02-01"


class TestDaily:
    def test_shows_the_days_of_a_visible_partner(self, world: World) -> None:
        path = f"/api/v1/usage/daily/?{of(world.northwind)}"

        rows = told(caller(world.ben).get(path))["results"]

        assert [(row["day"], row["effective_cost"]) for row in rows] == [
            ("2025-01-01", "10.000000000000000000"),
            ("2025-01-02", "20.000000000000000000"),
        ]
        assert rows[1]["tokens_in"].startswith("1000.")
        assert rows[1]["ai_effective_cost"] == "10.000000000000000000"

    def test_divides_by_a_dimension(self, world: World) -> None:
        path = f"/api/v1/usage/daily/?{of(world.northwind)}&by=service"

        rows = told(caller(world.anna).get(path))["results"]

        assert {row["key"] for row in rows} == {"Machines", "Model Studio"}

    def test_hides_partners_out_of_sight(self, world: World) -> None:
        for person, partner, status in (
            (world.carla, world.northwind, 400),
            (world.ben, world.secret, 400),
            (world.fiona, world.secret, 400),
            (world.audrey, world.secret, 200),
            (world.anna, world.secret, 200),
        ):
            answer = caller(person).get(f"/api/v1/usage/daily/?{of(partner)}")
            assert answer.status_code == status, (person, partner)
        assert (
            Client().get(f"/api/v1/usage/daily/?{of(world.northwind)}").status_code
            == 401
        )

    def test_a_subsidiary_out_of_sight_does_not_count(self, world: World) -> None:
        world.secret.parent = world.northwind
        world.secret.save()
        path = f"/api/v1/usage/daily/?{of(world.northwind)}"

        seen = told(caller(world.ben).get(path))["results"]
        whole = told(caller(world.anna).get(path))["results"]
        alone = told(caller(world.anna).get(f"{path}&with_subsidiaries=false"))

        assert seen[0]["effective_cost"] == "10.000000000000000000"
        assert whole[0]["effective_cost"] == "30.000000000000000000"
        assert alone["results"] == seen

    @pytest.mark.parametrize(
        "query",
        ["", "partner_id=x", "partner_id=0", "since=2025-13-01", "by=price",
         "since=2025-01-02&until=2025-01-01", "since=2020-01-01&until=2025-01-01"],
    )  # fmt: skip
    def test_refuses_what_makes_no_sense(self, world: World, query: str) -> None:
        known = "" if "partner_id" in query or not query else of(world.northwind)[:20]
        own = f"partner_id={world.northwind.pk}&" if known else ""

        answer = caller(world.anna).get(f"/api/v1/usage/daily/?{own}{query}")

        assert answer.status_code == 400

    def test_comes_as_parquet_with_every_digit(self, world: World) -> None:
        path = f"/api/v1/usage/daily/?{of(world.northwind)}&format=parquet"

        answer: Any = caller(world.anna).get(path)

        table = pq.read_table(io.BytesIO(b"".join(answer.streaming_content)))
        assert [str(cost) for cost in table.column("effective_cost").to_pylist()] == [
            "10.000000000000000000",
            "20.000000000000000000",
        ]

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_comes_as_a_sheet(self, world: World, kind: str) -> None:
        path = f"/api/v1/usage/daily/?{of(world.northwind)}&format={kind}"

        answer: Any = caller(world.anna).get(path)

        assert b"".join(answer.streaming_content)

    def test_costs_the_same_for_one_day_and_many(
        self, world: World, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        api = caller(world.anna)
        api.get("/api/v1/usage/daily/")
        day = f"partner_id={world.northwind.pk}&since=2025-01-01&until=2025-01-02"

        for query in (day, of(world.northwind)):
            with django_assert_num_queries(5):
                api.get(f"/api/v1/usage/daily/?{query}")


class TestMonthly:
    def test_lists_visible_partners_only(self, world: World) -> None:
        path = "/api/v1/usage/monthly/?since=2025-01-01&until=2025-02-01"

        for person, partners in (
            (world.anna, {world.northwind.pk, world.secret.pk}),
            (world.ben, {world.northwind.pk}),
            (world.fiona, {world.northwind.pk}),
            (world.carla, set()),
        ):
            rows = told(caller(person).get(path))["results"]
            assert {row["partner_id"] for row in rows} == partners, person


class TestLineItems:
    def test_come_from_the_store_dearest_first(self, world: World) -> None:
        path = f"/api/v1/usage/line-items/?partner_id={world.northwind.pk}"

        rows = told(caller(world.anna).get(f"{path}&day=2025-01-02"))["results"]
        some = told(
            caller(world.anna).get(f"{path}&day=2025-01-02&service=Model%20Studio")
        )["results"]

        assert {row["ServiceName"] for row in rows} == {"Machines", "Model Studio"}
        assert [row["ConsumedUnit"] for row in some] == ["Tokens"]
        assert rows[0]["ChargePeriodStart"] == "2025-01-02T00:00:00Z"

    def test_of_a_shared_account_only_those_of_the_partner(
        self, world: World, load: Loader, tmp_path: Path
    ) -> None:
        tagged = [
            exports.day(5, SkuId=word, Tags=f'{{"project": "{word}"}}', **SHARED)
            for word in ("a", "b", "c")
        ]
        load(exports.write(tmp_path / "shared.csv", tagged), source="reseller")
        account = CloudAccount.objects.get(billing_account_id="009")
        for tag, partner in (
            (("project", "a"), world.northwind),
            (("", ""), world.secret),
        ):
            operations.assign_account(
                account=account, partner=partner, since=None, tag=tag,
                by=world.fiona, at=AT,
            )  # fmt: skip
        for _delivery in operations.reroll_source(source=account.source, at=AT):
            pass

        def skus(partner: Any) -> set[str]:
            path = f"/api/v1/usage/line-items/?partner_id={partner.pk}&day=2025-01-05"
            rows = told(caller(world.anna).get(path))["results"]
            return {row["SkuId"] for row in rows}

        assert skus(world.northwind) == {"a"}
        assert skus(world.secret) == {"b", "c"}

    def test_needs_a_day_and_a_visible_partner(self, world: World) -> None:
        path = f"/api/v1/usage/line-items/?partner_id={world.northwind.pk}"

        assert caller(world.anna).get(path).status_code == 400
        assert caller(world.carla).get(f"{path}&day=2025-01-02").status_code == 400


SHARED = {"BillingAccountId": "009", "BillingAccountName": "Reseller"}


class TestUnassigned:
    def test_finance_sees_what_belongs_to_nobody(self, world: World) -> None:
        path = "/api/v1/usage/unassigned/?since=2025-01-01"

        rows = told(caller(world.fiona).get(path))["results"]

        assert [(row["name"], row["effective_cost"]) for row in rows] == [
            ("Contoso", "120.000000000000000000")
        ]
        assert caller(world.anna).get(path).status_code == 403

    def test_accounts_of_nobody_are_seen_by_finance_alone(self, world: World) -> None:
        path = "/api/v1/usage/accounts/"

        def ids(person: Any) -> set[str]:
            rows = told(caller(person).get(path))["results"]
            return {row["billing_account_id"] for row in rows}

        assert ids(world.fiona) == {"001", "003"}
        assert ids(world.ben) == {"001"}
        assert ids(world.carla) == set()
        assert ids(world.audrey) == {"001", "002", "003"}


class TestAssignments:
    def test_finance_moves_an_account_from_a_day_on(self, world: World) -> None:
        api = caller(world.fiona)
        account = CloudAccount.objects.get(billing_account_id="003")
        given = {"account_id": account.pk, "partner_id": world.northwind.pk}

        made = api.send(
            "POST", "/api/v1/usage/assignments/", {**given, "since": "2025-01-02"}
        )
        rows = told(api.get(f"/api/v1/usage/daily/?{of(world.northwind)}"))["results"]
        path = f"/api/v1/usage/assignments/{told(made)['id']}/end/"
        ended = api.send("POST", path, {"on": "2025-01-20"})

        assert made.status_code == 201
        assert [row["effective_cost"][:4] for row in rows] == ["10.0", "100."]
        assert (told(ended)["since"], told(ended)["until"]) == (
            "2025-01-02",
            "2025-01-20",
        )

    def test_what_is_out_of_sight_is_refused_like_nothing(self, world: World) -> None:
        hidden = CloudAccount.objects.get(billing_account_id="002")
        given = {"account_id": hidden.pk, "partner_id": world.northwind.pk}

        answer = caller(world.fiona).send("POST", "/api/v1/usage/assignments/", given)
        others = caller(world.anna).send("POST", "/api/v1/usage/assignments/", given)

        assert (answer.status_code, others.status_code) == (400, 403)
        assert AccountAssignment.objects.count() == 2

    def test_an_environment_is_set(self, world: World) -> None:
        account = CloudAccount.objects.get(billing_account_id="003")
        path = f"/api/v1/usage/accounts/{account.pk}/environment/"

        answer = caller(world.fiona).send("POST", path, {"environment": "production"})

        assert told(answer)["environment"] == "production"


class TestFreshness:
    def test_says_how_far_sources_reach(self, world: World) -> None:
        rows = told(caller(world.fiona).get("/api/v1/usage/freshness/"))["results"]

        assert [(row["source"], row["latest_day"]) for row in rows] == [
            ("acme", "2025-01-02")
        ]
        assert caller(world.anna).get("/api/v1/usage/freshness/").status_code == 403


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("sources/", 3),
        ("loads/", 3),
        ("deliveries/", 3),
        ("uploads/", 3),
        ("accounts/", 3),
        ("assignments/", 3),
    ],
)
def test_lists_cost_the_same_for_two_and_twenty(
    world: World,
    path: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    api = caller(world.fiona)
    api.get(f"/api/v1/usage/{path}")

    with django_assert_num_queries(queries):
        api.get(f"/api/v1/usage/{path}?limit=2")
    for number in range(20):
        BillingSource.objects.create(name=f"source {number}")
    with django_assert_num_queries(queries):
        api.get(f"/api/v1/usage/{path}?limit=20")
