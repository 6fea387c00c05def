"""Rows of a month grouped by a number that stands for their texts."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from partners.usage.focus import engine, reading, rollup
from tests.partners.usage import exports
from tests.partners.usage.focus.conftest import Read

Reader = Callable[[Path], Read]

ROWS = [
    exports.day(1, SkuId="A", ConsumedQuantity="2"),
    exports.day(1, SkuId="A", ConsumedQuantity="3"),
    exports.day(1, SkuId="B", ConsumedQuantity="5"),
    exports.day(2, SkuId="A", ConsumedQuantity="7"),
    exports.day(2, SkuId="A", ConsumedQuantity="", PricingQuantity="11"),
    exports.day(2, SkuId="A", SubAccountId="s", ConsumedQuantity="13"),
]
QUANTITIES = [2 + 3, 5, 7 + 11, 13]


def grouped(file: Path, *, into: Path, **keys: tuple[str, ...]) -> list[Decimal]:
    """Group a stored file and return the quantities of the lines."""
    with engine.opened() as connection:
        reading.prepare(connection)
        rollup.group(connection, [file], named={}, **keys)
        accounts, items = rollup.accounts(connection), rollup.items(connection)
        rollup.write(
            connection,
            account_ids={
                (one.provider, one.billing_account_id, one.sub_account_id): at
                for at, one in enumerate(accounts)
            },
            meter_ids={item: ord(item.sku[0]) for item in items},
            delivery_id=1,
            billing_month=date(2025, 1, 1),
            into=into,
        )
    rows = duckdb.execute(f"SELECT column08 FROM read_csv('{into}', header = false)")
    return sorted(row[0] for row in rows.fetchall())


@pytest.mark.parametrize(
    "keys",
    [
        rollup.KEYS,
        pytest.param(rollup.KEYS[1:], id="texts themselves"),
        pytest.param(("hash(SkuId)", *rollup.KEYS[1:]), id="two share a number"),
    ],
)
def test_no_two_meters_are_ever_added_up(
    read: Reader, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    stored = read(exports.write(tmp_path / "a.csv", ROWS)).staged.path

    found = grouped(stored, into=tmp_path / "rollup.csv", keys=keys)

    assert found == sorted(QUANTITIES)


def test_columns_of_the_file_may_be_called_like_ours(
    read: Reader, tmp_path: Path
) -> None:
    names = ("key", "environment", "bucket", "day", "charge", "line")
    rows = [{**one, **dict.fromkeys(names, "other")} for one in ROWS]
    stored = read(exports.write(tmp_path / "a.csv", rows)).staged.path

    assert grouped(stored, into=tmp_path / "rollup.csv") == sorted(QUANTITIES)
