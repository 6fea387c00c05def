"""One delivered file into one typed Parquet file, exactly or not at all.

The rows are read once into Parquet; the totals of the file come from a second, narrow
reading of its cost columns alone, so that what is stored can be held against it.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
from django.conf import settings
from django.utils.translation import gettext as _

from partners.usage.focus import columns, expressions, rejects
from partners.usage.focus.engine import name, text
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.files import Opened, judge_header
from partners.usage.focus.rejects import Reject

Totals = dict[str, dict[str, Decimal]]
"""Sums per currency and cost column."""

MONTH = "x_BillingMonth"
"""The billing month in the zone of the provider, as the first day of the month."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What became of one file."""

    opened: Opened
    header: columns.Header
    path: Path
    rows_read: int
    rows_kept: int
    totals: Totals
    """Of all rows of the file, by its own narrow reading."""
    rejected: Totals
    """Of the rejected rows, as far as their costs can be read."""
    rejects: tuple[Reject, ...] = ()
    notices: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The SQL of one file."""

    opened: Opened
    header: columns.Header
    raw: str
    """SELECT of all columns as delivered text, null texts already null."""
    doubles: frozenset[str]
    """Columns that are binary fractions in the file, exact only to 1e-6."""


def stage(
    opened: Opened, *, into: Path, connection: duckdb.DuckDBPyConnection
) -> Staged:
    """Read one file into typed Parquet.

    :param into: the Parquet file to write; it must not exist.
    :param connection: DuckDB with the macros of `prepare`.
    :raises FileRefusedError: when the file as a whole cannot be trusted.
    """
    plan = _plan_parquet(opened, connection) if opened.header is None else _plan(opened)
    try:
        connection.execute("DROP TABLE IF EXISTS reject_errors")
        connection.execute("DROP TABLE IF EXISTS reject_scans")
        written = connection.execute(
            f"COPY ({_typed(plan)} WHERE _problem IS NULL) TO {text(into)} "
            "(FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        broken = _broken_records(plan, connection)
        read, totals = _narrow(plan, connection)
    except duckdb.Error as error:
        raise _translated(error, opened) from error
    kept = int(written[0]) if written else 0
    found = [*broken, *(_faulty_rows(plan, connection) if read > kept else ())]
    if read == 0 and not broken:
        raise FileRefusedError(
            _("There is a header and no row."),
            file=opened.name,
            line=1,
            code="usage.no-rows",
        )
    return Staged(
        opened=opened,
        header=plan.header,
        path=into,
        rows_read=read + len(broken),
        rows_kept=kept,
        totals=totals,
        rejected=_sum_of(found),
        rejects=tuple(found),
        notices=_notices(plan),
    )


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros that the reader's SQL uses."""
    for macro in expressions.MACROS:
        connection.execute(macro)


def _plan(opened: Opened) -> _Plan:
    header = opened.header
    if header is None:
        raise TypeError
    listed = ", ".join(f"{text(column)}: 'VARCHAR'" for column in header.reads)
    nulls = ", ".join(text(value) for value in expressions.NULL_TEXTS)
    raw = (
        f"SELECT * FROM read_csv({text(opened.readable)}, columns = {{{listed}}}, "
        "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = [{nulls}], max_line_size = {settings.USAGE_LINE_LIMIT}, "
        "store_rejects = true)"
    )
    return _Plan(opened=opened, header=header, raw=raw, doubles=frozenset())


def _plan_parquet(opened: Opened, connection: duckdb.DuckDBPyConnection) -> _Plan:
    """Read all Parquet columns as text; maps and lists as JSON."""
    source = f"read_parquet({text(opened.readable)}, hive_partitioning = false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise _translated(error, opened) from error
    types = {str(row[0]): str(row[1]) for row in described}
    header = columns.understand(tuple(types))
    judge_header(header, name=opened.name)
    reads = dict(zip(header.names, header.reads, strict=True))
    selected = ", ".join(
        f"{_as_text(column, types[column])} AS {name(reads[column])}"
        for column in header.names
    )
    return _Plan(
        opened=opened,
        header=header,
        raw=f"SELECT {selected} FROM {source}",
        doubles=frozenset(
            reads[column] for column in types if types[column] in {"DOUBLE", "FLOAT"}
        ),
    )


