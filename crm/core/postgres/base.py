"""The database engine: Django's own, where a request costs fewer and shorter round trips.

- A connection is asked whether it lives only after a pause: one that answered a second ago, and
  that nobody has hung up, is used at once.
- `prepared_rows` lets PostgreSQL parse and plan a statement once for each connection.
- Times are read by code in C, where Django takes them apart with a regular expression.
"""

import select
import time
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg import adapters, errors, pq
from psycopg.adapt import AdaptersMap, Transformer

Row = tuple[Any, ...]
TRUSTED_SECONDS = 1.0
MOST_PREPARED = 200
IN_UTC = b"+00"
IN_C: Any = adapters.get_loader(adapters.types["timestamptz"].oid, pq.Format.TEXT)
KINDS = {int: [20], str: [25]}
"""The types of PostgreSQL that values have: bigint and text."""
NOT_KEPT = (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement)
"""What a pooler between us and PostgreSQL makes of statements prepared on another connection."""


class MomentLoader(BaseTzLoader):  # type: ignore[misc]  # not in the stubs
    """Reads the times of a session in UTC."""

    timezone = UTC

    def load(self, data: Any) -> Any:
        """Return the moment; times that Python cannot hold are refused as Django does."""
        text = bytes(data)
        if text.endswith(IN_UTC):
            try:
                return datetime.fromisoformat(text.decode())
            except ValueError:
                pass
        return super().load(data)


class Reading:
    """How rows of prepared statements are read: times by psycopg's own code in C."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.adapters = AdaptersMap(connection.adapters)
        self.adapters.register_loader("timestamptz", IN_C)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL that remembers its latest use and what it has prepared."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._used_at = 0.0
        self._keeps_statements = True
        self._names: dict[str, bytes] = {}
        self._numbers = count()

    def get_connection_params(self) -> dict[str, Any]:
        """Return the parameters, with the quicker reading of times."""
        params: dict[str, Any] = super().get_connection_params()
        if self.timezone is UTC:
            params["context"] = context = AdaptersMap(params["context"])
            context.register_loader("timestamptz", MomentLoader)
        return params

    def init_connection_state(self) -> None:
        """Begin with nothing prepared: the connection is new."""
        self._names = {}
        self._reading = Reading(self.connection)
        self._keeps_statements = True
        super().init_connection_state()

    def close_if_health_check_failed(self) -> None:
        """Ask whether the connection lives, unless it was used a moment ago and is still open."""
        if self.connection is None:
            return
        now = time.monotonic()
        if now - self._used_at < TRUSTED_SECONDS and not self._is_hung_up():
            self.health_check_done = True
        self._used_at = now
        super().close_if_health_check_failed()

    def _is_hung_up(self) -> bool:
        """Tell whether the server has closed the connection, or says something unasked."""
        try:
            waiting = select.poll()
            waiting.register(self.connection.fileno(), select.POLLIN)
            return bool(waiting.poll(0))
        except (OSError, ValueError, errors.Error):
            return True

    @property
    def keeps_statements(self) -> bool:
        """Tell whether statements stay prepared here, and nobody wants to see each of them."""
        return self._keeps_statements and not (
            self.queries_logged or self.execute_wrappers
        )

    def prepared_rows(self, text: str, value: int | str | None) -> list[Row] | None:
        """Return the rows of a statement that is planned once for this connection.

        :param text: as PostgreSQL takes it, with `$1` where the value goes, if there is one.
        :returns: None when statements are not kept here: ask without preparing.
        """
        self.validate_thread_sharing()
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepared_rows(text, value)

    def _prepared_rows(self, text: str, value: int | str | None) -> list[Row] | None:
        try:
            return self._run(text, value)
        except (*NOT_KEPT, errors.FeatureNotSupported) as error:
            # not kept, or a column has another type than when it was planned
            self._names.pop(text, None)
            self._keeps_statements = isinstance(error, errors.FeatureNotSupported)
            if self.in_atomic_block:
                raise
            return None

    def _run(self, text: str, value: int | str | None) -> list[Row]:
        name = self._names.get(text) or self._prepare(text, value)
        values = None if value is None else [str(value).encode()]
        result = self.connection.pgconn.exec_prepared(name, values)
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise errors.error_from_result(result)
        reader = Transformer(self._reading)
        reader.set_pgresult(result)
        return reader.load_rows(0, result.ntuples, tuple)

    def _prepare(self, text: str, value: int | str | None) -> bytes:
        server = self.connection.pgconn
        if len(self._names) >= MOST_PREPARED:
            server.exec_(b"DEALLOCATE ALL")
            self._names.clear()
        name = b"kept_%d" % next(self._numbers)
        result = server.prepare(name, text.encode(), KINDS.get(type(value)))
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)
        self._names[text] = name
        return name
