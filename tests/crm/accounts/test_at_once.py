"""Two people act at the same moment, in real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import ApiToken, Team, User
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; return what each gave or raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(5)
        try:
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusals(results: list[object]) -> list[str]:
    return [result.code for result in results if isinstance(result, DomainError)]


def test_two_administrators_cannot_withdraw_one_another() -> None:
    one, two = make.administrator(), make.administrator()

    results = at_once(
        lambda: operations.withdraw_role(
            person=one, role=Role.ADMINISTRATOR, by=None, at=NOW
        ),
        lambda: operations.withdraw_role(
            person=two, role=Role.ADMINISTRATOR, by=None, at=NOW
        ),
    )

    assert refusals(results) == ["people.latest-administrator"]
    assert User.objects.filter(groups__name=Role.ADMINISTRATOR).count() == 1


def test_one_leaves_while_the_other_loses_the_role() -> None:
    one, two = make.administrator(), make.administrator()

    results = at_once(
        lambda: operations.deactivate_person(person=one, by=None, at=NOW),
        lambda: operations.withdraw_role(
            person=two, role=Role.ADMINISTRATOR, by=None, at=NOW
        ),
    )

    assert refusals(results) == ["people.latest-administrator"]


def test_two_moves_cannot_close_a_circle() -> None:
    one, two = make.team(), make.team()

    results = at_once(
        lambda: operations.move_team(team=one, to=two, by=None, at=NOW),
        lambda: operations.move_team(team=two, to=one, by=None, at=NOW),
    )

    assert refusals(results) == ["team.circle"]
    paths = set(Team.objects.values_list("path", flat=True))
    assert paths in (
        {f"/{one.pk}/", f"/{one.pk}/{two.pk}/"},
        {f"/{two.pk}/", f"/{two.pk}/{one.pk}/"},
    )


def test_a_link_opened_twice_lets_in_once() -> None:
    invitation = operations.invite_person(
        email="new@example.com", name="New", by=None, at=NOW
    )
    link = operations.make_link(invitation=invitation, by=None, at=NOW)
    text = link.rstrip("/").rsplit("/", 1)[1]

    results = at_once(
        *[
            lambda password=password: operations.accept_invitation(
                text=text, password=password, at=NOW
            )
            for password in ("the first sentence", "the other sentence")
        ]
    )

    assert refusals(results) == ["invitation.refused"]


def test_a_token_issued_while_its_owner_leaves_is_dead() -> None:
    anna = make.user()

    at_once(
        lambda: operations.issue_token(
            owner=anna,
            name="late",
            scopes=["deals:read"],
            expires_at=NOW + timedelta(days=30),
            by=None,
            at=NOW,
        ),
        lambda: operations.deactivate_person(person=anna, by=None, at=NOW),
    )

    assert not ApiToken.objects.usable(NOW).exists()


def test_roles_outlive_the_emptying_of_the_database_between_tests() -> None:
    assert Group.objects.count() == len(Role.values)
