"""The database itself refuses to change what has been written."""

import pytest
from django.db import IntegrityError, connection, transaction

from crm.accounts.models import Team, User
from crm.journal import operations
from crm.journal.models import Event, PersonalValue
from tests.crm.journal.conftest import AT

UPSERT = """
INSERT INTO journal_event SELECT * FROM journal_event
ON CONFLICT (id) DO UPDATE SET kind = 'c.d'
"""


@pytest.fixture
def event(anna: User) -> Event:
    made = operations.record(
        kind="a.b", subject=anna, by=None, at=AT, personal={"email": ("x", "y")}
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return made


@pytest.mark.django_db
class TestJournal:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE journal_event SET kind = 'c.d'",
            "UPDATE journal_event SET kind = 'c.d' WHERE false",
            "DELETE FROM journal_event",
            "TRUNCATE journal_event CASCADE",
            UPSERT,
            "UPDATE journal_personalvalue SET new = NULL",
            "TRUNCATE journal_personalvalue",
        ],
    )
    def test_refuses_to_change(self, event: Event, statement: str) -> None:
        with (
            pytest.raises(IntegrityError, match=r"is append-only: \w+ is refused"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

        assert Event.objects.get().kind == "a.b"
        assert PersonalValue.objects.get().new == "y"

    def test_refuses_the_orm_too(self, event: Event) -> None:
        event.kind = "c.d"

        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            event.save()
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Event.objects.filter(pk=0)._raw_delete("default")

    def test_lets_personal_values_go(self, event: Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM journal_personalvalue")
            assert cursor.rowcount == 1

    def test_the_person_who_acted_cannot_be_deleted(
        self, anna: User, team: Team
    ) -> None:
        operations.record(kind="a.b", subject=team, by=anna, at=AT)

        User.objects.filter(pk=anna.pk)._raw_delete("default")

        with pytest.raises(IntegrityError, match="fk_accounts_user"):
            connection.check_constraints()
