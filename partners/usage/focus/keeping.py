"""Parquet that is delivered as we would write it, and is kept as it is.

Then nothing is written row by row: the file is copied, byte for byte, and an empty file
beside it, the shape, gives our columns in our types to whoever reads both together.
"""

import shutil
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

from partners.usage.focus import columns, expressions, plans
from partners.usage.focus.engine import name, text
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.files import Opened, sha256_of
from partners.usage.focus.plans import Plan
from partners.usage.focus.stored import MONTH
from partners.usage.focus.tally import Tally

PACKED = frozenset({"ZSTD", "GZIP", "BROTLI"})
"""Compressions that keep the store small; files with others are written anew."""


def kept(
    plan: Plan, *, into: Path, connection: duckdb.DuckDBPyConnection
) -> Tally | None:
    """Copy a file that needs no change; return what it comes to, or nothing.

    :param into: where to copy it; nothing is left there when it does need a change.
    :raises FileRefusedError: when it is no longer what was opened.
    """
    if not plan.is_ours or not _is_packed(plan.opened.readable, connection):
        return None
    copy_whole(plan.opened, into=into)
    source = f"read_parquet({text(into)}, hive_partitioning = false)"
    if _needs_change(plan, source, connection):
        into.unlink()
        return None
    return _added_up(plan, source, connection)


def write_shape(
    plan: Plan, *, into: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write the columns of a typed file, without rows."""
    connection.execute(
        f"COPY ({plans.typed(plan)} LIMIT 0) TO {text(into)} (FORMAT parquet)"
    )


def copy_whole(opened: Opened, *, into: Path) -> None:
    """Copy a delivered file, and see to it that it is still the one that was opened."""
    shutil.copyfile(opened.readable, into)
    if sha256_of(into) != opened.sha256:
        into.unlink()
        raise FileRefusedError(
            _("The file changed while it was being read. Deliver it again."),
            file=opened.name,
            code="usage.file-changed",
        )


def _is_packed(path: Path, connection: duckdb.DuckDBPyConnection) -> bool:
    rows = connection.execute(
        f"SELECT DISTINCT compression FROM parquet_metadata({text(path)})"
    ).fetchall()
    return {str(row[0]) for row in rows} <= PACKED


def _needs_change(
    plan: Plan, source: str, connection: duckdb.DuckDBPyConnection
) -> bool:
    """Tell whether a row is to be rejected, a text means null, or months are mixed."""
    nulls = ", ".join(text(value) for value in expressions.NULL_TEXTS)
    reads = plan.header.reads
    tests = [f"{name(c)} IS NULL" for c in columns.FILLED]
    tests += ['length("BillingCurrency") <> 3']
    tests += [expressions.is_untrusted(name(c)) for c in reads if c in columns.TIMES]
    tests += [f"{name(c)} IN ({nulls})" for c in reads if c not in plan.native]
    found = connection.execute(
        f"SELECT 1 FROM {source} WHERE {' OR '.join(tests)} LIMIT 1"
    ).fetchone()
    months = connection.execute(f"SELECT count(DISTINCT {MONTH}) FROM {source}")
    return found is not None or months.fetchall() != [(1,)]


def _added_up(plan: Plan, source: str, connection: duckdb.DuckDBPyConnection) -> Tally:
    """Add the costs up as they are delivered; every number is read, so none is broken."""
    costs = ", ".join(f"sum({name(c)})" for c in columns.COSTS)
    read = ", ".join(f"count({name(c)})" for c in sorted(plan.native))
    tally = Tally()
    for currency, rows, *values in connection.execute(
        f'SELECT "BillingCurrency", count(*), {costs}, {read} FROM {source} GROUP BY 1'
    ).fetchall():
        tally.add(currency, rows=int(rows), costs=values[: len(columns.COSTS)])
    return tally
