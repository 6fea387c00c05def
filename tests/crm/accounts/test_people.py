"""Operations on people: profile, address, team, password, sessions, roles."""

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from crm.accounts import operations, policy, profiles
from crm.accounts.models import BrowserSession, User
from crm.accounts.profiles import Profile
from crm.accounts.roles import Role
from crm.journal.models import Event, PersonalValue
from tests import make

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PASSWORD = "a fine long sentence"
PROFILE = Profile(
    name="Anna Berg", language="zh-hans", time_zone="Europe/Berlin", currency="EUR"
)


class TestEditProfile:
    def test_stores_and_journals_the_name_apart(self) -> None:
        anna = make.user(name="Anna")

        operations.edit_profile(person=anna, profile=PROFILE, by=anna, at=NOW)

        stored = User.objects.get(pk=anna.pk)
        assert (stored.name, stored.time_zone) == ("Anna Berg", "Europe/Berlin")
        event = Event.objects.get(kind="person.edited")
        assert event.new == {
            "currency": "EUR",
            "language": "zh-hans",
            "time_zone": "Europe/Berlin",
        }
        kept = PersonalValue.objects.get(event=event)
        assert (kept.field, kept.old, kept.new) == ("name", "Anna", "Anna Berg")

    def test_without_a_change_writes_nothing(self) -> None:
        anna = make.user()
        same = Profile(
            name=anna.name,
            language=anna.language,
            time_zone=anna.time_zone,
            currency=anna.currency,
        )

        operations.edit_profile(person=anna, profile=same, by=anna, at=NOW)

        assert not Event.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", " "),
            ("name", "x" * 121),
            ("language", "de"),
            ("time_zone", "Mars/Olympus"),
            ("time_zone", "../etc/passwd"),
            ("time_zone", ""),
            ("currency", "EURO"),
            ("currency", "eur"),
            ("currency", "DEM"),
            ("currency", "XXX"),
        ],
    )
    def test_refuses_what_does_not_exist(self, field: str, value: str) -> None:
        anna = make.user()
        wrong = replace(PROFILE, **{field: value})

        with pytest.raises(operations.ProfileInputError) as refusal:
            operations.edit_profile(person=anna, profile=wrong, by=anna, at=NOW)
        assert len(refusal.value.missing) == 1
        assert not Event.objects.exists()

    def test_of_somebody_else_is_for_administrators(self) -> None:
        anna = make.user()

        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.edit_profile(
                person=anna, profile=PROFILE, by=make.user(Role.EXECUTIVE), at=NOW
            )
        operations.edit_profile(
            person=anna, profile=PROFILE, by=make.administrator(), at=NOW
        )
        assert User.objects.get(pk=anna.pk).currency == "EUR"

    @pytest.mark.parametrize("code", ["CNY", "EUR", "USD", "JPY", "CHF", "KRW"])
    def test_knows_the_currencies_of_today(self, code: str) -> None:
        assert code in profiles.currencies()


class TestChangeEmail:
    def test_ends_sessions_and_keeps_addresses_apart(self) -> None:
        anna = make.user(email="old@example.com", password=PASSWORD)
        client = Client()
        client.force_login(anna, backend=settings.AUTHENTICATION_BACKENDS[-1])

        operations.change_email(
            person=anna, email="New@Example.com", password=PASSWORD, by=anna, at=NOW
        )

        assert User.objects.get(pk=anna.pk).email == "New@example.com"
        assert client.get("/admin/").status_code == 302
        event = Event.objects.get(kind="person.email-changed")
        assert (event.old, event.new) == ({}, {})
        assert PersonalValue.objects.get(event=event).new == "New@example.com"

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
    def test_asks_for_the_password_again(self, password: str) -> None:
        anna = make.user(email="old@example.com", password=PASSWORD)

        with pytest.raises(operations.PasswordInputError):
            operations.change_email(
                person=anna, email="new@example.com", password=password, by=anna, at=NOW
            )
        assert User.objects.get(pk=anna.pk).email == "old@example.com"

    def test_asks_an_administrator_for_their_own(self) -> None:
        anna = make.user(password=PASSWORD)
        by = make.administrator(password="another sentence")

        with pytest.raises(operations.PasswordInputError):
            operations.change_email(
                person=anna, email="new@example.com", password=PASSWORD, by=by, at=NOW
            )
        operations.change_email(
            person=anna,
            email="new@example.com",
            password="another sentence",
            by=by,
            at=NOW,
        )
        assert User.objects.get(pk=anna.pk).email == "new@example.com"

    @pytest.mark.parametrize("email", ["", "no address", "a@b", "TAKEN@example.com"])
    def test_refuses_an_impossible_or_taken_address(self, email: str) -> None:
        make.user(email="taken@example.com")
        anna = make.user(password=PASSWORD)

        with pytest.raises(operations.ProfileInputError):
            operations.change_email(
                person=anna, email=email, password=PASSWORD, by=anna, at=NOW
            )

    def test_to_the_same_address_writes_nothing_and_ends_no_session(self) -> None:
        anna = make.user(email="anna@example.com", password=PASSWORD)

        same = operations.change_email(
            person=anna, email=" anna@EXAMPLE.com", password=PASSWORD, by=anna, at=NOW
        )

        assert same.session_generation == anna.session_generation
        assert not Event.objects.exists()


