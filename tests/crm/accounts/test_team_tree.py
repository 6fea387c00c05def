"""The database keeps the team tree, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction

from crm.accounts.models import Team
from tests import make

pytestmark = pytest.mark.django_db


def sql(statement: str, *arguments: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def path_of(team: Team) -> str:
    return Team.objects.values_list("path", flat=True).get(pk=team.pk)


class TestPath:
    def test_of_a_root_is_its_own_id(self) -> None:
        root = make.team()

        assert path_of(root) == f"/{root.pk}/"

    def test_goes_from_the_root_down(self) -> None:
        root = make.team()
        child = make.team(parent=root)
        grandchild = make.team(parent=child)

        assert path_of(grandchild) == f"/{root.pk}/{child.pk}/{grandchild.pk}/"

    def test_follows_a_raw_move_with_all_descendants(self) -> None:
        old, new = make.team(), make.team()
        child = make.team(parent=old)
        grandchild = make.team(parent=child)

        sql("UPDATE accounts_team SET parent_id = %s WHERE id = %s", new.pk, child.pk)

        assert path_of(child) == f"/{new.pk}/{child.pk}/"
        assert path_of(grandchild) == f"/{new.pk}/{child.pk}/{grandchild.pk}/"

    def test_follows_a_move_to_the_top(self) -> None:
        child = make.team(parent=make.team())
        grandchild = make.team(parent=child)

        sql("UPDATE accounts_team SET parent_id = NULL WHERE id = %s", child.pk)

        assert path_of(grandchild) == f"/{child.pk}/{grandchild.pk}/"

    def test_cannot_be_written_by_hand(self) -> None:
        team = make.team()

        sql("UPDATE accounts_team SET path = '/999/' WHERE id = %s", team.pk)
        Team.objects.filter(pk=team.pk).update(path="/998/")

        assert path_of(team) == f"/{team.pk}/"

    def test_survives_a_save_of_an_object_that_knows_an_old_path(self) -> None:
        root, child = make.team(), make.team()
        stale = Team.objects.get(pk=child.pk)
        sql("UPDATE accounts_team SET parent_id = %s WHERE id = %s", root.pk, child.pk)

        stale.name = "Renamed"
        stale.save(update_fields=["name", "path"])

        assert path_of(child) == f"/{root.pk}/{child.pk}/"

    def test_is_given_to_rows_inserted_many_at_once(self) -> None:
        root = make.team()

        Team.objects.bulk_create([Team(name=f"Bulk {n}", parent=root) for n in "abc"])

        paths = Team.objects.filter(name__startswith="Bulk").values_list("path", "pk")
        assert all(path == f"/{root.pk}/{pk}/" for path, pk in paths)
        assert len(paths) == 3


class TestCircle:
    def test_of_one_is_refused(self) -> None:
        team = make.team()

        with pytest.raises(IntegrityError, match="above itself"):
            sql("UPDATE accounts_team SET parent_id = id WHERE id = %s", team.pk)

    def test_of_three_is_refused(self) -> None:
        top = make.team()
        middle = make.team(parent=top)
        bottom = make.team(parent=middle)

        with pytest.raises(IntegrityError, match="which is below it"):
            sql(
                "UPDATE accounts_team SET parent_id = %s WHERE id = %s",
                bottom.pk,
                top.pk,
            )
        assert path_of(bottom) == f"/{top.pk}/{middle.pk}/{bottom.pk}/"

    def test_is_not_seen_where_only_digits_look_alike(self) -> None:
        sql("INSERT INTO accounts_team (id, name, path) VALUES (910001, 'long', '')")
        sql("INSERT INTO accounts_team (id, name, path) VALUES (1000, 'part', '')")

        sql("UPDATE accounts_team SET parent_id = 910001 WHERE id = 1000")

        assert Team.objects.get(pk=1000).path == "/910001/1000/"

    def test_a_parent_that_does_not_exist_is_refused(self) -> None:
        team = make.team()

        with pytest.raises(IntegrityError, match="does not exist"):
            sql("UPDATE accounts_team SET parent_id = -1 WHERE id = %s", team.pk)
