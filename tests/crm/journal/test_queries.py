"""History with people and personal values; the feed in the order of commits."""

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from psycopg.conninfo import make_conninfo

from crm.accounts.models import Team, User
from crm.journal import operations, queries
from crm.journal.models import Event
from crm.journal.queries import START, Change, Position, PositionRefusedError
from tests import make
from tests.crm.journal.conftest import AT, Count

WRITE = """
INSERT INTO journal_event
    (kind, subject_type, subject_id, at, old, new, personal_fields, request_id)
VALUES (%s, 'accounts.team', 1, now(), '{}', '{}', '[]', '')
"""


@pytest.mark.django_db
class TestHistory:
    def test_tells_the_newest_first_and_nothing_of_others(
        self, anna: User, team: Team
    ) -> None:
        other = make.team("other")
        for subject, kind in ((team, "a.b"), (other, "a.x"), (team, "a.c")):
            operations.record(kind=kind, subject=subject, by=anna, at=AT)

        assert [event.kind for event in queries.history(team)] == ["a.c", "a.b"]

    def test_a_person_and_a_team_of_one_number_are_two_subjects(
        self, team: Team
    ) -> None:
        person = User(pk=team.pk)
        operations.record(kind="a.b", subject=person, by=None, at=AT)

        assert not queries.history(team).exists()

    def test_of_a_partner_spans_its_subjects(self, anna: User, team: Team) -> None:
        operations.record(kind="a.b", subject=team, by=None, at=AT, partner_id=1)
        operations.record(kind="a.c", subject=anna, by=None, at=AT, partner_id=1)
        operations.record(kind="a.d", subject=anna, by=None, at=AT, partner_id=2)

        assert [e.kind for e in queries.partner_history(1)] == ["a.c", "a.b"]

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_two_queries(
        self, anna: User, rows: int, django_assert_num_queries: Count
    ) -> None:
        for number in range(rows):
            operations.record(
                kind="a.b",
                subject=anna,
                by=anna,
                at=AT,
                old={"n": number},
                personal={"name": ("x", "y")},
            )

        with django_assert_num_queries(2):
            told = [(str(e.by), queries.changes(e)) for e in queries.history(anna)]

        assert len(told) == rows

    def test_changes_join_plain_and_personal_values(self, anna: User) -> None:
        operations.record(
            kind="a.b",
            subject=anna,
            by=None,
            at=AT,
            old={"language": "en"},
            new={"language": "zh-hans", "team": 3},
            personal={"email": ("x", "y")},
        )

        assert queries.changes(queries.history(anna)[0]) == [
            Change(field="email", old="x", new="y", is_personal=True),
            Change(field="language", old="en", new="zh-hans"),
            Change(field="team", old=None, new=3),
        ]


@pytest.fixture
def second() -> Iterator[BaseDatabaseWrapper]:
    """Open a second connection with its own transaction."""
    other = connections.create_connection("default")
    yield other
    other.close()


def write(other: BaseDatabaseWrapper, kind: str) -> None:
    with other.cursor() as cursor:
        cursor.execute(WRITE, [kind])


def parameters_of(given: dict[str, Any]) -> str:
    known = {"host", "port", "user", "password", "dbname"}
    return make_conninfo(**{name: given[name] for name in known & given.keys()})


def kinds(after: Position = START, limit: int = 100) -> list[str]:
    return [event.kind for event in queries.feed(after=after, limit=limit).events]


