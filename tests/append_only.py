"""Lets the test runner empty append-only tables between tests, as nobody else may."""

from collections.abc import Iterator

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

GUARDED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'refuse_change'
"""


@pytest.fixture(autouse=True, scope="session")
def flush_empties_append_only_tables() -> Iterator[None]:
    execute = DatabaseOperations.execute_sql_flush

    def with_triggers_off(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(GUARDED)
            tables = [name for (name,) in cursor.fetchall()]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
        on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
        execute(self, [*off, *sql_list, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", with_triggers_off)
        yield
