"""The roles and how migrations give them permissions."""

from typing import cast

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from crm.accounts import roles
from crm.accounts.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> BaseDatabaseSchemaEditor:
    return connection.schema_editor()


def codenames(role: str) -> set[str]:
    group = Group.objects.get(name=role)
    return set(group.permissions.values_list("codename", flat=True))


class TestRoles:
    def test_stand_after_migration(self) -> None:
        assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)

    @pytest.mark.parametrize("role", Role.values)
    def test_all_know_their_colleagues(self, role: str) -> None:
        person = make.user(role)

        assert person.has_perm("accounts.view_user")
        assert person.has_perm("accounts.view_team")

    @pytest.mark.parametrize("role", Role.values)
    def test_only_administrators_change_people(self, role: str) -> None:
        person = make.user(role)

        assert person.has_perm("accounts.change_user") is (role == Role.ADMINISTRATOR)
        assert not person.has_perm("accounts.delete_user")


class TestGrant:
    def test_makes_the_missing_permission_row(
        self, editor: BaseDatabaseSchemaEditor
    ) -> None:
        Permission.objects.filter(codename="delete_team").delete()

        roles.grant(apps, editor, {"accounts.team": {"delete": (Role.LEGAL,)}})

        made = Permission.objects.get(codename="delete_team")
        assert "delete_team" in codenames(Role.LEGAL)
        assert made.content_type == ContentType.objects.get(
            app_label="accounts", model="team"
        )

    def test_makes_the_missing_content_type(
        self, editor: BaseDatabaseSchemaEditor
    ) -> None:
        ContentType.objects.filter(app_label="accounts", model="team").delete()
        ContentType.objects.clear_cache()

        roles.grant(apps, editor, {"accounts.team": {"view": (Role.LEGAL,)}})

        assert "view_team" in codenames(Role.LEGAL)

    def test_twice_is_once(self, editor: BaseDatabaseSchemaEditor) -> None:
        table = {"accounts.team": {"delete": (Role.LEGAL,)}}

        roles.grant(apps, editor, table)
        roles.grant(apps, editor, table)

        assert Permission.objects.filter(codename="delete_team").count() == 1

    def test_is_undone_by_withdraw(self, editor: BaseDatabaseSchemaEditor) -> None:
        table = {"accounts.team": {"delete": (Role.LEGAL,)}}
        roles.grant(apps, editor, table)

        roles.withdraw(apps, editor, table)

        assert "delete_team" not in codenames(Role.LEGAL)

    def test_is_a_reversible_migration_operation(
        self, editor: BaseDatabaseSchemaEditor
    ) -> None:
        operation = roles.granting({"accounts.team": {"delete": (Role.LEGAL,)}})

        state = cast("StateApps", apps)
        operation.code(state, editor)
        given = "delete_team" in codenames(Role.LEGAL)
        assert operation.reverse_code is not None
        operation.reverse_code(state, editor)

        assert given
        assert "delete_team" not in codenames(Role.LEGAL)

    @pytest.mark.parametrize(
        "table",
        [
            {"accounts.nothing": {"view": (Role.LEGAL,)}},
            {"accounts.team": {"veiw": (Role.LEGAL,)}},
            {"accounts.team": {"view": ("janitor",)}},
        ],
        ids=["model", "action", "role"],
    )
    def test_refuses_what_does_not_exist(
        self, editor: BaseDatabaseSchemaEditor, table: roles.Grants
    ) -> None:
        with pytest.raises(roles.UnknownGrantError):
            roles.grant(apps, editor, table)
