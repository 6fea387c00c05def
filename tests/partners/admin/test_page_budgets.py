"""The pages of a cooperation and of a partner ask the database a fixed number of times."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners import operations
from partners.models import Cooperation, Partner
from tests import make

pytestmark = pytest.mark.django_db
ADMIN = "/admin/partners/"
TODAY = timezone.now().date()


@pytest.mark.parametrize("rows", [2, 20])
class TestPagesCostTheSame:
    """Whatever the history: the numbers are budgets, counted with everything on the page."""

    def test_of_a_cooperation(
        self, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        page, anna = everybody()
        cooperation = make.cooperation(owner=anna)
        fill(cooperation.partner, cooperation, rows, by=anna)
        page.get(f"{ADMIN}cooperation/{cooperation.pk}/change/")

        with django_assert_num_queries(21):
            answer = page.get(f"{ADMIN}cooperation/{cooperation.pk}/change/")

        assert answer.status_code == 200

    def test_of_a_partner(
        self, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        page, anna = everybody()
        partner = make.partner(owner=anna)
        for _number in range(rows):
            fill(partner, make.cooperation(partner, owner=anna), 1, by=anna)
        page.get(f"{ADMIN}partner/{partner.pk}/change/")

        with django_assert_num_queries(14):
            answer = page.get(f"{ADMIN}partner/{partner.pk}/change/")

        assert answer.status_code == 200


def everybody() -> tuple[Client, User]:
    """Return a browser of a person with every role, and the person."""
    anna = make.user(*Role.values)
    page = Client(headers={"host": "localhost"})
    page.force_login(anna)
    return page, anna


def fill(partner: Partner, cooperation: Cooperation, rows: int, *, by: User) -> None:
    """Give both people, promises and risks."""
    place: dict[str, Any] = {
        "partner": partner,
        "cooperation": cooperation,
        "by": by,
        "at": timezone.now(),
    }
    for number in range(rows):
        make.contact(partner, roles=["champion"])
        title = f"No. {number}"
        operations.add_action_item(
            values={"title": title, "side": "ours", "due_on": TODAY}, **place
        )
        operations.raise_risk(
            values={"title": title, "severity": "high", "likelihood": "low"}, **place
        )
