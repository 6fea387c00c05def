"""Hand-over, deactivation, reactivation."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.accounts import handover, operations
from crm.accounts.models import ApiToken, Invitation, Team, User
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def only_teams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by the teams led alone, whatever else other packages registered."""
    teams = {"accounts.team.lead": handover._belongings["accounts.team.lead"]}
    monkeypatch.setattr(handover, "_belongings", teams)


def counts(owned: list[operations.Owned]) -> dict[str, int]:
    return {kind.belonging.key: kind.row_count for kind in owned}


@pytest.mark.usefixtures("only_teams")
class TestHandOver:
    def test_gives_everything_in_one_act(self) -> None:
        leaver, successor = make.user(), make.user()
        teams = [make.team(lead=leaver) for _ in range(3)]
        other = make.team(lead=make.user())

        given = operations.hand_over(from_=leaver, to=successor, by=None, at=NOW)

        assert counts(given) == {"accounts.team.lead": 3}
        assert set(Team.objects.filter(lead=successor)) == set(teams)
        assert Team.objects.get(pk=other.pk).lead != successor

    def test_journals_each_row_and_the_act(self) -> None:
        leaver, successor = make.user(), make.user()
        team = make.team(lead=leaver)

        operations.hand_over(from_=leaver, to=successor, by=None, at=NOW)

        row = Event.objects.get(kind="team.lead-changed", subject_id=team.pk)
        assert (row.old, row.new) == ({"lead": leaver.pk}, {"lead": successor.pk})
        act = Event.objects.get(kind="person.handed-over", subject_id=leaver.pk)
        assert act.new == {"to": successor.pk, "counts": {"accounts.team.lead": 1}}

    def test_is_told_beforehand(self) -> None:
        leaver = make.user()
        make.team(lead=leaver)

        assert counts(operations.owned_by(leaver)) == {"accounts.team.lead": 1}
        assert operations.owned_by(make.user()) == []

    def test_happens_completely_or_not_at_all(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leaver, successor = make.user(), make.user()
        make.team(lead=leaver)
        monkeypatch.setitem(
            handover._belongings,
            "zzz",
            handover.Belonging(
                model="accounts.Invitation",
                field="invited_by",
                label="Invitations",
                kind="x",
                reassign="operator.nothing",
            ),
        )
        Invitation.objects.create(
            person=make.user(),
            invited_by=leaver,
            asked_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )

        with pytest.raises(ImportError):
            operations.hand_over(from_=leaver, to=successor, by=None, at=NOW)
        assert Team.objects.get().lead == leaver
        assert not Event.objects.exists()

    def test_to_oneself_is_refused(self) -> None:
        leaver = make.user()

        with pytest.raises(operations.HandOverRefusedError):
            operations.hand_over(from_=leaver, to=leaver, by=None, at=NOW)

    def test_to_whoever_left_is_refused(self) -> None:
        with pytest.raises(operations.HandOverRefusedError):
            operations.hand_over(
                from_=make.user(), to=make.user(is_active=False), by=None, at=NOW
            )

    def test_is_for_administrators(self) -> None:
        anna = make.user(Role.EXECUTIVE)

        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.hand_over(from_=make.user(), to=anna, by=anna, at=NOW)


@pytest.mark.usefixtures("only_teams")
class TestDeactivatePerson:
    def test_closes_every_way_in(self) -> None:
        leaver = make.user()
        token, text = operations.issue_token(
            owner=leaver,
            name="sync",
            scopes=["deals:read"],
            expires_at=NOW + timedelta(days=1),
            by=leaver,
            at=NOW,
        )

        operations.deactivate_person(person=leaver, by=make.administrator(), at=NOW)

        left = User.objects.get(pk=leaver.pk)
        assert (left.is_active, left.deactivated_at) == (False, NOW)
        assert left.session_generation == leaver.session_generation + 1
        assert ApiToken.objects.get(pk=token.pk).revoked_at == NOW
        assert Event.objects.filter(kind="token.revoked", subject_id=token.pk).exists()
        with pytest.raises(operations.TokenRefusedError):
            operations.authenticate_token(text=text, address="::1", at=NOW)

    def test_ends_an_open_invitation(self) -> None:
        invitation = operations.invite_person(
            email="new@example.com", name="New", by=None, at=NOW
        )

        operations.deactivate_person(person=invitation.person, by=None, at=NOW)

        assert Invitation.objects.get().revoked_at == NOW

    def test_needs_a_successor_while_something_is_owned(self) -> None:
        leaver, successor = make.user(), make.user()
        make.team(lead=leaver)
        make.administrator()

        with pytest.raises(operations.DeactivationRefusedError) as refusal:
            operations.deactivate_person(person=leaver, by=None, at=NOW)
        assert refusal.value.missing == ("Teams led: 1",)
        assert User.objects.get(pk=leaver.pk).is_active

        operations.deactivate_person(
            person=leaver, successor=successor, by=None, at=NOW
        )
        assert Team.objects.get().lead == successor
        assert not User.objects.get(pk=leaver.pk).is_active

    def test_of_oneself_is_refused(self) -> None:
        by = make.administrator()
        make.administrator()

        with pytest.raises(operations.DeactivationRefusedError):
            operations.deactivate_person(person=by, by=by, at=NOW)

    def test_of_the_latest_administrator_is_refused(self) -> None:
        with pytest.raises(operations.LatestAdministratorRefusedError):
            operations.deactivate_person(person=make.administrator(), by=None, at=NOW)

    def test_twice_is_once(self) -> None:
        leaver = make.user()
        for _time in range(2):
            operations.deactivate_person(person=leaver, by=None, at=NOW)

        assert Event.objects.filter(kind="person.deactivated").count() == 1

    def test_is_for_administrators(self) -> None:
        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.deactivate_person(
                person=make.user(), by=make.user(Role.EXECUTIVE), at=NOW
            )


class TestReactivatePerson:
    def test_opens_the_login_again_and_no_token(self) -> None:
        leaver = make.user(password="a fine long sentence")
        operations.issue_token(
            owner=leaver,
            name="sync",
            scopes=["deals:read"],
            expires_at=NOW + timedelta(days=1),
            by=leaver,
            at=NOW,
        )
        operations.deactivate_person(person=leaver, by=None, at=NOW)

        back = operations.reactivate_person(person=leaver, by=None, at=NOW)

        assert (back.is_active, back.deactivated_at) == (True, None)
        assert ApiToken.objects.get().revoked_at == NOW

    def test_leaves_whoever_never_joined_to_an_invitation(self) -> None:
        invitation = operations.invite_person(
            email="new@example.com", name="New", by=None, at=NOW
        )
        operations.deactivate_person(person=invitation.person, by=None, at=NOW)

        back = operations.reactivate_person(person=invitation.person, by=None, at=NOW)

        assert not back.is_active
        again = operations.invite_again(person=back, by=None, at=NOW)
        assert again.pk != invitation.pk

    def test_of_somebody_who_is_here_is_refused(self) -> None:
        with pytest.raises(operations.DeactivationRefusedError):
            operations.reactivate_person(person=make.user(), by=None, at=NOW)
