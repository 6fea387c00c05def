"""The same rows as CSV and as Parquet, typed and not, come to the same."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.partners.usage import exports
from tests.partners.usage.focus.conftest import Read

Reader = Callable[[Path], Read]


def as_texts(tags: str) -> dict[str, str]:
    """Return tags with values as text: a Parquet MAP knows no other."""
    return {key: str(value) for key, value in json.loads(tags).items()}


class TestTwins:
    def test_compressed_csv_and_doubles_agree(self, read: Reader) -> None:
        text = read(exports.shared("generated/focus_1_2_cost_and_usage_aws.csv.gz"))
        double = read(
            exports.shared(
                "generated/focus_1_2_cost_and_usage_aws.double_map.snappy.parquet"
            )
        )

        for column, total in text.staged.totals["USD"].items():
            other = double.staged.totals["USD"][column]
            assert abs(total - other) < Decimal("0.000001")
        assert "exact to about 1e-6" in double.staged.notices[0]
        assert [as_texts(row["Tags"]) for row in text.rows] == [
            as_texts(row["Tags"]) for row in double.rows
        ]

    def test_decimal_parquet_agrees_exactly(self, read: Reader, tmp_path: Path) -> None:
        source = exports.write(
            tmp_path / "a.csv",
            [exports.row(BilledCost="0.000000000000000001", Tags='{" k": "v"}')],
        )
        first = read(source)
        parquet = tmp_path / "work" / "a.csv.parquet"

        second = read(parquet)

        assert second.staged.totals == first.staged.totals
        assert second.rows == first.rows

    def test_rejected_rows_of_parquet_are_named_and_added_up(
        self, read: Reader, tmp_path: Path
    ) -> None:
        read(exports.write(tmp_path / "a.csv", [exports.row(BilledCost="4.5")] * 3))
        path = tmp_path / "b.parquet"
        duckdb.sql(
            f"""COPY (SELECT * REPLACE (CASE WHEN number = 2 THEN TIMESTAMP '1999-01-01'
                ELSE ChargePeriodStart END AS ChargePeriodStart,
                CAST(BilledCost AS DECIMAL(12, 2)) AS BilledCost)
            FROM (SELECT row_number() OVER () AS number, *
                FROM '{tmp_path}/work/a.csv.parquet')) TO '{path}'"""
        )

        staged = read(path).staged

        (reject,) = staged.rejects
        assert (reject.line, reject.column) == (2, "ChargePeriodStart")
        assert reject.value.startswith("1999-01-01")
        assert (staged.rows_read, staged.rows_kept) == (3, 2)
        assert staged.totals["USD"]["BilledCost"] == Decimal("13.5")
        assert staged.rejected["USD"]["BilledCost"] == Decimal("4.5")

    def test_sums_keep_more_digits_than_python_does(
        self, read: Reader, tmp_path: Path
    ) -> None:
        big, small = "9876543210987654.000000000000000001", "0.000000000000000001"
        rows = [exports.row(BilledCost=cost) for cost in (big, big, small)]

        totals = read(exports.write(tmp_path / "a.csv", rows)).staged.totals

        assert (
            str(totals["USD"]["BilledCost"]) == "19753086421975308.000000000000000003"
        )
