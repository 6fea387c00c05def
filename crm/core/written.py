"""When a row was last written, noted by the database whatever way the write came."""

from typing import Any

from django.db import models
from django.db.migrations import RunSQL
from django.db.models.functions import Now

FUNCTION = """
CREATE OR REPLACE FUNCTION note_writing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
"""


class UpdatedAt(models.DateTimeField[Any, Any]):
    """The column `updated_at` of a table that `noting` watches; never set by hand.

    For other systems that ask what is new, and for nothing else: what is business has
    dates of its own.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        own: dict[str, Any] = {"db_index": True, "editable": False}
        super().__init__(*arguments, **{"db_default": Now()} | own | options)


def noting(*tables: str) -> RunSQL:
    """Return the reversible migration step that lets the database note writes.

    Whoever asks may be told of a row that is as it was, never miss one that is not.

    :param tables: their names in the database; from our own code, never from input.
    """
    triggers = [
        f"CREATE TRIGGER {table}_notes_writing BEFORE UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION note_writing();"
        for table in tables
    ]
    drops = [f"DROP TRIGGER {table}_notes_writing ON {table};" for table in tables]
    return RunSQL(FUNCTION + "\n".join(triggers), "\n".join(drops))
