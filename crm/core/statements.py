"""Queries put together once and run many times: what is the same does not have to be built again.

Building a query and compiling it costs Django more than running it costs PostgreSQL. Whoever asks the
same question with other values all day keeps the statement and puts the values in.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from psycopg import sql

if TYPE_CHECKING:
    from crm.core.postgres.base import DatabaseWrapper

Row = tuple[Any, ...]
Converters = Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]
MARK = re.compile("%[s%]")
NUMBER = 2**62 + 1_000_003
"""Stands in a query for a number that is put in later."""
TEXT = "\N{REPLACEMENT CHARACTER} put in later"
"""Stands in a query for a text that is put in later."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One `values_list` query as PostgreSQL gets it; no text means that nothing can match."""

    text: str
    values: tuple[Any, ...]
    converters: Converters
    prepared: str
    """The same with all values written in, but for the one that is put in: `$1`."""

    @classmethod
    def of(cls, rows: QuerySet[Any, Row]) -> "Statement":
        """Compile the query; NUMBER or TEXT in it is the place for a value."""
        compiler = rows.query.get_compiler(connection=connection)
        try:
            text, values = compiler.as_sql()
        except EmptyResultSet:
            return cls("", (), {}, "")
        columns = [column for column, _sql, _alias in compiler.select]
        converters = compiler.get_converters(columns)
        return cls(text, tuple(values), converters, _written_in(text, values))

    def run(self, value: int | str | None = None) -> list[Row]:
        """Return the rows, with the value put in where its place is."""
        if not self.text:
            return []
        rows = self._prepared_rows(value)
        if rows is None:
            values = self.values if value is None else self._with(value)
            with connection.cursor() as cursor:
                cursor.execute(self.text, values)
                rows = cursor.fetchall()
        return [self._converted(row) for row in rows] if self.converters else rows

    def _prepared_rows(self, value: int | str | None) -> list[Row] | None:
        server = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
        if not server.keeps_statements:
            return None
        return server.prepared_rows(self.prepared, value)

    def _with(self, value: Any) -> list[Any]:
        return [value if _is_place(each) else each for each in self.values]

    def _converted(self, row: Row) -> Row:
        cells = list(row)
        for place, (functions, column) in self.converters.items():
            for function in functions:
                cells[place] = function(cells[place], column, connection)
        return tuple(cells)


def _written_in(text: str, values: Sequence[Any]) -> str:
    left = iter(values)

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        value = next(left)
        return "$1" if _is_place(value) else sql.quote(value, connection.connection)

    connection.ensure_connection()
    return MARK.sub(written, text)


def _is_place(value: Any) -> bool:
    return type(value) in (int, str) and value in (NUMBER, TEXT)


class Kept:
    """Statements by what they depend on; when full it forgets all and begins again."""

    def __init__(self, *, at_most: int) -> None:
        self._at_most = at_most
        self._by_key: dict[Hashable, Statement] = {}
        self._lock = Lock()

    def statement(
        self, key: Hashable, rows: Callable[[], QuerySet[Any, Row]]
    ) -> Statement:
        """Return the statement of this key; `rows` is asked only when there is none.

        :param key: everything that `rows` depends on.
        """
        found = self._by_key.get(key)
        if found is None:
            found = Statement.of(rows())
            with self._lock:
                if len(self._by_key) >= self._at_most:
                    self._by_key.clear()
                self._by_key[key] = found
        return found