def _as_text(column: str, kind: str) -> str:
    quoted = name(column)
    if kind == "VARCHAR":
        return expressions.null_if_text(quoted)
    if kind.startswith(("MAP", "STRUCT")) or kind.endswith("[]") or kind == "JSON":
        return f"CAST(to_json({quoted}) AS VARCHAR)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST(CAST({quoted} AS TIMESTAMP) AS VARCHAR)"
    if kind.startswith("TIMESTAMP"):
        return f"CAST(CAST({quoted} AS TIMESTAMP) AS VARCHAR)"
    return f"CAST({quoted} AS VARCHAR)"


def _typed(plan: _Plan, *, ordinal: str = "") -> str:
    """Return the SELECT of typed columns, month and problem over the raw rows."""
    reads = plan.header.reads
    numbers = [c for c in reads if c in columns.DECIMALS]
    times = [c for c in reads if c in columns.TIMES]
    raws = [name(c) for c in numbers]
    exact = [name(c) for c in numbers if c not in plan.doubles]
    unread = " OR ".join(
        f"{raw} IS NOT NULL AND {expressions.plain(raw)} IS NULL" for raw in raws
    )
    first = [
        *(f"{expressions.plain(name(c))} AS {name('p_' + c)}" for c in numbers),
        *(f"moment({name(c)}) AS {name('t_' + c)}" for c in times),
        f"{expressions.each('spelled', raws, when=unread)} AS _spelled",
        f"{expressions.odd(exact)} AS _odd",
    ]
    second = [
        f"COALESCE({name('p_' + c)}, _spelled[{at}]) AS {name('t_' + c)}"
        for at, c in enumerate(numbers, start=1)
    ]
    fits = expressions.each("fits", exact, when="_odd")
    inner = f"SELECT *, {', '.join(first)}{ordinal} FROM ({plan.raw})"
    middle = f"SELECT *, {', '.join(second)}, {fits} AS _fits FROM ({inner})"
    judged = f"SELECT *, {_problem(plan, numbers, times)} AS _problem FROM ({middle})"
    return f"SELECT {'*' if ordinal else _chosen(reads)} FROM ({judged})"


def _chosen(reads: tuple[str, ...]) -> str:
    """Return SQL listing the columns of the stored file."""
    absent = [c for c in columns.ROLLED_UP if c not in reads]
    return ", ".join(
        [
            *(
                f"{name('t_' + c)} AS {name(c)}"
                if c in columns.DECIMALS or c in columns.TIMES
                else name(c)
                for c in reads
                if c != MONTH
            ),
            *(f"CAST(NULL AS {_kind(c)}) AS {name(c)}" for c in absent),
            f'month_of("t_BillingPeriodStart") AS {name(MONTH)}',
        ]
    )


def _kind(column: str) -> str:
    if column in columns.DECIMALS:
        return expressions.NUMBER
    return "TIMESTAMP" if column in columns.TIMES else "VARCHAR"


def _problem(plan: _Plan, numbers: list[str], times: list[str]) -> str:
    """Return SQL naming the first column for which the row is rejected, or null."""
    cases = [(f"{name(c)} IS NULL", c) for c in columns.FILLED]
    cases += [('length("BillingCurrency") <> 3', "BillingCurrency")]
    exact = [c for c in numbers if c not in plan.doubles]
    for column in numbers:
        raw, typed = name(column), name("t_" + column)
        cases.append((f"{raw} IS NOT NULL AND {typed} IS NULL", column))
    for at, column in enumerate(exact, start=1):
        cases.append((f"_odd AND NOT _fits[{at}]", column))
    for column in times:
        is_bad = expressions.is_rejected_time(name(column), name("t_" + column))
        cases.append((is_bad, column))
    whens = " ".join(f"WHEN {test} THEN {text(column)}" for test, column in cases)
    return f"CASE {whens} END"


