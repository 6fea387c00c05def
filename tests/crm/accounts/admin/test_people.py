"""The admin pages of people, teams and handing over."""

from collections.abc import Callable
from typing import Any

import pytest

from crm.accounts.models import Invitation, Team, User
from crm.accounts.roles import Role
from tests import make
from tests.crm.accounts.admin.browsing import (
    logged_in,
)

pytestmark = pytest.mark.django_db


class TestPeople:
    def test_an_administrator_invites(
        self, django_capture_on_commit_callbacks: Callable[[], Any]
    ) -> None:
        client = logged_in(make.administrator())
        team = make.team()

        answer = client.post(
            "/admin/accounts/user/add/",
            {
                "email": "neo@example.com",
                "name": "Neo",
                "team": team.pk,
                "language": "zh-hans",
                "roles": ["legal", "finance"],
            },
        )

        assert answer.status_code == 302
        made = User.objects.get(email="neo@example.com")
        assert (made.team, made.is_active, made.is_superuser) == (team, False, False)
        assert made.groups.count() == 2
        assert Invitation.objects.due().get().person == made

    def test_a_taken_address_is_told_in_the_form(self) -> None:
        make.user(email="neo@example.com")

        answer = logged_in(make.administrator()).post(
            "/admin/accounts/user/add/",
            {"email": "NEO@example.com", "name": "Neo", "language": "en"},
        )

        assert answer.status_code == 200
        assert "errors" in answer.text
        assert not User.objects.filter(name="Neo").exists()

    def test_an_administrator_edits_profile_and_team(self) -> None:
        anna, team = make.user(), make.team()
        values = {
            "name": "Anna Berg",
            "team": team.pk,
            "language": "en",
            "time_zone": "Europe/Berlin",
            "currency": "EUR",
            "email": "stolen@example.com",
            "is_superuser": "on",
            "groups": "1",
        }

        logged_in(make.administrator()).post(
            f"/admin/accounts/user/{anna.pk}/change/", values
        )

        stored = User.objects.get(pk=anna.pk)
        assert (stored.name, stored.team, stored.currency) == ("Anna Berg", team, "EUR")
        assert (stored.email, stored.is_superuser) == (anna.email, False)
        assert stored.groups.count() == 0

    @pytest.mark.parametrize("rows", [2, 20])
    def test_list_costs_the_same_for_few_and_many(
        self, rows: int, django_assert_num_queries: Any
    ) -> None:
        team = make.team()
        for _row in range(rows):
            make.user(Role.LEGAL, Role.FINANCE, team=team)
        client = logged_in(make.administrator())
        client.get("/admin/accounts/user/")

        with django_assert_num_queries(LIST_QUERIES):
            client.get("/admin/accounts/user/")


LIST_QUERIES = 7


class TestHandOver:
    def test_shows_counts_then_gives_all(self) -> None:
        leaver, successor = make.user(), make.user(name="Successor")
        make.team(lead=leaver)
        make.team(lead=leaver)
        client = logged_in(make.administrator())
        page = f"/admin/accounts/user/{leaver.pk}/hand-over/"

        preview = client.get(page).text
        answer = client.post(page, {"to": successor.pk})

        assert "Teams led" in preview
        assert answer.headers["Location"] == f"/admin/accounts/user/{leaver.pk}/change/"
        assert Team.objects.filter(lead=successor).count() == 2

    def test_is_reached_by_a_button_and_closed_to_others(self) -> None:
        leaver, boss = make.user(), logged_in(make.administrator())
        page = f"/admin/accounts/user/{leaver.pk}/hand-over/"

        led = boss.get(f"/admin/accounts/user/{leaver.pk}/hand_over/")

        assert led.headers["Location"] == page
        assert boss.get("/admin/accounts/user/0/hand-over/").status_code == 404
        other = logged_in(make.user(Role.ALLIANCE_DIRECTOR))
        assert other.get(page).status_code == 403

    def test_refuses_whoever_left_as_successor(self) -> None:
        leaver, gone = make.user(), make.user(is_active=False)
        make.team(lead=leaver)
        client = logged_in(make.administrator())

        answer = client.post(
            f"/admin/accounts/user/{leaver.pk}/hand-over/", {"to": gone.pk}
        )

        assert answer.status_code == 200
        assert Team.objects.get().lead == leaver


class TestTeams:
    def test_are_registered_and_edited(self) -> None:
        client, parent, lead = logged_in(make.administrator()), make.team(), make.user()

        client.post(
            "/admin/accounts/team/add/",
            {
                "name": "EMEA",
                "parent": parent.pk,
                "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0,
            },
        )
        team = Team.objects.get(name="EMEA")
        client.post(
            f"/admin/accounts/team/{team.pk}/change/",
            {
                "name": "Europe",
                "parent": "",
                "lead": lead.pk,
                "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0,
            },
        )

        stored = Team.objects.get(pk=team.pk)
        assert (stored.name, stored.path, stored.lead) == (
            "Europe",
            f"/{team.pk}/",
            lead,
        )

    def test_a_circle_is_told_in_the_form(self) -> None:
        top = make.team()
        below = make.team(parent=top)

        answer = logged_in(make.administrator()).post(
            f"/admin/accounts/team/{top.pk}/change/",
            {
                "name": top.name,
                "parent": below.pk,
                "members-TOTAL_FORMS": 0,
                "members-INITIAL_FORMS": 0,
            },
        )

        assert "which belongs to it" in answer.text
        assert Team.objects.get(pk=top.pk).parent is None
