"""FOCUS 1.2 exports made up for demonstrations, tests and measurements.

Deterministic by seed, generated in DuckDB without a Python loop over rows. All money is
decimal arithmetic, so the totals that come back are exact and serve as an oracle.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from partners.usage.focus import engine, layout, writing
from partners.usage.focus.engine import text
from partners.usage.focus.products import PRODUCTS
from partners.usage.focus.stored import COST_WORDS, Totals

REGIONS = ("cn-hangzhou", "cn-beijing", "cn-shanghai", "ap-southeast-1", "eu-central-1")


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Whose usage is made up.

    :ivar weight: share of the usage, relative to other customers.
    :ivar growth: factor from month to month.
    :ivar ai_share: share of line items that are AI, from 0 to 1.
    :ivar starts: first day with usage; None is from the beginning.
    :ivar ai_starts: first day with AI; None is from the start.
    :ivar discount: negotiated discount on list prices, two decimals.
    :ivar daily: list cost of a working day in the first month; only in steady exports.
    :ivar turn: a day, and the factor by which usage changes from it on; steady only.
    :ivar sub_accounts: how many share the usage, 0 for none; steady only.
    """

    name: str
    account_id: str
    weight: Decimal = Decimal(1)
    growth: Decimal = Decimal("1.04")
    ai_share: Decimal = Decimal("0.4")
    currency: str = "USD"
    starts: date | None = None
    ai_starts: date | None = None
    ends: date | None = None
    discount: Decimal = Decimal("0.15")
    environment: str = "production"
    daily: Decimal = Decimal(1000)
    turn: tuple[date, Decimal] | None = None
    sub_accounts: int = 0

    def __post_init__(self) -> None:
        if {*self.account_id, *self.environment, *self.currency} & set('",\r\n'):
            raise ValueError(self)  # they are written to CSV as they are


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be made up.

    :ivar rows: usage rows over all months, before corrections, purchases and taxes.
    :ivar kind: csv, csv.gz or parquet.
    :ivar is_steady: every customer uses every product every day, at a cost that is
        given and hardly swings; `rows` and weights do not count then.
    :ivar skus: only these products; empty is all.
    :ivar backfill: so many of the first months come in one file.
    """

    customers: tuple[Customer, ...]
    first_month: date
    months: int = 1
    rows: int = 10_000
    seed: int = 1
    kind: str = "csv.gz"
    has_corrections: bool = True
    has_repeats: bool = False
    """Also write, per month, a shorter and a doubled export to be refused."""
    until: date | None = None
    """Day after the last charge day; None is the end of the last month.

    What is written until a day is the beginning of what is written without it."""
    is_steady: bool = False
    skus: tuple[str, ...] = ()
    backfill: int = 0


@dataclass(kw_only=True)
class Made:
    """What was written, with its exact totals."""

    files: list[Path] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    totals: dict[str, Totals] = field(default_factory=dict)
    """By file name."""


def pareto(count: int, *, seed: int = 1) -> tuple[Customer, ...]:
    """Return customers of whom few spend most, with leading zeros in their accounts."""
    growths = ("1.09", "1.05", "1.02", "0.97", "1.15")
    return tuple(
        Customer(
            name=f"Partner {at:03d}",
            account_id=f"00{(seed * 7919 + at) % 10**8:08d}{at:04d}",
            weight=Decimal(1000) / Decimal(at) ** 1,
            growth=Decimal(growths[at % len(growths)]),
            ai_share=Decimal(20 + (at * 37) % 70) / 100,
            discount=Decimal(5 + at % 25) / 100,
            currency="CNY" if at % 5 == 0 else "USD",
            environment="production" if at % 3 else "test",
        )
        for at in range(1, count + 1)
    )


def generate(wish: Wish, *, into: Path) -> Made:
    """Write one file per billing month into a folder."""
    made = Made()
    into.mkdir(parents=True, exist_ok=True)
    months = [month_later(wish.first_month, at) for at in range(wish.months)]
    with engine.opened(spill=into / ".spill") as connection:
        _tell_customers(connection, wish)
        _tell_products(connection, wish)
        for at, month in enumerate(months):
            _lines(connection, wish, month=month, at=at)
            if at < wish.backfill:
                _put_aside(connection, is_first=at == 0)
            if at < wish.backfill - 1:
                continue
            if at == wish.backfill - 1:
                connection.execute("CREATE OR REPLACE TEMP TABLE lines AS FROM aside")
            _write(connection, wish, month=month, into=into, made=made)
    return made


def _put_aside(connection: duckdb.DuckDBPyConnection, *, is_first: bool) -> None:
    """Keep the rows of one month for a file of several."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE aside AS FROM lines"
        if is_first
        else "INSERT INTO aside FROM lines"
    )


