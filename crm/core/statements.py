"""Queries put together once and run many times: what is the same does not have to be built again.

Building a query and compiling it costs Django more than running it costs PostgreSQL. Whoever asks the
same question with other values all day keeps the statement and puts the values in.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Row = tuple[Any, ...]
Converters = Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]
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

    @classmethod
    def of(cls, rows: QuerySet[Any, Row]) -> "Statement":
        """Compile the query; NUMBER and TEXT in it are places for values."""
        compiler = rows.query.get_compiler(connection=connection)
        try:
            text, values = compiler.as_sql()
        except EmptyResultSet:
            return cls("", (), {})
        columns = [column for column, _sql, _alias in compiler.select]
        return cls(text, tuple(values), compiler.get_converters(columns))

    def run(self, value: Any = None) -> list[Row]:
        """Return the rows, with the value put in where its place is."""
        if not self.text:
            return []
        values = self.values if value is None else self._with(value)
        with connection.cursor() as cursor:
            cursor.execute(self.text, values)
            rows: list[Row] = cursor.fetchall()
        return [self._converted(row) for row in rows] if self.converters else rows

    def _with(self, value: Any) -> list[Any]:
        return [
            type(each)(value) if each in (NUMBER, TEXT) else each
            for each in self.values
        ]

    def _converted(self, row: Row) -> Row:
        cells = list(row)
        for place, (functions, column) in self.converters.items():
            for function in functions:
                cells[place] = function(cells[place], column, connection)
        return tuple(cells)


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
