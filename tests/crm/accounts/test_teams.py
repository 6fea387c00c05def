"""Operations on the tree of teams."""

from typing import Any

import pytest
from django.utils import timezone

from crm.accounts import operations
from crm.accounts.models import Team
from crm.accounts.roles import Role
from crm.journal.models import Event
from tests import make

pytestmark = pytest.mark.django_db
NOW = timezone.now()


class TestRegisterTeam:
    def test_stands_below_its_parent_and_in_the_journal(self) -> None:
        by, parent = make.administrator(), make.team()

        team = operations.register_team(name=" EMEA ", parent=parent, by=by, at=NOW)

        assert (team.name, team.path) == ("EMEA", f"{parent.path}{team.pk}/")
        event = Event.objects.get(kind="team.registered", subject_id=team.pk)
        assert event.new == {"name": "EMEA", "parent": parent.pk}

    @pytest.mark.parametrize("name", ["", "  ", "x" * 121, "alliances", "ALLIANCES"])
    def test_refuses_an_impossible_or_taken_name(self, name: str) -> None:
        make.team("Alliances")

        with pytest.raises(operations.TeamInputError):
            operations.register_team(name=name, by=None, at=NOW)
        assert Team.objects.count() == 1

    def test_goes_twelve_levels_deep(self) -> None:
        team = make.team()
        for _level in range(10):
            team = make.team(parent=team)

        twelfth = operations.register_team(name="12", parent=team, by=None, at=NOW)

        with pytest.raises(operations.TeamRefusedError) as refusal:
            operations.register_team(name="13", parent=twelfth, by=None, at=NOW)
        assert refusal.value.code == "team.too-deep"

    @pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.ADMINISTRATOR}))
    def test_is_for_administrators(self, role: str) -> None:
        with pytest.raises(operations.AdministratorOnlyRefusedError):
            operations.register_team(name="Mine", by=make.user(role), at=NOW)


class TestRenameTeam:
    def test_keeps_the_old_name_in_the_journal(self) -> None:
        team = make.team("Old")

        renamed = operations.rename_team(team=team, name="New", by=None, at=NOW)

        assert renamed.name == "New"
        event = Event.objects.get(kind="team.renamed")
        assert (event.old, event.new) == ({"name": "Old"}, {"name": "New"})

    def test_may_change_the_case_of_its_own_letters(self) -> None:
        team = make.team("emea")

        assert operations.rename_team(team=team, name="EMEA", by=None, at=NOW).name
        assert Team.objects.get(pk=team.pk).name == "EMEA"

    def test_to_the_same_name_writes_nothing(self) -> None:
        team = make.team("Same")

        operations.rename_team(team=team, name="Same", by=None, at=NOW)

        assert not Event.objects.exists()


class TestMoveTeam:
    def test_takes_everything_below_along(self) -> None:
        old, new = make.team(), make.team()
        team = make.team(parent=old)
        below = make.team(parent=team)

        moved = operations.move_team(team=team, to=new, by=None, at=NOW)

        below.refresh_from_db()
        assert moved.path == f"{new.path}{team.pk}/"
        assert below.path == f"{moved.path}{below.pk}/"
        event = Event.objects.get(kind="team.moved")
        assert (event.old, event.new) == ({"parent": old.pk}, {"parent": new.pk})

    def test_to_the_top(self) -> None:
        team = make.team(parent=make.team())

        assert (
            operations.move_team(team=team, to=None, by=None, at=NOW).path
            == f"/{team.pk}/"
        )

    def test_to_where_it_stands_writes_nothing(self) -> None:
        parent = make.team()

        for team, to in ((make.team(parent=parent), parent), (parent, None)):
            operations.move_team(team=team, to=to, by=None, at=NOW)

        assert not Event.objects.exists()

    @pytest.mark.parametrize("depth", [0, 1, 2])
    def test_below_itself_is_refused(self, depth: int) -> None:
        team = make.team()
        line = [team]
        for _level in range(2):
            line.append(make.team(parent=line[-1]))

        with pytest.raises(operations.TeamRefusedError) as refusal:
            operations.move_team(team=team, to=line[depth], by=None, at=NOW)
        assert refusal.value.code == "team.circle"

    def test_too_deep_with_what_is_below_is_refused(self) -> None:
        deep = make.team()
        for _level in range(9):
            deep = make.team(parent=deep)
        fits, not_any_more = make.team(), make.team()
        make.team(parent=fits)
        make.team(parent=make.team(parent=not_any_more))

        operations.move_team(team=fits, to=deep, by=None, at=NOW)
        with pytest.raises(operations.TeamRefusedError):
            operations.move_team(team=not_any_more, to=deep, by=None, at=NOW)


class TestSetLead:
    def test_names_an_active_person_or_nobody(self) -> None:
        team, anna = make.team(), make.user()

        assert operations.set_lead(team=team, lead=anna, by=None, at=NOW).lead == anna
        assert operations.set_lead(team=team, lead=None, by=None, at=NOW).lead is None
        assert Event.objects.filter(kind="team.lead-changed").count() == 2

    def test_to_who_leads_it_writes_nothing(self) -> None:
        anna = make.user()

        for lead in (anna, None):
            team = make.team(lead=lead)
            operations.set_lead(team=team, lead=lead, by=None, at=NOW)

        assert not Event.objects.exists()

    def test_refuses_whoever_left(self) -> None:
        with pytest.raises(operations.TeamRefusedError):
            operations.set_lead(
                team=make.team(), lead=make.user(is_active=False), by=None, at=NOW
            )


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (operations.rename_team, {"name": "Other"}),
        (operations.move_team, {"to": None}),
        (operations.set_lead, {"lead": None}),
    ],
)
def test_only_administrators_change_teams(
    operation: Any, arguments: dict[str, Any]
) -> None:
    team = make.team(parent=make.team())

    with pytest.raises(operations.AdministratorOnlyRefusedError):
        operation(team=team, by=make.user(Role.EXECUTIVE), at=NOW, **arguments)
