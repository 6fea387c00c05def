"""The database engine: what it saves on the way, and what it must not believe."""

import time
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import DatabaseError, DataError, ProgrammingError
from django.test.utils import CaptureQueriesContext

from crm.core.postgres import base
from crm.core.postgres.base import DatabaseWrapper

ONE = "SELECT 1"


@pytest.fixture
def engine(db: None) -> DatabaseWrapper:  # noqa: ARG001 - opens the database
    found: Any = connections["default"]
    found.ensure_connection()
    return found  # type: ignore[no-any-return]  # typed by name


@pytest.fixture
def own(django_db_blocker: Any) -> Iterator[Any]:
    """Return a connection outside of the test's transaction."""
    with django_db_blocker.unblock():
        made: Any = connections["default"].copy()
        made.ensure_connection()
        yield made
        made.close()


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-11-25 02:40:00.12+00", "2026-11-25T02:40:00.120000"),
            ("2026-11-25 02:40:00+08", "2026-11-24T18:40:00"),
            ("0001-01-01 00:00:00+00", "0001-01-01T00:00:00"),
            ("9999-12-31 23:59:59.999999+00", "9999-12-31T23:59:59.999999"),
        ],
    )
    def test_are_read_in_utc_by_both_ways(
        self, engine: DatabaseWrapper, text: str, moment: str
    ) -> None:
        asked = f"SELECT '{text}'::timestamptz"

        with connection.cursor() as cursor:
            cursor.execute(asked)
            plain = cursor.fetchone()[0]

        assert plain.isoformat() == f"{moment}+00:00"
        assert plain.tzinfo is UTC
        assert engine.prepared_rows(asked, None) == [(plain,)]

    def test_that_python_cannot_hold_are_refused(self, engine: DatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT '10026-01-01 00:00:00+00'::timestamptz")

            with pytest.raises(DataError):
                cursor.fetchone()


class TestPrepared:
    def test_is_planned_once(self, engine: DatabaseWrapper) -> None:
        asked = "SELECT upper($1), 'planned once'"

        found = [engine.prepared_rows(asked, word) for word in ("a", "'b")]

        assert found == [[("A", "planned once")], [("'B", "planned once")]]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement = %s",
                [asked],
            )
            assert cursor.fetchone() == (1,)

    def test_begins_again_when_there_are_many(
        self, engine: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(base, "MOST_PREPARED", 2)

        found = [engine.prepared_rows(f"SELECT {n}", None) for n in range(1, 6)]

        assert found == [[(n,)] for n in range(1, 6)]

    def test_refusals_are_those_of_django(self, own: Any) -> None:
        with pytest.raises(DataError):
            own.prepared_rows("SELECT 1 / $1", 0)
        with pytest.raises(DatabaseError):
            own.prepared_rows("SELECT nothing", None)

        assert own.prepared_rows(ONE, None) == [(1,)]

    def test_survives_that_a_column_changes_its_type(self, own: Any) -> None:
        asked = "SELECT changing.n FROM changing"
        with own.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE changing AS SELECT 7 AS n")
            assert own.prepared_rows(asked, None) == [(7,)]
            cursor.execute("ALTER TABLE changing ALTER n TYPE text")

        assert own.prepared_rows(asked, None) is None
        assert own.keeps_statements
        assert own.prepared_rows(asked, None) == [("7",)]

    def test_gives_up_where_a_pooler_loses_statements(self, own: Any) -> None:
        own.prepared_rows(ONE, None)
        with own.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")

        assert own.prepared_rows(ONE, None) is None
        assert not own.keeps_statements

    def test_says_so_in_a_transaction_that_cannot_go_on(self, own: Any) -> None:
        own.prepared_rows(ONE, None)
        own.in_atomic_block = True
        with own.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")

        with pytest.raises(ProgrammingError):
            own.prepared_rows(ONE, None)

        own.in_atomic_block = False

    def test_is_not_used_while_somebody_counts(self, engine: DatabaseWrapper) -> None:
        assert engine.keeps_statements
        with CaptureQueriesContext(connection):
            assert not engine.keeps_statements


class TestHealth:
    @pytest.fixture
    def checks(self, own: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Return a list that grows with every question whether the connection lives."""
        asked: list[str] = []
        lives = own.is_usable

        def ask() -> bool:
            asked.append("?")
            return bool(lives())

        monkeypatch.setattr(own, "is_usable", ask)
        own.health_check_enabled = True
        return asked

    def test_is_asked_after_a_pause_only(
        self, own: Any, checks: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [time.monotonic() + 60]
        monkeypatch.setattr("crm.core.postgres.base.time.monotonic", lambda: now[0])

        for pause in (0.0, 0.9, 0.9, 1.1):
            now[0] += pause
            own.health_check_done = False
            assert own.prepared_rows(ONE, None) == [(1,)]

        assert len(checks) == 2

    def test_is_asked_at_once_when_the_server_has_hung_up(
        self, own: Any, checks: list[str], engine: DatabaseWrapper
    ) -> None:
        own.prepared_rows(ONE, None)
        own.health_check_done = False
        number = own.connection.info.backend_pid
        engine.prepared_rows("SELECT pg_terminate_backend($1::int, 2000)", number)

        assert own.prepared_rows(ONE, None) == [(1,)]
        assert checks == ["?"]
        assert own.connection.info.backend_pid != number
