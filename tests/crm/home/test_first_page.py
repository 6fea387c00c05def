"""The first page: figures for the person who looks, their steps, and good empty states."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.periods import Week
from crm.home import portrait
from tests import make
from tests.deals import making

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
DELIVERED = datetime(2026, 12, 1, tzinfo=UTC)
QUERIES = 20
"""Of the page as a whole, whatever the number of partners."""


def opened(person: User, **asked: str) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse("admin:index"), asked)


def used(partner: Any, on: date) -> None:
    account = make.cloud_account(partner)
    delivered = datetime(2026, 12, 1, tzinfo=UTC)
    make.usage(account, on, 70, model="qwen", tokens=900, delivered_at=delivered)


class TestLook:
    def test_is_the_last_full_week_of_the_persons_zone(self) -> None:
        look = portrait.look_of(person=make.user(Role.EXECUTIVE), at=AT)

        assert (str(look.week), look.scope, look.is_running) == (
            "2026-W47",
            "all",
            False,
        )

    def test_is_of_ones_own_partners_for_those_who_have_some(self) -> None:
        anna = make.user(Role.ALLIANCE_MANAGER)
        make.partner(owner=anna)

        assert portrait.look_of(person=anna, at=AT).scope == "own"

    @pytest.mark.parametrize("week", ["2026-W99", "x", "2030-W01"])
    def test_never_leads_into_nothing(self, week: str) -> None:
        look = portrait.look_of(person=make.user(), at=AT, week=week, scope="?")

        assert look.week <= Week(2026, 48)
        assert look.scope == "all"

    def test_of_the_running_week_goes_as_far_as_now(self) -> None:
        person = make.user(Role.EXECUTIVE)
        look = portrait.look_of(person=person, at=AT, week="2026-W48")

        facts = portrait.facts_for(person=person, look=look, at=AT)

        assert look.is_running
        assert facts.frame.cut_off == AT


class TestPage:
    def test_shows_figures_funnel_and_own_steps(self) -> None:
        anna = make.user(Role.ALLIANCE_MANAGER)
        partner = make.partner("BMW", owner=anna)
        make.cooperation(
            partner,
            by=anna,
            next_step="Send the draft",
            next_step_due_on=date(2020, 1, 1),
        )
        used(partner, date.today() - timedelta(days=9))  # noqa: DTZ011  # the page is of today

        page = opened(anna)

        text = page.content.decode()
        assert page.status_code == 200
        assert "Send the draft" in text
        assert "1 next step of mine is overdue" in text
        assert "Advanced / regressed / closed" in text
        assert "Cloud spend" in text
        assert '<svg xmlns="http://www.w3.org/2000/svg"' in text
        assert 'style="' not in text[text.index('class="home"') :]

    def test_of_others_partners_shows_nothing_of_them(self) -> None:
        ben = make.user(Role.ALLIANCE_MANAGER)
        make.cooperation(make.partner("Hidden", confidentiality="restricted"))

        assert "Hidden" not in opened(ben, scope="all").content.decode()

    def test_without_partners_says_what_to_do(self) -> None:
        text = opened(make.user(Role.ALLIANCE_MANAGER)).content.decode()

        assert "No partners to show here yet" in text

    def test_without_a_role_says_who_helps(self) -> None:
        assert "Nothing is open to you yet" in opened(make.user()).content.decode()

    @pytest.mark.parametrize("count", [2, 20])
    def test_costs_the_same_for_any_number_of_partners(self, count: int) -> None:
        anna = make.user(Role.ALLIANCE_MANAGER)
        for number in range(count):
            partner = make.partner(f"P{number}", owner=anna)
            make.cooperation(partner, by=anna)
            used(partner, date.today() - timedelta(days=9))  # noqa: DTZ011  # the page is of today
        client = Client()
        client.force_login(anna)
        client.get(reverse("admin:index"))

        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:index"))

        assert len(queries) == QUERIES


class TestSpark:
    def test_goes_from_the_lowest_to_the_highest(self) -> None:
        line = portrait.spark([Decimal(10), Decimal(30), Decimal(20)])

        assert line == "0.0,22.0 50.0,2.0 100.0,12.0"

    def test_of_equal_values_lies_in_the_middle(self) -> None:
        assert portrait.spark([Decimal(5), Decimal(5)]) == "0.0,12.0 100.0,12.0"

    def test_of_one_value_is_none(self) -> None:
        assert portrait.spark([Decimal(5)]) == ""


class TestBudget:
    """Queries of the page with all its parts, for each role, whatever the number of rows."""

    @pytest.mark.parametrize(
        ("count", "roles"),
        [(2, tuple(Role)), (20, (Role.ALLIANCE_MANAGER, Role.EXECUTIVE))],
    )
    def test_of_a_page_with_every_part(
        self, count: int, roles: tuple[Role, ...]
    ) -> None:
        anna = make.user(Role.ALLIANCE_MANAGER)
        making.rate("EUR", "USD", date.today() - timedelta(days=470), "1.25")  # noqa: DTZ011
        for _number in range(count):
            self.everything(anna)

        found = {role: self.queries(anna, role) for role in roles}

        assert found == {role: PAGES[role] for role in roles}

    def queries(self, anna: User, role: Role) -> int:
        person = anna if role is Role.ALLIANCE_MANAGER else make.user(role)
        client = Client()
        client.force_login(person)
        client.get(reverse("admin:index"), {"scope": "own"})  # what follows a login
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("admin:index"))
        told = page.context["portrait"]
        assert {part["name"] for part in told["wide"]} == set(portrait.WIDE)
        assert {part["name"] for part in told["narrow"]} == set(portrait.NARROW)
        assert len(told["figures"]) == 8
        return len(queries)

    def everything(self, anna: User) -> None:
        today = date.today()  # noqa: DTZ011  # the page is of today
        now = datetime.now(UTC)
        partner = make.partner(owner=anna)
        cooperation = make.cooperation(partner, by=anna, next_step_due_on=today)
        account = make.cloud_account(partner)
        for days in (60, 9):
            on = today - timedelta(days=days)
            make.usage(
                account, on, days, currency=anna.currency, delivered_at=DELIVERED
            )
        make.deal(partner, owner=anna, currency=anna.currency, target_close_on=today)
        make.agreement(partner, expires_on=today + timedelta(days=40))
        making.commitment(
            partner,
            start_on=today - timedelta(days=60),
            end_on=today + timedelta(days=60),
        )
        make.alert(cooperation, opened_at=now)


PAGES = dict.fromkeys(Role, 25)
"""A target adds nothing, gates of moves one, slipped deals one, own rates of usage one."""
