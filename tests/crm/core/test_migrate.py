"""`manage.py migrate` refuses a database from before the first release; the step of many tables."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import CreateModel
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.models import PROTECT, BigAutoField, ForeignKey

from crm.core.management.commands.migrate import FORMER
from crm.core.tables import MakeTables


@pytest.mark.django_db
def test_database_of_the_former_history_is_refused() -> None:
    MigrationRecorder(connection).record_applied(*FORMER)
    with pytest.raises(CommandError, match="make clean-state"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_database_of_this_history_is_migrated() -> None:
    call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_tables_that_refer_to_one_another_come_and_go_together() -> None:
    step = MakeTables([
        CreateModel("Left", [_number(), ("other", ForeignKey("core.Right", PROTECT))]),
        CreateModel("Right", [_number(), ("other", ForeignKey("core.Left", PROTECT))]),
    ])  # fmt: skip
    before, after = ProjectState(), ProjectState()
    step.state_forwards("core", after)

    with connection.schema_editor() as editor:
        step.database_forwards("core", editor, before, after)
    assert {"core_left", "core_right"} <= set(_tables())
    assert _keys("core_left") == ["core_right"]
    assert _keys("core_right") == ["core_left"]

    with connection.schema_editor() as editor:
        step.database_backwards("core", editor, after, before)
    assert not {"core_left", "core_right"} & set(_tables())
    assert step.describe() == "Make the tables of Left, Right"


def _number() -> tuple[str, BigAutoField[int, int]]:
    return "id", BigAutoField(primary_key=True)


def _tables() -> list[str]:
    return connection.introspection.table_names()


def _keys(table: str) -> list[str]:
    """Return the tables to which foreign keys of this one point."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_relations(cursor, table)
    return [target[1] for target in found.values()]
