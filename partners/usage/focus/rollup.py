"""Line items of one billing month, from typed Parquet to one row per day and meter.

Two steps keep it fast: the rows are grouped once by the texts that tell a meter; what
the texts mean is then looked up for the few groups, not for the many rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from partners.usage import metering
from partners.usage.focus import columns
from partners.usage.focus.engine import name, text, texts
from partners.usage.focus.plans import MONTH

Totals = dict[str, dict[str, Decimal]]

NamedTags = dict[str, list[str]]
"""Values by tag, both sorted."""

COST_WORDS = {
    "BilledCost": "billed",
    "EffectiveCost": "effective",
    "ListCost": "list",
    "ContractedCost": "contracted",
}

METER_COLUMNS = {
    "provider": "provider",
    "category": "ServiceCategory",
    "subcategory": "ServiceSubcategory",
    "service": "ServiceName",
    "sku": "SkuId",
    "sku_meter": "SkuMeter",
    "details": "SkuPriceDetails",
    "unit": "unit",
}
"""Fields of `metering.Item`, and the columns of the grouped rows that hold them."""

CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows of one billing month come to."""

    rows: int
    days: tuple[date, ...]
    totals: Totals
    rows_without_cost: dict[str, int]
    fingerprint: str
    is_each_row_even: bool


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account as a delivery names it."""

    provider: str
    billing_account_id: str
    sub_account_id: str
    name: str


def months(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> list[date]:
    """Return the billing months of staged files, the one with most rows first."""
    rows = connection.execute(
        f"SELECT {MONTH}, count(*) FROM {_parquet(files)} GROUP BY 1 ORDER BY 2 DESC, 1"
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
    source = _parquet(files)
    row = connection.execute(
        f"""SELECT count(*), bit_xor(h), sum(h % 1000000007),
            list_sort(list(DISTINCT CAST(ChargePeriodStart AS DATE))),
            {", ".join(f"count(*) - count({c})" for c in columns.COSTS)}
        FROM (SELECT ChargePeriodStart, {", ".join(columns.COSTS)},
            hash({_hashed(connection, source)}) AS h FROM {source})"""
    ).fetchone()
    if row is None:
        raise RuntimeError
    count, mixed, added, days, *missing = row
    sums = connection.execute(
        f"SELECT upper(BillingCurrency), {_sums()} FROM {source} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return Facts(
        rows=int(count),
        days=tuple(days),
        totals={currency: _costs(values) for currency, *values in sums},
        rows_without_cost={
            COST_WORDS[column]: int(nulls)
            for column, nulls in zip(columns.COSTS, missing, strict=True)
            if nulls
        },
        fingerprint=f"{duckdb.__version__}:{count}:{mixed:x}:{int(added):x}",
        is_each_row_even=mixed == 0,
    )


def group(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    *,
    named: NamedTags,
) -> None:
    """Group the rows of a month into the temporary table `grouped`.

    :param named: tags by which rules tell rows apart; one of them makes the bucket.
    """
    source = _parquet(files)
    _tag(connection, source, named=named)
    connection.execute("DROP TABLE IF EXISTS grouped")
    # A purchase or an unused reservation consumes nothing
    consumed = (
        "lower(ChargeCategory) IN ('usage', 'adjustment') "
        "AND CommitmentDiscountStatus IS DISTINCT FROM 'Unused'"
    )
    connection.execute(
        f"""CREATE TEMP TABLE grouped AS SELECT
            CAST(ChargePeriodStart AS DATE) AS day,
            {_provider()} AS provider,
            {_account("BillingAccountId")}, {_account("SubAccountId")},
            any_value(BillingAccountName) AS BillingAccountName,
            any_value(SubAccountName) AS SubAccountName,
            {", ".join(_filled(c) for c in list(METER_COLUMNS.values())[1:-1])},
            COALESCE(CASE WHEN ConsumedQuantity IS NULL THEN PricingUnit
                ELSE ConsumedUnit END, '') AS unit,
            COALESCE(tagged.environment, '') AS environment,
            COALESCE(tagged.bucket, '') AS bucket,
            COALESCE(RegionId, '') AS RegionId, {_category()} AS ChargeCategory,
            upper(BillingCurrency) AS BillingCurrency,
            sum(CASE WHEN {consumed}
                THEN COALESCE(ConsumedQuantity, PricingQuantity) END) AS quantity,
            {_sums()}, count(*) AS row_count
        FROM {source} LEFT JOIN tagged USING (Tags)
        GROUP BY ALL"""
    )


def _tag(
    connection: duckdb.DuckDBPyConnection, source: str, *, named: NamedTags
) -> None:
    """Read each different text of tags once; what is not JSON says nothing."""
    connection.execute("DROP TABLE IF EXISTS tagged")
    connection.execute(
        f"""CREATE TEMP TABLE tagged AS
        SELECT Tags, {_environment()} AS environment, {bucket(named)} AS bucket
        FROM (SELECT DISTINCT Tags FROM {source}
            WHERE Tags IS NOT NULL AND CASE WHEN starts_with(ltrim(Tags), '{{')
            THEN json_valid(Tags) ELSE FALSE END)"""
    )


def accounts(connection: duckdb.DuckDBPyConnection) -> list[Account]:
    """Return the accounts of `grouped`."""
    rows = connection.execute(
        """SELECT provider, BillingAccountId, SubAccountId, COALESCE(any_value(
            CASE WHEN SubAccountId = '' THEN BillingAccountName
                 ELSE SubAccountName END), '')
        FROM grouped GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    ).fetchall()
    return [
        Account(
            provider=provider,
            billing_account_id=billing,
            sub_account_id=sub,
            name=label[:300],
        )
        for provider, billing, sub, label in rows
    ]


