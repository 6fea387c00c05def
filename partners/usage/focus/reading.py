"""One delivered file into one typed Parquet file, exactly or not at all.

Parquet that is typed as we would write it stays as it is (`keeping`); all else is written.
The rows are read once; on their way into Parquet the costs of all of them are added up,
so that what is stored can be held against it.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

from partners.usage.focus import columns, expressions, faults, keeping, plans
from partners.usage.focus.engine import text
from partners.usage.focus.files import Opened, no_rows
from partners.usage.focus.plans import Plan
from partners.usage.focus.rejects import Reject
from partners.usage.focus.tally import EXACT, Tally, Totals, seen, tallied


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What became of one file."""

    opened: Opened
    header: columns.Header
    path: Path
    shape: Path | None = None
    """Where the file was kept as delivered: what it lacks, to be read together."""
    rows_read: int
    rows_kept: int
    totals: Totals
    """Of all rows of the file, added up while it was read."""
    rejected: Totals
    """Of the rejected rows, as far as their costs can be read."""
    rejects: tuple[Reject, ...] = ()
    notices: tuple[str, ...] = field(default=())


def stage(
    opened: Opened, *, into: Path, connection: duckdb.DuckDBPyConnection
) -> Staged:
    """Read one file into typed Parquet.

    :param into: the Parquet file to write; it must not exist.
    :param connection: DuckDB with the macros of `prepare`.
    :raises FileRefusedError: when the file as a whole cannot be trusted.
    """
    plan = (
        plans.plan_parquet(opened, connection)
        if opened.header is None
        else plans.plan_csv(opened)
    )
    try:
        whole = keeping.kept(plan, into=into, connection=connection)
        if whole is not None:
            return _as_delivered(plan, whole, into=into, connection=connection)
        kept, tally = _write(plan, into=into, connection=connection)
        broken = faults.broken_records(plan, connection)
    except duckdb.Error as error:
        raise plans.translated(error, opened) from error
    read = tally.rows
    found = [*broken, *(faults.faulty_rows(plan, connection) if read > kept else ())]
    if read == 0 and not broken:
        raise no_rows(opened.name)
    return Staged(
        opened=opened,
        header=plan.header,
        path=into,
        rows_read=read + len(broken),
        rows_kept=kept,
        totals=tally.totals,
        rejected=_sum_of(found),
        rejects=tuple(found),
        notices=_notices(plan),
    )


def _as_delivered(
    plan: Plan, tally: Tally, *, into: Path, connection: duckdb.DuckDBPyConnection
) -> Staged:
    """Note a file that is kept as it was delivered."""
    shape = into.with_name(f"shape-of-{into.name}")
    keeping.write_shape(plan, into=shape, connection=connection)
    return Staged(
        opened=plan.opened,
        header=plan.header,
        path=into,
        shape=shape,
        rows_read=tally.rows,
        rows_kept=tally.rows,
        totals=tally.totals,
        rejected={},
        notices=_notices(plan),
    )


def _write(
    plan: Plan, *, into: Path, connection: duckdb.DuckDBPyConnection
) -> tuple[int, Tally]:
    """Write the rows that can be kept; return how many, and what all rows come to."""
    connection.execute("DROP TABLE IF EXISTS reject_errors")
    connection.execute("DROP TABLE IF EXISTS reject_scans")
    connection.execute("SET preserve_insertion_order = false")
    try:
        with tallied(connection) as tally:
            written = connection.execute(
                f"COPY ({plans.typed(plan, seen=seen())} "
                f"WHERE CASE WHEN _seen THEN _problem IS NULL END) TO {text(into)} "
                "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
            ).fetchone()
    finally:
        connection.execute("SET preserve_insertion_order = true")
    return int(written[0]) if written else 0, tally


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros that the reader's SQL uses."""
    for macro in expressions.MACROS:
        connection.execute(macro)


def _notices(plan: Plan) -> tuple[str, ...]:
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


def _sum_of(found: list[Reject]) -> Totals:
    totals: Totals = {}
    for reject in found:
        if not reject.costs:
            continue
        sums = totals.setdefault(
            reject.currency, dict.fromkeys(columns.COSTS, Decimal(0))
        )
        for column in columns.COSTS:
            cost = reject.costs.get(column) or Decimal(0)
            sums[column] = EXACT.add(sums[column], cost)
    return totals
