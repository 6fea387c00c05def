"""Kept statements: the same rows as the query, whatever value is put in."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import Team
from crm.core.statements import NUMBER, TEXT, Kept, Statement
from crm.journal.models import Event
from tests import make


@pytest.mark.django_db
class TestStatement:
    def test_puts_a_number_in(self) -> None:
        team, _other = make.team(), make.team()
        statement = Statement.of(
            Team.objects.filter(pk=NUMBER).values_list("pk", "name")
        )

        assert statement.run(team.pk) == [(team.pk, team.name)]
        assert statement.run(0) == []

    def test_puts_a_text_in_as_a_value(self) -> None:
        team = make.team()
        statement = Statement.of(Team.objects.filter(name=TEXT).values_list("pk"))

        assert statement.run(team.name) == [(team.pk,)]
        assert statement.run("' OR 1=1 --") == []

    def test_reads_what_the_database_has_as_the_field_says(self) -> None:
        event = Event.objects.create(
            kind="a.b", subject_type="x.y", subject_id=1, at=make.EARLY, new={"a": [1]}
        )
        statement = Statement.of(
            Event.objects.filter(pk=NUMBER).values_list("pk", "new", "at")
        )

        assert statement.run(event.pk) == [(event.pk, {"a": [1]}, make.EARLY)]

    def test_of_nothing_asks_nothing(self) -> None:
        statement = Statement.of(Team.objects.none().values_list("pk"))

        with CaptureQueriesContext(connection) as asked:
            assert statement.run() == []

        assert len(asked) == 0


@pytest.mark.django_db
class TestKept:
    def test_puts_each_together_once(self) -> None:
        kept, made = Kept(at_most=8), list[str]()

        def teams() -> QuerySet[Team, tuple[int]]:
            made.append("again")
            return Team.objects.values_list("pk")

        for key in ("a", "a", "b"):
            kept.statement(key, teams)

        assert len(made) == 2

    def test_begins_again_when_full(self) -> None:
        kept = Kept(at_most=1)
        first = kept.statement("a", lambda: Team.objects.values_list("pk"))
        kept.statement("b", lambda: Team.objects.values_list("name"))

        assert kept.statement("a", lambda: Team.objects.values_list("pk")) is not first
