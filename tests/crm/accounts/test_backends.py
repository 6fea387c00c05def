"""Who a session belongs to: one statement, with roles, team and permissions; deactivated people are out."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts import policy
from crm.accounts.backends import PersonBackend
from crm.accounts.models import User
from crm.accounts.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


def test_all_that_pages_ask_comes_with_the_person(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    team = make.team()
    anna = make.user(Role.ALLIANCE_MANAGER, Role.LEGAL, team=team)
    plain = User.objects.get(pk=anna.pk)
    backend = PersonBackend()
    backend.get_user(anna.pk)  # the statement is put together once

    with django_assert_num_queries(1):
        found = backend.get_user(anna.pk)
        assert found == anna
        reach, rights = policy.reach_of(found), found.get_all_permissions()

    assert reach == policy.reach_of(plain)
    assert rights == plain.get_all_permissions()
    assert "partners.view_partner" in rights


def test_of_an_administrator_everything_is_open() -> None:
    root = make.user()
    User.objects.filter(pk=root.pk).update(is_superuser=True)

    found = PersonBackend().get_user(root.pk)

    assert found is not None
    assert found.has_perm("partners.view_partner")
    assert policy.reach_of(found).roles == frozenset()


def test_nobody_comes_for_who_left_or_never_was() -> None:
    anna = make.user()
    User.objects.filter(pk=anna.pk).update(is_active=False)

    assert PersonBackend().get_user(anna.pk) is None
    assert PersonBackend().get_user(2**40) is None


def test_a_role_taken_away_counts_at_the_next_request(client: Client) -> None:
    anna = make.user(Role.ALLIANCE_MANAGER)
    client.force_login(anna)
    assert client.get("/admin/partners/partner/").status_code == 200

    anna.groups.clear()

    assert client.get("/admin/partners/partner/").status_code == 403
