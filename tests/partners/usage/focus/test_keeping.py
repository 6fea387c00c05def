"""Parquet typed as we would write it is kept byte for byte; all else is written."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from partners.usage.focus import engine, files, reading, stored
from partners.usage.focus.errors import FileRefusedError
from tests.partners.usage import exports
from tests.partners.usage.focus.conftest import Read

Reader = Callable[[Path], Read]

TYPED = """
    SELECT * REPLACE (CAST(BilledCost AS DECIMAL(20, 6)) AS BilledCost,
        CAST(EffectiveCost AS DECIMAL(38, 18)) AS EffectiveCost,
        CAST(ListCost AS DECIMAL(9, 2)) AS ListCost,
        CAST(ContractedCost AS DECIMAL(9, 2)) AS ContractedCost,
        CAST(ConsumedQuantity AS DECIMAL(9, 2)) AS ConsumedQuantity,
        CAST(PricingQuantity AS DECIMAL(9, 2)) AS PricingQuantity,
        CAST(BillingPeriodStart AS TIMESTAMP) AS BillingPeriodStart,
        CAST(BillingPeriodEnd AS TIMESTAMP) AS BillingPeriodEnd,
        CAST(ChargePeriodStart AS TIMESTAMP) AS ChargePeriodStart,
        CAST(ChargePeriodEnd AS TIMESTAMP) AS ChargePeriodEnd)
    FROM read_csv('{csv}', all_varchar = true, nullstr = '{null}')
"""
ROWS = [
    exports.day(number, BilledCost=f"{number}.000001", Tags='{"k": "v"}')
    for number in (1, 2, 3, 3)
]


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as typed Parquet."""

    def write(
        rows: list[dict[str, str]] = ROWS,
        *,
        codec: str = "zstd",
        null: str = "",
        but: str = "SELECT * FROM typed",
    ) -> Path:
        csv = exports.write(tmp_path / "rows.csv", rows)
        typed = TYPED.format(csv=csv, null=null)
        path = tmp_path / "typed.parquet"
        duckdb.execute(
            f"COPY (WITH typed AS ({typed}) {but}) TO '{path}' "
            f"(FORMAT parquet, COMPRESSION {codec})"
        )
        return path

    return write


Maker = Callable[..., Path]


class TestKept:
    def test_the_very_bytes_are_stored(self, parquet: Maker, read: Reader) -> None:
        path = parquet()

        staged = read(path).staged

        assert staged.shape is not None
        assert staged.path.read_bytes() == path.read_bytes()
        assert (staged.rows_read, staged.rows_kept, staged.rejects) == (4, 4, ())
        assert staged.totals["USD"]["BilledCost"] == Decimal("9.000004")

    def test_reads_like_what_is_written_from_csv(
        self, parquet: Maker, read: Reader, tmp_path: Path
    ) -> None:
        typed, text = read(parquet()), read(tmp_path / "rows.csv")

        assert typed.rows == text.rows
        assert typed.facts == text.facts
        assert typed.staged.totals == text.staged.totals
        assert text.staged.shape is None

    def test_a_later_change_of_the_file_is_not_stored(
        self, parquet: Maker, tmp_path: Path
    ) -> None:
        path = parquet()
        into = tmp_path / "part.parquet"
        with engine.opened() as connection:
            reading.prepare(connection)
            opened = files.open_file(path, work=tmp_path)
            parquet([*ROWS, exports.day(4)])

            with pytest.raises(FileRefusedError) as refusal:
                reading.stage(opened, into=into, connection=connection)

        assert refusal.value.code == "usage.file-changed"
        assert not into.exists()


class TestWritten:
    def test_loosely_packed_files(self, parquet: Maker, read: Reader) -> None:
        done = read(parquet(codec="snappy"))

        assert done.staged.shape is None
        assert done.staged.totals["USD"]["BilledCost"] == Decimal("9.000004")

    @pytest.mark.parametrize(
        "but",
        [
            "SELECT * REPLACE (CAST(BilledCost AS DOUBLE) AS BilledCost) FROM typed",
            "SELECT * RENAME (RegionId AS Region) FROM typed",
            "SELECT *, 7 AS x_Seven FROM typed",
            "SELECT * REPLACE (ChargePeriodEnd::DATE AS ChargePeriodEnd) FROM typed",
        ],
    )
    def test_other_types_and_names(
        self, parquet: Maker, read: Reader, but: str
    ) -> None:
        done = read(parquet(but=but))

        assert done.staged.shape is None
        assert done.staged.rows_kept == 4
        assert done.rows[0]["RegionId"] == "eu-1"

    def test_texts_for_null_become_null(self, parquet: Maker, read: Reader) -> None:
        rows = [*ROWS, exports.day(4, SubAccountId="NULL", BilledCost="0")]

        done = read(parquet(rows))

        assert done.staged.shape is None
        assert {row["SubAccountId"] for row in done.rows} == {None}

    def test_rejected_rows_are_left_out(self, parquet: Maker, read: Reader) -> None:
        done = read(parquet([*ROWS, exports.day(4, BillingCurrency="US")]))

        assert (done.staged.rows_read, done.staged.rows_kept) == (5, 4)
        (reject,) = done.staged.rejects
        assert (reject.line, reject.column) == (5, "BillingCurrency")

    def test_months_are_told_apart(self, parquet: Maker, read: Reader) -> None:
        later = exports.day(4, BillingPeriodStart="2025-01-31T16:00:00Z")

        done = read(parquet([*ROWS, later]))

        assert done.staged.shape is None
        assert done.months == [date(2025, 1, 1), date(2025, 2, 1)]

    def test_an_empty_file_is_refused(self, parquet: Maker, read: Reader) -> None:
        with pytest.raises(FileRefusedError) as refusal:
            read(parquet(but="SELECT * FROM typed LIMIT 0"))

        assert refusal.value.code == "usage.no-rows"


class TestFingerprint:
    def test_doubled_rows_are_even_in_every_currency(
        self, parquet: Maker, read: Reader
    ) -> None:
        yuan = [{**one, "BillingCurrency": "CNY"} for one in ROWS]

        facts = read(parquet([*ROWS, *yuan] * 2)).facts

        assert facts.is_each_row_even
        assert (facts.rows, sorted(facts.totals)) == (16, ["CNY", "USD"])
        assert facts.days == tuple(date(2025, 1, day) for day in (1, 2, 3))


def test_months_of_one_file_are_split(
    parquet: Maker, read: Reader, tmp_path: Path
) -> None:
    later = exports.day(4, BillingPeriodStart="2025-01-31T16:00:00Z")
    done = read(parquet([*ROWS, later]))
    into = tmp_path / "february.parquet"

    with engine.opened() as connection:
        reading.prepare(connection)
        stored.split(connection, done.staged.path, month=date(2025, 2, 1), into=into)
        found = stored.facts(connection, [into])

    assert (found.rows, found.days) == (1, (date(2025, 1, 4),))
