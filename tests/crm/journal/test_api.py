"""The journal and the change feed through the API."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from crm.journal import operations
from crm.journal.models import Event
from tests import make
from tests.crm.web.api.conftest import program

JOURNAL = "/api/v1/journal/"
CHANGES = "/api/v1/changes/"


@pytest.fixture
def auditor(db: None) -> User:  # noqa: ARG001 - opens the database
    return make.user(Role.AUDITOR)


def auditor_after_a_flush() -> User:
    """Make an auditor also when an earlier test has emptied the table of roles."""
    Group.objects.get_or_create(name=Role.AUDITOR)
    made = make.user(Role.AUDITOR)
    User.objects.filter(pk=made.pk).update(is_superuser=True)
    return made


def happened(team: Team, kind: str = "team.renamed") -> Event:
    return operations.record(
        kind=kind, subject=team, by=None, at=timezone.now(), old={}, new={"name": "x"}
    )


class TestJournal:
    def test_tells_the_history_of_one_thing_newest_first(self, auditor: User) -> None:
        team, other = make.team(), make.team()
        first, second = happened(team), happened(team)
        happened(other)

        query = f"subject_type=accounts.team&subject_id={team.pk}"
        rows = program(auditor).get(f"{JOURNAL}?{query}").json()["results"]

        assert [row["id"] for row in rows] == [second.pk, first.pk]
        assert rows[0]["new"] == {"name": "x"}

    def test_what_is_about_no_partner_is_for_auditors(self, auditor: User) -> None:
        happened(make.team())

        manager = program(make.user(Role.ALLIANCE_MANAGER)).get(JOURNAL).json()

        assert manager["results"] == []
        assert program(auditor).get(JOURNAL).json()["results"] != []

    @pytest.mark.parametrize("rows", [2, 20, 200])
    @pytest.mark.parametrize(("path", "queries"), [(JOURNAL, 2), (CHANGES, 3)])
    def test_costs_the_same_however_many_rows(
        self,
        auditor: User,
        django_assert_num_queries: Any,
        path: str,
        queries: int,
        rows: int,
    ) -> None:
        team = make.team()
        for _row in range(rows):
            happened(team)
        reader = program(auditor)
        reader.get(path)

        with django_assert_num_queries(queries):
            reader.get(f"{path}?limit=1000")


class TestChanges:
    def test_need_the_scope(self, auditor: User) -> None:
        response = program(auditor, "people:read").get(CHANGES)

        assert response.json()["missing"] == ["journal:read"]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("cursor=abc", "journal.bad-position"),
            ("cursor=1-99999999999999999999", "journal.bad-position"),
            ("start=then", "invalid"),
            ("ordering=id", "invalid"),
            ("kind__regex=x", "invalid"),
        ],
    )
    def test_refuse_nonsense(self, auditor: User, query: str, code: str) -> None:
        response = program(auditor).get(f"{CHANGES}?{query}")

        assert (response.status_code, response.json()["code"]) == (400, code)


@pytest.mark.django_db(transaction=True)
class TestFollowing:
    """Entries must be committed to appear in the feed."""

    def test_gives_each_change_once_and_goes_on(self) -> None:
        reader = program(auditor_after_a_flush())
        cursor = reader.get(f"{CHANGES}?start=now").json()["cursor"]
        made = [happened(make.team()).pk for _number in range(3)]

        first = reader.get(
            f"{CHANGES}?cursor={cursor}&limit=2&kind=team.renamed"
        ).json()
        second = reader.get(
            f"{CHANGES}?cursor={first['cursor']}&limit=2&kind=team.renamed"
        ).json()

        seen = [row["id"] for row in first["results"] + second["results"]]
        assert seen == made
        assert (first["has_more"], second["has_more"]) == (True, False)
