"""`manage.py create_admin` and `create_api_token`."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.accounts import operations, policy
from crm.accounts.management.commands import roles
from crm.accounts.models import ApiToken, User
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a fine long sentence"


def run(name: str, *arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return str(file)


class TestRoles:
    PAGE = f"# Roles\n\n{roles.BEGIN}\n\nof yesteryear\n{roles.END}\nMore.\n"

    def test_writes_the_table_between_its_marks(
        self, tmp_path: Path, settings: Any
    ) -> None:
        settings.BASE_DIR = tmp_path
        page = tmp_path / "docs" / "roles.md"
        page.parent.mkdir()
        page.write_text(self.PAGE)

        with pytest.raises(CommandError, match="stale"):
            run("roles", "--check")
        assert page.read_text() == self.PAGE
        run("roles")

        text = page.read_text()
        assert text.startswith("# Roles")
        assert text.endswith(f"{roles.END}\nMore.\n")
        assert "| accounts." in text
        assert "of yesteryear" not in text
        assert "is as the database" in run("roles", "--check")


class TestCreateAdmin:
    def test_makes_the_first_with_a_password_from_a_file(
        self, password_file: str
    ) -> None:
        run("create_admin", "root@example.com", password_file=password_file)

        made = User.objects.get()
        assert policy.reach_of(made).roles == {Role.ADMINISTRATOR}
        assert (made.is_superuser, made.is_staff) == (False, True)
        assert made.check_password(PASSWORD)
        assert Event.objects.get(kind="person.administrator-made").by is None

    def test_again_says_so_and_changes_nothing(self, password_file: str) -> None:
        run("create_admin", "root@example.com", password_file=password_file)

        text = run("create_admin", "Root@example.com", password_file=password_file)

        assert text == "Root@example.com is an administrator already.\n"
        assert Event.objects.count() == 1

    def test_refuses_a_second_unless_forced(self, password_file: str) -> None:
        make.administrator()

        with pytest.raises(CommandError, match="force-additional"):
            run("create_admin", "two@example.com", password_file=password_file)
        assert not User.objects.filter(email="two@example.com").exists()
        run(
            "create_admin",
            "two@example.com",
            password_file=password_file,
            force_additional=True,
        )
        assert User.objects.get(email="two@example.com").has_perm("accounts.add_user")

    def test_refuses_a_second_while_the_first_has_not_opened_the_link(self) -> None:
        run("create_admin", "root@example.com", "--link")

        with pytest.raises(CommandError, match="force-additional"):
            run("create_admin", "two@example.com", "--link")
        assert User.objects.count() == 1

    def test_without_a_terminal_prints_a_link_that_works(self) -> None:
        text = run("create_admin", "root@example.com", "--link")

        secret = text.strip().rstrip("/").rsplit("/", 1)[1]
        person = operations.accept_invitation(
            text=secret, password=PASSWORD, at=timezone.now()
        )
        assert policy.reach_of(person).roles == {Role.ADMINISTRATOR}

    def test_at_a_terminal_asks_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        typed = iter([PASSWORD, "another", PASSWORD, PASSWORD])
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))

        with pytest.raises(CommandError, match="differ"):
            run("create_admin", "root@example.com")
        assert not User.objects.exists()
        run("create_admin", "root@example.com")

        assert User.objects.get().check_password(PASSWORD)

    def test_prints_a_new_link_when_the_first_was_lost(self) -> None:
        first = run("create_admin", "root@example.com", "--link")
        second = run("create_admin", "root@example.com", "--link")

        assert first != second
        assert User.objects.count() == 1
        old = first.strip().rstrip("/").rsplit("/", 1)[1]
        with pytest.raises(operations.InvitationRefusedError):
            operations.find_invitation(text=old, at=timezone.now())

    def test_raises_somebody_who_is_here_and_leaves_the_password(
        self, password_file: str
    ) -> None:
        make.user(email="anna@example.com", password="the password of anna")

        run("create_admin", "anna@example.com", password_file=password_file)

        anna = User.objects.get()
        assert policy.reach_of(anna).roles == {Role.ADMINISTRATOR}
        assert anna.check_password("the password of anna")

    @pytest.mark.parametrize(
        ("content", "message"),
        [("short", "stronger"), ("", "holds no password"), (None, "Cannot read")],
    )
    def test_refuses_what_is_no_password(
        self, tmp_path: Path, content: str | None, message: str
    ) -> None:
        file = tmp_path / "file"
        if content is not None:
            file.write_text(content)

        with pytest.raises(CommandError, match=message):
            run("create_admin", "root@example.com", password_file=str(file))
        assert not User.objects.exists()

    def test_refuses_what_is_no_address(self) -> None:
        with pytest.raises(CommandError, match="not an e-mail"):
            run("create_admin", "root", "--link")

    def test_refuses_somebody_who_left(self, password_file: str) -> None:
        left = make.user(email="left@example.com")
        operations.deactivate_person(person=left, by=None, at=timezone.now())

        with pytest.raises(CommandError, match="has left"):
            run("create_admin", "left@example.com", password_file=password_file)


class TestCreateApiToken:
    def test_prints_nothing_but_the_token(self) -> None:
        anna = make.user(email="anna@example.com")

        text = run(
            "create_api_token",
            "ANNA@example.com",
            "--scope=deals:read",
            "--scope=usage:write",
            "--read-only",
            "--days=7",
            "--network=10.0.0.0/8",
        ).strip()

        token = operations.find_token(text=text, address="10.1.1.1", at=timezone.now())
        assert (token.owner, token.is_read_only) == (anna, True)
        assert token.scopes == ["deals:read", "usage:write"]
        assert (token.expires_at - token.issued_at).days == 7

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["nobody@example.com", "--scope=deals:read"], "Nobody has"),
            (["anna@example.com", "--scope=all"], "no such scope"),
            (["anna@example.com", "--scope=deals:read", "--days=0"], "expire"),
            (["anna@example.com", "--scope=deals:read", "--days=367"], "expire"),
            (["anna@example.com", "--scope=deals:read", "--network=x"], "network"),
        ],
    )
    def test_refuses_nonsense(self, arguments: list[str], message: str) -> None:
        make.user(email="anna@example.com")

        with pytest.raises(CommandError, match=message):
            run("create_api_token", *arguments)
        assert not ApiToken.objects.exists()