def items(connection: duckdb.DuckDBPyConnection) -> list[metering.Item]:
    """Return what `grouped` counts, each once."""
    names = [field.name for field in fields(metering.Item)]
    listed = ", ".join(name(METER_COLUMNS[field]) for field in names)
    rows = connection.execute(f"SELECT DISTINCT {listed} FROM grouped").fetchall()
    return [metering.Item(**dict(zip(names, row, strict=True))) for row in rows]


def write(
    connection: duckdb.DuckDBPyConnection,
    *,
    account_ids: Mapping[tuple[str, str, str], int],
    meter_ids: Mapping[metering.Item, int],
    delivery_id: int,
    billing_month: date,
    into: Path,
) -> int:
    """Write the rollup of `grouped` as CSV for COPY; return the number of its rows.

    Columns: charge day, account, meter, tag bucket, region, environment, charge
    category, currency, quantity, list, contracted, billed and effective cost, rows,
    delivery, billing month.
    """
    names = [field.name for field in fields(metering.Item)]
    _tell_ids(connection, account_ids, meter_ids)
    same = " AND ".join(
        f"m.{name(field)} = g.{name(METER_COLUMNS[field])}" for field in names
    )
    row = connection.execute(
        f"""COPY (SELECT day, a.id, m.id, bucket, left(RegionId, 80) AS region, environment,
            ChargeCategory, BillingCurrency, sum(quantity), sum(ListCost),
            sum(ContractedCost), sum(BilledCost), sum(EffectiveCost), sum(row_count),
            {delivery_id}, DATE {text(billing_month)}
        FROM grouped g
        JOIN account_ids a ON a.provider = g.provider
            AND a.billing = BillingAccountId AND a.sub = SubAccountId
        JOIN meter_ids m ON {same}
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 2, 1)
        TO {text(into)} (FORMAT csv, HEADER false,
            FORCE_QUOTE (bucket, region, environment, ChargeCategory,
                BillingCurrency))"""
    ).fetchone()
    return int(row[0]) if row else 0


