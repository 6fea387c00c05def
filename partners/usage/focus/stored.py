"""Typed Parquet of the store: its rows, their months, and what they come to.

A folder holds files that we wrote, or files kept as delivered beside an empty one, the
shape, that has our columns in our types: read together, all of them have these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from partners.usage.focus import columns
from partners.usage.focus.engine import name, text, texts

Totals = dict[str, dict[str, Decimal]]

COST_WORDS = {
    "BilledCost": "billed",
    "EffectiveCost": "effective",
    "ListCost": "list",
    "ContractedCost": "contracted",
}

MONTH = "month_of(BillingPeriodStart)"
"""SQL of the billing month in the zone of the provider, as the first day of the month."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows of one billing month come to."""

    rows: int
    days: tuple[date, ...]
    totals: Totals
    rows_without_cost: dict[str, int]
    fingerprint: str
    is_each_row_even: bool


def rows_of(files: Sequence[Path | str]) -> str:
    """Return SQL of the rows of stored files, which have to be read together."""
    listed = texts([str(file) for file in files])
    return f"read_parquet({listed}, union_by_name = true, hive_partitioning = false)"


def months(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> list[date]:
    """Return the billing months of staged files, the one with most rows first."""
    rows = connection.execute(
        f"SELECT {MONTH}, count(*) FROM {rows_of(files)} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return [row[0] for row in rows]


def split(
    connection: duckdb.DuckDBPyConnection, file: Path, *, month: date, into: Path
) -> None:
    """Write the rows of one billing month of a staged file."""
    connection.execute(
        f"COPY (SELECT * FROM read_parquet({text(file)}, hive_partitioning = false) "
        f"WHERE {MONTH} = DATE {text(month)}) "
        f"TO {text(into)} (FORMAT parquet, COMPRESSION zstd)"
    )


def facts(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> Facts:
    """Add up one billing month, and take the fingerprint of its rows.

    The fingerprint does not depend on the order of rows or files. It is only good for
    comparison within one version of DuckDB, which is part of it.
    """
    source = rows_of(files)
    days: set[date] = set()
    totals, missing = {}, dict.fromkeys(columns.COSTS, 0)
    rows = mixed = summed = 0
    for currency, count, xored, added, some_days, *values in connection.execute(
        f"""SELECT upper(BillingCurrency), count(*), bit_xor(h), sum(h % 1000000007),
            list(DISTINCT CAST(ChargePeriodStart AS DATE)), {sums()},
            {", ".join(f"count(*) - count({c})" for c in columns.COSTS)}
        FROM (SELECT BillingCurrency, ChargePeriodStart, {", ".join(columns.COSTS)},
            hash({_hashed(connection, source)}) AS h FROM {source})
        GROUP BY 1 ORDER BY 1"""
    ).fetchall():
        rows, mixed, summed = rows + count, mixed ^ xored, summed + int(added)
        days.update(some_days)
        totals[currency] = _costs(values[: len(columns.COSTS)])
        for column, nulls in zip(
            columns.COSTS, values[len(columns.COSTS) :], strict=True
        ):
            missing[column] += nulls
    return Facts(
        rows=rows,
        days=tuple(sorted(days)),
        totals=totals,
        rows_without_cost={
            COST_WORDS[column]: nulls for column, nulls in missing.items() if nulls
        },
        fingerprint=f"{duckdb.__version__}:{rows}:{mixed:x}:{summed:x}",
        is_each_row_even=mixed == 0,
    )


def _hashed(connection: duckdb.DuckDBPyConnection, source: str) -> str:
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    return ", ".join(
        name(column) for column in sorted(str(row[0]) for row in described)
    )


def sums() -> str:
    """Return SQL that adds the costs up."""
    return ", ".join(f"sum({column}) AS {column}" for column in columns.COSTS)


def _costs(values: Sequence[Decimal | None]) -> dict[str, Decimal]:
    return {
        COST_WORDS[column]: Decimal(0) if value is None else value
        for column, value in zip(columns.COSTS, values, strict=True)
    }
