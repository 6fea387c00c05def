"""Tables that only grow: the database itself refuses to change or empty them."""

from django.db.migrations import RunSQL

EVERYTHING = ("UPDATE", "DELETE", "TRUNCATE")

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str, *, refused: tuple[str, ...] = EVERYTHING) -> RunSQL:
    """Return the reversible migration step that makes the table append-only.

    The refusal reaches Django as an IntegrityError and names table and act.

    :param table: its name in the database; from our own code, never from input.
    :param refused: which of UPDATE, DELETE and TRUNCATE.
    """
    triggers = [
        f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
        for act in refused
    ]
    drops = [
        f"DROP TRIGGER {table}_refuses_{act.lower()} ON {table};" for act in refused
    ]
    return RunSQL(FUNCTION + "\n".join(triggers), "\n".join(drops))