class TestAssignTeam:
    def test_changes_what_the_person_sees_at_once(self) -> None:
        anna, team = make.user(), make.team()
        policy.reach_of(anna)

        moved = operations.assign_team(person=anna, team=team, by=None, at=NOW)

        assert policy.reach_of(moved).team_path == team.path
        assert Event.objects.get(kind="person.team-changed").new == {"team": team.pk}

    def test_is_for_administrators(self) -> None:
        anna = make.user(Role.ALLIANCE_DIRECTOR)

        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.assign_team(person=anna, team=make.team(), by=anna, at=NOW)

    @pytest.mark.parametrize("has_one", [True, False])
    def test_to_where_they_are_writes_nothing(self, *, has_one: bool) -> None:
        team = make.team() if has_one else None
        anna = make.user(team=team)

        operations.assign_team(person=anna, team=team, by=None, at=NOW)

        assert not Event.objects.exists()


class TestSessions:
    def test_end_everywhere(self) -> None:
        anna = make.user(password=PASSWORD)
        clients = [Client(), Client()]
        for client in clients:
            client.force_login(anna, backend=settings.AUTHENTICATION_BACKENDS[-1])

        operations.end_sessions(person=anna, by=anna, at=NOW)

        assert [client.get("/admin/").status_code for client in clients] == [302, 302]
        assert Event.objects.filter(kind="person.sessions-ended").count() == 1

    def test_of_somebody_else_are_for_administrators(self) -> None:
        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.end_sessions(
                person=make.user(), by=make.user(Role.LEGAL), at=NOW
            )

    @pytest.mark.parametrize("whose", ["own", "administrator", "colleague"])
    def test_in_one_browser_are_ended_by_oneself_or_an_administrator(
        self, whose: str
    ) -> None:
        anna = make.user(password=PASSWORD)
        by = {"own": anna, "administrator": make.administrator()}.get(whose)
        here, there = Client(), Client()
        for client in (here, there):
            client.force_login(anna, backend=settings.AUTHENTICATION_BACKENDS[-1])
            client.get("/admin/")
        session = BrowserSession.objects.get(session_key=there.session.session_key)

        if by is None:
            with pytest.raises(operations.AdministratorOnlyRefusedError):
                operations.end_session(session=session, by=make.user(), at=NOW)
        else:
            operations.end_session(session=session, by=by, at=NOW)

        statuses = [client.get("/admin/").status_code for client in (here, there)]
        assert statuses == [200, 200 if by is None else 302]


class TestChoosePassword:
    @pytest.mark.parametrize(
        "weak", ["short", "password1234", "123456789012", "anna.berg@example.com"]
    )
    def test_refuses_a_weak_one_and_says_why(self, weak: str) -> None:
        anna = make.user(email="anna.berg@example.com", password=PASSWORD)

        with pytest.raises(operations.PasswordInputError) as refusal:
            operations.choose_password(person=anna, password=weak, by=anna, at=NOW)
        assert refusal.value.missing != ()
        assert User.objects.get(pk=anna.pk).check_password(PASSWORD)

    def test_is_never_in_the_journal(self) -> None:
        anna = make.user(password=PASSWORD)

        operations.choose_password(
            person=anna, password="twelve signs", by=anna, at=NOW
        )

        event = Event.objects.get(kind="person.password-changed")
        assert (event.old, event.new, event.personal_fields) == ({}, {}, [])


