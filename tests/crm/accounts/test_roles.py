"""The roles and how migrations give them permissions."""

from typing import cast

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from crm.accounts import queries, roles
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


OURS = frozenset({"crm", "partners", "deals"})
INNER = frozenset(
    {
        "web.KeptAnswer",
        "partners.PartnerSearch",
        "reports.OptOut",
        "reports.StoredMessage",
    }
)
"""Models that no page and no endpoint shows: kept answers to programs, the search index,
addresses that want no mail, and mails as they went out."""


def own_models() -> list[str]:
    return [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS
        and not model.__module__.startswith("tests")
        and model._meta.label not in INNER
    ]


class TestEveryModel:
    def test_of_a_package_that_opens_any_has_a_role_that_may_view_it(self) -> None:
        given = Permission.objects.filter(group__name__in=Role.values).values_list(
            "content_type__app_label", "codename"
        )
        opened, viewable = {app for app, _ in given}, set(given)
        closed = [
            label
            for label in own_models()
            if label.split(".")[0] in opened
            and (label.split(".")[0], f"view_{label.split('.')[1].lower()}")
            not in viewable
        ]

        assert closed == [], "grant viewing in a migration: docs/roles.md"
        assert {"accounts", "core", "journal", "partners", "rates"} <= opened

    def test_nobody_may_delete_people_or_change_the_journal(self) -> None:
        given = Permission.objects.filter(group__isnull=False)
        forbidden = {"delete_user", "delete_team", "change_event", "delete_event"}

        assert not given.filter(codename__in=forbidden).exists()

    def test_the_journal_is_for_administrator_and_auditor(self) -> None:
        holders = Group.objects.filter(permissions__codename="view_event")

        assert {group.name for group in holders} == {
            Role.ADMINISTRATOR,
            Role.AUDITOR,
        }


class TestPage:
    def test_tells_the_truth_about_accounts(self) -> None:
        page = (settings.BASE_DIR / "docs" / "roles.md").read_text("utf-8")
        ground = ("| accounts.", "| auth.", "| journal.", "| rates.", "| core.")
        rows = [
            line
            for line in queries.role_table().splitlines()
            if line.startswith(ground)
        ]

        assert len(rows) > 20
        assert [row for row in rows if row not in page] == []
