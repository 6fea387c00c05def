"""DuckDB, opened the same way everywhere: bounded memory, no downloads, UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings


@contextmanager
def opened(*, spill: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield an in-memory DuckDB that keeps to the memory and threads of the settings.

    :param spill: folder into which it may spill what does not fit into memory.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": settings.USAGE_MEMORY_LIMIT,
            "threads": settings.USAGE_THREADS,
            "temp_directory": "" if spill is None else str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = true")
        yield connection
    finally:
        connection.close()


def name(identifier: str) -> str:
    """Quote a column name for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: object) -> str:
    """Quote a text for SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: object) -> str:
    """Quote a list of texts for SQL."""
    if not isinstance(values, (list, tuple)):
        raise TypeError
    return "[" + ", ".join(text(value) for value in values) + "]"
