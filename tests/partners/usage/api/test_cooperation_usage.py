"""Rules of what cooperations count, by REST: scoped, refused aloud, at a fixed cost."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.models import Cooperation
from partners.usage.models import CooperationUsage
from tests import make
from tests.crm.web.api.conftest import Caller, caller, program

pytestmark = pytest.mark.django_db
RULES = "/api/v1/cooperation-usage-rules/"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


@pytest.fixture
def api(anna: User) -> Caller:
    return caller(anna)


@pytest.fixture
def cooperation(anna: User) -> Cooperation:
    return make.cooperation(make.partner(owner=anna, team=anna.team), owner=anna)


def given(cooperation: Cooperation, **fields: Any) -> dict[str, Any]:
    return {"cooperation_id": cooperation.pk, "model": "qwen-max", **fields}


class TestRules:
    def test_are_added_and_removed(self, api: Caller, cooperation: Cooperation) -> None:
        account = make.cloud_account(cooperation.partner)

        added = api.send(
            "POST", RULES, given(cooperation, account_id=account.pk, until="2026-01-01")
        )
        removed = api.send("DELETE", f"{RULES}{added.json()['id']}/", If_Match="*")

        assert added.status_code == 201
        assert added.json()["until"] == "2026-01-01"
        assert added.json()["partner_id"] == cooperation.partner_id
        assert removed.status_code == 204
        assert not CooperationUsage.objects.exists()

    def test_that_could_take_one_row_are_refused(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        api.send("POST", RULES, given(cooperation))

        answer = api.send("POST", RULES, given(cooperation, model="", service="x"))

        assert answer.status_code == 409
        assert answer.json()["code"] == "usage.cooperation-rule-refused"

    def test_of_what_is_out_of_sight_are_as_if_absent(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        hidden = make.cooperation(make.partner(confidentiality="restricted"))
        account = make.cloud_account(hidden.partner)

        answers = [
            api.send("POST", RULES, given(hidden)),
            api.send("POST", RULES, given(cooperation, account_id=account.pk)),
        ]

        pointers = [answer.json()["errors"][0]["pointer"] for answer in answers]
        assert pointers == ["#/cooperation_id", "#/account_id"]

    def test_need_a_scope(self, anna: User, cooperation: Cooperation) -> None:
        program_ = program(anna, "usage:read")

        assert program_.get(RULES).status_code == 200
        assert program_.send("POST", RULES, given(cooperation)).status_code == 403

    @pytest.mark.parametrize("rows", [2, 20])
    def test_cost_the_same_for_any_number(
        self,
        api: Caller,
        cooperation: Cooperation,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(rows):
            api.send("POST", RULES, given(cooperation, model=f"m{number}"))
        api.get(RULES)

        with django_assert_num_queries(3):
            listed = api.get(RULES).json()["results"]

        assert len(listed) == rows
