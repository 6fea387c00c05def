"""API tokens: made once, kept as a keyed hash, recognised, refused, revoked."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.accounts import operations, tokens
from crm.accounts.models import ApiToken, User
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make

NOW = timezone.now()
DAY = timedelta(days=1)
HERE = "192.0.2.10"


class TestShape:
    def test_begins_so_that_scanners_know_it(self) -> None:
        issued = tokens.generate(pepper="p")

        assert tokens.SHAPE.fullmatch(issued.text)
        assert issued.text.startswith(f"crm_{issued.public}_")
        assert len({tokens.generate(pepper="p").text for _ in range(50)}) == 50

    def test_hash_depends_on_the_pepper(self) -> None:
        assert tokens.digest("text", pepper="a") != tokens.digest("text", pepper="b")

    @pytest.mark.parametrize(
        "text", ["", "crm_", "crm_short_x", "crm_12345678_" + "a" * 39, "x" * 10_000]
    )
    def test_nonsense_has_no_public_part(self, text: str) -> None:
        assert tokens.public_part(text) is None

    @pytest.mark.parametrize(
        ("scopes", "area", "act", "is_read_only", "expected"),
        [
            (["deals:read"], "deals", "read", False, True),
            (["deals:read"], "deals", "write", False, False),
            (["deals:write"], "deals", "write", False, True),
            (["deals:write"], "deals", "read", False, True),
            (["deals:write"], "deals", "write", True, False),
            (["deals:write"], "deals", "read", True, True),
            (["deals:write"], "usage", "read", False, False),
        ],
    )
    def test_scopes_open_their_area(
        self,
        *,
        scopes: list[str],
        area: str,
        act: str,
        is_read_only: bool,
        expected: bool,
    ) -> None:
        found = tokens.allows(scopes, area=area, act=act, is_read_only=is_read_only)

        assert found is expected

    @pytest.mark.parametrize(
        ("address", "networks", "expected"),
        [
            (HERE, [], True),
            (HERE, ["192.0.2.0/24"], True),
            (HERE, ["192.0.2.10/32"], True),
            (HERE, ["192.0.2.11/32"], False),
            (HERE, ["2001:db8::/32", "192.0.2.8/29"], True),
            ("2001:db8::1", ["2001:db8::/32"], True),
            ("2001:db8::1", ["0.0.0.0/0"], False),
            ("::ffff:192.0.2.10", ["192.0.2.0/24"], True),
            ("", ["0.0.0.0/0"], False),
            ("unix", ["0.0.0.0/0", "::/0"], False),
        ],
    )
    def test_networks(
        self, *, address: str, networks: list[str], expected: bool
    ) -> None:
        assert tokens.is_inside(address, networks) is expected


def issue(owner: User, **changed: Any) -> tuple[ApiToken, str]:
    arguments: dict[str, Any] = {
        "owner": owner,
        "name": "ERP sync",
        "scopes": ["deals:write", "partners:read"],
        "expires_at": NOW + 30 * DAY,
        "by": owner,
        "at": NOW,
        **changed,
    }
    return operations.issue_token(**arguments)


@pytest.mark.django_db
class TestIssueToken:
    def test_shows_the_text_once_and_keeps_a_hash(self) -> None:
        anna = make.user(Role.INTEGRATION)

        token, text = issue(anna)

        kept = ApiToken.objects.values().get(pk=token.pk)
        assert kept["digest"] == tokens.digest(text, pepper=settings.TOKEN_PEPPER)
        assert text not in str(kept)
        assert text.split("_")[2] not in str(kept)

    def test_is_journalled_without_the_secret(self) -> None:
        anna = make.user(Role.INTEGRATION)

        token, text = issue(anna)

        event = Event.objects.get(kind="token.issued", subject_id=token.pk)
        assert event.by_id == anna.pk
        assert event.new["scopes"] == ["deals:write", "partners:read"]
        assert text.split("_")[2] not in str(event.new)
        assert token.digest not in str(event.new)

    def test_writes_networks_in_one_spelling(self) -> None:
        token, _ = issue(
            make.user(), networks=["10.1.0.0/16", "2001:0db8::/32", "192.0.2.1"]
        )

        assert token.networks == ["10.1.0.0/16", "192.0.2.1/32", "2001:db8::/32"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"scopes": []},
            {"scopes": ["deals:delete"]},
            {"scopes": ["*"]},
            {"name": "  "},
            {"networks": ["10.1.0.1/16"]},
            {"networks": ["example.com"]},
            {"expires_at": NOW},
            {"expires_at": NOW - DAY},
            {"expires_at": NOW + 367 * DAY},
        ],
        ids=lambda wrong: next(iter(wrong)),  # values hold the time of collection
    )
    def test_refuses_nonsense(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(operations.TokenInputError):
            issue(make.user(), **wrong)
        assert not ApiToken.objects.exists()

    def test_lasts_a_year_at_most(self) -> None:
        token, _ = issue(make.user(), expires_at=NOW + 366 * DAY)

        assert token.expires_at == NOW + 366 * DAY

    def test_for_somebody_else_is_refused(self) -> None:
        with pytest.raises(operations.TokenIssueRefusedError):
            issue(make.user(Role.INTEGRATION), by=make.user(Role.EXECUTIVE))

    def test_an_administrator_issues_for_programs_only(self) -> None:
        administrator = make.administrator()

        token, _ = issue(make.user(Role.INTEGRATION), by=administrator)

        assert token.issued_by == administrator
        with pytest.raises(operations.TokenIssueRefusedError):
            issue(make.user(Role.EXECUTIVE), by=administrator)

    def test_for_somebody_who_left_is_refused(self) -> None:
        with pytest.raises(operations.TokenIssueRefusedError):
            issue(make.user(is_active=False), by=None)


@pytest.mark.django_db
class TestAuthenticateToken:
    def test_finds_the_owner_who_then_acts_by_the_token(self) -> None:
        anna = make.user(Role.INTEGRATION)
        token, text = issue(anna)

        found = operations.authenticate_token(text=text, address=HERE, at=NOW)

        assert found == token
        assert found.owner == anna
        assert found.owner.acting_token_id == token.pk
        assert found.allows("deals", "write")

    def test_costs_one_query_and_one_write_a_minute(
        self, django_assert_num_queries: Any
    ) -> None:
        _, text = issue(make.user())
        first = NOW + timedelta(seconds=1)

        with django_assert_num_queries(2):
            operations.authenticate_token(text=text, address=HERE, at=first)
        with django_assert_num_queries(1):
            operations.authenticate_token(
                text=text, address=HERE, at=first + timedelta(seconds=59)
            )
        with django_assert_num_queries(2):
            operations.authenticate_token(
                text=text, address="2001:db8::1", at=first + timedelta(seconds=60)
            )
        kept = ApiToken.objects.get()
        assert kept.latest_use_at == first + timedelta(seconds=60)
        assert kept.latest_use_from == "2001:db8::1"

    @pytest.mark.parametrize(
        ("text", "queries"),
        [("", 0), ("Bearer", 0), ("crm_12345678_" + "a" * 40, 1)],
    )
    def test_refuses_what_is_no_token_of_ours(
        self, text: str, queries: int, django_assert_num_queries: Any
    ) -> None:
        with (
            django_assert_num_queries(queries),
            pytest.raises(operations.TokenRefusedError) as refusal,
        ):
            operations.authenticate_token(text=text, address=HERE, at=NOW)
        assert refusal.value.code == "token.unknown"

    def test_tells_a_wrong_secret_nothing(self) -> None:
        token, text = issue(make.user())
        operations.revoke_token(token=token, by=None, at=NOW)
        forged = text[:-1] + ("a" if text[-1] != "a" else "b")

        with pytest.raises(operations.TokenRefusedError) as refusal:
            operations.authenticate_token(text=forged, address=HERE, at=NOW)
        assert refusal.value.code == "token.unknown"

    @pytest.mark.parametrize("late", [timedelta(), DAY])
    def test_refuses_it_from_the_moment_it_expires(self, late: timedelta) -> None:
        token, text = issue(make.user())
        just_before = token.expires_at - timedelta(microseconds=1)

        assert operations.find_token(text=text, address=HERE, at=just_before) == token
        assert code_of(text, at=token.expires_at + late) == "token.expired"

    def test_refuses_a_revoked_one(self) -> None:
        token, text = issue(make.user())
        operations.revoke_token(token=token, by=token.owner, at=NOW)

        assert code_of(text) == "token.revoked"

    def test_refuses_when_the_owner_left(self) -> None:
        anna = make.user()
        _, text = issue(anna)
        User.objects.filter(pk=anna.pk).update(is_active=False)

        assert code_of(text) == "token.owner-inactive"

    def test_refuses_another_network_and_notes_no_use(self) -> None:
        token, text = issue(make.user(), networks=["10.0.0.0/8"])

        assert code_of(text) == "token.network"
        token.refresh_from_db()
        assert token.latest_use_at is None

    def test_what_a_role_may_do_counts_at_the_next_request(self) -> None:
        _, text = issue(make.user(Role.INTEGRATION))
        group = Group.objects.get(name=Role.INTEGRATION)
        extra = Permission.objects.exclude(group=group).select_related("content_type")
        given = extra[0]
        name = f"{given.content_type.app_label}.{given.codename}"

        def may() -> bool:
            token = operations.authenticate_token(text=text, address=HERE, at=NOW)
            return token.owner.has_perm(name)

        before = may()
        group.permissions.add(given)
        meanwhile = may()
        group.permissions.remove(given)

        assert (before, meanwhile, may()) == (False, True, False)

    def test_what_a_person_may_by_name_and_a_superuser_may_counts_too(self) -> None:
        anna, root = make.user(), make.user()
        User.objects.filter(pk=root.pk).update(is_superuser=True)
        anna.user_permissions.add(Permission.objects.get(codename="add_user"))
        by_name = operations.find_token(text=issue(anna)[1], address=HERE, at=NOW)
        by_rank = operations.find_token(text=issue(root)[1], address=HERE, at=NOW)

        assert by_name.owner.has_perm("accounts.add_user")
        assert not by_name.owner.has_perm("accounts.change_user")
        assert by_rank.owner.has_perm("accounts.change_user")

    def test_another_pepper_makes_all_tokens_worthless(self, settings: Any) -> None:
        _, text = issue(make.user())
        settings.TOKEN_PEPPER = "another"

        assert code_of(text) == "token.unknown"


def code_of(text: str, *, at: datetime = NOW) -> str:
    with pytest.raises(operations.TokenRefusedError) as refusal:
        operations.authenticate_token(text=text, address=HERE, at=at)
    return refusal.value.code


@pytest.mark.django_db
class TestRevokeToken:
    def test_twice_is_once(self) -> None:
        token, _ = issue(make.user())

        first = operations.revoke_token(token=token, by=token.owner, at=NOW)
        again = operations.revoke_token(token=token, by=token.owner, at=NOW + DAY)

        assert first.revoked_at == again.revoked_at == NOW
        assert Event.objects.filter(kind="token.revoked").count() == 1

    def test_of_somebody_else_is_for_administrators(self) -> None:
        token, _ = issue(make.user())

        with pytest.raises(operations.TokenIssueRefusedError):
            operations.revoke_token(token=token, by=make.user(Role.EXECUTIVE), at=NOW)
        revoked = operations.revoke_token(token=token, by=make.administrator(), at=NOW)
        assert revoked.revoked_at == NOW


@pytest.mark.django_db
class TestDatabase:
    @pytest.mark.parametrize(
        ("assignment", "message"),
        [
            ("owner_id = owner_id + 1", "never change"),
            ("digest = 'x'", "never change"),
            ("public = 'x'", "never change"),
            ("revoked_at = NULL", "revoked for good"),
        ],
    )
    def test_keeps_owner_secret_and_revocation(
        self, assignment: str, message: str
    ) -> None:
        token, _ = issue(make.user())
        operations.revoke_token(token=token, by=None, at=NOW)

        with (
            pytest.raises(IntegrityError, match=message),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE accounts_apitoken SET " + assignment)  # noqa: S608  a constant of the table above

    @pytest.mark.parametrize(
        ("changed", "name"),
        [
            ({"scopes": []}, "api_token_has_a_scope"),
            ({"expires_at": NOW}, "api_token_expires_after_issue"),
        ],
    )
    def test_refuses_a_token_without_scope_or_time(
        self, changed: dict[str, Any], name: str
    ) -> None:
        values = {"scopes": ["deals:read"], "expires_at": NOW + timedelta(seconds=1)}

        ApiToken.objects.create(
            owner=make.user(), name="edge", public="a", issued_at=NOW, **values
        )
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ApiToken.objects.create(
                owner=make.user(), public="b", issued_at=NOW, **{**values, **changed}
            )


@pytest.mark.django_db
class TestVisibleTo:
    def test_shows_ones_own_and_everything_to_administrator_and_auditor(self) -> None:
        anna = make.user(Role.INTEGRATION)
        mine, _ = issue(anna)
        other, _ = issue(make.user())

        assert list(ApiToken.objects.visible_to(anna)) == [mine]
        for role in (Role.ADMINISTRATOR, Role.AUDITOR):
            assert set(ApiToken.objects.visible_to(make.user(role))) == {mine, other}
