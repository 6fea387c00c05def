"""Admin pages of the rules: added where the partner is known, ended and removed."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.models import Cooperation
from partners.usage import operations
from partners.usage.models import CooperationUsage
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 5, tzinfo=UTC)
LIST = "/admin/usage/cooperationusage/"
SENT = {"_form_submitted": "True"}


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


@pytest.fixture
def page(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def cooperation(anna: User) -> Cooperation:
    return make.cooperation(make.partner(owner=anna, team=anna.team), owner=anna)


def rule_of(cooperation: Cooperation, model: str = "qwq") -> CooperationUsage:
    return operations.add_cooperation_rule(
        cooperation=cooperation, by=make.user(), at=AT, model=model
    )


def count_usage(cooperation: Cooperation) -> str:
    return f"/admin/partners/cooperation/{cooperation.pk}/count_usage/"


class TestCountUsage:
    def test_offers_what_the_partner_uses(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        account = make.cloud_account(cooperation.partner, name="Main account")
        make.usage(account, date(2026, 1, 5), model="qwen-max")
        make.usage(make.cloud_account(make.partner()), date(2026, 1, 5), model="wan")

        html = page.get(count_usage(cooperation)).content.decode()

        assert "Main account" in html
        assert "qwen-max" in html
        assert "Model Studio" in html
        assert ">wan<" not in html

    def test_adds_a_rule(self, page: Client, cooperation: Cooperation) -> None:
        account = make.cloud_account(cooperation.partner)

        page.post(count_usage(cooperation), {**SENT, "account": account.pk})

        assert CooperationUsage.objects.get().account == account

    def test_shows_what_is_refused(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        rule_of(make.cooperation(cooperation.partner, code="C-OTHER"))

        html = page.post(count_usage(cooperation), SENT).content.decode()

        assert "C-OTHER" in html
        assert CooperationUsage.objects.count() == 1


class TestRules:
    @pytest.mark.parametrize("rows", [2, 20])
    def test_list_costs_the_same_for_any_number(
        self,
        page: Client,
        cooperation: Cooperation,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(rows):
            rule_of(cooperation, f"model-{number}")
        page.get(LIST)

        with django_assert_num_queries(4):
            html = page.get(LIST).content.decode()

        assert f"model-{rows - 1}" in html

    def test_of_hidden_partners_do_not_show(self, page: Client) -> None:
        rule_of(make.cooperation(make.partner(confidentiality="restricted")), "secret")

        assert "secret" not in page.get(LIST).content.decode()

    def test_are_ended_and_removed(
        self, page: Client, cooperation: Cooperation
    ) -> None:
        ended, removed = rule_of(cooperation, "a"), rule_of(cooperation, "b")

        page.post(f"{LIST}{ended.pk}/end/", {**SENT, "on": "2026-02-01"})
        page.post(f"{LIST}{removed.pk}/delete/", {"post": "yes"})

        assert CooperationUsage.objects.get().during.upper == date(2026, 2, 1)
