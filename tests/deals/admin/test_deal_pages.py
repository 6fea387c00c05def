"""Pages of deals: board, list with totals, and what one may do where."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.rates.models import FxRate
from deals.models import Deal
from deals.operations import stages
from deals.operations.stages import Closing
from deals.pipeline import DealStage
from partners.models import Partner
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/admin/deals/deal/"
BOARD = f"{LIST}board/"
FILLED: dict[str, Any] = {
    "end_customer": "BMW AG",
    "target_close_on": date(2026, 6, 30),
    "monthly_spend": Decimal(100_000),
    "use_case": "In-car assistant",
    "amount": Decimal(1_200_000),
    "contract_months": 12,
    "currency": "EUR",
}


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team("Europe"))


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def bmw(anna: User) -> Partner:
    return make.partner("BMW Group", owner=anna, team=anna.team)


def secret_deal() -> Deal:
    return make.deal(
        make.partner("Secret", confidentiality="restricted"), title="Hidden deal"
    )


def moved(page: Client, deal: Deal, to: str, **extra: Any) -> Any:
    move = f"{deal.pk}:{deal.version}:{to}"
    return page.post(BOARD, {"move": move}, **extra)


class TestBoard:
    def test_shows_what_one_may_see_by_stage(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        make.deal(bmw, title="Cockpit", owner=anna, **FILLED)
        secret_deal()

        text = page.get(BOARD).text

        assert "Cockpit" in text
        assert "1,200,000 EUR" in text
        assert "Hidden deal" not in text

    def test_moves_a_card_by_the_operation(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        deal = make.deal(bmw, owner=anna, **FILLED)

        answer = moved(page, deal, "Qualified", headers={"accept": "application/json"})

        deal.refresh_from_db()
        assert answer.status_code == 200
        assert deal.stage == DealStage.QUALIFIED
        assert "is in “Qualified” now" in answer.json()["text"]

    def test_says_what_is_missing_and_leaves_the_card(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        deal = make.deal(bmw, owner=anna)

        answer = moved(page, deal, "Qualified", headers={"accept": "application/json"})

        deal.refresh_from_db()
        assert answer.status_code == 409
        assert "end customer" in answer.json()["text"]
        assert deal.stage == DealStage.PROSPECT

    def test_refuses_who_may_only_look(self, client: Client, bmw: Partner) -> None:
        client.force_login(make.user(Role.FINANCE))
        deal = make.deal(bmw)

        answer = moved(client, deal, "Qualified")

        assert answer.status_code == 403
        assert "Move" not in client.get(BOARD).text

    def test_hides_what_one_may_not_see(self, page: Client) -> None:
        assert moved(page, secret_deal(), "Qualified").status_code == 404

    @pytest.mark.parametrize("rows", [2, 50])
    def test_costs_the_same_for_any_number(
        self,
        page: Client,
        bmw: Partner,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            make.deal(bmw, owner=anna, **FILLED)
        page.get(BOARD)

        with django_assert_num_queries(5):
            page.get(BOARD)


class TestList:
    def test_adds_up_the_whole_filter_in_each_currency_and_in_one(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        today = timezone.now().date()
        FxRate.objects.create(
            base="EUR", quote=anna.currency, date=today, rate=Decimal(8), source="test"
        )
        make.deal(bmw, owner=anna, **{**FILLED, "amount": Decimal(100)})
        make.deal(bmw, owner=anna, amount=Decimal(50), currency=anna.currency)
        make.deal(bmw, owner=anna)

        text = page.get(LIST).text

        assert "100 EUR" in text
        assert f"850 {anna.currency}" in text
        assert "1 without an amount" in text
        assert "Rates of" in text

    def test_refuses_a_total_without_a_rate(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        make.deal(bmw, owner=anna, **FILLED)

        text = page.get(LIST).text

        assert "1,200,000 EUR" in text
        assert f"No total in {anna.currency}:" in text

    @pytest.mark.parametrize("rows", [2, 50])
    def test_costs_the_same_for_any_number(
        self,
        page: Client,
        bmw: Partner,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            make.deal(bmw, owner=anna, **FILLED)
        page.get(LIST)

        with django_assert_num_queries(7):
            page.get(LIST)


class TestPage:
    def test_says_what_the_next_stage_asks_for(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        deal = make.deal(bmw, owner=anna)

        text = page.get(f"{LIST}{deal.pk}/change/").text

        assert "What “Qualified” asks for" in text
        assert "expected monthly spend" in text

    def test_opens_a_deal(self, page: Client, bmw: Partner, anna: User) -> None:
        form = {
            "partner": bmw.pk,
            "title": "Cockpit",
            "deal_type": "net_new",
            "origin": "ours",
            "involvement": "co_sell",
            "currency": "EUR",
        }

        answer = page.post(f"{LIST}add/", form)

        assert answer.status_code == 302
        assert Deal.objects.get().owner == anna

    def test_a_closed_deal_is_shown_and_not_edited(
        self, page: Client, bmw: Partner, anna: User
    ) -> None:
        deal = make.deal(bmw, owner=anna)
        lost = Closing(reason="no_budget")
        stages.lose_deal(deal=deal, closing=lost, by=anna, at=timezone.now())

        text = page.get(f"{LIST}{deal.pk}/change/").text

        assert "No budget" in text
        assert 'name="title"' not in text

    @pytest.mark.parametrize(
        ("role", "status"),
        [
            (Role.ALLIANCE_MANAGER, 403),
            (Role.ALLIANCE_DIRECTOR, 302),
            (Role.EXECUTIVE, 302),
            (Role.FINANCE, 403),
        ],
    )
    def test_is_reopened_by_directors_and_executives(
        self, client: Client, role: str, status: int
    ) -> None:
        deal = make.deal()
        by = make.user(role)
        lost = Closing(reason="no_budget")
        stages.lose_deal(deal=deal, closing=lost, by=by, at=timezone.now())
        client.force_login(by)

        answer = client.post(
            f"{LIST}{deal.pk}/reopen/",
            {"reason": "They called", "_form_submitted": "1"},
        )

        assert answer.status_code == status

    @pytest.mark.parametrize(
        ("act", "form", "words"),
        [
            ("move", {"to": "Committed"}, "needs more than is filled in"),
            (
                "add_line",
                {"product": "Tokens", "quantity": "2", "unit_price": "3"},
                "",
            ),
            ("override", {"probability": "50", "reason": "Their board"}, ""),
            ("lose", {"lost_reason": "price"}, ""),
        ],
    )
    def test_dialogs_call_operations_and_show_refusals(
        self,
        page: Client,
        bmw: Partner,
        anna: User,
        act: str,
        form: dict[str, str],
        words: str,
    ) -> None:
        deal = make.deal(bmw, owner=anna)

        answer = page.post(f"{LIST}{deal.pk}/{act}/", {**form, "_form_submitted": "1"})

        assert answer.status_code == (200 if words else 302)
        assert words in answer.text

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_for_any_history(
        self,
        page: Client,
        bmw: Partner,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        deal = make.deal(bmw, owner=anna)
        for week in range(rows):
            deal.snapshots.create(
                week_on=date(2026, 1, 5) + timedelta(weeks=week),
                stage=deal.stage,
                category=deal.category,
                probability=10,
                currency="EUR",
                taken_at=timezone.now(),
            )
        url = f"{LIST}{deal.pk}/change/"
        page.get(url)

        with django_assert_num_queries(13):
            page.get(url)