def _narrow(plan: _Plan, connection: duckdb.DuckDBPyConnection) -> tuple[int, Totals]:
    """Read the cost columns of the file alone and add them up."""
    sums = ", ".join(f"sum(number({name(c)}))" for c in columns.COSTS)
    rows = connection.execute(
        f'SELECT upper("BillingCurrency"), count(*), {sums} FROM ({plan.raw}) GROUP BY 1'
    ).fetchall()
    totals: Totals = {}
    for currency, _count, *values in rows:
        totals[currency or ""] = _costs(values)
    return sum(int(row[1]) for row in rows), totals


def _costs(values: list[Decimal | None]) -> dict[str, Decimal]:
    return {
        column: Decimal(0) if value is None else value
        for column, value in zip(columns.COSTS, values, strict=True)
    }


def _broken_records(plan: _Plan, connection: duckdb.DuckDBPyConnection) -> list[Reject]:
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


def _faulty_rows(plan: _Plan, connection: duckdb.DuckDBPyConnection) -> list[Reject]:
    """Read the file again, in order, for the rows that were left out."""
    broken = frozenset[int]()
    if plan.opened.kind != "parquet":
        broken = frozenset(
            int(row[0])
            for row in connection.execute(
                "SELECT DISTINCT line FROM reject_errors"
            ).fetchall()
        )
        connection.execute("DELETE FROM reject_errors")
    typed = _typed(plan, ordinal=", row_number() OVER () AS _row")
    costs = ", ".join(name("t_" + c) for c in columns.COSTS)
    raws = " ".join(
        f"WHEN {text(c)} THEN {name(c)}" for c in plan.header.reads if c in _JUDGED
    )
    rows = connection.execute(
        f"SELECT _row, _problem, CASE _problem {raws} END, "
        f'"BillingCurrency", {costs} FROM ({typed}) '
        f"WHERE _problem IS NOT NULL ORDER BY _row"
    ).fetchall()
    lines: dict[int, int] = {}
    if plan.opened.kind != "parquet":
        lines = dict(
            rejects.physical_lines(
                plan.opened.readable,
                wanted=[int(row[0]) for row in rows],
                skipped=broken,
                is_record=False,
            )
        )
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


_JUDGED = columns.DECIMALS | columns.TIMES | set(columns.FILLED)


def _sum_of(found: list[Reject]) -> Totals:
    totals: Totals = {}
    for reject in found:
        if not reject.costs:
            continue
        sums = totals.setdefault(
            reject.currency, dict.fromkeys(columns.COSTS, Decimal(0))
        )
        for column in columns.COSTS:
            sums[column] += reject.costs.get(column) or Decimal(0)
    return totals


def _notices(plan: _Plan) -> tuple[str, ...]:
    """Say in words what was read otherwise than delivered, or was not there."""
    header = plan.header
    notices = [
        _("%(file)s: column %(column)s is missing and read as empty.")
        % {"file": plan.opened.name, "column": column}
        for column in header.gaps
    ]
    notices += [
        _("%(file)s: column %(old)s is read as %(new)s.")
        % {"file": plan.opened.name, "old": old, "new": new}
        for old, new in zip(header.names, header.reads, strict=True)
        if old != new
    ]
    if header.unknown:
        notices.append(
            _("%(file)s: columns unknown to FOCUS are kept: %(names)s.")
            % {"file": plan.opened.name, "names": ", ".join(header.unknown)}
        )
    if plan.doubles & set(columns.COSTS):
        notices.append(
            _("%(file)s: costs are binary fractions, exact to about 1e-6 only.")
            % {"file": plan.opened.name}
        )
    return tuple(notices)


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


LINE = re.compile(r"CSV Error on Line: (\d+)")


def _translated(error: duckdb.Error, opened: Opened) -> FileRefusedError:
    """Make a refusal that a person can read out of DuckDB's error."""
    message = str(error)
    found = LINE.search(message)
    first = message.strip().splitlines()[0]
    return FileRefusedError(
        _("The file cannot be read: %(error)s") % {"error": first},
        file=opened.name,
        line=int(found[1]) if found else None,
        code="usage.unreadable",
    )