def month_later(month: date, count: int) -> date:
    """Return the first day of the month so many months later."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def _tell_customers(connection: duckdb.DuckDBPyConnection, wish: Wish) -> None:
    """Load customers with the shares by which rows fall to them."""
    total = sum(customer.weight for customer in wish.customers)
    reached = Decimal(0)
    connection.execute(
        "CREATE TEMP TABLE customers (low DOUBLE, high DOUBLE, label VARCHAR, "
        "account VARCHAR, growth DOUBLE, ai DOUBLE, currency VARCHAR, starts DATE, "
        "ai_starts DATE, ends DATE, paid DECIMAL(4, 2), environment VARCHAR, daily DOUBLE, "
        "turns_on DATE, turn DOUBLE, subs INTEGER)"
    )
    for one in wish.customers:
        low, reached = reached, reached + one.weight / total
        turns_on, turn = one.turn or (date(2100, 1, 1), Decimal(1))
        connection.execute(
            f"INSERT INTO customers VALUES ({', '.join('?' * 16)})",
            [float(low), float(reached), one.name, one.account_id, float(one.growth),
             float(one.ai_share), one.currency, one.starts or date(1970, 1, 1),
             one.ai_starts or date(1970, 1, 1), one.ends or date(2100, 1, 1), 1 - one.discount, one.environment,
             float(one.daily), turns_on, float(turn), one.sub_accounts],
        )  # fmt: skip


def _tell_products(connection: duckdb.DuckDBPyConnection, wish: Wish) -> None:
    """Load the products with the shares by which AI and other rows fall to them."""
    connection.execute(
        "CREATE TEMP TABLE products (is_ai BOOLEAN, low DOUBLE, high DOUBLE, "
        "category VARCHAR, subcategory VARCHAR, service VARCHAR, sku VARCHAR, "
        "meter VARCHAR, unit VARCHAR, pricing_unit VARCHAR, per_unit DECIMAL(7, 6), "
        "price DECIMAL(9, 4), unit_price DECIMAL(13, 10), scale INTEGER, "
        "details VARCHAR, share DOUBLE)"
    )
    for is_ai in (True, False):
        kind = [
            product
            for product in PRODUCTS
            if product.is_ai == is_ai and product.sku in (wish.skus or (product.sku,))
        ]
        whole, so_far = sum(product.weight for product in kind), 0
        for item in kind:
            connection.execute(
                f"INSERT INTO products VALUES ({', '.join('?' * 16)})",
                [is_ai, so_far / whole, (so_far + item.weight) / whole, item.category,
                 item.subcategory, item.service, item.sku, item.meter, item.unit,
                 item.pricing_unit, Decimal(1) / item.per_price, Decimal(item.price),
                 Decimal(item.price) / item.per_price, item.scale,
                 item.details or None, item.weight / whole],
            )  # fmt: skip
            so_far += item.weight


def _chance(seed: int, number: int) -> str:
    """Return SQL of a number in [0, 1) that depends on seed, row and purpose alone."""
    return f"({_mixed(seed, number)} >> 11) / 9007199254740992.0"


def _mixed(seed: int, number: int) -> str:
    """Return SQL of a hash; hashed twice, as that of several values mixes them weakly."""
    return f"hash(hash({seed}, {number}, i))"


def _lines(
    connection: duckdb.DuckDBPyConnection, wish: Wish, *, month: date, at: int
) -> None:
    """Make the rows of one billing month into the table `lines`."""
    start, end = month, month_later(month, 1)
    chosen = (_steady if wish.is_steady else _drawn)(wish, start=start, end=end, at=at)
    until = min(wish.until or end, end)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE lines AS
        WITH chosen AS ({chosen})
        SELECT i, 'Usage' AS category_of_charge, CAST(NULL AS VARCHAR) AS class,
            DATE {text(start)} AS month, day, hour, label, account, currency, environment, sub, resource,
            {engine.texts(REGIONS)}[region] AS region, category, subcategory, service,
            sku, meter, unit, pricing_unit, details, price, quantity,
            CAST(quantity * per_unit AS DECIMAL(24, 9)) AS priced,
            CAST(quantity * unit_price AS DECIMAL(30, 13)) AS cost,
            CAST(CAST(quantity * unit_price AS DECIMAL(30, 13)) * paid
                AS DECIMAL(32, 15)) AS paid
        FROM chosen WHERE day >= starts AND day < ends AND day < DATE {text(until)}"""
    )
    if wish.has_corrections:
        _add_corrections(connection, month=month, at=at)


def _drawn(wish: Wish, *, start: date, end: date, at: int) -> str:
    """Return SQL of rows whose customer, product and amount are drawn by lot."""
    rows = wish.rows // wish.months + (at < wish.rows % wish.months)
    seed = wish.seed * 1000 + at
    return f"""
        WITH drawn AS (
            SELECT i, {_chance(seed, 1)} AS who, {_chance(seed, 2)} AS what,
                {_chance(seed, 3)} AS kind, {_chance(seed, 4)} AS much,
                DATE {text(start)} + CAST(i % {(end - start).days} AS INTEGER) AS day,
                CAST(i // {(end - start).days} % 24 AS INTEGER) AS hour,
                CAST({_mixed(seed, 5)} % {len(REGIONS)} AS INTEGER) + 1 AS region,
                CAST({_mixed(seed, 6)} % 3 AS INTEGER) AS sub,
                CAST({_mixed(seed, 7)} % 40 AS INTEGER) AS resource
            FROM range({rows}) AS numbers(i)
        )
        SELECT d.*, c.*, p.* EXCLUDE (is_ai, low, high, share),
            CAST(round(p.scale * (0.25 + 1.5 * d.much) * pow(c.growth, {at})
                * CASE WHEN isodow(d.day) > 5 THEN 0.7 ELSE 1 END, 3)
                AS DECIMAL(15, 3)) AS quantity
        FROM drawn d
        JOIN customers c ON d.who >= c.low AND d.who < c.high
        JOIN products p ON p.is_ai = (d.kind < c.ai)
            AND d.what >= p.low AND d.what < p.high
        WHERE NOT p.is_ai OR d.day >= c.ai_starts"""


