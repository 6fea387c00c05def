"""The SQL that types the rows of one file and tells which of them cannot be kept."""

import re
from dataclasses import dataclass

import duckdb
from django.conf import settings
from django.utils.translation import gettext as _

from partners.usage.focus import columns, expressions
from partners.usage.focus.engine import name, text
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.files import Opened, judge_header


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The SQL of one file."""

    opened: Opened
    header: columns.Header
    raw: str
    """SELECT of all columns as delivered text, null texts already null."""
    doubles: frozenset[str]
    """Columns that are binary fractions in the file, exact only to 1e-6."""
    native: frozenset[str] = frozenset()
    """Numbers and times that are so in the file: kept as they are, never as text."""
    is_ours: bool = False
    """Whether names and types of all columns are such as we would write them."""


def plan_csv(opened: Opened) -> Plan:
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
    return Plan(opened=opened, header=header, raw=raw, doubles=frozenset())


def plan_parquet(opened: Opened, connection: duckdb.DuckDBPyConnection) -> Plan:
    """Read all Parquet columns as text; maps and lists as JSON."""
    source = f"read_parquet({text(opened.readable)}, hive_partitioning = false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise translated(error, opened) from error
    types = {str(row[0]): str(row[1]) for row in described}
    header = columns.understand(tuple(types))
    judge_header(header, name=opened.name)
    reads = dict(zip(header.names, header.reads, strict=True))
    native = {
        column: sql
        for column in header.names
        if (sql := _as_native(column, types[column], reads[column]))
    }
    selected = ", ".join(
        f"{native.get(column) or _as_text(column, types[column])} "
        f"AS {name(reads[column])}"
        for column in header.names
    )
    return Plan(
        opened=opened,
        header=header,
        raw=f"SELECT {selected} FROM {source}",
        native=frozenset(reads[column] for column in native),
        doubles=frozenset(
            reads[column] for column in types if types[column] in {"DOUBLE", "FLOAT"}
        ),
        is_ours=header.names == header.reads
        and all(
            kind == ("TIMESTAMP" if column in columns.TIMES else "VARCHAR")
            or (column in native and kind.startswith("DECIMAL"))
            for column, kind in types.items()
        ),
    )


WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def _as_native(column: str, kind: str, reads: str) -> str:
    """Return SQL of a number or time that fits our type as it is; else nothing."""
    if reads in columns.TIMES and (kind.startswith("TIMESTAMP") or kind == "DATE"):
        return f"CAST({name(column)} AS TIMESTAMP)"
    if reads not in columns.DECIMALS:
        return ""
    found = DECIMAL.fullmatch(kind)
    fits = found and int(found[2]) <= 18 and int(found[1]) - int(found[2]) <= 20
    if fits or kind in WHOLE:
        return f"CAST({name(column)} AS {expressions.NUMBER})"
    return ""


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


def typed(plan: Plan, *, ordinal: str = "", seen: str = "TRUE") -> str:
    """Return the SELECT of typed columns and problem over the raw rows.

    :param seen: SQL over the typed columns whose value becomes `_seen`.
    """
    reads = [c for c in plan.header.reads if c not in plan.native]
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
        *(f"{name(c)} AS {name('t_' + c)}" for c in sorted(plan.native)),
        f"{expressions.each('spelled', raws, when=unread)} AS _spelled",
        f"{expressions.odd(exact)} AS _odd",
    ]
    second = [
        f"COALESCE({name('p_' + c)}, _spelled[{at}]) AS {name('t_' + c)}"
        for at, c in enumerate(numbers, start=1)
    ]
    fits = expressions.each("fits", exact, when="_odd")
    inner = f"SELECT *, {', '.join(first)}{ordinal} FROM ({plan.raw})"
    middle = f"SELECT *, {', '.join([*second, f'{fits} AS _fits'])} FROM ({inner})"
    judged = (
        f"SELECT *, {seen} AS _seen, {_problem(plan, numbers, times)} AS _problem "
        f"FROM ({middle})"
    )
    chosen = "*" if ordinal else _chosen(plan.header.reads)
    return f"SELECT {chosen} FROM ({judged})"


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
            ),
            *(f"CAST(NULL AS {_kind(c)}) AS {name(c)}" for c in absent),
        ]
    )


def _kind(column: str) -> str:
    if column in columns.DECIMALS:
        return expressions.NUMBER
    return "TIMESTAMP" if column in columns.TIMES else "VARCHAR"


def _problem(plan: Plan, numbers: list[str], times: list[str]) -> str:
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
    for column in sorted(plan.native & columns.TIMES):
        cases.append((expressions.is_untrusted(name(column)), column))
    whens = " ".join(f"WHEN {test} THEN {text(column)}" for test, column in cases)
    return f"CASE {whens} END"


LINE = re.compile(r"CSV Error on Line: (\d+)")


def translated(error: duckdb.Error, opened: Opened) -> FileRefusedError:
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
