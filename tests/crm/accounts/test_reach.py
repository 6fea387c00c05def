"""How far a person sees, read by one query and remembered."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from crm.accounts import policy
from crm.accounts.models import BrowserSession, Team, User
from crm.accounts.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


class TestReachOf:
    def test_names_roles_and_team_by_one_query(
        self, django_assert_num_queries: Any
    ) -> None:
        team = make.team()
        anna = make.user(Role.FINANCE, Role.LEGAL, team=team)

        with django_assert_num_queries(1):
            reach = policy.reach_of(anna)
            again = policy.reach_of(anna)

        assert reach == policy.Reach(
            user_id=anna.pk, roles=frozenset({"finance", "legal"}), team_path=team.path
        )
        assert again is reach

    def test_of_a_person_without_roles_and_team_is_empty_but_active(self) -> None:
        reach = policy.reach_of(make.user())

        assert (reach.roles, reach.team_path) == (frozenset(), "")
        assert reach.is_active

    def test_of_nobody_is_empty_without_a_query(
        self, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            assert policy.reach_of(AnonymousUser()) == policy.NOBODY
            assert policy.reach_of(User()) == policy.NOBODY

    def test_believes_the_database_about_who_is_active(self) -> None:
        anna = make.user(Role.EXECUTIVE)
        User.objects.filter(pk=anna.pk).update(is_active=False)

        reach = policy.reach_of(anna)

        assert anna.is_active
        assert reach == policy.Reach(user_id=anna.pk, is_active=False)

    def test_is_read_again_when_forgotten(self) -> None:
        anna = make.user()
        before = policy.reach_of(anna)
        anna.groups.set(make.user(Role.AUDITOR).groups.all())

        assert policy.reach_of(anna) is before
        policy.forget_reach(anna)
        assert policy.reach_of(anna).roles == {Role.AUDITOR}


class TestPeopleAndTeams:
    @pytest.mark.parametrize(
        ("role", "sees_the_leaver"),
        [(role, role in policy.SEES_ALL_PEOPLE) for role in Role.values],
    )
    def test_leavers_are_seen_by_administrator_and_auditor_only(
        self, role: str, *, sees_the_leaver: bool
    ) -> None:
        colleague, leaver = make.user(), make.user(is_active=False)

        seen = set(User.objects.visible_to(make.user(role)))

        assert colleague in seen
        assert (leaver in seen) is sees_the_leaver

    def test_the_tree_is_open_to_colleagues(self) -> None:
        team = make.team()

        assert team in Team.objects.visible_to(make.user())

    def test_whoever_is_not_active_sees_nobody(
        self, django_assert_num_queries: Any
    ) -> None:
        gone = make.user(Role.ADMINISTRATOR, is_active=False)
        make.team()
        policy.reach_of(gone)

        with django_assert_num_queries(0):
            assert list(User.objects.visible_to(gone)) == []
            assert list(Team.objects.visible_to(gone)) == []
            assert list(BrowserSession.objects.visible_to(gone)) == []