def _tell_ids(
    connection: duckdb.DuckDBPyConnection,
    account_ids: Mapping[tuple[str, str, str], int],
    meter_ids: Mapping[metering.Item, int],
) -> None:
    connection.execute("DROP TABLE IF EXISTS account_ids")
    connection.execute("DROP TABLE IF EXISTS meter_ids")
    keys = list(account_ids)
    connection.execute(
        "CREATE TEMP TABLE account_ids AS SELECT unnest(?) AS provider, "
        "unnest(?) AS billing, unnest(?) AS sub, unnest(?) AS id",
        [*_columns(keys, 3), list(account_ids.values())],
    )
    names = [field.name for field in fields(metering.Item)]
    listed = ", ".join(f"unnest(?) AS {name(field)}" for field in names)
    connection.execute(
        f"CREATE TEMP TABLE meter_ids AS SELECT {listed}, unnest(?) AS id",
        [
            *([getattr(item, field) for item in meter_ids] for field in names),
            list(meter_ids.values()),
        ],
    )


def _columns(keys: Sequence[tuple[str, ...]], count: int) -> list[list[str]]:
    return [[key[at] for key in keys] for at in range(count)]


def _parquet(files: Sequence[Path]) -> str:
    listed = texts([str(file) for file in files])
    return f"read_parquet({listed}, union_by_name = true, hive_partitioning = false)"


def _hashed(connection: duckdb.DuckDBPyConnection, source: str) -> str:
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    return ", ".join(
        name(column) for column in sorted(str(row[0]) for row in described)
    )


def _sums() -> str:
    return ", ".join(f"sum({column}) AS {column}" for column in columns.COSTS)


def _costs(values: Sequence[Decimal | None]) -> dict[str, Decimal]:
    return {
        COST_WORDS[column]: Decimal(0) if value is None else value
        for column, value in zip(columns.COSTS, values, strict=True)
    }


def _filled(column: str) -> str:
    return f"COALESCE({column}, '') AS {column}"


def _provider() -> str:
    return "COALESCE(InvoiceIssuerName, ProviderName, ServiceProviderName, '')"


def _account(column: str) -> str:
    """Return SQL of an account id; Microsoft writes the same one in different cases."""
    filled = f"COALESCE({column}, '')"
    return (
        f"CASE WHEN starts_with({_provider()}, 'Microsoft') THEN lower({filled}) "
        f"ELSE {filled} END AS {column}"
    )


def _category() -> str:
    whens = " ".join(
        f"WHEN {text(word.lower())} THEN {text(word)}" for word in CATEGORIES
    )
    return f"CASE lower(ChargeCategory) {whens} ELSE left(ChargeCategory, 20) END"


def _environment() -> str:
    values = ", ".join(
        f"json_extract_string(Tags, {text(f'$.{key}')})"
        for key in metering.ENVIRONMENT_TAGS
    )
    words = ", ".join(text(word) for word in metering.PRODUCTION_WORDS)
    value = f"lower(COALESCE({values}))"
    return (
        f"CASE WHEN {value} IN ({words}) THEN 'production' "
        f"WHEN {value} IS NOT NULL THEN 'non-production' ELSE '' END"
    )


def bucket(named: NamedTags) -> str:
    """Return SQL of `key=value` of one tag: the first that a rule names, else the first."""
    ruled, others = [], []
    for key, values in named.items():
        path = '$."' + key.replace('"', '\\"') + '"'
        value = f"json_extract_string(Tags, {text(path)})"
        kept = f"left({text(key + '=')} || {value}, 400)"
        listed = ", ".join(text(one) for one in values)
        ruled.append(f"WHEN {value} IN ({listed}) THEN {kept}")
        others.append(f"WHEN {value} <> '' THEN {kept}")
    return f"CASE {' '.join([*ruled, *others])} ELSE '' END" if named else "''"
