"""Write many rows of one model: COPY instead of statements that name every value.

A thousand rows cost a few statements and little work per row. Constraints, triggers and
column defaults of the database hold as in any other write; `save()` is not called.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import DatabaseDefault

Row = TypeVar("Row", bound=models.Model)
Column = models.Field[Any, Any]
Reader = Callable[[Any], Any]

DRAW = """
SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)
"""
STAGED = "staged_rows"
PLAIN = frozenset([str, int, bool, type(None)])
COMPOSED = (models.JSONField, ArrayField)


@transaction.atomic(savepoint=False)
def insert(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Insert the rows and return them, each with its number.

    :raises IntegrityError: when the database refuses one; then none is written.
    """
    made = list(rows)
    if not made:
        return made
    with _cursor() as cursor:
        _number(cursor, model, made)
        columns = [c for c in _columns(model) if not _is_left_to_database(c, made[0])]
        _copy(cursor, model._meta.db_table, columns, made, is_new=True)
    for row in made:
        state = row._state  # noqa: SLF001  what bulk_create sets, too
        state.adding, state.db = False, DEFAULT_DB_ALIAS
    return made


@transaction.atomic(savepoint=False)
def append(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert rows whose numbers nobody needs to know, in one statement.

    :raises IntegrityError: when the database refuses one; then none is written.
    """
    made = list(rows)
    if made:
        key = _key(model)
        columns = [c for c in _columns(model) if c is not key]
        with _cursor() as cursor:
            _copy(cursor, model._meta.db_table, columns, made, is_new=True)


@transaction.atomic(savepoint=False)
def update(model: type[Row], rows: Collection[Row], fields: Sequence[str]) -> None:
    """Write these fields of stored rows."""
    if not rows:
        return
    key, table = _key(model), _quoted(model._meta.db_table)
    columns = [key, *(_field(model, name) for name in fields)]
    changes = ", ".join(f"{_name(c)} = s.{_name(c)}" for c in columns[1:])
    with _cursor() as cursor, _staged(cursor, model, columns, rows, is_new=False):
        cursor.execute(
            f"UPDATE {table} AS t SET {changes} FROM {STAGED} AS s"  # noqa: S608  names of our own columns
            f" WHERE t.{_name(key)} = s.{_name(key)}"
        )


@transaction.atomic(savepoint=False)
def put(model: type[Row], rows: Collection[Row]) -> None:
    """Insert rows whose keys are given, or overwrite what is stored under them."""
    if not rows:
        return
    columns = _columns(model)
    key, table = _key(model), _quoted(model._meta.db_table)
    names = ", ".join(map(_name, columns))
    changes = ", ".join(
        f"{_name(c)} = EXCLUDED.{_name(c)}" for c in columns if c is not key
    )
    with _cursor() as cursor, _staged(cursor, model, columns, rows, is_new=True):
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {STAGED}"  # noqa: S608  names of our own columns
            f" ORDER BY {_name(key)}"
            f" ON CONFLICT ({_name(key)}) DO UPDATE SET {changes}"
        )


def these(values: Iterable[Any], kind: Column) -> models.Func:
    """Return what `filter(field__in=…)` takes as one parameter, however many values.

    A list becomes one placeholder each, which takes longer to write than to look up.
    """
    given = models.Value(list(values), output_field=ArrayField(kind))
    return models.Func(given, template="(SELECT unnest(%(expressions)s))")


def _cursor() -> CursorWrapper:
    return connections[DEFAULT_DB_ALIAS].cursor()


def _number(cursor: CursorWrapper, model: type[Row], rows: list[Row]) -> None:
    """Give each row without a number the next one of the table's sequence."""
    bare = [row for row in rows if row.pk is None]
    if bare:
        key = _key(model)
        cursor.execute(DRAW, [_quoted(model._meta.db_table), key.column, len(bare)])
        for row, (number,) in zip(bare, cursor.fetchall(), strict=True):
            row.pk = number


@contextmanager
def _staged(
    cursor: CursorWrapper,
    model: type[Row],
    columns: Sequence[Column],
    rows: Collection[Row],
    *,
    is_new: bool,
) -> Iterator[None]:
    """Hold the rows in a table of this connection for the next statement."""
    names = ", ".join(map(_name, columns))
    cursor.execute(
        f"CREATE TEMPORARY TABLE {STAGED} ON COMMIT DROP AS SELECT {names}"  # noqa: S608  names of our own columns
        f" FROM {_quoted(model._meta.db_table)} WITH NO DATA"
    )
    _copy(cursor, STAGED, columns, rows, is_new=is_new)
    yield
    cursor.execute(f"DROP TABLE {STAGED}")


def _copy(
    cursor: CursorWrapper,
    table: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    is_new: bool,
) -> None:
    names = ", ".join(map(_name, columns))
    readers = [_reader(column, is_new=is_new) for column in columns]
    statement = f"COPY {_quoted(table)} ({names}) FROM STDIN"
    with cursor.db.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([read(row) for read in readers])


def _reader(column: Column, *, is_new: bool) -> Reader:
    """Return what tells a row's value of this column as the database takes it."""
    connection = connections[DEFAULT_DB_ALIAS]
    is_composed = isinstance(column, COMPOSED)
    value_of: Reader = attrgetter(column.attname)
    if type(column).pre_save is not models.Field.pre_save:

        def value_of(row: Any) -> Any:
            return column.pre_save(row, is_new)

    def read(row: Any) -> Any:
        value = value_of(row)
        if type(value) in PLAIN and not is_composed:
            return value
        return column.get_db_prep_save(value, connection=connection)

    return read


def _columns(model: type[models.Model]) -> list[Column]:
    return [c for c in model._meta.concrete_fields if not c.generated]


def _key(model: type[models.Model]) -> Column:
    key: Column = model._meta.pk
    return key


def _field(model: type[models.Model], name: str) -> Column:
    field: Column = model._meta.get_field(name)  # type: ignore[assignment]  # a column, no relation from elsewhere
    return field


def _is_left_to_database(column: Column, row: models.Model) -> bool:
    return isinstance(getattr(row, column.attname), DatabaseDefault)


def _name(column: Column) -> str:
    return _quoted(str(column.column))


def _quoted(name: str) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(name)