@pytest.mark.django_db(transaction=True)
class TestFeed:
    def test_never_skips_a_transaction_that_commits_late(
        self, team: Team, second: BaseDatabaseWrapper
    ) -> None:
        second.set_autocommit(autocommit=False)
        write(second, "late.first")
        operations.record(kind="early.second", subject=team, by=None, at=AT)

        before = queries.feed(limit=10)
        second.commit()
        after = queries.feed(after=before.position, limit=10)

        assert before.events == []
        assert [event.kind for event in after.events] == ["late.first", "early.second"]

    def test_a_late_row_of_an_old_transaction_follows_the_position(
        self, team: Team, second: BaseDatabaseWrapper
    ) -> None:
        operations.record(kind="read.before", subject=team, by=None, at=AT)
        page = queries.feed(limit=10)
        second.set_autocommit(autocommit=False)
        write(second, "slow.one")
        operations.record(kind="quick.one", subject=team, by=None, at=AT)
        write(second, "slow.two")
        held_back = queries.feed(after=page.position, limit=10)
        second.commit()

        assert [event.kind for event in page.events] == ["read.before"]
        assert held_back.events == []
        assert kinds(held_back.position) == ["slow.one", "slow.two", "quick.one"]

    def test_does_not_show_the_running_transaction_itself(self, team: Team) -> None:
        with transaction.atomic():
            operations.record(kind="a.b", subject=team, by=None, at=AT)
            inside = kinds()

        assert (inside, kinds()) == ([], ["a.b"])

    def test_does_not_wait_for_another_database_of_the_server(self, team: Team) -> None:
        parameters = connection.get_connection_params() | {"dbname": "postgres"}
        with psycopg.connect(parameters_of(parameters)) as elsewhere:
            elsewhere.execute("SELECT pg_current_xact_id()")
            operations.record(kind="a.b", subject=team, by=None, at=AT)

            assert kinds() == ["a.b"]

    def test_waits_in_every_isolation(
        self, team: Team, second: BaseDatabaseWrapper
    ) -> None:
        second.set_autocommit(autocommit=False)
        write(second, "late.first")
        operations.record(kind="early.second", subject=team, by=None, at=AT)

        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            before = queries.feed(limit=10)
            second.commit()
            again = queries.feed(limit=10)

        assert (before.events, again.events) == ([], [])
        assert kinds(again.position) == ["late.first", "early.second"]

    def test_pages_through_everything_once(self, team: Team) -> None:
        for number in range(7):
            with transaction.atomic():
                for _ in range(number):
                    operations.record(kind="a.b", subject=team, by=None, at=AT)
        seen, position, more = [], START, True

        while more:
            page = queries.feed(after=position, limit=4)
            seen += [event.pk for event in page.events]
            position, more = page.position, page.has_more

        assert seen == sorted(seen)
        assert len(seen) == len(set(seen)) == 21
        assert queries.feed(after=position, limit=4).events == []

    def test_shows_only_what_the_reader_may_see_and_still_moves_on(
        self, team: Team
    ) -> None:
        for partner_id in (1, 2, None):
            operations.record(
                kind="a.b", subject=team, by=None, at=AT, partner_id=partner_id
            )

        page = queries.feed(limit=10, where=Q(partner_id__in=[2]))

        assert [event.partner_id for event in page.events] == [2]
        assert page.position > Position(
            Event.objects.latest("transaction").transaction, 0
        )
        assert not page.has_more

    def test_costs_two_queries(
        self, team: Team, django_assert_num_queries: Count
    ) -> None:
        operations.record(kind="a.b", subject=team, by=None, at=AT)

        with django_assert_num_queries(2):
            queries.feed(limit=10)


@pytest.mark.django_db(transaction=True)
class TestFeedUnderWriters:
    WRITERS, EACH = 4, 25

    def test_gives_every_entry_exactly_once(self) -> None:
        threads = [
            threading.Thread(target=self.write_some, args=[number])
            for number in range(self.WRITERS)
        ]
        for thread in threads:
            thread.start()

        seen: list[str] = []
        position = START
        while any(thread.is_alive() for thread in threads):
            page = queries.feed(after=position, limit=7)
            seen += [event.kind for event in page.events]
            position = page.position
        seen += kinds(position)

        assert sorted(seen) == sorted(Event.objects.values_list("kind", flat=True))
        assert len(seen) == self.WRITERS * self.EACH * 2

    def write_some(self, seed: int) -> None:
        """Write two entries per transaction, which last differently long."""
        chance = random.Random(seed)  # noqa: S311 - only how long each lasts
        other = connections.create_connection("default")
        for _ in range(self.EACH):
            other.set_autocommit(autocommit=False)
            for _ in range(2):
                letters = "".join(chance.choices("abcdefghij", k=12))
                write(other, f"writer.{letters}")
                time.sleep(chance.random() / 200)
            other.commit()
            other.set_autocommit(autocommit=True)
        other.close()


@pytest.mark.django_db(transaction=True)
class TestRestore:
    @pytest.fixture(autouse=True)
    def no_shift_afterwards(self) -> Iterator[None]:
        yield
        with connection.cursor() as cursor:
            cursor.execute(operations.SHIFT.format(shift=0))

    def test_new_entries_follow_the_restored_ones(self, team: Team) -> None:
        Event.objects.create(
            kind="restored.one",
            subject_type="accounts.team",
            subject_id=1,
            at=AT,
            transaction=10**12,
        )
        ahead = queries.is_ahead_of_server()
        hidden = kinds()

        operations.continue_after_restore()
        operations.record(kind="after.restore", subject=team, by=None, at=AT)

        assert (ahead, hidden) == (True, [])
        assert not queries.is_ahead_of_server()
        assert kinds() == ["restored.one", "after.restore"]

    def test_is_harmless_without_a_restore(self, team: Team) -> None:
        assert not queries.is_ahead_of_server()
        operations.record(kind="a.b", subject=team, by=None, at=AT)

        assert operations.continue_after_restore() == 0
        assert operations.continue_after_restore() == 0
        assert kinds() == ["a.b"]


class TestPosition:
    def test_is_read_as_it_was_written(self) -> None:
        position = Position(2**63 - 1, 17)

        assert queries.read_position(str(position)) == position

    @pytest.mark.parametrize(
        "text", ["", "1", "1-", "1-2-3", "-1-2", "a-b", "1-2\n", "٣-٤", f"{2**63}-1"]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(PositionRefusedError):
            queries.read_position(text)