def _steady(wish: Wish, *, start: date, end: date, at: int) -> str:
    """Return SQL of one row per customer, product and day, at a given cost."""
    seed = wish.seed * 1000 + at
    return f"""
        WITH spread AS (
            SELECT c.*, p.* EXCLUDE (low, high, scale),
                DATE {text(start)} + CAST(n AS INTEGER) AS day,
                hash(c.account, p.sku) % 100000000 * 32 + n AS i
            FROM range({(end - start).days}) AS days(n), customers c, products p
            WHERE CASE WHEN p.is_ai THEN c.ai > 0 ELSE c.ai < 1 END
        )
        SELECT * EXCLUDE (is_ai, share),
            CAST({_mixed(seed, 1)} % 24 AS INTEGER) AS hour,
            CASE currency WHEN 'CNY' THEN 1 ELSE 5 END AS region,
            CASE WHEN subs > 0 THEN CAST({_mixed(seed, 2)} % subs AS INTEGER) END
                AS sub, CAST({_mixed(seed, 3)} % 4 AS INTEGER) AS resource,
            CAST(round(daily * share * CASE WHEN is_ai THEN ai ELSE 1 - ai END
                * pow(growth, {at} + (day - DATE {text(start)}) / 30.4)
                * CASE WHEN isodow(day) > 5 THEN 0.7 ELSE 1 END
                * CASE WHEN day >= turns_on THEN turn ELSE 1 END
                * (0.94 + 0.12 * {_chance(seed, 4)}) / unit_price, 3)
                AS DECIMAL(15, 3)) AS quantity
        FROM spread WHERE NOT is_ai OR day >= ai_starts"""


def _add_corrections(
    connection: duckdb.DuckDBPyConnection, *, month: date, at: int
) -> None:
    """Add rows that correct the month before, and purchases, credits and taxes."""
    if at > 0:
        back = (month - month_later(month, -1)).days
        connection.execute(
            f"""INSERT INTO lines
            SELECT * REPLACE ('Correction' AS class, -quantity AS quantity,
                -priced AS priced, -cost AS cost, -paid AS paid,
                CAST(day - INTERVAL {back} DAY AS DATE) AS day)
            FROM lines WHERE i % 997 = 3 AND day < DATE {text(month)} + {back}"""
        )
    for kind, part, factor in (("Credit", 5, -1), ("Tax", 11, 1), ("Purchase", 17, 1)):
        connection.execute(
            f"""INSERT INTO lines
            SELECT * REPLACE ({text(kind)} AS category_of_charge,
                NULL AS class, NULL AS quantity,
                CAST({factor} * cost AS DECIMAL(30, 13)) AS cost,
                CAST({factor} * paid AS DECIMAL(32, 15)) AS paid)
            FROM lines
            WHERE i % 1499 = {part} AND category_of_charge = 'Usage' AND class IS NULL"""
        )


def _write(
    connection: duckdb.DuckDBPyConnection,
    wish: Wish,
    *,
    month: date,
    into: Path,
    made: Made,
) -> None:
    """Write the month, and the repeats that a loader must not take."""
    whole = "FROM lines"
    wanted = {"": whole}
    if wish.has_repeats:
        day = month + timedelta(days=9)
        wanted[".shorter"] = f"FROM lines WHERE day < DATE {text(day)}"
        wanted[".doubled"] = "FROM (FROM lines UNION ALL FROM lines)"
    for word, rows in wanted.items():
        path = into / f"usage-{month:%Y-%m}{word}.{wish.kind}"
        if wish.kind == "parquet":
            connection.execute(
                f"COPY (SELECT {layout.selected()} {rows}) TO {text(path)} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
        else:
            query = f"SELECT {layout.csv_line()} {rows}"
            header = ",".join(layout.NAMES)
            writing.write_csv(connection, query, header=header, into=path)
        found = connection.execute(
            f"SELECT currency, count(*), sum(paid), sum(CASE category_of_charge "
            f"WHEN 'Purchase' THEN 0 ELSE paid END), sum(cost), sum(paid) {rows} "
            "GROUP BY 1 ORDER BY 1"
        ).fetchall()
        made.files.append(path)
        made.rows[path.name] = sum(int(row[1]) for row in found)
        made.totals[path.name] = {
            currency: dict(zip(COST_WORDS.values(), values, strict=True))
            for currency, _count, *values in found
        }
