"""Lets the test runner empty append-only tables between tests, as nobody else may."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

GUARDED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'refuse_change'
"""


KEPT = frozenset(
    {
        "auth_group",
        "auth_permission",
        "auth_group_permissions",
        "django_content_type",
        "partners_stagedefinition",
        "partners_stagetransitionrule",
        "partners_gatecriterion",
        "ai_modelfamily",
        "ai_basemodel",
        "ai_scenariokind",
        "watch_alertrule",
        "deals_dealstagename",
        "deals_dealstageweight",
    }
)
"""Tables that migrations filled: roles, what they may do, the ladder with its gates, alert
rules, and the catalogue of models (without aliases: they can point to rows that go)."""


@pytest.fixture(autouse=True, scope="session")
def flush_keeps_roles() -> Iterator[None]:
    """Let a flush, after a test with real transactions, leave what migrations wrote."""
    flush = DatabaseOperations.sql_flush

    def without_kept(
        self: DatabaseOperations, style: Any, tables: list[str], **options: bool
    ) -> list[str]:
        rest = [table for table in tables if table not in KEPT]
        return flush(self, style, rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", without_kept)
        yield


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
