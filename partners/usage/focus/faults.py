"""Finding the rows that were left out: where they stand, and why."""

import duckdb
from django.conf import settings
from django.utils.translation import gettext as _

from partners.usage.focus import columns, rejects
from partners.usage.focus.engine import name, text
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.files import Opened
from partners.usage.focus.plans import Plan, typed
from partners.usage.focus.rejects import Reject

_JUDGED = columns.DECIMALS | columns.TIMES | set(columns.FILLED)


def broken_records(plan: Plan, connection: duckdb.DuckDBPyConnection) -> list[Reject]:
    """Return the records that are not even rows: too few or too many columns."""
    if plan.opened.kind == "parquet":
        return []
    found = connection.execute(
        "SELECT line, min(error_type), min(csv_line), min(error_message) "
        "FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    if not found:
        return []
    lines = dict(
        rejects.physical_lines(
            plan.opened.readable,
            wanted=[int(row[0]) for row in found],
            skipped=frozenset(),
            is_record=True,
        )
    )
    for record, kind, _line, message in found:
        if kind in rejects.FATAL:
            raise _fatal(kind, message, plan.opened, lines.get(int(record)))
    return [
        Reject(
            file=plan.opened.name,
            line=lines.get(int(record)),
            column="",
            value=str(line)[:200],
            reason=str(message),
        )
        for record, _kind, line, message in found
    ]


def faulty_rows(plan: Plan, connection: duckdb.DuckDBPyConnection) -> list[Reject]:
    """Read the file again, in order, for the rows that were left out."""
    skipped = _skipped(plan, connection)
    connection.execute("SET threads = 1")  # rows are numbered in the file's order
    rows_typed = typed(plan, ordinal=", row_number() OVER () AS _row")
    costs = ", ".join(name("t_" + c) for c in columns.COSTS)
    raws = " ".join(
        f"WHEN {text(c)} THEN CAST({name(c)} AS VARCHAR)"
        for c in plan.header.reads
        if c in _JUDGED
    )
    rows = connection.execute(
        f"SELECT _row, _problem, CASE _problem {raws} END, "
        f'"BillingCurrency", {costs} FROM ({rows_typed}) '
        f"WHERE _problem IS NOT NULL ORDER BY _row"
    ).fetchall()
    connection.execute(f"SET threads = {settings.USAGE_THREADS}")
    lines = _lines(plan, [int(row[0]) for row in rows], skipped)
    return [
        Reject(
            file=plan.opened.name,
            line=lines.get(int(row), int(row)),
            column=column,
            value="" if value is None else str(value)[:200],
            reason=rejects.reason_for(column, value),
            currency=str(currency or "").upper(),
            costs=dict(zip(columns.COSTS, values, strict=True)),
        )
        for row, column, value, currency, *values in rows
    ]


def _skipped(plan: Plan, connection: duckdb.DuckDBPyConnection) -> frozenset[int]:
    """Return the records that the reader could not use as rows."""
    if plan.opened.kind == "parquet":
        return frozenset()
    rows = connection.execute("SELECT DISTINCT line FROM reject_errors").fetchall()
    return frozenset(int(row[0]) for row in rows)


def _lines(plan: Plan, wanted: list[int], skipped: frozenset[int]) -> dict[int, int]:
    """Return the line of each row; in Parquet, which has none, the row is its own."""
    if plan.opened.kind == "parquet":
        return {}
    return dict(
        rejects.physical_lines(
            plan.opened.readable, wanted=wanted, skipped=skipped, is_record=False
        )
    )


def _fatal(
    kind: str, message: str, opened: Opened, line: int | None
) -> FileRefusedError:
    reasons = {
        "UNQUOTED VALUE": (_("A quotation mark is opened and not closed."), "quote"),
        "LINE SIZE OVER MAXIMUM": (
            _(
                "A row is longer than the limit; perhaps a quotation mark is not closed."
            ),
            "line-too-long",
        ),
        "INVALID ENCODING": (_("Not UTF-8."), "file-encoding"),
    }
    reason, code = reasons[kind]
    return FileRefusedError(
        reason, file=opened.name, line=line, value=message[:200], code=f"usage.{code}"
    )