class TestGrantRole:
    def test_counts_at_once(self) -> None:
        anna = make.user()
        policy.reach_of(anna)

        raised = operations.grant_role(
            person=anna, role=Role.FINANCE, by=make.administrator(), at=NOW
        )

        assert policy.reach_of(raised).roles == {Role.FINANCE}
        assert Event.objects.get(kind="person.role-granted").new == {"role": "finance"}

    def test_twice_is_once(self) -> None:
        anna = make.user()
        for _time in range(2):
            operations.grant_role(person=anna, role=Role.LEGAL, by=None, at=NOW)

        assert Event.objects.filter(kind="person.role-granted").count() == 1

    @pytest.mark.parametrize("role", Role.values)
    def test_nobody_raises_themself(self, role: str) -> None:
        by = make.administrator()

        with pytest.raises(operations.RoleRefusedError) as refusal:
            operations.grant_role(person=by, role=role, by=by, at=NOW)
        assert refusal.value.code == "role.own"

    @pytest.mark.parametrize("by_role", sorted(set(Role.values) - {"administrator"}))
    def test_is_for_administrators(self, by_role: str) -> None:
        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.grant_role(
                person=make.user(), role=Role.LEGAL, by=make.user(by_role), at=NOW
            )

    def test_believes_the_database_about_who_is_administrator(self) -> None:
        by = make.administrator()
        policy.reach_of(by)
        by.groups.clear()

        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.grant_role(person=make.user(), role=Role.LEGAL, by=by, at=NOW)

    def test_refuses_a_role_that_does_not_exist(self) -> None:
        with pytest.raises(operations.RoleInputError):
            operations.grant_role(person=make.user(), role="king", by=None, at=NOW)

    def test_is_not_for_whoever_has_left(self) -> None:
        gone = make.user(is_active=False)
        User.objects.filter(pk=gone.pk).update(deactivated_at=NOW)

        with pytest.raises(operations.RoleRefusedError, match="has left"):
            operations.grant_role(person=gone, role=Role.LEGAL, by=None, at=NOW)
        assert not gone.groups.exists()


class TestWithdrawRole:
    def test_the_latest_administrator_stays(self) -> None:
        by = make.administrator()
        make.user(Role.ADMINISTRATOR, is_active=False)

        with pytest.raises(operations.LatestAdministratorRefusedError):
            operations.withdraw_role(person=by, role=Role.ADMINISTRATOR, by=by, at=NOW)

    def test_one_of_two_may_go(self) -> None:
        by, other = make.administrator(), make.administrator()

        operations.withdraw_role(person=other, role=Role.ADMINISTRATOR, by=by, at=NOW)

        assert policy.reach_of(User.objects.get(pk=other.pk)).roles == set()

    def test_another_one_goes_without_further_question(self) -> None:
        anna = make.user(Role.LEGAL, Role.FINANCE)

        operations.withdraw_role(person=anna, role=Role.LEGAL, by=None, at=NOW)

        assert [group.name for group in anna.groups.all()] == [Role.FINANCE]
        assert Event.objects.get().old == {"role": "legal"}

    def test_one_nobody_had_writes_nothing(self) -> None:
        operations.withdraw_role(person=make.user(), role=Role.LEGAL, by=None, at=NOW)

        assert not Event.objects.exists()


class TestLogin:
    @pytest.mark.parametrize("typed", ["anna@example.com", "ANNA@Example.COM"])
    def test_does_not_care_about_the_case_of_letters(self, typed: str) -> None:
        make.user(email="Anna@example.com", password=PASSWORD)

        answer = Client().post(
            "/admin/login/", {"username": typed, "password": PASSWORD}
        )

        assert answer.status_code == 302

    def test_hashes_passwords_with_argon2_first(self) -> None:
        source: Any = (settings.BASE_DIR / "crm" / "settings.py").read_text()

        assert 'PASSWORD_HASHERS = [\n    "django.contrib.auth.hashers.Argon2' in source
