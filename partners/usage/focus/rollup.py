"""Line items of one billing month, from typed Parquet to one row per day and meter.

What keeps it fast: the many rows are only grouped by day and by one number, the hash of
the texts that tell account and meter. What the texts mean is looked up once for each
different set of them, and joined to the few groups by that number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import duckdb

from partners.usage import metering
from partners.usage.focus import stored
from partners.usage.focus.engine import name, text

NamedTags = dict[str, list[str]]
"""Values by tag, both sorted."""

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
"""Fields of `metering.Item`, and the columns of `told` that hold them."""

TOLD_BY = (
    "InvoiceIssuerName", "ProviderName", "ServiceProviderName", "BillingAccountId",
    "SubAccountId", "ServiceCategory", "ServiceSubcategory", "ServiceName", "SkuId",
    "SkuMeter", "SkuPriceDetails", "ConsumedUnit", "PricingUnit",
    "ConsumedQuantity IS NULL", "tagged.environment", "tagged.bucket", "RegionId", "ChargeCategory",
    "BillingCurrency",
)  # fmt: skip
"""SQL over the tagged rows of all that tells one line of the rollup from another."""

KEYS = (
    f"hash({', '.join(TOLD_BY)})",
    f"CAST(to_json([{', '.join(f'CAST({one} AS VARCHAR)' for one in TOLD_BY)}]) AS VARCHAR)",
)
"""SQL of a key for these texts: a number that may by chance stand for two sets of them,
and a text that cannot."""

CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account as a delivery names it."""

    provider: str
    billing_account_id: str
    sub_account_id: str
    name: str


def group(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    *,
    named: NamedTags,
    keys: Sequence[str] = KEYS,
) -> None:
    """Group the rows of a month into the temporary tables `summed` and `told`.

    `summed` has quantity, costs and rows by day and key; `told` what each key means.

    :param named: tags by which rules tell rows apart; one of them makes the bucket.
    :param keys: SQL of a key, tried in turn until no two sets of texts share one.
    """
    source = stored.rows_of(files)
    _tag(connection, source, named=named)
    rows = f"{source} LEFT JOIN tagged USING (Tags)"
    for key in keys:
        if _tell(connection, rows, key=key):
            break
    _sum_up(connection, rows, key=key)


def _tell(connection: duckdb.DuckDBPyConnection, rows: str, *, key: str) -> bool:
    """Note what each key means; return whether each means one thing."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE told AS SELECT
            {key} AS key, {_provider()} AS provider,
            {_account("BillingAccountId")}, {_account("SubAccountId")},
            any_value(BillingAccountName) AS BillingAccountName,
            any_value(SubAccountName) AS SubAccountName,
            {", ".join(_filled(c) for c in list(METER_COLUMNS.values())[1:-1])},
            COALESCE(CASE WHEN ConsumedQuantity IS NULL THEN PricingUnit
                ELSE ConsumedUnit END, '') AS unit,
            COALESCE(tagged.environment, '') AS environment,
            COALESCE(tagged.bucket, '') AS bucket,
            left(COALESCE(RegionId, ''), 80) AS region, {_category()} AS charge,
            upper(BillingCurrency) AS currency
        FROM {rows} GROUP BY 1, {", ".join(TOLD_BY)}"""
    )
    row = connection.execute(
        "SELECT count(*) = count(DISTINCT key) FROM told"
    ).fetchone()
    return bool(row and row[0])


def _sum_up(connection: duckdb.DuckDBPyConnection, rows: str, *, key: str) -> None:
    # A purchase or an unused reservation consumes nothing
    consumed = (
        "lower(ChargeCategory) IN ('usage', 'adjustment') "
        "AND CommitmentDiscountStatus IS DISTINCT FROM 'Unused'"
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE summed AS SELECT
            CAST(ChargePeriodStart AS DATE) AS day, {key} AS key,
            sum(CASE WHEN {consumed}
                THEN COALESCE(ConsumedQuantity, PricingQuantity) END) AS quantity,
            {stored.sums()}, count(*) AS row_count
        FROM {rows} GROUP BY ALL"""
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
    """Return the accounts of `told`."""
    rows = connection.execute(
        """SELECT provider, BillingAccountId, SubAccountId, COALESCE(any_value(
            CASE WHEN SubAccountId = '' THEN BillingAccountName
                 ELSE SubAccountName END), '')
        FROM told GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
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
    """Return what `told` counts, each once."""
    names = [field.name for field in fields(metering.Item)]
    listed = ", ".join(name(METER_COLUMNS[field]) for field in names)
    rows = connection.execute(f"SELECT DISTINCT {listed} FROM told").fetchall()
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
    """Write the rollup of `summed` as CSV for COPY; return the number of its rows.

    Columns: charge day, account, meter, tag bucket, region, environment, charge
    category, currency, quantity, list, contracted, billed and effective cost, rows,
    delivery, billing month.
    """
    _tell_ids(connection, account_ids, meter_ids)
    _draw_lines(connection)
    row = connection.execute(
        f"""COPY (SELECT day, account, meter, bucket, region, environment, charge,
            currency, s.* EXCLUDE (day, line), {delivery_id},
            DATE {text(billing_month)}
        FROM (SELECT day, line, sum(quantity), sum(ListCost), sum(ContractedCost),
                sum(BilledCost), sum(EffectiveCost), sum(row_count)
            FROM summed JOIN lines USING (key) GROUP BY ALL) s
        JOIN lines ON key = s.line
        ORDER BY account, day)
        TO {text(into)} (FORMAT csv, HEADER false,
            FORCE_QUOTE (bucket, region, environment, charge, currency))"""
    ).fetchone()
    return int(row[0]) if row else 0


def _draw_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the line of each key: spellings of one meter or account share the least."""
    names = [field.name for field in fields(metering.Item)]
    same = " AND ".join(
        f"m.{name(field)} = t.{name(METER_COLUMNS[field])}" for field in names
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE lines AS
        SELECT key, a.id AS account, m.id AS meter, bucket, region, environment,
            charge, currency, min(key) OVER (PARTITION BY a.id, m.id, bucket, region,
                environment, charge, currency) AS line
        FROM told t
        JOIN account_ids a ON a.provider = t.provider
            AND a.billing = BillingAccountId AND a.sub = SubAccountId
        JOIN meter_ids m ON {same}"""
    )


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
